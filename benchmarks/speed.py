"""What a price costs in time, as ratios in one run: ``python benchmarks/speed.py``.

(a) ``opqibi-fees quote … --format json`` as a whole process, against a Typer application with one empty
    command; (b) ``import opqibi_rules`` against ``import pydantic``; (c) one full itemised quote against a bare
    function that computes the three totals with ``Decimal``. Each pair runs in turn, A B A B, so that a machine
    that slows down slows both; the figure is the median of the ratios, pair by pair.
"""

import statistics
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from opqibi_rules import quote

EMPTY = """
import typer
app = typer.Typer()
@app.command()
def main() -> None:
    pass
app()
"""
QUOTE = [
    "quote",
    "-t",
    "1=5",
    "-t",
    "2=3",
    "--turnover",
    "800000",
    "--date",
    "2026-03-02",
    "--format",
    "json",
]


def bare(tariffs: dict[int, int], turnover: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """The same three totals, as one would write them once and throw away."""
    instruction = Decimal(500) + sum(PRICES[tariff] * count for tariff, count in tariffs.items())
    usage = Decimal(0)
    for lower, upper, rate in TRANCHES:
        if turnover > lower:
            usage += ((turnover if upper is None else min(turnover, upper)) - lower) * rate
    usage = min(max(usage.quantize(CENT, ROUND_HALF_UP), Decimal(180)), Decimal(40_000))
    excl_vat = Decimal(86) + instruction + usage
    vat = (excl_vat * Decimal("0.20")).quantize(CENT, ROUND_HALF_UP)
    return excl_vat, vat, excl_vat + vat


CENT = Decimal("0.01")
PRICES = {1: Decimal(60), 2: Decimal(120)}
TRANCHES = (
    (Decimal(0), Decimal(250_000), Decimal("0.00080")),
    (Decimal(250_000), Decimal(800_000), Decimal("0.00065")),
    (Decimal(800_000), Decimal(3_000_000), Decimal("0.00050")),
    (Decimal(3_000_000), Decimal(15_000_000), Decimal("0.00040")),
    (Decimal(15_000_000), None, Decimal("0.00025")),
)


def process(command: list[str]) -> Callable[[], float]:
    def once() -> float:
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start

    return once


def in_process(function: Callable[[], object]) -> Callable[[], float]:
    return lambda: timeit.timeit(function, number=2000) / 2000


def row(label: str, ours: Callable[[], float], theirs: Callable[[], float], limit: float, pairs: int) -> str:
    ours(), theirs()  # warm
    times = [(ours(), theirs()) for _ in range(pairs)]
    ratio = statistics.median(a / b for a, b in times)
    a, b = (statistics.median(column) * 1000 for column in zip(*times, strict=True))
    return f"{label:<58}{a:>10.4f}{b:>10.4f}{ratio:>7.2f}{limit:>7.2f}  {'ok' if ratio <= limit else 'OVER'}"


def main() -> None:
    command = str(Path(sys.executable).with_name("opqibi-fees"))
    print(f"{'':<58}{'ours, ms':>10}{'peer, ms':>10}{'ratio':>7}{'limit':>7}")
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY)
        peer = process([sys.executable, str(empty)])
        print(row("(a) quote as JSON / an empty Typer command", process([command, *QUOTE]), peer, 1.25, 31))
    ours = process([sys.executable, "-c", "import opqibi_rules"])
    print(
        row(
            "(b) import opqibi_rules / import pydantic",
            ours,
            process([sys.executable, "-c", "import pydantic"]),
            1.5,
            31,
        )
    )
    tariffs, on = {1: 5, 2: 3}, date(2026, 3, 2)
    for turnover in (Decimal(800_000), Decimal(2_400_000)):
        answer = quote(tariffs=tariffs, turnover=turnover, on=on)
        totals = (answer.total_excl_vat, answer.vat, answer.total_incl_vat)
        if totals != bare(tariffs, turnover):
            raise AssertionError("the two sides do not compute the same thing")

        def full(turnover: Decimal = turnover) -> object:
            return quote(tariffs=tariffs, turnover=turnover, on=on)

        def naked(turnover: Decimal = turnover) -> object:
            return bare(tariffs, turnover)

        label = f"(c) an itemised quote ({turnover:,} €) / three bare totals"
        print(row(label, in_process(full), in_process(naked), 3.0, 31))


if __name__ == "__main__":
    main()
