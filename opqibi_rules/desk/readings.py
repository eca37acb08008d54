"""Files that may be hostile: read and checked in a process apart, answered by JSON in the reader's language.

:func:`checked_apart` is for the doors; :func:`invoices` and :func:`certificates` run in a worker
(:mod:`opqibi_rules.desk.worker`), so that a file that makes a parser run mad takes nothing with it.
"""

import importlib
from collections.abc import Callable, Sequence
from contextlib import suppress

from opqibi_rules.certificate.answers_together import weighed
from opqibi_rules.certificate.check import CertificateReport, check_certificate
from opqibi_rules.certificate.firms_check import FirmsCheck, check_firms
from opqibi_rules.certificate.papers.forms import certificate_forms, firms_forms
from opqibi_rules.certificate.reading.firms_list import Brought, firms_brought
from opqibi_rules.certificate.requirement import Requirement
from opqibi_rules.certificate.siren import one_firm
from opqibi_rules.certificate.tender import Asked, Tender
from opqibi_rules.desk.apart import Longer, answered, done_apart, tables_at, work_on
from opqibi_rules.desk.refusals import RefusedError
from opqibi_rules.desk.requests import (
    CertificateRequest,
    CertificatesRequest,
    InvoiceRequest,
    ProgramRequest,
    QuoteRequest,
    understood,
)
from opqibi_rules.desk.service import Service
from opqibi_rules.desk.worker import Workers
from opqibi_rules.errors import FileError
from opqibi_rules.invoice.check import InvoiceCheck, check_invoice
from opqibi_rules.invoice.dispute import dispute_letter
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.found import NoInvoiceShape
from opqibi_rules.invoice.run import check_run
from opqibi_rules.paper.language import LANGUAGES, Language
from opqibi_rules.paper.shape import Json, Voice
from opqibi_rules.price.quote import Quote

_LOADED_ONCE = (
    "facturx",
    "lxml.etree",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "opqibi_rules.desk.invoice_page",
    "PIL.JpegImagePlugin",
    "pypdf",
    "pypdfium2",
    "python_calamine",
    "typst",
    "xlsxwriter",
)
TASKS: dict[type[ProgramRequest], str] = {
    InvoiceRequest: "opqibi_rules.desk.readings:invoices",
    CertificateRequest: "opqibi_rules.desk.readings:certificates",
}


async def checked_apart(
    workers: Workers,
    question: ProgramRequest,
    service: Service,
    data: bytes,
    *,
    name: str,
    voice: Language,
    longer: Longer | None = None,
) -> list[Json]:
    """The verdicts on all that a file called ``name`` holds, each as JSON; ``longer``: as for :func:`done_apart`.

    Raises:
        RefusedError: what the worker refused, or a file that made it run out of time or memory.
    """
    work = work_on(question, service, name=name, voice=voice)
    result = await done_apart(workers, TASKS[type(question)], work, data, longer)
    assert isinstance(result, dict)
    answers: list[Json] = result["answers"]
    return answers


def invoices(work: Json, data: bytes) -> Json:
    """Every invoice of a file, checked: ``answers``; or what is ``wrong``."""
    return answered(work, lambda service, voice: {"answers": _invoices(work, data, service, voice)})


async def firms_apart(
    workers: Workers,
    question: CertificatesRequest,
    service: Service,
    *,
    listed: Brought | None,
    brought: Sequence[Brought],
    voice: Language,
    form: str | None = None,
) -> Json | bytes:
    """Where the firms of a list, or of some answers, stand: as JSON, or as a file of a ``form``.

    Raises:
        RefusedError: what the worker refused, or files that made it run out of time or memory.
    """
    work, data = firms_work(question, service, listed, brought, voice)
    return await done_apart(workers, f"{__name__}:firms", {**work, "form": form}, data)


def firms_work(
    question: CertificatesRequest,
    service: Service,
    listed: Brought | None,
    brought: Sequence[Brought],
    voice: Language,
) -> tuple[Json, bytes]:
    """What :func:`firms` takes."""
    files = [*([listed] if listed else []), *brought]
    work = {
        **work_on(question, service, name="", voice=voice),
        "listed": listed is not None,
        "files": [[file.name, len(file.data)] for file in files],
    }
    return work, b"".join(file.data for file in files)


async def certificate_file(
    workers: Workers,
    question: CertificateRequest,
    service: Service,
    file: Brought,
    *,
    voice: Language,
    form: str,
) -> bytes:
    """The verdicts on a saved answer, as a file of a form.

    Raises:
        RefusedError: as :func:`firms_apart`.
    """
    work = {**work_on(question, service, name=file.name, voice=voice), "form": form}
    made = await done_apart(workers, TASKS[CertificateRequest], work, file.data)
    assert isinstance(made, bytes)
    return made


def certificates(work: Json, data: bytes) -> Json | bytes:
    """Every certificate of a saved answer, checked: ``answers``, or a file; or what is ``wrong``."""

    def answer(service: Service, voice: Language) -> Json | bytes:
        reports = _certificates(work, data, service)
        if form := work.get("form"):
            return certificate_forms(reports, voice, made_on=service.today())[form]()
        return {"answers": [report.to_dict(voice.say, language=voice.name) for report in reports]}

    return answered(work, answer)


def firms(work: Json, data: bytes) -> Json | bytes:
    """Where many firms stand, as JSON or as a file; or what is ``wrong``."""

    def answer(service: Service, voice: Language) -> Json | bytes:
        check = _firms(work, data, service)
        if form := work.get("form"):
            return firms_forms(check, voice, made_on=service.today())[form]()
        return check.to_dict(voice.say, language=voice.name)

    return answered(work, answer)


