"""Columns of text in a CSV, read by an engine's own parsers where they are plain: half the time of a batch.

A turnover such as ``350000.50`` and a count such as ``3`` need no strict reading. Whatever is written in
another way goes through the common rule of :mod:`opqibi_rules.price.columns.inputs`, a few rows at a time.
"""

from collections.abc import Iterable
from functools import cache

import narwhals.stable.v2 as nw
import polars as pl

from opqibi_rules.money import SPACES
from opqibi_rules.price.columns.expressions import when
from opqibi_rules.price.columns.inputs import BLANKS, LARGEST_CENTS, Column, amount_cents, count
from opqibi_rules.price.columns.recorded import in_polars

_MOST_DIGITS = 15
"""A whole number of more is read by the rule, leading zeros included."""
_GROUPED = f"[0-9]{{1,3}}(?:{SPACES}[0-9]{{3}}){{1,3}}"
_PLAIN = f"^(?:(?:[0-9]{{1,12}}|{_GROUPED})[.,][0-9]{{1,2}}|{_GROUPED})$"
"""Euros with their cents, or in groups of three figures, or both."""
_WITH_CENTS = f"^(?:[0-9]{{1,12}}|{_GROUPED})[.,][0-9]{{2}}$"
_MOST_EUROS = LARGEST_CENTS // 100
_EUROS = pl.Decimal(38, 2)
_COUNTS = "__counts"


def plain_turnover(name: str) -> pl.Expr:
    """A column of text as cents, with the marks of :func:`~opqibi_rules.price.columns.inputs.amount_cents`."""
    return pl.col(name).map_batches(_cents, return_dtype=pl.Int64, is_elementwise=True)


def _cents(text: pl.Series) -> pl.Series:
    """The cents of whole euros, of most in most files, and then of the others."""
    given = pl.col(text.name)
    table = text.to_frame().with_columns_seq(number=given.cast(pl.Int64, strict=False))
    number = pl.col("number")
    whole = number.is_between(0, _MOST_EUROS) & (given >= "0") & (given.str.len_bytes() <= _MOST_DIGITS)
    table = table.select_seq(given, whole.fill_null(value=False).alias("whole"), number * 100)
    cents = table["number"]
    other = ~table["whole"]
    return cents.scatter(other.arg_true(), _decimals(text.filter(other))) if other.any() else cents


def _decimals(text: pl.Series) -> pl.Series:
    """The cents of what is no whole number: of one in ten, or of all, as files go."""
    plain = text.str.contains(_PLAIN)
    point = text.str.replace_all(SPACES, "").str.replace(",", ".", literal=True)
    # A decimal of scale 2 holds its cents as a whole number.
    cents = point.cast(_EUROS, strict=False).to_physical().cast(pl.Int64, strict=False)
    odd = (~plain).fill_null(value=True)
    if odd.any():
        others = text.filter(odd).to_frame("turnover").select(_rule()).to_series()
        return cents.scatter(odd.arg_true(), others)
    return cents


@cache
def _rule() -> list[pl.Expr]:
    """The common rule, in polars' expressions."""
    return in_polars([amount_cents(Column("turnover", nw.String()), integers="cents")])


def quick_turnover(name: str) -> nw.Expr:
    """The same on an engine that computes a branch only where it is taken (duckdb): whole euros first, then cents."""
    text = nw.col(name)
    whole, with_cents = text.str.contains("^[0-9]{1,12}$"), text.str.contains(_WITH_CENTS)
    cents = text.str.replace_all("[^0-9]", "").cast(nw.Int64)
    other = when(with_cents, cents, amount_cents(Column(name, nw.String()), integers="cents"))
    return when(whole, text.cast(nw.Int64) * 100, other)


def quick_count(name: str) -> nw.Expr:
    """A count on such an engine: one digit first."""
    text = nw.col(name)
    digit = (text.str.len_chars() == 1) & (text >= "0") & (text <= "9")
    return when(digit, text.cast(nw.Int64), count(Column(name, nw.String())))


def with_plain_counts(table: pl.LazyFrame, names: Iterable[str]) -> pl.LazyFrame:
    """The table with columns of text as counts: 0 where empty, -1 where there are not only digits."""
    names = tuple(names)
    if not names:
        return table
    kinds = pl.Struct(dict.fromkeys(names, pl.Int64))
    read = pl.struct(names).map_batches(_counts, return_dtype=kinds, is_elementwise=True)
    return table.with_columns(read.alias(_COUNTS)).with_columns(pl.col(_COUNTS).struct.unnest())


def _counts(cells: pl.Series) -> pl.Series:
    """A piece at a time: a column without a cell that is odd needs no look at each."""
    texts, every = cells.struct.unnest(), pl.all()
    numbers = texts.select_seq(every.cast(pl.Int64, strict=False))
    longest = texts.select_seq(every.str.len_bytes().max()).row(0)
    odd = [
        _count(pl.col(name)).alias(name)
        for name, most in zip(texts.columns, longest, strict=True)
        if not _all_digits(texts[name], numbers[name], most or 0)
    ]
    return numbers.select_seq(every.fill_null(0)).with_columns(texts.select_seq(odd)).to_struct()


def _all_digits(text: pl.Series, number: pl.Series, longest: int) -> bool:
    if number.null_count() != text.null_count():
        return False
    # A sign sorts before any digit: the parser takes it, the rule does not.
    return longest == 1 or (longest <= _MOST_DIGITS and (text >= "0").all())


def _count(text: pl.Expr) -> pl.Expr:
    text = text.str.strip_chars(BLANKS)
    number = text.cast(pl.Int64, strict=False)
    digits = number.is_not_null() & (text >= "0") & (text.str.len_bytes() <= _MOST_DIGITS)
    return pl.when(digits).then(number).when(text.is_null() | (text == "")).then(0).otherwise(-1)
