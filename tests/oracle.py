"""The schedule of 08/02/2024, computed a second time: whole numbers, own constants, nothing of the package.

Written from the text of the schedule alone, so that a mistake has to be made twice to go unseen. Amounts are
whole cents. A rate of 0,80 per mille is 80 per 100 000, so that the brand-usage fee is exact in units of
1/100 000 of a cent. The tranches are not walked through: each euro pays the last rate, and each euro below
the end of a tranche pays, on top, what that tranche's rate has over the next one's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

DOSSIER = 86_00

ASKED_FLAT = 500_00
ASKED = {1: 60_00, 2: 120_00, 3: 240_00, 4: 850_00, 5: 1050_00, 6: 1250_00, 7: 265_00}

HELD_FLAT = 125_00
HELD = {1: 15_00, 2: 30_00, 3: 60_00, 4: 212_50, 5: 28_00, 6: 54_00, 7: 28_00}
NEW_REQUESTS_FLAT = 375_00

LAST_RATE = 25
OVER_THE_NEXT = (
    (250_000_00, 80 - 65),
    (800_000_00, 65 - 50),
    (3_000_000_00, 50 - 40),
    (15_000_000_00, 40 - 25),
)
EDGES = tuple(edge for edge, _ in OVER_THE_NEXT)
FLOOR = 180_00
CAP = 40_000_00

REACHES_FLOOR = 225_000_00
"""180 € at 0,80 per mille."""
REACHES_CAP = 149_170_000_00
"""200 + 357,50 + 1 100 + 4 800 = 6 457,50 € for the first 15 000 000 €; 33 542,50 € more at 0,25 per mille."""

VAT_PER_THOUSAND = {
    "metropolitan": 200,
    "guadeloupe": 85,
    "martinique": 85,
    "reunion": 85,
    "guyane": 0,
    "mayotte": 0,
    "eu": 0,
}


def usage_units(turnover: int) -> int:
    """Article III before rounding, floor and cap, in 1/100 000 of a cent."""
    return LAST_RATE * turnover + sum(over * min(turnover, end) for end, over in OVER_THE_NEXT)


def brand_usage(turnover: int) -> int:
    """Article III, in cents, for a turnover in cents: rounded once, halves up, then floor and cap."""
    cents, rest = divmod(usage_units(turnover), 100_000)
    if rest >= 50_000:
        cents += 1
    return FLOOR if cents < FLOOR else CAP if cents > CAP else cents


def instruction(asked: Mapping[int, int]) -> int:
    """Article II."""
    return ASKED_FLAT + sum(ASKED[tariff] * count for tariff, count in asked.items())


def annual_control(held: Mapping[int, int], new: Mapping[int, int]) -> int:
    """Article IV, with the flat fee and the instruction prices of new requests, if any."""
    fee = HELD_FLAT + sum(HELD[tariff] * count for tariff, count in held.items())
    if sum(new.values()) > 0:
        fee += NEW_REQUESTS_FLAT + sum(ASKED[tariff] * count for tariff, count in new.items())
    return fee


@dataclass(frozen=True)
class Answer:
    """Whole cents; ``None`` where the event does not bear the fee or the turnover is not given."""

    dossier: int | None
    instruction: int | None
    brand_usage: int | None
    annual_control: int | None
    total_excl_vat: int
    vat: int
    total_incl_vat: int


def answer(
    event: str,
    tariffs: Mapping[int, int],
    turnover: int | None = None,
    new: Mapping[int, int] | None = None,
    vat: str = "metropolitan",
) -> Answer:
    """The whole quote of an event."""
    file = DOSSIER if event == "first" else None
    asked = usage = control = None
    if event == "control":
        control = annual_control(tariffs, new or {})
    else:
        asked = instruction(tariffs)
        usage = None if turnover is None else brand_usage(turnover)
    excl = sum(fee for fee in (file, asked, usage, control) if fee is not None)
    tax = (excl * VAT_PER_THOUSAND[vat] + 500) // 1000
    return Answer(file, asked, usage, control, excl, tax, excl + tax)
