"""Files that may be hostile: read and checked in a process apart, answered by JSON in the reader's language.

:func:`checked_apart` is for the doors; :func:`invoices` and :func:`certificates` run in a worker
(:mod:`opqibi_rules.desk.worker`), so that a file that makes a parser run mad takes nothing with it.
"""

import importlib
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import date
from functools import lru_cache

from opqibi_rules.certificate.answers_together import weighed
from opqibi_rules.certificate.check import check_certificate
from opqibi_rules.certificate.siren import one_firm
from opqibi_rules.desk.refusals import RefusedError, Wrong, refused_by_field
from opqibi_rules.desk.requests import CertificateRequest, InvoiceRequest, ProgramRequest, understood
from opqibi_rules.desk.service import Service
from opqibi_rules.desk.worker import PICTURES_SECONDS, StoppedError, Workers
from opqibi_rules.errors import FileError
from opqibi_rules.invoice.check import InvoiceCheck, check_invoice
from opqibi_rules.invoice.dispute import dispute_letter
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.run import check_run
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.pages.document_pages import PicturesError, texts_alone
from opqibi_rules.paper.shape import Json
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.library import Tables

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
    longer: Callable[[float], None] = lambda _: None,
) -> list[Json]:
    """The verdicts on all that a file called ``name`` holds, each as JSON.

    What has to be read by its pictures goes to the lane of its own; ``longer`` is told how long that may take.

    Raises:
        RefusedError: what the worker refused, or a file that made it run out of time or memory.
    """
    work = work_on(question, service, name=name, voice=voice)
    try:
        result = await workers.run(TASKS[type(question)], work, data)
        if "pictures" in result:
            longer(PICTURES_SECONDS)
            result = await workers.pictures.run(TASKS[type(question)], {**work, "pictures": True}, data)
    except StoppedError:
        message = Message("reading it took too much time or memory, and was stopped.")
        raise RefusedError([Wrong("file", message)]) from None
    if "wrong" in result:
        raise RefusedError(
            [Wrong(item["field"], Message("{problem}", problem=item["reason"])) for item in result["wrong"]]
        )
    answers: list[Json] = result["answers"]
    return answers


def work_on(question: ProgramRequest, service: Service, *, name: str, voice: Language) -> Json:
    """The work as a worker takes it: the question, and all that it would otherwise know from here."""
    return {
        "question": question.model_dump(mode="json", exclude_none=True),
        "today": service.today().isoformat(),
        "tables": None if service.tables.own is None else str(service.tables.own),
        "lang": voice.name,
        "machine": voice.machine,
        "name": name,
    }


def invoices(work: Json, data: bytes) -> Json:
    """Every invoice of a file, checked: ``answers``; or what is ``wrong``."""
    return _answered(work, lambda service, voice: _invoices(work, data, service, voice))


def certificates(work: Json, data: bytes) -> Json:
    """Every certificate of a saved answer, checked: ``answers``; or what is ``wrong``."""
    return _answered(work, lambda service, voice: _certificates(work, data, service, voice))


@lru_cache(maxsize=2)
def _tables(own: str | None) -> Tables:
    return Tables(own)


def load_all(own: str | None) -> None:
    """Load what the reading of any file needs, and the facts, once for all the workers that are forked from here."""
    for name in ("pypdf", "lxml.etree", "facturx", "python_calamine"):
        with suppress(ImportError):  # an extra that is not installed is told by the file that needs it
            importlib.import_module(name)
    work: Json = {
        "question": {},
        "today": "2026-01-01",
        "tables": own,
        "lang": "fr",
        "machine": False,
        "name": "a.csv",
    }
    expected = {"expected": {"tariffs": {str(_tables(own).schedules[-1].tariffs[0]): 1}, "turnover": "1"}}
    invoices({**work, "question": expected}, b"number;date;name;amount\r\n1;2026-01-01;a;1.00\r\n")
    certificates(work, b"{}")


def _answered(work: Json, check: Callable[[Service, Language], list[Json]]) -> Json:
    day = date.fromisoformat(work["today"])
    service = Service(_tables(work["tables"]), lambda: day)
    voice = Language(work["lang"], machine=work["machine"])
    try:
        with refused_by_field(), nullcontext() if work.get("pictures") else texts_alone():
            return {"answers": check(service, voice)}
    except PicturesError:
        return {"pictures": True}
    except RefusedError as refused:
        return {"wrong": [{"field": item.field, "reason": voice.say(item.reason)} for item in refused.wrong]}


def _invoices(work: Json, data: bytes, service: Service, voice: Language) -> list[Json]:
    from opqibi_rules.invoice.reading.invoice_file import found_in  # noqa: PLC0415 - a certificate does without

    question = understood(InvoiceRequest, work["question"])
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
            tables=service.tables,
        )

    found = found_in(data, work["name"], work["name"])
    if found.mistakes:  # a caller that has half an answer takes it for the whole
        raise FileError(work["name"], list(found.mistakes))
    checks = [check(bill) for bill in found.invoices]
    return [_with_letter(item, voice) for item in check_run(checks, service.tables.dispute_codes, check)]


def _with_letter(check: InvoiceCheck, voice: Language) -> Json:
    letter = Language(voice.name)
    return {
        **check.to_dict(voice.say, language=voice.name),
        "dispute_text": "\n\n".join(letter.say(paragraph) for paragraph in dispute_letter(check)) or None,
    }


def _certificates(work: Json, data: bytes, service: Service, voice: Language) -> list[Json]:
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
        ).to_dict(voice.say, language=voice.name)
        for answer, one in zip(answers, beside, strict=True)
    ]
