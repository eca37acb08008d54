"""Schedules smaller than ours: a body with flat fees alone, and a fee whose parts are of all three kinds."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from opqibi_rules import Tables, plan, quote, turnovers_from_fee, with_fees
from opqibi_rules.errors import RequestError
from opqibi_rules.price.columns.sql import to_sql
from tests.price.proof import ENGINES

HEAD = """\
kind: schedule
id: small_2026
title: { fr: Tarif du Timbre, en: Stamp tariff }
in_force_from: "2026-01-01"
checked_on: "2026-11-22"
checked_by: Camille Martin
sources:
  - { document: "Qualitimbre, tarif 2026", address: "https://example.org/" }
rounding:
  unit: "0.01"
  mode: half_up
  where: { fr: "La TVA, une fois.", en: "VAT, once." }
events:
EVENTS  - { id: check, role: control, name: { fr: contrôle, en: control } }
prices:
  - { id: rank, article: "1", by_tariff: { "1": "25.20" } }
"""
ASKED = "  - { id: ask, role: first, name: { fr: demande, en: application } }\n"
FLAT = """\
turnovers: []
fees:
  - id: stamp
    name: { fr: Timbre, en: Stamp }
    article: "1"
    events: [ask]
    billed: application
    parts:
      - { kind: flat, id: flat, article: "1", label: { fr: Timbre, en: Stamp }, amount: "33.33" }
  - id: visit
    name: { fr: Visite, en: Visit }
    article: "1"
    events: [check]
    billed: control
    parts:
      - { kind: flat, id: flat, article: "1", label: { fr: Visite, en: Visit }, amount: "0.01" }
"""
MIXED = """\
turnovers:
  - { id: sales, name: { fr: « ventes », en: « sales » } }
fees:
  - id: whole
    name: { fr: Tout, en: Whole }
    article: "1"
    events: [check]
    billed: control
    parts:
      - { kind: flat, id: flat, article: "1", label: { fr: Fixe, en: Fixed }, amount: "100.05" }
      - { kind: per_qualification, id: each, article: "1", label: { fr: "Rang {tariff}", en: "Rank {tariff}" }, counts: held, prices: rank }
      - kind: tranches
        id: tranches
        article: "1"
        turnover: sales
        tranches:
          - { above: "0", up_to: null, rate: "0.001" }
"""


def tables(folder: Path, body: str) -> Tables:
    (folder / "small.yaml").write_text(
        HEAD.replace("EVENTS", ASKED if "[ask]" in body else "") + body, "utf-8"
    )
    return Tables(folder)


def test_a_body_with_flat_fees_alone(tmp_path: Path) -> None:
    """A price list that no fee takes was refused, and so was a schedule without any."""
    ours = tables(tmp_path, FLAT)
    asked: dict[str, Any] = {"on": "2026-03-02", "tables": ours}
    assert str(quote(**asked).total_excl_vat) == "33.33"
    assert str(quote(**asked | {"event": "check"}).total_incl_vat) == "0.01"


@pytest.mark.parametrize("engine", ["polars", "duckdb", "pandas", "pyarrow", "PySpark"])
def test_flat_fees_are_priced_on_columns_by_the_event_alone(engine: str, tmp_path: Path) -> None:
    there, back = ENGINES[engine]
    asked = pl.DataFrame({"row": [0, 1, 2], "event": ["ask", "check", "x"]})
    priced = back(with_fees(there(asked), on="2026-03-02", tables=tables(tmp_path, FLAT))).sort("row")
    assert priced["total_excl_vat"].cast(pl.Int64).to_list() == [3333, 1, None]
    assert priced["error"].cast(pl.String).to_list() == [None, None, "event_unknown"]


def test_flat_fees_are_priced_in_sql(tmp_path: Path) -> None:
    import duckdb

    query = to_sql(
        "duckdb", on=date(2026, 3, 2), turnovers="cents", columns=["event"], tables=tables(tmp_path, FLAT)
    )
    database = duckdb.connect()
    database.execute("create table structures(event text); insert into structures values ('ask'), ('check')")
    assert sorted(row[-2] for row in database.execute(query).fetchall()) == [1, 3333]


def test_a_table_with_nothing_of_ours_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="These columns are expected: event"):
        with_fees(pl.DataFrame({"name": ["a"]}), on="2026-03-02", tables=tables(tmp_path, FLAT))


def test_a_fee_that_counts_too_tells_no_turnover(tmp_path: Path) -> None:
    """Its flat part was taken off, and no qualification: a turnover that no firm has was told."""
    ours = tables(tmp_path, MIXED)
    # 100,05 + 5 × 25,20 + 1 ‰ of 80 000.
    asked: dict[str, Any] = {"on": "2026-03-02", "event": "check", "tariffs": {1: 5}, "turnover": "80000"}
    assert str(quote(**asked, tables=ours).total_excl_vat) == "306.05"
    with pytest.raises(RequestError, match="no fee from which that is found"):
        turnovers_from_fee("306.05", on="2026-03-02", tables=ours)


def test_a_turnover_that_no_fee_takes_is_refused(tmp_path: Path) -> None:
    """It was passed over, whatever it said."""
    ours = tables(tmp_path, FLAT)
    for turnover in ("80000", "x"):
        with pytest.raises(
            RequestError, match="no fee of the schedule small_2026 is reckoned on one"
        ) as told:
            quote(on="2026-03-02", turnover=turnover, tables=ours)
        assert told.value.field == "turnover"
    assert str(quote(on="2026-03-02", turnover=None, tables=ours).total_excl_vat) == "33.33"


def test_a_turnover_that_a_later_edition_takes_is_planned_with(tmp_path: Path) -> None:
    """By its amount alone too: the edition of the start knows none."""
    ends = 'in_force_until: "2026-12-31"\nchecked_on: "2026'
    first = HEAD.replace("EVENTS", ASKED).replace('checked_on: "2026', ends) + FLAT
    later = HEAD.replace("EVENTS", "").replace("small_2026", "small_2027") + MIXED
    (tmp_path / "first.yaml").write_text(first, "utf-8")
    # On its own day: two editions of 1 January would be one too many.
    (tmp_path / "later.yaml").write_text(later.replace('from: "2026-01-01', 'from: "2027-01-02'), "utf-8")
    ours = Tables(tmp_path)
    found = plan(start="2026-03-02", tariffs={1: 5}, turnover="80000", years=2, tables=ours)
    # The application, 33.33; then the control of 2027 or later, 100.05 + 5 x 25.20 + 1 per thousand of 80,000.
    assert [str(payment.quote.total_excl_vat) for payment in found.payments] == ["33.33", "306.05"]
