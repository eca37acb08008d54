"""opqibi-rules, columns: the three expressions that make the three fees, on polars."""

import datetime
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from opqibi_rules import Tables
from opqibi_rules.price.columns.fees import Cells, FeeColumns

FEES = FeeColumns(Tables().schedule(datetime.date(2026, 3, 2)))
CELLS = Cells({n: nw.col(f"t{n}") for n in range(1, 8)}, turnovers={"engineering": nw.col("turnover")})


def prepare(columns: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(columns)


def batch(table: pl.DataFrame) -> tuple[pl.Series, ...]:
    cents: Any = FEES.cents
    fees = nw.from_native(table).select(
        instruction=cents("instruction", CELLS),
        usage=cents("brand_usage", CELLS),
        control=cents("annual_control", CELLS),
    )
    return tuple(fees.to_native().get_columns())
