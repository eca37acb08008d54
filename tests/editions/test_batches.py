"""A table of structures, on polars and on duckdb: each row is a case worked by hand."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from tests.editions.doors import BY_NAME, Edition, command, tables_of
from tests.editions.worked.kinds import Price

ENGINES = ["polars", "duckdb"]


def rows_of(edition: Edition) -> list[Price]:
    """The cases that a row can ask: by counts, on the first turnover, complete."""
    return [
        price
        for price in edition.prices
        if not (price.qualifications or price.probationary or price.missing)
        and set(price.turnovers) <= {""}
        and price.on == edition.on
    ]


def columns_of(edition: Edition) -> list[str]:
    counts = [f"{name}{tariff}" for name in ("t", "new_t") for tariff in edition.tariffs]
    return ["name", "event", "turnover", *counts]


def asked(edition: Edition) -> list[dict[str, str]]:
    rows = [
        {
            "name": price.name, "event": price.event, "date": price.on, "turnover": price.turnovers.get("", ""),
            **{f"t{tariff}": str(count) for tariff, count in price.tariffs.items()},
            **{f"new_t{tariff}": str(count) for tariff, count in price.new_tariffs.items()},
        }
        for price in rows_of(edition)
    ]  # fmt: skip
    rows += [{"name": code, **row} for row, code in edition.rows_in_error]
    return [{column: row.get(column, "") for column in columns_of(edition)} for row in rows]


def expected(edition: Edition) -> list[list[str]]:
    priced = [
        [*((price.subtotals.get(fee) or "") for fee in edition.fees), price.total, ""]
        for price in rows_of(edition)
    ]
    empty = [""] * (len(edition.fees) + 1)
    return priced + [[*empty, code] for _, code in edition.rows_in_error]


@pytest.mark.parametrize("engine", ENGINES)
def test_batch(edition: Edition, engine: str, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns_of(edition))
        writer.writeheader()
        writer.writerows(asked(edition))
    outcome = command(
        edition, "batch", str(source), "-o", str(target), "--date", edition.on, "--engine", engine
    )
    assert (outcome.code, outcome.out) == (1, "")
    header, *rows = csv.reader(target.read_text("utf-8").splitlines())
    assert header == [*columns_of(edition), *edition.fees, "total_excl_vat", "error"]
    kept = len(columns_of(edition))
    assert [row[:kept] for row in rows] == [list(row.values()) for row in asked(edition)]
    assert [row[kept:] for row in rows] == expected(edition)
    for fee in edition.fees.values():
        assert fee in outcome.err


@pytest.mark.parametrize("engine", ENGINES)
def test_with_fees(edition: Edition, engine: str) -> None:
    from opqibi_rules.price.columns import with_fees

    frame = pl.DataFrame(asked(edition)).with_columns(
        pl.col("^(t|new_t)[0-9]+$").cast(pl.Int64, strict=False), pl.col("turnover").replace("", None)
    )
    tables, on = tables_of(edition), date.fromisoformat(edition.on)
    if engine == "duckdb":
        connection = duckdb.connect()
        connection.register("asked", frame.to_arrow())
        answer: Any = with_fees(connection.table("asked"), on=on, tables=tables, integers="cents").pl()
    else:
        answer = with_fees(frame, on=on, tables=tables, integers="cents")
    outputs = [*edition.fees, "total_excl_vat"]
    count = len(rows_of(edition))
    order = {name: number for number, name in enumerate(frame["name"].to_list())}
    answer = answer.sort(pl.col("name").replace_strict(order, return_dtype=pl.Int64))
    found = answer.select(*outputs).rows()[:count]
    cents = [
        tuple(int(Decimal(amount) * 100) if amount else None for amount in row[:-1])
        for row in expected(edition)[:count]
    ]
    assert found == cents
    assert answer["error"].to_list()[:count] == [None] * count


def test_amounts_billed(edition: Edition, tmp_path: Path) -> None:
    """One euro too much on the first row, the right amount on the second."""
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    first, second = rows_of(edition)[:2]
    lines = ["event,turnover,date,billed," + ",".join(f"t{tariff}" for tariff in edition.tariffs)]
    for price, more in ((first, 1), (second, 0)):
        counts = ",".join(str(price.tariffs.get(tariff, 0)) for tariff in edition.tariffs)
        billed = Decimal(price.total) + more
        lines.append(f"{price.event},{price.turnovers.get('', '')},{price.on},{billed},{counts}")
    source.write_text("\n".join(lines) + "\n", "utf-8")
    outcome = command(edition, "batch", str(source), "-o", str(target), "--billed", "billed")
    assert outcome.code == 1, outcome
    rows = list(csv.DictReader(target.read_text("utf-8").splitlines()))
    assert [(row["difference"], row["verdict"]) for row in rows] == [
        ("1.00", "discrepancy"),
        ("0.00", "conform"),
    ]


def test_each_row_may_have_its_day(edition: Edition, tmp_path: Path) -> None:
    """A row before the edition is priced by the schedule of 2024: 86 + 560 + 200, or 140 at a control."""
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    price = rows_of(edition)[0]
    counts = ",".join(str(price.tariffs.get(tariff, "")) for tariff in edition.tariffs)
    source.write_text(
        f"date,event,turnover,{','.join(f't{tariff}' for tariff in edition.tariffs)}\n"
        f"{edition.on},{price.event},{price.turnovers.get('', '')},{counts}\n"
        "2025-06-02,first,250000,1" + "," * (len(edition.tariffs) - 1) + "\n"
        "2025-06-02,control,,1" + "," * (len(edition.tariffs) - 1) + "\n",
        "utf-8",
    )
    outcome = command(edition, "batch", str(source), "-o", str(target))
    assert outcome.code == 0, outcome
    own, first, control = csv.DictReader(target.read_text("utf-8").splitlines())
    assert {fee: own[fee] for fee in edition.fees} == {
        fee: price.subtotals.get(fee) or "" for fee in edition.fees
    }
    assert own["total_excl_vat"] == price.total
    names = ("dossier", "instruction", "brand_usage", "annual_control", "total_excl_vat")
    assert [first[name] for name in names] == ["86.00", "560.00", "200.00", "", "846.00"]
    assert [control[name] for name in names] == ["", "", "", "140.00", "140.00"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("name", "on", "tariff"), [("later", "2026-12-31", 8), ("other_body", "2026-03-02", 4)]
)
def test_a_tariff_that_the_schedule_of_the_day_lacks(
    name: str, on: str, tariff: int, engine: str, tmp_path: Path
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    edition = BY_NAME[name]
    event = "first" if name == "later" else edition.events[0]
    source.write_text(f"event,turnover,t1,t{tariff}\n{event},0,1,1\n", "utf-8")
    outcome = command(edition, "batch", str(source), "-o", str(target), "--date", on, "--engine", engine)
    (row,) = csv.DictReader(target.read_text("utf-8").splitlines())
    assert (outcome.code, row["error"], row["total_excl_vat"]) == (1, f"t{tariff}_not_in_schedule", "")
