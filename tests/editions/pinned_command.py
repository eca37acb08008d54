"""``opqibi-fees``, here or as a process, with the schedule of 2024 and one's own alone, whatever is shipped.

Invoices are checked on a day when all of theirs are issued: one dated ahead is not to be paid.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from unittest.mock import patch

from opqibi_rules.cli.commands.invoices import check_invoice
from opqibi_rules.cli.main import main
from opqibi_rules.cli.options import day_of
from opqibi_rules.invoice.price import checker_of
from opqibi_rules.price import quote
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Schedule

LAST = date(2027, 12, 31)
_ALL: Any = Tables.__dict__["schedules"]


def _pinned(tables: Tables) -> tuple[Schedule, ...]:
    known: tuple[Schedule, ...] = _ALL.__get__(tables, Tables)
    return tuple(item for item in known if item.id == "bareme_2024" or tables.is_users(item))


@contextmanager
def pinned() -> Iterator[None]:
    """Wherever a command makes its tables, they hold no newer schedule of ours."""
    try:
        with (
            patch.object(Tables, "schedules", property(_pinned)),
            patch.object(check_invoice, "day_of", _day_of),
        ):
            _forget()
            yield
    finally:
        _forget()


def _day_of(text: str | None) -> date:
    return max(LAST, day_of(text)) if text is None else day_of(text)


def _forget() -> None:
    """Drop what is kept by tables: these look like the others."""
    for kept in (quote._terms, checker_of):
        kept.cache_clear()


if __name__ == "__main__":
    with pinned():
        main()
