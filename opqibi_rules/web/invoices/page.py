"""« Facture »: drop invoices, read the verdicts, correct what was read beside its picture, keep the answer.

Files are read apart, in memory. What was read goes out with the page, sealed, and comes back with what the reader
corrects or asks to keep: the server holds nothing between the two.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from opqibi_rules.desk.invoice_page import FORMS, Given, shown_apart
from opqibi_rules.desk.refusals import RefusedError, Wrong
from opqibi_rules.desk.requests import QuoteRequest
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message, plural
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.price.question import MAINLAND
from opqibi_rules.web.api import service_of
from opqibi_rules.web.certificates.kept import download, form_of
from opqibi_rules.web.invoices.reading_form import VALUE, mistake_of, reading_form
from opqibi_rules.web.page_parts import all_said, form_context
from opqibi_rules.web.pages import INVOICE, carried, in_both_languages, render
from opqibi_rules.web.prices.question_form import Given as FormGiven
from opqibi_rules.web.prices.question_form import QuestionForm
from opqibi_rules.web.problems import json_bytes
from opqibi_rules.web.shield import LONGER
from opqibi_rules.web.uploads import CHOOSE_A_FILE, Uploads, uploads_of
from opqibi_rules.web.waiting import shown_waiting

router = APIRouter(include_in_schema=False)

_MOST_FILES = 100
_MOST_FIELDS = 10_000
"""A value read from a page is one, or two where it is to be confirmed."""
_LONGEST_VALUE = 2000
_NOTHING_ASKED = Message("Say which qualifications were asked for.")
_BROKEN_SEAL = Message(
    "What was read before is known no more (the server has started anew): choose the file again."
)


class _Badge(NamedTuple):
    """How a verdict is shown."""

    word: Message
    look: str


_VERDICTS = {
    "conform": _Badge(Message("Conform"), "good"),
    "discrepancy": _Badge(Message("Discrepancy"), "bad"),
    "undetermined": _Badge(Message("Undetermined"), "warn"),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What came in with the form: the question, who bills, and what was read before, as this server sealed it."""

    form: QuestionForm
    seller: str
    parcel: str = ""
    typed: Mapping[int, Mapping[str, str]] = FrozenDict()
    right: Mapping[int, Sequence[str]] = FrozenDict()

    @classmethod
    def read(cls, request: Request, given: FormGiven) -> "_Asked":
        """From an address, or a body; the parcel is still to be trusted."""
        service = service_of(request)
        form = QuestionForm.read(QuoteRequest, given, service.tables, service.today())
        typed: dict[int, dict[str, str]] = {}
        for name in given:
            if (value := VALUE.fullmatch(name)) and len(text := str(given[name]).strip()) <= _LONGEST_VALUE:
                typed.setdefault(int(value[1]), {})[value[2]] = text
        right: dict[int, list[str]] = {}
        for ticked in map(str, given.getlist("right")):
            if value := VALUE.fullmatch(ticked):
                right.setdefault(int(value[1]), []).append(value[2])
        return cls(form, str(given.get("seller", "")).strip(), str(given.get("parcel", "")), typed, right)

    def given(self, files: Sequence[tuple[str, bytes]], kept: str | None) -> Given:
        """What the desk is asked."""
        expected = self.form.question()
        if (
            expected.get("vat") == MAINLAND
        ):  # what the form shows where nobody has chosen: nothing is stated by it
            del expected["vat"]
        question: Json = {"expected": expected}
        if self.seller:
            question["confirm"] = {"seller": self.seller}
        if files:
            return Given(question, files, form=kept)
        return Given(question, (), self.parcel, self.typed, self.right, kept)


@in_both_languages(router, INVOICE)
async def invoice_page(voice: Language, request: Request) -> Response:
    """« Facture », before a file is given."""
    return _page(request, voice, _Asked.read(request, request.query_params))


