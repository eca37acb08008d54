"""The columns by which people write an invoice in a spreadsheet or in JSON, in French and in English.

Forgiving about names: accents, case, spaces and punctuation do not count, and each field has several. Strict
about values: an amount, a day or a rate that could be read two ways is refused, with its row. The whole
vocabulary is in the table « page_wording », and in the guide.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, NamedTuple

from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import AmountError
from opqibi_rules.identifiers import compact
from opqibi_rules.messages import Message
from opqibi_rules.money import EXACT, parse_amount
from opqibi_rules.paper.text import fold, plain_words
from opqibi_rules.tables.library import shipped_tables
from opqibi_rules.tables.wording.pages import Phrasebook, words_of

LINE_FIELDS = frozenset(
    {"id", "name", "description", "quantity", "unit_price", "amount", "vat_rate", "vat_category"}
)
TOTALS = frozenset({"total_excl_vat", "vat", "total_incl_vat", "rounding", "prepaid", "payable"})

_SUMS = frozenset({"total", "totaux", "totals", "totalgeneral", "grandtotal", "somme", "sum", "cumul"})
"""What a row that adds others up is labelled, and nothing else is."""
_SUM_OF = ("soustotal", "subtotal", "total")
"""How its label begins, where it says of what."""
_CARRIED = "carried"
_RATE_BEHIND = re.compile(r"[\s\d.,%:()à]+$")
_DAY = re.compile(r"(?P<day>[0-9]{1,2})[/.](?P<month>[0-9]{1,2})[/.](?P<year>[0-9]{4})")
_COUNT = re.compile(r"[-−]?[0-9]{1,12}(?:[.,][0-9]{1,6})?")
_RATE = re.compile(r"(?P<number>[0-9]{1,2}(?:[.,][0-9]{1,4})?|100)[ \u00a0\u202f]?(?P<sign>%?)")
_SMALLEST_PERCENT, _LARGEST_FRACTION = Decimal("0.9"), Decimal("0.3")
"""No rate is under 0,9 %, none over 30 %: what lies between could be read two ways."""


class ValueRefusedError(Exception):
    """A cell that does not hold what its column says; the reader of the file adds where."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


class BrokenCell(NamedTuple):
    """A cell of a workbook that should hold a value, and why it holds none."""

    message: Message


def field_named(heading: object) -> str | None:
    """The field that a heading names, if any.

    >>> field_named("Qté"), field_named("P.U. HT"), field_named("Numéro de facture"), field_named("Colour")
    ('quantity', 'unit_price', 'number', None)
    """
    return _fields().get(_folded(str(heading)))


@lru_cache(maxsize=4096)
def total_named(label: object) -> str | None:
    """The total that a row's label names, its rate and its colon aside.

    >>> total_named("TVA (20 %) :"), total_named("Total HT"), total_named("TVA du dossier")
    ('vat', 'total_excl_vat', None)
    >>> total_named("Solde à régler"), total_named("Acompte versé le 12/01/2026"), total_named("Acompte sur dossier")
    ('payable', 'prepaid', None)
    """
    named = field_named(_RATE_BEHIND.sub("", str(label)))
    if named in TOTALS:
        return named
    announced = _announced(str(label))
    return announced if announced in {"prepaid", "payable"} or is_sum(label) is False else None


@lru_cache(maxsize=4096)
def is_sum(label: object) -> bool | None:
    """Whether a row of this label adds others up; ``None`` where it does if it comes to what they do.

    >>> is_sum("TOTAL :"), is_sum("Total instruction"), is_sum("Instruction"), is_sum("Report page 1")
    (True, None, False, True)
    """
    folded = _folded(_RATE_BEHIND.sub("", str(label)))
    if folded in {*_SUMS, *_SUM_OF} or _announced(str(label)) == _CARRIED:
        return True
    return None if folded.startswith(_SUM_OF) else False


def _announced(label: str) -> str | None:
    """What a page announces by such a label, if what stands behind it changes nothing."""
    words = plain_words(label).split() if any(map(str.isalpha, label)) else []
    wording = shipped_tables().page_wording
    found = next(_book().found(words), None)
    if found is None or found.start or len(found.roles) > 1:
        return None
    behind = (word for word in words[found.stop :] if not any(map(str.isdigit, word)))
    return next(iter(found.roles)) if words_of(wording.sheet_beside).issuperset(behind) else None


@cache
def _book() -> Phrasebook:
    """How a page announces a total, or what is carried from page to page."""
    labels = shipped_tables().page_wording.labels
    return Phrasebook({role: phrases for role, phrases in labels.items() if role in {*TOTALS, _CARRIED}})


