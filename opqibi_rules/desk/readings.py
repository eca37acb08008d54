"""What a worker does with a file: read it, check it, and answer by JSON, in the reader's language.

It runs in a process of its own (:mod:`opqibi_rules.desk.worker`): a file that makes a parser run mad takes
nothing with it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from opqibi_rules.certificate.check import check_certificate
from opqibi_rules.desk.answering import Desk
from opqibi_rules.desk.questions import CertificateQuestion, InvoiceQuestion, understood
from opqibi_rules.desk.refusals import RefusedError
from opqibi_rules.errors import FileError, OpqibiError
from opqibi_rules.invoice.check import InvoiceCheck, check_invoice
from opqibi_rules.invoice.dispute import dispute_letter
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.run import check_run
from opqibi_rules.paper.language import Language
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.library import Tables

INVOICE = "opqibi_rules.desk.readings:invoice"
CERTIFICATE = "opqibi_rules.desk.readings:certificate"


def asked(question: Any, desk: Desk, *, lang: str, machine: bool, name: str) -> dict[str, Any]:
    """The work as a worker takes it: the question, and all that it would otherwise read from the server."""
    return {
        "question": question.model_dump(mode="json", exclude_none=True),
        "today": desk.today().isoformat(),
        "tables": None if desk.tables.own is None else str(desk.tables.own),
        "lang": lang,
        "machine": machine,
        "name": name,
    }


def invoice(work: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Every invoice of a file, checked: ``answers``; or what is ``wrong``."""
    return _answered(work, lambda desk, voice: _invoices(work, data, desk, voice))


def certificate(work: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Every certificate of a saved answer, checked: ``answers``; or what is ``wrong``."""
    return _answered(work, lambda desk, voice: _certificates(work, data, desk, voice))


def _answered(work: dict[str, Any], check: Callable[[Desk, Language], list[Any]]) -> dict[str, Any]:
    day = date.fromisoformat(work["today"])
    desk = Desk(Tables(work["tables"]), lambda: day)
    voice = Language(work["lang"], machine=work["machine"])
    try:
        return {"answers": check(desk, voice)}
    except RefusedError as refused:
        return {"wrong": [{"field": item.field, "reason": voice.say(item.reason)} for item in refused.wrong]}
    except FileError as error:
        return {"wrong": [{"field": "file", "reason": item.explain(voice.say)} for item in error.mistakes]}
    except OpqibiError as error:
        return {"wrong": [{"field": None, "reason": error.explain(voice.say)}]}


def _invoices(work: dict[str, Any], data: bytes, desk: Desk, voice: Language) -> list[Any]:
    from opqibi_rules.invoice.reading.invoice_file import invoices_in  # noqa: PLC0415 - a certificate does without

    question = understood(InvoiceQuestion, work["question"])
    known = desk.tables.schedules[0].in_force_from

    def due(bill: Invoice) -> Quote:
        """The price on the invoice's own day, never before the first schedule known."""
        on = question.expected.on or max(bill.issued or desk.today(), known)
        try:
            return desk.quote(question.expected.model_copy(update={"on": on}))
        except RefusedError as refused:
            raise RefusedError(
                [item._replace(field=item.field and f"expected.{item.field}") for item in refused.wrong]
            ) from None

    checks = [
        check_invoice(
            bill,
            expected=due(bill),
            tolerance=question.tolerance or 0,
            fees=question.fees,
            other_turnovers=question.other_turnovers,
            dated=question.expected.on is not None,
            tables=desk.tables,
        )
        for bill in (replace(found, file=work["name"]) for found in invoices_in(data, work["name"]))
    ]
    return [_told(check, voice) for check in check_run(checks, desk.tables.dispute_codes)]


def _told(check: InvoiceCheck, voice: Language) -> dict[str, Any]:
    letter = Language(voice.name)
    return {
        **check.to_dict(voice.say, language=voice.name),
        "dispute_text": "\n\n".join(letter.say(paragraph) for paragraph in dispute_letter(check)) or None,
    }


def _certificates(work: dict[str, Any], data: bytes, desk: Desk, voice: Language) -> list[Any]:
    from opqibi_rules.certificate.reading.certificate_answer import read_answers  # noqa: PLC0415 - an invoice does without

    question = understood(CertificateQuestion, work["question"])
    return [
        check_certificate(
            answer,
            on=question.on or desk.today(),
            siren=question.siren,
            requires=question.requires,
            requires_rge=question.requires_rge,
            accept_probationary=question.accept_probationary,
            tables=desk.tables,
        ).to_dict(voice.say, language=voice.name)
        for answer in read_answers(data, work["name"])
    ]
