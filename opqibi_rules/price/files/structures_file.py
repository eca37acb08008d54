"""A file of structures, one a line: the columns of « batch », read into plans.

Columns: ``turnover``, ``t1`` to ``t7``, and optionally ``name`` and ``event``; others are left alone. The
separator and the encoding are those of any spreadsheet.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.messages import Message
from opqibi_rules.money import to_amount
from opqibi_rules.paper.csv_rows import read_rows
from opqibi_rules.paper.files import MAX_LIST, file_bytes

_COUNT = re.compile("t[1-9][0-9]?")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file, not yet read."""

    line: int
    cells: Mapping[str, str]
    tariffs: Mapping[str, int]
    """The columns of counts, and their tariff codes."""

    def ask(self) -> dict[str, Any]:
        """What the line gives of a plan: event, counts by tariff code, turnover.

        Raises:
            RequestError, AmountError: a cell that is no count or no amount.
        """
        counts = {}
        for name, tariff in self.tariffs.items():
            text = self._text(name)
            if text and not re.fullmatch(r"[0-9]{1,4}", text):
                raise RequestError(
                    Message("{name}: « {text} » is not a whole number.", name=name, text=text[:40])
                )
            counts[tariff] = int(text or 0)
        turnover = self._text("turnover")
        return {
            "event": self._text("event") or "first",
            "tariffs": counts,
            "turnover": to_amount(turnover, "turnover") if turnover else None,
        }

    def _text(self, name: str) -> str:
        return self.cells.get(name, "").strip()


def read_structures(path: Path) -> list[Row]:
    """Every line of the file; a line is read when it is asked, so that one that is wrong stops no other.

    Raises:
        FileError: the file cannot be opened, is no text, is too large, or lacks the columns.
    """
    rows = read_rows(file_bytes(path, MAX_LIST), str(path), _known, most=MAX_LIST)
    header = rows[0].cells if rows else []
    tariffs = {name: int(name[1:]) for name in header if _COUNT.fullmatch(name)}
    if not tariffs:
        message = Message("no column t1 to t7; the first line names the columns, as turnover;t1;t2.")
        raise FileError(str(path), [Mistake(message, line=1)])
    return [
        Row(row.line, dict(zip(header, row.cells, strict=False)), tariffs) for row in rows[1:] if row.cells
    ]


def _known(cells: Sequence[str]) -> int:
    return sum(name in {"turnover", "event"} or bool(_COUNT.fullmatch(name)) for name in cells)
