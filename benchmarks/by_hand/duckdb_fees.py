"""The fee of 2024 written by hand in SQL for duckdb, CSV to CSV, for the files of ``benchmarks/structures.py``.

``python benchmarks/by_hand/duckdb_fees.py IN OUT [refuse]``: the very bytes of ``opqibi-fees batch``. Without
``refuse`` it trusts the file, but for the one fault that these files have; with it, file and rows are put to the
questions of ``polars_fees.py IN OUT refuse``.
"""

import sys

import duckdb
from polars_fees import AMOUNT, MOST, refuse_unsound

ASKED = (6_000, 12_000, 24_000, 85_000, 105_000, 125_000, 26_500)
HELD = (1_500, 3_000, 6_000, 21_250, 2_800, 5_400, 2_800)


def priced(prices: tuple[int, ...]) -> str:
    """The counts at these prices."""
    return " + ".join(f"n{number} * {price}" for number, price in enumerate(prices, 1))


def faults(*, refuse: bool) -> str:
    """The code of a row's first fault."""
    if not refuse:
        return "CASE WHEN x IS NULL THEN 'turnover_not_an_amount' END"
    cases = {
        "event_unknown": "event IS NULL OR event NOT IN ('first', 'renewal', 'control')",
        "turnover_not_an_amount": f"NOT regexp_matches(turnover, '{AMOUNT}')",
        "turnover_negative": "x < 0",
        "turnover_too_large": f"x > {MOST}",
        "turnover_missing": "event <> 'control' AND x IS NULL",
    }
    for number in range(1, 8):
        count = f"t{number}"
        cases[f"{count}_not_a_count"] = (
            f"n{number} IS NULL OR NOT n{number} BETWEEN 0 AND 1000 OR NOT regexp_matches({count}, '^[0-9]+$')"
        )
    cases["no_qualification"] = " AND ".join(f"n{number} = 0" for number in range(1, 8))
    return "CASE " + " ".join(f"WHEN {wrong} THEN '{code}'" for code, wrong in cases.items()) + " END"


def main() -> None:
    source, target, *refuse = sys.argv[1:]
    if refuse:
        refuse_unsound(source)
    steps = ((1_500_000_000, 25, 27_075_000_000), (300_000_000, 40, 4_575_000_000),
             (80_000_000, 50, 1_575_000_000), (25_000_000, 65, 375_000_000))  # fmt: skip
    slope = "CASE " + " ".join(f"WHEN x > {above} THEN {rate}" for above, rate, _ in steps) + " ELSE 80 END"
    start = "CASE " + " ".join(f"WHEN x > {above} THEN {kept}" for above, _, kept in steps) + " ELSE 0 END"
    usage = f"(least(greatest(x * {slope} + {start}, 1800000000), 400000000000) + 50000) // 100000"
    euros = ", ".join(
        f"CAST({name} * CAST(0.01 AS DECIMAL(3, 2)) AS DECIMAL(38, 2)) AS {name}"
        for name in ("dossier", "instruction", "brand_usage", "annual_control", "total_excl_vat")
    )
    whole = "coalesce(TRY_CAST(t{0} AS BIGINT), 0)" if refuse else "CAST(t{0} AS BIGINT)"
    counts = ", ".join(f"{whole.format(number)} AS n{number}" for number in range(1, 8))
    right = "error IS NULL" if refuse else "x IS NOT NULL"
    query = f"""
        WITH read AS (
            SELECT *, {counts},
                CAST(TRY_CAST(replace(replace(turnover, ' ', ''), ',', '.') AS DECIMAL(18, 2)) * 100 AS BIGINT) AS x
            FROM read_csv('{source}', all_varchar = true, header = true, sep = ',')
        ), told AS (
            SELECT *, {faults(refuse=bool(refuse))} AS error FROM read
        ), fees AS (
            SELECT *,
                CASE WHEN {right} AND event = 'first' THEN 8600 END AS dossier,
                CASE WHEN {right} AND event <> 'control' THEN {priced(ASKED)} + 50000 END AS instruction,
                CASE WHEN {right} AND event <> 'control' THEN {usage} END AS brand_usage,
                CASE WHEN {right} AND event = 'control' THEN {priced(HELD)} + 12500 END AS annual_control
            FROM told
        ), whole AS (
            SELECT *,
                CASE WHEN {right} THEN coalesce(dossier, 0) + coalesce(instruction, 0)
                    + coalesce(brand_usage, 0) + coalesce(annual_control, 0) END AS total_excl_vat
            FROM fees
        )
        SELECT siren, name, postcode, event, turnover, t1, t2, t3, t4, t5, t6, t7, {euros}, error FROM whole
    """
    duckdb.sql(f"COPY ({query}) TO '{target}' (HEADER, DELIMITER ',')")


if __name__ == "__main__":
    main()
