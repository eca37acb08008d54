"""What a candidate brings to a tender, on one page to keep in the file of the procurement."""

from collections.abc import Iterable, Iterator
from datetime import date

from opqibi_rules.certificate.firms import FirmStanding, Role
from opqibi_rules.certificate.firms_check import FirmsCheck
from opqibi_rules.certificate.model import Certificate
from opqibi_rules.certificate.papers.certificate_document import (
    REQUIREMENT_WORDS,
    Fact,
    interpretation,
    sourced,
    why,
)
from opqibi_rules.certificate.tender import Asked, AskedResult, Brought, TenderAnswer
from opqibi_rules.messages import Message
from opqibi_rules.paper.document import Cell, Columns, Document, Row, Table, tabulated
from opqibi_rules.paper.document_pdf import document_pdf
from opqibi_rules.paper.language import Language
from opqibi_rules.verdict import Verdict
from opqibi_rules.version import __version__

_VERDICT_WORDS = {
    Verdict.YES: Message("MET"),
    Verdict.NO: Message("NOT MET"),
    Verdict.UNDETERMINED: Message("UNDETERMINED"),
}
_UNDER_RESERVATION = Message("MET, UNDER RESERVATION")
ROLE_WORDS = {Role.MEMBER: Message("member"), Role.SUBCONTRACTOR: Message("subcontractor")}
_SUBCONTRACTORS = {
    True: Message("what they hold counts"),
    False: Message("what they hold does not count"),
    None: Message("the requirements do not say whether what they hold counts"),
}


def _codes(asked: Asked) -> Message:
    """« 1905 ou 1911 »."""
    first, *others = asked.requirement.codes
    codes = Message("{codes}", codes=first)
    for code in others:
        codes = Message("{codes} or {code}", codes=codes, code=code)
    return codes


def _required(asked: Asked) -> Message:
    """A requirement with its terms."""
    terms = [Message("RGE")] if asked.requirement.rge else []
    terms += [Message("probationary accepted")] if asked.accept_probationary else []
    terms += [Message("of each member")] if asked.each_member else []
    codes = _codes(asked)
    if asked.equivalents:
        terms.append(Message("or equivalent: {equivalents}", equivalents=asked.equivalents))
    return Message("{codes} ({terms})", codes=codes, terms=terms) if terms else codes


def _status(one: AskedResult | Brought) -> Message:
    return Message("met, under reservation") if one.under_reservation else REQUIREMENT_WORDS[one.verdict]


def _verdict(answer: TenderAnswer) -> Message:
    return _UNDER_RESERVATION if answer.under_reservation else _VERDICT_WORDS[answer.outcome]


_RESULTS: Columns[AskedResult] = (
    (Message("Required"), lambda result: _required(result.asked)),
    (Message("On that day"), _status),
    (Message("Who brings it, or why not"), lambda result: why(result.reason)),
)
_Line = tuple[TenderAnswer, AskedResult, Brought]


def _flat(*, sheets: bool) -> Columns[_Line]:
    """In a text, statuses by their codes, which never change; in a workbook, by their words."""

    def status(one: AskedResult | Brought) -> Message | str:
        return _status(one) if sheets else one.status

    return (
        (Message("Candidate"), lambda one: one[0].candidate.label),
        (Message("Required"), lambda one: _codes(one[1].asked) if sheets else str(one[1].asked.requirement)),
        (Message("RGE"), lambda one: Message("yes") if one[1].asked.requirement.rge else None),
        (Message("For the candidate"), lambda one: status(one[1])),
        (Message("SIREN"), lambda one: one[2].firm.siren),
        (Message("Firm"), lambda one: one[2].firm.name or one[2].firm.label),
        (Message("Role"), lambda one: ROLE_WORDS[one[2].firm.role]),
        (Message("For the firm"), lambda one: status(one[2])),
        (Message("Met by"), lambda one: one[2].by if one[2].verdict is Verdict.YES else None),
        (Message("Why"), lambda one: one[2].reason.message),
        (Message("Rule"), lambda one: one[2].reason.rule),
    )


def tender_tables(check: FirmsCheck, *, sheets: bool) -> list[Table]:
    """A line for each candidate, requirement and firm; nothing where no tender asks. In a workbook, in words."""
    rows = [
        (answer, result, brought)
        for answer in check.candidates
        for result in answer.results
        for brought in result.brought
    ]
    return [tabulated(rows, _flat(sheets=sheets), Message("Tender"))] if rows else []


