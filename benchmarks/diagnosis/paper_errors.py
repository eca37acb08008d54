"""Kinds of error on the paper itself: its sums, its VAT, what is to be paid, who sells and who buys."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal

from benchmarks.diagnosis.cases import siren
from benchmarks.diagnosis.errors import ANY, BY_FEE
from benchmarks.diagnosis.layouts import FORMS, Line, Paper, Party
from benchmarks.diagnosis.schedule import cents
from benchmarks.diagnosis.wordings import FIRMS, OTHER_SELLERS

Make = Callable[[Paper, random.Random], Paper | None]
OTHER_IBAN = "FR1420041010050500013M02606"
ROUNDS = ("memory", "cii", "ubl")


@dataclass(frozen=True)
class PaperKind:
    name: str
    make: Make
    about: tuple[str, ...]
    """The verdicts that may tell it."""
    says: str
    sought: bool
    shapes: Sequence[str]
    forms: Sequence[str]
    known: bool
    """Whether it can be seen only by who is told of the structure."""


PAPER_KINDS: dict[str, PaperKind] = {}


def kind(
    name: str,
    about: str,
    says: str,
    *,
    sought: bool = False,
    shapes: Sequence[str] = ANY,
    forms: Sequence[str] = FORMS,
    known: bool = False,
) -> Callable[[Make], Make]:
    def keep(make: Make) -> Make:
        PAPER_KINDS[name] = PaperKind(name, make, tuple(about.split()), says, sought, shapes, forms, known)
        return make

    return keep


def some(rng: random.Random) -> Decimal:
    """An amount that one may mistype."""
    return Decimal(rng.choice((10, 20, 50, 90, 100, 180, 200)) + rng.randrange(3) * 9) * rng.choice(
        (1, 1, -1)
    )


def taxed(paper: Paper, rate: Decimal) -> Paper:
    vat = cents(paper.excl_vat * rate / 100)
    return replace(paper, rate=rate, vat=vat, incl_vat=paper.excl_vat + vat)


def totalled(paper: Paper, excl: Decimal) -> Paper:
    return taxed(replace(paper, excl_vat=excl), paper.rate)


@kind("quantity by price is not the amount", "document sums", r"line", sought=True, shapes=("parts",))
def _line(paper: Paper, rng: random.Random) -> Paper | None:
    many = [k for k, line in enumerate(paper.lines) if line.quantity and line.unit]
    place, off = rng.choice(many), Decimal(rng.choice((9, 18, 27, 45, 90)))
    wrong = replace(paper.lines[place], amount=paper.lines[place].amount + off)
    lines = (*paper.lines[:place], wrong, *paper.lines[place + 1 :])
    return totalled(replace(paper, lines=lines), paper.excl_vat + off)


@kind("the lines are wrongly added up", "document sums", r"sum|total|lines", sought=True, shapes=BY_FEE)
def _added(paper: Paper, rng: random.Random) -> Paper | None:
    return totalled(paper, paper.excl_vat + abs(some(rng)))


@kind("HT and VAT are wrongly added up", "document sums", r"total|incl", sought=True)
def _incl(paper: Paper, rng: random.Random) -> Paper | None:
    return replace(paper, incl_vat=paper.incl_vat + some(rng))


@kind("an allowance listed, not deducted", "document sums", r"allowance|total", forms=ROUNDS, shapes=BY_FEE)
def _allowance(paper: Paper, rng: random.Random) -> Paper | None:
    off = abs(some(rng))
    lines = (*paper.lines, Line("Frais de gestion", off))
    return totalled(replace(paper, lines=lines, allowance=off), paper.excl_vat + off)


@kind("more to pay than the total", "payable document sums", r"due|payable|paid|balance")
def _due(paper: Paper, rng: random.Random) -> Paper | None:
    return replace(paper, payable=paper.due + some(rng))


@kind("a rounding that hides an amount", "payable document sums", r"round", forms=ROUNDS)
def _rounding(paper: Paper, rng: random.Random) -> Paper | None:
    return replace(paper, rounding=abs(some(rng)))


@kind(
    "a prepayment that adds",
    "payable document sums",
    r"prepa|paid|deposit|due",
    forms=("memory", "json", "cii", "ubl"),
)
def _prepaid(paper: Paper, rng: random.Random) -> Paper | None:
    return replace(paper, prepaid=-abs(some(rng)))


@kind("another rate of VAT", "vat", r"rate|vat", sought=True)
def _rate(paper: Paper, rng: random.Random) -> Paper | None:
    rates = [Decimal(r) for r in ("19.6", "10", "5.5", "0", "8.5", "20") if Decimal(r) != paper.rate]
    return taxed(paper, rng.choice(rates))


@kind("the mainland's rate overseas", "vat", r"rate|vat", sought=True)
def _overseas(paper: Paper, _rng: random.Random) -> Paper | None:
    return None if paper.rate == 20 else taxed(paper, Decimal(20))


@kind("an amount of VAT that is not its rate's", "vat document sums", r"vat", sought=True)
def _vat(paper: Paper, rng: random.Random) -> Paper | None:
    vat = paper.vat + abs(some(rng))
    return replace(paper, vat=vat, incl_vat=paper.excl_vat + vat)


@kind("VAT on the total incl. VAT", "vat document sums", r"vat")
def _vat_on_vat(paper: Paper, _rng: random.Random) -> Paper | None:
    vat = cents(paper.incl_vat * paper.rate / 100)
    return replace(paper, vat=vat, incl_vat=paper.excl_vat + vat)


@kind("VAT rounded down to the euro", "vat document sums", r"vat", sought=True)
def _vat_round(paper: Paper, _rng: random.Random) -> Paper | None:
    vat = paper.vat.quantize(Decimal(1), ROUND_DOWN)
    too_small = paper.vat - vat < Decimal("0.02")
    return None if too_small else replace(paper, vat=vat, incl_vat=paper.excl_vat + vat)


@kind("another seller", "parties", r"seller|supplier|part(y|ies)")
def _seller(paper: Paper, rng: random.Random) -> Paper | None:
    return replace(paper, seller=Party(rng.choice(OTHER_SELLERS), siren(rng), "75011"), iban=OTHER_IBAN)


@kind("another buyer", "parties", r"buyer|customer|part(y|ies)", known=True)
def _buyer(paper: Paper, rng: random.Random) -> Paper | None:
    firm = rng.choice([name for name in FIRMS if name != paper.situation.firm])
    return replace(paper, buyer=Party(firm, siren(rng) if paper.buyer.siren else None, paper.buyer.postcode))


@kind("another account of the seller", "parties payable", r"iban|account", forms=ROUNDS, known=True)
def _account(paper: Paper, _rng: random.Random) -> Paper | None:
    return replace(paper, iban=OTHER_IBAN)


@kind("another number of the seller", "parties", r"siren|number|seller|supplier", known=True)
def _number(paper: Paper, rng: random.Random) -> Paper | None:
    if paper.layout.form == "csv" or paper.seller.siren is None:
        return None
    return replace(paper, seller=replace(paper.seller, siren=siren(rng)))
