"""The columns against two truths: the single quote, row by row, and the schedule counted euro by euro.

``python -m tests.price.proof`` runs it in full (minutes): 10^6 random rows on every engine, then every
whole-euro turnover from 0 to 150,000,000. The tests beside run smaller samples of the same functions.
"""

import argparse
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import polars as pl

from opqibi_rules.errors import OpqibiError
from opqibi_rules.price.columns import OUTPUTS, with_fees
from opqibi_rules.price.quote import quote, shipped_tables
from opqibi_rules.tables.library import Tables
from tests import oracle

ON = date(2026, 3, 2)
AMOUNTS = OUTPUTS[:-1]
TARIFFS = range(1, 8)


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
        priced = with_fees(pl.DataFrame({"turnover": turnover}).with_columns(t1=pl.lit(1)), on=ON)
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


def random_table(rows: int, seed: int, *, days: Iterable[date] = (ON,), faults: bool = True) -> pl.DataFrame:
    """Random rows of all events: turnovers over eight orders of magnitude, sparse counts, and some faults."""
    from random import Random

    chance = Random(seed)
    known = edges()
    days = list(days)

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
        return chance.choice([None, "", "First", "audit"]) if faults and chance.random() < 0.01 else None

    table: dict[str, list[Any]] = {"row": list(range(rows))}
    table["event"] = [event() or chance.choice(["first", "renewal", "control"]) for _ in range(rows)]
    table["date"] = [chance.choice(days) for _ in range(rows)]
    table["turnover"] = [turnover() for _ in range(rows)]
    table |= {f"t{tariff}": [count() for _ in range(rows)] for tariff in TARIFFS}
    # Twice as many rows without any new request, so that first applications and renewals are priced too.
    new = [chance.random() < 0.3 for _ in range(rows)]
    table |= {f"new_t{tariff}": [count() if asked else None for asked in new] for tariff in TARIFFS}
    schema = dict.fromkeys(table, pl.Int64) | {"event": pl.String, "date": pl.Date}
    return pl.DataFrame(table, schema=schema)


def one_by_one(table: pl.DataFrame, tables: Tables | None = None) -> pl.DataFrame:
    """What :func:`quote` answers for each row: five amounts in cents, and whether the row is refused."""
    answers = [_single(row, tables or shipped_tables()) for row in table.iter_rows(named=True)]
    schema = dict.fromkeys(AMOUNTS, pl.Int64) | {"refused": pl.Boolean}
    return pl.DataFrame(answers, schema=schema, orient="row")


_REFUSED = (None, None, None, None, None, True)


def _single(row: Mapping[str, Any], tables: Tables) -> tuple[int | bool | None, ...]:
    turnover = None if row["turnover"] is None else Decimal(row["turnover"]).scaleb(-2)
    try:
        answer = quote(
            on=row["date"],
            event=row["event"],
            tariffs={tariff: row[f"t{tariff}"] for tariff in TARIFFS if row[f"t{tariff}"] is not None},
            new_tariffs={
                tariff: row[f"new_t{tariff}"] for tariff in TARIFFS if row[f"new_t{tariff}"] is not None
            },
            turnover=turnover,
            tables=tables,
        )
    except OpqibiError:
        return _REFUSED
    if answer.event != "control" and turnover is None:
        # A single quote waits for the turnover and says so; a row of a table has no one to tell.
        return _REFUSED
    fees = answer.subtotals
    amounts = (fees.dossier, fees.instruction, fees.brand_usage, fees.annual_control, answer.total_excl_vat)
    return (*(None if amount is None else int(amount.scaleb(2)) for amount in amounts), False)


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

    return duckdb.connect().from_arrow(table.to_arrow())


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
    priced = back(with_fees(there(table), **options))
    return priced.sort("row").with_columns(pl.col(AMOUNTS).cast(pl.Int64), pl.col("error").cast(pl.String))


def wrong_rows(priced: pl.DataFrame, expected: pl.DataFrame) -> int:
    """How many rows differ from the answers given one by one."""
    same = pl.all_horizontal(
        *(pl.col(name).eq_missing(pl.col(f"{name}_expected")) for name in AMOUNTS),
        pl.col("error").is_not_null() == pl.col("refused"),
    )
    both = pl.concat(
        [priced, expected.rename({name: f"{name}_expected" for name in AMOUNTS})], how="horizontal"
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
