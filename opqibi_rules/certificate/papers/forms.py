"""What verdicts on certificates are written to beside the general forms: what makes each, when it is asked for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from opqibi_rules.certificate.check import CertificateReport
from opqibi_rules.certificate.papers.certificate_document import (
    flat_document,
    report_document,
    summary_document,
)
from opqibi_rules.messages import Message
from opqibi_rules.paper.document import Document
from opqibi_rules.paper.forms import CATALOGUE
from opqibi_rules.paper.language import Language
from opqibi_rules.version import __version__

if TYPE_CHECKING:
    from opqibi_rules.certificate.firms_check import FirmsCheck  # one certificate does without

Forms = Mapping[str, Callable[[], bytes]]


def certificate_forms(reports: Sequence[CertificateReport], language: Language, *, made_on: date) -> Forms:
    """By name of the form, what writes the verdicts so."""

    def pages() -> bytes:
        from opqibi_rules.paper.document_pdf import document_pdf  # noqa: PLC0415 - slow to load

        documents = [report_document(report, explain=True) for report in reports]
        return document_pdf(
            documents if len(documents) == 1 else [summary_document(reports, ()), *documents],
            language,
            made_on=made_on,
            foot=Message(
                "Judged by opqibi-rules {version} from the answers named above.", version=__version__
            ),
            description=Message("Whether a certificate is valid on a day, and why."),
        )

    return {**_sheets(lambda _: flat_document(reports, ()), language), "pdf": pages}


def firms_forms(check: "FirmsCheck", language: Language, *, made_on: date) -> Forms:
    """By name of the form, what writes where many firms stand so."""
    from opqibi_rules.certificate.papers import firms_document as papers  # noqa: PLC0415 - one certificate does without
    from opqibi_rules.certificate.papers.tender_document import tender_pdf  # noqa: PLC0415 - the same

    pages = tender_pdf if check.tender else papers.firms_pdf
    return {
        **_sheets(lambda sheets: papers.flat_firms_document(check, sheets=sheets), language),
        "pdf": lambda: pages(check, language, made_on=made_on),
        "ics": lambda: papers.ends_calendar(check, language, stamp=datetime.now(UTC)),
    }


def _sheets(document: Callable[[bool], Document], language: Language) -> Forms:
    """A text of one table, and a workbook that may hold several."""

    def written(form: str) -> bytes:
        sheet = CATALOGUE[form].sheet
        assert sheet is not None
        made = sheet(document(form == "xlsx"), language)
        return made if isinstance(made, bytes) else made.encode()

    return {"csv": lambda: written("csv"), "xlsx": lambda: written("xlsx")}
