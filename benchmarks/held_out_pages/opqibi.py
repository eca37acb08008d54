"""Invoices of OPQIBI itself, right to the cent, in words taken from its published schedule alone."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

import opqibi_rules as opqibi
from benchmarks.held_out_pages.bill import Bill, Line, drawn_bill, grouped
from benchmarks.held_out_pages.firms import Firm, french_iban
from opqibi_rules.price.question import Asked

FLAT = {
    "dossier": ("Dossier postulant", "Prix du dossier de première demande de qualification"),
    "instruction": ("Frais d’instruction - partie forfaitaire", "Instruction du dossier : forfait"),
    "annual_control": ("Frais de contrôle annuel - partie forfaitaire", "Contrôle annuel : forfait"),
}
EACH = (
    "Qualification(s) au tarif {tariff}",
    "Frais d’instruction, qualifications tarif {tariff}",
    "Tarif {tariff}",
)
HELD = (
    "Qualification(s) détenue(s) au tarif {tariff}",
    "Contrôle annuel, qualifications tarif {tariff}",
    "Tarif {tariff}",
)
USAGE = ("Frais d’utilisation de la marque OPQIBI (4 ans)", "Droit d’utilisation de la marque OPQIBI")


def opqibi_bill(seed: int, layout: str) -> Bill:
    """What OPQIBI asks at one of the moments when it asks: the application, the brand, the control."""
    rng = Random(seed * 7 + 1)
    base = drawn_bill(seed, layout, "fr")
    moment = rng.choice(("file", "brand", "control"))
    tariffs = {tariff: rng.randrange(1, 7) for tariff in rng.sample((1, 2, 3, 4, 7), rng.randrange(1, 4))}
    asked: Asked = {"event": "control" if moment == "control" else "first", "tariffs": tariffs}
    if moment == "brand":
        asked["turnover"] = Decimal(rng.randrange(300, 4000) * 1000)
    quote = opqibi.quote(on=base.issued, **asked)
    if moment == "brand":
        fee = quote.subtotals.brand_usage
        assert fee is not None
        lines = [Line(rng.choice(USAGE), Decimal(1), "", fee, Decimal("0.20"), fee)]
    else:
        each, which = rng.choice(HELD if moment == "control" else EACH), rng.randrange(2)
        lines = [
            Line(
                each.format(tariff=line.tariff) if line.tariff else FLAT[line.fee.id][which],
                Decimal(str(line.quantity)),
                "",
                line.unit_price,
                Decimal("0.20"),
                line.amount,
            )
            for line in quote.lines
            if line.amount is not None and line.fee.id in FLAT
        ]
    iban = french_iban(Random(104))
    seller = Firm("OPQIBI", "", "104 rue Réaumur", "75002", "Paris", "", "", "", iban)
    return replace(
        base,
        kind="invoice",
        regime="vat",
        trade="opqibi",
        seller=seller,
        number=f"{base.issued.year}{rng.randrange(10, 9999):05}",
        origin="",
        due=base.issued + timedelta(days=30),
        lines=tuple(lines),
        discount=Decimal(0),
        prepaid=Decimal(0),
        groups=grouped(tuple(lines), Decimal(0)),
        asked=asked,
    )
