"""The door: pages in, what they say out; and the invoice that this makes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import AmountError, OpqibiError, RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.identifiers import compact
from opqibi_rules.invoice.model import CORRECTED_TYPES, CREDIT_NOTE_TYPES
from opqibi_rules.invoice.reading.page.accounts import accounts
from opqibi_rules.invoice.reading.page.head import MISSING, SEVERAL, Head, distinct, field_of
from opqibi_rules.invoice.reading.page.parties import Parties
from opqibi_rules.invoice.reading.page.remarks import holders, sentences
from opqibi_rules.invoice.reading.page.result import AMOUNTS, Candidate, Field, PageReading, State, Value
from opqibi_rules.invoice.reading.page.sheet import Sheet
from opqibi_rules.invoice.reading.page.table import Item, Lines, line_sets, product_of
from opqibi_rules.invoice.reading.page.table_heading import headings_of
from opqibi_rules.invoice.reading.page.totals import TOTALS, Announced, Sum, Totals
from opqibi_rules.invoice.reading.page.twice import agreed
from opqibi_rules.invoice.stamps import stamps_of
from opqibi_rules.messages import Message
from opqibi_rules.money import exactly, parse_amount
from opqibi_rules.paper.pages.figures import Figure
from opqibi_rules.paper.pages.words import Page, Place
from opqibi_rules.tables.library import shipped_tables
from opqibi_rules.tables.wording.pages import PageWording

DAY_KEYS = ("date", "due_date")
TEXT_KEYS = (
    "number",
    "type",
    "currency",
    "iban",
    *(f"{party}{suffix}" for party in ("seller", "buyer") for suffix in ("", "_siren", "_siret", "_vat_id")),
    "buyer_postcode",
    "buyer_country",
)
_CODED = {"type": "[0-9]{2,3}", "currency": "[A-Z]{3}", "buyer_country": "[A-Z]{2}"}
"""UNTDID 1001, ISO 4217 and ISO 3166-1, by their form."""
_STAMPED = Message("The page says that it may not be due.")
_NOT_DEDUCTED = Message("An amount is said to be paid already, and is not deducted.")
_PART = re.compile(r"(line|vat)\.([1-9][0-9]{0,2})\.([a-z_]+)")
_PARTS = {
    "line": ("name", "quantity", "unit_price", "price_quantity", "amount", "vat_rate"),
    "vat": ("rate", "taxable", "amount"),
}
_A_DAY = Message("write 2026-03-21 or 21/03/2026.")
_ALONE = Message("Its words announce it, and no sum of the document confirms it.")
_ONE = Message("One sum of the document confirms it; two are needed.")
NOT_ADDED = Message("The amounts of the lines do not come to the total excl. VAT.")
_NEGATIVE = Message("It calls itself an invoice, and its total is that of a credit note.")
_WHOSE_WORDS = Message("Some of these words may be those of the line before or after.")
_NO_PRODUCT = Message("Quantity × price is not the amount of the line.")


def read_pages(
    pages: Sequence[Page],
    confirmed: Mapping[str, str] = FrozenDict(),
    wording: PageWording | None = None,
) -> PageReading:
    """What the pages of one invoice say.

    Args:
        pages: its pages, in order; from a text layer, or from a picture (``sure`` is then false).
        confirmed: what a person says of a value, by key: it is believed, and the others are weighed with it.
        wording: the words by which pages announce values; those shipped by default.

    Raises:
        RequestError: a key that no invoice has, or a value that is none of its kind.
    """
    said = {key: settled(key, text) for key, text in confirmed.items()}
    sheet = Sheet(pages, wording or shipped_tables().page_wording)
    first = {found.key: found for found in _fields(sheet, said)}
    fields = {
        found.key: found
        for found in agreed(first, pages, [figure.value for figure in sheet.figures if figure.decimals == 2])
    }
    kind, taxed = fields.get("type"), fields.get("total_incl_vat")
    if kind and taxed and kind.value == "380" and isinstance(taxed.value, Decimal) and taxed.value < 0:
        fields["type"] = replace(kind, state=State.TO_CONFIRM, why=_NEGATIVE)
    stamped = tuple(_stamped(sheet, kind))
    stamps = stamps_of(shipped_tables().invoice_wording)
    untaxed = (text for text in sentences(sheet) if any(stamps.untaxed_in(text, sheet.wording)))
    remarks = tuple(dict.fromkeys((*stamped, *untaxed)))
    if stamped:
        due = fields.get("payable") or taxed or Field("payable", None, State.READ)
        fields["payable"] = replace(due, key="payable", state=State.TO_CONFIRM, why=_STAMPED)
    for key, value in said.items():
        known = fields.get(key)
        fields[key] = replace(known or Field(key, None, State.READ), value=value, state=State.READ, why=None)
    names = tuple(dict.fromkeys(holders(sheet)))
    return PageReading(FrozenDict(fields), tuple(pages), FrozenDict(confirmed), remarks, names)


def _stamped(sheet: Sheet, kind: Field | None) -> Iterator[str]:
    """The sentences that say, by the words shipped, that the document may not be due."""
    stamps = stamps_of(shipped_tables().invoice_wording)
    corrects = kind is not None and kind.value in CREDIT_NOTE_TYPES | CORRECTED_TYPES
    for text in dict.fromkeys(sentences(sheet)):
        if any(stamps.said_in(text, corrects=corrects, on_page=True)):
            yield text


def settled(key: str, text: str) -> Value:
    """What a person says of a value, as one of its kind.

    Raises:
        RequestError: a key that no invoice has, or a value that is none of its kind.
    """
    part = _PART.fullmatch(key)
    name = part[3] if part and part[3] in _PARTS[part[1]] else key
    try:
        if key in DAY_KEYS:
            return to_day(text.strip(), key) if "/" not in text else _french_day(text)
        if key in AMOUNTS or (part and name in {"unit_price", "amount", "taxable"}):
            return parse_amount(text)
        if part and name in {"quantity", "price_quantity", "rate", "vat_rate"}:
            number = parse_amount(text.strip().removesuffix("%"))
            return number / 100 if text.strip().endswith("%") else number
        if key in _CODED and not re.fullmatch(_CODED[key], text.strip()):
            raise AmountError("« {text} » is no such code; 381, EUR or DE, for instance.", text=text[:40])
        if (key in TEXT_KEYS or (part and name == "name")) and text.strip():
            return compact(text).upper() if key == "iban" else text.strip()
    except (OpqibiError, ValueError) as error:
        told = error.message if isinstance(error, OpqibiError) else _A_DAY
        raise RequestError("confirm {key}: {problem}", key=key, problem=told, field="confirm") from None
    raise RequestError(
        "confirm: « {given} »; one of {known} is expected, and its value.",
        given=f"{key}={text}"[:60],
        known=(*TEXT_KEYS, *DAY_KEYS, *AMOUNTS, "line.1.amount", "vat.1.rate"),
        field="confirm",
    )


def _french_day(text: str) -> date:
    day, month, year = text.strip().split("/")
    return date(int(year), int(month), int(day))


@exactly
def _fields(sheet: Sheet, said: Mapping[str, Value]) -> list[Field]:
    headings = headings_of(sheet)
    rows = frozenset(row for heading in headings for row in heading.rows)
    tables = line_sets(sheet, headings)
    pinned = {key: value for key, value in said.items() if isinstance(value, Decimal) and "." not in key}
    totals = Totals(sheet, headings, tables, pinned)
    return [
        *Head(sheet, rows).fields(),
        *_currency(sheet, totals),
        *_account(sheet),
        *Parties(sheet, rows).fields(),
        *_total_fields(totals),
        *_group_fields(totals.best),
        *_line_fields(totals, tables),
    ]


def _currency(sheet: Sheet, totals: Totals) -> Iterator[Field]:
    """The currency, where a sign or a code says it."""
    marked = [figure for figure in sheet.figures if figure.currency is not None and figure.decimals >= 2]
    if totals.best is not None:
        own = [figure for figure in marked if figure.value in totals.best.key]
        marked = own or marked
    found = distinct(
        Candidate(figure.currency, figure.text, figure.place)
        for figure in marked
        if figure.currency is not None
    )
    if not found:
        found = distinct(_named_currencies(sheet))
    if found:
        yield field_of("currency", found, SEVERAL if len(found) > 1 else None)


def _named_currencies(sheet: Sheet) -> Iterator[Candidate]:
    """« EUR », « CHF », « € » that stand by themselves, as in « Devise : EUR » or « Montant en € »."""
    codes = {"EUR": "EUR", "€": "EUR", "EUROS": "EUR", "CHF": "CHF", "USD": "USD", "GBP": "GBP"}
    for row in sheet.rows:
        for index, word in enumerate(row.words):
            for text in re.split(r"[^\w€]", word.text):
                if text.upper() in codes:
                    yield Candidate(codes[text.upper()], word.text, row.place(index, index + 1))


def _account(sheet: Sheet) -> Iterator[Field]:
    from stdnum import iban  # noqa: PLC0415 - only a page that is read pays for it

    right, others = accounts(sheet, lambda text: bool(iban.is_valid(text)))
    if right:
        yield field_of("iban", right, SEVERAL if len(right) > 1 else None)
    elif others:
        yield field_of("iban", others, Message("Its key is wrong: an account that does not exist."))


# The totals.

_ROLES = {
    "total_excl_vat": ("total_excl_vat", "total", "lines_total"),
    "vat": ("vat",),
    "total_incl_vat": ("total_incl_vat", "total", "payable"),
}


def _total_fields(totals: Totals) -> Iterator[Field]:
    best = totals.best
    for key in TOTALS:
        announced = [item for role in _ROLES[key] for item in totals.announced[role]]
        if best is not None:
            yield _confirmed_total(key, best.amount(key), announced, totals)
        else:
            yield _doubtful_total(key, announced, totals)
    yield from _settling(totals)


def _candidate(item: Announced) -> Candidate:
    return Candidate(item.value, item.figure.text, item.figure.place, item.label.text)


def _confirmed_total(key: str, value: Decimal, announced: Sequence[Announced], totals: Totals) -> Field:
    best = totals.best
    assert best is not None  # it is confirmed
    own = [_candidate(item) for item in announced if item.value == value]
    if not own and key == "vat" and len(best.groups) == 1:
        own = [Candidate(value, str(value), best.groups[0].amount.place)]
    others = distinct(_candidate(item) for item in announced if item.value != value)
    place, candidates = own[0].place if own else None, (*own[:1], *others[:_MOST_OTHERS])
    against = totals.against(key)
    if against is None:
        return Field(key, value, State.READ, place, candidates)
    why = Message(
        "« {label} » says {other:euro} elsewhere on the page.", label=against.label.text, other=against.value
    )
    return Field(key, value, State.TO_CONFIRM, place, candidates, why)


_MOST_OTHERS = 6


def _doubtful_total(key: str, announced: Sequence[Announced], totals: Totals) -> Field:
    partly, _ = totals.partial
    if key in partly:
        value = partly[key]
        own = [_candidate(item) for item in announced if item.value == value]
        return Field(key, value, State.READ, own[0].place if own else None, tuple(own[:1]))
    direct = [item for item in announced if key in item.label.roles]
    candidates = distinct(map(_candidate, direct or announced))[: _MOST_OTHERS + 1]
    return field_of(key, candidates, _doubt(totals, candidates, key))


def _doubt(totals: Totals, candidates: Sequence[Candidate], key: str) -> Message:
    """Why a total is not believed."""
    if not candidates:
        return MISSING
    if len(totals.confirmed) > 1:
        one, two = totals.confirmed[:2]
        return Message(
            "Two sums may be the totals: {one:euro} and {two:euro} incl. VAT.", one=one.taxed, two=two.taxed
        )
    amounts = {role: totals.values(role) for role in TOTALS}
    if all(len(values) == 1 for values in amounts.values()):
        untaxed, vat, taxed = (amounts[role][0] for role in TOTALS)
        if untaxed + vat != taxed:
            return Message(
                "{untaxed:euro} + {vat:euro} is {sum:euro}, and {taxed:euro} is written.",
                untaxed=untaxed,
                vat=vat,
                sum=untaxed + vat,
                taxed=taxed,
            )
    if any(item.amount(key) == candidates[0].value for item in totals.sums):
        return _ONE
    return _ALONE if len(candidates) == 1 else SEVERAL


def _settling(totals: Totals) -> Iterator[Field]:
    """What is paid already, and what is left to pay, where the page says so."""
    best = totals.best
    if best is not None and best.due is not None:
        if best.prepaid is not None:
            # However it is signed on the page, it is what the sum takes from the total.
            yield Field(
                "prepaid",
                abs(best.prepaid.value) if best.taxed > 0 else best.prepaid.value,
                State.READ,
                best.prepaid.figure.place,
                (_candidate(best.prepaid),),
            )
        paid = distinct(_candidate(item) for item in totals.not_deducted(best))
        if paid:
            yield field_of("prepaid", paid[: _MOST_OTHERS + 1], _NOT_DEDUCTED)
        yield field_of("payable", [_candidate(best.due)], _NOT_DEDUCTED if paid else None)
        return
    for key in ("prepaid", "payable"):
        found = distinct(_candidate(item) for item in totals.announced[key])
        if key == "prepaid" and not any(item.value for item in found):
            continue
        if found:
            yield field_of(key, found[: _MOST_OTHERS + 1], _ALONE if len(found) == 1 else SEVERAL)


def _group_fields(best: Sum | None) -> Iterator[Field]:
    if best is not None and best.rate is not None and not best.groups:
        for name, value in (("rate", best.rate), ("taxable", best.untaxed), ("amount", best.vat)):
            yield Field(f"vat.1.{name}", value, State.READ)
    for number, group in enumerate(best.groups if best else (), 1):
        place = group.base.row.place(0, len(group.base.row.words))
        yield Field(f"vat.{number}.rate", group.rate, State.READ, place)
        yield Field(f"vat.{number}.taxable", group.base.value, State.READ, group.base.place)
        yield Field(f"vat.{number}.amount", group.amount.value, State.READ, group.amount.place)


# The lines.


def _line_fields(totals: Totals, tables: Sequence[Lines]) -> Iterator[Field]:
    best = totals.best
    table = best.lines if best and best.lines else totals.partial[1]
    added = table is not None
    if table is None:
        table = max(tables, key=lambda item: len(item.items), default=None)
    if table is None:
        yield from _loose_lines(totals)
        return
    dropped = best.dropped if best and best.lines else frozenset[int]()
    items = [item for index, item in enumerate(table.items) if index not in dropped]
    for key, sign in (("allowances", -1), ("charges", 1)):
        extra = [item for item in items if item.extra == key]
        beside = [item for item in (best.adjustments if best else ()) if key in item.label.roles]
        if extra or beside:
            amount = sum((item.amount.value * sign for item in extra), Decimal(0))
            amount += sum((abs(item.value) for item in beside), Decimal(0))
            place = extra[0].amount.place if extra else beside[0].figure.place
            yield Field(
                key,
                amount,
                State.READ if added else State.TO_CONFIRM,
                place,
                (),
                None if added else NOT_ADDED,
            )
    for number, item in enumerate((item for item in items if item.extra is None), 1):
        yield from _fields_of_line(f"line.{number}", item, added=added)


def _loose_lines(totals: Totals) -> Iterator[Field]:
    """Words and an amount a row, as in a letter: lines where they come to the total excl. VAT; else to confirm."""
    best, loose = totals.best, totals.loose
    added = best is not None and sum((figure.value for figure in loose), Decimal(0)) == best.untaxed
    for number, figure in enumerate(loose, 1):
        row, key = figure.row, f"line.{number}"
        said = row.said(0, figure.start).rstrip(" .…·_-:")
        if said and added:
            place = row.place(0, figure.start)
            yield Field(f"{key}.name", said, State.TO_CONFIRM, place, (), _WHOSE_WORDS)
        state = State.READ if added else State.TO_CONFIRM
        yield Field(f"{key}.amount", figure.value, state, figure.place, (), None if added else NOT_ADDED)


def _fields_of_line(key: str, item: Item, *, added: bool) -> Iterator[Field]:
    place = Place(item.amount.row.page, item.amount.row.box)
    why = None if added else NOT_ADDED
    state = State.READ if added else State.TO_CONFIRM
    if item.name:
        doubt = why or (None if item.sure else _WHOSE_WORDS)
        yield Field(f"{key}.name", item.name, State.TO_CONFIRM if doubt else state, place, (), doubt)
    yield from _counted(key, item, why)
    yield Field(f"{key}.amount", item.amount.value, state, item.amount.place, (), why)
    rates = [figure for figure in item.figures.get("rate", ()) if _is_rate(figure)]
    if len({figure.value for figure in rates}) == 1:
        yield Field(f"{key}.vat_rate", rates[0].value, state, rates[0].place, (), why)


def _is_rate(figure: Figure) -> bool:
    return figure.text.endswith("%")


def _counted(key: str, item: Item, why: Message | None) -> Iterator[Field]:
    """Quantity and price of a line: where they make its amount, or where one stands alone under its heading."""
    product = product_of(item)
    quantities = [
        figure
        for figure in item.figures.get("quantity", ())
        if not _is_rate(figure) and figure.currency is None
    ]
    prices = [figure for figure in item.figures.get("unit_price", ()) if not _is_rate(figure)]
    state = State.READ if why is None else State.TO_CONFIRM
    if product is not None:
        for name, figure in (("quantity", product.quantity), ("unit_price", product.price)):
            yield Field(f"{key}.{name}", figure.value, state, figure.place, (), why)
        if product.per is not None:
            yield Field(f"{key}.price_quantity", product.per.value, state, product.per.place, (), why)
        return
    for name, figures, other in (("quantity", quantities, prices), ("unit_price", prices, quantities)):
        found = distinct(Candidate(figure.value, figure.text, figure.place) for figure in figures)
        if not found:
            continue
        alone = len(found) == 1 and not other and (name == "quantity" or found[0].value == item.amount.value)
        doubt = why or (None if alone else _NO_PRODUCT)
        yield field_of(f"{key}.{name}", found, doubt)
