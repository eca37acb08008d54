"""opqibi-rules, ``with_fees``: the whole table, every row checked, four fees, total and error, on polars."""

import datetime
from typing import Any

import polars as pl

from opqibi_rules.price.columns import with_fees

ON = datetime.date(2026, 3, 2)


def prepare(columns: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(columns)


def batch(table: pl.DataFrame) -> tuple[pl.Series, ...]:
    priced = with_fees(table, on=ON, integers="cents")
    return tuple(priced.get_columns()[-6:])


def told(table: pl.DataFrame) -> tuple[pl.Series, ...]:
    """The three amounts to compare: two of a first application, one of a control."""
    first, control = (
        with_fees(table.with_columns(event=pl.lit(event)), on=ON, integers="cents")
        for event in ("first", "control")
    )
    return first["instruction"], first["brand_usage"], control["annual_control"]
