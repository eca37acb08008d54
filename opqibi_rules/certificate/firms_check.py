"""The whole of a run over many firms: each, what ends, what changed, and what a tender makes of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, NamedTuple

from opqibi_rules.certificate.answer_day import AnswerDay
from opqibi_rules.certificate.answers_together import number_key, weighed
from opqibi_rules.certificate.changes import Change, ChangeShape, Known, changes, known
from opqibi_rules.certificate.check import RuleShape
from opqibi_rules.certificate.firms import End, Ending, Firm, FirmStanding, Role, firm_standing
from opqibi_rules.certificate.model import Certificate, CertificateStanding, QualificationStanding, Status
from opqibi_rules.certificate.reason import WarningShape, assumptions_of
from opqibi_rules.certificate.refusal import Refusal
from opqibi_rules.certificate.tender import Tender, TenderAnswer, TenderAnswerShape, judge_candidates
from opqibi_rules.messages import Message, Say
from opqibi_rules.paper.shape import Json, Shape, Voice, at
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.facts import Assumption, AssumptionShape
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.validity import Rule
from opqibi_rules.verdict import worst


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """What an earlier run told."""

    on: date
    firms: tuple[Known, ...]


class FirmEnd(NamedTuple):
    """What ends of a firm."""

    standing: FirmStanding
    end: End


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmsCheck:
    """Many firms on a day."""

    on: date
    firms: tuple[FirmStanding, ...]
    within: int | None = None
    """Days: what ends by then is told apart."""
    since: date | None = None
    """The day of the earlier run."""
    changes: tuple[Change, ...] = ()
    tender: Tender | None = None
    candidates: tuple[TenderAnswer, ...] = ()
    rules: tuple[Rule, ...] = ()
    assumptions: tuple[Assumption, ...] = ()

    @property
    def counts(self) -> Counter[str]:
        """How many firms of each verdict."""
        return Counter(one.verdict for one in self.firms)

    @property
    def ending(self) -> list[FirmEnd]:
        """What ends within the days asked, the first to end first."""
        if self.within is None:
            return []
        last = self.on + timedelta(days=self.within)
        return [one for one in self.ends if one.end.day <= last]

    @property
    def ends(self) -> list[FirmEnd]:
        """All that ends, the first to end first; of a firm listed twice, once."""
        found = {
            (one.siren or one.firm.source, end): FirmEnd(one, end) for one in self.firms for end in one.ends
        }
        return sorted(found.values(), key=lambda one: one.end.day)

    @property
    def unknown(self) -> list[FirmStanding]:
        """The firms of which something could not be known."""
        return [
            one for one in self.firms if one.verdict in {"undetermined", "unreadable"} or one.firm.unknown
        ]

    @property
    def exit_code(self) -> int:
        """The worst: of the candidates where a tender asks, else of the firms; of what cannot be read, always."""
        failed = [one.firm.failed for one in self.firms if one.firm.failed]
        if self.tender is not None:
            return worst([*failed, *(one.outcome.exit_code for one in self.candidates)])
        return worst(one.exit_code for one in self.firms)

    def to_dict(self, say: Say = str, *, language: str = "en") -> Json:
        """The JSON form; ``say`` renders its sentences, ``language`` picks the rules' own texts."""
        return FirmsCheckShape.written(self, Voice(say, language))


def check_firms(
    firms: Iterable[Firm],
    *,
    on: date,
    tables: Tables,
    today: date | None = None,
    within: int | None = None,
    tender: Tender | None = None,
    earlier: EarlierRun | None = None,
    fetched: date | None = None,
) -> FirmsCheck:
    """Where many firms stand on a day, and what a tender makes of them.

    ``fetched`` is the day of the answers that do not tell theirs.

    Raises:
        DateError: ``fetched`` is still to come.
    """
    if fetched is not None:
        AnswerDay.of(None, on, stated=fetched, today=today)
        firms = [replace(one, answer=one.answer and one.answer.told_on(fetched)) for one in firms]
    standings = tuple(
        firm_standing(firm, on, tables, today=today) for firm in _believed(list(firms), on, tables)
    )
    judged = [one.firm for one in standings]
    named = [reason for one in standings for reason in (one.reason, *one.warnings)]
    return FirmsCheck(
        on=on,
        firms=standings,
        within=within,
        since=earlier.on if earlier else None,
        changes=changes(earlier.firms, filter(None, map(known, standings))) if earlier else (),
        tender=tender,
        candidates=judge_candidates(tender, judged, on=on, today=today, tables=tables) if tender else (),
        rules=tuple(tables.validity.rules[rule] for rule in dict.fromkeys(one.rule for one in named)),
        assumptions=assumptions_of(named, tables.validity),
    )


