"""A table's columns: which are read and added, and each read strictly, as whole numbers that any engine holds.

Each reader yields a narwhals expression that never fails on a row. What cannot be read becomes a marker out
of range, which :mod:`opqibi_rules.price.columns` turns into that row's ``error``: a bad row is never dropped
and never stops the others.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import reduce
from operator import or_
from typing import NamedTuple

import narwhals.stable.v2 as nw

from opqibi_rules.errors import RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message
from opqibi_rules.money import AMOUNT, LARGEST, SPACES
from opqibi_rules.price.headings import Refusing, events_named, headings_of
from opqibi_rules.price.question import MOST_OF_A_TARIFF
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Fee, OtherBase, Schedule, Tranches

TURNOVER, EVENT, DAY, CODES = "turnover", "event", "date", "qualification_codes"
TERRITORY = "vat_territory"
TOTAL, VAT, WITH_VAT, ERROR = "total_excl_vat", "vat", "total_incl_vat", "error"

LARGEST_CENTS = int(LARGEST) * 100
"""The largest turnover accepted, as for a single quote."""
TOO_LARGE = LARGEST_CENTS + 1
UNREADABLE = -(2**62)
"""Marks a value that is there and cannot be read; no cell of a real table holds it."""
NOT_A_DAY, NO_SCHEDULE, NO_DAY = -1, -2, -3
NO_EVENT = -1
NOT_CODES, TWICE = -1, -2

BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""All that ``str.strip`` takes away: engines disagree on ``\\s``."""
_AMOUNT_TEXT = rf"^[{BLANKS}]*{re.sub(r'[?]P<[a-z]+>', '?:', AMOUNT)}[{BLANKS}]*$"
"""What :func:`opqibi_rules.money.parse_amount` accepts, in the regular expressions that all engines share."""
_TOO_LONG = f"(?:[0-9]{SPACES}?){{31}}"
"""More digits than the 30 that a single quote reads, leading zeros included."""
_MOST_DIGITS = 15
"""From the first that is not zero: a number of euros in cents then fits an int64, whatever its unit."""
_NO_COUNT = f"[^0-9]|[0-9]{{{_MOST_DIGITS + 1}}}"
_LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26]|0[48])00)"
_DAY_TEXT = (
    "^(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    f"|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP}-02-29)$"
)
"""A day of the calendar, 29 February included: engines parse dates each in its own way."""
_FRENCH_DAY = "^[0-9]{2}[/.][0-9]{2}[/.][0-9]{4}$"
"""The day first, and two figures of each: 3/2/2026 is what spreadsheets write where the month comes first."""


def turnover_column(base: str, schedule: Schedule) -> str:
    """The column of one of a schedule's turnovers: ``turnover`` for the first, ``turnover_ID`` for another."""
    return TURNOVER if base == schedule.turnovers[0].id else f"{TURNOVER}_{base}"


