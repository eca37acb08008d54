"""Invoices from JSON: our own form (what ``check-invoice`` gives back), or rows named as a spreadsheet's.

::

    {"number": "F-2026-12", "date": "2026-11-21", "seller": {"name": "OPQIBI"}, "buyer": "BE Exemple",
     "lines": [{"name": "Frais d’instruction, tarif 2", "quantity": 5, "amount": "300.00"}],
     "total_excl_vat": "300.00", "vat": "60.00", "total_incl_vat": "360.00"}

A list holds several invoices; ``lignes`` stands for ``lines``, and each heading of
:mod:`~opqibi_rules.invoice.reading.headings` for its field. Numbers are read from their digits.
"""

from collections.abc import Iterator

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.headings import field_named
from opqibi_rules.invoice.reading.rows import Row, invoices_from
from opqibi_rules.messages import Message
from opqibi_rules.paper.json_text import strict_json

_LINES = frozenset({"lines", "lignes", "items"})


def read_json(data: bytes, name: str) -> tuple[Invoice, ...]:
    """The invoices of a JSON file.

    Raises:
        FileError: not JSON, a key given twice, or every value that cannot be read, with its path.
    """
    content = strict_json(data, name)
    if isinstance(content, dict) and isinstance(content.get("invoice"), dict):
        content = content["invoice"]
    documents = content if isinstance(content, list) else [content]
    mistakes: list[Mistake] = []
    if any(isinstance(document, dict) and document.keys() & _LINES for document in documents):
        invoices = tuple(
            invoice
            for order, document in enumerate(documents)
            for invoice in invoices_from(_rows(document, f"$[{order}]", mistakes), "json", mistakes)
        )
    else:
        rows = (
            row
            for order, document in enumerate(documents)
            for row in _rows(document, f"$[{order}]", mistakes)
        )
        invoices = invoices_from(rows, "json", mistakes)
    if not invoices and not mistakes:
        mistakes.append(Mistake(Message("no invoice in it; see the documentation of the JSON form.")))
    if mistakes:
        raise FileError(name, mistakes)
    return invoices


def _rows(document: object, path: str, mistakes: list[Mistake]) -> Iterator[Row]:
    """One row for the whole, then one for each line."""
    if not isinstance(document, dict):
        mistakes.append(Mistake(Message("an object is expected: an invoice, or a line of one."), path))
        return
    whole: dict[str, object] = {}
    lines: list[object] = []
    for key, value in document.items():
        if key in _LINES and isinstance(value, list):
            lines = value
        elif isinstance(value, dict):
            whole |= _party(key, value)
        elif (field := field_named(key)) is not None:
            whole[field] = value
    yield Row(whole, path=path)
    for order, line in enumerate(lines):
        where = f"{path}.lines[{order}]"
        if isinstance(line, dict):
            fields = {field: value for key, value in line.items() if (field := field_named(key)) is not None}
            yield Row(fields, path=where)
        else:
            mistakes.append(Mistake(Message("an object is expected: a line of the invoice."), where))


def _party(key: str, value: dict[str, object]) -> dict[str, object]:
    role = field_named(key)
    if role not in {"seller", "buyer"}:
        return {}
    return {role if name == "name" else f"{role}_{name}": item for name, item in value.items()}
