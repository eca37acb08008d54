"""The days of a plan in a workbook: two may be typed, its start and the notification, and all the others follow."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise

from opqibi_rules.deadlines import add_years
from opqibi_rules.messages import Message
from opqibi_rules.price.papers.workbook.book import Sheet
from opqibi_rules.price.planning.due_dates import DueDate
from opqibi_rules.price.planning.payments import Payment
from opqibi_rules.price.planning.plan import Plan
from opqibi_rules.price.planning.timeline import Moment
from opqibi_rules.tables.schedule import Billed
from opqibi_rules.tables.vat import VatRule


class Days:
    """The days of a plan as formulas of the two cells from which it reckons them."""

    def __init__(self, sheet: Sheet, plan: Plan) -> None:
        self.plan, self.timeline = plan, plan.timeline
        self.step = 12 * self.timeline.qualification.years
        """Months from a cycle to the next."""
        days = self.timeline
        _, self.start = sheet.line((Message("From"), "text"), (days.start, "in_date"))
        if days.control:
            self.fixed = days.notified != add_years(days.start, -days.control)
            back = f"EDATE({self.start},{-12 * days.control})"
            self._opens = self._day(sheet, Message("Notified"), days.notified, "" if self.fixed else back)
            self._applied = f"EDATE({self._opens},{-(days.assumed_months or 0)})"
        else:
            self.fixed = False
            then = "" if days.assumed_months is None else f"EDATE({self.start},{days.assumed_months})"
            self._opens = self._day(sheet, Message("Notified"), days.notified, then, look="in_date")
            self._applied = self.start
            if then:
                told = Message(
                    "assumed {months} months after; type the day once it is known", months=days.assumed_months
                )
                sheet.write(sheet.row - 1, 2, told, "grey")

    @staticmethod
    def _day(sheet: Sheet, name: Message, day: date, formula: str, look: str = "date") -> str:
        """A line with a day, typed or reckoned; its cell."""
        if not formula:
            return sheet.line((name, "text"), (day, look))[1]
        sheet.line((name, "text"))
        sheet.put(sheet.row - 1, 1, formula, day, look)
        return sheet.place(sheet.row - 1, 1)

    def opens(self, cycle: int) -> str:
        """The first day of the qualifications of a cycle."""
        return self._after(self._opens, cycle)

    def applies(self, cycle: int) -> str:
        """The day of the application for a cycle, as :meth:`Timeline.applies` says."""
        day = self._after(self._applied, cycle)
        return f"MAX({day},{self.start})" if cycle == 2 and self.timeline.control else day

    def _after(self, cell: str, cycle: int) -> str:
        return cell if cycle == 1 else f"EDATE({cell},{self.step * (cycle - 1)})"

    def anniversary(self, cycle: int, years: int) -> str:
        """A cycle's last day after so many years, as :meth:`Timeline.anniversary` says."""
        if cycle == 1 and years == self.timeline.control:
            return self.start
        return f"EDATE({self.opens(cycle)},{12 * years})"

    def of(self, moment: Moment) -> str:
        """The day of a moment."""
        if moment.step is Billed.CONTROL:
            return self.anniversary(moment.cycle, moment.number)
        return (self.opens if moment.step is Billed.NOTIFICATION else self.applies)(moment.cycle)

    def reckoned(self, moment: Moment) -> str:
        """The day of the turnovers at a moment: :func:`~opqibi_rules.price.planning.plan.reckoned_on`."""
        return self.of(moment) if moment.step is Billed.CONTROL else self.applies(moment.cycle)

    def due(self, item: DueDate) -> str:
        """A day not to be missed; empty for that of a probation, which has a clock of its own."""
        last = self.timeline.horizon + timedelta(days=1)
        found = {moment.key: self.of(moment) for moment in self.timeline.moments(last)}
        if item.key in found:
            return found[item.key]
        kind, _, year = item.name.partition("-")
        if kind == "certificate":
            return self.anniversary(item.cycle, int(year))
        return self.opens(item.cycle + 1) if kind == "qualifications" else ""

    # What must hold for the workbook to be the plan of the days typed.

    def moved(self) -> str:
        """A day is not the one with which the workbook was made."""
        cells = ((self.start, self.timeline.start), (self._opens, self.timeline.notified))
        return "OR({},{})".format(*(f"{cell}<>{_serial(day)}" for cell, day in cells))

    def started_elsewhere(self) -> str:
        """The start is another."""
        return f"{self.start}<>{_serial(self.timeline.start)}"

    def possible(self) -> str:
        """Whole days, and a notification within the year after its application."""
        cells = (self.start, self._opens)
        whole = [f"ISNUMBER({cell})" for cell in cells] + [f"{cell}=INT({cell})" for cell in cells]
        if not self.timeline.control:
            whole += [f"{self._opens}>={self.start}", f"{self._opens}<=EDATE({self.start},12)"]
        return _all(whole)

    def same_payments(self) -> str:
        """What falls in the plan is what fell in it, in the same order, and nothing else does."""
        end = f"EDATE({self.start},{12 * self.plan.question.years})"
        within = self.timeline.moments()
        beyond = self.timeline.moments(add_years(self.timeline.end, self.timeline.qualification.years + 1))
        # Of each kind (applications, notifications, first controls…), the last within and the first beyond.
        last = {(moment.step, moment.number): moment for moment in within}
        first = {(moment.step, moment.number): moment for moment in reversed(beyond[len(within) :])}
        days = list(dict.fromkeys(map(self.of, within)))
        return _all(
            [
                *(f"{self.of(moment)}<{end}" for moment in last.values()),
                *(f"{self.of(moment)}>={end}" for moment in first.values()),
                *(f"{one}<={other}" for one, other in pairwise(days)),
            ]
        )

    def same_schedules(self) -> str:
        """Every payment falls in the time of the schedule that prices it."""
        known = self.plan.known_schedules
        conditions = []
        for moment in self.timeline.moments():
            at = max(index for index, one in enumerate(known) if one.in_force_from <= moment.day)
            conditions.append(f"{self.of(moment)}>={_serial(known[at].in_force_from)}")
            ends = known[at].in_force_until
            if ends is None and at + 1 < len(known):
                ends = known[at + 1].in_force_from - timedelta(days=1)
            if ends is not None:
                conditions.append(f"{self.of(moment)}<={_serial(ends)}")
        return _all(dict.fromkeys(conditions))

    @property
    def vat_changes(self) -> bool:
        """The rule of VAT is not the same on all days."""
        rules = self.plan.known_vat
        return len(rules) > 1 or any(rule.in_force_until for rule in rules)

    def vat_rate(self, payment: Payment) -> str:
        """The rate of the day of a payment; empty where it is the same on all days, or was given."""
        rates = {rule.rate for rule in self.plan.known_vat}
        if len(rates) < 2:
            return ""
        day, found = self.of(payment.moment), str(payment.quote.vat_rate)
        for rule in reversed(self.plan.known_vat):
            found = f"IF({_in_force(rule, day)},{rule.rate},{found})"
        return found

    def same_vat(self) -> str:
        """Every payment falls on a day whose rate of VAT is known."""
        days = dict.fromkeys(self.of(payment.moment) for payment in self.plan.payments)
        return _all(f"OR({','.join(_in_force(rule, day) for rule in self.plan.known_vat)})" for day in days)


def _in_force(rule: VatRule, day: str) -> str:
    until = "" if rule.in_force_until is None else f",{day}<={_serial(rule.in_force_until)}"
    return f"AND({day}>={_serial(rule.in_force_from)}{until})"


def _all(conditions: Iterable[str]) -> str:
    """Conditions that all hold; a function takes so many at most, and a spreadsheet so long a formula."""
    return f"AND({','.join(f'AND({part})' for part in _by_fifty(list(conditions)))})"


def _by_fifty(conditions: list[str]) -> Iterator[str]:
    for at in range(0, len(conditions), 50):
        yield ",".join(conditions[at : at + 50])


def _serial(day: date) -> str:
    return f"DATE({day.year},{day.month},{day.day})"