class Editions:
    """The schedules that the rows of a table may be priced by, and the columns that they read and add.

    ``known`` are all those at hand: a count under a tariff code that only another one has is read too, and is
    then the row's fault, as it is for a single quote.
    """

    def __init__(
        self,
        schedules: Sequence[Schedule],
        known: Sequence[Schedule] = (),
        read: Mapping[str, str] = FrozenDict(),
    ) -> None:
        self.schedules = tuple(schedules)
        self.fees: dict[str, Fee] = {fee.id: fee for schedule in schedules for fee in schedule.fees}
        """By id, each as the newest edition that has it declares it; in the order of the documents."""
        self.totals = (TOTAL, VAT, WITH_VAT) if TERRITORY in read else (TOTAL,)
        self.outputs = (*self.fees, *self.totals, ERROR)
        """The columns added: the fees and their sum in whole cents, and the error's code, null where right."""
        self.events = {item.id: item for schedule in schedules for item in schedule.events}
        self.tariffs = _tariffs(schedules)
        self.counted = _tariffs((*schedules, *known))
        self.bearing = [_bearing(schedule) for schedule in schedules]
        """For each schedule, the events that need a turnover, by the column that holds it."""
        general = dict.fromkeys(name for bearing in self.bearing for name in bearing)
        self.exceptional = [list(_exceptional(schedule)) for schedule in schedules]
        """For each schedule, its parts that take another turnover for structures of some qualifications alone."""
        others = (name for found in self.exceptional for part in found for name in part.others.values())
        self.turnovers = tuple(general)
        self.amounts = tuple(dict.fromkeys((*general, *others)))
        """All the columns of turnovers, those of the exceptions included."""
        self.read = read
        """The table's own heading of each of our columns that it has."""

    @classmethod
    def met(
        cls, columns: Collection[str], on: date | None, tables: Tables, carried: Collection[str] = ()
    ) -> "Editions":
        """Those that a table with such columns may meet: all if each row has its day, else the one of ``on``.

        ``carried`` are the user's own columns, whatever their names.

        Raises:
            RequestError: neither a column of days nor a day; one of our columns is missing, is there already or
                twice, or one looks like ours and is not; one that is carried is not there.
            DateError: no schedule is known on the day ``on``.
        """
        if unknown := tuple(name for name in carried if name not in columns):
            raise RequestError("There is no column {names} to carry.", names=unknown, field="carry")
        headings = headings_of(tables.heading_wording)
        own = [heading for heading in columns if heading not in carried]
        if any(headings.meant(heading) == DAY for heading in own):
            schedules: tuple[Schedule, ...] = tables.schedules
        elif on is None:
            raise RequestError("Neither a column date nor a day is given; which schedule holds?")
        else:
            schedules = (tables.schedule(on),)
        known = cls(schedules, tables.schedules)
        refuse_taken(columns, known.outputs)
        readable = (*known.inputs, EVENT, DAY, TERRITORY, *((CODES,) if any(known.exceptional) else ()))
        met = cls(schedules, tables.schedules, headings.read(columns, readable, carried))
        met._check(columns)
        return met

    def unread(self, columns: Iterable[str], carried: Collection[str]) -> tuple[str, ...]:
        """The columns that are neither read nor said to be the user's own: their cells may say that they are ours."""
        read = {*self.read.values(), *carried}
        return tuple(column for column in columns if column not in read)

    def by_cells(self, tables: Tables) -> Refusing:
        """What refuses an :meth:`unread` column of text by some of its cells."""
        wording = tables.heading_wording
        events = {} if EVENT in self.read else events_named(self.events.values(), wording)
        known = CODES in self.read
        return headings_of(wording).by_cells(
            events, lambda: () if known else tables.nomenclature.entries, dated=DAY in self.read
        )

    @property
    def inputs(self) -> tuple[str, ...]:
        """All the columns of amounts and counts that may be read."""
        counts = [f"{kind}{tariff}" for kind in ("t", "new_t") for tariff in self.counted]
        return (*self.amounts, *counts)

    def _check(self, columns: Collection[str]) -> None:
        required = tuple(self._required(EVENT in self.read))
        counts = tuple(f"t{tariff}" for tariff in self.tariffs)
        counted = any(schedule.counts(event) for schedule in self.schedules for event in schedule.events)
        lacking = not {*counts}.intersection(self.read) if counted else not self.read
        if not {*required} <= {*self.read} or lacking:
            one = Message("one at least of {counts}", counts=counts)
            raise RequestError(
                "These columns are expected: {expected}; the table has: {columns}.",
                expected=(*required, one if counted else EVENT),
                columns=tuple(columns)[:40],
            )
        refuse_taken(columns, self.outputs)

    def _required(self, any_event: bool) -> Iterator[str]:  # noqa: FBT001 - this class alone asks
        """The turnovers that every schedule needs, at its first event or at any."""
        each = list(zip(self.schedules, self.bearing, strict=True))
        if CODES in self.read:  # which turnover is due is told by the codes of each row
            return
        for name in self.turnovers:
            if all(
                name in bearing and (any_event or schedule.events[0].id in bearing[name])
                for schedule, bearing in each
            ):
                yield name


class Exceptional(NamedTuple):
    """A part by tranches that takes another turnover where a structure holds only some qualifications."""

    events: tuple[str, ...]
    """Those that bear it."""
    part: Tranches
    general: str
    """The column of its general turnover."""
    others: Mapping[OtherBase, str]
    """The column of the turnover of each exception."""


def _exceptional(schedule: Schedule) -> Iterator[Exceptional]:
    for fee in schedule.fees:
        for part in fee.parts:
            if isinstance(part, Tranches) and part.exceptions:
                others = {other: turnover_column(other.turnover, schedule) for other in part.exceptions}
                yield Exceptional(fee.events, part, turnover_column(part.turnover, schedule), others)


def _tariffs(schedules: Sequence[Schedule]) -> tuple[int, ...]:
    return tuple(sorted({tariff for schedule in schedules for tariff in schedule.tariffs}))


