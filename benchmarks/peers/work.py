"""The work that every peer is given: instruction, brand usage and control of a structure, from its turnover
and its counts. One module for all: the cases, their right answers, and the columns for speed.

Needs numpy only; runs in the environment of the peers too, where this package is not installed.
"""

import json
import random
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests import oracle  # the second, independent computation of the schedule

TRANCHES = ((0, 250_000, 80), (250_000, 800_000, 65), (800_000, 3_000_000, 50), (3_000_000, 15_000_000, 40),
            (15_000_000, None, 25))  # fmt: skip
"""Lower and upper bound in euros, rate in 1/100 000: what each peer is written from."""
ASKED = [price // 100 for price in oracle.ASKED.values()]
HELD = [price / 100 for price in oracle.HELD.values()]
HELD_CENTS = list(oracle.HELD.values())
TARIFFS = range(1, 8)
SIZES = (10**3, 10**5, 10**6, 10**7)

Case = tuple[int, list[int]]
"""A turnover in cents, and the counts of the seven tariffs."""


def right(case: Case) -> tuple[int, int, int]:
    """Instruction, brand usage and control, in cents."""
    turnover, counts = case
    asked = sum(price * count for price, count in zip(oracle.ASKED.values(), counts, strict=True))
    held = sum(price * count for price, count in zip(oracle.HELD.values(), counts, strict=True))
    return oracle.ASKED_FLAT + asked, oracle.brand_usage(turnover), oracle.HELD_FLAT + held


def cases() -> tuple[list[Case], list[Case]]:
    """10,000 random cases, and 1,000 hard ones: edges, floor and cap crossings, half-cent ties."""
    chance = random.Random(2024)

    def counts() -> list[int]:
        held = [chance.choice((0, 0, 0, 1, 2, 5)) for _ in TARIFFS]
        return held if any(held) else [1, *held[1:]]  # our own quote refuses a request for nothing

    def case(turnover: int) -> Case:
        return turnover, counts()

    some = [case(int(10 ** chance.uniform(5, 10.5))) for _ in range(10_000)]
    corners = [*oracle.EDGES, oracle.REACHES_FLOOR, oracle.REACHES_CAP]
    near = [corner + step for corner in corners for step in range(-30, 31)]
    # 0,50 ‰ of ten euros is half a cent: one whole-euro turnover in twenty between 0,8 and 3 M€ is a tie.
    ties = [80_000_000 + 1_000 * (2 * chance.randrange(110_000) + 1) for _ in range(1_000 - len(near))]
    return some, [case(turnover) for turnover in (*near, *ties)]


def columns(rows: int) -> dict[str, Any]:
    """Whole columns, int64, the same for every peer."""
    import numpy as np

    chance = np.random.default_rng(2024)
    turnover = (10 ** chance.uniform(5, 10.5, rows)).astype("int64")
    return {"turnover": turnover} | {f"t{n}": chance.integers(0, 6, rows) for n in TARIFFS}


def as_columns(given: list[Case]) -> dict[str, Any]:
    """Cases as columns."""
    import numpy as np

    turnover = np.array([case[0] for case in given], dtype="int64")
    return {"turnover": turnover} | {f"t{n}": np.array([case[1][n - 1] for case in given]) for n in TARIFFS}


def as_json(given: list[Case]) -> str:
    """Cases for a peer that is not written in Python."""
    return json.dumps(given)
