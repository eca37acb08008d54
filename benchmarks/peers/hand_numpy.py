"""numpy int64 written by hand for this one schedule, nothing checked."""

from typing import Any

import numpy as np
from work import ASKED, HELD_CENTS, TRANCHES


def prepare(columns: dict[str, Any]) -> dict[str, Any]:
    return columns


def batch(columns: dict[str, Any]) -> tuple[Any, Any, Any]:
    turnover = columns["turnover"]
    exact = np.full(len(turnover), 50_000, dtype="int64")
    for lower, upper, rate in TRANCHES:
        exact += (np.clip(turnover, lower * 100, None if upper is None else upper * 100) - lower * 100) * rate
    instruction = np.full(len(turnover), 50_000, dtype="int64")
    control = np.full(len(turnover), 12_500, dtype="int64")
    for n, (asked, held) in enumerate(zip(ASKED, HELD_CENTS, strict=True), 1):
        instruction += columns[f"t{n}"] * (asked * 100)
        control += columns[f"t{n}"] * held
    return instruction, np.clip(exact // 100_000, 18_000, 4_000_000), control
