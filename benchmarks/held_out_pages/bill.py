"""What an invoice says, drawn from a seed: the truth that a reader of its page is held to."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from benchmarks.held_out_pages.firms import BUYERS, FORMS, NAMES, Firm, drawn
from opqibi_rules.price.question import Asked

CENT = Decimal("0.01")
ITEMS: dict[str, tuple[tuple[str, str, str, str], ...]] = {  # words, unit, price, usual rate
    "building": (
        ("Fourniture et pose chauffe-eau thermodynamique 200 L", "u", "1890.00", "0.055"),
        ("Dépose de l’existant et mise en décharge", "ens", "240.00", "0.10"),
        ("Câble U1000 R2V 3G2,5 mm²", "m", "1.85", "0.20"),
        ("Plaque BA13 2,50 x 1,20 m", "m²", "11.40", "0.10"),
        ("Main d’œuvre", "h", "48.00", "0.10"),
        ("Robinet mitigeur, garantie 5 ans", "u", "129.90", "0.10"),
        ("Peinture deux couches, murs et plafonds", "m²", "23.75", "0.10"),
        ("Frais de déplacement - zone 2", "forf", "35.00", "0.20"),
    ),
    "engineering": (
        ("Mission AVP - avant-projet définitif", "forf", "4200.00", "0.20"),
        ("Étude de sol G2 PRO, 3 sondages", "u", "1350.00", "0.20"),
        ("Assistance à maîtrise d’ouvrage, ingénieur", "j", "780.00", "0.20"),
        ("Audit énergétique réglementaire NF EN 16247", "ens", "5600.00", "0.20"),
        ("Frais de reprographie", "forf", "64.30", "0.20"),
        ("Réunion de chantier n° 14", "u", "310.00", "0.20"),
    ),
    "telecom": (
        ("Abonnement Fibre Pro 1 Gb/s", "", "59.90", "0.20"),
        ("Forfait mobile 20 Go x 4 lignes", "", "47.96", "0.20"),
        ("Communications hors forfait", "", "3.17", "0.20"),
        ("Option IP fixe", "", "5.00", "0.20"),
        ("Location routeur 4G", "", "9.99", "0.20"),
    ),
    "supplies": (
        ("Ramette A4 80 g/m², lot de 5", "", "24.95", "0.20"),
        ("Toner HP 26X noir", "", "139.00", "0.20"),
        ("Vis TF 4,5 x 40 - boîte de 200", "bte", "12.30", "0.20"),
        ("Guide pratique (édition 2026)", "", "28.44", "0.055"),
        ("Café en grains 1 kg", "kg", "14.22", "0.055"),
        ("Chaise visiteur, réf. 1102-N", "", "86.50", "0.20"),
        ("Éco-participation DEEE", "", "0.42", "0.20"),
    ),
    "services": (
        ("Honoraires de conseil", "h", "145.00", "0.20"),
        ("Entretien des locaux, février 2026", "mois", "612.00", "0.20"),
        ("Formation SST, 2 jours, 8 stagiaires", "session", "1440.00", "0.20"),
        ("Hébergement du site, 12 mois", "an", "119.88", "0.20"),
        ("Création de la maquette", "forf", "950.00", "0.20"),
        ("Déplacement Paris-Lyon A/R", "u", "184.00", "0.10"),
    ),
}
NUMBERS = (
    "FA-{y}-{n:04}", "{y}/{n}", "F{s}{n:04}", "FAC{n:08}", "{s}-{m:02}-{n:04}", "{y}{m:02}{n:03}", "INV-{n:05}",
    "FC{s}{m:02}-{n}", "{y}-{n:03}", "VE{n:06}", "F-{y}{m:02}-{n}",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """What is sold, excl. VAT (of a till, with it); ``discount`` is a rate on its price."""

    words: str
    quantity: Decimal | None
    unit: str
    price: Decimal | None
    rate: Decimal
    amount: Decimal
    discount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Group:
    """The VAT of one rate."""

    rate: Decimal
    base: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice; every amount positive, also those of a credit note (``kind``: invoice, credit, deposit)."""

    seed: int
    layout: str
    language: str
    kind: str
    regime: str  # vat, franchise, reverse_charge
    trade: str
    number: str
    issued: date
    due: date
    seller: Firm
    buyer: Firm
    lines: tuple[Line, ...]
    discount: Decimal  # of the whole document, positive
    groups: tuple[Group, ...]
    prepaid: Decimal
    origin: str = ""  # of a credit note
    asked: Asked = field(default_factory=Asked)  # of OPQIBI's: the question whose answer it is

    @property
    def gross(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def total_excl_vat(self) -> Decimal:
        return sum((group.base for group in self.groups), Decimal(0))

    @property
    def vat(self) -> Decimal:
        return sum((group.vat for group in self.groups), Decimal(0))

    @property
    def total_incl_vat(self) -> Decimal:
        return self.total_excl_vat + self.vat

    @property
    def payable(self) -> Decimal:
        return self.total_incl_vat - self.prepaid


def cents(amount: Decimal) -> Decimal:
    """Rounded to the cent, a half away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def grouped(lines: tuple[Line, ...], discount: Decimal) -> tuple[Group, ...]:
    """VAT by rate; a discount is only drawn where there is one rate."""
    bases: dict[Decimal, Decimal] = {}
    for line in lines:
        bases[line.rate] = bases.get(line.rate, Decimal(0)) + line.amount
    first = min(bases)
    bases[first] -= discount
    return tuple(Group(rate, bases[rate], cents(bases[rate] * rate)) for rate in sorted(bases))


def taken_out(lines: tuple[Line, ...]) -> tuple[Group, ...]:
    """VAT by rate of lines that hold it."""
    held: dict[Decimal, Decimal] = {}
    for line in lines:
        held[line.rate] = held.get(line.rate, Decimal(0)) + line.amount
    bases = {rate: cents(amount / (1 + rate)) for rate, amount in sorted(held.items())}
    return tuple(Group(rate, base, held[rate] - base) for rate, base in bases.items())


def drawn_lines(rng: Random, trade: str, regime: str, count: int, *, discounts: bool) -> tuple[Line, ...]:
    """So many lines of a trade; where there is VAT, at one to three rates."""
    lines = []
    one_rate = rng.random() < 0.6
    catalogue = ITEMS[trade]
    for index in range(count):
        words, unit, text, usual = catalogue[index % len(catalogue)] if count > 4 else rng.choice(catalogue)
        price = Decimal(text)
        if rng.random() < 0.5:
            price = cents(price * Decimal(rng.randrange(60, 160)) / 100)
        whole = Decimal(rng.choice((1, 1, 1, 2, 3, 4, 6, 10, 12, 25)))
        quantity = (
            whole
            if unit not in {"m", "m²", "h", "j", "kg"}
            else whole * Decimal(rng.choice(("1", "1.5", "2.25")))
        )
        discount = Decimal(rng.choice(("0", "0", "0.05", "0.10"))) if discounts else Decimal(0)
        rate = Decimal(0) if regime != "vat" else Decimal("0.20") if one_rate else Decimal(usual)
        lines.append(
            Line(words, quantity, unit, price, rate, cents(quantity * price * (1 - discount)), discount)
        )
    return tuple(lines)


def drawn_number(rng: Random, issued: date, pattern: str | None = None) -> str:
    """An invoice number of one of the usual makes."""
    chosen = pattern or rng.choice(NUMBERS)
    return chosen.format(y=issued.year, s=issued.year % 100, m=issued.month, n=rng.randrange(3, 980))


def drawn_bill(seed: int, layout: str, language: str) -> Bill:
    """The bill of this seed, for a layout that suits its trade."""
    rng = Random(seed)
    trade = "telecom" if layout == "telecom" else rng.choice([trade for trade in NAMES if trade != "telecom"])
    trade = "engineering" if layout == "progress" else trade
    regime = rng.choices(("vat", "franchise", "reverse_charge"), (88, 6, 6))[0]
    regime = "vat" if layout in {"telecom", "till"} else regime
    kind = rng.choices(("invoice", "credit", "deposit"), (84, 10, 6))[0]
    kind = "invoice" if layout in {"telecom", "till", "carried", "progress"} else kind
    issued = date(2025, 9, 1) + timedelta(days=rng.randrange(420))
    count = rng.randrange(30, 60) if layout == "carried" else 1 if kind == "deposit" else rng.randrange(1, 8)
    lines = drawn_lines(rng, trade, regime, count, discounts=layout in {"wide", "software"})
    bill = Bill(
        seed, layout, language, kind, regime, trade,
        drawn_number(rng, issued), issued, issued + timedelta(days=rng.choice((0, 15, 30, 30, 45, 60))),
        drawn(rng, rng.choice(NAMES[trade]), rng.choice(FORMS)), drawn(rng, rng.choice(BUYERS), ""),
        lines, Decimal(0), taken_out(lines) if layout == "till" else grouped(lines, Decimal(0)), Decimal(0),
    )  # fmt: skip
    return with_extras(bill, rng)


def with_extras(bill: Bill, rng: Random) -> Bill:
    """What some bills have besides: a discount of the whole, an instalment, the invoice that they correct."""
    one_rate = len(bill.groups) == 1
    if one_rate and bill.kind == "invoice" and bill.layout not in {"till", "progress"} and rng.random() < 0.2:
        discount = cents(bill.gross * Decimal(rng.choice(("0.05", "0.10", "0.03"))))
        bill = replace(bill, discount=discount, groups=grouped(bill.lines, discount))
    if bill.kind == "invoice" and bill.layout not in {"till", "telecom"} and rng.random() < 0.25:
        bill = replace(bill, prepaid=cents(bill.total_incl_vat * Decimal(rng.choice(("0.3", "0.5", "0.4")))))
    if bill.kind == "deposit":
        line = bill.lines[0]
        share = replace(
            line, words=f"Acompte de 30 % sur commande - {line.words}", quantity=Decimal(1), unit=""
        )
        share = replace(share, price=line.amount, amount=line.amount, discount=Decimal(0))
        bill = replace(bill, lines=(share,), groups=grouped((share,), Decimal(0)))
    if bill.kind == "credit":
        origin = drawn_number(rng, bill.issued - timedelta(days=40))
        bill = replace(
            bill, origin=origin, number=rng.choice(("AV", "AV-", "A")) + bill.number.lstrip("FACINV-E")
        )
    return bill
