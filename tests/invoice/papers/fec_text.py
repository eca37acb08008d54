"""Article A47 A-1 of the livre des procédures fiscales, as a checker that knows nothing of what writes.

From the text: a flat file, each line ended by CR and/or LF, its fields separated by a tab or « | », the names of the
fields on the first line (VI); days as AAAAMMJJ, decimal commas, no thousands separator (X, XI); ASCII, ISO 8859-15 or
UTF-8 (XII); eighteen fields, of which CompAuxNum, CompAuxLib, EcritureLet, DateLet, Montantdevise and Idevise may be
« à blanc si non utilisé », numbers « dans une séquence continue », accounts « dont les trois premiers caractères
doivent correspondre à des chiffres », in the order in which the entries were validated (VII, 1°); of one financial
year (I). That debits equal credits is the plan comptable général (art. 921-1).
"""

from collections.abc import Iterator
from datetime import date

FIELDS = [
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib",
    "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate",
    "Montantdevise", "Idevise",
]  # fmt: skip
MAY_BE_EMPTY = {"CompAuxNum", "CompAuxLib", "EcritureLet", "DateLet", "Montantdevise", "Idevise"}

Row = dict[str, str]


def departures(
    data: bytes, *, opens: date = date.min, closes: date = date.max, validated: date | None = None
) -> set[str]:
    """Where a file departs from the article; ``validated``: the only day of validation that anybody gave."""
    text = data.decode("utf-8")
    if not text.endswith(("\r\n", "\n", "\r")) or "\ufeff" in text:
        return {"the last line is not ended, or a mark stands first"}
    head, *lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    if head.split("\t") != FIELDS:
        return {"the columns are not those of the article"}
    fields = [line.split("\t") for line in lines]
    if any(len(row) != len(FIELDS) for row in fields):
        return {"a field is missing or one too many"}
    rows = [dict(zip(FIELDS, row, strict=True)) for row in fields]
    found = {fault for row in rows for fault in _of_row(row, opens, closes, validated)}
    return found | set(_of_entries(rows))


def _of_row(row: Row, opens: date, closes: date, validated: date | None) -> Iterator[str]:
    if any(not row[name].strip() for name in FIELDS if name not in MAY_BE_EMPTY | {"ValidDate"}):
        yield "a required field is empty"
    if bool(row["CompAuxNum"]) != bool(row["CompAuxLib"]):
        yield "an auxiliary account without its name"
    if not (
        row["CompteNum"][:3].isdecimal() and row["CompteNum"][:3].isascii() and len(row["CompteNum"]) >= 3
    ):
        yield "an account does not begin with three digits"
    days = {name: _day(row[name]) for name in ("EcritureDate", "PieceDate")}
    if None in days.values() or (row["ValidDate"] and _day(row["ValidDate"]) is None):
        yield "a date is not AAAAMMJJ"
    day = days["EcritureDate"]
    if day is not None and not opens <= day <= closes:
        yield "an entry outside its year"
    if not row["ValidDate"]:
        yield "ValidDate is empty"
    elif validated is not None and _day(row["ValidDate"]) not in {None, validated}:
        yield "ValidDate was invented"
    elif day is not None and (_day(row["ValidDate"]) or day) < day:
        yield "an entry was validated before its day"
    sides = [_cents(row[name]) for name in ("Debit", "Credit")]
    if None in sides:
        yield "an amount has no decimal comma"
    elif (sides[0] == 0) == (sides[1] == 0) or min(side or 0 for side in sides) < 0:
        yield "a line has not one side"


def _of_entries(rows: list[Row]) -> Iterator[str]:
    numbers = list(dict.fromkeys(row["EcritureNum"] for row in rows))
    if not all(number.isdecimal() for number in numbers):
        yield "a number is none"
    elif numbers and list(map(int, numbers)) != list(range(int(numbers[0]), int(numbers[0]) + len(numbers))):
        yield "the numbers are not a continuous sequence"
    for number in numbers:
        entry = [row for row in rows if row["EcritureNum"] == number]
        if sum((_cents(row["Debit"]) or 0) - (_cents(row["Credit"]) or 0) for row in entry):
            yield "an entry does not balance"
        if len({(row["EcritureDate"], row["JournalCode"], row["PieceRef"]) for row in entry}) != 1:
            yield "an entry has two days, journals or pieces"
    days = [row["EcritureDate"] for row in rows]
    if days != sorted(days):
        yield "the entries are not in order"
    if any({"|", "\t"} & set(value) for row in rows for value in row.values()):
        yield "a text holds a separator"


def _day(text: str) -> date | None:
    if len(text) != 8 or not (text.isdecimal() and text.isascii()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _cents(text: str) -> int | None:
    whole, comma, part = text.partition(",")
    right = whole.isdecimal() and whole.isascii() and comma and len(part) == 2 and part.isdecimal()
    return int(whole + part) if right else None
