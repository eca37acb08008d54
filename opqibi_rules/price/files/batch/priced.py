"""Files of this machine priced, by whichever engine."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import polars as pl

from opqibi_rules.errors import FileError, Mistake, OpqibiError, RequestError
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import draft_folder, spare
from opqibi_rules.paper.rows.csv_scan import ToMend
from opqibi_rules.price.files.batch.answer import written
from opqibi_rules.price.files.batch.asked import STANDARD_OUTPUT, Batch, Layout, beside, format_of
from opqibi_rules.price.files.batch.source import (
    Source,
    arrivals_of,
    read_by_polars,
    reading,
    source_at_once,
    source_of,
)
from opqibi_rules.price.files.batch.summary import Summary

Compute = Callable[[Batch, Source, Layout, Callable[[], Path]], pl.LazyFrame]
"""What an engine does: the file's columns and those added, amounts in whole cents, rows in their order."""


def price_file(batch: Batch, engine: str, compute: Compute) -> Summary:
    """Price files of this machine with an engine, :func:`with_polars` or another.

    Raises:
        FileError, RequestError: a file cannot be read or written; a column is missing, or cannot be exact.
    """
    targets = _targets(batch)
    with ExitStack() as stack:
        place = stack.enter_context(draft_folder(beside(batch.target), "opqibi"))
        arrivals = arrivals_of(batch, place)
        for target in targets:
            spare(target)

        def answered(source: Source) -> Summary:
            layout = batch.layout(source.headings)
            asked = batch.of(layout)
            asked.refuse_by_cells(layout, source.first_cells)
            summary = asked.summary(layout, engine)
            return written(asked, summary, source, layout, compute(asked, source, layout, place), place)

        with reading(arrivals[0]):
            if engine != "spark" and (at_once := source_at_once(batch, arrivals)):
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


def _targets(batch: Batch) -> list[Path]:
    """The files that will be written.

    Raises:
        RequestError: of a form that we do not write, or one and the same.
    """
    format_of(batch.target)
    files = [] if batch.target == STANDARD_OUTPUT else [Path(batch.target)]
    if batch.rejects is not None:
        if batch.rejects == STANDARD_OUTPUT or format_of(batch.rejects)[0] == "xlsx":
            raise RequestError("{name}: rejects are written to a file of CSV or Parquet.", name=batch.rejects)
        if [file.resolve() for file in files] == [Path(batch.rejects).resolve()]:
            raise RequestError(
                "{name}: the answer goes there; give the rejects a name of their own.", name=batch.rejects
            )
        files.append(Path(batch.rejects))
    for file in files:
        if file.is_dir():  # said before any work; nothing that stands there is replaced
            raise FileError(
                str(file), [Mistake(Message("it is a folder; give the result a name of its own."))]
            )
    return files


def with_polars(batch: Batch, source: Source, layout: Layout, place: Callable[[], Path]) -> pl.LazyFrame:
    """The fees by polars."""
    del place
    table, integers = read_by_polars(source, layout)
    return batch.priced(table, layout, integers=integers)
