"""The columns against two truths: the single quote, row by row, and the schedule counted euro by euro.

``python -m tests.price.proof`` runs it in full (minutes): 10^6 random rows on every engine, then every
whole-euro turnover from 0 to 150,000,000. The tests beside run smaller samples of the same functions.
"""

import argparse
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import polars as pl

from opqibi_rules.errors import OpqibiError
from opqibi_rules.price.columns import with_fees
from opqibi_rules.price.columns.inputs import TOTAL, Editions, turnover_column
from opqibi_rules.price.quote import Quote, quote
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Schedule
from tests import oracle

ON = date(2026, 3, 2)
AMOUNTS = ("dossier", "instruction", "brand_usage", "annual_control", "total_excl_vat")
TARIFFS = range(1, 8)
_COUNT = re.compile("(?:new_)?t[0-9]+")
EVENTS = ("first", "renewal", "control")


class Pinned(Tables):
    """The shipped tables with the schedule of 2024 and a folder's own: a newer edition changes nothing here."""

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        return tuple(item for item in super().schedules if item.id == "bareme_2024" or self.is_users(item))


TABLES = Pinned()


def euro_by_euro(first: int, last: int, before: int) -> tuple[pl.Series, int]:
    """The brand-usage fee in cents of each whole-euro turnover from ``first`` to ``last``, by adding up what
    each single euro bears; ``before`` is what all euros up to ``first`` bear, in 1e-5 euro.

    The second answer is ``before`` for the turnover that follows ``last``.
    """
    euro = pl.int_range(first + 1, last + 2, dtype=pl.Int64, eager=True)
    bears = pl.repeat(oracle.LAST_RATE, len(euro), dtype=pl.Int64, eager=True)
    for end, over in oracle.OVER_THE_NEXT:
        bears += (euro * 100 <= end).cast(pl.Int64) * over
    after = bears.cum_sum() + before
    exact = after - bears
    return ((exact + 500) // 1000).clip(oracle.FLOOR, oracle.CAP), int(after[-1])


def sweep(upto: int, chunk: int, told: Callable[[int], None] = lambda _: None) -> int:
    """How many whole-euro turnovers from 0 to ``upto`` the columns price otherwise than euro by euro."""
    wrong, before = 0, 0
    for first in range(0, upto + 1, chunk):
        last = min(first + chunk - 1, upto)
        expected, before = euro_by_euro(first, last, before)
        turnover = pl.int_range(first, last + 1, dtype=pl.Int64, eager=True) * 100
        priced = with_fees(
            pl.DataFrame({"turnover": turnover}).with_columns(t1=pl.lit(1)),
            on=ON,
            tables=TABLES,
            integers="cents",
        )
        wrong += int((priced["brand_usage"] != expected).sum()) + priced["error"].count()
        told(last)
    return wrong


def edges() -> list[int]:
    """Turnovers in cents where something changes, one cent around each, and every half-cent tie near by."""
    corners = [0, *oracle.EDGES, 10**14]
    for crossing in (oracle.REACHES_FLOOR, oracle.REACHES_CAP):
        corners += range(crossing - 6_000, crossing + 6_000)
    around = {cents + step for cents in corners for step in (-1, 0, 1)}
    ties = range(80_000_000, 300_000_000, 1_000_000)
    around |= {base + step for base in ties for step in range(0, 3_000, 500)}
    return sorted(cents for cents in around if 0 <= cents <= 10**14)


def random_table(
    rows: int,
    seed: int,
    *,
    days: Iterable[date] = (ON,),
    faults: bool = True,
    events: Sequence[str] = EVENTS,
    tariffs: Iterable[int] = TARIFFS,
    turnovers: Iterable[str] = ("turnover",),
) -> pl.DataFrame:
    """Random rows of all events: turnovers over eight orders of magnitude, sparse counts, and some faults."""
    from random import Random

    chance = Random(seed)
    known = edges()
    days, tariffs = list(days), list(tariffs)

    def turnover() -> int | None:
        kind = chance.random()
        if kind < 0.3:
            return chance.choice(known)
        if faults and kind < 0.36:
            return chance.choice([None, -1, -(10**15), 10**14 + 1, 2**63 - 1, -(2**63)])
        return int(10 ** chance.uniform(0, 13))

    def count() -> int | None:
        kind = chance.random()
        if faults and kind < 0.004:
            return chance.choice([-1, 1001, 2**63 - 1, -(2**63)])
        return None if kind < 0.3 else 0 if kind < 0.75 else chance.randrange(1, 8)

    def event() -> str | None:
        return chance.choice([None, "", "firsts", "audit"]) if faults and chance.random() < 0.01 else None

    table: dict[str, list[Any]] = {"row": list(range(rows))}
    table["event"] = [event() or chance.choice(events) for _ in range(rows)]
    table["date"] = [chance.choice(days) for _ in range(rows)]
    table |= {name: [turnover() for _ in range(rows)] for name in turnovers}
    table |= {f"t{tariff}": [count() for _ in range(rows)] for tariff in tariffs}
    # Twice as many rows without any new request, so that first applications and renewals are priced too.
    new = [chance.random() < 0.3 for _ in range(rows)]
    table |= {f"new_t{tariff}": [count() if asked else None for asked in new] for tariff in tariffs}
    schema = dict.fromkeys(table, pl.Int64) | {"event": pl.String, "date": pl.Date}
    return pl.DataFrame(table, schema=schema)


def amounts(tables: Tables) -> tuple[str, ...]:
    """The columns of amounts that a table of rows with their days gets."""
    return Editions(tables.schedules).outputs[:-1]


def one_by_one(table: pl.DataFrame, tables: Tables = TABLES) -> pl.DataFrame:
    """What :func:`quote` answers for each row: its amounts in cents, and whether the row is refused."""
    names = amounts(tables)
    answers = [_single(row, tables) for row in table.iter_rows(named=True)]
    schema = dict.fromkeys(names, pl.Int64) | {"refused": pl.Boolean}
    rows = [
        {name: _cents(answer, name) for name in names} | {"refused": answer is None} for answer in answers
    ]
    return pl.DataFrame(rows, schema=schema)


def _cents(answer: Quote | None, name: str) -> int | None:
    if answer is None:
        return None
    amount = answer.total_excl_vat if name == TOTAL else answer.subtotals.get(name)
    return None if amount is None else int(amount.scaleb(2))


def _single(row: Mapping[str, Any], tables: Tables) -> Quote | None:
    """The answer to a row; ``None`` where it is refused, or waits for a turnover: a row has no one to tell."""
    counts = {name: count for name, count in row.items() if count and _COUNT.fullmatch(name)}
    try:
        schedule = tables.schedule(row["date"])
        answer = quote(
            on=row["date"],
            event=row.get("event"),
            tariffs={int(name[1:]): count for name, count in counts.items() if name[0] == "t"},
            new_tariffs={int(name[5:]): count for name, count in counts.items() if name[0] == "n"},
            turnovers={
                base.id: None if row[column] is None else Decimal(row[column]).scaleb(-2)
                for base in schedule.turnovers
                if (column := turnover_column(base.id, schedule)) in row
            },
            tables=tables,
        )
    except OpqibiError:
        return None
    return None if answer.missing else answer


@lru_cache(maxsize=1)
def spark() -> Any:
    """A Spark session on two cores of this machine."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("opqibi-rules")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.host": "localhost",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "2g",
    }.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _from_arrow(native: Any) -> pl.DataFrame:
    back = pl.from_arrow(native)
    assert isinstance(back, pl.DataFrame)
    return back


def _duckdb(table: pl.DataFrame) -> Any:
    import duckdb

    return duckdb.from_arrow(table.to_arrow())  # of duckdb's own connection: 1.4 closes one that nobody holds


Engine = tuple[Callable[[pl.DataFrame], Any], Callable[[Any], pl.DataFrame]]
ENGINES: Mapping[str, Engine] = {
    "polars": (lambda table: table, lambda native: native),
    "polars lazy": (lambda table: table.lazy(), lambda native: native.collect()),
    "polars streaming": (lambda table: table.lazy(), lambda native: native.collect(engine="streaming")),
    "duckdb": (_duckdb, lambda native: _from_arrow(native.to_arrow_table())),
    "pyarrow": (lambda table: table.to_arrow(), _from_arrow),
    "pandas": (
        lambda table: table.to_pandas(types_mapper=_nullable) if table.height else table.to_pandas(),
        pl.from_pandas,
    ),
    "pandas on Arrow": (lambda table: table.to_pandas(use_pyarrow_extension_array=True), pl.from_pandas),
    "PySpark": (
        lambda table: spark().createDataFrame(table.to_arrow()),
        lambda native: _from_arrow(native.toArrow()),
    ),
}
"""Each engine: how a table gets there, and how the answer comes back."""


def _nullable(arrow_type: Any) -> Any:
    """pandas' own nullable integers: its default turns whole numbers with a hole into floats."""
    import pandas as pd
    import pyarrow as pa

    return pd.Int64Dtype() if arrow_type == pa.int64() else None


def on_engine(name: str, table: pl.DataFrame, **options: Any) -> pl.DataFrame:
    """``with_fees`` on an engine, back in polars, in the order of the column ``row``."""
    there, back = ENGINES[name]
    priced = back(with_fees(there(table), **{"tables": TABLES, "integers": "cents", **options}))
    added = [column for column in priced.columns if column not in {*table.columns, "error"}]
    return priced.sort("row").with_columns(pl.col(added).cast(pl.Int64), pl.col("error").cast(pl.String))


def wrong_rows(priced: pl.DataFrame, expected: pl.DataFrame) -> int:
    """How many rows differ from the answers given one by one."""
    names = [name for name in expected.columns if name != "refused"]
    same = pl.all_horizontal(
        *(pl.col(name).eq_missing(pl.col(f"{name}_expected")) for name in names),
        pl.col("error").is_not_null() == pl.col("refused"),
    )
    both = pl.concat(
        [priced, expected.rename({name: f"{name}_expected" for name in names})], how="horizontal"
    )
    return both.height - both.filter(same).height


def main() -> None:
    parser = argparse.ArgumentParser(
        description="The columns against the single quote and the euro-by-euro sum."
    )
    parser.add_argument("--rows", type=int, default=1_000_000, help="random rows on every engine")
    parser.add_argument("--upto", type=int, default=150_000_000, help="every whole-euro turnover up to here")
    asked = parser.parse_args()
    clock = time.perf_counter()
    table = random_table(asked.rows, seed=7)
    expected = one_by_one(table)
    print(f"{asked.rows} random rows, {expected['refused'].sum()} refused, one by one in {_since(clock)}")
    failed = 0
    for name in ENGINES:
        clock = time.perf_counter()
        wrong = wrong_rows(on_engine(name, table), expected)
        failed += wrong
        print(f"  {name:17} {wrong} rows differ, {_since(clock)}", flush=True)
    clock = time.perf_counter()
    wrong = sweep(asked.upto, 5_000_000, lambda last: print(f"\r  up to {last} euros", end="", flush=True))
    print(f"\nevery whole euro from 0 to {asked.upto}: {wrong} differ, {_since(clock)}")
    raise SystemExit(bool(failed + wrong))


def _since(clock: float) -> str:
    return f"{time.perf_counter() - clock:.1f} s"


if __name__ == "__main__":
    main()
