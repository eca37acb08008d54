"""A polars expression written by hand for this one schedule, nothing checked."""

from functools import reduce
from operator import add
from typing import Any

import polars as pl
from work import ASKED, HELD_CENTS, TRANCHES


def prepare(columns: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(columns)


TURNOVER = pl.col("turnover")
USAGE = reduce(
    add,
    (
        (TURNOVER.clip(lower * 100, None if upper is None else upper * 100) - lower * 100) * rate
        for lower, upper, rate in TRANCHES
    ),
)
WORK = [
    (reduce(add, (pl.col(f"t{n}") * (price * 100) for n, price in enumerate(ASKED, 1))) + 50_000).alias(
        "instruction"
    ),
    ((USAGE + 50_000) // 100_000).clip(18_000, 4_000_000).alias("usage"),
    (reduce(add, (pl.col(f"t{n}") * price for n, price in enumerate(HELD_CENTS, 1))) + 12_500).alias(
        "control"
    ),
]


def batch(table: pl.DataFrame) -> tuple[pl.Series, ...]:
    return tuple(table.select(WORK).get_columns())
