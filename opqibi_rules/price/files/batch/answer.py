"""The answer of a batch: written by one writer whatever computed it, and added up as it goes by."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from threading import Lock

import polars as pl

from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.messages import Message
from opqibi_rules.paper.rows.arrivals import packed, refuse_changed
from opqibi_rules.price.columns.billed import VERDICT
from opqibi_rules.price.columns.inputs import ERROR, TOTAL
from opqibi_rules.price.files.batch.asked import Batch, Layout, format_of
from opqibi_rules.price.files.batch.drafts import draft_of, writing
from opqibi_rules.price.files.batch.rejects import Rejects
from opqibi_rules.price.files.batch.source import Source, exact
from opqibi_rules.price.files.batch.summary import FIRST, Place, Summary

_NO_SHEET = (pl.List, pl.Array, pl.Struct, pl.Binary, pl.Object, pl.Duration)


def _columns(batch: Batch, source: Source, layout: Layout, amounts: Collection[str]) -> Iterator[pl.Expr]:
    """The user's own columns under their headings, then those added; ``amounts``, counted in cents, as euros.

    A sheet knows one kind of number: in a text, « 5 » stays « 5 » beside « 2,5 ».
    """
    as_text = source.floats if format_of(batch.target)[0] in {"csv", "tsv"} else ()
    for own, heading in zip(layout.own, layout.headings, strict=True):
        cells = exact(own) if heading in as_text else pl.col(own)
        if heading in as_text and batch.decimal_comma:
            cells = cells.str.replace(".", ",", literal=True)
        yield cells.alias(f"{heading}")
    for name in layout.added:
        cents = pl.col(name)
        # A decimal of scale 2 holds whole hundredths.
        yield cents.cast(pl.Int128).reinterpret(dtype=pl.Decimal(38, 2)) if name in amounts else cents


def written(
    batch: Batch,
    summary: Summary,
    source: Source,
    layout: Layout,
    priced: pl.LazyFrame,
    place: Callable[[], Path],
) -> Summary:
    """The answer written, added up as it goes by."""
    if source.kind == "parquet" and format_of(batch.target)[0] != "parquet":
        _refuse_nested(batch.target, source)
    rejects = None if batch.rejects is None else Rejects(batch, source, layout, place)
    count = _Count(batch, summary, source, rejects)
    shown = priced.select(*layout.own, *layout.added).with_row_index("row")
    # A step of the whole table would hide from polars how many rows are on their way; one of a column does not.
    seen = pl.struct("row", *layout.added, *(() if rejects is None else layout.own))
    counted = shown.with_columns(
        seen.map_batches(count, return_dtype=pl.String, is_elementwise=True).alias(ERROR)
    )
    if rejects is not None:
        counted = counted.filter(pl.col(ERROR).is_null())
    answer = counted.select(_columns(batch, source, layout, summary.amounts))
    arrivals = [part.arrival for part in source.parts]
    with writing(batch.target, arrivals), draft_of(batch.target, place) as draft:
        _write(batch, summary, answer, source, draft, place)
        if summary.rows != source.rows:
            raise _other_rows(source, summary)
        refuse_changed(arrivals)
        _placed(summary, source)
        if rejects is not None:
            summary.rejected = summary.errors.total()
            rejects.write()
    return summary


class _Count:
    """Adds up the rows that go by, some at a time, from several threads, and puts aside those that have faults."""

    def __init__(self, batch: Batch, summary: Summary, source: Source, rejects: Rejects | None) -> None:
        self._batch, self._summary, self._source, self._rejects = batch, summary, source, rejects
        self._lock = Lock()

    def __call__(self, cells: pl.Series) -> pl.Series:
        """The errors of these rows."""
        # Column by column: a query asked within a query waits for the threads that it keeps busy.
        frame = cells.struct.unnest()
        faulty = frame[frame[ERROR].is_not_null().arg_true()]
        with self._lock:
            _add(self._summary, frame, faulty)
            self._batch.told(self._summary.rows, self._source.expected)
        if self._rejects is not None:
            self._rejects.add(faulty)
        return frame[ERROR]


def _placed(summary: Summary, source: Source) -> None:
    """Where the first rows of each error stand; and the lines that are no rows, counted with the others."""
    for code, rows in summary.firsts.items():
        summary.places[code] = [source.place_of(row) for row in rows]
    for name, line in source.unsound:
        summary.rows += 1
        summary.errors[line.code] += 1
        places = summary.places.setdefault(line.code, [])
        places += [Place(name, line.line)] if len(places) < FIRST else []


def _add(summary: Summary, frame: pl.DataFrame, faulty: pl.DataFrame) -> None:
    largest = frame[TOTAL].max() or 0
    assert isinstance(largest, int)
    wide = pl.Int64 if 2 * largest * frame.height < 2**63 else pl.Int128  # twice: with VAT
    summary.rows += frame.height
    summary.cents.update({name: int(frame[name].cast(wide).sum()) for name in summary.amounts})
    if VERDICT in summary.keys:
        summary.verdicts.update(dict(frame[VERDICT].value_counts().rows()))
    errors = faulty[ERROR]
    for code, rows in errors.value_counts().rows():
        summary.errors[code] += rows
        summary.met(code, faulty["row"].gather((errors == code).arg_true().head(FIRST)).to_list())


def _write(
    batch: Batch,
    summary: Summary,
    table: pl.LazyFrame,
    source: Source,
    draft: Path,
    place: Callable[[], Path],
) -> None:
    kind, packing = format_of(batch.target)
    if kind in {"csv", "tsv"}:
        dialect = source.dialect
        with packed(draft, packing) as target:
            table.sink_csv(
                target if packing else draft,
                include_bom=dialect.bom,
                separator=source.separator_in(kind),
                line_terminator=dialect.newline,
                decimal_comma=batch.decimal_comma,
                check_extension=False,
            )
    elif kind == "parquet":
        # Eighteen figures are whole numbers of 64 bits to who reads them; more are sixteen bytes each.
        table.with_columns(pl.col(summary.amounts).cast(pl.Decimal(18, 2))).sink_parquet(draft)
    else:
        from opqibi_rules.paper.rows.table_xlsx import write_sheet  # noqa: PLC0415 - not for other formats

        batches = table.collect_batches(maintain_order=True)
        write_sheet(draft, batches, summary.amounts, name=batch.target, beside=place())


def _refuse_nested(name: str, source: Source) -> None:
    for heading, dtype in zip(source.headings, source.table.collect_schema().dtypes(), strict=True):
        if isinstance(dtype, _NO_SHEET):
            raise RequestError(
                "{name}: the column {heading} holds lists, durations or binary data ({dtype}), which only Parquet "
                "can; write Parquet, or leave that column out.",
                name=name,
                heading=heading,
                dtype=str(dtype),
            )


def _other_rows(source: Source, summary: Summary) -> FileError:
    message = Message(
        "{read} rows were read where the file has {rows}; did it change meanwhile? Nothing was written.",
        read=summary.rows,
        rows=source.rows,
    )
    return FileError(source.parts[0].arrival.name, [Mistake(message)])
