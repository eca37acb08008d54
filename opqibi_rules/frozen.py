"""A dictionary that never changes: what results hold, so that they can be compared, hashed, pickled and shared."""

from collections.abc import Callable, Hashable
from functools import wraps
from typing import NoReturn, Protocol, TypeVar, cast

made = tuple.__new__
"""``made(Line, (…))``: a named tuple of all its fields, in half the time of ``Line(…)``: each quote holds some."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class FrozenDict(dict[K, V]):
    """A ``dict`` that refuses to change, and so has a hash.

    >>> FrozenDict({1: 5}) == {1: 5}, hash(FrozenDict({1: 5})) == hash(FrozenDict({1: 5}))
    (True, True)
    """

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override] # a dict has none because it changes; this one never does
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (dict(self),)

    def __deepcopy__(self, memo: object) -> "FrozenDict[K, V]":
        return self

    def __copy__(self) -> "FrozenDict[K, V]":
        return self

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("this mapping cannot be changed; make a new one: {**mapping, key: value}")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = __ior__ = _refuse


_Value_contra = TypeVar("_Value_contra", contravariant=True)
_Made_co = TypeVar("_Made_co", covariant=True)


class Kept(Protocol[_Value_contra, _Made_co]):
    """What :func:`kept` makes of a function."""

    def __call__(self, value: _Value_contra, /) -> _Made_co:
        """What the function makes of a value."""

    def cache_clear(self) -> None:
        """Forget all that was made."""


def kept(make: Callable[[_Value_contra], _Made_co]) -> Kept[_Value_contra, _Made_co]:
    """What ``make`` makes of a value that never changes, made once for the very same one.

    A cache by equality would compare whole tables, at each question, where two are at hand that say the same.
    """
    found: dict[int, tuple[object, _Made_co]] = {}

    @wraps(make)
    def of(value: _Value_contra) -> _Made_co:
        known = found.get(id(value))  # no other value has that id as long as this one is kept
        if known is None:
            if len(found) >= _MOST:
                found.clear()
            known = found[id(value)] = value, make(value)
        return known[1]

    of.__dict__["cache_clear"] = found.clear
    return cast("Kept[_Value_contra, _Made_co]", of)


_MOST = 64
