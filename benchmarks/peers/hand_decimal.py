"""Plain Decimal, as one would write it once: bare totals."""

from decimal import ROUND_HALF_UP, Decimal

from work import ASKED, HELD, TRANCHES, Case

CENT = Decimal("0.01")
RATES = [
    (Decimal(lower), None if upper is None else Decimal(upper), Decimal(rate) / 100_000)
    for lower, upper, rate in TRANCHES
]
PRICES = [(Decimal(asked), Decimal(str(held))) for asked, held in zip(ASKED, HELD, strict=True)]


def single(case: Case) -> tuple[int, int, int]:
    cents, counts = case
    turnover = Decimal(cents) / 100
    usage = Decimal(0)
    for lower, upper, rate in RATES:
        if turnover > lower:
            usage += ((turnover if upper is None else min(turnover, upper)) - lower) * rate
    usage = min(max(usage.quantize(CENT, ROUND_HALF_UP), Decimal(180)), Decimal(40_000))
    instruction = Decimal(500) + sum(asked * n for (asked, _), n in zip(PRICES, counts, strict=True))
    control = Decimal(125) + sum(held * n for (_, held), n in zip(PRICES, counts, strict=True))
    return int(instruction * 100), int(usage * 100), int(control * 100)
