"""Invoices whose truth is known: right ones of every shape, and wrong ones with one seeded error.

Nothing here uses the checks: a wrong invoice is a right price of something else, or a figure changed by hand.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from itertools import combinations
from random import Random
from typing import Any

from opqibi_rules.invoice.model import Invoice, InvoiceLine, Party
from opqibi_rules.price.quote import Quote, quote

DAY = date(2026, 3, 2)
CENT = Decimal("0.01")
SHAPES = ("detailed", "unnamed", "by_fee", "one_line", "totals")
"""Each qualification price on its line; the same without words; one line a fee; one line; no line at all."""

NAMES = {
    "dossier": "Dossier postulant",
    "instruction": "Frais d’instruction",
    "brand_usage": "Frais d’utilisation de la marque",
    "annual_control": "Contrôle annuel",
}
ASKED = {1: 60, 2: 120, 3: 240, 4: 850, 5: 1050, 6: 1250, 7: 265}
HELD = {1: "15", 2: "30", 3: "60", 4: "212.50", 5: "28", 6: "54", 7: "28"}


@dataclass(frozen=True)
class Item:
    """What an invoice bills, before it takes a shape."""

    fee: str
    name: str
    amount: Decimal
    quantity: int = 1
    price: Decimal | None = None


@dataclass(frozen=True)
class Case:
    """An invoice, what it is checked against, and the truth."""

    invoice: Invoice
    expected: Quote
    shape: str
    cause: str | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    """Values that the right explanation tells (a tariff, a number)."""
    options: Mapping[str, Any] = field(default_factory=dict)


def asked(random: Random, most: int = 4) -> dict[int, int]:
    """Some qualifications by tariff code."""
    tariffs = random.sample(range(1, 8), random.randint(1, 3))
    return {tariff: random.randint(1, most) for tariff in sorted(tariffs)}


def turnover(random: Random) -> Decimal:
    """A turnover in whole cents, of every size."""
    return Decimal(random.randint(0, 10 ** random.randint(5, 10))) * CENT


def inputs(random: Random, event: str) -> dict[str, Any]:
    """The question of a quote."""
    given: dict[str, Any] = {"on": DAY, "event": event, "tariffs": asked(random)}
    if event != "control":
        given["turnover"] = turnover(random)
    elif random.random() < 0.6:
        given["new_tariffs"] = asked(random, 2)
    return given


def items_of(due: Quote) -> list[Item]:
    """A price, as OPQIBI may bill it in detail."""
    items = []
    for line in due.lines:
        if line.fee.id == "brand_usage":
            continue
        name = NAMES[line.fee.id]
        if line.tariff is not None:
            new = line.part.id == "new_each"
            name += f", nouvelles qualifications tarif {line.tariff}" if new else f", tarif {line.tariff}"
        elif line.part.id == "new_flat":
            name += ", forfait nouvelles qualifications"
        elif line.fee.id != "dossier":
            name += ", partie forfaitaire"
        items.append(Item(line.fee.id, name, line.amount, line.quantity or 1, line.unit_price))
    if due.subtotals.brand_usage is not None:
        amount = due.subtotals.brand_usage
        items.append(Item("brand_usage", NAMES["brand_usage"], amount, 1, amount))
    return items


def shaped(items: list[Item], shape: str, *, rate: str = "0.20", party: Party | None = None) -> Invoice:
    """An invoice that bills the items, and agrees with itself."""
    total = sum((item.amount for item in items), Decimal("0.00"))
    vat = (total * Decimal(rate)).quantize(CENT, ROUND_HALF_UP)
    lines = []
    if shape in {"detailed", "unnamed"}:
        for number, item in enumerate(items, 1):
            name = "Prestation" if shape == "unnamed" else item.name
            price = item.amount if item.price is None else item.price
            lines.append(
                InvoiceLine(
                    str(number), name, None, Decimal(item.quantity), price, item.amount, Decimal(rate)
                )
            )
    elif shape == "by_fee":
        for number, fee in enumerate(dict.fromkeys(item.fee for item in items), 1):
            amount = sum((item.amount for item in items if item.fee == fee), Decimal("0.00"))
            lines.append(
                InvoiceLine(str(number), NAMES[fee], None, Decimal(1), amount, amount, Decimal(rate))
            )
    elif shape == "one_line":
        lines.append(InvoiceLine("1", "Qualification OPQIBI", None, Decimal(1), total, total, Decimal(rate)))
    return Invoice(
        "F2026-001",
        DAY,
        "380",
        "EUR",
        seller=Party("OPQIBI"),
        buyer=party or Party("Bureau d’études"),
        lines=tuple(lines),
        total_excl_vat=total,
        vat=vat,
        total_incl_vat=total + vat,
    )


def right(seed: int) -> Case:
    """A right invoice of any event, structure and shape."""
    random = Random(seed)
    due = quote(**inputs(random, random.choice(("first", "renewal", "control"))))
    shape = random.choice(SHAPES)
    items = items_of(due)
    if due.event.id != "control" and random.random() < 0.4:
        fees = random.sample(sorted({item.fee for item in items}), 1)
        items = [item for item in items if item.fee in fees]
    return Case(shaped(items, shape), due, shape)


def wrong(seed: int) -> Case:
    """An invoice with one seeded error."""
    random = Random(seed)
    while True:
        error = random.choice(list(ERRORS))
        shape = random.choice(SHAPES)
        case = ERRORS[error](random, shape)
        if case is not None and _differs(case):
            return case


def _differs(case: Case) -> bool:
    """The seeded error changed an amount, and did not make, by chance, a right price of some of the fees."""
    if (
        not case.options
        and case.shape not in {"detailed", "by_fee"}
        and case.invoice.total_excl_vat in _right(case)
    ):
        return case.cause in {"vat_rate", "vat_rounding"}
    items = items_of(case.expected)
    plain = shaped(items, case.shape)
    if case.invoice.lines:
        billed = sorted(line.amount for line in case.invoice.lines if line.amount is not None)
        if billed != sorted(line.amount for line in plain.lines if line.amount is not None):
            return True
    return (case.invoice.total_excl_vat, case.invoice.vat) != (plain.total_excl_vat, plain.vat)


def _right(case: Case) -> set[Decimal]:
    """What each choice of the event's fees comes to."""
    amounts = [amount for amount in case.expected.subtotals.values() if amount is not None]
    return {
        sum(chosen, Decimal(0))
        for count in range(1, len(amounts) + 1)
        for chosen in combinations(amounts, count)
    }