def load_all(own: str | None) -> None:
    """Load what the reading of any file needs, and the facts, once for all the workers that are forked from here."""
    for name in _LOADED_ONCE:
        with suppress(ImportError):  # an extra that is not installed is told by the file that needs it
            importlib.import_module(name)
    on = tables_at(own).schedules[-1].in_force_from
    asked: Json = {"tariffs": {str(tables_at(own).schedules[-1].tariffs[0]): 2}, "turnover": "800000"}
    service = Service(tables_at(own), lambda: on)
    data = _billed_wrongly(service.quote(understood(QuoteRequest, asked)))
    for lang in LANGUAGES:
        work: Json = {"today": on.isoformat(), "tables": own, "lang": lang, "name": "a.csv"}
        invoices({**work, "question": {"expected": asked}}, data)
        certificates({**work, "question": {}}, b"{}")


def _billed_wrongly(quote: Quote) -> bytes:
    """An invoice of that price with one line twice: explaining it goes through all that a check does."""
    rows = [
        f"1;{quote.on.isoformat()};{line.label};{line.amount:.2f};0;{quote.total_excl_vat}"
        for line in (*quote.lines, quote.lines[-1])
    ]
    return "\r\n".join(["number;date;name;amount;vat;total excl vat", *rows]).encode()


def _invoices(work: Json, data: bytes, service: Service, voice: Language) -> list[Json]:
    from opqibi_rules.invoice.reading.invoice_file import found_in  # noqa: PLC0415 - a certificate does without

    check = checker_of(understood(InvoiceRequest, work["question"]), service)
    found = found_in(data, work["name"], work["name"])
    if found.mistakes:  # a caller that has half an answer takes it for the whole
        raise FileError(work["name"], list(found.mistakes))
    checks = check_run(list(map(check, found.invoices)), service.tables.dispute_codes, check)
    beside = [NoInvoiceShape.written(item, Voice(voice.say, voice.name)) for item in found.beside]
    return [*(with_letter(item, voice) for item in checks), *beside]


def checker_of(question: InvoiceRequest, service: Service) -> Callable[[Invoice], InvoiceCheck]:
    """What checks one invoice after the other, each at the price of its own day, or of the day that is asked."""
    known = service.tables.schedules[0].in_force_from

    def due(bill: Invoice) -> Quote:
        """The price on the invoice's own day, never before the first schedule known."""
        on = question.expected.on or max(bill.issued or service.today(), known)
        try:
            return service.quote(question.expected.model_copy(update={"on": on}))
        except RefusedError as refused:
            raise RefusedError(
                [item._replace(field=item.field and f"expected.{item.field}") for item in refused.wrong]
            ) from None

    def check(bill: Invoice) -> InvoiceCheck:
        if bill.reading is not None and question.confirm:
            from opqibi_rules.invoice.reading.page.invoice import confirmed_invoice  # noqa: PLC0415 - data does without

            bill = confirmed_invoice(bill, question.confirm)
        return check_invoice(
            bill,
            expected=due(bill),
            tolerance=question.tolerance or 0,
            fees=question.fees,
            structure=question.expected.asked().get("structure"),
            supplier=question.supplier.supplier() if question.supplier else None,
            confirmed=question.confirm,
            other_turnovers=question.other_turnovers,
            dated=question.expected.on is not None,
            vat_stated=question.expected.asked().get("vat") is not None,
            today=max(question.expected.on or service.today(), service.today()),
            tables=service.tables,
        )

    return check


def with_letter(check: InvoiceCheck, voice: Language) -> Json:
    """A verdict as JSON, with the letter that disputes the invoice."""
    return {
        **check.to_dict(voice.say, language=voice.name),
        "dispute_text": "\n\n".join(Language(voice.name).letter(dispute_letter(check))) or None,
    }


def _firms(work: Json, data: bytes, service: Service) -> FirmsCheck:
    question, files, start = understood(CertificatesRequest, work["question"]), [], 0
    for name, size in work["files"]:
        files.append(Brought(name, data[start : start + size]))
        start += size
    listed = files.pop(0) if work["listed"] else None
    given = ((question.requires, False), (question.requires_rge, True))
    asked = [
        Asked(Requirement.parse(text, rge=rge), question.accept_probationary)
        for texts, rge in given
        for text in texts
    ]
    return check_firms(
        firms_brought(listed, files),
        on=question.on or service.today(),
        tables=service.tables,
        today=service.today(),
        within=question.within,
        tender=Tender(tuple(asked)) if asked else None,
        fetched=question.fetched,
    )


def _certificates(work: Json, data: bytes, service: Service) -> list[CertificateReport]:
    from opqibi_rules.certificate.reading.certificate_answer import read_answers  # noqa: PLC0415 - an invoice does without

    question = understood(CertificateRequest, work["question"])
    answers = read_answers(data, work["name"])
    one_firm(question.siren, [answer.siren for answer in answers])
    on = question.on or service.today()
    given = [(question.siren, answer) for answer in answers]
    beside = weighed(given, on, service.tables.api_errors, stated=question.fetched)
    return [
        check_certificate(
            answer,
            on=on,
            siren=question.siren,
            requires=question.requires,
            requires_rge=question.requires_rge,
            accept_probationary=question.accept_probationary,
            fetched=question.fetched,
            today=service.today(),
            doubt=one.doubt,
            tables=service.tables,
        )
        for answer, one in zip(answers, beside, strict=True)
    ]
