"""Certificates on columns: where each stands on a day.

Like :mod:`opqibi_rules.price.columns`, on whichever engine holds the table, with the same answers as one by one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import TypeVar, cast

import narwhals.stable.v2 as nw

from opqibi_rules.certificate.model import Status
from opqibi_rules.deadlines import add_years
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message
from opqibi_rules.price.columns import inputs
from opqibi_rules.price.columns.given import Given
from opqibi_rules.price.columns.inputs import Column
from opqibi_rules.tables.library import Tables, shipped_tables
from opqibi_rules.tables.validity import Term

_Frame = TypeVar("_Frame")

STATUSES = ("certificate_status", "qualifications_status", "probationary_status")


def with_standings(frame: _Frame, *, on: date, tables: Tables | None = None) -> _Frame:
    """The table of certificates with where each stands on a day: :data:`STATUSES`.

    Columns read: ``issued``; ``duration``, as worded (without that column, every certificate is of the term of
    the validity table); ``qualifications_until`` and ``probationary_until``, the dates printed for the two
    lists; ``qualifications`` and ``probationary``, how many each holds (without that column, one or more; a
    list is absent, its status null, where it holds none or has neither column). Dates are days, or text as
    2026-03-02 or 02/03/2026; a date that is empty or unreadable is one that is not known.

    The answers are those of :mod:`opqibi_rules.certificate.model`, as a certificate read on that very day would
    have them, as its codes: ``valid``, ``not_renewed``…

    Raises:
        RequestError: no column ``issued``, a column of another kind, or one of ours is there already.
    """
    given = Given.of(frame)
    table = given.table
    types: dict[str, nw.dtypes.DType] = dict(zip(given.names, given.types, strict=True))
    if "issued" not in types:
        message = Message(
            "There is no column {name}; the columns are: {columns}.", name="issued", columns=given.headings
        )
        raise RequestError(message)
    inputs.refuse_taken(given.headings, STATUSES, folds=given.folds)
    validity = (tables or shipped_tables()).validity
    before = inputs.begins_none(types)
    printed: list[str] = [
        name for name in ("issued", "qualifications_until", "probationary_until") if name in types
    ]
    read = {name: inputs.days(Column(name, types[name])) for name in printed}
    table = table.with_columns(**{f"{before}{name}": each.column for name, each in read.items()})
    days = {name: each.at(f"{before}{name}") for name, each in read.items()}
    lists = (
        _List.of("qualifications", validity.qualification, types, days, on),
        _List.of("probationary", validity.probationary, types, days, on),
    )
    issued = days["issued"]
    first, *others = STATUSES
    table = table.with_columns(_of_certificate(issued, lists, types, on, validity.certificate).alias(first))
    statuses = zip(others, lists, strict=True)
    table = table.with_columns(_of_list(one, _known(issued)).alias(name) for name, one in statuses)
    answer = table.select(*given.names, *STATUSES).to_native()
    return cast("_Frame", given.back(answer, STATUSES))


def earliest_start(on: date, years: int) -> date:
    """The first day from which so many years reach ``on``: what turns a deadline of each row into one comparison.

    >>> earliest_start(date(2025, 2, 28), 1), earliest_start(date(2024, 2, 29), 1)
    (datetime.date(2024, 2, 28), datetime.date(2023, 3, 1))
    """
    start = add_years(on, -years)
    return start if add_years(start, years) >= on else start + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _List:
    """One of the two lists, as comparisons with literal days."""

    held: nw.Expr
    dated: nw.Expr
    may_run: nw.Expr
    """Until its printed date, or else a full term from the issue."""

    @classmethod
    def of(
        cls,
        kind: str,
        term: Term,
        types: dict[str, nw.dtypes.DType],
        days: dict[str, inputs.Days],
        on: date,
    ) -> "_List":
        issued, until = days["issued"], f"{kind}_until"
        held = inputs.count(Column(kind, types[kind])) != 0 if kind in types else nw.lit(until in types)
        runs = _known(issued) & issued.since(earliest_start(on, term.years)).fill_null(value=False)
        if until not in types:
            return cls(held, nw.lit(value=False), held & runs)
        printed = days[until]
        dated = _known(printed)
        return cls(held, dated, held & ((dated & printed.since(on).fill_null(value=False)) | (~dated & runs)))


def _of_certificate(
    issued: inputs.Days, lists: Iterable[_List], types: dict[str, nw.dtypes.DType], on: date, term: Term
) -> nw.Expr:
    """The clock of the certificate."""
    worded: nw.Expr = nw.lit(value=True)
    if "duration" in types:
        text = nw.col("duration").cast(nw.String).str.to_lowercase()
        text = text.str.replace_all("[ \u00a0\u202f\t\r\n]+", " ").str.strip_chars(" ")
        worded = text.is_in(term.wording).fill_null(value=False)
    return _case(
        (~_known(issued), Status.UNDETERMINED),
        (issued.after(on), Status.NOT_YET_VALID),
        (~worded, Status.UNDETERMINED),
        (issued.since(earliest_start(on, term.years)), Status.VALID),
        (reduce(or_, (one.may_run for one in lists)), Status.NOT_RENEWED),
        otherwise=Status.EXPIRED,
    )


def _of_list(one: _List, issued: nw.Expr) -> nw.Expr:
    """The clock of a list, under its certificate; null where it holds nothing."""
    certificate = nw.col(STATUSES[0])
    status = _case(
        (~one.may_run & (one.dated | issued), Status.EXPIRED),
        (certificate == str(Status.NOT_YET_VALID), Status.NOT_YET_VALID),
        (certificate == str(Status.UNDETERMINED), Status.UNDETERMINED),
        (certificate != str(Status.VALID), Status.NOT_RENEWED),
        (~one.dated, Status.UNDETERMINED),
        otherwise=Status.VALID,
    )
    return nw.when(one.held).then(status)


def _known(days: inputs.Days) -> nw.Expr:
    return days.readable.fill_null(value=False)


def _case(*cases: tuple[nw.Expr, Status], otherwise: Status) -> nw.Expr:
    chosen: nw.Expr = nw.lit(str(otherwise))
    for condition, status in reversed(cases):
        chosen = nw.when(condition).then(nw.lit(str(status))).otherwise(chosen)
    return chosen
