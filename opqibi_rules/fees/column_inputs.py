"""Reading a table's columns strictly: turnover, counts, event and day, as whole numbers that any engine holds.

Each reader yields a narwhals expression that never fails on a row. What cannot be read becomes a marker out
of range, which :mod:`opqibi_rules.fees.columns` turns into that row's ``error``: a bad row is never dropped
and never stops the others.
"""

import re
from collections.abc import Sequence
from datetime import date

import narwhals.stable.v2 as nw

from opqibi_rules.errors import RequestError
from opqibi_rules.fees.quote import MOST_OF_A_TARIFF
from opqibi_rules.messages import Message
from opqibi_rules.money import AMOUNT, LARGEST
from opqibi_rules.tables.schedule import Schedule

LARGEST_CENTS = int(LARGEST) * 100
"""The largest turnover accepted, as for a single quote."""
TOO_LARGE = LARGEST_CENTS + 1
UNREADABLE = -(2**62)
"""Marks a value that is there and cannot be read; no cell of a real table holds it."""
NOT_A_DAY, NO_SCHEDULE = -1, -2

_BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""All that ``str.strip`` takes away: engines disagree on ``\\s``."""
_AMOUNT_TEXT = rf"^[{_BLANKS}]*{re.sub(r'[?]P<[a-z]+>', '?:', AMOUNT.pattern)}[{_BLANKS}]*$"
"""What :func:`opqibi_rules.money.parse_amount` accepts, in the regular expressions that all engines share."""
_SIGN = rf"^[{_BLANKS}]*[-−]"
_MOST_WRITTEN, _MOST_DIGITS = 32, 17
"""Digits down to the cent, with and without leading zeros: 30 for euros as for a single quote; int64."""
_DAY_TEXT = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def turnover_cents(name: str, dtype: nw.dtypes.DType, *, integers: str) -> nw.Expr:
    """The turnover in cents: null where there is none, :data:`UNREADABLE` or :data:`TOO_LARGE` where so.

    ``integers`` says what a column of integers counts: ``cents`` or ``euros``.

    Raises:
        RequestError: the column holds floats, which are not exact, or something else than amounts.
    """
    column = nw.col(name)
    if dtype.is_integer():
        factor, beyond = (100, TOO_LARGE // 100) if integers == "euros" else (1, TOO_LARGE)
        inside = column.clip(-1, beyond) if dtype.is_signed_integer() else column.clip(0, beyond)
        return inside.cast(nw.Int64) * factor
    if dtype == nw.Decimal:
        text = column.cast(nw.String)
        fraction = text.str.contains("[.]")
        return _text_cents(
            nw.when(fraction).then(text.str.replace_all("0+$", "").str.replace_all("[.]$", "")).otherwise(text)
        )
    if _is_text(dtype):
        return _text_cents(column.cast(nw.String))
    raise _unfit(name, dtype, Message("whole numbers of {unit}, decimals or text", unit=integers))


def _text_cents(text: nw.Expr) -> nw.Expr:
    two = text.str.contains("[.,][0-9][0-9]")
    one = text.str.contains("[.,]")
    padding = nw.when(two).then(nw.lit("")).when(one).then(nw.lit("0")).otherwise(nw.lit("00"))
    padded = nw.concat_str(text, padding).str.replace_all("[^0-9]", "")
    digits = padded.str.replace_all("^0+", "")
    readable = text.str.contains(_AMOUNT_TEXT)
    short = (padded.str.len_chars() <= _MOST_WRITTEN) & (digits.str.len_chars() <= _MOST_DIGITS)
    # The cast meets digits only, few enough for an int64: engines compute both branches of a condition.
    number = nw.when(readable & short & (digits != "")).then(digits).otherwise(nw.lit("0")).cast(nw.Int64)
    signed = nw.when(text.str.contains(_SIGN)).then(number * -1).otherwise(number)
    cents = nw.when(~readable).then(nw.lit(UNREADABLE)).when(~short).then(nw.lit(TOO_LARGE)).otherwise(signed)
    return nw.when(~text.is_null() & (text != "")).then(cents)


def count(name: str, dtype: nw.dtypes.DType) -> nw.Expr:
    """How many qualifications of a tariff: 0 where empty, out of range where it is no whole number.

    Raises:
        RequestError: the column holds neither whole numbers nor text.
    """
    column = nw.col(name)
    if dtype.is_integer():
        lowest = -1 if dtype.is_signed_integer() else 0
        # A narrow integer holds neither bound: it is widened first. A wide one is brought down first.
        wide = column if dtype in {nw.Int64, nw.UInt64} else column.cast(nw.Int64)
        return wide.clip(lowest, MOST_OF_A_TARIFF + 1).cast(nw.Int64).fill_null(0)
    if _is_text(dtype):
        text = column.cast(nw.String).fill_null("")
        digits = (text.str.len_chars() <= _MOST_DIGITS) & ~text.str.contains("[^0-9]")
        # The cast meets digits only, few enough for an int64: engines compute both branches of a condition.
        number = nw.when(digits & (text != "")).then(text).otherwise(nw.lit("0")).cast(nw.Int64)
        return nw.when(digits).then(number).otherwise(nw.lit(-1))
    raise _unfit(name, dtype, Message("whole numbers or text"))


def edition(name: str, dtype: nw.dtypes.DType, schedules: Sequence[Schedule]) -> nw.Expr:
    """The index of the schedule in force on the row's day, else :data:`NOT_A_DAY` or :data:`NO_SCHEDULE`.

    Raises:
        RequestError: the column holds neither days nor text.
    """
    column = nw.col(name)
    if dtype == nw.Date:
        readable = ~column.is_null()
    elif _is_text(dtype):
        column = column.cast(nw.String)
        readable = _is_day(column)
    else:
        raise _unfit(name, dtype, Message("days, or text as 2026-03-02"))

    def bound(day: date) -> nw.Expr:
        # ISO days sort as text does.
        return nw.lit(day) if dtype == nw.Date else nw.lit(day.isoformat())

    index = nw.lit(NO_SCHEDULE)
    for number, schedule in enumerate(schedules):
        started = column >= bound(schedule.in_force_from)
        index = nw.when(started).then(nw.lit(number)).otherwise(index)
        if schedule.in_force_until is not None:
            ended = column > bound(schedule.in_force_until)
            index = nw.when(ended).then(nw.lit(NO_SCHEDULE)).otherwise(index)
    return nw.when(readable).then(index).otherwise(nw.lit(NOT_A_DAY)).cast(nw.Int64)


def _is_day(text: nw.Expr) -> nw.Expr:
    """Whether a text is a day of the calendar, without asking an engine to parse it: they differ."""
    shaped = text.str.contains(_DAY_TEXT) & (text.str.len_chars() == 10)
    safe = nw.when(shaped).then(text).otherwise(nw.lit("0000-00-00"))
    year = safe.str.slice(0, 4).cast(nw.Int64)
    month = safe.str.slice(5, 2).cast(nw.Int64)
    day = safe.str.slice(8, 2).cast(nw.Int64)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = (
        nw.when(month == 2)
        .then(nw.when(leap).then(nw.lit(29)).otherwise(nw.lit(28)))
        .when(month.is_in([4, 6, 9, 11]))
        .then(nw.lit(30))
        .otherwise(nw.lit(31))
    )
    return (year >= 1) & month.is_between(1, 12) & (day >= 1) & (day <= last)


def event(name: str, dtype: nw.dtypes.DType) -> nw.Expr:
    """The event as text; empty where there is none.

    Raises:
        RequestError: the column does not hold text.
    """
    if not _is_text(dtype):
        raise _unfit(name, dtype, Message("text: first, renewal or control"))
    return nw.col(name).cast(nw.String).fill_null("")


def _is_text(dtype: nw.dtypes.DType) -> bool:
    # A column without any value has no type of its own on some engines.
    return isinstance(dtype, (nw.String, nw.Categorical, nw.Enum, nw.Unknown))


def _unfit(name: str, dtype: nw.dtypes.DType, expected: Message) -> RequestError:
    return RequestError(
        Message(
            "The column {name} holds {dtype}, where {expected} are expected. Floats are not exact: convert "
            "them where the table is made.",
            name=name,
            dtype=str(dtype),
            expected=expected,
        )
    )
