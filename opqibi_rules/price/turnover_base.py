"""Which turnover a fee by tranches takes: in general the one its part names, another for some qualifications alone.

When the data given does not allow the choice, the answer says so instead of choosing.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from opqibi_rules.frozen import made
from opqibi_rules.messages import Message
from opqibi_rules.price.fees import FeeRule
from opqibi_rules.price.question import Question
from opqibi_rules.price.structure import KnownTurnover
from opqibi_rules.tables.facts import Situation
from opqibi_rules.tables.schedule import Fee, OtherBase, Schedule, Tranches


class TurnoverBase(NamedTuple):
    """Which turnover a fee takes, and why."""

    kind: str | None
    """The id of the turnover, or ``None`` where the data does not allow the choice."""
    turnover: Decimal | None
    reason: Message
    situations: frozenset[Situation] = frozenset()
    """Those that it puts the price of the fee in."""
    undetermined: bool = False
    """A turnover was given, and cannot be used for want of other data."""
    known: KnownTurnover | None = None
    """Of which year it is, and who says so, where it is that of a structure."""


_GENERAL = frozenset({Situation.GENERAL_TURNOVER})


def turnover_base(question: Question, rule: FeeRule, part: Tranches) -> TurnoverBase:
    """The turnover that a fee takes, for its part by tranches; and of which year it is."""
    given = question.turnovers.get(part.turnover)
    if given is not None and len(question.turnovers) == 1 and not question.qualifications:
        reason, situations = _usual(rule)  # by far the most asked
        base = _on(part.turnover, given, reason, situations)
    else:
        base = _chosen(question, rule, part)
    known = question.known.get(base.kind or "") if question.known else None
    return base if known is None else base._replace(known=known)


def remarks(question: Question, base: TurnoverBase, schedule: Schedule) -> list[Message]:
    """What is worth knowing of the turnover that a fee takes: its year, its age, its size."""
    kind, turnover, _, _, _, known = base
    found: list[Message] = []
    if known is not None:
        found += _of_its_year(question, known, schedule.base(kind or "").name)
    if question.unfinished:
        found.append(
            Message(
                "Turnovers left out, of years that are not over on {day:date}: {years}.",
                day=question.on,
                years=question.unfinished,
            )
        )
    if turnover and turnover < SMALL:
        found.append(
            Message(
                "A turnover of {turnover:euro} is small; if it was meant in thousands of euros, write {meant:euro}.",
                turnover=turnover,
                meant=turnover * 1000,
            )
        )
    return found


def _of_its_year(question: Question, known: KnownTurnover, name: object) -> Iterator[Message]:
    values: dict[str, object] = {"base": name, "year": known.year, "closed": known.closed_on}
    if known.document:
        yield Message(
            "The {base} turnover is that of {year} (year closed on {closed:date}; {document}), the last one known.",
            document=known.document,
            **values,
        )
    else:
        yield Message(
            "The {base} turnover is that of {year} (year closed on {closed:date}), the last one known; no document "
            "that certifies it is named.",
            **values,
        )
    if known.is_old(question.on):
        yield Message(
            "That year ended over two years before {day:date}: check that no later turnover is known.",
            day=question.on,
        )


def _on(kind: str, turnover: Decimal, reason: Message, situations: frozenset[Situation]) -> TurnoverBase:
    if not turnover:
        situations = situations.union({Situation.ZERO_TURNOVER})
    return made(TurnoverBase, (kind, turnover, reason, situations, False, None))


SMALL = Decimal(10_000)
"""A turnover below it is rather one in thousands of euros: « 350 » for 350 000."""


def _chosen(question: Question, rule: FeeRule, part: Tranches) -> TurnoverBase:
    fee, schedule = rule.fee, rule.schedule
    choice = _Choice(question, fee, part, schedule)
    usable = {part.turnover, *(item.turnover for item in part.exceptions)}
    if usable.isdisjoint(question.turnovers):
        return choice.none_given()
    if not part.exceptions:
        return choice.taken(part.turnover, _stated(fee, part, schedule))
    outside = [item.code for item in question.qualifications if item.code not in part.exceptions[0].held_only]
    covering = choice.covering()
    if covering is None and question.qualifications:
        return choice.for_others(outside[0])
    if covering is not None and question.qualifications and not any(question.tariffs.values()):
        return choice.for_those_alone(covering)
    others = [item for item in part.exceptions if item.turnover in question.turnovers]
    return choice.not_told(others[0]) if others else choice.general()


class _Choice:
    """One question about one part, and each of its answers in words."""

    def __init__(self, question: Question, fee: Fee, part: Tranches, schedule: Schedule) -> None:
        self.question, self.fee, self.part, self.schedule = question, fee, part, schedule
        self.values: dict[str, object] = {"fee": fee.name, "article": part.article}
        probationary = any(item.probationary for item in question.qualifications)
        self.situations = frozenset({Situation.PROBATIONARY} if probationary else ())

    def covering(self) -> OtherBase | None:
        """The exception whose codes are all that is named, if there is one."""
        codes = {item.code for item in self.question.qualifications}
        return next((item for item in self.part.exceptions if codes <= set(item.held_only)), None)

    def taken(self, base: str, reason: Message, *situations: Situation) -> TurnoverBase:
        return _on(base, self.question.turnovers[base], reason, self.situations.union(situations))

    def wanting(self, reason: Message) -> TurnoverBase:
        return TurnoverBase(None, None, reason, undetermined=True)

    def name(self, base: str) -> object:
        return self.schedule.base(base).name

    def none_given(self) -> TurnoverBase:
        bases = [self.part.turnover, *(item.turnover for item in self.part.exceptions)]
        covering = self.covering()
        if self.question.qualifications and covering is None:
            bases = [self.part.turnover]
        elif self.question.qualifications and covering and not any(self.question.tariffs.values()):
            bases = [covering.turnover]
        reason = Message(
            "{fee}: it will be due, and is not computed: it needs the last known turnover excl. VAT ({bases}).",
            fee=self.values["fee"],
            bases=tuple(self.name(base) for base in dict.fromkeys(bases)),
        )
        return TurnoverBase(None, None, reason)

    def general(self) -> TurnoverBase:
        reason = _general_rule(self.fee, self.part, self.schedule)
        return _on(self.part.turnover, self.question.turnovers[self.part.turnover], reason, _GENERAL)

    def for_others(self, code: str) -> TurnoverBase:
        values: dict[str, object] = {
            "base": self.name(self.part.turnover),
            "code": code,
            "codes": self.part.exceptions[0].held_only,
            **self.values,
        }
        if self.part.turnover not in self.question.turnovers:
            return self.wanting(
                Message(
                    "{fee} undetermined: {code} is not among {codes}, so that article {article} takes the {base} "
                    "turnover, and it is not given.",
                    **values,
                )
            )
        reason = Message(
            "{fee}: on the {base} turnover (article {article}), for {code} is not among {codes}.", **values
        )
        return self.taken(self.part.turnover, reason)

    def for_those_alone(self, other: OtherBase) -> TurnoverBase:
        values: dict[str, object] = {
            "base": self.name(other.turnover),
            "codes": tuple(item.code for item in self.question.qualifications),
            **self.values,
        }
        if other.turnover not in self.question.turnovers:
            return self.wanting(
                Message(
                    "{fee} undetermined: with these qualifications only ({codes}), article {article} takes the "
                    "{base} turnover, and it is not given.",
                    **values,
                )
            )
        reason = Message(
            "{fee}: on the {base} turnover (article {article}), these qualifications only ({codes}).",
            **values,
        )
        return self.taken(other.turnover, reason)

    def not_told(self, other: OtherBase) -> TurnoverBase:
        if self.part.turnover not in self.question.turnovers:
            return self.wanting(
                Message(
                    "{fee} undetermined: without the codes of the qualifications, nothing says whether they are all "
                    "among {codes}, for which article {article} takes the {base} turnover. Give the codes.",
                    codes=tuple(sorted(other.held_only)),
                    base=self.name(other.turnover),
                    **self.values,
                )
            )
        return self.wanting(
            Message(
                "{fee} undetermined: without the codes of the qualifications, nothing says whether they are all "
                "among {codes}. Give the codes, or only the turnover that article {article} takes.",
                codes=tuple(sorted(other.held_only)),
                **self.values,
            )
        )


def _general_rule(fee: Fee, part: Tranches, schedule: Schedule) -> Message:
    return Message(
        "{fee}: on the turnover given, taken as the {base} one (article {article}, general rule).",
        fee=fee.name,
        article=part.article,
        base=schedule.base(part.turnover).name,
    )


def _stated(fee: Fee, part: Tranches, schedule: Schedule) -> Message:
    return Message(
        "{fee}: on the {base} turnover (article {article}).",
        fee=fee.name,
        article=part.article,
        base=schedule.base(part.turnover).name,
    )


@lru_cache(maxsize=256)
def _usual(rule: FeeRule) -> tuple[Message, frozenset[Situation]]:
    """The reason where qualifications are counted and the general turnover alone is given."""
    part = rule.tranches
    assert part is not None  # else it takes no turnover
    if part.exceptions:
        return _general_rule(rule.fee, part, rule.schedule), _GENERAL
    return _stated(rule.fee, part, rule.schedule), frozenset()
