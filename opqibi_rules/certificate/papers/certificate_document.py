"""A verdict on a certificate as a document: the facts, its qualifications, the requirements, the warnings."""

from collections.abc import Collection, Iterable, Iterator
from typing import Literal

from opqibi_rules.certificate.check import CertificateReport
from opqibi_rules.certificate.model import Certificate, CertificateStanding, QualificationStanding, Status
from opqibi_rules.certificate.organic import OrganicDetails
from opqibi_rules.certificate.reason import Reason, WarningShape
from opqibi_rules.certificate.requirement import Requirement, RequirementResult
from opqibi_rules.errors import FileError
from opqibi_rules.messages import Message, Say, Text
from opqibi_rules.paper.document import Cell, Columns, Document, Row, Table, tabulated
from opqibi_rules.paper.shape import Json, Shape, Voice, at
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.facts import Assumption
from opqibi_rules.tables.validity import Rule
from opqibi_rules.verdict import Verdict

Fact = tuple[Message, Cell | Message | Text | str]

_LONGEST_NAME = 30

VERDICT_WORDS = {
    Verdict.YES: Message("VALID"),
    Verdict.NO: Message("NOT VALID"),
    Verdict.UNDETERMINED: Message("UNDETERMINED"),
}
STATUS_WORDS = {
    Status.VALID: Message("valid"),
    Status.EXPIRED: Message("expired"),
    Status.NOT_RENEWED: Message("not renewed"),
    Status.NOT_YET_VALID: Message("not yet valid"),
    Status.UNDETERMINED: Message("undetermined"),
}
DIALECT_WORDS = {
    "api_entreprise_v3": Message("API Entreprise v3"),
    "api_entreprise_v2": Message("API Entreprise v2"),
    "opqibi": Message("OPQIBI’s own"),
    "agence_bio": Message("Agence BIO"),
}
UNREADABLE = Message("UNREADABLE")
REQUIREMENT_WORDS = {
    Verdict.YES: Message("met"),
    Verdict.NO: Message("unmet"),
    Verdict.UNDETERMINED: Message("undetermined"),
}


def verdict_words(report: CertificateReport) -> Message:
    """The verdict, and whether it is one under reservation."""
    if report.under_reservation:
        return Message("VALID, UNDER RESERVATION")
    return VERDICT_WORDS[report.outcome]


def why(reason: Reason) -> Message:
    """A reason to be read, with its rule."""
    return Message("{message} [{rule}]", message=reason.message, rule=reason.rule)


def interpretation(item: Assumption) -> Message:
    """A point that the sources leave open, and how it was settled."""
    return Message("Interpretation {id}: {text} {reason}", id=item.id, text=item.text, reason=item.reason)


def sourced(rule: Rule) -> Message:
    """A rule, and where it is written."""
    return Message(
        "{rule}: {text} Source: {document}, {address}",
        rule=rule.id,
        text=rule.text,
        document=rule.source.document,
        address=rule.source.address,
    )


def _name(held: QualificationStanding) -> Message | str:
    name = held.name or "—"
    return Message("{name} (probationary)", name=name) if held.probationary else name


def _rge(held: QualificationStanding) -> Message | str:
    if held.rge is None:
        return "?"
    return Message("yes") if held.rge else Message("no")


def _required(requirement: Requirement) -> Message | str:
    codes = str(requirement)
    return Message("{codes} RGE", codes=codes) if requirement.rge else codes


_QUALIFICATIONS: Columns[QualificationStanding] = (
    (Message("Code"), lambda held: held.code),
    (Message("Qualification"), _name),
    (Message("RGE"), _rge),
    (Message("Printed date"), lambda held: Cell(held.valid_until, "date")),
    (Message("On that day"), lambda held: STATUS_WORDS[held.status]),
)
_REQUIREMENTS: Columns[RequirementResult] = (
    (Message("Required"), lambda result: _required(result.requirement)),
    (Message("On that day"), lambda result: REQUIREMENT_WORDS[result.verdict]),
    (Message("Why"), lambda result: why(result.reason)),
)


def report_document(report: CertificateReport, *, explain: bool = False) -> Document:
    """The verdict to be read; with ``explain``, every rule it names, with its source."""
    notes = [*map(why, report.warnings)]
    if explain:
        notes += map(sourced, report.rules)
        notes += map(interpretation, report.assumptions)
    return Document(
        Message("Certificate check: {source}", source=report.answer.name or "—"),
        list(_facts(report)),
        [tabulated(report.qualifications, _QUALIFICATIONS), tabulated(report.requirements, _REQUIREMENTS)],
        notes,
    )


def _facts(report: CertificateReport) -> Iterator[Fact]:
    verdict, certificate = verdict_words(report), report.certificate
    if certificate is None or report.reason != certificate.reason:  # else it is told a few lines below
        verdict = Message("{verdict}. {why}", verdict=verdict, why=why(report.reason))
    yield Message("Verdict"), verdict
    yield Message("On"), Cell(report.on, "date")
    yield Message("SIREN"), report.siren or Message("not named by the answer")
    origin, day = DIALECT_WORDS[report.answer.dialect], report.answer.fetched_on
    if day is not None:
        origin = Message("{dialect}, fetched on {day:date}", dialect=origin, day=day)
    yield Message("Answer"), origin
    if certificate is not None:
        status = Message(
            "{number}: {status}. {why}",
            number=certificate.number or "—",
            status=_status(report, certificate),
            why=why(certificate.reason),
        )
        yield Message("Certificate"), status
        if certificate.url:
            yield Message("Record"), certificate.url
        if certificate.insurers:
            yield Message("Insurers"), certificate.insurers
    if report.organic is not None:
        yield from _organic_facts(report.organic)


