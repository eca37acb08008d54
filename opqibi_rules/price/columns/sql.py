"""A schedule's fees in SQL, for tables that stay in a warehouse: the same rules as :mod:`opqibi_rules.price.columns`.

One query, made from the schedule: it reads the columns, finds the first fault of each row, prices those that have
none. Amounts are whole cents; what a warehouse would round, convert or guess is a fault of the row instead.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date

import narwhals.stable.v2 as nw

from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message
from opqibi_rules.price.columns import inputs
from opqibi_rules.price.columns.expressions import Dialect, Sql, text
from opqibi_rules.price.columns.inputs import (
    CODES,
    DAY,
    ERROR,
    EVENT,
    LARGEST_CENTS,
    TERRITORY,
    TOTAL,
    Editions,
    begins_none,
)
from opqibi_rules.price.columns.rules import NO_AMOUNT, NO_COUNT, Rules
from opqibi_rules.price.question import MOST_OF_A_TARIFF
from opqibi_rules.tables.library import Tables, shipped_tables

DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect("postgres", type_of="CAST(pg_typeof({}) AS text)", decimal="numeric", folds=False),
        Dialect("duckdb", divided="//"),
        Dialect("sqlite", quote="`", least="MIN", greatest="MAX", whole=("integer", "null"), decimal=None),
        Dialect("spark", quote="`", divided="DIV"),
    )
}
"""Those that the tests run, and no other. (SQLite takes "NAME" for a text where there is no such column.)"""
UNITS = ("cents", "euros", "decimal")


def to_sql(
    dialect: str,
    *,
    on: date,
    turnovers: str,
    table: str = "structures",
    columns: Sequence[str] | None = None,
    tables: Tables | None = None,
    carry: Collection[str] = (),
) -> str:
    """The query that gives a table's columns, then its fees, as :func:`opqibi_rules.price.columns.with_fees` does.

    A turnover is a whole number or an exact decimal, as ``turnovers`` says; a count is a whole number, null for none;
    an event bears the schedule's own id. A column of another type (a float, a text) makes each row's fault, or stops
    the warehouse: nothing is converted. The rows come out in whatever order the warehouse gives.

    Args:
        dialect: one of :data:`DIALECTS`.
        on: the day that chooses the schedule, for all rows.
        table: the table's name; points part a schema from it.
        columns: those of the table that the answer has; by default all that can be read.
        turnovers: ``cents`` or ``euros`` (whole numbers), or ``decimal`` (euros in an exact decimal).
        tables: the facts; those shipped by default.
        carry: columns of the user's own that look like ours: kept, not read.

    Raises:
        RequestError: no such dialect or unit; a column is missing, looks like ours, or is one of ours to the dialect.
        DateError: no schedule is known on that day.
        TableError: a schedule too large to be computed in whole numbers of 64 bits.
    """
    for field, value, known in (("dialect", dialect, tuple(DIALECTS)), ("turnovers", turnovers, UNITS)):
        if value not in known:
            raise RequestError(
                Message(
                    "{field}: « {text} » is not one of {known}.", field=field, text=value[:40], known=known
                ),
                field=field,
            )
    _refuse_unnamed(table, columns or ())
    return _Query(DIALECTS[dialect], on, tables or shipped_tables(), columns, turnovers, carry).written(table)


def _refuse_unnamed(table: str, columns: Collection[str]) -> None:
    if "" in table.split("."):
        raise RequestError("table: a name is expected, as structures or schema.structures.", field="table")
    if "" in columns:
        raise RequestError("columns: one of the names is empty.", field="columns")


class _Query(Rules):
    """The query of one table, step by step."""

    def __init__(
        self,
        dialect: Dialect,
        on: date,
        tables: Tables,
        columns: Sequence[str] | None,
        unit: str,
        carried: Collection[str],
    ) -> None:
        self._dialect, self._unit = dialect, unit
        if unit == "decimal" and dialect.decimal is None:
            raise RequestError("{name} has no exact decimals; give whole cents or euros.", name=dialect.name)
        if columns is None:
            known = Editions((tables.schedule(on),))
            counts = [f"{kind}{tariff}" for kind in ("t", "new_t") for tariff in known.tariffs]
            columns = (EVENT, *known.turnovers, *counts)
        alike = [name.casefold() if dialect.folds else name for name in columns]
        if twice := tuple({name for name, same in zip(columns, alike, strict=True) if alike.count(same) > 1}):
            raise RequestError("Columns named twice: {columns}.", columns=twice)
        super().__init__(Editions.met(columns, on, tables, carried))
        inputs.refuse_taken(columns, self.editions.outputs, folds=dialect.folds)
        for column in {CODES, TERRITORY, DAY}.intersection(self.editions.read):
            raise RequestError(
                "{column}: not read in SQL; price such rows by columns or one by one.", column=column
            )
        self._own = tuple(columns)
        self._mark = begins_none(columns, "opqibi_")

    def written(self, table: str) -> str:
        """The query."""
        read, checked, priced = self._steps(table)
        own = list(map(self._name, self._own))
        fees = [f"{self._sql(self.fee(fee, self._sound))} AS {self._name(fee)}" for fee in self.editions.fees]
        due = " + ".join(f"COALESCE({self._name(fee)}, 0)" for fee in self.editions.fees)
        total = f"CASE WHEN {self._sql(self._sound)} THEN {due} END"
        source = ".".join(map(self._name, table.split(".")))
        steps = (
            (read, [*own, *self._cells_read()], source),
            (checked, ["*", f"{self._sql(self.first_fault())} AS {self._name(ERROR)}"], read),
            (priced, ["*", *fees], checked),
        )
        written = ",\n".join(f"{name} AS (\n{_select(what, where)}\n)" for name, what, where in steps)
        answer = [
            *own,
            *map(self._name, self.editions.fees),
            f"{total} AS {self._name(TOTAL)}",
            self._name(ERROR),
        ]
        return f"WITH {written}\n{_select(answer, priced)}\n"

    @staticmethod
    def _steps(table: str) -> Iterator[str]:
        """The names of the steps, none of which is that of the table."""
        before = begins_none(table.split("."), "opqibi_")
        yield from (f"{before}{step}" for step in ("read", "checked", "priced"))

    def cell(self, name: str) -> nw.Expr:
        """A cell read."""
        return Sql(self._marked(name), self._dialect)

    def faults(self) -> dict[str, nw.Expr]:
        """Those of the rules; a column of another type than is expected is its rows' fault."""
        faults = super().faults()
        for name in self.turnovers:
            wrong = self._is_not(name, decimal=self._unit == "decimal")
            if self._unit == "decimal":
                finer = f"{self._read(name)} <> {self._euros(name)}"
                wrong = wrong | Sql(f"(({self._within(name)}) AND {finer})", self._dialect)
            faults[name + NO_AMOUNT] = wrong
        for name in (*self.held.values(), *self.new.values()):
            faults[name + NO_COUNT] = self._is_not(name, decimal=False) | faults[name + NO_COUNT]
        return faults

    def in_force(self, number: int) -> nw.Expr:
        """There is one schedule."""
        return self._truth(number == 0)

    def among(self, first: str, events: Collection[str]) -> nw.Expr:
        """The row's event, or the schedule's first, is one of these."""
        if EVENT not in self.editions.read or not events:
            return self._truth(first in events)
        known = ", ".join(map(text, events))
        return Sql(f"(COALESCE({self._read(EVENT)}, '') IN ({known}))", self._dialect)

    def _cells_read(self) -> Iterator[str]:
        """Each of our columns as int64, what lies out of range brought just beyond it."""
        for name in self.turnovers:
            yield f"{self._amount(name)} AS {self._marked(name)}"
        for name in (*self.held.values(), *self.new.values()):
            count = self._bounded(name, MOST_OF_A_TARIFF)
            yield f"COALESCE({count}, 0) AS {self._marked(name)}"

    def _amount(self, name: str) -> str:
        if self._unit == "cents":
            return self._bounded(name, LARGEST_CENTS)
        return f"CAST({self._euros(name)} * 100 AS BIGINT)"

    def _euros(self, name: str) -> str:
        kind = "DECIMAL(15, 2)" if self._unit == "decimal" else "BIGINT"
        return self._bounded(name, LARGEST_CENTS // 100, kind)

    def _bounded(self, name: str, most: int, kind: str = "BIGINT") -> str:
        column = self._read(name)
        return (
            f"CASE WHEN {column} < 0 THEN -1 WHEN {column} > {most} THEN {most + 1} "
            f"ELSE CAST({column} AS {kind}) END"
        )

    def _within(self, name: str) -> str:
        return f"{self._read(name)} BETWEEN 0 AND {LARGEST_CENTS // 100}"

    def _is_not(self, name: str, *, decimal: bool) -> Sql:
        """The column has another type."""
        kind = f"lower({self._dialect.type_of.format(self._read(name))})"
        if decimal:
            return Sql(f"({kind} NOT LIKE '{self._dialect.decimal}')", self._dialect)
        return Sql(f"({kind} NOT IN ({', '.join(map(text, self._dialect.whole))}))", self._dialect)

    @property
    def _sound(self) -> nw.Expr:
        return Sql(f"({self._name(ERROR)} IS NULL)", self._dialect)

    def _truth(self, value: bool) -> Sql:  # noqa: FBT001 - a literal
        return Sql("TRUE" if value else "FALSE", self._dialect)

    def _read(self, name: str) -> str:
        """The table's column that is ours."""
        return self._name(self.editions.read[name])

    def _marked(self, name: str) -> str:
        return self._name(f"{self._mark}{name}")

    def _name(self, name: str) -> str:
        return self._dialect.identifier(name)

    @staticmethod
    def _sql(expression: nw.Expr) -> str:
        assert isinstance(expression, Sql)
        return expression.written


def _select(what: Sequence[str], where: str) -> str:
    return "  SELECT\n    " + ",\n    ".join(what) + f"\n  FROM {where}"
