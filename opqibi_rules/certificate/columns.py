"""Certificates on columns: where each stands on a day.

Like :mod:`opqibi_rules.price.columns`, on whichever engine holds the table, with the same answers as one by one.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar, cast

import narwhals.stable.v2 as nw

from opqibi_rules.certificate.model import Status
from opqibi_rules.deadlines import add_years
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message
from opqibi_rules.price import column_inputs as inputs
from opqibi_rules.price.quote import shipped_tables
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.validity import Term, Validity

_Frame = TypeVar("_Frame")

STATUSES = ("certificate_status", "qualifications_status", "probationary_status")


def with_standings(frame: _Frame, *, on: date, tables: Tables | None = None) -> _Frame:
    """The table of certificates with where each stands on a day: :data:`STATUSES`.

    Columns read: ``issued``; ``duration``, as worded (without that column, every certificate is of the term of
    the validity table); ``qualifications_until`` and ``probationary_until``, the dates printed for the two
    lists; ``qualifications`` and ``probationary``, how many each holds (without that column, one or more; a
    list is absent, its status null, where it holds none or has neither column). Dates are days, or text as
    2026-03-02; a date that is empty or unreadable is one that is not known.

    The answers are those of :mod:`opqibi_rules.certificate.model`, as its codes: ``valid``, ``not_renewed``…

    Raises:
        RequestError: no column ``issued``, a column of another kind, or one of ours is there already.
    """
    table = nw.from_native(cast("Any", frame))
    types = dict(table.collect_schema())
    if "issued" not in types:
        message = Message(
            "There is no column {name}; the columns are: {columns}.", name="issued", columns=tuple(types)
        )
        raise RequestError(message)
    inputs.refuse_taken(types, STATUSES)
    validity = (tables or shipped_tables()).validity
    standings = _Standings(types, on, validity)
    first, *lists = STATUSES
    table = table.with_columns(standings.certificate().alias(first))
    table = table.with_columns(standings.of_list(name.removesuffix("_status")).alias(name) for name in lists)
    return cast("_Frame", table.to_native())


def earliest_start(on: date, years: int) -> date:
    """The first day from which so many years reach ``on``: what turns a deadline of each row into one comparison.

    >>> earliest_start(date(2025, 2, 28), 1), earliest_start(date(2024, 2, 29), 1)
    (datetime.date(2024, 2, 28), datetime.date(2023, 3, 1))
    """
    start = add_years(on, -years)
    return start if add_years(start, years) >= on else start + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Standings:
    """The two clocks of :mod:`opqibi_rules.certificate.model`, as comparisons with literal days."""

    types: dict[str, Any]
    on: date
    validity: Validity

    def certificate(self) -> nw.Expr:
        issued = inputs.days("issued", self.types["issued"])
        worded = self._worded()
        of_the_year = issued.since(earliest_start(self.on, self.validity.certificate.years))
        running = self._may_run("qualifications") | self._may_run("probationary")
        return _case(
            (~_known(issued), Status.UNDETERMINED),
            (issued.after(self.on), Status.NOT_YET_VALID),
            (~worded, Status.UNDETERMINED),
            (of_the_year, Status.VALID),
            (running, Status.NOT_RENEWED),
            otherwise=Status.EXPIRED,
        )

    def of_list(self, kind: str) -> nw.Expr:
        standing = nw.col(STATUSES[0])
        over = ~self._may_run(kind) & (
            self._dated(kind) | _known(inputs.days("issued", self.types["issued"]))
        )
        status = _case(
            (over, Status.EXPIRED),
            (standing == str(Status.NOT_YET_VALID), Status.NOT_YET_VALID),
            (standing == str(Status.UNDETERMINED), Status.UNDETERMINED),
            (standing != str(Status.VALID), Status.NOT_RENEWED),
            (~self._dated(kind), Status.UNDETERMINED),
            otherwise=Status.VALID,
        )
        return nw.when(self._held(kind)).then(status)

    def _worded(self) -> nw.Expr:
        if "duration" not in self.types:
            return nw.lit(value=True)
        text = (
            nw.col("duration")
            .cast(nw.String)
            .str.to_lowercase()
            .str.replace_all("[ \u00a0\u202f\t\r\n]+", " ")
        )
        return text.str.strip_chars(" ").is_in(self.validity.certificate.wording).fill_null(value=False)

    def _held(self, kind: str) -> nw.Expr:
        if kind in self.types:
            return inputs.count(kind, self.types[kind]) != 0
        return nw.lit(f"{kind}_until" in self.types)

    def _dated(self, kind: str) -> nw.Expr:
        name = f"{kind}_until"
        return _known(inputs.days(name, self.types[name])) if name in self.types else nw.lit(value=False)

    def _may_run(self, kind: str) -> nw.Expr:
        """Whether a list may still run: until its printed date, or else a full term from the issue."""
        term: Term = self.validity.probationary if kind == "probationary" else self.validity.qualification
        issued = inputs.days("issued", self.types["issued"])
        full_term = _known(issued) & issued.since(earliest_start(self.on, term.years)).fill_null(value=False)
        name = f"{kind}_until"
        if name not in self.types:
            return self._held(kind) & full_term
        until = inputs.days(name, self.types[name])
        printed = until.since(self.on).fill_null(value=False)
        return self._held(kind) & ((_known(until) & printed) | (~_known(until) & full_term))


def _known(days: inputs.Days) -> nw.Expr:
    return days.readable.fill_null(value=False)


def _case(*cases: tuple[nw.Expr, Status], otherwise: Status) -> nw.Expr:
    chosen: nw.Expr = nw.lit(str(otherwise))
    for condition, status in reversed(cases):
        chosen = nw.when(condition).then(nw.lit(str(status))).otherwise(chosen)
    return chosen
