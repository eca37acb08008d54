"""Many firms on a day, to be read: who is valid, what ends, what changed, what could not be known."""

from collections.abc import Iterator
from datetime import date, datetime

from opqibi_rules.certificate.changes import Change
from opqibi_rules.certificate.firms import End, Ending, FirmStanding
from opqibi_rules.certificate.firms_check import FirmEnd, FirmsCheck
from opqibi_rules.certificate.model import CertificateStanding, Status
from opqibi_rules.certificate.papers.certificate_document import (
    UNREADABLE,
    VERDICT_WORDS,
    Fact,
    verdict_words,
)
from opqibi_rules.certificate.papers.tender_document import ROLE_WORDS, tender_tables
from opqibi_rules.messages import Message, plural
from opqibi_rules.paper.calendar_file import CalendarDay, calendar_file
from opqibi_rules.paper.document import Cell, Columns, Document, Table, tabulated
from opqibi_rules.paper.document_pdf import document_pdf
from opqibi_rules.paper.language import Language
from opqibi_rules.version import __version__

ENDING_WORDS = {
    Ending.CERTIFICATE: Message("the certificate"),
    Ending.QUALIFICATIONS: Message("qualifications"),
    Ending.PROBATIONARY: Message("probationary qualifications"),
}
_REMINDERS = (60, 30)
"""Days ahead: the time to ask for the certificate issued since."""


def _verdict(one: FirmStanding) -> Message:
    if one.firm.failed:
        return UNREADABLE
    return verdict_words(one.report) if one.report else VERDICT_WORDS[one.outcome]


def _what(end: End) -> Message:
    what = ENDING_WORDS[end.kind]
    return Message("{what} ({codes})", what=what, codes=end.codes) if end.codes else what


def _certificate(one: FirmStanding) -> CertificateStanding | None:
    return one.report.certificate if one.report else None


def _answered(one: FirmStanding) -> Cell:
    return Cell(one.firm.answer.fetched_on if one.firm.answer else None, "date")


def _why(one: FirmStanding) -> Message:
    """Why so; that nobody said whose answer it is, and why it could not be asked again."""
    why = one.reason.message
    if one.untied is not None:
        why = Message("{what} {advice}", what=why, advice=one.untied.message)
    if one.firm.unknown is None or one.report is None:
        return why
    return Message("{why} It could not be asked again: {problem}", why=why, problem=one.firm.unknown)


def _until(one: FirmStanding, kind: Ending) -> Cell:
    return Cell(next((end.day for end in one.ends if end.kind is kind), None), "date")


def _held(one: FirmStanding) -> str:
    report = one.report
    return (
        " ".join(held.code for held in report.qualifications if held.status is Status.VALID) if report else ""
    )


_SHORT: Columns[FirmStanding] = (
    (Message("Firm"), lambda one: one.firm.label),
    (Message("Verdict"), _verdict),
    (Message("Ends"), lambda one: Cell(one.ends[0].day if one.ends else None, "date")),
    (Message("Answer of"), _answered),
)
_VERDICT = Message("Verdict")
_FLAT: Columns[FirmStanding] = (
    (Message("Source"), lambda one: one.firm.source),
    (Message("Line"), lambda one: Cell(one.firm.line, "count")),
    (Message("SIREN"), lambda one: one.siren),
    (Message("Name"), lambda one: one.firm.name),
    (Message("Consortium"), lambda one: one.firm.consortium),
    (Message("Role"), lambda one: ROLE_WORDS[one.firm.role]),
    (_VERDICT, lambda one: one.verdict),
    (Message("Ends"), lambda one: Cell(one.ends[0].day if one.ends else None, "date")),
    (Message("Certificate"), lambda one: found.number if (found := _certificate(one)) else None),
    (Message("Issued"), lambda one: Cell(found.issued if (found := _certificate(one)) else None, "date")),
    (
        Message("Valid until"),
        lambda one: Cell(found.valid_until if (found := _certificate(one)) else None, "date"),
    ),
    (Message("Qualifications until"), lambda one: _until(one, Ending.QUALIFICATIONS)),
    (Message("Probationary until"), lambda one: _until(one, Ending.PROBATIONARY)),
    (Message("Valid qualifications"), _held),
    (Message("Answer of"), _answered),
    (Message("Why"), _why),
    (Message("Rule"), lambda one: one.reason.rule),
)
_IN_WORDS: Columns[FirmStanding] = tuple(
    (head, _verdict if head is _VERDICT else told) for head, told in _FLAT
)
"""In a text, the verdict by its code, which never changes; in a workbook, by its words."""
_ENDING: Columns[FirmEnd] = (
    (Message("Ends"), lambda one: Cell(one.end.day, "date")),
    (Message("Firm"), lambda one: one.standing.firm.label),
    (Message("What"), lambda one: _what(one.end)),
)
_CHANGES: Columns[Change] = (
    (Message("SIREN"), lambda one: one.siren),
    (Message("Name"), lambda one: one.name),
    (Message("What changed"), lambda one: one.message),
)
_BECAUSE: Columns[FirmStanding] = ((Message("Firm"), lambda one: one.firm.label), (Message("Why"), _why))


