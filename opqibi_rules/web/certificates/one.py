"""« Certificat »: drop a file, read the verdict. The file is read apart, in memory, and forgotten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from opqibi_rules.certificate.papers.certificate_document import DIALECT_WORDS, STATUS_WORDS
from opqibi_rules.certificate.reading.firms_list import Brought
from opqibi_rules.certificate.requirement import parted
from opqibi_rules.desk.readings import certificate_file
from opqibi_rules.desk.refusals import RefusedError, Wrong
from opqibi_rules.desk.requests import CertificateRequest, understood
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.web.api import read_apart, service_of
from opqibi_rules.web.certificates.kept import brought, download, form_of, to_keep
from opqibi_rules.web.pages import CERTIFICATE, Tab, in_both_languages, render
from opqibi_rules.web.prices.question_form import Given
from opqibi_rules.web.problems import json_bytes
from opqibi_rules.web.uploads import CHOOSE_A_FILE, uploads_of
from opqibi_rules.web.waiting import shown_waiting

router = APIRouter(include_in_schema=False)

VERDICTS = {
    "valid": Message("Valid"),
    "not_valid": Message("Not valid"),
    "undetermined": Message("Undetermined"),
}
REQUIREMENTS = {"met": Message("met"), "unmet": Message("unmet"), "undetermined": Message("undetermined")}


def _chosen(files: object) -> None:
    if not files:
        raise RefusedError([Wrong("file", CHOOSE_A_FILE)])


@dataclass(frozen=True, slots=True)
class CertificateForm:
    """What the reader has typed about a certificate, as typed."""

    on: str = ""
    siren: str = ""
    requires: str = ""
    requires_rge: str = ""
    accept_probationary: bool = False
    fetched: str = ""

    def question(self) -> Json:
        """The question as the API takes it."""
        return {
            "on": self.on or None,
            "siren": self.siren or None,
            "requires": parted(self.requires),
            "requires_rge": parted(self.requires_rge),
            "accept_probationary": self.accept_probationary,
            "fetched": self.fetched or None,
        }

    @classmethod
    def read(cls, given: Given, today: str) -> "CertificateForm":
        """The form that an address, or a body, holds."""

        def text(name: str) -> str:
            return str(given.get(name, "")).strip()

        probationary = bool(text("accept_probationary"))
        asked = text("requires"), text("requires_rge"), probationary, text("fetched")
        return cls(text("on") or today, text("siren"), *asked)


@in_both_languages(router, CERTIFICATE)
async def certificate_page(voice: Language, request: Request) -> Response:
    """« Certificat », before a file is given."""
    return _certificate_answer(request, voice, _certificate_form(request, request.query_params))


@in_both_languages(router, CERTIFICATE, "POST")
@shown_waiting
async def checked_certificate(voice: Language, request: Request) -> Response:
    """The verdict on a certificate, as a page or as a file."""
    try:
        uploads = await uploads_of(request, most=1)
        files = brought(uploads)
    except RefusedError as refused:
        form = _certificate_form(request, FormData())
        return _certificate_answer(request, voice, form, wrong=refused.wrong)
    form = _certificate_form(request, uploads.fields)
    if not files and "language" in uploads.fields:
        return _certificate_answer(request, voice, form)
    try:
        _chosen(files)
        question = understood(CertificateRequest, form.question())
        kind = form_of(uploads.fields, FORMS)
        if kind is not None and kind != "json":
            workers, service = request.app.state.workers, service_of(request)
            data = await certificate_file(workers, question, service, files[0], voice=voice, form=kind)
            return download(data, CERTIFICATE.name, kind)
        answers = await read_apart(request, question, files[0].data, name=files[0].name, voice=voice)
    except RefusedError as refused:
        return _certificate_answer(request, voice, form, wrong=refused.wrong, files=files)
    if kind is not None:
        return download(json_bytes(answers[0] if len(answers) == 1 else answers), CERTIFICATE.name, kind)
    return _certificate_answer(request, voice, form, answers, files=files)


FORMS = ("pdf", "xlsx", "json", "csv")
"""Of files, in which the verdicts may be had."""


def _certificate_form(request: Request, given: Given) -> CertificateForm:
    return CertificateForm.read(given, service_of(request).today().isoformat())


def _certificate_answer(
    request: Request,
    voice: Language,
    form: CertificateForm,
    answers: Sequence[Json] | None = None,
    *,
    wrong: Sequence[Wrong] = (),
    files: Sequence[Brought] = (),
) -> Response:
    own: dict[str, object] = {
        "answers": answers,
        "verdicts": said(VERDICTS, voice),
        "statuses": said({str(status): word for status, word in STATUS_WORDS.items()}, voice),
        "dialects": said(DIALECT_WORDS, voice),
    }
    return page_of(
        request, CERTIFICATE, voice, own | {"form": form, "forms": FORMS}, wrong=wrong, files=files
    )


def page_of(
    request: Request,
    tab: Tab,
    voice: Language,
    own: Mapping[str, object],
    *,
    wrong: Sequence[Wrong],
    files: Sequence[Brought],
) -> Response:
    """The page of a tab about certificates: what is its own, what is wrong, and the files that it keeps."""
    context = {
        **own,
        "tab": tab.name,
        "kept": to_keep(files),
        "names": [file.name for file in files],
        "wrong": [
            {"input": (item.field or "").partition("[")[0] or None, "reason": voice.say(item.reason)}
            for item in wrong
        ],
        "requirements": said(REQUIREMENTS, voice),
    }
    return render(request, f"certificates/{tab.name}.html", voice, context, 422 if wrong else 200)


def said(words: dict[str, Message], voice: Language) -> dict[str, str]:
    """Words in a language."""
    return {key: voice.say(word) for key, word in words.items()}
