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
from opqibi_rules.price.question import Asked

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
        found: Asked = {
            "tariffs": self._counts(""),
            "new_tariffs": self._counts("new_"),
            "turnover": self._amount("turnover"),
            "turnovers": {
                column[1]: self._amount(name)
                for name in self.cells
                if (column := _TURNOVER.fullmatch(name)) and column[1]
            },
        }
        event = self._text("event")
        return {**found, "event": event} if event else found

    def _counts(self, kind: str) -> dict[int, int]:
        """The counts of a kind, zeros left out: a tariff code may be one of another schedule's."""
        counts = {}
        for name in self.cells:
            column = _COUNT.fullmatch(name)
            text = self._text(name)
            if column is None or (column[1] or "") != kind or not text.strip("0"):
                continue
            if not re.fullmatch(r"[0-9]{1,4}", text):
                raise RequestError(
                    Message("{name}: « {text} » is not a whole number.", name=name, text=text[:40]),
                    field=f"{kind}tariffs",
                )
            counts[int(column[2])] = int(text)
        return counts

    def _amount(self, name: str) -> Decimal | None:
        text = self._text(name)
        return to_amount(text, name) if text else None

    def _text(self, name: str) -> str:
        return self.cells.get(name, "").strip()


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
    return [Row(row.line, FrozenDict(zip(header, row.cells, strict=False))) for row in rows[1:] if row.cells]


def _known(cells: Sequence[str]) -> int:
    return sum(name == "event" or bool(_COUNT.fullmatch(name) or _TURNOVER.fullmatch(name)) for name in cells)
