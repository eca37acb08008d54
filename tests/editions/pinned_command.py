"""``opqibi-fees``, here or as a process, with the schedule of 2024 and one's own alone, whatever is shipped."""

from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from opqibi_rules.cli.main import main
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Schedule

_ALL: Any = Tables.__dict__["schedules"]


def _pinned(tables: Tables) -> tuple[Schedule, ...]:
    known: tuple[Schedule, ...] = _ALL.__get__(tables, Tables)
    return tuple(item for item in known if item.id == "bareme_2024" or tables.is_users(item))


def pinned() -> AbstractContextManager[Any]:
    """Wherever a command makes its tables, they hold no newer schedule of ours."""
    return patch.object(Tables, "schedules", property(_pinned))


if __name__ == "__main__":
    with pinned():
        main()
