"""Columns of schedules of other shapes, none of them shipped: by hand, and against the single quote."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from opqibi_rules.errors import RequestError
from opqibi_rules.price import columns
from opqibi_rules.price.columns import explain, with_fees
from opqibi_rules.price.columns.billed import with_price_verdict
from opqibi_rules.price.columns.inputs import Editions
from tests.price import proof
from tests.price.proof import ON, Pinned

EDITIONS = Path(__file__).parents[1] / "editions"
LATER, REPEATED, MORE_FEES, OTHER_BODY = (
    Pinned(EDITIONS / name) for name in ("later", "repeated", "more_fees", "other_body")
)
IN_2027 = date(2027, 3, 1)
both_engines = pytest.mark.parametrize("engine", ["polars", "duckdb"])

TWO_BASES = """\
kind: schedule
id: two_bases
title: {fr: Deux chiffres d’affaires, en: Two turnovers}
in_force_from: "2026-01-01"
checked_on: "2026-11-21"
checked_by: tests
sources: [{document: made for a test, address: none}]
rounding: {unit: "0.01", mode: half_up, where: {fr: à la fin, en: at the end}}
events: [{id: yearly, name: {fr: annuelle, en: yearly}}, {id: abroad_only, name: {fr: étranger, en: abroad}}]
turnovers: [{id: home, name: {fr: France, en: home}}, {id: abroad-1, name: {fr: étranger, en: abroad}}]
prices: [{id: each, article: "1", by_tariff: {"1": "10.00"}}]
fees:
  - id: home
    name: {fr: France, en: Home}
    article: "1"
    events: [yearly]
    billed: application
    parts:
      - {kind: tranches, id: slices, article: "1", turnover: home, floor: {article: "1", amount: "3.00"},
         tranches: [{above: "0", up_to: null, rate: "0.1"}]}
  - id: abroad-fee
    name: {fr: Étranger, en: Abroad}
    article: "2"
    events: [yearly, abroad_only]
    billed: application
    parts:
      - {kind: flat, id: flat, article: "2", label: {fr: Forfait, en: Flat}, amount: "2.00"}
      - {kind: per_qualification, id: each, article: "2", label: {fr: "{tariff}", en: "{tariff}"}, counts: held,
         prices: each}
      - {kind: tranches, id: slices, article: "2", turnover: abroad-1,
         tranches: [{above: "0", up_to: null, rate: "0.00125"}]}
