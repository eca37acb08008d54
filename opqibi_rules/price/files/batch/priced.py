"""Files of this machine priced, by whichever engine."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import polars as pl

from opqibi_rules.errors import FileError, OpqibiError
from opqibi_rules.paper.rows.csv_scan import ToMend
from opqibi_rules.price.files.batch.answer import written
from opqibi_rules.price.files.batch.arriving import Arriving
from opqibi_rules.price.files.batch.asked import Batch, Layout
from opqibi_rules.price.files.batch.source import (
    Source,
    read_by_polars,
    reading,
    source_at_once,
    source_of,
)
from opqibi_rules.price.files.batch.summary import Summary

Compute = Callable[[Batch, Source, Layout, Callable[[], Path], ExitStack], pl.LazyFrame]
"""What an engine does: the file's columns and those added, amounts in whole cents, rows in their order.

It may need a place on the disk, and leave what ends it once they are read, or cannot be.
"""


def price_file(files: Arriving, engine: str, compute: Compute) -> Summary:
    """Price files of this machine with an engine, :func:`with_polars` or another.

    Raises:
        FileError, RequestError: a file cannot be read or written; a column is missing, or cannot be exact.
    """
    batch, arrivals, place = files.batch, files.arrivals, files.place
    with ExitStack() as stack:

        def answered(source: Source) -> Summary:
            layout = batch.layout(source.headings)
            asked = batch.of(layout)
            asked.refuse_by_cells(layout, source.first_cells)
            summary = asked.summary(layout, engine)
            computed = compute(asked, source, layout, place, stack)
            return written(asked, summary, source, layout, computed, place)

        with reading(arrivals[0]):
            if at_once := source_at_once(files):
                try:
                    return answered(at_once)
                except (OpqibiError, ToMend, pl.exceptions.PolarsError) as error:
                    # What is wrong is said by who has looked through the file before, and copied it where need be.
                    if getattr(error, "name", None) == batch.target:
                        raise
            source = source_of(batch, arrivals, place, stack)
            try:
                return answered(source)
            except (FileError, pl.exceptions.PolarsError) as error:
                if source.kind != "csv" or getattr(error, "name", None) == batch.target:
                    raise
                # A row too long, on which an engine stumbles, is hidden by one too short in the count of all cells;
                # else it is longer than that engine's reader takes.
                rows = replace(source_of(batch, arrivals, place, stack, one_by_one=True), by_polars=True)
                if engine == "polars" and not rows.unsound:
                    raise
                return answered(rows)


def with_polars(
    batch: Batch, source: Source, layout: Layout, place: Callable[[], Path], stack: ExitStack
) -> pl.LazyFrame:
    """The fees by polars."""
    del place, stack
    table, integers = read_by_polars(source, layout)
    return batch.priced(table, layout, integers=integers)
