"""« Facture » and « Certificat »: drop a file, read the verdict. The file is read apart, in memory, and forgotten."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from opqibi_rules.certificate.papers.certificate_document import DIALECT_WORDS, STATUS_WORDS
from opqibi_rules.desk.questions import CertificateQuestion, InvoiceQuestion, understood
from opqibi_rules.desk.readings import CERTIFICATE, INVOICE
from opqibi_rules.desk.refusals import RefusedError, Wrong
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.web.api import desk_of, read_apart
from opqibi_rules.web.page_parts import all_said, form_context, shown_answers
from opqibi_rules.web.pages import render, spoken
from opqibi_rules.web.quote_form import QuoteForm, Row
from opqibi_rules.web.uploads import CHOOSE_A_FILE, Upload, upload_of

router = APIRouter(include_in_schema=False)

_VERDICTS = {
    "valid": Message("Valid"),
    "not_valid": Message("Not valid"),
    "undetermined": Message("Undetermined"),
}
_REQUIREMENTS = {"met": Message("met"), "unmet": Message("unmet"), "undetermined": Message("undetermined")}


@router.get("/facture")
async def invoice_fr(request: Request) -> Response:
    """« Facture », before a file is given."""
    return _invoice_page(request, "fr", _quote_form(request, request.query_params))


@router.get("/en/invoice")
async def invoice_en(request: Request) -> Response:
    """The same, in English."""
    return _invoice_page(request, "en", _quote_form(request, request.query_params))


@router.post("/facture")
async def checked_fr(request: Request) -> Response:
    """The verdict on an invoice."""
    return await _checked_invoice(request, "fr")


@router.post("/en/invoice")
async def checked_en(request: Request) -> Response:
    """The same, in English."""
    return await _checked_invoice(request, "en")


def _quote_form(request: Request, given: Any) -> QuoteForm:
    tariffs = desk_of(request).tables.schedules[-1].tariffs
    return QuoteForm.read(given, tariffs, "")


def _invoice_page(
    request: Request, lang: str, form: QuoteForm, answers: Any = None, wrong: Any = (), *, more: bool = False
) -> Response:
    context = form_context(form, desk_of(request))
    if more:
        context["rows"] = [*form.rows, Row()]
    shown = all_said(wrong, form, spoken(lang))
    status = 422 if wrong else 200
    return render(
        request,
        "invoice.html",
        lang=lang,
        status=status,
        tab="invoice",
        answers=answers,
        wrong=shown,
        **context,
    )


async def _checked_invoice(request: Request, lang: str) -> Response:
    upload, wrong = await _upload(request)
    form = _quote_form(request, upload.fields)
    if "more" in upload.fields or "without" in upload.fields:
        return _invoice_page(request, lang, form, more="more" in upload.fields)
    if wrong:
        return _invoice_page(request, lang, form, wrong=wrong)
    try:
        _complete(upload, form)
        question = understood(InvoiceQuestion, {"expected": form.question()})
        answers = await read_apart(
            request, INVOICE, question, upload.name, upload.data, lang=lang, machine=False
        )
    except RefusedError as refused:
        wrong = [
            item._replace(field=(item.field or "").removeprefix("expected.") or None)
            for item in refused.wrong
        ]
        return _invoice_page(request, lang, form, wrong=wrong)
    return _invoice_page(request, lang, form, answers)


async def _upload(request: Request) -> tuple[Upload, list[Wrong]]:
    """What came in; and what is wrong where no file did."""
    try:
        return await upload_of(request, needed=False), []
    except RefusedError as refused:
        return Upload("", b"", FormData()), list(refused.wrong)


def _complete(upload: Upload, form: QuoteForm) -> None:
    if form.empty:
        raise RefusedError([Wrong("tariffs", Message("Say which qualifications were asked for."))])
    _chosen(upload)


def _chosen(upload: Upload) -> None:
    if not upload.name:
        raise RefusedError([Wrong("file", CHOOSE_A_FILE)])


@dataclass(frozen=True, slots=True)
class CertificateForm:
    """What the reader has typed about a certificate, as typed."""

    on: str = ""
    siren: str = ""
    requires: str = ""
    requires_rge: str = ""
    accept_probationary: bool = False

    def question(self) -> dict[str, Any]:
        """The question as the API takes it."""
        return {
            "on": self.on or None,
            "siren": self.siren or None,
            "requires": self.requires.replace(",", " ").split(),
            "requires_rge": self.requires_rge.replace(",", " ").split(),
            "accept_probationary": self.accept_probationary,
        }

    @classmethod
    def read(cls, given: Any, today: str) -> "CertificateForm":
        """The form that an address, or a body, holds."""

        def text(name: str) -> str:
            return str(given.get(name, "")).strip()

        probationary = bool(text("accept_probationary"))
        return cls(text("on") or today, text("siren"), text("requires"), text("requires_rge"), probationary)


@router.get("/certificat")
async def certificate_fr(request: Request) -> Response:
    """« Certificat », before a file is given."""
    return _certificate_page(request, "fr", _certificate_form(request, request.query_params))


@router.get("/en/certificate")
async def certificate_en(request: Request) -> Response:
    """The same, in English."""
    return _certificate_page(request, "en", _certificate_form(request, request.query_params))


@router.post("/certificat")
async def certificate_checked_fr(request: Request) -> Response:
    """The verdict on a certificate."""
    return await _checked_certificate(request, "fr")


@router.post("/en/certificate")
async def certificate_checked_en(request: Request) -> Response:
    """The same, in English."""
    return await _checked_certificate(request, "en")


def _certificate_form(request: Request, given: Any) -> CertificateForm:
    return CertificateForm.read(given, desk_of(request).today().isoformat())


def _certificate_page(
    request: Request, lang: str, form: CertificateForm, answers: Any = None, wrong: Any = ()
) -> Response:
    voice = spoken(lang)
    shown = [
        {"input": (item.field or "").partition("[")[0] or None, "reason": voice.say(item.reason)}
        for item in wrong
    ]
    return render(
        request,
        "certificate.html",
        lang=lang,
        status=422 if wrong else 200,
        tab="certificate",
        form=form,
        answers=answers,
        wrong=shown,
        verdicts=_said(_VERDICTS, voice),
        requirements=_said(_REQUIREMENTS, voice),
        statuses=_said({str(status): word for status, word in STATUS_WORDS.items()}, voice),
        dialects=_said(DIALECT_WORDS, voice),
    )


def _said(words: dict[str, Message], voice: Language) -> dict[str, str]:
    return {key: voice.say(word) for key, word in words.items()}


async def _checked_certificate(request: Request, lang: str) -> Response:
    upload, wrong = await _upload(request)
    form = _certificate_form(request, upload.fields)
    if wrong:
        return _certificate_page(request, lang, form, wrong=wrong)
    try:
        _chosen(upload)
        question = understood(CertificateQuestion, form.question())
        answers = await read_apart(
            request, CERTIFICATE, question, upload.name, upload.data, lang=lang, machine=False
        )
    except RefusedError as refused:
        return _certificate_page(request, lang, form, wrong=refused.wrong)
    return _certificate_page(request, lang, form, shown_answers(answers))