def _status(report: CertificateReport, certificate: CertificateStanding) -> Message | str:
    """What a certificate is on the day; a certification of Agence BIO that is over, by its own state."""
    state = report.organic.state if report.organic is not None else None
    over = certificate.status is Status.EXPIRED
    return state if over and state is not None else STATUS_WORDS[certificate.status]


def _organic_facts(details: OrganicDetails) -> Iterator[Fact]:
    """Whom to ask further about an operator of Agence BIO, and since when it is suspended."""
    body: Message | str = details.body or "—"
    if details.publishes:
        body = Message("{body}, which publishes its certificates", body=body)
    elif details.publishes is False:
        body = Message("{body}, not known to publish its certificates: ask it for the proof", body=body)
    yield Message("Certifying body"), body
    if details.suspended_on is not None:
        dates = {"since": details.suspended_on, "until": details.suspended_until}
        yield (
            Message("Suspended"),
            Message("since {since:date}; a withdrawal from {until:date} on", **dates),
        )
    if details.updated_on is not None:
        yield Message("Updated by the operator"), Cell(details.updated_on, "date")


def summary_document(reports: Collection[CertificateReport], unread: Collection[FileError]) -> Document:
    """Many answers, one line each, and how many of each verdict."""
    rows: list[Row] = [
        (
            _short(report.answer.name),
            report.siren or "—",
            verdict_words(report),
            report.reason.message,
        )
        for report in reports
    ]
    rows += [(_short(error.name), "—", UNREADABLE, error.mistakes[0].message) for error in unread]
    counts: list[Fact] = [
        (words, str(sum(report.outcome is verdict for report in reports)))
        for verdict, words in VERDICT_WORDS.items()
    ]
    counts.append((UNREADABLE, str(len(unread))))
    columns = (Message("Answer"), Message("SIREN"), Message("Verdict"), Message("Why"))
    return Document(Message("Summary"), counts, [Table(columns, rows)])


def _short(name: str) -> str:
    """The end of a long path: the table stays within the screen, and each answer is named in full above."""
    return name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"


_FLAT = (
    Message("Answer"),
    Message("SIREN"),
    Message("On"),
    Message("Part"),
    Message("Code"),
    Message("Name, or met by"),
    Message("RGE"),
    Message("Valid until"),
    Message("Status"),
    Message("Why"),
    Message("Rule"),
)


def flat_document(reports: Iterable[CertificateReport], unread: Iterable[FileError]) -> Document:
    """One line for each part of each answer: what a spreadsheet sorts and filters."""
    rows = [row for report in reports for row in _flat_rows(report)]
    rows += [
        (error.name, None, None, Message("verdict"), *_NOTHING, "unreadable", mistake.message, None)
        for error in unread
        for mistake in error.mistakes
    ]
    return Document(Message("Certificate check"), (), [Table(_FLAT, rows)])


_NOTHING = (None, None, None, None)
"""No code, no name, no mention, no last day."""


def _flat_rows(report: CertificateReport) -> Iterator[Row]:
    def row(part: Message, reason: Reason, *cells: Cell | Message | str | None) -> Row:
        about = (report.answer.name, report.siren, Cell(report.on, "date"))
        return (*about, part, *cells, reason.message, reason.rule)

    yield row(Message("verdict"), report.reason, *_NOTHING, report.verdict)
    if (one := report.certificate) is not None:
        until = Cell(one.valid_until, "date")
        yield row(Message("certificate"), one.reason, one.number, one.url, None, until, one.status)
        if one.insurers:
            yield row(Message("insurers"), one.reason, None, one.insurers, None, None, None)
    for held in report.qualifications:
        part = Message("probationary qualification") if held.probationary else Message("qualification")
        until = Cell(held.valid_until, "date")
        yield row(part, held.reason, held.code, held.name, _rge(held), until, held.status)
    for result in report.requirements:
        mention = Message("yes") if result.requirement.rge else None
        code = str(result.requirement)
        yield row(Message("requirement"), result.reason, code, result.by, mention, None, result.status)
    for warning in report.warnings:
        yield row(Message("warning"), warning, *_NOTHING, None)


class _QualificationShape(Shape, of=QualificationStanding):
    """A qualification, in short."""

    code: str
    probationary: bool
    status: Status


class _RequirementShape(Shape, of=RequirementResult):
    """A requirement, in short."""

    code: str = at(lambda result: str(result.requirement))
    status: str
    by: str | None


class PasseMarcheShape(Shape, of=CertificateReport):
    """The three fields that Passe Marché keeps of an OPQIBI answer, and what it lacks: the verdict."""

    schema_version: Literal[1] = 1
    url: str | None = at(lambda report: _kept(report).url)
    date_delivrance_certificat: Day | None = at(lambda report: _kept(report).issued)
    duree_validite_certificat: str | None = at(lambda report: _kept(report).duration)
    siren: str | None
    on: Day
    verdict: str
    reason: Message = at("reason.message")
    rule: str = at("reason.rule")
    under_reservation: bool
    """Valid as far as an answer from before the day asked can know."""
    certificate_status: Status | None = at(lambda report: report.certificate and report.certificate.status)
    certificate_valid_until: Day | None = at(
        lambda report: report.certificate and report.certificate.valid_until
    )
    qualifications: tuple[_QualificationShape, ...]
    requirements: tuple[_RequirementShape, ...]
    warnings: tuple[WarningShape, ...]


def _kept(report: CertificateReport) -> Certificate:
    content = report.answer.content
    return content if isinstance(content, Certificate) else Certificate()


def passe_marche(report: CertificateReport, say: Say = str) -> Json:
    """What Passe Marché keeps, as JSON."""
    return PasseMarcheShape.written(report, Voice(say))
