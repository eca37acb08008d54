"""What the page about invoices shows, made apart: verdicts, readings with their pictures, and the parcel."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from opqibi_rules.desk.apart import Longer, answered, done_apart, work_on
from opqibi_rules.desk.parcel import Carried, carried, corrected, invoices_of, packed, unpacked
from opqibi_rules.desk.readings import checker_of, with_letter
from opqibi_rules.desk.refusals import RefusedError, refused_by_field
from opqibi_rules.desk.requests import InvoiceRequest, understood
from opqibi_rules.desk.service import Service
from opqibi_rules.desk.value_names import in_words
from opqibi_rules.desk.worker import Workers
from opqibi_rules.invoice.check import InvoiceCheck
from opqibi_rules.invoice.papers.invoice_document import check_document, checks_pdf, run_document
from opqibi_rules.invoice.reading.found import Beside, NoInvoiceShape
from opqibi_rules.invoice.reading.page.result import FieldShape
from opqibi_rules.invoice.run import check_run
from opqibi_rules.messages import Message
from opqibi_rules.money import plain
from opqibi_rules.paper.document import Document
from opqibi_rules.paper.document import shown as shown_cell
from opqibi_rules.paper.forms import CATALOGUE
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json, Voice

TASK = "opqibi_rules.desk.invoice_page:shown"
FORMS = ("json", "pdf", "xlsx", "csv")
"""What verdicts are made into."""


class Given(NamedTuple):
    """What somebody asks of the page."""

    question: Json
    """What was expected, as :class:`InvoiceRequest` takes it."""
    files: Sequence[tuple[str, bytes]] = ()
    """What came in, by name;"""
    parcel: str = ""
    """or what was read of it before."""
    typed: Mapping[int, Mapping[str, str]] = {}
    """By the place of a document in the parcel: what stands in the field of each value."""
    right: Mapping[int, Sequence[str]] = {}
    """The values of which the person says that they are right."""
    form: str | None = None
    """One of :data:`FORMS`; ``None``: to be shown."""


async def shown_apart(
    workers: Workers, given: Given, service: Service, *, voice: Language, longer: Longer | None = None
) -> Json | bytes:
    """What the page shows: ``answers``, ``readings``, ``beside``, ``parcel``; what of the question is ``refused``.

    Raises:
        RefusedError: the only file is no invoice, or cannot be read, or asks for too much.
    """
    work = work_on(given.question, service, name=given.form or "", voice=voice) | {
        "files": [[name, len(data)] for name, data in given.files],
        "typed": {str(place): dict(texts) for place, texts in given.typed.items()},
        "right": {str(place): list(keys) for place, keys in given.right.items()},
    }
    data = b"".join(data for _, data in given.files) or given.parcel.encode()
    return await done_apart(workers, TASK, work, data, longer)


def shown(work: Json, data: bytes) -> Json | bytes:
    """In a worker: the answer to :func:`shown_apart`."""
    return answered(work, lambda service, voice: _shown(work, data, service, voice))


def _shown(work: Json, data: bytes, service: Service, voice: Language) -> Json | bytes:
    documents = carried(_files(work["files"], data), voice.say) if work["files"] else unpacked(data)
    mistaken = []
    for place, typed in work["typed"].items():
        at = int(place)
        if at >= len(documents) or not _read(documents[at]):
            continue
        documents[at], wrong = corrected(documents[at], typed, work["right"].get(place, ()))
        mistaken += [{"place": at, "key": key, "reason": voice.say(why)} for key, why in wrong.items()]
    checks: Sequence[tuple[int, InvoiceCheck]] = ()
    refused: list[Json] = []
    try:
        with refused_by_field():
            checks = _checked(documents, understood(InvoiceRequest, work["question"]), service)
    except RefusedError as error:
        if work["name"]:
            raise
        refused = [{"field": item.field, "reason": voice.say(item.reason)} for item in error.wrong]
    if work["name"]:
        made_on = date.fromisoformat(work["today"])
        return _file(work["name"], [check for _, check in checks], documents, voice, made_on)
    return {
        "answers": [
            {**with_letter(check, voice), **_in_words(check, voice), "place": place}
            for place, check in checks
        ],
        "readings": [_reading(place, item, voice) for place, item in enumerate(documents) if _read(item)],
        "beside": [
            {"name": item.name, "none": item.none, "unread": item.unread}
            for item in documents
            if not item.invoices
        ],
        "parcel": packed(documents),
        "refused": refused,
        "mistaken": mistaken,
    }


def _in_words(check: InvoiceCheck, voice: Language) -> Json:
    """What a person is shown beside the answer: the verdict in words, total and gap, the sums of the comparison."""
    total = check.signed_total
    told = check_document(check).tables[0] if check.rows else None
    return {
        "summary": voice.say(in_words(check.summary)),
        "total": None if total is None else plain(total),
        "gap": plain(check.gap),
        "sums": [[shown_cell(cell, voice) for cell in told.rows[row][1:]] for row in sorted(told.strong)]
        if told
        else [],
    }


def _files(lengths: Sequence[tuple[str, int]], data: bytes) -> list[tuple[str, bytes]]:
    start, files = 0, []
    for name, length in lengths:
        files.append((name, data[start : start + length]))
        start += length
    return files


def _read(document: Carried) -> bool:
    return bool(document.invoices) and document.invoices[0].reading is not None


def _reading(place: int, document: Carried, voice: Language) -> Json:
    """The values of one document, and its pictures."""
    (invoice,) = invoices_of(document)
    return {
        "place": place,
        "file": document.name,
        "fields": [FieldShape.written(item, Voice(voice.say, voice.name)) for item in invoice.reading or ()],
        "confirmed": list(document.confirmed),
        "pages": [
            {"number": page.number, "width": page.width, "height": page.height, "picture": page.base64}
            for page in document.pictures
        ],
    }


def _checked(
    documents: Sequence[Carried], question: InvoiceRequest, service: Service
) -> Sequence[tuple[int, InvoiceCheck]]:
    """Every verdict, with the place of its document."""
    places, checks = [], []
    for place, document in enumerate(documents):
        said = {**question.confirm, **document.confirmed}
        check = checker_of(question.model_copy(update={"confirm": said}), service)
        for invoice in invoices_of(document):
            places.append(place)
            checks.append(check(invoice))
    run = check_run(checks, service.tables.dispute_codes, checker_of(question, service))
    return list(zip(places, run, strict=True))


def _file(
    form: str, checks: Sequence[InvoiceCheck], documents: Sequence[Carried], voice: Language, made_on: date
) -> Json | bytes:
    """The verdicts as a file: one alone, several as a run with what is no invoice and what was not read."""
    none = [Beside(item.name, Message("{problem}", problem=item.none)) for item in documents if item.none]
    unread = [
        Beside(item.name, Message("{problem}", problem=item.unread)) for item in documents if item.unread
    ]
    alone = len(checks) == 1 and not none and not unread
    if form == "json":
        told = [
            *(with_letter(check, voice) for check in checks),
            *(NoInvoiceShape.written(item, Voice(voice.say, voice.name)) for item in none),
            *({"schema_version": 1, "source": item.name, "error": voice.say(item.why)} for item in unread),
        ]
        return {"json": told[0] if alone else told}
    run = check_document(checks[0]) if alone else run_document(checks, none, unread)
    if form == "pdf":
        each: list[Document] = [] if alone else list(map(check_document, checks))
        return checks_pdf([run, *each], voice, made_on=made_on)
    write = CATALOGUE[form].sheet
    assert write is not None
    made = write(run, voice)
    return made if isinstance(made, bytes) else made.encode()
