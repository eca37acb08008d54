"""A file of structures, one a line: the columns of « batch », read into plans.

Columns: ``turnover``, ``t1`` to ``t7``, and optionally ``name`` and ``event``; others are left alone. The
separator is a comma, a semicolon or a tab.
"""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.messages import Message
from opqibi_rules.money import to_amount

MOST_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file, not yet read."""

    line: int
    cells: Mapping[str, str | None]
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
        return (self.cells.get(name) or "").strip()


def read_structures(path: Path) -> list[Row]:
    """Every line of the file; a line is read when it is asked, so that one that is wrong stops no other.

    Raises:
        FileError: the file cannot be opened, is not UTF-8, is too large, or lacks the columns.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
    except OSError as error:
        message = Message("cannot be opened: {problem}.", problem=error.strerror or "?")
        raise FileError(str(path), [Mistake(message)]) from None
    if not data:
        raise FileError(str(path), [Mistake(Message("empty, or over {limit} bytes.", limit=MOST_BYTES))])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError(str(path), [Mistake(Message("not in UTF-8; save the file as UTF-8."))]) from None
    head = text.partition("\n")[0]
    separator = max(";,\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    tariffs = {name: int(name[1:]) for name in reader.fieldnames or () if re.fullmatch(r"t[1-9][0-9]?", name)}
    if not tariffs:
        raise FileError(
            str(path),
            [
                Mistake(
                    Message("no column t1 to t7; the first line names the columns, as turnover;t1;t2."),
                    line=1,
                )
            ],
        )
    return [Row(reader.line_num, cells, tariffs) for cells in reader]