def firms_document(check: FirmsCheck) -> Document:
    """What needs a look first; then all of them."""
    everyone = tabulated(check.firms, _SHORT, Message("All firms"))
    return Document(
        plural("The certificate of {n} firm", "The certificates of {n} firms", n=len(check.firms)),
        list(_facts(check)),
        [*_apart(check), everyone],
        [
            Message("{firm}: {warning}", firm=one.firm.label, warning=told.message)
            for one in check.firms
            for told in (*one.firm.told, *([one.untied] if one.untied else ()))
        ],
    )


def flat_firms_document(check: FirmsCheck, *, sheets: bool) -> Document:
    """A line a firm, or a line a requirement where a tender asks; with ``sheets``, all tables, a sheet each."""
    columns = _IN_WORDS if sheets else _FLAT
    firms, tender = tabulated(check.firms, columns, Message("Firms")), tender_tables(check, sheets=sheets)
    tables = [*tender, firms, *_apart(check)] if sheets else [*(tender or [firms])]
    return Document(Message("Certificates"), (), tables)


def _facts(check: FirmsCheck) -> Iterator[Fact]:
    yield Message("On"), Cell(check.on, "date")
    counts = check.counts
    for verdict, words in VERDICT_WORDS.items():
        found = sum(one.outcome is verdict and not one.firm.failed for one in check.firms)
        yield words, str(found)
    yield UNREADABLE, str(counts["unreadable"])


def _apart(check: FirmsCheck) -> Iterator[Table]:
    """What ends, what changed, what could not be known, who is not valid: a table each."""
    if check.within is not None:
        title = plural("Ends within {n} day", "Ends within {n} days", n=check.within)
        yield tabulated(check.ending, _ENDING, title)
    if check.since is not None:
        title = Message("Changed since {day:date}", day=check.since)
        yield tabulated(check.changes, _CHANGES, title)
    yield tabulated(check.unknown, _BECAUSE, Message("Could not be known"))
    invalid = [one for one in check.firms if one.verdict == "not_valid"]
    yield tabulated(invalid, _BECAUSE, Message("Not valid"))


def ends_calendar(check: FirmsCheck, language: Language, *, stamp: datetime) -> bytes:
    """All that ends, as a calendar file; only what ends within the days asked, where they are.

    Raises:
        RequestError: the « calendar » extra is not installed.
    """
    days = (
        CalendarDay(
            f"{one.siren or one.firm.source}.{end.kind}",
            end.day,
            Message("OPQIBI – {firm}: last day of {what}", firm=one.firm.label, what=_what(end)),
            [Message("As the certificate known on {day:date} prints it.", day=_known_on(one, check))],
            _REMINDERS,
        )
        for one, end in (check.ends if check.within is None else check.ending)
    )
    return calendar_file(Message("OPQIBI – certificates"), days, language, stamp=stamp)


def _known_on(one: FirmStanding, check: FirmsCheck) -> object:
    answer = one.firm.answer
    return answer.fetched_on if answer and answer.fetched_on else check.on


def firms_pdf(check: FirmsCheck, language: Language, *, made_on: date) -> bytes:
    """The same as pages.

    Raises:
        RequestError: the « pdf » extra is not installed.
    """
    return document_pdf(
        [firms_document(check)],
        language,
        made_on=made_on,
        foot=Message("Judged by opqibi-rules {version} from the answers named above.", version=__version__),
        description=Message("Where the certificates of many firms stand on a day."),
    )
