"""Columns of Python objects, as pandas keeps what it has no type for: decimals and days, read without loss."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from opqibi_rules.messages import Message
from opqibi_rules.price.columns.inputs import unfit, unit_unknown


def as_text(
    frame: Any, columns: Mapping[str, str], turnovers: Collection[str], integers: str | None
) -> dict[str, Any]:
    """Those of our columns that hold objects in a pandas table, as columns of text that mean the same.

    Args:
        frame: the table.
        columns: its heading of each of our columns.
        turnovers: which of ours are amounts.
        integers: what whole numbers count there, ``cents`` or ``euros``.

    Raises:
        RequestError: a float, which is not exact, or whole numbers of nobody knows what.
    """

    def text(cell: object, ours: str) -> str | None:
        heading = columns[ours]
        if cell is None or isinstance(cell, str):
            return cell
        if isinstance(cell, int) and not isinstance(cell, bool):
            if ours in turnovers and integers is None:
                raise unit_unknown(heading)
            return format(Decimal(cell).scaleb(-2 if ours in turnovers and integers == "cents" else 0), "f")
        if isinstance(cell, Decimal):
            return None if cell.is_nan() else format(cell, "f")
        if isinstance(cell, date):
            return cell.isoformat()[:10]
        if cell != cell or type(cell).__name__ in {"NAType", "NaTType"}:  # noqa: PLR0124 - so a NaN is known
            return None
        raise unfit(heading, type(cell).__name__, Message("whole numbers, decimals, days or text"))

    return {
        ours: frame[heading].map(lambda cell, ours=ours: text(cell, ours)).astype("string")
        for ours, heading in columns.items()
        if frame[heading].dtype == object
    }
