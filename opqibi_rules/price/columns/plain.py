"""Columns of text in a CSV, read by an engine's own parsers where they are plain: half the time of a batch.

A turnover such as ``350000.50`` and a count such as ``3`` need no strict reading. Whatever is written in
another way goes through the common rule of :mod:`opqibi_rules.price.columns.inputs`, a few rows at a time.
"""

from collections.abc import Iterable

import narwhals.stable.v2 as nw
import polars as pl

from opqibi_rules.price.columns.expressions import when
from opqibi_rules.price.columns.inputs import LARGEST_CENTS, amount_cents, count

_MOST_DIGITS = 15
"""A whole number of more is read by the rule, leading zeros included."""
_PLAIN = "^[0-9]{1,12}[.,][0-9]{1,2}$"
_MOST_EUROS = LARGEST_CENTS // 100
_EUROS = pl.Decimal(38, 2)


def plain_turnover(name: str) -> pl.Expr:
    """A column of text as cents, with the marks of :func:`~opqibi_rules.price.columns.inputs.amount_cents`."""
    text = pl.col(name)
    number = text.cast(pl.Int64, strict=False)
    whole = (
        number.is_between(0, _MOST_EUROS).fill_null(value=False)
        & (text >= "0")
        & (text.str.len_bytes() <= _MOST_DIGITS)
    )
    other = pl.when(~whole).then(text).map_batches(_decimals, return_dtype=pl.Int64, is_elementwise=True)
    return pl.when(whole).then(number * 100).otherwise(other).alias(name)


def _decimals(text: pl.Series) -> pl.Series:
    """The cents of what is no whole number: of one in ten, or of all, as files go."""
    found = text.is_not_null()
    cents = pl.repeat(None, len(text), dtype=pl.Int64, eager=True).alias(text.name)
    if not found.any():
        return cents
    rows = pl.DataFrame({"turnover": text.filter(found)})
    amount = pl.col("turnover")
    plain = amount.str.contains(_PLAIN)
    euros = amount.str.replace(",", ".", literal=True).cast(_EUROS, strict=False)
    # A decimal of scale 2 holds its cents as a whole number.
    read = rows.select(pl.when(plain).then(euros.to_physical().cast(pl.Int64)), plain.alias("plain"))
    odd = ~read["plain"]
    if odd.any():
        others = nw.from_native(rows.filter(odd)).select(
            amount_cents("turnover", nw.String(), integers="cents")
        )
        return cents.scatter(
            found.arg_true(), read["turnover"].scatter(odd.arg_true(), others.to_native().to_series())
        )
    return cents.scatter(found.arg_true(), read["turnover"])


def quick_turnover(name: str) -> nw.Expr:
    """The same on an engine that computes a branch only where it is taken (duckdb): whole euros first."""
    text = nw.col(name)
    whole = text.str.contains("^[0-9]{1,12}$")
    return when(whole, text.cast(nw.Int64) * 100, amount_cents(name, nw.String(), integers="cents"))


def quick_count(name: str) -> nw.Expr:
    """A count on such an engine: one digit first."""
    text = nw.col(name)
    digit = (text.str.len_chars() == 1) & (text >= "0") & (text <= "9")
    return when(digit, text.cast(nw.Int64), count(name, nw.String()))


def plain_counts(names: Iterable[str]) -> list[pl.Expr]:
    """Columns of text as counts: 0 where empty, -1 where there are not only digits."""
    return [_count(pl.col(name)).alias(name) for name in names]


def _count(text: pl.Expr) -> pl.Expr:
    number = text.cast(pl.Int64, strict=False)
    # A sign sorts before any digit: the parser takes it, the rule does not.
    digits = number.is_not_null() & (text >= "0") & (text.str.len_bytes() <= _MOST_DIGITS)
    return pl.when(digits).then(number).when(text.is_null() | (text == "")).then(0).otherwise(-1)
