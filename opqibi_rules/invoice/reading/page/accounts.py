"""The accounts to be paid, as the pages print them."""

import re
from collections.abc import Callable, Sequence
from itertools import takewhile

from opqibi_rules.identifiers import accounts_in
from opqibi_rules.invoice.reading.page.head import distinct
from opqibi_rules.invoice.reading.page.result import Candidate
from opqibi_rules.invoice.reading.page.sheet import Sheet
from opqibi_rules.paper.pages.layout import Row, overlap, plain

_ACCOUNT = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){5,30}")
_UNDER = 2.2
"""Of the height of its letters: an account goes on in rows that are no farther apart."""


def accounts(sheet: Sheet, valid: Callable[[str], bool]) -> tuple[list[Candidate], list[Candidate]]:
    """The accounts on the pages: those whose key is right, and those that only an « IBAN » announces."""
    right: list[Candidate] = []
    others: list[Candidate] = []
    for row in sheet.rows:
        said = row.said(0, len(row.words))
        right += (Candidate(whole, whole, row.place(0, len(row.words)), "RIB") for whole in accounts_in(said))
        for match in _ACCOUNT.finditer(said):
            parts = match[0].split(" ")
            place = row.place(0, len(row.words))
            whole = _first_valid(parts, valid) or _first_valid([*parts, *_goes_on_below(sheet, row)], valid)
            if whole:
                right.append(Candidate(whole, whole, place, "IBAN"))
            elif "iban" in plain(said):
                others.append(Candidate("".join(parts), match[0], place, "IBAN"))
    return distinct(right), distinct(others)


def _first_valid(parts: Sequence[str], valid: Callable[[str], bool]) -> str | None:
    """The longest account that groups of letters and figures begin with."""
    return next((text for count in range(len(parts), 0, -1) if valid(text := "".join(parts[:count]))), None)


def _goes_on_below(sheet: Sheet, row: Row) -> list[str]:
    """The groups of an account in the rows under it, where a narrow column folds it."""
    found: list[str] = []
    last = row.middle
    for below in sheet.under(row):
        if below.middle - last > _UNDER * row.height:
            break
        words = [word for word in below.words if overlap(word.box, row.box) > 0]
        kept = list(takewhile(lambda word: re.fullmatch("[0-9A-Z]{1,27}", word.text), words))
        if words and not kept:
            break
        if words:
            found += [word.text for word in kept]
            last = below.middle
    return found
