"""One measure of one peer, in a process of its own: ``python measure.py PEER answers|latency|batch|cold [N]``.

A peer is a module of ``peers/`` with ``single(case)``, and ``batch(prepared)`` with ``prepare(columns)`` where
it works on columns; answers are in cents. The outcome is one line of JSON on standard output.
"""

import importlib
import json
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
import work

BUDGET = 30.0
"""Seconds after which a measure is not repeated."""


def answers(peer: Any) -> dict[str, Any]:
    some, hard = work.cases()
    result: dict[str, Any] = {}
    for name, given in (("random", some), ("hard", hard)):
        if hasattr(peer, "batch"):
            columns = getattr(peer, "told", peer.batch)(peer.prepare(work.as_columns(given)))
            told = list(zip(*(map(int, part) for part in columns), strict=True))
        else:
            told = [tuple(peer.single(case)) for case in given]
        truth = [work.right(case) for case in given]
        result[f"wrong_{name}"] = sum(a != b for a, b in zip(told, truth, strict=True))
        if hasattr(peer, "batch") and hasattr(peer, "single"):
            # An engine may answer otherwise alone than in a batch.
            result[f"otherwise_{name}"] = sum(
                tuple(peer.single(case)) != answer
                for case, answer in zip(given[:1000], told[:1000], strict=True)
            )
    return result


def latency(peer: Any) -> dict[str, Any]:
    some, _ = work.cases()
    call = getattr(peer, "itemised", None) or peer.single
    times = []
    started = time.perf_counter()
    for case in some[:3000]:
        before = time.perf_counter()
        call(case)
        times.append(time.perf_counter() - before)
        if time.perf_counter() - started > BUDGET / 3:
            break
    return {"latency_us": statistics.median(times) * 1e6}


def batch(peer: Any, rows: int) -> dict[str, Any]:
    prepared = peer.prepare(work.columns(rows))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times: list[float] = []
    while len(times) < 5 and sum(times) < BUDGET:
        started = time.perf_counter()
        peer.batch(prepared)
        times.append(time.perf_counter() - started)
    used = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "rows_per_s": rows / min(times),
        "peak_mb": used / 1024,
        "over_input_mb": max(0, used - before) / 1024,
    }


def main() -> None:
    name, mode, *rest = sys.argv[1:]
    peer = importlib.import_module(name)
    if mode == "answers":
        outcome = answers(peer)
    elif mode == "latency":
        outcome = latency(peer)
    elif mode == "batch":
        outcome = batch(peer, int(rest[0]))
    else:
        outcome = {"answer": list(map(int, peer.single((80_000_000, [5, 3, 0, 0, 0, 0, 0]))))}
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
