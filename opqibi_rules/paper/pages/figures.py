"""The figures of a row: amounts, rates and days, each with its place, as they are printed in Europe.

A figure that could be two numbers (``1.234``: a thousand, or one and a bit) is one of them only where the other
figures of the document show which sign parts its decimals.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from opqibi_rules.money import exactly
from opqibi_rules.paper.pages.layout import Row, Standing, plain

_CURRENCIES = {
    "€": "EUR",
    "eur": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "chf": "CHF",
    "usd": "USD",
    "$": "USD",
    "us$": "USD",
    "£": "GBP",
    "gbp": "GBP",
    "dkk": "DKK",
    "sek": "SEK",
    "nok": "NOK",
    "pln": "PLN",
    "cad": "CAD",
}
_MONEY = "|".join(sorted(map(re.escape, _CURRENCIES), key=len, reverse=True))
_NUMBER = re.compile(
    rf"""(?<![\w.,'’/:@#_°+*-])(?P<before>(?:{_MONEY})\ ?)?\(?
    (?P<sign>[-−–+]\ ?)?(?P<money>(?:{_MONEY})\ ?)?
    (?P<digits>[0-9]{{1,3}}(?:\ [0-9]{{3}})+(?:[.,][0-9]{{1,6}})?
      |[0-9]{{1,3}}(?:['’][0-9]{{3}})+(?:[.,][0-9]{{1,6}})?
      |[0-9]{{1,3}}(?:\.[0-9]{{3}})+,[0-9]{{1,6}}|[0-9]{{1,3}}(?:,[0-9]{{3}})+\.[0-9]{{1,6}}
      |[0-9]{{1,3}}(?:\.[0-9]{{3}}){{2,}}|[0-9]{{1,3}}(?:,[0-9]{{3}}){{2,}}
      |[0-9]{{1,9}}[.,][0-9]{{1,6}}|[0-9]{{1,9}})
    (?P<after>\ ?[-−](?![\w-]))?(?:\ {{0,2}}(?P<percent>%)|\ {{0,2}}(?P<currency>(?:{_MONEY})(?![a-z])))?\)?
    (?![\w@'’/°:]|[.,-][0-9\w])""",
    re.VERBOSE | re.IGNORECASE,
)
_CUT = re.compile(r"(?<![\w.,])[0-9]{1,3}(?: {1,2}[0-9]{3})*  $")
"""What may be the thousands of the amount after it: a blank wider than one within a number, in the same cell."""
_GROUP = re.compile("[0-9]{3}(?![0-9])")
_UNCLEAR = re.compile(r"[0-9]{1,3}([.,])[0-9]{3}")
_DAY = re.compile(
    r"(?<![\w./-])(?:(?P<year>[12][0-9]{3})([-/.])(?P<month>[0-9]{1,2})\2(?P<day>[0-9]{1,2})"
    r"|(?P<first>[0-9]{1,2}) ?([-/.]) ?(?P<second>[0-9]{1,2}) ?\6 ?(?P<last>[12][0-9]{3}|[0-9]{2})"
    r"|(?P<whole>20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])))(?![\w/-]|[.][0-9])"
)
_LETTERS = r"[^\W\d_]{3,10}"
_SPELLED = re.compile(
    rf"(?<![\w./-])(?:(?P<day>[0-9]{{1,2}})(?:er|st|nd|rd|th|\.)? {{0,2}}(?:of )?[-]?"
    rf"(?P<month>{_LETTERS})\.?,?[- ] ?(?P<year>[12][0-9]{{3}})"
    rf"|(?P<month2>{_LETTERS})\.? {{1,2}}(?P<day2>[0-9]{{1,2}})(?:st|nd|rd|th)?,? {{1,2}}"
    rf"(?P<year2>[12][0-9]{{3}}))(?!\w)"
)
_CODE = re.compile(
    r"(?i:https?://\S+|www\.\S+|\S+@\S+|urn:\S+)|\b[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]{4}){2,7}(?: ?[0-9A-Z]{1,3})?\b"
    r"|\b[A-Z]{2} ?[0-9]{2}(?: ?[0-9]{3}){3}\b|(?<![\w.,])[0-9]{3} ?[0-9]{3} ?[0-9]{3} ?[0-9]{5}(?![\w.,])"
    r"|(?<![\w.,])0[1-9](?:[ .-]?[0-9]{2}){4}(?![\w,])|\+[0-9]{2}[ 0-9().-]{7,16}|(?<![\w.,])[0-9]{9,}(?![\w.,])"
)
"""What bears digits and is no figure: addresses, accounts, VAT and SIRET numbers, telephones."""


class Kind(Enum):
    """What a figure is."""

    NUMBER = "number"
    RATE = "rate"


@dataclass(frozen=True, eq=False)
class _Printed(Standing):
    """What some words of a row say."""

    text: str


@dataclass(frozen=True, eq=False)
class Figure(_Printed):
    """A number on a row: an amount, a quantity, a rate (as a fraction)."""

    value: Decimal
    kind: Kind
    currency: str | None
    decimals: int

    @property
    def is_money(self) -> bool:
        """It may be an amount of money: two decimals or more, or a currency beside it."""
        return self.kind is Kind.NUMBER and (self.decimals >= 2 or self.currency is not None)


@dataclass(frozen=True, eq=False)
class Day(_Printed):
    """A day on a row, as it may be understood: one date, or two where day and month could be either."""

    dates: tuple[date, ...]
    """The day first; the month first follows where it may be meant."""
    month_first: bool = False
    """It can only be read with the month first."""
    day_first: bool = False
    """It can only be read with the day first."""


@dataclass(frozen=True)
class Notation:
    """How a document writes its numbers: the sign that parts decimals, where its clear figures show it."""

    decimal: str | None

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Notation":
        """What the figures with one or two decimals show; ``None``: nothing, or both signs."""
        shown = {
            sign
            for row in rows
            for sign in re.findall(
                r"(?<![\w.,])[0-9]{1,3}(?:[ .,'’][0-9]{3})*([.,])[0-9]{2}(?![\w.,/-])", row.text
            )
        }
        return cls(shown.pop() if len(shown) == 1 else None)


def blotted(text: str) -> str:
    """The text of a row, each number that is no figure as signs that stand in no number."""
    return _CODE.sub(lambda found: "§" * len(found[0]), text)


def days_of(row: Row, months: Mapping[str, int]) -> list[Day]:
    """The days of a row, from left to right."""
    found = []
    text = row.text
    for match in _DAY.finditer(text):
        day = _numbered(match)
        if day is not None:
            dates, by_month, by_day = day
            found.append(Day(row, *row.span(*match.span()), match[0], dates, by_month, by_day))
    flat = text.replace("\t", "  ")
    for match in _SPELLED.finditer(flat):
        month = months.get(plain(match["month"] or match["month2"]))
        whole = month and _date(match["year"] or match["year2"], month, match["day"] or match["day2"])
        if whole:
            found.append(Day(row, *row.span(*match.span()), match[0], (whole,)))
    return sorted(found, key=lambda day: day.start)


def _numbered(match: re.Match[str]) -> tuple[tuple[date, ...], bool, bool] | None:
    """The dates that digits may be, and whether they show the order of day and month."""
    if match["whole"]:
        whole = _date(match["whole"][:4], match["whole"][4:6], match["whole"][6:])
        return None if whole is None else ((whole,), False, False)
    if match["year"]:
        whole = _date(match["year"], match["month"], match["day"])
        return None if whole is None else ((whole,), False, False)
    year = match["last"] if len(match["last"]) == 4 else f"20{match['last']}"
    by_day = _date(year, match["second"], match["first"])
    by_month = _date(year, match["first"], match["second"])
    dotted = "." in match[0]  # no notation in use parts a month from the day after it by points
    dates = tuple(dict.fromkeys(item for item in (by_day, None if dotted else by_month) if item is not None))
    if not dates or (len(match["last"]) == 2 and "-" in match[0]):
        return None
    if dotted:
        return dates, False, False
    return dates, by_day is None, by_month is None


def _date(year: str, month: str | int, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def figures_of(row: Row, days: Sequence[Day], notation: Notation) -> list[Figure]:
    """The numbers of a row that are no part of a day or of a code, from left to right."""
    text = blotted(row.text)
    for day in days:
        start, stop = row.starts[day.start], row.starts[day.stop - 1] + len(row.words[day.stop - 1].text)
        text = text[:start] + "§" * (stop - start) + text[stop:]
    found = (_figure(row, match, notation) for match in _NUMBER.finditer(text) if not _is_cut(text, match))
    return [figure for figure in found if figure is not None]


def _is_cut(text: str, match: re.Match[str]) -> bool:
    """Whether the thousands of a number may stand before it, too far off to be read with it: it is neither then."""
    bare = match.start() == match.start("digits")
    return bare and bool(_GROUP.match(match["digits"])) and bool(_CUT.search(text[: match.start()]))


@exactly
def _figure(row: Row, match: re.Match[str], notation: Notation) -> Figure | None:
    digits = match["digits"]
    number = _number(digits, notation)
    if number is None:
        return None
    sign, after = (match["sign"] or "").strip(), (match["after"] or "").strip()
    value = -number if sign in {"-", "−", "–"} or after else number
    if match["percent"]:
        value, kind = value / 100, Kind.RATE
    else:
        kind = Kind.NUMBER
    money = match["before"] or match["money"] or match["currency"]
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)  # digits alone make no infinity
    start = match.start("digits") if not (sign or match["before"] or match["money"]) else match.start()
    return Figure(
        row=row,
        text=match[0].strip(),
        value=value,
        kind=kind,
        currency=_CURRENCIES.get(money.strip().lower()) if money else None,
        decimals=-exponent,
        **dict(zip(("start", "stop"), row.span(start, match.end()), strict=True)),
    )


def _number(digits: str, notation: Notation) -> Decimal | None:
    """The number that digits and signs are; ``None`` where they may be two."""
    digits = re.sub("[ '’]", "", digits)
    if _UNCLEAR.fullmatch(digits):
        sign = "." if "." in digits else ","
        if notation.decimal is None:
            return None
        return Decimal(digits.replace(sign, "." if sign == notation.decimal else ""))
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        last = max(digits.rfind("."), digits.rfind(","))
        whole, decimals = re.sub("[.,]", "", digits[:last]), digits[last + 1 :]
        return Decimal(f"{whole}.{decimals}")
    if points > 1 or commas > 1:
        return Decimal(re.sub("[.,]", "", digits))
    return Decimal(digits.replace(",", "."))
