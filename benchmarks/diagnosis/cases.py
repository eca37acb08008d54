"""Random structures and what OPQIBI rightly bills them: events, counts by tariff code, turnovers, moments."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

import opqibi_rules as opqibi
from benchmarks.diagnosis import schedule
from benchmarks.diagnosis.schedule import BOUNDS, FEES, Items
from benchmarks.diagnosis.wordings import CODES, FIRMS
from opqibi_rules import DeclaredEvent

POSTCODES = {
    "metropolitan": ("69003", "33000", "59800", "13006", "35000"),
    "reunion": ("97400", "97410"),
    "martinique": ("97200",),
    "guadeloupe": ("97110",),
}
VAT = {"metropolitan": Decimal(20)} | dict.fromkeys(("reunion", "martinique", "guadeloupe"), Decimal("8.5"))
MOMENTS = {
    "first": (
        ("dossier", "instruction", "brand_usage"),
        ("dossier", "instruction", "brand_usage"),
        ("dossier", "instruction"),
        ("instruction",),
        ("instruction",),
        ("brand_usage",),
        ("brand_usage",),
        ("dossier",),
    ),
    "renewal": (("instruction", "brand_usage"), ("instruction", "brand_usage"), ("instruction",), ("brand_usage",)),
    "control": (("annual_control",),),
}  # fmt: skip
Counts = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Situation:
    """A structure at a moment, and which of the fees this invoice bears."""

    event: str
    on: date
    held: Counts
    new: Counts
    turnover: Decimal
    year_before: Decimal
    territory: str
    firm: str
    siren: str
    postcode: str
    fees: tuple[str, ...]
    coded: bool
    known: bool
    """Whether the checker is told of the structure (its number, its turnovers) besides the price asked."""
    announced: bool
    """Whether the checker is told which fees the invoice bears."""

    @property
    def vat(self) -> Decimal:
        return VAT[self.territory]

    @property
    def parts(self) -> tuple[tuple[str, Counts], tuple[str, Counts]]:
        return ("each", self.held), ("new_each", self.new)

    @cached_property
    def codes(self) -> tuple[dict[tuple[str, int, int], str], list[str]]:
        """The code of each qualification held or asked for (which tariff it has is ours to say), and the others."""
        left = sorted(CODES)
        random.Random(self.siren).shuffle(left)
        places = [(part, t, k) for part, some in self.parts for t, n in some for k in range(n)]
        return {place: left.pop() for place in places}, left

    def code(self, part: str, tariff: int, number: int) -> str:
        """The code of the so-and-so-many-th qualification billed at a tariff."""
        known, others = self.codes
        return known.get((part, tariff, number)) or others[(7 * number + tariff) % len(others)]

    def items(self) -> Items:
        """What is due now, item by item."""
        return tuple(item for fee in self.fees for item in self.of_fee(fee))

    def of_fee(self, fee: str) -> Items:
        match fee:
            case "dossier":
                return (schedule.dossier(),)
            case "instruction":
                return schedule.instruction(dict(self.held))
            case "brand_usage":
                return (schedule.usage(schedule.mark(self.turnover)),)
            case _:
                return schedule.control(dict(self.held), dict(self.new))

    def quote(self) -> opqibi.Quote:
        """The same question, put to the package measured; the qualifications by their codes, or counted."""
        named = [
            [f"{self.code(part, t, k)}:{t}" for t, n in some for k in range(n)] for part, some in self.parts
        ]
        return opqibi.quote(
            on=self.on,
            event=DeclaredEvent(self.event),
            tariffs=None if self.coded else dict(self.held),
            new_tariffs=None if self.coded else dict(self.new),
            qualifications=named[0] if self.coded else None,
            new_qualifications=named[1] if self.coded else None,
            turnover=None if self.event == "control" else self.turnover,
            vat=self.territory,
        )

    def structure(self) -> opqibi.Structure | None:
        """What the checker may be told of the structure."""
        if not self.known:
            return None
        years = ((self.on.year - 1, self.turnover), (self.on.year - 2, self.year_before))
        return opqibi.Structure(
            siren=self.siren,
            name=self.firm,
            turnovers=tuple(opqibi.Turnover(year, engineering=amount) for year, amount in years),
        )


def siren(rng: random.Random) -> str:
    """Nine digits whose key is right."""
    digits = [rng.randrange(1, 10), *(rng.randrange(10) for _ in range(7))]
    doubled = sum(sum(divmod(2 * d, 10)) if i % 2 else d for i, d in enumerate(digits))
    return "".join(map(str, digits)) + str(-doubled % 10)


def turnover(rng: random.Random) -> Decimal:
    """Mostly those of small firms; some under the floor, above the cap, or at the edge of a tranche."""
    chance = rng.random()
    if chance < 0.12:
        return Decimal(rng.randrange(20_000, 225_000))
    if chance < 0.18:
        return Decimal(rng.randrange(150_000_000, 900_000_000))
    if chance < 0.28:
        return Decimal(rng.choice((*BOUNDS[1:], 225_000, 149_170_000)) + rng.choice((-1, 0, 1)))
    euros = Decimal(int(rng.lognormvariate(13.9, 1.3)) + 30_000)
    return euros + Decimal(rng.choice((0, 0, 0, 37))) / 100


def counts(rng: random.Random, most_tariffs: int) -> Counts:
    tariffs = rng.sample(range(1, 8), rng.randint(1, most_tariffs))
    return tuple(sorted((t, rng.randint(1, 9 if t == 1 else 5)) for t in tariffs))


def situation(rng: random.Random) -> Situation:
    event = rng.choice(("first", "first", "renewal", "control", "control"))
    territory = rng.choice(("metropolitan",) * 9 + ("reunion", "martinique", "guadeloupe"))
    now = turnover(rng)
    fees = rng.choice(MOMENTS[event])
    return Situation(
        event=event,
        on=date(2024, 2, 8) + timedelta(days=rng.randrange(1010)),
        held=counts(rng, 4),
        new=counts(rng, 2) if event == "control" and rng.random() < 0.4 else (),
        turnover=now,
        year_before=now + Decimal(rng.randrange(5, 40) * int(now) // 100 * rng.choice((-1, 1))),
        territory=territory,
        firm=rng.choice(FIRMS),
        siren=siren(rng),
        postcode=rng.choice(POSTCODES[territory]),
        fees=fees,
        coded=rng.random() < 0.3,
        known=rng.random() < 0.5,
        announced=fees != FEES[event] and rng.random() < 0.4,
    )
