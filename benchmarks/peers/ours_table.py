"""opqibi-rules, ``with_fees``: the whole table, every row checked, four fees, total and error, on polars."""

import datetime
from typing import Any

import polars as pl

from opqibi_rules.fees.columns import with_fees

ON = datetime.date(2026, 3, 2)


def prepare(columns: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(columns)


def batch(table: pl.DataFrame) -> tuple[pl.Series, ...]:
    priced = with_fees(table, on=ON)
    return tuple(priced.get_columns()[-6:])
