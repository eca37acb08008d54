"""Invoices from rows of named values, wherever they come from: CSV, XLSX or JSON.

One row is one line of an invoice; the rows that bear the same number are one invoice, and what they say of
the whole (date, client, totals) must agree. A row without a number goes on with the one above. A row whose
label names a total (« Total HT », « TVA », « Total TTC », « Net à payer ») is that total and no line. A file
without line columns gives one invoice a row, on totals only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from opqibi_rules.errors import Mistake
from opqibi_rules.invoice.model import Invoice, InvoiceLine, Party
from opqibi_rules.invoice.reading.headings import (
    LINE_FIELDS,
    NAMES,
    ValueRefusedError,
    read_value,
    total_named,
)
from opqibi_rules.messages import Message, Text
from opqibi_rules.paper.text import MOST_MISTAKES


@dataclass(frozen=True, slots=True)
class Row:
    """The values of one row by field, as they stand in the file, and where it stands."""

    values: Mapping[str, object]
    line: int | None = None
    path: str = ""


@dataclass(slots=True)
class _Gathered:
    """What the rows of one invoice have said so far."""

    whole: dict[str, Any] = field(default_factory=dict)
    lines: list[InvoiceLine] = field(default_factory=list)


def invoices_from(rows: Iterable[Row], syntax: str, mistakes: list[Mistake]) -> tuple[Invoice, ...]:
    """The invoices that the rows make up, in their order; what is wrong goes to ``mistakes``."""
    gathered: dict[str | None, _Gathered] = {}
    number: str | None = None
    for row in rows:
        if len(mistakes) >= MOST_MISTAKES:
            break
        values = _read(row, mistakes)
        if not values:
            continue
        number = values.pop("number", number)
        invoice = gathered.setdefault(number, _Gathered())
        line = {name: values.pop(name) for name in list(values) if name in LINE_FIELDS}
        total = total_named(line.get("name", ""))
        if total is not None and "quantity" not in line and "amount" in line:
            values[total] = line["amount"]
        elif line.keys() - {"id", "vat_rate", "vat_category"}:
            invoice.lines.append(InvoiceLine(**{"id": str(len(invoice.lines) + 1), **line}))
        for name, value in values.items():
            if invoice.whole.setdefault(name, value) != value:
                message = Message(
                    "{found} here, {known} above: one invoice has one {field}.",
                    found=str(value),
                    known=str(invoice.whole[name]),
                    field=Text(NAMES[name][0], name),
                )
                mistakes.append(Mistake(message, row.path, row.line))
    return tuple(_invoice(number, parts, syntax) for number, parts in gathered.items())


def _read(row: Row, mistakes: list[Mistake]) -> dict[str, Any]:
    values = {}
    for name, raw in row.values.items():
        try:
            value = read_value(name, raw)
        except ValueRefusedError as refused:
            path = f"{row.path}.{name}" if row.path else name
            mistakes.append(Mistake(refused.message, path, row.line))
        else:
            if value is not None:
                values[name] = value
    return values


def _invoice(number: str | None, parts: _Gathered, syntax: str) -> Invoice:
    whole = parts.whole
    return Invoice(
        number=number,
        issued=whole.get("issued"),
        type_code=whole.get("type_code"),
        currency=whole.get("currency", "EUR"),
        syntax=syntax,
        seller=_party(whole, "seller"),
        buyer=_party(whole, "buyer"),
        lines=tuple(parts.lines),
        total_excl_vat=whole.get("total_excl_vat"),
        vat=whole.get("vat"),
        total_incl_vat=whole.get("total_incl_vat"),
        prepaid=whole.get("prepaid"),
        payable=whole.get("payable"),
    )


def _party(whole: Mapping[str, Any], role: str) -> Party:
    return Party(
        name=whole.get(role),
        **{
            name: whole.get(f"{role}_{name}")
            for name in ("siren", "vat_id", "postcode", "country")
            if f"{role}_{name}" in whole
        },
    )
