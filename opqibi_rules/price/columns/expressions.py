"""What the fees' expressions are made of: narwhals' for tables, and the same said in SQL for warehouses.

:class:`Sql` answers to the operators of a narwhals expression, so that the rules are written once and know neither.
"""

from collections.abc import Sequence
from functools import reduce
from operator import and_, or_
from typing import NamedTuple, Self

import narwhals.stable.v2 as nw

Term = nw.Expr | int
"""An expression, or the same whole number on every row."""


class Dialect(NamedTuple):
    """What one engine's SQL says in its own way."""

    name: str
    quote: str = '"'
    """Around names; doubled inside."""
    divided: str = "/"
    """The division of two whole numbers that gives a whole number."""
    least: str = "LEAST"
    greatest: str = "GREATEST"
    type_of: str = "typeof({})"
    whole: tuple[str, ...] = ("bigint", "integer", "int", "smallint", "tinyint")
    """What ``type_of`` says of whole numbers, in lower case."""
    decimal: str | None = "decimal%"
    """What it says of exact decimals, as ``LIKE`` compares; ``None``: it has none."""
    folds: bool = True
    """Two names that differ by case alone are one to it, quoted too."""

    def identifier(self, name: str) -> str:
        """A name, quoted."""
        return f"{self.quote}{name.replace(self.quote, self.quote * 2)}{self.quote}"


def text(value: str) -> str:
    """A text in SQL."""
    return "'" + value.replace("'", "''") + "'"


_SMALL = 10**7
"""Below, sums and products of a few literals fit the 32 bits that engines give to them."""


class Sql(nw.Expr):
    """An expression in SQL, within parentheses where it is not one word."""

    def __init__(self, written: str, dialect: Dialect) -> None:
        self.written, self.dialect = written, dialect

    def _said(self, other: object) -> str:
        if isinstance(other, Sql):
            return other.written
        if isinstance(other, int):
            return str(other) if abs(other) < _SMALL else f"CAST({other} AS BIGINT)"
        return text(str(other))

    def _with(self, operator: str, other: object, *, reverse: bool = False) -> Self:
        sides = [self.written, self._said(other)]
        left, right = reversed(sides) if reverse else sides
        return type(self)(f"({left} {operator} {right})", self.dialect)

    def __add__(self, other: object) -> Self:
        return self._with("+", other)

    def __radd__(self, other: object) -> Self:
        return self._with("+", other, reverse=True)

    def __sub__(self, other: object) -> Self:
        return self._with("-", other)

    def __mul__(self, other: object) -> Self:
        return self._with("*", other)

    def __mod__(self, other: object) -> Self:
        return self._with("%", other)

    def __floordiv__(self, other: object) -> Self:
        return self._with(self.dialect.divided, other)

    def __gt__(self, other: object) -> Self:
        return self._with(">", other)

    def __lt__(self, other: object) -> Self:
        return self._with("<", other)

    def __eq__(self, other: object) -> Self:  # type: ignore[override] # an expression, as narwhals' own
        return self._with("=", other)

    def __ne__(self, other: object) -> Self:  # type: ignore[override] # the same
        return self._with("<>", other)

    __hash__ = None  # type: ignore[assignment] # compared with « = », it has none

    def __and__(self, other: object) -> Self:
        return self._with("AND", other)

    def __or__(self, other: object) -> Self:
        return self._with("OR", other)

    def __invert__(self) -> Self:
        return type(self)(f"(NOT {self.written})", self.dialect)

    def is_null(self) -> Self:
        """It is null."""
        return type(self)(f"({self.written} IS NULL)", self.dialect)

    def is_between(self, lower_bound: object, upper_bound: object, closed: object = "both") -> Self:
        """It lies between the two, both included."""
        low, high = self._said(lower_bound), self._said(upper_bound)
        return type(self)(f"({self.written} BETWEEN {low} AND {high})", self.dialect)

    def clip(self, lower_bound: object = None, upper_bound: object = None) -> Self:
        """Brought between the two."""
        written = self.written
        for bound, function in ((lower_bound, self.dialect.greatest), (upper_bound, self.dialect.least)):
            if bound is not None:
                written = f"{function}({written}, {self._said(bound)})"
        return type(self)(written, self.dialect)

    def chosen(self, then: object, otherwise: object = None) -> Self:
        """``then`` where it is true, else ``otherwise``."""
        rest = " END" if otherwise is None else f" ELSE {self._said(otherwise)} END"
        if isinstance(otherwise, Sql) and otherwise.written.startswith("CASE "):  # a choice among several
            rest = otherwise.written.removeprefix("CASE")
        return type(self)(f"CASE WHEN {self.written} THEN {self._said(then)}{rest}", self.dialect)


def when(condition: nw.Expr, then: Term | str, otherwise: Term | None = None) -> nw.Expr:
    """The one or the other, null without another; whole numbers are int64."""
    if isinstance(condition, Sql):
        return condition.chosen(then, otherwise)
    chosen = nw.when(condition).then(_literal(then))
    return chosen if otherwise is None else chosen.otherwise(_literal(otherwise))


def every(conditions: Sequence[nw.Expr]) -> nw.Expr:
    """All of them hold."""
    if isinstance(conditions[0], Sql):
        return reduce(and_, conditions)
    return nw.all_horizontal(*conditions, ignore_nulls=True)


def some(conditions: Sequence[nw.Expr]) -> nw.Expr:
    """One of them at least holds."""
    if isinstance(conditions[0], Sql):
        return reduce(or_, conditions)
    return nw.any_horizontal(*conditions, ignore_nulls=True)


def _literal(value: Term | str) -> nw.Expr:
    if isinstance(value, int):
        return nw.lit(value, nw.Int64)
    return nw.lit(value) if isinstance(value, str) else value
