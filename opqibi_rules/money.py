"""Amounts of euros: exact decimals, one rounding, and reading what people type.

Money is :class:`decimal.Decimal`, never ``float``. A function that computes is marked :func:`exactly`: its
arithmetic, and that of all it calls, runs in :data:`EXACT`, a context of our own, so that a caller's context
(precision 3, other rounding, traps) changes nothing, and sums read as sums.

>>> parse_amount("350 000,50 €")
Decimal('350000.50')
>>> parse_amount("1,234.56")
Traceback (most recent call last):
opqibi_rules.errors.AmountError: « 1,234.56 » is ambiguous: ...
"""

import re
from collections.abc import Callable
from decimal import (
    ROUND_HALF_UP,
    Clamped,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    getcontext,
    setcontext,
)
from functools import wraps
from inspect import isgeneratorfunction
from typing import ParamSpec, TypeVar

from opqibi_rules.errors import AmountError

CENT = Decimal("0.01")
ZERO = Decimal(0)

LARGEST = Decimal(1_000_000_000_000)
"""No turnover of a firm reaches a thousand billion euros: beyond is a typing error, and is refused."""

EXACT = Context(
    prec=60, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero, Overflow, Clamped], capitals=1
)
"""Sixty digits: no amount of the schedule, times any accepted turnover, is ever rounded by arithmetic."""
_quantized = EXACT.quantize

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def exactly(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Run a function's arithmetic in :data:`EXACT`, whatever the context of its caller.

    >>> from decimal import localcontext
    >>> with localcontext(prec=2):
    ...     exactly(lambda: Decimal("1160.00") + Decimal("557.50"))()
    Decimal('1717.50')

    Raises:
        TypeError: a generator, which would compute after its caller's context is back.
    """
    if isgeneratorfunction(function):
        raise TypeError(f"{function.__qualname__} is a generator; mark what consumes it")

    @wraps(function)
    def run(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        outer = getcontext()
        setcontext(EXACT)
        try:
            return function(*args, **kwargs)
        finally:
            setcontext(outer)

    return run


SPACES = "[ \u00a0\u202f\u2009\u2007]"
"""Space, no-break, narrow no-break, thin and figure space: what keyboards and spreadsheets put in an amount."""
AMOUNT = (
    rf"(?P<sign>[-−]?)(?P<whole>[0-9]+|[0-9]{{1,3}}(?:{SPACES}[0-9]{{3}})+)(?:[.,](?P<cents>[0-9]{{1,2}}))?"
    rf"(?:{SPACES}?(?:€|EUR))?"
)
"""An amount as people write it, as a regular expression; blanks around it are put aside first."""
_FOREIGN = r"[-−]?[0-9]{1,3}(?:([.,'])[0-9]{3})+(?:[.,][0-9]+)?"


def parse_amount(text: str) -> Decimal:
    """Read an amount in French or plain notation, exactly.

    Accepted: ``350000``, ``350000.50``, ``350 000,50``, ``350 000,50 €`` with any kind of space.

    Raises:
        AmountError: the text is no amount, or could be read two ways (``1,234.56``, ``12,345``).
    """
    match = re.fullmatch(AMOUNT, text.strip())
    if match is None:
        if re.fullmatch(_FOREIGN, text.strip()):
            raise AmountError(
                "« {text} » is ambiguous: is the comma or the point a thousands separator? "
                "Write 350000.50 or 350 000,50.",
                text=text[:80],
            )
        raise AmountError(
            "« {text} » is not an amount in euros. Write 350000, 350000.50 or 350 000,50 €.", text=text[:80]
        )
    whole = re.sub(SPACES, "", match["whole"])
    if len(whole) > 30:
        raise AmountError("« {text} » is too large to be an amount in euros.", text=text[:80])
    decimals = f".{match['cents']}" if match["cents"] else ""
    return Decimal(f"{'-' if match['sign'] else ''}{whole}{decimals}")


_RATE = (
    r"(?P<sign>[-+−]?)"
    rf"(?:(?P<percent>[0-9]{{1,3}}(?:[.,][0-9]{{1,6}})?){SPACES}?%|(?P<part>[0-9](?:[.,][0-9]{{1,12}})?))"
)


def parse_rate(text: str) -> Decimal | None:
    """A part of one: ``20 %``, ``8,5%``, ``0.20``, ``0,03``, ``0``; ``None``: the text is no rate.

    >>> parse_rate("8,5 %"), parse_rate("0,2"), parse_rate("20")
    (Decimal('0.085'), Decimal('0.2'), None)
    """
    match = re.fullmatch(_RATE, text.strip())
    if match is None:
        return None
    rate = Decimal((match["percent"] or match["part"]).replace(",", "."))
    rate = EXACT.divide(rate, Decimal(100)) if match["percent"] else rate
    return EXACT.minus(rate) if match["sign"] in {"-", "−"} else rate


def to_amount(value: object, name: str = "amount") -> Decimal:
    """An amount in euros given as ``Decimal``, ``int`` or text: exact, zero or more, in whole cents.

    ``name`` is the field's name, for the error.

    >>> to_amount(800_000)
    Decimal('800000.00')

    Raises:
        AmountError: a ``float`` (it says how to convert), a negative or absurd amount, a third decimal,
            NaN, an infinity, or anything that is no number.
    """
    try:
        given = value if type(value) is Decimal and value.is_finite() else _as_decimal(value, name)
        if ZERO <= given <= LARGEST:
            cents = _quantized(given, CENT)
            if cents == given:
                return cents or EXACT.abs(cents)  # a zero written -0 loses its sign
        raise _no_amount(given, name)
    except AmountError as error:
        error.field = name
        raise


def _no_amount(value: Decimal, name: str) -> AmountError:
    shown = str(value)[:80]
    if value < ZERO:
        return AmountError("{name}: {value} is negative; zero or more is expected.", name=name, value=shown)
    if value > LARGEST:
        return AmountError(
            "{name}: {value} is over {largest:euro}, the largest amount accepted; check the unit.",
            name=name,
            value=shown,
            largest=LARGEST,
        )
    return AmountError(
        "{name}: {value} has more than two decimals; an amount in euros stops at the cent.",
        name=name,
        value=shown,
    )


def _as_decimal(value: object, name: str) -> Decimal:
    if isinstance(value, str):
        return parse_amount(value)
    if isinstance(value, float):
        raise AmountError(
            "{name}: {value} is a float, which is not exact. Give an int, a text or a Decimal; "
            "a float that you must convert goes through Decimal(repr(value)).",
            name=name,
            value=repr(value),
        )
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
        if number.is_finite():
            return number
    raise AmountError("{name}: {value} is not an amount in euros.", name=name, value=repr(value)[:80])


def round_cents(value: Decimal) -> Decimal:
    """To the cent, half up: the one rounding of a fee or of a VAT amount.

    >>> round_cents(Decimal("557.505"))
    Decimal('557.51')
    """
    return _quantized(value, CENT)


def plain(value: Decimal) -> str:
    """The text of an amount in JSON: a point, two decimals, or more where the amount has them.

    >>> plain(Decimal("212.5")), plain(Decimal("200.006160"))
    ('212.50', '200.00616')
    """
    text = str(value)
    if text[-3:-2] == ".":  # as nearly all amounts are
        return text
    whole, _, decimals = (format(value, "f") if "E" in text else text).partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
