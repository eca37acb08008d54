"""Invoices on paper, made for the tests: one bill in many layouts, set by Typst from its own words and figures.

A layout is how the head, the table and the totals are laid, and how amounts are written; nothing in it depends on
the bill.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

D = Decimal
CENT = D("0.01")
NORMAL = D("0.20")
NOTHING = D(0)


@dataclass(frozen=True)
class BillLine:
    name: str
    quantity: int
    price: Decimal
    rate: Decimal = NORMAL
    more: str = ""
    """What the line says below its name."""

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.price


@dataclass(frozen=True)
class Bill:
    number: str = "F2026-0118"
    day: date = date(2026, 3, 17)
    due: date = date(2026, 4, 16)
    seller: Sequence[str] = ("OPQIBI", "104 rue Réaumur", "75002 Paris")
    siret: str = "43471799700012"
    vat_id: str = "FR61434717997"
    buyer: Sequence[str] = ("Bureau d’études Lumière SARL", "12 avenue des Frères", "69008 Lyon")
    iban: str = "FR7630006000011234567890189"
    lines: Sequence[BillLine] = (
        BillLine("Frais d’instruction, code tarif 1", 5, D("60.00")),
        BillLine(
            "Frais d’instruction, code tarif 2", 3, D("120.00"), more="qualifications demandées à la création"
        ),
        BillLine("Frais d’instruction, code tarif 7", 1, D("1500.00")),
    )
    paid: Decimal = NOTHING
    discount: Decimal = NOTHING
    is_credit: bool = False

    @property
    def untaxed(self) -> Decimal:
        return sum((line.amount for line in self.lines), D(0)) - self.discount

    @property
    def by_rate(self) -> dict[Decimal, Decimal]:
        found: dict[Decimal, Decimal] = {}
        for line in self.lines:
            found[line.rate] = found.get(line.rate, D(0)) + line.amount
        first = next(iter(found))
        found[first] -= self.discount
        return found

    def vat_at(self, rate: Decimal) -> Decimal:
        return (self.by_rate[rate] * rate).quantize(CENT, ROUND_HALF_UP)

    @property
    def vat(self) -> Decimal:
        return sum(map(self.vat_at, self.by_rate), D(0))

    @property
    def taxed(self) -> Decimal:
        return self.untaxed + self.vat

    @property
    def due_amount(self) -> Decimal:
        return self.taxed - self.paid


def french(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",").replace("-", "−") + " €"


def spaced(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", " ").replace(".", ",")


def dotted(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".") + " EUR"


def english(amount: Decimal) -> str:
    return f"€{amount:,.2f}".replace("€-", "-€")


def plain(amount: Decimal) -> str:
    return f"{amount:.2f}"


MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


def in_letters(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


@dataclass(frozen=True)
class Layout:
    name: str
    head: str = "two columns"
    meta: str = "list"
    table: str = "bare"
    totals: str = "right"
    money: Callable[[Decimal], str] = french
    words: str = "fr"
    paper: str = "a4"
    size: int = 10
    flipped: bool = False
    columns: Sequence[str] = ("name", "quantity", "price", "rate", "amount")
    written_day: Callable[[date], str] = field(default=lambda day: f"{day:%d/%m/%Y}")


WORDS = {
    "fr": {
        "invoice": "Facture", "credit": "Avoir", "number": "Facture n°", "date": "Date", "due": "Échéance",
        "seller": "Émetteur", "buyer": "Client", "name": "Désignation", "quantity": "Qté", "price": "P.U. HT",
        "rate": "TVA", "amount": "Montant HT", "untaxed": "Total HT", "vat": "TVA", "taxed": "Total TTC",
        "paid": "Acompte versé", "left": "Net à payer", "discount": "Remise", "base": "Base HT",
    },
    "en": {
        "invoice": "Invoice", "credit": "Credit note", "number": "Invoice No.", "date": "Invoice date",
        "due": "Due date", "seller": "From", "buyer": "Bill to", "name": "Description", "quantity": "Qty",
        "price": "Unit price", "rate": "VAT", "amount": "Amount", "untaxed": "Subtotal", "vat": "VAT",
        "taxed": "Total incl. VAT", "paid": "Amount paid", "left": "Amount due", "discount": "Discount",
        "base": "Net",
    },
    "de": {
        "invoice": "Rechnung", "credit": "Gutschrift", "number": "Rechnungsnummer", "date": "Rechnungsdatum",
        "due": "Fällig am", "seller": "Verkäufer", "buyer": "Käufer", "name": "Bezeichnung", "quantity": "Menge",
        "price": "Einzelpreis", "rate": "USt.", "amount": "Gesamtpreis", "untaxed": "Nettobetrag",
        "vat": "Umsatzsteuer", "taxed": "Gesamtbetrag", "paid": "Anzahlung", "left": "Zahlbetrag",
        "discount": "Rabatt", "base": "Netto",
    },
}  # fmt: skip

LAYOUTS = (
    Layout("two columns"),
    Layout("ruled", table="ruled", totals="ruled"),
    Layout("letter", head="letter", meta="sentence", table="bare", written_day=in_letters),
    Layout("English", words="en", money=english, written_day=lambda day: f"{day.day} {day:%B %Y}"),
    Layout("boxed head", head="blocks", meta="boxes", table="ruled"),
    Layout("totals in a row", totals="row", table="ruled"),
    Layout("centred cells", table="centred", totals="row"),
    Layout("quantity first", columns=("quantity", "name", "price", "amount"), money=spaced),
    Layout("amounts alone", columns=("name", "amount"), totals="right"),
    Layout("German", words="de", money=dotted, written_day=lambda day: f"{day:%d.%m.%Y}"),
    Layout("points", money=plain, columns=("name", "quantity", "amount"), written_day=lambda day: f"{day:%Y-%m-%d}"),
    Layout("stacked headings", table="stacked"),
    Layout("landscape", flipped=True, table="ruled"),
    Layout("small", size=7, table="ruled", head="blocks"),
    Layout("VAT table", totals="table"),
    Layout("window envelope", head="window", meta="list"),
    Layout("totals on the left", totals="left"),
    Layout("rate before price", columns=("name", "rate", "quantity", "price", "amount")),
    Layout("numbers spelled", meta="sentence", head="window", totals="table", written_day=in_letters),
    Layout("no colour of words", head="blocks", meta="boxes", totals="row", money=spaced),
)  # fmt: skip


def source(bill: Bill, layout: Layout) -> str:
    """The invoice, in Typst."""
    words = WORDS[layout.words]
    parts = [
        f'#set page(paper: "{layout.paper}", flipped: {str(layout.flipped).lower()}, margin: 18mm, '
        f"footer: align(center, text(7pt)[{_foot(bill)}]))",
        f'#set text(size: {layout.size}pt, lang: "fr")',
        _head(bill, layout, words),
        _table(bill, layout, words),
        _totals(bill, layout, words),
        f"#v(6mm)\nIBAN : {_spaced_iban(bill.iban)}",
    ]
    return "\n\n".join(parts)


def _foot(bill: Bill) -> str:
    return f"{bill.seller[0]} — {' '.join(bill.seller[1:])} — SIRET {bill.siret} — TVA {bill.vat_id}"


def _spaced_iban(iban: str) -> str:
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))


def _lines(lines: Sequence[str]) -> str:
    return " \\\n".join(_escaped(line) for line in lines)


def _escaped(text: str) -> str:
    for sign in "\\#$*_@<>":
        text = text.replace(sign, f"\\{sign}")
    return text


def _head(bill: Bill, layout: Layout, words: dict[str, str]) -> str:
    title = words["credit" if bill.is_credit else "invoice"]
    seller, buyer = _lines(bill.seller), _lines(bill.buyer)
    meta = _meta(bill, layout, words, title)
    if layout.head == "two columns":
        return (
            f"#grid(columns: (1fr, 1fr), [{words['seller']} : \\\n{seller}\\\nSIRET : {bill.siret}], "
            f"[{words['buyer']} : \\\n{buyer}])\n#v(6mm)\n#text(16pt)[*{title}*]\n\n{meta}"
        )
    if layout.head == "blocks":
        return (
            f"#align(right, text(18pt)[*{title.upper()}*])\n#grid(columns: (1fr, 1fr), gutter: 4mm, "
            f"block(stroke: 0.5pt, inset: 6pt, width: 100%)[*{words['seller']}*\n\n{seller}], "
            f"block(stroke: 0.5pt, inset: 6pt, width: 100%)[*{words['buyer']}*\n\n{buyer}])\n#v(4mm)\n{meta}"
        )
    if layout.head == "window":
        return (
            f"{seller}\n\nTél : 01 42 33 44 55\n\n#v(8mm)\n#pad(left: 95mm)[{words['buyer']} : \\\n{buyer}]\n#v(8mm)\n"
            f"#text(14pt)[*{title}*]\n\n{meta}"
        )
    return (
        f"{seller}\n\n#pad(left: 95mm)[{words['buyer']} : \\\n{buyer}]\n\n#pad(left: 95mm)[Paris, le "
        f"{layout.written_day(bill.day)}]\n\n*{title} n° {bill.number}*\n\nMadame, Monsieur,\n\nVeuillez trouver "
        "ci-dessous le détail de ce que nous vous facturons."
    )


def _meta(bill: Bill, layout: Layout, words: dict[str, str], title: str) -> str:
    day, due = layout.written_day(bill.day), layout.written_day(bill.due)
    number = words["number"] if not bill.is_credit or layout.words != "fr" else "Avoir n°"
    if layout.meta == "list":
        return f"{number} : {bill.number} \\\n{words['date']} : {day} \\\n{words['due']} : {due}"
    if layout.meta == "boxes":
        return (
            f"#table(columns: 4, [N° de facture], [Date de facture], [Date d’échéance], [N° client], [{bill.number}], "
            f"[{day}], [{due}], [C-0042])"
        )
    return f"*{title} n° {bill.number} du {day}*\n\nÀ régler avant le {due}"


_ALIGN = {"name": "left", "quantity": "right", "price": "right", "rate": "center", "amount": "right"}


def _table(bill: Bill, layout: Layout, words: dict[str, str]) -> str:
    cells = []
    for line in bill.lines:
        more = f" \\\n#text(0.8em)[{_escaped(line.more)}]" if line.more else ""
        said = {
            "name": f"{_escaped(line.name)}{more}",
            "quantity": str(line.quantity),
            "price": layout.money(line.price),
            "rate": f"{(line.rate * 100).normalize():f} %".replace(".", ","),
            "amount": layout.money(_signed(line.amount, bill)),
        }
        cells += [f"[{said[column]}]" for column in layout.columns]
    heads = {column: words[column] for column in layout.columns}
    if layout.table == "stacked":
        heads |= {"price": "Prix \\\nunitaire", "amount": "Montant \\\nHT"}
    headings = ", ".join(f"[*{heads[column]}*]" for column in layout.columns)
    widths = ", ".join("1fr" if column == "name" else "auto" for column in layout.columns)
    aligned = ", ".join(
        f"{_ALIGN[column]} + horizon" if layout.table == "centred" else _ALIGN[column]
        for column in layout.columns
    )
    stroke = "0.5pt" if layout.table in {"ruled", "centred"} else "none"
    body = ", ".join(cells)
    return (
        f"#table(columns: ({widths}), align: ({aligned}), stroke: {stroke}, inset: 5pt, "
        f"table.header({headings}), {body})"
    )


def _signed(amount: Decimal, bill: Bill) -> Decimal:
    return -amount if bill.is_credit else amount


def _totals(bill: Bill, layout: Layout, words: dict[str, str]) -> str:
    def money(amount: Decimal) -> str:
        return layout.money(_signed(amount, bill))

    rows = []
    if bill.discount:
        rows.append((words["discount"], money(-bill.discount)))
    rows.append((words["untaxed"], money(bill.untaxed)))
    if layout.totals == "table":
        rows.append((f"Total {words['vat']}", money(bill.vat)))
    else:
        rows += [
            (f"{words['vat']} {(rate * 100).normalize():f} %".replace(".", ","), money(bill.vat_at(rate)))
            for rate in bill.by_rate
        ]
    rows.append((words["taxed"], money(bill.taxed)))
    if bill.paid:
        rows += [(words["paid"], money(bill.paid)), (words["left"], money(bill.due_amount))]
    if layout.totals == "row":
        row = [
            (words["untaxed"], bill.untaxed),
            (f"Total {words['vat']}", bill.vat),
            (words["taxed"], bill.taxed),
        ]
        row += [(words["paid"], bill.paid), (words["left"], bill.due_amount)] if bill.paid else []
        heads, values = (
            ", ".join(f"[{item}]" for item in column)
            for column in zip(*((a, money(b)) for a, b in row), strict=True)
        )
        rates = ", ".join(
            f"[{(rate * 100).normalize():f} %], [{money(base)}], [{money(bill.vat_at(rate))}]"
            for rate, base in bill.by_rate.items()
        )
        return f"#table(columns: 3, [Taux], [{words['base']}], [Montant {words['vat']}], {rates})\n#table(columns: {len(row)}, {heads}, {values})"
    cells = ", ".join(f"[{label}], [{value}]" for label, value in rows)
    side = "left" if layout.totals == "left" else "right"
    stroke = "0.5pt" if layout.totals == "ruled" else "none"
    whole = f"#align({side}, table(columns: 2, align: (left, right), stroke: {stroke}, {cells}))"
    if layout.totals == "table":
        rates = ", ".join(
            f"[{(rate * 100).normalize():f} %], [{money(base)}], [{money(bill.vat_at(rate))}]"
            for rate, base in bill.by_rate.items()
        )
        return f"#table(columns: 3, stroke: none, [Taux], [{words['base']}], [Montant {words['vat']}], {rates})\n{whole}"
    return whole


def pdf_of(bill: Bill, layout: Layout) -> bytes:
    """The invoice, as a PDF."""
    import typst

    made: bytes = typst.compile(source(bill, layout).encode())
    return made


def changed(bill: Bill, **values: object) -> Bill:
    """The same, but for some values."""
    return replace(bill, **values)  # type: ignore[arg-type] # of the tests' own making
