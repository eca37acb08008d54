"""The fee of 2024 written by hand in polars, CSV to CSV, for the files of ``benchmarks/structures.py``.

``python benchmarks/by_hand/polars_fees.py IN OUT [values|refuse]``: the very bytes of ``opqibi-fees batch``. With
neither it trusts the file, but for the one fault that these files have. With ``values``, each row is put to the
questions that ``batch`` puts: is it an amount as people write it, positive, under a thousand billion; is each count
a whole number up to a thousand; is there any; is the event known. With ``refuse``, the file is looked through for
rows that a quotation mark swallows, for one cut short and for a stray byte too, as ``batch`` does.
"""

import re
import sys
from pathlib import Path

import polars as pl

ASKED = (6_000, 12_000, 24_000, 85_000, 105_000, 125_000, 26_500)
HELD = (1_500, 3_000, 6_000, 21_250, 2_800, 5_400, 2_800)
COUNTS = [f"t{number}" for number in range(1, 8)]
AMOUNT = (
    r"^\s*[-−]?(?:[0-9]+|[0-9]{1,3}(?:[ \x{a0}\x{202f}\x{2009}\x{2007}][0-9]{3})+)(?:[.,][0-9]{1,2})?"
    r"(?:[ \x{a0}\x{202f}\x{2009}\x{2007}]?(?:€|EUR))?\s*$"
)
MOST = 10**14
QUOTED = re.compile(rb'"(?<![^,\n]")[^"\n]*"(?![^,\n])')
"""A cell in quotation marks; these files have none with others inside, nor with a line end."""


def refuse_unsound(source: str, columns: int = 12) -> None:
    """Leave if a quotation mark stands where none may, a row has not all its cells, or a byte is no UTF-8."""
    rows = separators = 0
    with Path(source).open("rb") as file:
        while block := file.read(1 << 18):
            block += file.readline()
            block.decode()
            cells = QUOTED.findall(block)
            if 2 * len(cells) != block.count(b'"') or b"\r" in block or b"\0" in block:
                raise SystemExit(f"{source}: not plain")
            rows += block.count(b"\n")
            separators += block.count(b",") - b"".join(cells).count(b",")
    if separators != rows * (columns - 1):
        raise SystemExit(f"{source}: a row has not all its cells")


def cents(text: pl.Expr) -> pl.Expr:
    """« 350 000,50 » and 350000 in cents; null for what is neither."""
    number = text.str.replace_all(r"[ \x{a0}\x{202f}\x{2009}\x{2007}€EUR]", "").str.replace(
        ",", ".", literal=True
    )
    return number.cast(pl.Decimal(38, 2), strict=False).to_physical().cast(pl.Int64)


def main() -> None:
    source, target, *refuse = sys.argv[1:]
    if refuse == ["refuse"]:
        refuse_unsound(source)
    event, x = pl.col("event"), pl.col("_cents")
    table = pl.scan_csv(source, infer_schema=False).with_columns(
        cents(pl.col("turnover")).alias("_cents"),
        *(pl.col(name).cast(pl.Int64, strict=False).fill_null(0).alias(f"_{name}") for name in COUNTS),
    )
    control = event == "control"
    faults = [("turnover_not_an_amount", x.is_null() & pl.col("turnover").is_not_null())]
    if refuse:
        counts = [pl.col(f"_{name}") for name in COUNTS]
        unread = [pl.col(name).is_not_null() & ~pl.col(name).str.contains("^[0-9]+$") for name in COUNTS]
        faults = [
            ("event_unknown", ~event.is_in(["first", "renewal", "control"]).fill_null(value=False)),
            ("turnover_not_an_amount", ~pl.col("turnover").str.contains(AMOUNT)),
            ("turnover_negative", x < 0),
            ("turnover_too_large", x > MOST),
            ("turnover_missing", ~control & x.is_null()),
            *(
                (f"{name}_not_a_count", wrong | ~count.is_between(0, 1000))
                for name, wrong, count in zip(COUNTS, unread, counts, strict=True)
            ),
            ("no_qualification", pl.all_horizontal(count == 0 for count in counts)),
        ]
    error = pl.coalesce(pl.when(wrong).then(pl.lit(code)) for code, wrong in faults)
    table = table.with_columns(error=error)
    right = pl.col("error").is_null()
    steps = ((0, 80, 0), (25_000_000, 65, 375_000_000), (80_000_000, 50, 1_575_000_000),
             (300_000_000, 40, 4_575_000_000), (1_500_000_000, 25, 27_075_000_000))  # fmt: skip
    slope, start = pl.lit(80, pl.Int64), pl.lit(0, pl.Int64)
    for above, rate, kept in steps[1:]:
        slope = pl.when(x > above).then(rate).otherwise(slope)
        start = pl.when(x > above).then(kept).otherwise(start)
    usage = ((x * slope + start).clip(18_000 * 100_000, 4_000_000 * 100_000) + 50_000) // 100_000
    asked, held = (
        pl.sum_horizontal(pl.col(f"_{name}") * price for name, price in zip(COUNTS, prices, strict=True))
        for prices in (ASKED, HELD)
    )
    table = table.with_columns(
        pl.when(right & (event == "first")).then(8_600).alias("dossier"),
        pl.when(right & ~control).then(asked + 50_000).alias("instruction"),
        pl.when(right & ~control).then(usage).alias("brand_usage"),
        pl.when(right & control).then(held + 12_500).alias("annual_control"),
    )
    fees = ["dossier", "instruction", "brand_usage", "annual_control"]
    table = table.with_columns(total_excl_vat=pl.when(right).then(pl.sum_horizontal(fees)))
    hundredth = pl.lit("0.01").cast(pl.Decimal(38, 2))
    fees.append("total_excl_vat")
    euros = [(pl.col(name).cast(pl.Decimal(38, 0)) * hundredth).alias(name) for name in fees]
    own = ["siren", "name", "postcode", "event", "turnover", *COUNTS]
    table.select(*own, *euros, "error").sink_csv(target)


if __name__ == "__main__":
    main()
