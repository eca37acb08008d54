"""A file of structures, one a line: the columns of « batch », read into plans.

Columns: ``turnover`` (``turnover_ID`` for another than the schedule's first), ``t1``, ``t2``… for the counts by
tariff code, ``new_t1``… for those newly asked for, and optionally ``event``; others are left alone. The
separator and the encoding are those of any spreadsheet.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message
from opqibi_rules.money import to_amount
from opqibi_rules.paper.csv_rows import read_rows
from opqibi_rules.paper.files import MAX_LIST, file_bytes
from opqibi_rules.price.question import Asked, DeclaredEvent

_COUNT = re.compile("(new_)?t([1-9][0-9]?)")
_TURNOVER = re.compile("turnover(?:_([a-z][a-z0-9_-]*))?")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file, not yet read."""

    line: int
    cells: Mapping[str, str]

    def asked(self) -> Asked:
        """What the line gives of a question: event, counts by tariff code, turnovers.

        Raises:
            RequestError: a cell that is no count.
            AmountError: a turnover that is no amount.
        """
        counts: dict[str, dict[int, int]] = {"tariffs": {}, "new_tariffs": {}}
        turnovers: dict[str, Decimal | None] = {}
        for name, text in self.cells.items():
            if column := _COUNT.fullmatch(name):
                if text.strip("0"):  # zeros are left out: a tariff code may be one of another schedule's
                    field = f"{column[1] or ''}tariffs"
                    counts[field][int(column[2])] = _count(name, text, field)
            elif column := _TURNOVER.fullmatch(name):
                turnovers[column[1] or ""] = to_amount(text, name) if text else None
        found: Asked = {
            "tariffs": counts["tariffs"],
            "new_tariffs": counts["new_tariffs"],
            "turnover": turnovers.pop("", None),
            "turnovers": turnovers,
        }
        event = self.cells.get("event")
        return {**found, "event": DeclaredEvent(event)} if event else found


def _count(name: str, text: str, field: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise RequestError(
            "{name}: « {text} » is not a whole number.",
            name=name,
            text=text[:40],
            field=field,
        )
    return int(text)


def read_structures(path: Path) -> list[Row]:
    """Every line of the file; a line is read when it is asked, so that one that is wrong stops no other.

    Raises:
        FileError: the file cannot be opened, is no text, is too large, or lacks the columns.
    """
    rows = read_rows(file_bytes(path, MAX_LIST), str(path), _known, most=MAX_LIST)
    header = rows[0].cells if rows else []
    if not any(_COUNT.fullmatch(name) for name in header):
        message = Message("no column t1, t2…; the first line names the columns, as turnover;t1;t2.")
        raise FileError(str(path), [Mistake(message, line=1)])
    return [
        Row(row.line, FrozenDict(zip(header, map(str.strip, row.cells), strict=False)))
        for row in rows[1:]
        if row.cells
    ]


def _known(cells: Sequence[str]) -> int:
    return sum(name == "event" or bool(_COUNT.fullmatch(name) or _TURNOVER.fullmatch(name)) for name in cells)
