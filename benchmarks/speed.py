"""What a price costs in time, as ratios in one run: ``python benchmarks/speed.py``.

(a) ``opqibi-fees quote … --format json`` as a whole process, against a Typer application with one empty
    command; (b) ``import opqibi_rules`` against ``import pydantic``; (c) one full itemised quote against a
    bare function that computes the three totals with ``Decimal``; (d) that quote and its JSON against the
    quote alone; (e) the JSON of two thousand quotes that are made already against a quote. Each pair runs in
    turn, A B A B, so that a machine that slows down slows both; the figure is the median of the ratios, pair by
    pair. On both sides every question differs from the one before, by a cent of turnover and by its counts: no
    answer can be kept.
"""

import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from opqibi_rules import Quote, quote
from opqibi_rules.paper.shape import Json

ON = date(2026, 3, 2)

EMPTY = """
import typer
app = typer.Typer()
@app.command()
def main() -> None:
    pass
app()
"""
Question = tuple[dict[int, int], Decimal]
"""Counts by tariff code, and a turnover."""


def questions(turnover: Decimal) -> Iterator[Question]:
    """Questions without end, each other than the one before."""
    for number in itertools.count():
        yield {1: 1 + number % 37, 2: 1 + number % 23}, turnover + CENT * number


def command(program: str, question: Question) -> list[str]:
    """The same question in a terminal."""
    tariffs, turnover = question
    counts = [word for tariff, count in tariffs.items() for word in ("-t", f"{tariff}={count}")]
    return [program, "quote", *counts, "--turnover", str(turnover), "--date", str(ON), "--format", "json"]


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


def process(commands: Iterator[list[str]]) -> Callable[[], float]:
    def once() -> float:
        asked = next(commands)
        start = time.perf_counter()
        subprocess.run(asked, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start

    return once


def in_process(answer: Callable[[dict[int, int], Decimal], object], turnover: Decimal) -> Callable[[], float]:
    asked = questions(turnover)

    def once() -> float:
        batch = list(itertools.islice(asked, 2000))
        start = time.perf_counter()
        for tariffs, amount in batch:
            answer(tariffs, amount)
        return (time.perf_counter() - start) / len(batch)

    return once


def apart(turnover: Decimal) -> Callable[[], float]:
    """What a ``to_dict()`` takes after others, their quotes made before."""
    asked = questions(turnover)

    def once() -> float:
        quotes = list(itertools.starmap(itemised, itertools.islice(asked, 2000)))
        start = time.perf_counter()
        for each in quotes:
            each.to_dict()
        return (time.perf_counter() - start) / len(quotes)

    return once


def row(label: str, ours: Callable[[], float], theirs: Callable[[], float], limit: float, pairs: int) -> str:
    ours(), theirs()  # warm
    times = [(ours(), theirs()) for _ in range(pairs)]
    ratio = statistics.median(a / b for a, b in times)
    a, b = (statistics.median(column) * 1000 for column in zip(*times, strict=True))
    return f"{label:<58}{a:>10.4f}{b:>10.4f}{ratio:>7.2f}{limit:>7.2f}  {'ok' if ratio <= limit else 'OVER'}"


def itemised(tariffs: dict[int, int], turnover: Decimal) -> Quote:
    return quote(tariffs=tariffs, turnover=turnover, on=ON)


def written(tariffs: dict[int, int], turnover: Decimal) -> Json:
    return itemised(tariffs, turnover).to_dict()


def main() -> None:
    program = str(Path(sys.executable).with_name("opqibi-fees"))
    print(f"{'':<58}{'ours, ms':>10}{'peer, ms':>10}{'ratio':>7}{'limit':>7}")
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY)
        asked = (command(program, question) for question in questions(Decimal(800_000)))
        peer = process(itertools.repeat([sys.executable, str(empty)]))
        print(row("(a) quote as JSON / an empty Typer command", process(asked), peer, 1.05, 31))
    ours, peer = (
        process(itertools.repeat([sys.executable, "-c", f"import {module}"]))
        for module in ("opqibi_rules", "pydantic")
    )
    print(row("(b) import opqibi_rules / import pydantic", ours, peer, 1.08, 31))
    for turnover in (Decimal(800_000), Decimal(2_400_000)):
        for tariffs, amount in itertools.islice(questions(turnover), 100):
            answer = itemised(tariffs, amount)
            if (answer.total_excl_vat, answer.vat, answer.total_incl_vat) != bare(tariffs, amount):
                raise AssertionError("the two sides do not compute the same thing")
        label = f"(c) an itemised quote ({turnover:,} €) / three bare totals"
        print(row(label, in_process(itemised, turnover), in_process(bare, turnover), 2.88, 31))
        label = f"(d) a quote and its to_dict() ({turnover:,} €) / a quote"
        print(row(label, in_process(written, turnover), in_process(itemised, turnover), 3, 31))
        label = f"(e) a to_dict() after another ({turnover:,} €) / a quote"
        print(row(label, apart(turnover), in_process(itemised, turnover), 2, 31))


if __name__ == "__main__":
    main()