"""


def table(**columns: list[Any]) -> pl.DataFrame:
    return pl.DataFrame({"row": list(range(len(next(iter(columns.values()))))), **columns})


def euros(priced: pl.DataFrame, *names: str) -> list[tuple[float | None, ...]]:
    """Cents as euros, which a double writes exactly enough to be compared with those written here."""
    rows = priced.select(names).rows()
    return [tuple(None if cents is None else cents / 100 for cents in row) for row in rows]


@both_engines
def test_an_eighth_tariff_and_a_sixth_tranche(engine: str) -> None:
    asked = table(
        event=["first", "renewal", "control"], turnover=["60000000", "228350000.01", None],
        t1=[2, 1, 0], t3=[0, 0, 1], t8=[1, 0, 2], new_t8=[0, 0, 1],
    )  # fmt: skip
    priced = proof.on_engine(engine, asked, on=IN_2027, tables=LATER)
    assert euros(priced, *proof.AMOUNTS) == [
        # 520 + 2·63 + 410; 212,50 + 385 + 1 100 + 4 800 + 35 M€ at 0,25 ‰ = 8 750 + 10 M€ at 0,15 ‰ = 1 500
        (90, 1056, 16747.5, None, 17893.5),
        # 520 + 63; 15 247,50 up to 50 M€, and 178,35 M€ at 0,15 ‰ make 42 000, the cap
        (None, 583, 42000, None, 42583),
        # 130 + 62 + 2·41; new: 390 + 410
        (None, None, None, 1074, 1074),
    ]


@both_engines
def test_what_comes_into_force_later_is_neither_asked_for_nor_computed(engine: str) -> None:
    asked = table(turnover=[800_000, 800_000], t1=[5, 5], t2=[3, 3])
    priced = proof.on_engine(engine, asked, on=ON, tables=LATER, integers="euros")
    assert euros(priced, *proof.AMOUNTS) == [(86, 1160, 557.5, None, 1803.5)] * 2
    eighth = proof.on_engine(engine, asked.with_columns(t8=pl.col("row")), on=ON, tables=LATER)
    assert eighth["error"].to_list() == [None, "t8_not_in_schedule"]
    days = asked.with_columns(date=pl.Series([date(2026, 12, 31), date(2027, 1, 1)]))
    priced = proof.on_engine(engine, days, tables=LATER, integers="euros")
    # from 2027: 90; 520 + 5·63 + 3·125; 212,50 + 385
    assert euros(priced, *proof.AMOUNTS) == [(86, 1160, 557.5, None, 1803.5), (90, 1210, 597.5, None, 1897.5)]


def test_only_an_eighth_tariff_is_no_table_of_2026() -> None:
    with pytest.raises(RequestError, match="t6, t7; the table"):
        with_fees(table(turnover=[1], t8=[1]), on=ON, tables=LATER, integers="cents")


@both_engines
def test_articles_that_repeat_change_no_amount(engine: str) -> None:
    asked = table(event=["first", "control"], turnover=[80_000_000, None], t1=[5, 2], new_t1=[0, 1])
    priced = proof.on_engine(engine, asked, on=ON, tables=REPEATED)
    # 86, 500 + 5·60, 557,50; 125 + 2·15 + 375 + 60
    assert euros(priced, *proof.AMOUNTS) == [
        (86, 800, 557.5, None, 1443.5),
        (None, None, None, 590, 590),
    ]


@both_engines
def test_a_fifth_fee_at_a_renewal_and_a_sixth_per_qualification_at_a_control(engine: str) -> None:
    asked = table(
        event=["first", "renewal", "control", "control"], turnover=[0, 0, None, None],
        t1=[1, 1, 1, 1], t7=[0, 2, 2, 2], new_t2=[0, 0, 0, 1],
    )  # fmt: skip
    fees = (*proof.AMOUNTS[:4], "renewal_audit", "site_visit", "total_excl_vat")
    priced = proof.on_engine(engine, asked, on=ON, tables=MORE_FEES)
    assert priced.columns == [*asked.columns, *fees, "error"]
    assert euros(priced, *fees) == [
        (86, 560, 180, None, None, None, 826),
        # 500 + 60 + 2·265, the floor, and the audit
        (None, 1090, 180, None, 150, None, 1420),
        # 125 + 15 + 2·28; 10 + 2·70,50
        (None, None, None, 196, None, 151, 347),
        # 375 + 120 more; no visit for what is newly asked
        (None, None, None, 691, None, 151, 842),
    ]
    days = asked.with_columns(date=pl.Series([date(2025, 12, 31)] * 3 + [ON]))
    priced = proof.on_engine(engine, days, tables=MORE_FEES)
    assert priced["renewal_audit"].null_count() == 4
    assert priced["site_visit"].to_list() == [None, None, None, 15_100]
    assert priced["total_excl_vat"].to_list() == [82_600, 127_000, 19_600, 84_200]


@both_engines
def test_another_body_no_floor_another_origin_other_events(engine: str) -> None:
    cases = [
        # 50 + 2·100 + 220; 350 000,01 € at 1 ‰
        ("entree", "450000.01", 2, 1, (470, 350, None, 820)),
        # nothing below 100 000 €, and no floor
        ("reprise", "0", 1, 0, (150, 0, None, 150)),
        ("reprise", "100000", 1, 0, (150, 0, None, 150)),
        ("reprise", "100004.99", 1, 0, (150, 0, None, 150)),
        # 5 € at 1 ‰ are half a cent
        ("reprise", "100005", 1, 0, (150, 0.01, None, 150.01)),
        # 400 + 0,50 ‰ of 9 199 990 € are 4 999,995; then the cap
        ("reprise", "9699980", 1, 0, (150, 4999.99, None, 5149.99)),
        ("reprise", "9699990", 1, 0, (150, 5000, None, 5150)),
        ("reprise", "1000000000000", 1, 0, (150, 5000, None, 5150)),
        ("suivi", None, 1, 2, (None, None, 62, 62)),
        ("duplicata", "", 0, 1, (None, None, 25, 25)),
    ]  # fmt: skip
    asked = table(
        **{name: [case[n] for case in cases] for n, name in enumerate(("event", "turnover", "t1", "t3"))}
    )
    priced = proof.on_engine(engine, asked, on=ON, tables=OTHER_BODY)
    assert priced["error"].null_count() == len(cases)
    assert euros(priced, "expertise", "cotisation", "passage", "total_excl_vat") == [
        case[4] for case in cases
    ]


@both_engines
def test_another_body_says_what_it_does_not_take(engine: str) -> None:
    asked = table(
        event=["first", "control", "entree", "suivi", "suivi"], turnover=[1, 1, None, None, None], t1=[1] * 5,
        new_t1=[0, 0, 0, 1, 0],
    )  # fmt: skip
    priced = proof.on_engine(engine, asked, on=ON, tables=OTHER_BODY)
    errors = ["event_unknown", "event_unknown", "turnover_missing", "new_without_control", None]
    assert priced["error"].to_list() == errors
    # Without a column event, the schedule's first.
    alone = proof.on_engine(engine, asked.select("row", "turnover", "t1"), on=ON, tables=OTHER_BODY)
    assert alone["expertise"].to_list() == [15_000, 15_000, None, None, None]
    # Each row's event is one of its own day's schedule.
    days = asked.with_columns(date=pl.Series([date(2025, 5, 5), date(2025, 5, 5), *[date(2025, 5, 5)] * 3]))
    priced = proof.on_engine(engine, days, tables=OTHER_BODY)
    assert priced["error"].to_list() == [None, None, "event_unknown", "event_unknown", "event_unknown"]


@pytest.fixture
def two_bases(tmp_path: Path) -> Pinned:
    (tmp_path / "schedule.yaml").write_text(TWO_BASES, "utf-8")
    return Pinned(tmp_path)


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.parametrize("engine", ["polars", "duckdb", "pyarrow", "pandas on Arrow", "PySpark"])
def test_each_fee_takes_its_own_turnover(engine: str, two_bases: Pinned) -> None:
    cases = [
        # a tenth, three euros at least; 2 + 10·n + 1,25 ‰ without limit, half a cent counting for one
        ("yearly", "100", "4", 1, (10, 12.01, 22.01)),
        ("yearly", "0.04", "3.99", 2, (3, 22, 25)),
        ("yearly", "999999999999.99", "999999999996", 1, (100000000000, 1250000012, 101250000012)),
        ("yearly", "999999999999.94", "999999999995.99", 1, (99999999999.99, 1250000011.99, 101250000011.98)),
        ("abroad_only", None, "8000", 1, (None, 22, 22)),
    ]
    names = ("event", "turnover", "turnover_abroad-1", "t1")
    asked = table(**{name: [case[n] for case in cases] for n, name in enumerate(names)})
    priced = proof.on_engine(engine, asked, on=ON, tables=two_bases)
    assert priced["error"].null_count() == len(cases)
    assert euros(priced, "home", "abroad-fee", "total_excl_vat") == [case[4] for case in cases]


@both_engines
def test_a_turnover_that_is_wanting_is_named(engine: str, two_bases: Pinned) -> None:
    asked = table(
        event=["yearly", "yearly", "abroad_only", "abroad_only"], turnover=[1, None, None, -1], t1=[1] * 4,
    ).with_columns(pl.Series("turnover_abroad-1", [None, 1, 1, 1]))  # fmt: skip
    priced = proof.on_engine(engine, asked, on=ON, tables=two_bases)
    errors = ["turnover_abroad-1_missing", "turnover_missing", None, "turnover_negative"]
    assert priced["error"].to_list() == errors
    assert str(explain(errors[0] or "")).startswith("turnover_abroad-1: ")
    one = asked.drop("turnover_abroad-1")
    with pytest.raises(RequestError, match="turnover_abroad-1"):
        proof.on_engine(engine, one, on=ON, tables=two_bases)
    # Where another schedule does without it, only the rows that need it say so.
    days = one.with_columns(
        event=pl.Series(["yearly", "abroad_only", "first", "control"]),
        turnover=pl.Series([1, 1, 1, None]),
        date=pl.Series([ON, ON, date(2025, 5, 5), date(2025, 5, 5)]),
    )
    priced = proof.on_engine(engine, days, tables=two_bases)
    assert priced["error"].to_list() == ["turnover_abroad-1_missing"] * 2 + [None, None]
    assert priced["home"].null_count() == 4


def test_a_turnover_that_no_fee_needs_is_not_asked_for(two_bases: Pinned, tmp_path: Path) -> None:
    text = TWO_BASES.replace("events: [yearly]", "events: [abroad_only]")
    (tmp_path / "schedule.yaml").write_text(text, "utf-8")
    asked = table(t1=[1]).with_columns(pl.Series("turnover_abroad-1", [4]))
    priced = with_fees(asked, on=ON, tables=Pinned(tmp_path), integers="euros")
    assert priced.row(0)[-4:] == (None, 1_201, 1_201, None)


@both_engines
@pytest.mark.parametrize(
    ("tables", "days"),
    [
        (LATER, (date(2026, 12, 31), date(2027, 1, 1))),
        (MORE_FEES, (date(2025, 12, 31), ON)),
        (OTHER_BODY, (date(2025, 12, 31), ON)),
    ],
    ids=["later", "more fees", "other body"],
)
def test_random_rows_get_what_a_single_quote_answers(
    engine: str, tables: Pinned, days: tuple[date, ...]
) -> None:
    met = Editions(tables.schedules)
    asked = proof.random_table(
        3_000, seed=5, days=days, events=tuple(met.events), tariffs=met.tariffs, turnovers=met.turnovers
    )
    expected = proof.one_by_one(asked, tables)
    assert 300 < int(expected["refused"].sum()) < 2_700
    assert proof.wrong_rows(proof.on_engine(engine, asked, tables=tables), expected) == 0


def test_two_turnovers_at_random_get_what_a_single_quote_answers(two_bases: Pinned) -> None:
    names = ("turnover", "turnover_abroad-1")
    asked = proof.random_table(
        3_000, seed=6, events=("yearly", "abroad_only"), tariffs=(1,), turnovers=names
    ).drop("new_t1")
    expected = proof.one_by_one(asked, two_bases)
    assert 100 < int(expected["refused"].sum()) < 2_900
    assert proof.wrong_rows(proof.on_engine("polars", asked, tables=two_bases), expected) == 0


def test_a_column_that_bears_a_fees_id_is_refused() -> None:
    with pytest.raises(RequestError, match="already: expertise"):
        with_fees(table(turnover=[1], t1=[1], expertise=[1]), on=ON, tables=OTHER_BODY, integers="cents")
    # Under the schedule of 2024 it is a column like any other.
    day = date(2025, 5, 5)
    assert (
        with_fees(table(turnover=[1], t1=[1], expertise=[1]), on=day, tables=OTHER_BODY, integers="cents")[
            "error"
        ]
        .is_null()
        .all()
    )


def test_what_was_billed_is_compared_with_any_declared_fee() -> None:
    asked = table(event=["suivi"], turnover=[None], t1=[1], billed=[1_200]).with_columns(
        pl.col("turnover").cast(pl.Int64)
    )
    compared = with_price_verdict(
        asked, billed="billed", against="passage", on=ON, tables=OTHER_BODY, integers="cents"
    )
    assert compared.row(0)[-2:] == (0, "conform")
    with pytest.raises(RequestError, match="dossier"):
        with_price_verdict(
            asked, billed="billed", against="dossier", on=ON, tables=OTHER_BODY, integers="cents"
        )


@pytest.mark.parametrize("code", ["", "t1", "wrong", "_missin"])
def test_what_is_no_code_is_not_explained(code: str) -> None:
    with pytest.raises(RequestError, match="is not a code"):
        explain(code)


def test_what_was_made_for_one_table_prices_another_only_where_all_is_alike() -> None:
    # Worked above and in the tests of each edition: 86 + 560 + 180 under 2024; 90; 520 + 63; 212,50 in 2027.
    # One thing differs at a time: the schedule, the day, the unit, what is carried, the type, a column more.
    one = table(turnover=[800_000], t1=[1])
    asked: list[tuple[pl.DataFrame, dict[str, Any], int]] = [
        (one, {"on": ON, "tables": LATER, "integers": "euros"}, 86 + 560 + 55750 // 100),
        (one, {"on": IN_2027, "tables": LATER, "integers": "euros"}, 90 + 583 + 597),
        (one, {"on": ON, "tables": LATER, "integers": "cents"}, 86 + 560 + 180),
        (one.cast({"turnover": pl.String}), {"on": ON, "tables": LATER}, 86 + 560 + 557),
        (one.with_columns(t2=1), {"on": ON, "tables": LATER, "integers": "cents"}, 86 + 560 + 120 + 180),
        (one.with_columns(t2=1), {"on": ON, "tables": LATER, "integers": "cents", "carry": ["t2"]}, 826),
        (one.with_columns(t7=2, event=pl.lit("renewal")), {"on": ON, "tables": MORE_FEES, "integers": "cents"}, 1420),
    ]  # fmt: skip

    def right(number: int) -> bool:
        frame, options, euros = asked[number % len(asked)]
        eager, lazy = with_fees(frame, **options), with_fees(frame.lazy(), **options).collect()
        return eager.equals(lazy) and eager["total_excl_vat"][0] // 100 == euros

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(right, range(70))) == [True] * 70


def test_what_was_made_for_tables_of_other_columns_is_not_kept_for_ever() -> None:
    for number in range(columns.KEPT + 5):
        with_fees(table(turnover=["1"], t1=[1], **{f"own{number}": [0]}), on=ON, tables=MORE_FEES)
    assert columns.made.cache_info().currsize == columns.KEPT


@pytest.mark.parametrize("engine", ["polars", "duckdb", "pandas", "pyarrow"])
def test_what_lacks_a_turnover_keeps_the_fees_that_need_none_where_that_is_asked(engine: str) -> None:
    asked = table(
        event=["first", "renewal", "control", "first", "first", "audit"], turnover=[None, "", None, "x", None, None],
        t1=[5, 5, 5, 5, -1, 5], t2=[3, 3, 3, 3, 3, 3],
    )  # fmt: skip
    priced = proof.on_engine(engine, asked, on=ON, tables=LATER, partial=True)
    # 500 + 5·60 + 3·120; 125 + 5·15 + 3·30; whatever else is wrong is told first, and nothing is known then
    assert euros(priced, *proof.AMOUNTS) == [
        (86, 1160, None, None, None),
        (None, 1160, None, None, None),
        (None, None, None, 290, 290),
        *[(None,) * 5] * 3,
    ]
    missing = "turnover_missing"
    codes = [missing, missing, None, "turnover_not_an_amount", "t1_not_a_count", "event_unknown"]
    assert priced["error"].to_list() == codes
    assert euros(proof.on_engine(engine, asked, on=ON, tables=LATER), "dossier")[0] == (None,)


@both_engines
def test_a_fee_is_not_known_where_no_row_has_its_turnover(engine: str, tmp_path: Path) -> None:
    (tmp_path / "schedule.yaml").write_text(TWO_BASES, "utf-8")
    asked = table(
        date=["2026-03-02", "2026-03-02"],
        event=["yearly", "abroad_only"],
        turnover=[800_000, None],
        t1=[1, 1],
    )
    priced = proof.on_engine(engine, asked, tables=Pinned(tmp_path), integers="euros", partial=True)
    # a tenth of 800 000; what is due abroad is 12, and a part that nothing tells
    assert euros(priced, "home", "abroad-fee", "total_excl_vat") == [(80_000, None, None), (None, None, None)]
    assert priced["error"].to_list() == ["turnover_abroad-1_missing"] * 2