def _any_event(random: Random) -> str:
    return random.choice(("first", "renewal", "control"))


def _count_off(random: Random, shape: str) -> Case:
    given = inputs(random, _any_event(random))
    due = quote(**given)
    key = "new_tariffs" if given.get("new_tariffs") and random.random() < 0.3 else "tariffs"
    tariff = random.choice(list(given[key]) if random.random() < 0.8 else list(range(1, 8)))
    held = given[key].get(tariff, 0)
    step = random.choice([n for n in (-2, -1, 1, 2) if held + n >= 0])
    counts = {**given[key], tariff: held + step}
    if not any(counts.values()):
        counts = {**given[key], tariff: held + 1}
        step = 1
    billed = quote(**{**given, key: counts})
    if key == "new_tariffs" and not any(counts.values()):
        return Case(shaped(items_of(billed), shape), due, shape, "new_missing")
    return Case(shaped(items_of(billed), shape), due, shape, "count_off", {"tariff": tariff, "n": abs(step)})


def _tariff_swap(random: Random, shape: str) -> Case | None:
    given = inputs(random, _any_event(random))
    due = quote(**given)
    tariff = random.choice(list(given["tariffs"]))
    other = random.choice([t for t in range(1, 8) if t != tariff])
    if due.event.id == "control" and HELD[tariff] == HELD[other]:
        return None  # the same price: no amount tells
    moved = random.randint(1, given["tariffs"][tariff])
    counts = dict(given["tariffs"])
    counts[tariff] -= moved
    counts[other] = counts.get(other, 0) + moved
    billed = quote(**{**given, "tariffs": counts})
    told = {"tariff": tariff, "other": other, "n": moved}
    return Case(shaped(items_of(billed), shape), due, shape, "tariff_swap", told)


