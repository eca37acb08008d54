"""What two readings of a fee schedule share, and what the arithmetic of a schedule allows; all else is left."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from opqibi_rules.messages import Message
from opqibi_rules.money import exactly
from opqibi_rules.paper.pages.figures import Day
from opqibi_rules.paper.strict_yaml import Path, path_text
from opqibi_rules.tables.reading.places import quoted
from opqibi_rules.tables.reading.schedule_facts import DATED, IN_FORCE, Facts, Seen, Slice, Value
from opqibi_rules.tables.reading.wording import ScheduleWording
from opqibi_rules.tables.schedule import CAP, FLOOR, Fee, Flat, PerQualification, Schedule, Tranches

TRANCHES = "tranches"


class Settling:
    """The facts of a document that two readings share, and those that are left to a person, each with its reason."""

    def __init__(self, model: Schedule, first: Facts, second: Facts, wording: ScheduleWording) -> None:
        self._model, self._first, self._second, self._wording = model, first, second, wording
        self.settled: dict[Path, list[Seen]] = {}
        self.unsettled: dict[str, Message] = {}
        self.expected = list(self._expected())
        for path, looked_for, fee in self.expected:
            self._settle(path, looked_for, fee)
        self._settle_days()
        for path in [path for path in self.settled if path[-1] == TRANCHES]:
            self._check_tranches(path)
        self._check_limits()
        self._take_stock()

    def day(self, path: Path) -> date | None:
        """A day of the document, where it can be one only: in French the day comes before the month."""
        day = self._value(path)
        if not isinstance(day, Day):
            return None
        french = self._first.tongues["fr"] > 2 * self._first.tongues["en"]
        return day.dates[0] if len(set(day.dates)) == 1 or french else None

    # Which facts are looked for, and by what words

    def _expected(self) -> Iterator[tuple[Path, Sequence[str], Fee]]:
        for at, fee in enumerate(self._model.fees):
            for index, part in enumerate(fee.parts):
                path: Path = ("fees", at, "parts", index)
                match part:
                    case Flat():
                        yield (*path, "amount"), (part.label.fr, *self._words("flat")), fee
                    case Tranches():
                        yield from ((where, words, fee) for where, words in self._of_tranches(path, part))
            if fee.years is not None:
                yield ("fees", at, "years"), self._words("years"), fee
        yield from self._of_prices()

    def _of_prices(self) -> Iterator[tuple[Path, Sequence[str], Fee]]:
        """A price for each tariff code that the edition before has, or that the document has somewhere."""
        seen = {
            path[-1] for facts in (self._first, self._second) for path in facts.seen if path[0] == "prices"
        }
        codes = {int(code) for code in seen}.union(self._model.tariffs)
        priced = [
            (fee, part)
            for fee in self._model.fees
            for part in fee.parts
            if isinstance(part, PerQualification)
        ]
        for at, prices in enumerate(self._model.prices):
            fee = next(fee for fee, part in priced if part.prices == prices.id)
            for code in sorted(codes):
                yield ("prices", at, "by_tariff", str(code)), (f"Tarif {code}",), fee

    def _of_tranches(self, path: Path, part: Tranches) -> Iterator[tuple[Path, Sequence[str]]]:
        yield (*path, TRANCHES), ("‰", *self._words("per_mille"))
        for kind, limit in ((FLOOR, part.floor), (CAP, part.cap)):
            if limit is not None:
                yield (*path, kind, "amount"), self._words(kind)
        for index, other in enumerate(part.exceptions):
            words = (self._model.base(other.turnover).name.fr, *self._words("only"))
            yield (*path, "exceptions", index, "held_only"), words

    def _words(self, mark: str) -> tuple[str, ...]:
        return self._wording.marks[mark].fr[:3]

    # What both readings share

    def _settle(self, path: Path, looked_for: Sequence[str], fee: Fee | None = None) -> None:
        one, two = (_distinct(facts.seen.get(path, ())) for facts in (self._first, self._second))
        if path[-1] == TRANCHES:
            one, two = _together(one), _together(two)
        if not one and not two:
            self._leave(path, _missing(looked_for, fee))
        elif len(one) == 1 and one.keys() == two.keys():
            (self.settled[path],) = one.values()
        elif not one or not two:
            self._leave(
                path, Message("one of two readings alone found it: {found}.", found=_quoted(one or two))
            )
        elif one.keys() == two.keys():
            self._leave(path, Message("said in several ways: {found}.", found=_quoted(one)))
        else:
            self._leave(
                path, Message("two readings differ: {one}; {two}.", one=_quoted(one), two=_quoted(two))
            )

    def _settle_days(self) -> None:
        """The day from which it applies, else that of which it is dated; what it says in two ways is none."""
        stated = IN_FORCE in self._first.seen or IN_FORCE in self._second.seen
        self._settle(DATED, self._words("in_force"))
        why = self.unsettled.pop(fact_name(DATED), None)
        if stated:
            self._settle(IN_FORCE, ())
        elif why is not None:
            self._leave(IN_FORCE, why)
        for path in (IN_FORCE, DATED):
            if path in self.settled and self.day(path) is None:
                text = self.settled[path][0].text
                self._leave(path, Message("a day that can be read in two ways: « {text} ».", text=text))

    def _leave(self, path: Path, why: Message) -> None:
        self.settled.pop(path, None)
        self.unsettled.setdefault(fact_name(path), why)

    # What the arithmetic of a schedule allows

    @exactly
    def _check_tranches(self, path: Path) -> None:
        """Tranches follow one another from zero, and rates fall; « 250 001 » after « 250 000 » is one limit."""
        made: list[Seen] = []
        for item in sorted(self.settled[path], key=lambda item: slice_of(item).above):
            part, end = slice_of(item), slice_of(made[-1]).up_to if made else None
            joined = end is not None and 0 <= part.above - end <= 1
            made.append(item._replace(value=part._replace(above=end)) if end is not None and joined else item)
        parts = [slice_of(item) for item in made]
        shown = "; ".join(item.text.replace("\t", " ") for item in made)
        whole = parts[0].above == 0 and parts[-1].up_to is None
        if not whole or any(before.up_to != after.above for before, after in pairwise(parts)):
            self._leave(
                path, Message("tranches that do not follow one another from zero: « {found} ».", found=shown)
            )
        elif any(before.rate <= after.rate for before, after in pairwise(parts)):
            self._leave(
                path, Message("rates that do not fall from tranche to tranche: « {found} ».", found=shown)
            )
        else:
            self.settled[path] = made

    @exactly
    def _check_limits(self) -> None:
        """A floor is not over its cap; what is said for one year comes to what is said for all of them."""
        for path, share in self._first.shares:
            years, limit, one = self._value((*path[:2], "years")), self._value(path), share.value
            if not (isinstance(years, int) and isinstance(limit, Decimal) and isinstance(one, Decimal)):
                continue
            if one * years != limit:
                message = Message("« {share} », and {amount:euro} in all.", share=share.text, amount=limit)
                self._leave(path, message)
        for path in [path for path in self.settled if path[-2:] == (FLOOR, "amount")]:
            low, high = self._value(path), self._value((*path[:-2], CAP, "amount"))
            if isinstance(low, Decimal) and isinstance(high, Decimal) and low > high:
                self._leave(path, Message("the floor is over the cap."))

    def _value(self, path: Path) -> Value | None:
        seen = self.settled.get(path)
        return seen[0].value if seen else None

    def _take_stock(self) -> None:
        """Amounts of money that no fact takes: a fee that the edition before does not have, perhaps."""
        taken = {item.value for facts in self._first.seen.values() for item in facts}.union(
            self._first.limits
        )
        taken |= {share.value for _, share in self._first.shares}
        for seen in self._first.money:
            if seen.value not in taken:
                page, text = seen.place.page, quoted(seen.text)
                message = Message("« {text} »: no fact takes this amount.", text=text)
                self.unsettled.setdefault(f"page {page}, {seen.value}", message)


def fact_name(path: Path) -> str:
    """The place of a fact in the file: ``fees[0].parts[0].amount``."""
    return path_text(path).removeprefix("$.")


def slice_of(seen: Seen) -> Slice:
    """A tranche, of what is one."""
    assert isinstance(seen.value, Slice)
    return seen.value


def _missing(looked_for: Sequence[str], fee: Fee | None) -> Message:
    if fee is None:
        return Message("not found: a day, alone at the beginning or beside {words}.", words=tuple(looked_for))
    return Message("not found under « {fee} »; looked for {words}.", fee=fee.name, words=tuple(looked_for))


def _distinct(seen: Sequence[Seen]) -> dict[object, list[Seen]]:
    """What is said, once each, with the first place that says it."""
    found: dict[object, list[Seen]] = {}
    for item in seen:
        found.setdefault(item.value.dates if isinstance(item.value, Day) else item.value, [item])
    return found


def _together(found: Mapping[object, Sequence[Seen]]) -> dict[object, list[Seen]]:
    """All that is said as one fact."""
    return {frozenset(found): [item for (item,) in found.values()]} if found else {}


def _quoted(found: Mapping[object, Sequence[Seen]]) -> tuple[str, ...]:
    items = [item for seen in found.values() for item in seen]
    return tuple(f"« {quoted(item.text)} » (page {item.place.page})" for item in items)
