"""A grid of some thousand answers, kept as text, so that a review sees which amounts moved.

``python -m tests.snapshots`` makes the texts anew; the test compares. What is true is said elsewhere (the
examples, the oracle): a snapshot only says that nothing moved, or exactly what did.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path

from tests import oracle
from tests.asking import ask, euros

FOLDER = Path(__file__).parent

Mix = Mapping[int, int]
TARIFFS = range(1, 8)

AROUND = (-1_000_00, -1_00, -1, 0, 1, 50, 1_00, 10_00, 1_000_00)
TURNOVERS = sorted(
    {edge + off for edge in (oracle.REACHES_FLOOR, *oracle.EDGES, oracle.REACHES_CAP) for off in AROUND}
    | {digit * 10**power for power in range(5, 14) for digit in (1, 2, 3, 5, 7)}
    | {800_000_00 + 10_00 * step for step in range(1, 12)}  # every other one on half a cent
    | {3_000_000_00 + 12_50 * step for step in range(1, 12)}
    | {15_000_000_00 + 20_00 * step for step in range(1, 12)}
    | {250_007_69, 250_007_70, 0}
    | {1_234_567 * step for step in range(1, 400)}
)
MIXES: tuple[Mix, ...] = (
    *({tariff: count} for tariff in TARIFFS for count in (1, 2, 3, 4, 5, 10, 25, 100, 1000)),
    *({one: 1, other: 1} for one, other in combinations(TARIFFS, 2)),
    *({one: 1, two: 2, three: 3} for one, two, three in combinations(TARIFFS, 3)),
    dict.fromkeys(TARIFFS, 1),
    dict.fromkeys(TARIFFS, 7),
)


def snapshots() -> dict[Path, str]:
    """The text of each snapshot."""
    return {
        FOLDER / "brand_usage.txt": _table(
            "By turnover: the fee; a renewal of one at tariff 1, a first application of 5 at 1 and 3 at 2.",
            ("turnover", "fee", "renewal excl.", "renewal incl.", "first excl.", "first incl."),
            map(_by_turnover, TURNOVERS),
        ),
        FOLDER / "qualifications.txt": _table(
            "By qualifications (tariff=count), without turnover; « +1 »: a control with one more asked for at tariff 1.",
            (
                "qualifications",
                "instruction",
                "first incl.",
                "renewal incl.",
                "control",
                "control incl.",
                *(f"+{tariff}" for tariff in TARIFFS),
            ),
            map(_by_mix, MIXES),
        ),
        FOLDER / "vat.txt": _table(
            "By event (qualifications, turnover) and territory: VAT.",
            ("event", "qualifications", "turnover", "excl.", *oracle.VAT_PER_THOUSAND),
            _by_territory(),
        ),
    }


def _table(title: str, columns: tuple[str, ...], rows: Iterable[list[str]]) -> str:
    lines = [list(columns), *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines
    )
    return f"# {title}\n{text}\n"


def _mix(mix: Mix) -> str:
    return "+".join(f"{tariff}={count}" for tariff, count in mix.items())


def _by_turnover(turnover: int) -> list[str]:
    renewal = ask("renewal", {1: 1}, turnover)
    first = ask("first", {1: 5, 2: 3}, turnover)
    found = (
        renewal.subtotals.brand_usage,
        renewal.total_excl_vat,
        renewal.total_incl_vat,
        first.total_excl_vat,
        first.total_incl_vat,
    )
    return [str(euros(turnover)), *map(str, found)]


def _by_mix(mix: Mix) -> list[str]:
    first, renewal, control = (ask(event, mix) for event in ("first", "renewal", "control"))
    found = (
        renewal.total_excl_vat,
        first.total_incl_vat,
        renewal.total_incl_vat,
        control.total_excl_vat,
        control.total_incl_vat,
        *(ask("control", mix, new={tariff: 1}).total_excl_vat for tariff in TARIFFS),
    )
    return [_mix(mix), *map(str, found)]


def _by_territory() -> Iterator[list[str]]:
    questions: list[tuple[str, Mix, int | None]] = [
        *(("control", {tariff: count}, None) for tariff in TARIFFS for count in (1, 2, 3)),
        *(
            ("renewal", {1: 1}, turnover)
            for turnover in (0, 250_007_70, 800_010_00, 3_000_012_50, 15_000_020_00)
        ),
        *(
            ("first", {1: 5, 2: 3}, turnover)
            for turnover in (None, 800_000_00, 10_000_000_00, 200_000_000_00)
        ),
    ]
    for event, mix, turnover in questions:
        answers = [ask(event, mix, turnover, vat=territory) for territory in oracle.VAT_PER_THOUSAND]
        excl = str(answers[0].total_excl_vat)
        yield [event, _mix(mix), euros(turnover) or "-", excl, *(str(answer.vat) for answer in answers)]