def _fee_missing(random: Random, shape: str) -> Case | None:
    due = quote(**inputs(random, random.choice(("first", "renewal"))))
    items = items_of(due)
    fees = sorted({item.fee for item in items})
    gone = random.choice(fees)
    left = [item for item in items if item.fee != gone]
    return Case(shaped(left, shape), due, shape, "fee_missing", {}, {"fees": fees})


def _fee_twice(random: Random, shape: str) -> Case:
    due = quote(**inputs(random, _any_event(random)))
    items = items_of(due)
    fee = random.choice(sorted({item.fee for item in items}))
    items += [item for item in items if item.fee == fee]
    return Case(shaped(items, shape), due, shape, "fee_twice")


def _new_flat(random: Random, shape: str) -> Case:
    given = inputs(random, "control")
    due = quote(**given)
    items = items_of(due)
    if given.get("new_tariffs"):
        items = [item for item in items if item.amount != 375 or "forfait" not in item.name]
        return Case(shaped(items, shape), due, shape, "flat_forgotten")
    name = f"{NAMES['annual_control']}, forfait nouvelles qualifications"
    items.append(Item("annual_control", name, Decimal("375.00"), 1, Decimal("375.00")))
    return Case(shaped(items, shape), due, shape, "flat_added")


def _other_prices(random: Random, shape: str) -> Case:
    given = inputs(random, _any_event(random))
    due = quote(**given)
    items = []
    control = due.event.id == "control"
    new = control and bool(given.get("new_tariffs"))
    for item in items_of(due):
        tariff = int(item.name[-1]) if item.name[-1].isdigit() else 0
        billed = item
        if tariff and (not control or ("nouvelles" in item.name) == new):
            price = Decimal(ASKED[tariff]) if control and not new else Decimal(HELD[tariff])
            billed = replace(item, price=price, amount=(price * item.quantity).quantize(CENT))
        items.append(billed)
    cause = "instruction_prices" if control and not new else "control_prices"
    return Case(shaped(items, shape), due, shape, cause)


def _wrong_event(random: Random, shape: str) -> Case:
    event = _any_event(random)
    given = inputs(random, event)
    given.setdefault("turnover", turnover(random))
    due = quote(**given)
    other = random.choice([name for name in ("first", "renewal", "control") if name != event])
    billed = quote(**{**given, "event": other, "new_tariffs": None})
    fees = sorted({item.fee for item in items_of(due)})
    options = {"fees": fees} if (event, other) == ("first", "renewal") else {}
    return Case(shaped(items_of(billed), shape), due, shape, "wrong_event", {}, options)


def _usage(
    cause: str, change: Callable[[Random, Decimal, Decimal], Decimal | None]
) -> Callable[[Random, str], Case | None]:
    """An error of the brand-usage fee: ``change`` takes the turnover and the right fee."""

    def make(random: Random, shape: str) -> Case | None:
        given = inputs(random, random.choice(("first", "renewal")))
        if cause == "floor_forgotten":
            given["turnover"] = Decimal(random.randint(1, 22_500_000)) * CENT
        elif cause in {"cap_forgotten", "cap_per_year"}:
            given["turnover"] = Decimal(random.randint(30_000_000, 400_000_000))
        due = quote(**given)
        fee = due.subtotals.brand_usage
        assert fee is not None
        billed = change(random, given["turnover"], fee)
        if billed is None or billed == fee:
            return None
        items = [
            replace(item, amount=billed, price=billed) if item.fee == "brand_usage" else item
            for item in items_of(due)
        ]
        alone = random.random() < 0.5
        if alone:
            items = [item for item in items if item.fee == "brand_usage"]
        options = {"fees": ["brand_usage"]} if alone and shape in {"one_line", "totals", "unnamed"} else {}
        return Case(shaped(items, shape), due, shape, cause, {}, options)

    return make


def tranches(turnover: Decimal) -> list[Decimal]:
    """Article III, tranche by tranche, as one writes it on paper."""
    bounds = [0, 250_000, 800_000, 3_000_000, 15_000_000, 10**15]
    rates = ["0.00080", "0.00065", "0.00050", "0.00040", "0.00025"]
    return [
        (min(turnover, Decimal(upper)) - lower) * Decimal(rate)
        for lower, upper, rate in zip(bounds, bounds[1:], rates, strict=False)
        if turnover > lower
    ]


