"""What a batch rejects: every fault of every row that cannot be priced, where it stands, and the row itself."""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from opqibi_rules.paper.files import whole_file
from opqibi_rules.paper.rows.arrivals import packed
from opqibi_rules.price.columns import column_of, every_fault
from opqibi_rules.price.columns.inputs import ERROR
from opqibi_rules.price.columns.rules import ROW_OF_TOTALS
from opqibi_rules.price.files.batch.asked import Batch, Layout, format_of
from opqibi_rules.price.files.batch.drafts import writing
from opqibi_rules.price.files.batch.source import Source
from opqibi_rules.price.files.batch.summary import said
from opqibi_rules.price.headings import WORD

COLUMNS = {
    "file": pl.String,
    "line": pl.Int64,
    "column": pl.String,
    "cell": pl.String,
    "code": pl.String,
    "message": pl.String,
    "row": pl.String,
}
"""Of the file of rejects: one line for each fault, with the row as CSV."""


class Rejects:
    """Gathers them while the answer is written, in parts on the disk: they may be as many as the rows."""

    def __init__(self, batch: Batch, source: Source, layout: Layout, place: Callable[[], Path]) -> None:
        self._batch, self._source, self._layout, self._place = batch, source, layout, place
        self._parts: dict[int, Path] = {}

    def add(self, faulty: pl.DataFrame) -> None:
        """Rows that have an error, as the batch has computed them."""
        if faulty.is_empty():
            return
        layout, source = self._layout, self._source
        own = faulty.select(layout.own)
        asked = own.select(source.read(layout, layout.ours))
        faults = every_fault(asked, on=self._batch.on, tables=self._batch.tables, integers="euros")
        places = [source.place_of(row) for row in faulty["row"]]
        rows = faulty.select("row").with_columns(
            pl.Series("file", [place.file for place in places], pl.String),
            pl.Series("line", [place.line for place in places], pl.Int64),
            own.select(as_csv(own, source.dialect.separator)).to_series().alias("text"),
        )
        errors = faulty[ERROR]
        # What says that a row adds others up stands in the user's own columns, of which only that error is known.
        others = [
            pl.repeat(value=False, n=faulty.height, eager=True).alias(code)
            for code in errors.unique()
            if code not in faults
        ]
        parts = [
            self._of(truth.name, rows.filter(truth), own.filter(truth))
            for truth in (each | (errors == each.name) for each in (*others, *faults))
        ]
        first = faulty["row"][0]
        path = self._place() / f"rejects-{first}.parquet"
        pl.concat(parts).sort("number", maintain_order=True).write_parquet(path)
        self._parts[first] = path

    def _of(self, code: str, rows: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
        """The rows that have one fault."""
        heading, cell = self._place_of(code, own)
        return rows.select(
            pl.col("row").cast(pl.Int64).alias("number"),
            "file",
            "line",
            own.select(heading.alias("column")).to_series(),
            own.select(cell.alias("cell")).to_series(),
            pl.lit(code).alias("code"),
            pl.lit(self._batch.say(said(code))).alias("message"),
            pl.col("text").alias("row"),
        )

    def _place_of(self, code: str, own: pl.DataFrame) -> tuple[pl.Expr, pl.Expr]:
        """Of each row, the heading of the column that a fault speaks of, and the cell; null for no one cell."""
        headings = dict(zip(self._layout.own, self._layout.headings, strict=True))
        if code == ROW_OF_TOTALS:
            texts = [name for name in self._batch.needed(self._layout) if own.schema[name] == pl.String]
            first = [(pl.when(pl.col(name).str.contains(WORD.pattern)), name) for name in texts]
            return (
                pl.coalesce(each.then(pl.lit(headings[name])) for each, name in first),
                pl.coalesce(each.then(pl.col(name)) for each, name in first),
            )
        column = column_of(code)
        name = self._layout.ours.get(column or "")
        heading = column if name is None else headings[name]
        none = pl.repeat(None, pl.len(), dtype=pl.String)
        return pl.repeat(heading, pl.len(), dtype=pl.String), none if name is None else text(own, name)

    def write(self) -> None:
        """All of them, in the order of the files.

        Raises:
            FileError: the file cannot be written.
        """
        name = str(self._batch.rejects)
        kind, packing = format_of(name)
        tables = [pl.scan_parquet(self._parts[first]).drop("number") for first in sorted(self._parts)]
        table = pl.concat([pl.LazyFrame(schema=COLUMNS), *tables])
        if self._source.unsound:
            order = [part.arrival.name for part in self._source.parts]
            table = pl.concat([table, pl.LazyFrame(list(self._unsound()), schema=COLUMNS, orient="row")])
            table = table.sort(
                pl.col("file").cast(pl.Enum(list(dict.fromkeys(order)))), "line", maintain_order=True
            )
        with writing(name), whole_file(Path(name)) as draft:
            if kind == "parquet":
                table.sink_parquet(draft)
            else:
                with packed(draft, packing) as target:
                    table.sink_csv(
                        target if packing else draft,
                        separator=self._source.separator_in(kind),
                        include_bom=self._source.dialect.bom,
                        check_extension=False,
                    )

    def _unsound(self) -> Iterator[tuple[str, int, str | None, str | None, str, str, str]]:
        headings = dict(enumerate(self._source.dialect.header))
        for name, line in self._source.unsound:
            heading = None if line.at is None else headings.get(line.at)
            yield (name, line.line, heading, line.cell, line.code, self._batch.say(said(line.code)), line.raw)


def text(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A column as text, whatever it holds."""
    dtype = frame.schema[name]
    if dtype == pl.String:
        return pl.col(name)
    if dtype.is_nested() or dtype in {pl.Binary, pl.Object}:
        return pl.col(name).map_elements(str, return_dtype=pl.String)
    return pl.col(name).cast(pl.String)


def as_csv(frame: pl.DataFrame, separator: str) -> pl.Expr:
    """Each row as a line of CSV."""
    cells = []
    for name in frame.columns:
        cell = text(frame, name)
        special = cell.str.contains(f'[{separator}"\r\n]'.replace("|", r"\|"))
        quoted = pl.concat_str(pl.lit('"'), cell.str.replace_all('"', '""', literal=True), pl.lit('"'))
        cells.append(pl.when(special).then(quoted).otherwise(cell).fill_null(""))
    return pl.concat_str(cells, separator=separator)
