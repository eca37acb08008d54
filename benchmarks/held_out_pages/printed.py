"""A bill in the words and figures of a page: labels, dates and amounts as suppliers write them."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import TypedDict

import yaml

from benchmarks.held_out_pages.bill import Bill, Group, Line
from benchmarks.held_out_pages.firms import Firm

WORDS: dict[str, dict[str, list[str]]] = yaml.safe_load(
    Path(__file__).with_name("words.yaml").read_text("utf-8")
)


class Row(TypedDict):
    """A line as it is printed."""

    ref: str
    words: str
    more: str
    qty: str
    unit: str
    price: str
    disc: str
    rate: str
    code: str
    amount: str
    market: str
    share: str
    cumulated: str
    billed: str
    carried: str


class Page(TypedDict):
    """Everything that a layout may print, every value as it is written."""

    title: str
    credit: bool
    lang: str
    font: str
    size: float
    number: str
    number_label: str
    date: str
    date_label: str
    due: str
    due_label: str
    refs: list[list[str]]
    seller: list[str]
    ids: list[str]
    footer: str
    buyer: list[str]
    to_label: str
    town: str
    heads: dict[str, str]
    rows: list[Row]
    gross: list[str]
    discount: list[str]
    ht: list[str]
    groups: list[list[str]]
    base_label: str
    vat_total: list[str]
    ttc: list[str]
    prepaid: list[str]
    payable: list[str]
    totals: list[list[str]]
    account: list[list[str]]
    notes: list[str]
    carry: list[str]
    colon: str


@dataclass(frozen=True, slots=True)
class Style:
    """How this supplier writes amounts, dates and rates; drawn once for a page."""

    language: str
    thousands: str
    point: str
    mark: str  # "{} €", "{}", "€{}"…
    day: str
    rate: str
    minus: str

    def amount(self, value: Decimal) -> str:
        whole = f"{abs(value):,.2f}".replace(",", "\0").replace(".", self.point).replace("\0", self.thousands)
        text = self.mark.format(whole)
        return f"{self.minus}{text}" if value < 0 else text

    def bare(self, value: Decimal) -> str:
        """As in a column whose heading says euros."""
        return self.amount(value) if self.mark != "{} EUR" else self.amount(value).removesuffix(" EUR")

    def date(self, day: date) -> str:
        month = WORDS[self.language]["months"][day.month - 1]
        first = "1er" if self.language == "fr" and day.day == 1 else str(day.day)
        return self.day.format(d=day, month=month, first=first)

    def share(self, rate: Decimal) -> str:
        percent = rate * 100
        text = format(percent.normalize(), "f").replace(".", self.point)
        whole = f"{percent:.2f}".replace(".", self.point)
        return self.rate.format(text=text, whole=whole)


def drawn_style(rng: Random, language: str) -> Style:
    """A hand for figures."""
    if language == "en":
        english = ("{first} {month} {d.year}", "{month} {first}, {d.year}", "{d:%Y-%m-%d}", "{d:%d/%m/%Y}")
        return Style(
            "en", ",", ".", rng.choice(("€{}", "{}", "EUR {}", "{} €")), rng.choice(english), "{text}%", "-"
        )
    days = ("{d:%d/%m/%Y}", "{d:%d/%m/%Y}", "{first} {month} {d.year}", "{d:%d.%m.%Y}", "{d:%Y-%m-%d}",
            "{d:%d-%m-%Y}", "{d:%d/%m/%y}")  # fmt: skip
    return Style(
        "fr",
        rng.choice((" ", "\u00a0", "\u202f", "")),
        ",",
        rng.choice(("{} €", "{}", "{}\u00a0€", "{} EUR", "{}€")),
        rng.choice(days),
        rng.choice(("{text} %", "{whole} %", "{text}%", "{whole}%")),
        rng.choice(("-", "- ", "−")),
    )


def printed(bill: Bill, fonts: tuple[str, ...]) -> Page:
    """The words of a bill's page; the same seed gives the same words."""
    rng = Random(bill.seed * 31 + 5)
    style = drawn_style(rng, bill.language)
    say = {name: rng.choice(texts) for name, texts in WORDS[bill.language].items() if name != "months"}
    credit = bill.kind == "credit"
    sign = -1 if credit and rng.random() < 0.5 else 1
    day = style.date(bill.issued.replace(day=1))
    share = style.share(bill.discount / bill.gross) if bill.gross else ""
    payable = say["credited"] if credit else say["payable"]
    page = Page(
        title=titled(bill, rng),
        credit=credit,
        lang=bill.language,
        font=rng.choice(fonts),
        size=rng.choice((8.5, 9, 9.5, 10, 11)),
        number=bill.number,
        number_label=say["credit_number" if credit else "number"],
        date=style.date(bill.issued),
        date_label=say["date"],
        due=style.date(bill.due),
        due_label=say["due"],
        refs=references(bill, rng, style, say),
        seller=address(bill.seller),
        ids=identity(bill.seller, rng),
        footer=footer(bill.seller, rng),
        buyer=address(bill.buyer),
        to_label=say["to"],
        town=bill.seller.town.title(),
        heads={name: say[name] for name in ("words", "qty", "unit", "price", "disc", "rate", "amount")},
        rows=rows(bill, rng, style, sign),
        gross=[say["gross"], style.amount(bill.gross * sign)] if bill.discount else [],
        discount=[say["discount"].format(share=share).strip(), style.amount(-bill.discount)]
        if bill.discount
        else [],
        ht=[say["ht"], style.amount(bill.total_excl_vat * sign)],
        groups=[group(item, index, style, say, sign) for index, item in enumerate(bill.groups, 1)],
        base_label=say["base"],
        vat_total=[say["vat_total"], style.amount(bill.vat * sign)],
        ttc=[say["ttc"], style.amount(bill.total_incl_vat * sign)],
        prepaid=[say["prepaid"].format(day=day), style.amount(-bill.prepaid)] if bill.prepaid else [],
        payable=[payable, style.amount(bill.payable * sign)],
        totals=[],
        account=account(bill.seller, rng, bill.language),
        notes=notes(bill, style),
        carry=carried(bill, style, rng),
        colon=rng.choice((" : ", " :  ", " ")) if bill.language == "fr" else rng.choice((": ", " ")),
    )
    page["totals"] = totals(bill, page, rng)
    return page