def _bearing(schedule: Schedule) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for fee in schedule.fees:
        for part in fee.parts:
            if isinstance(part, Tranches):
                found.setdefault(turnover_column(part.turnover, schedule), set()).update(fee.events)
    return found


class Column(NamedTuple):
    """A column of a table, to read."""

    heading: str
    dtype: nw.dtypes.DType
    called: str | None = None
    """Its name while we work, where that is not its heading."""

    @property
    def name(self) -> str:
        """What it is called while we work."""
        return self.heading if self.called is None else self.called

    @property
    def cells(self) -> nw.Expr:
        """What it holds."""
        return nw.col(self.name)


def amount_cents(column: Column, *, integers: str | None) -> nw.Expr:
    """An amount in cents: null where there is none, :data:`UNREADABLE` or :data:`TOO_LARGE` where so.

    ``integers`` says what a column of integers counts: ``cents`` or ``euros``.

    Raises:
        RequestError: the column holds floats, which are not exact, or something else than amounts; or integers, and
            nothing says what they count.
    """
    cells, dtype = column.cells, column.dtype
    if dtype.is_integer():
        if integers is None:
            raise unit_unknown(column.heading)
        if integers == "cents":
            return _wide(cells, dtype, TOO_LARGE)
        return _wide(cells, dtype, TOO_LARGE).clip(-1, TOO_LARGE // 100 + 1) * 100
    if dtype == nw.Decimal:
        text = cells.cast(nw.String)
        fraction = text.str.contains("[.]")
        return _text_cents(
            nw.when(fraction)
            .then(text.str.replace_all("0+$", "").str.replace_all("[.]$", ""))
            .otherwise(text)
        )
    if _is_text(dtype):
        return _text_cents(cells.cast(nw.String))
    raise _unfit(column, Message("whole numbers, decimals or text"))


def _wide(column: nw.Expr, dtype: nw.dtypes.DType, beyond: int) -> nw.Expr:
    """Any integers as int64; of those that it cannot hold, only that they are ``beyond``, or negative, matters."""
    if dtype in {nw.UInt64, nw.UInt128}:
        return column.clip(0, beyond).cast(nw.Int64)
    return (column.clip(-1, beyond) if dtype == nw.Int128 else column).cast(nw.Int64)


def _text_cents(text: nw.Expr) -> nw.Expr:
    readable = text.str.contains(_AMOUNT_TEXT) & ~text.str.contains(_TOO_LONG)
    # From the first digit that counts: « -0 350,5 » is 3505, in tenths of a euro.
    digits = text.str.replace_all("^[^1-9]+|[^0-9]", "")
    short = digits.str.len_chars() <= _MOST_DIGITS
    # The cast meets digits only, few enough for an int64: engines compute both branches of a condition.
    number = (
        nw.when(readable & short)
        .then(nw.concat_str(nw.lit("0"), digits))
        .otherwise(nw.lit("0"))
        .cast(nw.Int64)
    )
    unit = (
        nw.when(text.str.contains("[.,][0-9][0-9]"))
        .then(nw.lit(1))
        .when(text.str.contains("[.,]"))
        .then(nw.lit(10))
        .otherwise(nw.lit(100))
    )
    sign = nw.when(text.str.contains("[-−]")).then(nw.lit(-1)).otherwise(nw.lit(1))
    value = (
        nw.when(~readable)
        .then(nw.lit(UNREADABLE))
        .when(~short)
        .then(nw.lit(TOO_LARGE))
        .otherwise(number * unit * sign)
    )
    return nw.when(~text.is_null() & (text.str.strip_chars(BLANKS) != "")).then(value)


def count(column: Column) -> nw.Expr:
    """How many qualifications of a tariff: 0 where empty, out of range where it is no whole number.

    Raises:
        RequestError: the column holds neither whole numbers nor text.
    """
    cells, dtype = column.cells, column.dtype
    if dtype.is_integer():
        return _wide(cells, dtype, MOST_OF_A_TARIFF + 1).fill_null(0)
    if _is_text(dtype):
        text = cells.cast(nw.String).fill_null("").str.strip_chars(BLANKS)
        digits = ~text.str.contains(_NO_COUNT)
        # The cast meets digits only, few enough for an int64: engines compute both branches of a condition.
        number = nw.when(digits).then(nw.concat_str(nw.lit("0"), text)).otherwise(nw.lit("-1"))
        return number.cast(nw.Int64)
    raise _unfit(column, Message("whole numbers or text"))


@dataclass(frozen=True, slots=True)
class Days:
    """A column of days, of whichever type: compared with literals, never computed with."""

    column: nw.Expr
    readable: nw.Expr
    absent: nw.Expr
    bound: Callable[[date, time], nw.Expr]
    """A day as the column's type writes it; the hour serves a column of moments."""

    def at(self, column: str) -> "Days":
        """The same, computed before into a column."""
        days = nw.col(column)
        return replace(self, column=days, readable=~days.is_null())

    def since(self, day: date) -> nw.Expr:
        """On that day or later."""
        return self.column >= self.bound(day, time.min)

    def after(self, day: date) -> nw.Expr:
        """Later than that day."""
        return self.column > self.bound(day, time.max)


def days(given: Column, otherwise: date | None = None) -> Days:
    """A column of days, or of text as 2026-03-02 or 02/03/2026; ``otherwise``: the day of rows that have none.

    Raises:
        RequestError: the column holds neither days nor text.
    """
    column, dtype = given.cells, given.dtype
    if _is_text(dtype):
        text = column.cast(nw.String)
        # « $ » alone lets a last line feed pass on some engines.
        plain = text.str.contains(_DAY_TEXT) & (text.str.len_chars() == 10)
        # What is plain, as most are, is not looked at again.
        other = nw.when(~plain).then(text.str.strip_chars(BLANKS))
        absent = text.is_null() | (other == "")
        column = nw.when(plain).then(text).otherwise(_iso(other))
        bound: Callable[[date, time], nw.Expr] = lambda day, _: nw.lit(day.isoformat())  # noqa: E731
    elif dtype == nw.Date:
        absent = column.is_null()
        bound = lambda day, _: nw.lit(day)  # noqa: E731
    elif isinstance(dtype, nw.Datetime) and dtype.time_zone is None:
        # pandas has moments only.
        absent = column.is_null()
        bound = lambda day, hour: nw.lit(datetime.combine(day, hour))  # noqa: E731
    else:
        raise _unfit(given, Message("days, or text as 2026-03-02"))
    if otherwise is not None:
        column = nw.when(absent).then(bound(otherwise, time.min)).otherwise(column)
    return Days(column, ~column.is_null(), absent, bound)


def _iso(text: nw.Expr) -> nw.Expr:
    """A day as 02/03/2026 or with blanks around it, in the order that sorts; null for what is none."""
    french = nw.when(text.str.contains(_FRENCH_DAY)).then(text)
    parts = (french.str.slice(6), nw.lit("-"), french.str.slice(3, 2), nw.lit("-"), french.str.slice(0, 2))
    day = nw.when(~french.is_null()).then(nw.concat_str(*parts)).otherwise(text)
    return nw.when(day.str.contains(_DAY_TEXT)).then(day)


def edition(column: Column, schedules: Sequence[Schedule], otherwise: date | None = None) -> nw.Expr:
    """The index of the schedule in force on the row's day, else what marks that there is none.

    :data:`NO_DAY`, :data:`NOT_A_DAY` or :data:`NO_SCHEDULE`; ``otherwise``: the day of rows that have none.

    Raises:
        RequestError: the column holds neither days nor text.
    """
    day = days(column, otherwise)
    index = nw.lit(NO_SCHEDULE)
    for number, schedule in enumerate(schedules):
        index = nw.when(day.since(schedule.in_force_from)).then(nw.lit(number)).otherwise(index)
        if schedule.in_force_until is not None:
            index = nw.when(day.after(schedule.in_force_until)).then(nw.lit(NO_SCHEDULE)).otherwise(index)
    index = nw.when(day.readable).then(index).otherwise(nw.lit(NOT_A_DAY))
    if otherwise is None:
        index = nw.when(day.absent).then(nw.lit(NO_DAY)).otherwise(index)
    return index.cast(nw.Int64)


def event(column: Column, named: Mapping[str, str]) -> nw.Expr:
    """The index of the event among those declared, else :data:`NO_EVENT`.

    ``named``: for each, the regular expression of a cell that names it.

    Raises:
        RequestError: the column does not hold text.
    """
    text = text_of(column, Message("texts ({events})", events=tuple(named)))
    # Most are named by their ids: only the others are looked at letter by letter.
    other = nw.when(~reduce(or_, [text == known for known in named])).then(text)
    index = nw.lit(NO_EVENT)
    for number, pattern in enumerate(named.values()):
        index = nw.when(other.str.contains(pattern)).then(nw.lit(number)).otherwise(index)
    for number, known in enumerate(named):
        index = nw.when(text == known).then(nw.lit(number)).otherwise(index)
    return index.cast(nw.Int64)


_APART = f"[{BLANKS},;/+|&-]"
"""What stands between two codes of a cell."""


def codes(column: Column, distinct: nw.Expr | None = None) -> nw.Expr:
    """How many codes of qualifications a cell holds: null for none.

    :data:`NOT_CODES` where it holds anything else, :data:`TWICE` where it holds one twice. ``distinct``: how many it
    holds that differ, on an engine that has no lists (:func:`distinct_codes`).

    Raises:
        RequestError: the column does not hold text: a number would have lost the zero of 0607.
    """
    text = _codes_text(column)
    readable = text.str.contains(f"^{_APART}*[0-9]{{4}}(?:{_APART}+[0-9]{{4}})*{_APART}*$")
    count = text.fill_null("").str.replace_all("[^0-9]", "").str.len_chars().cast(nw.Int64) // 4
    if distinct is None:
        words = text.str.replace_all("[^0-9]+", " ").str.strip_chars(" ").str.split(" ")
        distinct = words.list.unique().list.len().cast(nw.Int64)
    told = (
        nw.when(~readable)
        .then(nw.lit(NOT_CODES, nw.Int64))
        .when(distinct == count)
        .then(count)
        .otherwise(nw.lit(TWICE, nw.Int64))
    )
    return nw.when(text.str.contains(f"[^{BLANKS}]")).then(told)


def distinct_codes(cells: Iterable[object]) -> list[int]:
    """How many codes that differ each of these cells holds, whatever else it holds."""
    return [len({*re.findall("[0-9]{4}", cell)}) if isinstance(cell, str) else 0 for cell in cells]


def alone(column: Column, held_only: Collection[str]) -> nw.Expr:
    """Whether a cell holds none but these codes, and one at least: 1, else 0."""
    one = "|".join(sorted(held_only))
    text = _codes_text(column)
    found = text.str.contains(f"^{_APART}*(?:{one})(?:{_APART}+(?:{one}))*{_APART}*$")
    return nw.when(found).then(nw.lit(1, nw.Int64)).otherwise(nw.lit(0, nw.Int64))


def _codes_text(column: Column) -> nw.Expr:
    return text_of(column, Message("texts (0607, 1905…)"))


def text_of(column: Column, expected: Message) -> nw.Expr:
    """A column of text.

    Raises:
        RequestError: it holds something else.
    """
    if not _is_text(column.dtype):
        raise _unfit(column, expected)
    return column.cells.cast(nw.String)


def _is_text(dtype: nw.dtypes.DType) -> bool:
    # A column without any value has no type of its own on some engines.
    return isinstance(dtype, (nw.String, nw.Categorical, nw.Enum, nw.Unknown))


def unit_unknown(name: str) -> RequestError:
    """Whole numbers that may be euros or cents: a hundred times more, or less, is not guessed."""
    return RequestError(
        'The column {name} holds whole numbers, and nothing says of what: integers="euros" or '
        'integers="cents". (Decimals and text are euros.)',
        name=name,
        field="integers",
    )


def _unfit(column: Column, expected: Message) -> RequestError:
    return unfit(column.heading, str(column.dtype), expected)


def unfit(name: str, kind: str, expected: Message) -> RequestError:
    """A column whose values cannot be what is read from it."""
    return RequestError(
        "The column {name} holds {dtype}, where {expected} are expected. (Floats are not exact: convert "
        "them where the table is made.)",
        name=name,
        dtype=kind,
        expected=expected,
    )


def begins_none(names: Iterable[str], before: str = "__opqibi_") -> str:
    """What begins none of these names: our own, while we work, are told by it. At least ``before``."""
    folded = [name.casefold() for name in names]
    while any(name.startswith(before) for name in folded):
        before = f"_{before}"
    return before


def refuse_taken(columns: Collection[str], ours: Sequence[str], *, folds: bool = False) -> None:
    """Refuse a table that has columns of ours already; ``folds``: or whose names differ from ours by case alone.

    Raises:
        RequestError: it has.
    """
    told = str.casefold if folds else str
    added = {*map(told, ours)}
    taken = [name for name in columns if told(name) in added]
    if taken:
        raise RequestError("The table has already: {columns}. Rename or remove them first.", columns=taken)
