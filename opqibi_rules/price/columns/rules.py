"""What is wrong with a row, and what it comes to: the rules of columns, whatever they are computed in."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from functools import reduce
from operator import add, and_, or_

import narwhals.stable.v2 as nw

from opqibi_rules.messages import Message, marked
from opqibi_rules.price.columns import inputs
from opqibi_rules.price.columns.expressions import every, some, when
from opqibi_rules.price.columns.fees import Cells, FeeColumns
from opqibi_rules.price.columns.inputs import CODES, DAY, EVENT, Editions, Exceptional
from opqibi_rules.price.question import MOST_OF_A_TARIFF
from opqibi_rules.tables.schedule import OtherBase, Schedule, Tranches

ROW_OF_TOTALS = "row_of_totals"
FAULTS = {
    ROW_OF_TOTALS: Message("A row that adds others up is no structure; take it out of the table."),
    "event_unknown": Message("event: that day's schedule has no such event."),
    "date_missing": Message("date: missing; give it, or a day for all the rows that have none."),
    "date_not_a_day": Message("date: a day such as 2026-03-02 or 02/03/2026 is expected."),
    "date_without_schedule": Message("date: no fee schedule is known on that day."),
    "no_qualification": Message("No qualification is given; at least one is expected."),
    "new_without_control": Message(
        "New qualifications are given at an event that takes none apart from the others."
    ),
    "vat_territory_unknown": Message("vat_territory: no territory of the VAT table, or none on that day."),
    "qualification_codes_not_codes": Message(
        "qualification_codes: codes of four digits are expected, as 1905, 1911."
    ),
    "qualification_codes_twice": Message(
        "qualification_codes: one is given twice; a structure holds each once."
    ),
    "qualification_codes_not_counted": Message(
        "qualification_codes: not as many codes as the counts by tariff come to; nothing says which are right."
    ),
    "turnover_base_not_told": Message(
        "Two turnovers may be meant: without the codes of the qualifications, nothing says whether all are among "
        "those that take the other one. Give the codes (qualification_codes), or only the turnover that is due."
    ),
}
MISSING, NO_AMOUNT, NEGATIVE, _TOO_LARGE = "_missing", "_not_an_amount", "_negative", "_too_large"
NO_COUNT, _FOREIGN = "_not_a_count", "_not_in_schedule"
OF_A_COLUMN = {
    MISSING: marked("{column}: missing; a fee that is due needs it."),
    NO_AMOUNT: marked("{column}: not an amount in euros. Write 350000, 350000.50 or 350 000,50 €."),
    NEGATIVE: marked("{column}: negative; zero or more is expected."),
    _TOO_LARGE: marked("{column}: over {largest:euro}; check the unit."),
    NO_COUNT: marked("{column}: a whole number from 0 to {most} is expected."),
    _FOREIGN: marked("{column}: that day's schedule has no such tariff code."),
}


def alone_column(other: OtherBase) -> str:
    """Where it is marked that a row holds none but the qualifications of an exception."""
    return f"alone_{'_'.join(other.held_only)}"


class Rules(ABC):
    """The rules of some editions for a table that has such columns of ours.

    Raises:
        TableError: a schedule too large to be computed on columns.
    """

    def __init__(self, editions: Editions) -> None:
        self.editions = editions
        self.schedules = [FeeColumns(schedule) for schedule in editions.schedules]
        read, counted = editions.read, editions.counted
        self.held = {tariff: f"t{tariff}" for tariff in counted if f"t{tariff}" in read}
        self.new = {tariff: f"new_t{tariff}" for tariff in counted if f"new_t{tariff}" in read}
        self.turnovers = [name for name in editions.amounts if name in read]

    @abstractmethod
    def cell(self, name: str) -> nw.Expr:
        """A column of ours as it was read: whole numbers, marked where they are none."""

    @abstractmethod
    def in_force(self, number: int) -> nw.Expr:
        """Whether the row is priced by the schedule of that number."""

    @abstractmethod
    def among(self, first: str, events: Collection[str]) -> nw.Expr:
        """Whether the row's event, or where none is named the schedule's ``first``, is one of these."""

    def first_fault(self, *, missing_last: bool = False) -> nw.Expr:
        """The code of the first fault of a row; null where it is right.

        ``missing_last``: that a turnover is missing is told only of rows that have no other fault.
        """
        chosen: nw.Expr | None = None
        faults = sorted(self.faults().items(), key=lambda fault: missing_last and fault[0].endswith(MISSING))
        for code, present in reversed(faults):
            chosen = when(present, code, chosen)
        assert chosen is not None  # every table may lack qualifications
        return chosen

    def faults(self) -> dict[str, nw.Expr]:
        """For each code, whether the row has that fault; the first found is the one told."""
        faults: dict[str, nw.Expr] = {}
        if DAY in self.editions.read:
            faults["date_missing"] = self.cell(DAY) == inputs.NO_DAY
            faults["date_not_a_day"] = self.cell(DAY) == inputs.NOT_A_DAY
            faults["date_without_schedule"] = self.cell(DAY) == inputs.NO_SCHEDULE
        if EVENT in self.editions.read:
            faults["event_unknown"] = ~self._row_is(
                [event.id for event in schedule.events] for schedule in self.editions.schedules
            )
        for name in self.turnovers:
            faults[name + NO_AMOUNT] = self.cell(name) == inputs.UNREADABLE
            faults[name + NEGATIVE] = self.cell(name) < 0
            faults[name + _TOO_LARGE] = self.cell(name) > inputs.LARGEST_CENTS
        if CODES in self.editions.read:
            return faults | self._faults_of_bases() | self._faults_of_counts()
        for name in self.editions.turnovers:
            needed = self._row_is(bearing.get(name, ()) for bearing in self.editions.bearing)
            faults[name + MISSING] = (
                needed & self.cell(name).is_null() if name in self.editions.read else needed
            )
        others = [(number, part) for number, part in self._exceptional() if self._others_given(part)]
        if others:
            given = [self._is(number, part.events) & self._others_given(part)[0] for number, part in others]
            faults["turnover_base_not_told"] = reduce(or_, given)
        return faults | self._faults_of_counts()

    def _exceptional(self) -> list[tuple[int, Exceptional]]:
        return [(number, part) for number, found in enumerate(self.editions.exceptional) for part in found]

    def _others_given(self, part: Exceptional) -> list[nw.Expr]:
        """Whether the row gives a turnover that the part takes for some qualifications alone; empty: no row does."""
        given = [~self.cell(name).is_null() for name in part.others.values() if name in self.turnovers]
        return [reduce(or_, given)] if given else []

    def alone(self, other: OtherBase) -> nw.Expr:
        """Whether the row holds none but the qualifications of an exception."""
        return self.cell(alone_column(other)) == 1

    def _faults_of_bases(self) -> dict[str, nw.Expr]:
        """What is wrong with the codes, and with the turnover that they call for."""
        codes = self.cell(CODES)
        faults: dict[str, nw.Expr] = {
            "qualification_codes_not_codes": codes == inputs.NOT_CODES,
            "qualification_codes_twice": codes == inputs.TWICE,
        }
        held = reduce(add, [self.cell(name) for name in self.held.values()])
        faults["qualification_codes_not_counted"] = (codes > 0) & (codes != held)
        missing: dict[str, list[nw.Expr]] = {}
        special = {(number, part.part) for number, part in self._exceptional()}
        for number, part in self._exceptional():
            due, elsewhere = self._is(number, part.events), []
            for other, name in part.others.items():
                missing.setdefault(name, []).append(due & self.alone(other) & self._absent(name))
                elsewhere.append(~self.alone(other))
            missing.setdefault(part.general, []).append(
                reduce(and_, [due, *elsewhere]) & self._absent(part.general)
            )
            for given in self._others_given(part):
                not_told = due & given & codes.is_null()
                before = faults.get("turnover_base_not_told")
                faults["turnover_base_not_told"] = not_told if before is None else before | not_told
        for number, schedule in enumerate(self.editions.schedules):
            for fee in schedule.fees:
                for plain in fee.parts:
                    if isinstance(plain, Tranches) and (number, plain) not in special:
                        name = inputs.turnover_column(plain.turnover, schedule)
                        missing.setdefault(name, []).append(self._is(number, fee.events) & self._absent(name))
        return faults | {name + MISSING: reduce(or_, each) for name, each in missing.items()}

    def _absent(self, name: str) -> nw.Expr:
        return self.cell(name).is_null() if name in self.turnovers else nw.lit(value=True)

    def _faults_of_counts(self) -> dict[str, nw.Expr]:
        schedules = self.editions.schedules
        faults: dict[str, nw.Expr] = {}
        for name in (*self.held.values(), *self.new.values()):
            faults[name + NO_COUNT] = ~self.cell(name).is_between(0, MOST_OF_A_TARIFF)
        for tariff, name in (*self.held.items(), *self.new.items()):
            lacking = [number for number, schedule in enumerate(schedules) if tariff not in schedule.tariffs]
            if lacking:
                faults[name + _FOREIGN] = (self.cell(name) != 0) & reduce(or_, map(self.in_force, lacking))
        counting = [
            [event.id for event in schedule.events if schedule.counts(event)] for schedule in schedules
        ]
        if any(counting):
            faults["no_qualification"] = every([self.cell(name) == 0 for name in self.held.values()])
            if not all(schedule.counts(event) for schedule in schedules for event in schedule.events):
                faults["no_qualification"] &= self._row_is(counting)
        if self.new:
            new = [self.cell(name) != 0 for name in self.new.values()]
            taking = self._row_is(
                [event.id for event in schedule.events if schedule.takes_new(event)] for schedule in schedules
            )
            faults["new_without_control"] = some(new) & ~taking
        return faults

    def fee(self, fee: str, sound: nw.Expr, readable: nw.Expr | None = None) -> nw.Expr:
        """One fee, by the schedule of the row's day; null where its event does not bear it.

        ``readable``: the rows that are sound, or lack nothing but a turnover; a fee that takes it is null there.
        """
        chosen: nw.Expr | None = None
        for number, rules in enumerate(self.schedules):
            declared = rules.schedule.fee(fee)
            if declared is None:
                continue
            cells = self._cells(rules.schedule)
            known = sound if readable is None or not rules.has_turnovers(fee, cells) else readable
            chosen = when(known & self._is(number, declared.events), rules.cents(fee, cells), chosen)
        assert chosen is not None  # a fee of the editions is declared by one
        return chosen

    def _cells(self, schedule: Schedule) -> Cells:
        columns = {base.id: inputs.turnover_column(base.id, schedule) for base in schedule.turnovers}
        return Cells(
            asked={tariff: self.cell(name) for tariff, name in self.held.items()},
            new={tariff: self.cell(name) for tariff, name in self.new.items()},
            turnovers={base: self.cell(name) for base, name in columns.items() if name in self.turnovers},
            instead={part.part: self._instead(part) for part in self._taking_another(schedule)},
        )

    def _taking_another(self, schedule: Schedule) -> list[Exceptional]:
        """The parts of a schedule for which a row may take another turnover than in general."""
        if CODES not in self.editions.read:
            return []
        found = self.editions.exceptional[self.editions.schedules.index(schedule)]
        return [part for part in found if set(self.turnovers).intersection(part.others.values())]

    def _instead(self, part: Exceptional) -> nw.Expr:
        """The turnover that the codes of each row call for."""
        others = {other: name for other, name in part.others.items() if name in self.turnovers}
        chosen = self.cell(part.general if part.general in self.turnovers else next(iter(others.values())))
        for other, name in reversed(others.items()):
            chosen = when(self.alone(other), self.cell(name), chosen)
        return chosen

    def _is(self, number: int, events: Collection[str]) -> nw.Expr:
        """The same, and its event is one of these."""
        among = self.among(self.editions.schedules[number].events[0].id, events)
        return among if len(self.schedules) == 1 else self.in_force(number) & among

    def _row_is(self, events: Iterable[Collection[str]]) -> nw.Expr:
        """Whether the row's event is one of those given for the schedule of its day."""
        return reduce(or_, [self._is(number, among) for number, among in enumerate(events)])
