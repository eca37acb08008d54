"""A dictionary that never changes: what results hold, so that they can be compared, hashed, pickled and shared."""

from collections.abc import Callable, Hashable
from functools import wraps
from typing import NoReturn, TypeVar

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


_Value = TypeVar("_Value")
_Made = TypeVar("_Made")


def kept(make: Callable[[_Value], _Made]) -> Callable[[_Value], _Made]:
    """What ``make`` makes of a value that never changes, made once and kept with it, as ``cached_property`` would.

    Where a cache by equality would compare whole tables whenever two are at hand that say the same.
    """
    name = make.__qualname__

    @wraps(make)
    def found(value: _Value) -> _Made:
        room: dict[str, _Made] = value.__dict__
        try:
            return room[name]
        except KeyError:
            return room.setdefault(name, make(value))

    return found
