"""« Certificat »: drop a file, read the verdict. The file is read apart, in memory, and forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from opqibi_rules.certificate.papers.certificate_document import DIALECT_WORDS, STATUS_WORDS
from opqibi_rules.desk.refusals import RefusedError, Wrong
from opqibi_rules.desk.requests import CertificateRequest, understood
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.web.api import read_apart, service_of
from opqibi_rules.web.pages import CERTIFICATE, in_both_languages, render
from opqibi_rules.web.question_form import Given
from opqibi_rules.web.uploads import CHOOSE_A_FILE, Upload, upload_of

router = APIRouter(include_in_schema=False)

_VERDICTS = {
    "valid": Message("Valid"),
    "not_valid": Message("Not valid"),
    "undetermined": Message("Undetermined"),
}
_REQUIREMENTS = {"met": Message("met"), "unmet": Message("unmet"), "undetermined": Message("undetermined")}


async def _upload(request: Request) -> tuple[Upload, list[Wrong]]:
    """What came in; and what is wrong where no file did."""
    try:
        return await upload_of(request, needed=False), []
    except RefusedError as refused:
        return Upload("", b"", FormData()), list(refused.wrong)


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

    def question(self) -> Json:
        """The question as the API takes it."""
        return {
            "on": self.on or None,
            "siren": self.siren or None,
            "requires": self.requires.replace(",", " ").split(),
            "requires_rge": self.requires_rge.replace(",", " ").split(),
            "accept_probationary": self.accept_probationary,
        }

    @classmethod
    def read(cls, given: Given, today: str) -> "CertificateForm":
        """The form that an address, or a body, holds."""

        def text(name: str) -> str:
            return str(given.get(name, "")).strip()

        probationary = bool(text("accept_probationary"))
        return cls(text("on") or today, text("siren"), text("requires"), text("requires_rge"), probationary)


@in_both_languages(router, CERTIFICATE)
async def certificate_page(voice: Language, request: Request) -> Response:
    """« Certificat », before a file is given."""
    return _certificate_answer(request, voice, _certificate_form(request, request.query_params))


@in_both_languages(router, CERTIFICATE, "POST")
async def checked_certificate(voice: Language, request: Request) -> Response:
    """The verdict on a certificate."""
    upload, wrong = await _upload(request)
    form = _certificate_form(request, upload.fields)
    if wrong:
        return _certificate_answer(request, voice, form, wrong=wrong)
    try:
        _chosen(upload)
        question = understood(CertificateRequest, form.question())
        answers = await read_apart(request, question, upload.data, name=upload.name, voice=voice)
    except RefusedError as refused:
        return _certificate_answer(request, voice, form, wrong=refused.wrong)
    return _certificate_answer(request, voice, form, answers)


def _certificate_form(request: Request, given: Given) -> CertificateForm:
    return CertificateForm.read(given, service_of(request).today().isoformat())


def _certificate_answer(
    request: Request,
    voice: Language,
    form: CertificateForm,
    answers: Sequence[Json] | None = None,
    *,
    wrong: Sequence[Wrong] = (),
) -> Response:
    shown = [
        {"input": (item.field or "").partition("[")[0] or None, "reason": voice.say(item.reason)}
        for item in wrong
    ]
    context = {
        "tab": CERTIFICATE.name,
        "form": form,
        "answers": answers,
        "wrong": shown,
        "verdicts": _said(_VERDICTS, voice),
        "requirements": _said(_REQUIREMENTS, voice),
        "statuses": _said({str(status): word for status, word in STATUS_WORDS.items()}, voice),
        "dialects": _said(DIALECT_WORDS, voice),
    }
    return render(request, "certificate.html", voice, context, 422 if wrong else 200)


def _said(words: dict[str, Message], voice: Language) -> dict[str, str]:
    return {key: voice.say(word) for key, word in words.items()}
