"""The fee of 2024 written by hand in SQL for duckdb, CSV to CSV, for the files of ``benchmarks/structures.py``.

``python benchmarks/by_hand/duckdb_fees.py IN OUT``: the rows of ``opqibi-fees batch``, but for some quotation marks.
It trusts the file, but for the one fault that these files have.
"""

import sys

import duckdb

ASKED = (6_000, 12_000, 24_000, 85_000, 105_000, 125_000, 26_500)
HELD = (1_500, 3_000, 6_000, 21_250, 2_800, 5_400, 2_800)


def priced(prices: tuple[int, ...]) -> str:
    """The counts at these prices."""
    return " + ".join(f"CAST(t{number} AS BIGINT) * {price}" for number, price in enumerate(prices, 1))


def main() -> None:
    source, target = sys.argv[1:]
    steps = ((1_500_000_000, 25, 27_075_000_000), (300_000_000, 40, 4_575_000_000),
             (80_000_000, 50, 1_575_000_000), (25_000_000, 65, 375_000_000))  # fmt: skip
    slope = "CASE " + " ".join(f"WHEN x > {above} THEN {rate}" for above, rate, _ in steps) + " ELSE 80 END"
    start = "CASE " + " ".join(f"WHEN x > {above} THEN {kept}" for above, _, kept in steps) + " ELSE 0 END"
    usage = f"(least(greatest(x * {slope} + {start}, 1800000000), 400000000000) + 50000) // 100000"
    euros = ", ".join(
        f"CAST({name} * CAST(0.01 AS DECIMAL(3, 2)) AS DECIMAL(38, 2)) AS {name}"
        for name in ("dossier", "instruction", "brand_usage", "annual_control", "total_excl_vat")
    )
    query = f"""
        WITH read AS (
            SELECT *,
                CAST(TRY_CAST(replace(replace(turnover, ' ', ''), ',', '.') AS DECIMAL(18, 2)) * 100 AS BIGINT) AS x
            FROM read_csv('{source}', all_varchar = true, header = true, sep = ',')
        ), fees AS (
            SELECT *,
                CASE WHEN event = 'first' THEN 8600 END AS dossier,
                CASE WHEN event <> 'control' THEN {priced(ASKED)} + 50000 END AS instruction,
                CASE WHEN event <> 'control' THEN {usage} END AS brand_usage,
                CASE WHEN event = 'control' THEN {priced(HELD)} + 12500 END AS annual_control
            FROM read
        ), whole AS (
            SELECT * REPLACE (
                CASE WHEN x IS NOT NULL THEN dossier END AS dossier,
                CASE WHEN x IS NOT NULL THEN instruction END AS instruction,
                CASE WHEN x IS NOT NULL THEN brand_usage END AS brand_usage,
                CASE WHEN x IS NOT NULL THEN annual_control END AS annual_control),
                CASE WHEN x IS NOT NULL THEN coalesce(dossier, 0) + coalesce(instruction, 0)
                    + coalesce(brand_usage, 0) + coalesce(annual_control, 0) END AS total_excl_vat,
                CASE WHEN x IS NULL THEN 'turnover_not_an_amount' END AS error
            FROM fees
        )
        SELECT siren, name, postcode, event, turnover, t1, t2, t3, t4, t5, t6, t7, {euros}, error FROM whole
    """
    duckdb.sql(f"COPY ({query}) TO '{target}' (HEADER, DELIMITER ',')")


if __name__ == "__main__":
    main()
