"""Numbers of a workbook that it shows as more than themselves: « 350 k€ », « $350 », « 01000 ».

The reader of sheets gives the number alone, and 350 shown as « 350 k€ » would be three hundred and fifty euros: where
the look of a cell says another unit than it holds, or zeros that it does not, the cell is made the text that is seen.
"""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from html import escape, unescape
from math import isfinite
from typing import NamedTuple

from opqibi_rules.money import exactly

STYLES = "xl/styles.xml"
"""The part of a workbook that says how numbers are shown."""
_TENS = {
    3: ("k", "t", "millier", "milliers", "mille", "thousand", "thousands", "000", "'000"),
    6: ("m", "mn", "mio", "million", "millions", "000 000"),
    9: ("md", "mds", "mrd", "milliard", "milliards", "bn", "billion", "billions"),
}
_SCALES = {word: tens for tens, words in _TENS.items() for word in words}
_EUROS = {"€", "eur", "euro", "euros"}
_BESIDE = re.compile(r"\s+(?:ht|ttc)$|^(?:d['’]|(?:de|en|in)\s+)|\s*(?:/|par\b|per\b).*")
"""What is said of an amount beside its money: « en k€ HT / an »."""
_STYLE = re.compile(rb"<(?:\w+:)?numFmt\b[^<>]*>")
_CELL_STYLES = re.compile(rb"</?(?:\w+:)?cellXfs\b")
_CELL_STYLE = re.compile(rb"<(?:\w+:)?xf\b[^<>]*>")
_PART = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<one>.)|[_*].|\[\$(?P<money>[^\]-]*)[^\]]*\]|\[[^\]]*\]|(?P<bare>.)', re.DOTALL
)
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]*)</")
_OF_A_DAY = set("dmyhsjaDMYHSJA")


class Look(NamedTuple):
    """How numbers are shown."""

    unit: str = ""
    """What stands beside them."""
    thousands: int = 0
    """By how many thousands they are divided."""
    digits: int = 0
    """How many there are at least, zeros before them."""

    @exactly
    def text_of(self, number: Decimal) -> str | None:
        """What is seen of a number; ``None``: what it is."""
        if self.unit:
            return f"{(number / 1000**self.thousands).normalize():f} {self.unit}"
        text = f"{number.normalize():f}"
        return text.zfill(self.digits) if text.isdigit() and len(text) < self.digits else None


def looks_of(styles: bytes) -> dict[int, Look]:
    """By the number of a cell's style, those that show more than a number; ``styles``: that part of a workbook."""
    codes = {
        _attribute(found[0], "numFmtId"): unescape(code)
        for found in _STYLE.finditer(styles)
        if (code := _attribute(found[0], "formatCode"))
    }
    start, end, *_ = *(found.start() for found in _CELL_STYLES.finditer(styles)), len(styles), len(styles)
    each = _CELL_STYLE.finditer(styles, start, end)
    looks = {at: look_of(codes.get(_attribute(found[0], "numFmtId"), "")) for at, found in enumerate(each)}
    return {at: look for at, look in looks.items() if look is not None}


def look_of(code: str) -> Look | None:
    """What a number format shows beside the number; ``None``: nothing that changes what it is.

    >>> look_of('#,##0 "k€"'), look_of('#,##0, "k€"'), look_of('00000')
    (Look(unit='k€', thousands=0, digits=0), None, Look(unit='', thousands=0, digits=5))
    """
    beside, bare = "", ""
    for part in _PART.finditer(code):
        if part["bare"] == ";":
            break  # those of other numbers
        beside += part["quoted"] or part["one"] or part["money"] or ""
        if part["bare"]:
            sign = unicodedata.category(part["bare"]) == "Sc"
            beside, bare = beside + part["bare"] * sign, bare + part["bare"] * (not sign)
    if _OF_A_DAY & {*bare}:
        return None
    if re.fullmatch("00+", bare) and not beside.strip():
        return Look(digits=len(bare))
    digits = re.search("[0#?](,*)(?!.*[0#?])", bare, re.DOTALL)
    unit, thousands = " ".join(beside.split()), len(digits[1]) if digits else 0
    told = _scale_of(unit)
    if told is None or not digits or (told.of_euros and told.tens in {0, 3 * thousands}):
        return None
    return Look(unit, thousands)


class _Scale(NamedTuple):
    tens: int
    of_euros: bool


def _scale_of(unit: str) -> _Scale | None:
    """What a unit counts money in, « k€ » in thousands of euros; ``None``: it is none of money."""
    text = _BESIDE.sub("", unit.casefold())
    for word, tens in sorted(_SCALES.items(), key=lambda each: -len(each[0])):
        for left in (text.removeprefix(word), text.removesuffix(word)):  # « k€ », « €k »
            if left == text:
                continue
            money = _BESIDE.sub("", left.strip())
            if money in _EUROS or (not money and unit not in {"m", "t", "T"}):  # metres, tonnes
                return _Scale(tens, of_euros=True)
            if _is_other_money(money, unit):
                return _Scale(tens, of_euros=False)
    return _Scale(0, of_euros=False) if text not in _EUROS and _is_other_money(text, unit) else None


def _is_other_money(text: str, unit: str) -> bool:
    """Another currency than the euro, by its sign or by its code of ISO 4217, in capitals."""
    if not text or any(unicodedata.category(char) == "Sc" for char in text.replace("€", "")):
        return bool(text)
    from babel.numbers import list_currencies  # noqa: PLC0415 - few workbooks ask for it

    code = text.upper()
    return code in unit and code in list_currencies()


def shown_sheet(content: bytes, looks: Mapping[int, Look]) -> bytes:
    """The XML of a sheet where each number of such a look is the text that is seen.

    The same object where none is, and where it is no sheet.
    """
    if not looks or b"sheetData" not in content:
        return content

    def shown(cell: re.Match[bytes]) -> bytes:
        prefix, attributes, style, inside = cell.groups()
        value = _VALUE.search(inside)
        if value is None or _attribute(attributes, "t") not in (None, "n"):
            return cell[0]
        try:
            number = float(value[1])  # as sheets hold them: no number is of a million digits
        except ValueError:
            return cell[0]
        text = looks[int(style)].text_of(Decimal(repr(number))) if isfinite(number) else None
        if text is None:
            return cell[0]
        place = _attribute(attributes, "r")
        named = f' r="{place}"'.encode() if place else b""
        told = escape(text).encode()
        return b'<%bc%b t="str"><%bv>%b</%bv></%bc>' % (prefix, named, prefix, told, prefix, prefix)

    styles = "|".join(map(str, looks)).encode()
    cell = rb"""<((?:\w+:)?)c\b([^<>]*?\bs\s*=\s*["'](%b)["'][^<>]*)(?<!/)>""" % styles
    inside = rb"((?:[^<]++|<(?!/?(?:\w+:)?c\b))*+)</\1c>"  # up to the next cell and no farther, closed or not
    return re.sub(cell + inside, shown, content)


def _attribute(tag: bytes, name: str) -> str | None:
    found = re.search(rb"""(?<![\w:])%b\s*=\s*(?:"([^"]*)"|'([^']*)')""" % name.encode(), tag)
    return (
        None if found is None else (found[1] if found[1] is not None else found[2]).decode("utf-8", "replace")
    )
