"""Fees on columns against what was billed, on whichever engine holds the table: the same answers as one by one."""

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from typing import TypeVar, cast

import narwhals.stable.v2 as nw

from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import RequestError
from opqibi_rules.money import to_amount
from opqibi_rules.price.columns import Asked, editions_of, inputs, with_fees
from opqibi_rules.price.columns.given import Given
from opqibi_rules.price.columns.inputs import Column, begins_none
from opqibi_rules.price.headings import headings_of
from opqibi_rules.tables.library import Tables, shipped_tables

_Frame = TypeVar("_Frame")

DIFFERENCE, VERDICT = "difference", "verdict"


def with_price_verdict(
    frame: _Frame,
    *,
    billed: str,
    against: str = inputs.TOTAL,
    tolerance: Decimal | int | str = 0,
    on: date | str | None = None,
    tables: Tables | None = None,
    integers: str | None = None,
    carry: Collection[str] = (),
) -> _Frame:
    """The table with its fees, and the column ``billed`` compared with one of them.

    Adds the columns of :func:`~opqibi_rules.price.columns.with_fees`, then ``difference`` (billed less expected, in
    cents) and ``verdict``: ``conform``, ``discrepancy``, or ``undetermined`` where the fee or the amount
    billed is not known. Amounts are excl. VAT; ``tolerance`` is in euros, either way, inclusive.

    Raises:
        RequestError: no such column, or one of ours is there already; else as ``with_fees``.
        AmountError: a tolerance that is no amount.
    """
    margin = int(to_amount(tolerance, "tolerance") * 100)
    given = Given.of(frame)
    _refuse_absent(billed, given.headings)
    day = None if on is None else to_day(on, "on")
    tables = tables or shipped_tables()
    carry = (carry,) if isinstance(carry, str) else carry
    carry = headings_of(tables.heading_wording).carried(carry, billed)
    outputs = editions_of(Asked(given.headings, day, tables, carry)).outputs
    _refuse_absent(against, outputs[:-1])
    inputs.refuse_taken((*given.headings, *outputs), (DIFFERENCE, VERDICT), folds=given.folds)
    place = given.headings.index(billed)
    column = Column(billed, given.types[place], given.names[place])
    mark = f"{begins_none((*given.headings, *given.names))}billed"
    amount = inputs.amount_cents(column, integers=integers).alias(mark)
    priced = Given.of(with_fees(frame, on=on, tables=tables, integers=integers, carry=carry))
    table = priced.table.with_columns(amount)
    for each in _compared(mark, against, margin):
        table = table.with_columns(each)
    answer = table.select(*priced.names, DIFFERENCE, VERDICT).to_native()
    return cast("_Frame", priced.back(answer, (DIFFERENCE, VERDICT)))


def _refuse_absent(name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise RequestError(
            "There is no column {name}; the columns are: {columns}.", name=name, columns=known[:40]
        )


def _compared(billed: str, against: str, margin: int) -> Iterator[nw.Expr]:
    """The amounts billed that can be amounts, the difference, and the verdict: each of those before it."""
    # A credit note is negative: only what cannot be read, or cannot be an amount, is put aside.
    acceptable = nw.col(billed).is_between(-inputs.LARGEST_CENTS, inputs.LARGEST_CENTS)
    yield nw.when(acceptable).then(nw.col(billed)).alias(billed)
    yield (nw.col(billed) - nw.col(against)).alias(DIFFERENCE)
    verdict = (
        nw.when(nw.col(DIFFERENCE).is_null())
        .then(nw.lit("undetermined"))
        .when(nw.col(DIFFERENCE).is_between(-margin, margin))
        .then(nw.lit("conform"))
        .otherwise(nw.lit("discrepancy"))
    )
    yield verdict.alias(VERDICT)