def totals(bill: Bill, page: Page, rng: Random) -> list[list[str]]:
    """The column of totals, as this supplier has it: some say VAT as a whole, some leave out what is the same."""
    whole = len(bill.groups) == 1 and rng.random() < 0.3
    vat = [page["vat_total"]] if whole else [[label, vat] for label, _, _, vat, _ in page["groups"]]
    if len(bill.groups) > 1 and rng.random() < 0.3:
        vat.append(page["vat_total"])
    untaxed = bill.regime != "vat" and rng.random() < 0.6
    middle = [] if untaxed else [*vat, page["ttc"]]
    last = [page["prepaid"], page["payable"]] if bill.prepaid else [page["payable"]]
    shown = bool(bill.prepaid) or untaxed or rng.random() < 0.6
    column = [page["gross"], page["discount"], page["ht"], *middle, *(last if shown else [])]
    return [row for row in column if row]


def titled(bill: Bill, rng: Random) -> str:
    french = {"invoice": ("FACTURE", "Facture"), "credit": ("AVOIR", "Avoir", "Facture d’avoir")}
    english = {"invoice": ("INVOICE", "Invoice", "TAX INVOICE"), "credit": ("CREDIT NOTE", "Credit note")}
    deposit = ("FACTURE D’ACOMPTE",) if bill.language == "fr" else ("DEPOSIT INVOICE",)
    return rng.choice((french if bill.language == "fr" else english).get(bill.kind, deposit))


def references(bill: Bill, rng: Random, style: Style, say: dict[str, str]) -> list[list[str]]:
    """Numbers and days that are not the invoice's."""
    some = [
        [say["client"], f"{rng.choice(('C', 'CL', '411', ''))}{rng.randrange(100, 99999):05}"],
        [say["order"], rng.choice(("BC-2026-071", "4500123987", "26/0331", "DUPONT 14/02"))],
        [say["quote"], f"D{bill.issued.year}-{rng.randrange(1, 400):03}"],
    ]
    chosen = rng.sample(some, rng.randrange(0, 4))
    if bill.origin:
        label = "Avoir sur facture n°" if bill.language == "fr" else "Original invoice"
        chosen.insert(0, [label, bill.origin])
    if rng.random() < 0.2 and bill.language == "fr":
        chosen.append(["Date de livraison", style.date(bill.issued.replace(day=max(1, bill.issued.day - 3)))])
    return chosen


def address(firm: Firm) -> list[str]:
    return [f"{firm.form} {firm.name}".strip(), firm.street, f"{firm.postcode} {firm.town}"]


