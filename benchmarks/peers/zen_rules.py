"""GoRules ZEN: a decision table for the tranches, an expression node for the fees; compiled once, bare totals."""

import json
from typing import Any

import zen
from work import ASKED, HELD, TRANCHES, Case

_PLACE = {"x": 0, "y": 0}


def _rules() -> list[dict[str, str]]:
    rules, below = [], 0.0
    for index, (lower, upper, rate) in enumerate(TRANCHES):
        exact = f"{below} + (turnover - {lower}) * {rate / 100_000}"
        rules.append({"_id": str(index), "turnover": "" if upper is None else f"<= {upper}", "exact": exact})
        below += 0 if upper is None else (upper - lower) * rate / 100_000
    return rules


def _sum(flat: int, prices: list[Any]) -> str:
    return " + ".join([str(flat), *(f"t{n} * {price}" for n, price in enumerate(prices, 1))])


DECISION = {
    "nodes": [
        {"id": "in", "type": "inputNode", "name": "in", "position": _PLACE},
        {
            "id": "tranches", "type": "decisionTableNode", "name": "tranches", "position": _PLACE,
            "content": {
                "hitPolicy": "first", "passThrough": True, "inputField": None, "outputPath": None,
                "executionMode": "single", "rules": _rules(),
                "inputs": [{"id": "turnover", "name": "turnover", "field": "turnover"}],
                "outputs": [{"id": "exact", "name": "exact", "field": "exact"}],
            },
        },
        {
            "id": "fees", "type": "expressionNode", "name": "fees", "position": _PLACE,
            "content": {
                "passThrough": False,
                "expressions": [
                    {"id": "i", "key": "instruction", "value": _sum(500, ASKED)},
                    {"id": "u", "key": "usage", "value": "min([40000, max([180, round(exact, 2)])])"},
                    {"id": "c", "key": "control", "value": _sum(125, HELD)},
                ],
            },
        },
        {"id": "out", "type": "outputNode", "name": "out", "position": _PLACE},
    ],
    "edges": [
        {"id": "1", "sourceId": "in", "targetId": "tranches", "type": "edge"},
        {"id": "2", "sourceId": "tranches", "targetId": "fees", "type": "edge"},
        {"id": "3", "sourceId": "fees", "targetId": "out", "type": "edge"},
    ],
}  # fmt: skip
ENGINE = zen.ZenEngine()
COMPILED = ENGINE.create_decision(json.dumps(DECISION))


def single(case: Case) -> tuple[int, ...]:
    turnover, counts = case
    told = COMPILED.evaluate(
        {"turnover": turnover / 100, **{f"t{n}": count for n, count in enumerate(counts, 1)}}
    )
    result = told["result"]
    return tuple(round(result[name] * 100) for name in ("instruction", "usage", "control"))


def itemised(case: Case) -> object:
    turnover, counts = case
    return COMPILED.evaluate(
        {"turnover": turnover / 100, **{f"t{n}": count for n, count in enumerate(counts, 1)}}
    )