def _believed(firms: Sequence[Firm], on: date, tables: Tables) -> Iterator[Firm]:
    """The firms, each with the answer that speaks of it, if there is one."""
    holders: dict[object, set[str]] = {}
    for firm in firms:
        for mark in _marks(firm) if firm.siren else ():
            holders.setdefault(mark, set()).add(firm.siren or "")
    beside = weighed([(firm.siren, firm.answer) for firm in firms], on, tables.api_errors)
    for firm, (doubt, latest) in zip(firms, beside, strict=True):
        if latest is not None and doubt is not None:
            believed = replace(firm, answer=latest, told=(doubt,))
        elif doubt is not None:
            believed = replace(firm, answer=None, unknown=doubt.message)
        else:
            believed = firm
        yield _one_each(believed, holders)


def _one_each(firm: Firm, holders: Mapping[object, set[str]]) -> Firm:
    """A firm, but for an answer that is given as that of another one too: it is of one of them."""
    others = {siren for mark in _marks(firm) for siren in holders.get(mark, ())} - {firm.siren}
    if not others or not firm.siren:
        return firm
    number, also = _number(firm), tuple(sorted(others))
    message = Message("This answer is given as that of {others} too: nothing says whose it is.", others=also)
    if number:
        message = Message(
            "Certificate {number} is given as that of {others} too: nothing says whose it is.",
            number=number,
            others=also,
        )
    return replace(firm, answer=None, unknown=message)


def _marks(firm: Firm) -> Iterator[object]:
    """By what an answer is known to be one and the same: its number; else, where it names no firm, all of it."""
    answer = firm.answer
    if answer is None:
        return
    if number := _number(firm):
        yield number_key(number)
    if answer.siren is None:
        if answer.name:
            yield "file", answer.name
        if not isinstance(answer.content, Refusal):  # one error is like another
            yield answer.content


def _number(firm: Firm) -> str | None:
    content = firm.answer.content if firm.answer else None
    return content.number if isinstance(content, Certificate) else None


class _CertificateShape(Shape, of=CertificateStanding):
    """A certificate, in short."""

    number: str | None
    issued: Day | None
    valid_until: Day | None
    status: Status


class _HeldShape(Shape, of=QualificationStanding):
    """A qualification, in short."""

    code: str
    name: str | None
    probationary: bool
    rge: bool | None
    valid_until: Day | None
    status: Status


class EndShape(Shape, of=End):
    """A last day, included, of what is valid on the day asked."""

    day: Day
    kind: Ending
    codes: tuple[str, ...]


class FirmStandingShape(Shape, of=FirmStanding):
    """A firm on a day."""

    source: str = at("firm.source")
    """The list that names it, or the file of its answer."""
    line: int | None = at("firm.line")
    siren: str | None
    name: str | None = at("firm.name")
    consortium: str | None = at("firm.consortium")
    role: Role = at("firm.role")
    verdict: Literal["valid", "not_valid", "undetermined", "unreadable"]
    under_reservation: bool = at(lambda one: one.report is not None and one.report.under_reservation)
    """Valid as far as an answer from before the day asked can know."""
    reason: Message = at("reason.message")
    rule: str = at("reason.rule")
    unknown: Message | None = at("firm.unknown")
    """Why it could not be asked, or asked again."""
    fetched_on: Day | None = at(lambda one: one.firm.answer and one.firm.answer.fetched_on)
    """The day of the answer; null: it is not told."""
    certificate: _CertificateShape | None = at(lambda one: one.report and one.report.certificate)
    qualifications: tuple[_HeldShape, ...] = at(lambda one: one.report.qualifications if one.report else ())
    ends: tuple[EndShape, ...]
    warnings: tuple[WarningShape, ...]


class FirmsCheckShape(Shape, of=FirmsCheck):
    """Many firms on a day: each, what ends, what changed, and what a tender makes of them."""

    schema_version: Literal[1] = 1
    on: Day
    counts: dict[str, int]
    """How many firms of each verdict."""
    firms: tuple[FirmStandingShape, ...]
    within: int | None
    """Days: what ends by then is under ``ending``."""
    ending: tuple["EndingShape", ...]
    since: Day | None
    """The day of the earlier run."""
    changes: tuple[ChangeShape, ...]
    candidates: tuple[TenderAnswerShape, ...]
    """What each brings to a tender, where one asks."""
    rules: tuple[RuleShape, ...]
    """Every rule that a firm names, once."""
    assumptions: tuple[AssumptionShape, ...]


class EndingShape(Shape, of=FirmEnd):
    """What ends within the days asked."""

    siren: str | None = at("standing.siren")
    name: str | None = at("standing.firm.name")
    day: Day = at("end.day")
    kind: Ending = at("end.kind")
    codes: tuple[str, ...] = at("end.codes")
