"""Invoices from JSON: our own form (what ``check-invoice`` gives back), or rows named as a spreadsheet's.

::

    {"number": "F-2026-12", "date": "2026-11-21", "seller": {"name": "OPQIBI"}, "buyer": "BE Exemple",
     "lines": [{"name": "Frais d’instruction, tarif 2", "quantity": 5, "amount": "300.00"}],
     "total_excl_vat": "300.00", "vat": "60.00", "total_incl_vat": "360.00"}

A list holds several invoices; ``lignes`` stands for ``lines``, and each heading of
:mod:`~opqibi_rules.invoice.reading.headings` for its field. Numbers are read from their digits.
"""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.headings import field_named
from opqibi_rules.invoice.reading.rows import Row, invoices_from
from opqibi_rules.messages import Message

MAX_BYTES = 5_000_000

_LINES = frozenset({"lines", "lignes", "items"})


class _Number(str):
    """The digits of a JSON number."""

    __slots__ = ()


def read_json(data: bytes, name: str) -> tuple[Invoice, ...]:
    """The invoices of a JSON file.

    Raises:
        FileError: not JSON, a key given twice, or every value that cannot be read, with its path.
    """
    if len(data) > MAX_BYTES:
        message = Message("over {limit} MB of JSON: refused; split the file.", limit=MAX_BYTES // 10**6)
        raise FileError(name, [Mistake(message)])
    content = _parsed(data, name)
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


def _parsed(data: bytes, name: str) -> Any:
    try:
        return json.loads(
            data.decode("utf-8-sig"),
            parse_float=_Number,
            parse_int=_Number,
            parse_constant=_constant,
            object_pairs_hook=_once,
        )
    except json.JSONDecodeError as error:
        mistake = Mistake(Message("not JSON from here on."), line=error.lineno, column=error.colno)
    except UnicodeDecodeError:
        mistake = Mistake(Message("not in UTF-8; save the file as UTF-8."))
    except RecursionError:
        mistake = Mistake(Message("too many levels of JSON: refused."))
    except _RefusedError as refused:
        mistake = Mistake(refused.message)
    raise FileError(name, [mistake])


class _RefusedError(Exception):
    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


def _constant(text: str) -> NoReturn:
    raise _RefusedError(Message("{text} is not an amount.", text=text))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise _RefusedError(
            Message("a key is given twice in the same object: nobody can say which is meant.")
        )
    return content


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
