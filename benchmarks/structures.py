"""A file of made-up structures, as large as asked: ``python benchmarks/structures.py 10000000 structures.csv``.

Always the same for the same number of rows and seed. Rows come in chunks of a million, so that the first rows
of a long file are those of a short one. Columns: siren (leading zeros), name (accents, some with a comma in
quotes), postcode, event, turnover (plain euros, one in ten with cents written « 350 000,50 »), t1 to t7. One
row in a thousand has a turnover that is no amount. ``--french`` writes it as a French spreadsheet does: ``;``
and Windows-1252.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

CHUNK = 1_000_000
TARIFFS = range(1, 8)


def chunk(number: int, rows: int, seed: int = 7) -> pl.DataFrame:
    """One chunk of the file, as text."""
    chance = np.random.default_rng((seed, number))
    euros = np.exp(chance.normal(13.5, 1.8, CHUNK)).astype("int64") + 1
    table: dict[str, Any] = {
        "siren": pl.Series(chance.integers(1, 10**9, CHUNK)).cast(pl.String).str.zfill(9),
        "name": pl.Series(chance.integers(0, 10**6, CHUNK)).cast(pl.String),
        "postcode": pl.Series(chance.integers(1_000, 98_900, CHUNK)).cast(pl.String).str.zfill(5),
        "event": pl.Series(chance.choice(["first", "renewal", "control"], CHUNK)),
        "turnover": pl.Series(euros),
        "kind": pl.Series(chance.integers(0, 1000, CHUNK)),
    }
    for tariff in TARIFFS:
        table[f"t{tariff}"] = pl.Series(chance.integers(0, 4, CHUNK) * (chance.random(CHUNK) < 0.3))
    many, few = pl.format("Ingénierie {}, études", "name"), pl.format("Bureau {}", "name")
    kind, plain = pl.col("kind"), pl.col("turnover").cast(pl.String)
    grouped = pl.format(
        "{} {},50",
        pl.col("turnover") // 1000 % 1000,
        (pl.col("turnover") % 1000).cast(pl.String).str.zfill(3),
    )
    return (
        pl.DataFrame(table)
        .head(rows)
        .with_columns(
            name=pl.when(kind < 100).then(many).otherwise(few),
            turnover=pl.when(kind == 0)
            .then(pl.lit("non communiqué"))
            .when(kind < 100)
            .then(grouped)
            .otherwise(plain),
            t1=pl.col("t1") + (pl.sum_horizontal(*(f"t{tariff}" for tariff in TARIFFS)) == 0),
        )
        .drop("kind")
        .select(pl.all().cast(pl.String))
    )  # fmt: skip


def write(rows: int, path: Path, *, french: bool = False) -> None:
    """The whole file, chunk by chunk."""
    with path.open("wb") as file:
        for first in range(0, rows, CHUNK):
            part = chunk(first // CHUNK, min(CHUNK, rows - first))
            text = part.write_csv(separator=";" if french else ",", include_header=first == 0)
            file.write(text.encode("cp1252" if french else "utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(description="A file of made-up structures.")
    parser.add_argument("rows", type=int)
    parser.add_argument("path", type=Path)
    parser.add_argument("--french", action="store_true", help="« ; » and Windows-1252")
    asked = parser.parse_args()
    write(asked.rows, asked.path, french=asked.french)


if __name__ == "__main__":
    main()
