"""« Certificats »: many firms and the answers about them, each with its verdict; read apart, in memory, forgotten."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from opqibi_rules.certificate.papers.firms_document import ENDING_WORDS
from opqibi_rules.certificate.reading.firms_list import Brought
from opqibi_rules.desk.readings import firms_apart
from opqibi_rules.desk.refusals import RefusedError, Wrong
from opqibi_rules.desk.requests import CertificatesRequest, understood
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.web.api import service_of
from opqibi_rules.web.certificates.kept import brought, download, form_of
from opqibi_rules.web.certificates.one import VERDICTS, CertificateForm, page_of, said
from opqibi_rules.web.pages import CERTIFICATES, in_both_languages
from opqibi_rules.web.prices.question_form import Given, number_typed
from opqibi_rules.web.problems import json_bytes
from opqibi_rules.web.uploads import uploads_of
from opqibi_rules.web.waiting import shown_waiting

router = APIRouter(include_in_schema=False)
FORMS = ("pdf", "xlsx", "ics", "json", "csv")
"""Of files, in which the verdicts may be had."""
_MOST_FILES = 500
_LISTS = {".csv", ".xlsx", ".tsv"}
_VERDICTS = {**VERDICTS, "unreadable": Message("Unreadable")}


@dataclass(frozen=True, slots=True)
class CertificatesForm:
    """What the reader has typed about firms, as typed."""

    asked: CertificateForm
    sirens: str = ""
    within: str = ""

    @classmethod
    def read(cls, given: Given, today: str) -> "CertificatesForm":
        """The form that an address, or a body, holds."""
        asked = replace(CertificateForm.read(given, today), siren="")
        return cls(asked, str(given.get("sirens", "")).strip(), str(given.get("within", "")).strip())

    def question(self) -> Json:
        """The question as the API takes it."""
        asked = {name: value for name, value in self.asked.question().items() if name != "siren"}
        return {**asked, "within": number_typed(self.within) if self.within else None}

    def firms(self, files: Sequence[Brought]) -> tuple[Brought | None, list[Brought]]:
        """The list of firms, typed or among the files, and the answers.

        Raises:
            RefusedError: two lists, or nothing at all.
        """
        lists = [file for file in files if PurePath(file.name).suffix.lower() in _LISTS]
        answers = [file for file in files if file not in lists]
        if self.sirens:
            lists.append(Brought("list", _as_list(self.sirens).encode()))
        if len(lists) > 1:
            message = Message("one list is expected: a file, or what is typed; not both.")
            raise RefusedError([Wrong("file" if len(files) > 1 else "sirens", message)])
        if not answers:
            message = Message("Choose the saved answers about the firms.")
            raise RefusedError([Wrong("file", message)])
        return lists[0] if lists else None, answers


def _as_list(typed: str) -> str:
    """What is typed as a CSV: a SIREN a line, or a table with its own first line."""
    if re.search("siren|siret", typed.partition("\n")[0].lower()):
        return typed
    return "\n".join(["siren", *filter(None, map(str.strip, re.split("[\n,;\t]", typed)))])


@in_both_languages(router, CERTIFICATES)
async def certificates_page(voice: Language, request: Request) -> Response:
    """« Certificats », before any file is given."""
    return _page(request, voice, _form(request, request.query_params))


@in_both_languages(router, CERTIFICATES, "POST")
@shown_waiting
async def checked_certificates(voice: Language, request: Request) -> Response:
    """The verdicts, as a page or as a file."""
    try:
        uploads = await uploads_of(request, most=_MOST_FILES)
        files = brought(uploads)
    except RefusedError as refused:
        return _page(request, voice, _form(request, FormData()), wrong=refused.wrong)
    form, kind = _form(request, uploads.fields), form_of(uploads.fields, FORMS)
    if not files and "language" in uploads.fields:
        return _page(request, voice, form)
    try:
        question = understood(CertificatesRequest, form.question())
        listed, answers = form.firms(files)
        made = await firms_apart(
            request.app.state.workers,
            question,
            service_of(request),
            listed=listed,
            brought=answers,
            voice=voice,
            form=None if kind == "json" else kind,
        )
    except RefusedError as refused:
        return _page(request, voice, form, wrong=refused.wrong, files=files)
    if kind is not None:
        return download(made if isinstance(made, bytes) else json_bytes(made), CERTIFICATES.name, kind)
    assert isinstance(made, dict)
    return _page(request, voice, form, made, files=files)


def _form(request: Request, given: Given) -> CertificatesForm:
    return CertificatesForm.read(given, service_of(request).today().isoformat())


def _page(
    request: Request,
    voice: Language,
    form: CertificatesForm,
    answer: Json | None = None,
    *,
    wrong: Sequence[Wrong] = (),
    files: Sequence[Brought] = (),
) -> Response:
    own: dict[str, object] = {
        "answer": answer,
        "verdicts": said(_VERDICTS, voice),
        "endings": said({str(kind): words for kind, words in ENDING_WORDS.items()}, voice),
    }
    return page_of(
        request, CERTIFICATES, voice, own | {"form": form, "forms": FORMS}, wrong=wrong, files=files
    )