@in_both_languages(router, INVOICE, "POST")
@shown_waiting
async def checked_invoices(voice: Language, request: Request) -> Response:
    """The verdicts, to be shown or kept."""
    try:
        uploads = await uploads_of(request, most=_MOST_FILES, most_fields=_MOST_FIELDS)
    except RefusedError as refused:
        return _page(request, voice, _Asked.read(request, FormData()), wrong=refused.wrong)
    asked = _Asked.read(request, uploads.fields)
    rows_only = bool({"more", "without", "choose", "language"} & uploads.fields.keys())
    if not uploads.files and not asked.parcel:
        wrong = () if rows_only else (*_unasked(asked), Wrong("file", CHOOSE_A_FILE))
        return _page(request, voice, asked, wrong=wrong, more="more" in uploads.fields)
    try:
        return await _checked(request, voice, _trusted(request, asked, uploads.fields), uploads)
    except RefusedError as refused:
        return _page(request, voice, asked, wrong=refused.wrong)


async def _checked(request: Request, voice: Language, asked: _Asked, uploads: Uploads) -> Response:
    """What was given, checked; where the question is refused, what was read is shown all the same."""
    kept = form_of(uploads.fields, FORMS)
    if kept is not None and not asked.form.empty:
        try:
            made = await _shown(request, voice, asked.given(uploads.files, kept))
            return download(made if isinstance(made, bytes) else json_bytes(made["json"]), INVOICE.name, kept)
        except RefusedError:
            pass  # said on the page, at its field
    shown = await _shown(request, voice, asked.given(uploads.files, None))
    assert isinstance(shown, dict)
    wrong = _unasked(asked) or [
        Wrong(item["field"], Message("{problem}", problem=item["reason"])) for item in shown["refused"]
    ]
    if uploads.files:
        asked = replace(asked, typed={}, right={})
    return _page(request, voice, asked, shown, wrong=wrong, more="more" in uploads.fields)


async def _shown(request: Request, voice: Language, given: Given) -> Json | bytes:
    workers, service = request.app.state.workers, service_of(request)
    return await shown_apart(workers, given, service, voice=voice, longer=request.scope[LONGER])


def _unasked(asked: _Asked) -> list[Wrong]:
    return [Wrong("tariffs", _NOTHING_ASKED)] if asked.form.empty else []


def _trusted(request: Request, asked: _Asked, fields: FormData) -> _Asked:
    """The same, once its parcel is known to be ours.

    Raises:
        RefusedError: it is not; it may be that of the server before.
    """
    given = str(fields.get("seal", "")).encode("utf-8", "replace")
    if asked.parcel and not hmac.compare_digest(_seal(request, asked.parcel).encode(), given):
        raise RefusedError([Wrong("file", _BROKEN_SEAL)])
    return asked


def _seal(request: Request, parcel: str) -> str:
    return hmac.digest(request.app.state.seal, parcel.encode("utf-8", "replace"), "sha256").hex()


def _page(
    request: Request,
    voice: Language,
    asked: _Asked,
    shown: Json | None = None,
    *,
    wrong: Sequence[Wrong] = (),
    more: bool = False,
) -> Response:
    shown = shown or {"answers": [], "readings": [], "beside": [], "parcel": None, "mistaken": []}
    parcel = shown["parcel"]
    readings = [
        reading_form(item, asked.typed, asked.right, shown["mistaken"], voice) for item in shown["readings"]
    ]
    placed = [item._replace(field=_field(item.field)) for item in wrong]
    told = [
        *all_said(placed, asked.form, voice),
        *(mistake_of(item, voice) for item in shown["mistaken"]),
    ]
    context = {
        **form_context(asked.form, service_of(request), more=more),
        "tab": INVOICE.name,
        "carried": carried(f"{asked.form.address()}&start={asked.form.text('start')}"),
        "seller": asked.seller,
        "answers": shown["answers"],
        "verdicts": _VERDICTS,
        "checked": voice.say(
            plural("{n} invoice checked", "{n} invoices checked", n=len(shown["answers"]))
            if shown["answers"]
            else Message("No invoice was found")
        ),
        "readings": {item.place: item for item in readings},
        "beside": shown["beside"],
        "told": bool(shown["answers"] or shown["beside"]),
        "parcel": parcel,
        "seal": _seal(request, parcel) if parcel else "",
        "wrong": told,
    }
    return render(request, "invoices/invoice.html", voice, context, 422 if told else 200)


def _field(field: str | None) -> str | None:
    """The field of the form's question, where the desk's holds more."""
    if field is None or field.startswith("confirm"):
        return field and "seller"
    return field.removeprefix("expected.")
