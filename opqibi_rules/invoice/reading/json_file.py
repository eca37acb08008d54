"""Invoices from JSON: as a check shows them, or named as the columns of a spreadsheet.

::

    {"number": "F-2026-12", "date": "2026-11-21", "seller": {"name": "OPQIBI"}, "buyer": "BE Exemple",
     "lines": [{"name": "Frais d’instruction, tarif 2", "quantity": 5, "amount": "300.00"}],
     "total_excl_vat": "300.00", "vat": "60.00", "total_incl_vat": "360.00"}

A list holds several invoices; ``lignes`` stands for ``lines``, and each heading of
:mod:`~opqibi_rules.invoice.reading.headings` for its field. Numbers are read from their digits. What a check shows
says what it was read from (``syntax``), and is read back as it was:
:mod:`~opqibi_rules.invoice.reading.own_form`.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.headings import field_named, vocabulary
from opqibi_rules.invoice.reading.own_form import is_own_form, read_own_form, unread_keys
from opqibi_rules.invoice.reading.rows import Gathering, Row, Values
from opqibi_rules.messages import Message
from opqibi_rules.paper.json_text import strict_json

_LINES = frozenset({"lines", "lignes", "items"})


def read_json(data: bytes, name: str) -> tuple[Invoice, ...]:
    """The invoices of a JSON file.

    Raises:
        FileError: not JSON, a key given twice, or every value that cannot be read, with its path.
    """
    content = strict_json(data, name)
    documents = [_invoice_of(document) for document in (content if isinstance(content, list) else [content])]
    found = Gathering("json")
    apart = any(isinstance(document, dict) and document.keys() & _LINES for document in documents)
    rows = []
    for order, document in enumerate(documents):
        path = f"$[{order}]"
        if is_own_form(document):
            found.put(read_own_form(document, path))
        elif apart:
            found.add(_rows(document, path))
        else:
            rows.append(_rows(document, path))
    found.add(chain.from_iterable(rows))
    return found.all(name, Message("no invoice in it; see the documentation of the JSON form."))


def _invoice_of(document: Any) -> Any:
    """The invoice, where it stands in the answer of a check."""
    inside = document.get("invoice") if isinstance(document, dict) else None
    return inside if isinstance(inside, dict) else document


def _rows(document: object, path: str) -> Iterator[Row]:
    """One row for the whole, then one for each line."""
    if not isinstance(document, dict):
        wrong = Message("an object is expected: an invoice, or a line of one.")
        yield Row({}, path=path, wrong=wrong)
        return
    whole: Values = {}
    lines: list[object] = []
    unread: list[str] = []
    for key, value in document.items():
        named = field_named(key)
        if key in _LINES and isinstance(value, list):
            lines = value
        elif isinstance(value, dict) and named in {"seller", "buyer"}:
            whole |= {named if name == "name" else f"{named}_{name}": item for name, item in value.items()}
        elif named not in {None, "remarks"} and not isinstance(value, dict):
            whole[named] = value
        elif value and not (key == "file" or (key == "reading" and not _is_open(value))):
            unread.append(key)
    yield Row(
        whole,
        path=path,
        wrong=unread_keys([*unread, *(key for key in whole if key not in vocabulary() and whole[key])]),
    )
    for order, line in enumerate(lines):
        where = f"{path}.lines[{order}]"
        if isinstance(line, dict) and line.get("kind") not in {"group", "information"}:
            fields = {field_named(key): value for key, value in line.items()}
            unread = [
                key for key, value in line.items() if value and field_named(key) is None and key != "kind"
            ]
            values = {name: value for name, value in fields.items() if name is not None}
            yield Row(values, path=where, wrong=unread_keys(unread))
        elif isinstance(line, dict):
            continue  # what our own form says to add up with nothing
        else:
            wrong = Message("an object is expected: a line of the invoice.")
            yield Row({}, path=where, wrong=wrong)


def _is_open(reading: object) -> bool:
    """Whether a page left something to confirm, as our own form says it."""
    fields = reading if isinstance(reading, list) else [reading]
    return any(not isinstance(item, dict) or item.get("to_confirm") for item in fields)