def _folded(text: str) -> str:
    """Letters, digits and the signs that change a meaning (n°, %), without accents, case or spaces."""
    plain = fold(text.replace("°", "o").replace("%", "percent"))
    return "".join(char for char in plain if char.isalnum())


@cache
def vocabulary() -> Mapping[str, tuple[str, ...]]:
    """Each field, and the headings that name it."""
    columns = shipped_tables().page_wording.sheet_columns
    return {field: (*phrases.fr, *phrases.en) for field, phrases in columns.items()}


@cache
def _fields() -> Mapping[str, str]:
    return {_folded(name): field for field, known in vocabulary().items() for name in (field, *known)}


@cache
def _types() -> Mapping[str, str]:
    types = shipped_tables().page_wording.sheet_types
    return {_folded(name): code for code, phrases in types.items() for name in (*phrases.fr, *phrases.en)}


def read_value(field: str, value: object) -> Any:
    """The value of a cell as its field wants it; ``None`` where the cell is empty.

    Raises:
        ValueRefusedError: anything else.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, BrokenCell):
        raise ValueRefusedError(value.message)
    return _READERS.get(field, _text)(value)


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a spreadsheet keeps the invoice number 2026001 as a float
    if isinstance(value, (date, datetime)):
        return value.isoformat()[:10]
    return str(value).strip()


def _amount(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueRefusedError(Message("« {text} » is not an amount in euros.", text=str(value)[:40]))
    try:
        return parse_amount(_number(value))
    except AmountError as error:
        raise ValueRefusedError(error.message) from None


def _number(value: object) -> str:
    """The text of a number; the shortest of a spreadsheet's own: 0.1, not 0.1000000000000000055."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    return str(value).strip()


def _count(value: object) -> Decimal:
    text = _number(value)
    if not _COUNT.fullmatch(text):
        raise ValueRefusedError(Message("« {text} » is not a quantity; write 5 or 2,5.", text=text[:40]))
    return Decimal(text.replace(",", ".").replace("−", "-"))


def _rate(value: object) -> Decimal:
    text = _number(value)
    match = _RATE.fullmatch(text)
    if match is not None:
        number = Decimal(match["number"].replace(",", "."))
        if match["sign"] or number > _SMALLEST_PERCENT:
            return EXACT.divide(number, Decimal(100))
        if number <= _LARGEST_FRACTION:
            return number
    raise ValueRefusedError(
        Message(
            "« {text} » is not a VAT rate, or could be read two ways; write 20 % or 0,20.", text=text[:40]
        )
    )


def _day(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    try:
        if match := _DAY.fullmatch(text):
            return date(int(match["year"]), int(match["month"]), int(match["day"]))
        return to_day(text)  # stricter than Python, which takes 2030010100 and 2026-W10-1 for days
    except ValueError:
        raise ValueRefusedError(
            Message("« {text} » is not a day; write 21/11/2026 or 2026-11-21.", text=text[:40])
        ) from None


def _currency(value: object) -> str:
    text = _text(value).upper()
    return "EUR" if text in {"€", "EURO", "EUROS"} else text


def _due_day(value: object) -> date | None:
    """The day it is due; words (« 30 jours fin de mois ») are terms, not a day."""
    try:
        return _day(value)
    except ValueRefusedError:
        return None


def _type(value: object) -> str:
    text = _text(value)
    code = _types().get(_folded(text), text)
    if not re.fullmatch("[0-9]{2,3}", code, re.ASCII):
        raise ValueRefusedError(
            Message("« {text} » is no type of document; write 380 (facture) or 381 (avoir).", text=text[:40])
        )
    return code


def _texts(value: object) -> tuple[str, ...]:
    """The texts of a list, or of one cell."""
    return tuple(map(_text, value)) if isinstance(value, list) else (_text(value),)


def _numbers(value: object) -> tuple[str, ...]:
    """The numbers of a list, or of a text that parts them by commas or semicolons."""
    numbers = value if isinstance(value, list) else re.split("[,;]", _text(value))
    return tuple(filter(None, map(_text, numbers)))


def _accounts(value: object) -> tuple[str, ...]:
    """The accounts of a list, or of a text that parts them by commas, semicolons or slashes."""
    accounts = value if isinstance(value, list) else re.split("[,;/]", _text(value))
    return tuple(filter(None, (compact(account).upper() for account in accounts)))


_READERS: Mapping[str, Callable[[object], Any]] = {
    "issued": _day,
    "ibans": _accounts,
    "currency": _currency,
    "due": _due_day,
    "type_code": _type,
    "quantity": _count,
    "vat_rate": _rate,
    "preceding": _numbers,
    "remarks": _texts,
    **dict.fromkeys((*TOTALS, "unit_price", "amount"), _amount),
}