def tender_documents(check: FirmsCheck) -> list[Document]:
    """A page a candidate; before them, where there are several, who they are and what each comes to."""
    pages = [_page(answer, check) for answer in check.candidates]
    if len(pages) == 1:
        return pages
    columns: Columns[TenderAnswer] = (
        (Message("Candidate"), lambda answer: answer.candidate.label),
        (Message("Verdict"), _verdict),
        (Message("Why"), lambda answer: answer.reason.message),
    )
    summary = Document(Message("The candidates"), list(_about(check)), [tabulated(check.candidates, columns)])
    return [summary, *pages]


def _about(check: FirmsCheck) -> Iterator[Fact]:
    """What all pages say of the tender."""
    if check.tender and check.tender.name:
        yield Message("Tender"), check.tender.name
    if check.tender and check.tender.buyer:
        yield Message("Buyer"), check.tender.buyer
    yield Message("On"), Cell(check.on, "date")


def _page(answer: TenderAnswer, check: FirmsCheck) -> Document:
    """One candidate: the verdict, each requirement, who brings what, the certificates, the sources."""
    standings = {id(one.firm): one for one in check.firms}
    firms = [standings[id(firm)] for firm in answer.candidate.firms]
    tables = [tabulated(answer.results, _RESULTS, Message("Requirements"))]
    if len(firms) > 1:
        tables.append(_matrix(answer))
    tables.append(tabulated(firms, _CERTIFICATES, Message("Certificates")))
    return Document(
        Message("What {candidate} brings", candidate=answer.candidate.label),
        [*_facts(answer), *_about(check)],
        tables,
        [
            *map(why, answer.warnings),
            *_remarks(firms),
            *map(sourced, answer.rules),
            *map(interpretation, answer.assumptions),
        ],
    )


def _facts(answer: TenderAnswer) -> Iterator[Fact]:
    yield Message("Verdict"), Message("{verdict}. {why}", verdict=_verdict(answer), why=why(answer.reason))
    if any(firm.role is Role.SUBCONTRACTOR for firm in answer.candidate.firms):
        yield Message("Subcontractors"), _SUBCONTRACTORS[answer.tender.subcontractors]


def _matrix(answer: TenderAnswer) -> Table:
    """Who brings what: a line a requirement, a column a firm."""
    heads = [Message("Required")]
    heads += [Message("{firm}", firm=firm.name or firm.label) for firm in answer.candidate.firms]
    rows: list[Row] = [[_codes(result.asked), *map(_brought, result.brought)] for result in answer.results]
    return Table(heads, rows, title=Message("Who brings what"))


def _brought(one: Brought) -> Message:
    if one.verdict is Verdict.YES and one.by:
        return Message("{met} ({code})", met=_status(one), code=one.by)
    return _status(one)


def _remarks(firms: Iterable[FirmStanding]) -> Iterator[Message]:
    for one in firms:
        content = one.firm.answer.content if one.firm.answer else None
        if isinstance(content, Certificate) and content.url:
            yield Message("{firm}: {address}", firm=one.firm.label, address=content.url)
        for warning in one.warnings:
            yield Message("{firm}: {warning}", firm=one.firm.label, warning=why(warning))


def _number(one: FirmStanding) -> str | Message | None:
    if one.report is None or one.report.certificate is None:
        return one.reason.message
    return one.report.certificate.number


def _issued(one: FirmStanding) -> date | None:
    return one.report.certificate.issued if one.report and one.report.certificate else None


def _until(one: FirmStanding) -> date | None:
    return one.report.certificate.valid_until if one.report and one.report.certificate else None


_CERTIFICATES: Columns[FirmStanding] = (
    (Message("Firm"), lambda one: one.firm.label),
    (Message("Role"), lambda one: ROLE_WORDS[one.firm.role]),
    (Message("Certificate"), _number),
    (Message("Issued"), lambda one: Cell(_issued(one), "date")),
    (Message("Valid until"), lambda one: Cell(_until(one), "date")),
    (Message("Answer of"), lambda one: Cell(one.firm.answer and one.firm.answer.fetched_on, "date")),
)


def tender_pdf(check: FirmsCheck, language: Language, *, made_on: date) -> bytes:
    """The same as pages.

    Raises:
        RequestError: the « pdf » extra is not installed.
    """
    return document_pdf(
        tender_documents(check),
        language,
        made_on=made_on,
        foot=Message("Judged by opqibi-rules {version} from the answers named above.", version=__version__),
        description=Message("What a tender asks, and what a candidate brings."),
    )
