"""GoRules ZEN: one plain expression, the fastest form that we found; compiled once, bare totals, in doubles."""

from typing import Any

import zen
from work import ASKED, HELD, TRANCHES, Case


def _usage() -> str:
    """The tranches as one expression: each euro bears the last rate, and below each edge what is over the next."""
    rates = [rate / 100_000 for _, _, rate in TRANCHES]
    over = [
        f"min([turnover, {upper}]) * {rate - after}"
        for (_, upper, _), rate, after in zip(TRANCHES, rates, rates[1:], strict=False)
    ]
    return f"min([40000, max([180, round({' + '.join([*over, f'turnover * {rates[-1]}'])}, 2)])])"


def _sum(flat: int, prices: list[Any]) -> str:
    return " + ".join([str(flat), *(f"t{n} * {price}" for n, price in enumerate(prices, 1))])


EXPRESSION = zen.compile_expression(
    f"{{instruction: {_sum(500, ASKED)}, usage: {_usage()}, control: {_sum(125, HELD)}}}"
)


def single(case: Case) -> tuple[int, ...]:
    told = itemised(case)
    return tuple(round(told[name] * 100) for name in ("instruction", "usage", "control"))


def itemised(case: Case) -> Any:
    turnover, counts = case
    return EXPRESSION.evaluate(
        {"turnover": turnover / 100, **{f"t{n}": count for n, count in enumerate(counts, 1)}}
    )