def identity(firm: Firm, rng: Random) -> list[str]:
    if not firm.siren:
        return ["Tél. 01 55 34 96 30", "www.opqibi.com"]
    siret = f"{firm.siren[:3]} {firm.siren[3:6]} {firm.siren[6:]} {firm.siret[9:]}"
    vat = rng.choice((firm.vat_id, f"{firm.vat_id[:2]} {firm.vat_id[2:4]} {firm.vat_id[4:]}"))
    return [
        f"SIRET {rng.choice((firm.siret, siret))}",
        rng.choice((f"TVA intracom. : {vat}", f"N° TVA : {vat}", f"TVA intracommunautaire {vat}")),
        f"Tél. 04 {rng.randrange(10, 99)} {rng.randrange(10, 99)} {rng.randrange(10, 99)} 07",
    ]


def footer(firm: Firm, rng: Random) -> str:
    if not firm.siren:
        return "OPQIBI - Association loi 1901 - 104, rue Réaumur - 75002 Paris"
    spaced = f"{firm.siren[:3]} {firm.siren[3:6]} {firm.siren[6:]}"
    capital = rng.choice(("10 000 €", "7 622,45 €", "150 000 euros", "8 000,00 EUR"))
    form = firm.form or "Entreprise individuelle"
    return (
        f"{form} au capital de {capital} - RCS {firm.town.title()} {spaced} - APE 7112B - TVA {firm.vat_id}"
    )


def rows(bill: Bill, rng: Random, style: Style, sign: int) -> list[Row]:
    codes = {group.rate: str(index) for index, group in enumerate(bill.groups, 1)}
    plain = rng.random() < 0.5
    total = Decimal(0)
    result = []
    for index, line in enumerate(bill.lines, 1):
        total += line.amount * sign
        result.append(row(line, index, rng, style, sign, codes[line.rate], plain=plain))
        result[-1]["carried"] = style.bare(total)
    return result


def row(line: Line, index: int, rng: Random, style: Style, sign: int, code: str, *, plain: bool) -> Row:
    quantity = line.quantity if line.quantity is not None else Decimal(1)
    text = format(quantity.normalize(), "f").replace(".", style.point) if plain else style.bare(quantity)
    text = re.sub(r"[€EUR\s]+$|^[€EUR\s]+", "", text)
    market = line.amount * 4
    return Row(
        ref=f"{rng.choice('ABKX')}{rng.randrange(100, 9999)}-{index}",
        words=line.words,
        more=rng.choice(("", "", "", "Selon votre demande du 12 courant", "Chantier : 14 rue des Lilas")),
        qty=text,
        unit=line.unit,
        price=style.bare(line.price if line.price is not None else line.amount),
        disc=style.share(line.discount) if line.discount else "",
        rate=style.share(line.rate),
        code=code,
        amount=style.bare(line.amount * sign),
        market=style.bare(market),
        share=style.share(Decimal("0.75")),
        cumulated=style.bare(market * 3 / 4),
        billed=style.bare(market / 2),
        carried="",
    )


def group(item: Group, index: int, style: Style, say: dict[str, str], sign: int) -> list[str]:
    """Label, rate, base, VAT, code."""
    rate = style.share(item.rate)
    return [
        say["vat"].format(rate=rate),
        rate,
        style.amount(item.base * sign),
        style.amount(item.vat * sign),
        str(index),
    ]


def spaced_iban(iban: str) -> str:
    return " ".join(re.findall(".{1,4}", iban))


def account(firm: Firm, rng: Random, language: str) -> list[list[str]]:
    spaced = spaced_iban(firm.iban)
    iban = ["IBAN", rng.choice((spaced, spaced, firm.iban))]
    bic = ["BIC", rng.choice(("AGRIFRPP882", "CMCIFR2A", "SOGEFRPP"))]
    if language == "fr" and rng.random() < 0.25:
        rib = [firm.iban[4:9], firm.iban[9:14], firm.iban[14:25], firm.iban[25:]]
        return [["RIB", " ".join(rib)], iban, bic]
    return [] if rng.random() < 0.15 else [iban, bic]


def notes(bill: Bill, style: Style) -> list[str]:
    if bill.language == "en":
        legal = ["Late payment: interest at three times the legal rate, plus €40 for recovery costs."]
    else:
        legal = [
            "Pas d’escompte pour paiement anticipé. Pénalités de retard : trois fois le taux d’intérêt légal.",
            "Indemnité forfaitaire pour frais de recouvrement : 40 €.",
        ]
    mentions = {
        "franchise": "TVA non applicable, art. 293 B du CGI",
        "reverse_charge": "Autoliquidation, art. 283-2 du CGI",
    }
    return ([mentions[bill.regime]] if bill.regime in mentions else []) + legal


def carried(bill: Bill, style: Style, rng: Random) -> list[str]:
    return list(
        rng.choice(
            (
                ("À reporter", "Report"),
                ("Total à reporter", "Report page précédente"),
                ("A REPORTER", "REPORT"),
            )
        )
    )