def _raw(turnover: Decimal) -> Decimal:
    return sum(tranches(turnover), Decimal(0)).quantize(CENT, ROUND_HALF_UP)


def _fee(turnover: Decimal) -> Decimal:
    return min(max(_raw(turnover), Decimal("180.00")), Decimal("40000.00"))


def _clipped(amount: Decimal) -> Decimal:
    return min(max(amount.quantize(CENT), Decimal("180.00")), Decimal("40000.00"))


def _per_year_cap(random: Random, base: Decimal, fee: Decimal) -> Decimal:
    return min(fee, Decimal("10000.00"))


def _other_turnover(random: Random, shape: str) -> Case | None:
    """Another turnover, known to the user half of the time."""
    given = inputs(random, random.choice(("first", "renewal")))
    other = turnover(random)
    due, billed = quote(**given), quote(**{**given, "turnover": other})
    known = random.random() < 0.5
    options: dict[str, Any] = {"other_turnovers": {"total": other}} if known else {}
    cause = "turnover_base" if known else "turnover"
    if not known and shape in {"one_line", "totals"}:
        return None  # any amount would be explained so
    return Case(shaped(items_of(billed), shape), due, shape, cause, {}, options)


def _vat_rate(random: Random, shape: str) -> Case:
    due = quote(**inputs(random, _any_event(random)))
    postcode = random.choice(("97110", "97200", "97410"))
    party = Party("Bureau d’études", postcode=postcode, country="FR")
    return Case(shaped(items_of(due), shape, rate="0.20", party=party), due, shape, "vat_rate")


def _vat_rounding(random: Random, shape: str) -> Case | None:
    due = quote(**inputs(random, _any_event(random)), vat="reunion")
    invoice = shaped(items_of(due), shape, rate="0.085")
    rate = Decimal("0.085")
    vat = sum(((line.amount or 0) * rate for line in invoice.lines), Decimal(0)) and sum(
        ((line.amount or Decimal(0)) * rate).quantize(CENT, ROUND_HALF_UP) for line in invoice.lines
    )
    if vat == invoice.vat or not invoice.lines:
        return None
    total = invoice.total_excl_vat or Decimal(0)
    invoice = replace(invoice, vat=Decimal(vat), total_incl_vat=total + Decimal(vat))
    return Case(invoice, due, shape, "vat_rounding")


ERRORS: Mapping[str, Callable[[Random, str], Case | None]] = {
    "count_off": _count_off,
    "tariff_swap": _tariff_swap,
    "fee_missing": _fee_missing,
    "fee_twice": _fee_twice,
    "new_flat": _new_flat,
    "other_prices": _other_prices,
    "wrong_event": _wrong_event,
    "floor_forgotten": _usage("floor_forgotten", lambda _, base, fee: _raw(base)),
    "cap_forgotten": _usage("cap_forgotten", lambda _, base, fee: _raw(base)),
    "floor_per_year": _usage("floor_per_year", lambda _, base, fee: max(_raw(base), Decimal("720.00"))),
    "cap_per_year": _usage("cap_per_year", _per_year_cap),
    "billed_by_year": _usage("billed_by_year", lambda _, base, fee: (fee / 4).quantize(CENT, ROUND_HALF_UP)),
    "billed_each_year": _usage("billed_each_year", lambda _, base, fee: fee * 4),
    "thousands": _usage("turnover_unit", lambda _, base, fee: _fee(base / 1000)),
    "cents": _usage("turnover_unit", lambda _, base, fee: _fee(base * 100)),
    "rounded_down": _usage(
        "rounding", lambda _, base, fee: _clipped(sum(tranches(base), Decimal(0)).quantize(CENT, ROUND_DOWN))
    ),
    "rounded_to_euro": _usage(
        "rounding",
        lambda _, base, fee: _clipped(sum(tranches(base), Decimal(0)).quantize(Decimal(1), ROUND_HALF_UP)),
    ),
    "other_turnover": _other_turnover,
    "vat_rate": _vat_rate,
    "vat_rounding": _vat_rounding,
}
