"""A table of whichever engine, its columns called by names that this engine takes as they are.

To polars, ``*`` and ``^…$`` are patterns; to Spark, ``a.b`` is a part of ``a``; to duckdb and Spark, two names that
differ by case alone are one. Such a column is taken by its place, and bears its own heading again in the answer.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw

from opqibi_rules.errors import RequestError
from opqibi_rules.price.columns.inputs import begins_none

_KEPT = 64
_NO_PATTERN = re.compile(r"(?![*]$|\^.*\$$).*", re.DOTALL)
"""What polars takes for no pattern."""
_FOLDED = re.compile("[a-z_][a-z0-9_]*")
"""What is one word to any SQL, in the one case that it is folded to."""


class Given(NamedTuple):
    """A table that came, and what its columns are called while we work."""

    table: Any
    """Of narwhals, under :attr:`names`."""
    headings: tuple[str, ...]
    names: tuple[str, ...]
    types: tuple[nw.dtypes.DType, ...]
    folds: bool
    """Its engine does not tell two names that differ by case alone."""

    @classmethod
    def of(cls, frame: Any) -> "Given":
        """The table of an engine that narwhals knows.

        Raises:
            RequestError: a heading that is no text, as pandas may have, or two that are one.
        """
        table = table_of(frame)
        engine = table.implementation
        folds = engine.is_duckdb() or engine.is_spark_like()
        if not (folds or engine.is_polars()):
            schema = table.collect_schema()
            headings = tuple(schema)
            if odd := [name for name in headings if not isinstance(name, str)]:
                raise RequestError(
                    "The column {name}: its heading is no text; name it so, as pandas does by df.columns.map(str).",
                    name=str(odd[0])[:40],
                )
            return cls(table, headings, headings, tuple(schema.values()), folds)
        headings = tuple(frame.columns) if folds else tuple(table.collect_schema())
        names = _names(headings, _FOLDED if folds else _NO_PATTERN)
        if names != headings:
            table = nw.from_native(renamed(frame, headings, names))
        return cls(table, headings, names, tuple(table.collect_schema().values()), folds)

    def back(self, native: Any, added: Sequence[str]) -> Any:
        """An engine's table of these columns and of those added, under their headings again."""
        if self.names == self.headings:
            return native
        return renamed(native, (*self.names, *added), (*self.headings, *added))


def table_of(frame: Any, *, or_itself: bool = False) -> Any:
    """The table of an engine that narwhals knows; ``or_itself``: of another, what came.

    Raises:
        RequestError: two of its columns have one heading, as pandas may have.
        TypeError: it is none.
    """
    try:
        return nw.from_native(frame, pass_through=or_itself)
    except nw.exceptions.DuplicateError:
        headings = [str(heading)[:40] for heading in frame.columns]
        raise RequestError(
            "Several columns have one heading: {columns}. Rename or remove all of them but one.",
            columns=tuple(dict.fromkeys(name for name in headings if headings.count(name) > 1)),
        ) from None


@lru_cache(maxsize=_KEPT)
def _names(headings: tuple[str, ...], plain: re.Pattern[str]) -> tuple[str, ...]:
    before = begins_none(headings)
    return tuple(
        heading if plain.fullmatch(heading) and headings.count(heading) == 1 else f"{before}column_{number}"
        for number, heading in enumerate(headings)
    )


def renamed(native: Any, names: Sequence[str], others: Sequence[str]) -> Any:
    """An engine's table whose columns, in their order, have other names."""
    table = nw.from_native(native)
    if table.implementation.is_duckdb():
        quoted = (other.replace('"', '""') for other in others)
        return native.project(", ".join(f'#{place} AS "{other}"' for place, other in enumerate(quoted, 1)))
    if table.implementation.is_spark_like():
        return native.toDF(*others)
    return table.rename(dict(zip(names, others, strict=True))).to_native()
