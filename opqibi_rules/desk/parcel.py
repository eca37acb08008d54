"""What was read of invoices, as it travels with the page that shows it, and comes back: the server keeps nothing.

A page, a scan or a photograph is read once: its words and its small pictures travel, and what a person confirms of it
is weighed against those words anew. Data travels as it came in. Whoever sends a parcel out seals it, and opens none
that he has not sealed: words that come back are those that were read.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from opqibi_rules.desk.value_names import in_words
from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.found import Found
from opqibi_rules.invoice.reading.invoice_file import documents_in, found_alone, found_enclosed
from opqibi_rules.invoice.reading.page.invoice import SYNTAX, invoice_of, is_open
from opqibi_rules.invoice.reading.page.reader import read_pages, settled
from opqibi_rules.invoice.reading.page.result import PageReading, Value
from opqibi_rules.messages import Message, Say
from opqibi_rules.paper.enclosed import Enclosed
from opqibi_rules.paper.pages.seen import Seen, seen
from opqibi_rules.paper.pages.words import Box, Page, Word
from opqibi_rules.paper.shape import Json
from opqibi_rules.paper.text import one_line

HEAVIEST = 12_000_000
"""Letters of a parcel: one that is heavier does not travel; with it, a page would not come back (21 MB)."""
MOST_SEEN = 12
"""Pictures of pages in one parcel."""
_PARTIES = frozenset({"seller", "buyer"})


@dataclass(frozen=True, slots=True)
class Carried:
    """One document, and what it holds."""

    name: str
    invoices: tuple[Invoice, ...] = ()
    data: bytes = b""
    """From which it is read anew; nothing where its words travel."""
    pictures: tuple[Seen, ...] = ()
    confirmed: Mapping[str, str] = field(default_factory=dict)
    """What a person said of its values."""
    none: str | None = None
    """Why it is no invoice."""
    unread: str | None = None
    """Why it cannot be read, wholly or in part: it may hold invoices."""


def carried(files: Sequence[tuple[str, bytes]], say: Say) -> list[Carried]:
    """The documents of files that came in together, each by its name; one that is wrong keeps none from its answer.

    Raises:
        FileError: the only file is no e-mail and no archive, and cannot be read, or is no invoice.
        RequestError: an extra is not installed.
    """
    left = MOST_SEEN
    found = []
    for document, held in _found(files):
        invoices, beside, mistakes = held
        for invoice in invoices[:1] if len(invoices) == 1 else ():
            pictures = tuple(_pictures(invoice, document, left))
            left -= len(pictures)
            data = b"" if _told_by_words(invoice) else document.data
            found.append(Carried(document.name, (invoice,), data, pictures))
        if len(invoices) > 1:
            found.append(Carried(document.name, invoices, document.data))
        found += [Carried(item.name, none=say(item.why)) for item in beside]
        if mistakes:
            why = " ".join(replace(item, file="").explain(say) for item in mistakes)
            found.append(Carried(document.name, unread=why))
    return found


def _found(files: Sequence[tuple[str, bytes]]) -> Iterator[tuple[Enclosed, Found]]:
    for name, data in files:
        try:
            documents = _documents(data, name)
        except FileError as error:
            if len(files) == 1:
                raise
            yield Enclosed(name), Found(mistakes=error.mistakes)
            continue
        if documents is None and len(files) == 1:
            yield Enclosed(name, data), found_alone(data, name, name)
        for document in (Enclosed(name, data),) if documents is None and len(files) > 1 else documents or ():
            yield document, found_enclosed(document)


def _documents(data: bytes, name: str) -> tuple[Enclosed, ...] | None:
    """As :func:`documents_in`, some at least.

    Raises:
        FileError: also an e-mail or an archive that holds none.
    """
    documents = documents_in(data, name, name)
    if documents == ():
        raise FileError(name, [Mistake(Message("none of the documents in it is an invoice."))])
    return documents


def _told_by_words(invoice: Invoice) -> bool:
    """Its words say all: it carries no data with which they were compared."""
    return (
        invoice.reading is not None
        and invoice.syntax == SYNTAX
        and not invoice.notes
        and not invoice.page_differs
    )


def _pictures(invoice: Invoice, document: Enclosed, most: int) -> Iterator[Seen]:
    """The pages on which its values stand."""
    if invoice.reading is None:
        return
    bearing = {value.place.page for value in invoice.reading if value.place is not None}
    yield from seen(
        document.data,
        document.name,
        [page for page in invoice.reading.pages if page.number in bearing][:most],
    )


def corrected(
    document: Carried, typed: Mapping[str, str], right: Sequence[str]
) -> tuple[Carried, Mapping[str, Message]]:
    """A document with what a person says of its values, as ``--confirm`` takes it; and what of that is wrong.

    Args:
        document: one that was read from its pages.
        typed: what stands in the field of each value; one that is as it was shown says nothing,
        right: unless the person says that it is right.
    """
    read, shown = document.invoices[0].reading, invoices_of(document)[0].reading
    if read is None or shown is None:
        return document, {}
    said, wrong = dict(document.confirmed), dict[str, Message]()
    for key, text in typed.items():
        try:
            if key in said and text:
                if is_open(read, key, text):
                    said[key] = text
            elif key in said:
                del said[key]
            elif text and _is_said(shown, key, text, right=key in right):
                said[key] = text
        except RequestError as error:
            wrong[key] = _at_its_field(error.message)
    return replace(document, confirmed=said), wrong


def _at_its_field(message: Message) -> Message:
    """What is wrong with a value, without the key that its field already names."""
    problem = message.values.get("problem")
    return problem if isinstance(problem, Message) else in_words(message)


def _is_said(shown: PageReading, key: str, text: str, *, right: bool) -> bool:
    """Whether the person says something of a value that is shown: another one, or that it is right."""
    known, said = shown.fields.get(key), settled(key, text)
    if known is not None and _visible(said) == _visible(known.value):
        return right and known.to_confirm
    return is_open(shown, key, text) or key in _PARTIES


def _visible(value: Value | None) -> Value | None:
    """A value as a form gives it back: a text without what cannot be seen."""
    return one_line(value) if isinstance(value, str) else value


def invoices_of(document: Carried) -> tuple[Invoice, ...]:
    """Its invoices, with what was said of the values that its words leave open."""
    reading = document.invoices[0].reading if document.invoices else None
    if reading is None or not document.confirmed:
        return document.invoices
    open_ = {key: text for key, text in document.confirmed.items() if is_open(reading, key, text)}
    (invoice,) = document.invoices
    read = invoice_of(read_pages(reading.pages, open_)) if open_ else invoice
    kept = replace(read, file=invoice.file, notes=invoice.notes, page_differs=invoice.page_differs)
    return (kept,)


def packed(documents: Sequence[Carried]) -> str | None:
    """The parcel, as text; ``None`` where it is too heavy to travel."""
    told = json.dumps([_document(item) for item in documents], separators=(",", ":"))
    text = b64encode(zlib.compress(told.encode(), 6)).decode()
    return text if len(text) <= HEAVIEST else None


def unpacked(text: bytes) -> list[Carried]:
    """What a parcel holds, its data read anew.

    Raises:
        RequestError: an extra is not installed.
    """
    return list(map(_opened, json.loads(zlib.decompress(b64decode(text)))))


def _document(document: Carried) -> Json:
    told: Json = {"name": document.name, "none": document.none, "unread": document.unread}
    if document.invoices:
        reading = document.invoices[0].reading
        told |= {
            "data": b64encode(document.data).decode(),
            "pages": [_page(page) for page in reading.pages] if reading and not document.data else None,
            "pictures": [[*item[:3], item.base64] for item in document.pictures],
            "confirmed": dict(document.confirmed),
        }
    return told


def _opened(told: Json) -> Carried:
    document = Carried(told["name"], none=told["none"], unread=told["unread"])
    if "data" not in told:
        return document
    data = b64decode(told["data"])
    if told["pages"] is None:
        invoices = found_enclosed(Enclosed(document.name, data)).invoices
    else:
        read = invoice_of(read_pages([_page_of(page) for page in told["pages"]]))
        invoices = (replace(read, file=document.name),)
    pictures = tuple(
        Seen(number, width, height, b64decode(picture)) for number, width, height, picture in told["pictures"]
    )
    return replace(document, invoices=invoices, data=data, pictures=pictures, confirmed=told["confirmed"])


def _page(page: Page) -> Json:
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "sure": page.sure,
        "stamped": page.stamped,
        **{
            name: [
                [word.text, word.box.left, word.box.top, word.box.right, word.box.bottom] for word in words
            ]
            for name, words in (("words", page.words), ("second", page.second))
        },
    }


def _page_of(told: Json) -> Page:
    words, second = (
        tuple(Word(text, Box(*box)) for text, *box in told[name]) for name in ("words", "second")
    )
    return Page(
        told["number"], told["width"], told["height"], words, told["sure"], second, tuple(told["stamped"])
    )
