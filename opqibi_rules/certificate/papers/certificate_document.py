"""A verdict on a certificate as a document: the facts, its qualifications, the requirements, the warnings."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from opqibi_rules.certificate.check import CertificateReport
from opqibi_rules.certificate.model import Certificate, QualificationStanding, Status
from opqibi_rules.certificate.reason import Reason
from opqibi_rules.certificate.requirement import RequirementResult
from opqibi_rules.errors import FileError
from opqibi_rules.messages import Message, Say, Text
from opqibi_rules.paper.document import Cell, Document, Row, Table
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
_REQUIREMENT_WORDS = {
    Verdict.YES: Message("met"),
    Verdict.NO: Message("unmet"),
    Verdict.UNDETERMINED: Message("undetermined"),
}


def report_document(report: CertificateReport, *, explain: bool = False) -> Document:
    """The verdict to be read; with ``explain``, every rule it names, with its source."""
    notes = [*map(why, report.warnings)]
    if explain:
        notes += map(_rule, report.rules)
        notes += map(interpretation, report.assumptions)
    return Document(
        Message("Certificate check: {source}", source=report.answer.name or "—"),
        list(_facts(report)),
        [_qualifications(report), _requirements(report.requirements)],  # without rows, not shown
        notes,
    )


def _facts(report: CertificateReport) -> Iterator[Fact]:
    yield Message("Verdict"), _verdict_line(report)
    yield Message("On"), Cell(report.on, "date")
    yield Message("SIREN"), report.siren or Message("not named by the answer")
    yield Message("Answer"), _origin(report)
    if (certificate := report.certificate) is not None:
        status = Message(
            "{number}: {status}. {why}",
            number=certificate.number or "—",
            status=STATUS_WORDS[certificate.status],
            why=why(certificate.reason),
        )
        yield Message("Certificate"), status


def _verdict_line(report: CertificateReport) -> Message:
    certificate = report.certificate
    if certificate is not None and report.reason == certificate.reason:
        return VERDICT_WORDS[report.outcome]  # its reason is told with the certificate, a few lines below
    return Message("{verdict}. {why}", verdict=VERDICT_WORDS[report.outcome], why=why(report.reason))


def _origin(report: CertificateReport) -> Message:
    dialect = DIALECT_WORDS[report.answer.dialect]
    if report.answer.fetched_on is None:
        return dialect
    return Message("{dialect}, fetched on {day:date}", dialect=dialect, day=report.answer.fetched_on)


def why(reason: Reason) -> Message:
    """A reason to be read, with its rule."""
    return Message("{message} [{rule}]", message=reason.message, rule=reason.rule)


def _qualifications(report: CertificateReport) -> Table:
    rows: list[Row] = [
        (
            held.code,
            Message("{name} (probationary)", name=held.name or "—")
            if held.probationary
            else held.name or "—",
            _flag(held.rge),
            Cell(held.valid_until, "date"),
            STATUS_WORDS[held.status],
        )
        for held in report.qualifications
    ]
    columns = (
        Message("Code"),
        Message("Qualification"),
        Message("RGE"),
        Message("Printed date"),
        Message("On that day"),
    )
    return Table(columns, rows)


def _flag(value: object) -> Message | str:
    if value is None:
        return "?"
    return Message("yes") if value else Message("no")


def _requirements(results: Sequence[RequirementResult]) -> Table:
    rows: list[Row] = [
        (
            Message("{codes} RGE", codes=str(result.requirement))
            if result.requirement.rge
            else str(result.requirement),
            _REQUIREMENT_WORDS[result.verdict],
            why(result.reason),
        )
        for result in results
    ]
    return Table((Message("Required"), Message("On that day"), Message("Why")), rows)


def interpretation(item: Assumption) -> Message:
    """A point that the sources leave open, and how it was settled."""
    return Message("Interpretation {id}: {text} {reason}", id=item.id, text=item.text, reason=item.reason)


def _rule(rule: Rule) -> Message:
    return Message(
        "{rule}: {text} Source: {document}, {address}",
        rule=rule.id,
        text=rule.text,
        document=rule.source.document,
        address=rule.source.address,
    )


def summary_document(reports: Iterable[CertificateReport], unread: Iterable[FileError]) -> Document:
    """Many answers, one line each, and how many of each verdict."""
    done, failed = list(reports), list(unread)
    rows: list[Row] = [
        (
            _short(report.answer.name),
            report.siren or "—",
            VERDICT_WORDS[report.outcome],
            report.reason.message,
        )
        for report in done
    ]
    rows += [(_short(error.name), "—", Message("UNREADABLE"), error.mistakes[0].message) for error in failed]
    counts: list[Fact] = [
        (VERDICT_WORDS[verdict], str(sum(report.outcome is verdict for report in done)))
        for verdict in Verdict
    ]
    counts.append((Message("UNREADABLE"), str(len(failed))))
    columns = (Message("Answer"), Message("SIREN"), Message("Verdict"), Message("Why"))
    return Document(Message("Summary"), counts, [Table(columns, rows)])


def _short(name: str) -> str:
    """The end of a long path: the table stays within the screen, and each answer is named in full above."""
    return name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"


def flat_document(reports: Iterable[CertificateReport], unread: Iterable[FileError]) -> Document:
    """One line for each part of each answer: what a spreadsheet sorts and filters."""
    rows = [row for report in reports for row in _flat_rows(report)]
    rows += [
        (error.name, None, None, Message("verdict"), *_NOTHING, "unreadable", mistake.message, None)
        for error in unread
        for mistake in error.mistakes
    ]
    columns = (
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
    return Document(Message("Certificate check"), (), [Table(columns, rows)])


_NOTHING = (None, None, None, None)
"""No code, no name, no mention, no last day."""


def _flat_rows(report: CertificateReport) -> Iterator[Row]:
    def row(part: Message, reason: Reason, *cells: Cell | Message | str | None) -> Row:
        about = (report.answer.name, report.siren, Cell(report.on, "date"))
        return (*about, part, *cells, reason.message, reason.rule)

    yield row(Message("verdict"), report.reason, *_NOTHING, report.verdict)
    if (one := report.certificate) is not None:
        until = Cell(one.valid_until, "date")
        yield row(Message("certificate"), one.reason, one.number, None, None, until, one.status)
    for held in report.qualifications:
        part = Message("probationary qualification") if held.probationary else Message("qualification")
        until = Cell(held.valid_until, "date")
        yield row(part, held.reason, held.code, held.name, _flag(held.rge), until, held.status)
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
    certificate_status: Status | None = at(lambda report: report.certificate and report.certificate.status)
    certificate_valid_until: Day | None = at(
        lambda report: report.certificate and report.certificate.valid_until
    )
    qualifications: tuple[_QualificationShape, ...]
    requirements: tuple[_RequirementShape, ...]


def _kept(report: CertificateReport) -> Certificate:
    content = report.answer.content
    return content if isinstance(content, Certificate) else Certificate()


def passe_marche(report: CertificateReport, say: Say = str) -> Json:
    """What Passe Marché keeps, as JSON."""
    return PasseMarcheShape.written(report, Voice(say))
