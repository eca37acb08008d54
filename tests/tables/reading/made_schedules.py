"""Fee schedules on paper, made for the tests: the same facts in many layouts, in words of the tests' own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

D = Decimal
Sheet = str
"""A page in Typst's own language."""


@dataclass(frozen=True)
class Figures:
    """All that a schedule of this form states; those by default are of the schedule of 2024, as it prints them."""

    day: str = "08/02/2024"
    dossier: Decimal = Decimal(86)
    instruction: Decimal = Decimal(500)
    asked: Mapping[int, Decimal] = field(
        default_factory=lambda: {1: D(60), 2: D(120), 3: D(240), 4: D(850), 5: D(1050), 6: D(1250), 7: D(265)}
    )
    tranches: Sequence[tuple[int, int | None, Decimal]] = (
        (0, 250_000, D("0.80")),
        (250_000, 800_000, D("0.65")),
        (800_000, 3_000_000, D("0.50")),
        (3_000_000, 15_000_000, D("0.40")),
        (15_000_000, None, D("0.25")),
    )
    """From, to, per mille."""
    floor: Decimal = Decimal(180)
    cap: Decimal = Decimal(40_000)
    years: str = "quatre"
    codes: Sequence[str] = ("0607", "1717", "1905", "1911")
    control: Decimal = Decimal(125)
    held: Mapping[int, Decimal] = field(
        default_factory=lambda: {1: D(15), 2: D(30), 3: D(60), 4: D("212.5"), 5: D(28), 6: D(54), 7: D(28)}
    )
    new: Decimal = Decimal(375)


OTHERS = Figures(
    day="15/01/2027",
    dossier=D("91.50"),
    instruction=D(1520),
    asked={1: D("64.50"), 2: D(131), 3: D("250.25"), 4: D(910), 5: D(1111), 6: D("2340.10"), 7: D(3265)},
    tranches=(
        (0, 300_000, D("0.85")),
        (300_000, 1_000_000, D("0.7")),
        (1_000_000, 20_000_000, D("0.45")),
        (20_000_000, None, D("0.2")),
    ),
    floor=D(212),
    cap=D(45_500),
    years="cinq",
    codes=("0607", "1905", "1911"),
    control=D("131.40"),
    held={1: D(16), 2: D(33), 3: D(66), 4: D(220), 5: D("29.5"), 6: D(55), 7: D(31)},
    new=D(1390),
)


def whole(amount: Decimal | int) -> str:
    """« 1 250 », « 212,50 »."""
    cents = f"{Decimal(amount):,.2f}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
    return cents.removesuffix(",00")


def to_the_cent(amount: Decimal | int) -> str:
    """« 1 250,00 »."""
    return f"{Decimal(amount):,.2f}".replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",")


def rate(share: Decimal) -> str:
    return f"{share:.2f}".replace(".", ",")


def table(rows: Sequence[Sequence[str]], *, ruled: bool = True, widths: str = "auto") -> str:
    cells = "".join(f"[{cell}]," for row in rows for cell in row)
    columns = f"({widths})" if "," in widths else str(len(rows[0]))
    return f"#table(columns: {columns}, stroke: {'0.5pt' if ruled else 'none'}, {cells})\n"


def by_headings(f: Figures) -> Sheet:
    """Parts I to IV, a table in each: the form that such schedules have had."""
    same = [5, 7] if f.held[5] == f.held[7] else []
    held = [(f"Tarif {code}", whole(price)) for code, price in f.held.items() if code not in same]
    held += [("Tarifs 5 et 7", whole(f.held[5]))] if same else []
    return f"""
#align(center)[*Tarifs de la qualification* \\ Édition du {f.day}]
= I. Dossier de première demande
À l’achat du dossier, la structure règle {whole(f.dossier)} € HT.
= II. Frais d’instruction
À chaque dépôt, première demande ou renouvellement, ils se composent de :
+ une partie forfaitaire de {whole(f.instruction)} € HT ;
+ une partie selon le nombre de qualifications :
{table([("Code tarif", "Prix HT (€)"), *[(f"Tarif {c}", whole(p)) for c, p in f.asked.items()]])}
Exemple : 2 qualifications au tarif 1 et 4 au tarif 3, soit {
        whole(f.instruction + 2 * f.asked[1] + 4 * f.asked[3])
    } € HT.
= III. Utilisation de la marque
Ces frais sont réglés tous les {
        f.years
    } ans, par tranches cumulées du chiffre d’affaires « ingénierie ». Les structures qui
détiennent uniquement des qualifications d’audit énergétique ({", ".join(f.codes[:-1])} ou {
        f.codes[-1]
    }) les calculent sur
leur chiffre d’affaires « audit énergétique ».
{
        table(
            [
                ("Tranche", "Taux"),
                *[
                    (
                        f"De {whole(low + bool(low))} € à {whole(high)} €"
                        if high
                        else f"Au-delà de {whole(low + 1)} €",
                        f"{rate(share)} pour mille",
                    )
                    for low, high, share in f.tranches
                ],
            ]
        )
    }
Frais minimaux : {whole(f.floor)} € HT. Frais maximaux : {whole(f.cap)} € HT.
= IV. Frais de contrôle annuel
+ Partie forfaitaire : {whole(f.control)} € HT
+ Partie selon les qualifications détenues :
{table([("Code tarif", "Prix HT (€)"), *held])}
Lorsque de nouvelles qualifications sont demandées lors du contrôle, un forfait de {
        whole(f.new)
    } € HT s’ajoute ; leurs prix
sont ceux de l’instruction.
"""


def without_rules(f: Figures) -> Sheet:
    """One table of all flat amounts, one of both prices side by side, none ruled; amounts to the cent."""
    flats = [
        ("Prestation", "Montant HT"),
        ("Dossier de candidature", f"{to_the_cent(f.dossier)} €"),
        ("Instruction : part fixe", f"{to_the_cent(f.instruction)} €"),
        ("Contrôle annuel : part fixe", f"{to_the_cent(f.control)} €"),
        ("Contrôle annuel : forfait pour nouvelles demandes", f"{to_the_cent(f.new)} €"),
    ]
    prices = [("Tarif", "Instruction", "Contrôle annuel")]
    prices += [(str(code), to_the_cent(f.asked[code]), to_the_cent(f.held[code])) for code in f.asked]
    slices = [("Au-dessus de (€)", "Jusqu’à (€)", "Taux (‰)")]
    slices += [(whole(low), whole(high) if high else "–", rate(share)) for low, high, share in f.tranches]
    return f"""
= Grille tarifaire au {f.day}
{table(flats, ruled=False, widths="1fr, auto")}
== Prix par qualification, en euros HT
{table(prices, ruled=False, widths="1fr, 1fr, 1fr")}
== Redevance de marque, pour {f.years} ans
{table(slices, ruled=False, widths="1fr, 1fr, 1fr")}
Minimum de {to_the_cent(f.floor)} € et maximum de {to_the_cent(f.cap)} €. Pour qui ne détient que des qualifications d’audit
énergétique ({" / ".join(f.codes)}), seul compte le chiffre d’affaires d’audit énergétique.
"""


def letter(f: Figures) -> Sheet:
    """Sentences alone."""
    asked = ", ".join(f"{whole(price)} € au tarif {code}" for code, price in f.asked.items())
    held = ", ".join(f"{whole(price)} € au tarif {code}" for code, price in f.held.items())
    slices = ", puis ".join(
        f"{rate(share)} ‰ de {whole(low)} € à {whole(high)} €"
        if high
        else f"{rate(share)} ‰ au-delà de {whole(low)} €"
        for low, high, share in f.tranches
    )
    return f"""
#set par(justify: true)
Madame, Monsieur,

Voici nos conditions, en vigueur à compter du {f.day}.

Le dossier de demande coûte {whole(f.dossier)} € HT. L’instruction comprend un montant forfaitaire de {whole(f.instruction)} € HT
et, par qualification demandée, {asked}.

L’usage de la marque est dû tous les {f.years} ans. Son montant est de {slices} ; il comporte un plancher de {whole(f.floor)} € HT
et un plafond de {whole(f.cap)} € HT. Le chiffre d’affaires retenu est celui d’« audit énergétique » pour les structures qui ont
seulement une ou plusieurs des qualifications {", ".join(f.codes[:-1])} et {f.codes[-1]}.

Le contrôle annuel comprend un montant forfaitaire de {whole(f.control)} € HT et, par qualification détenue, {held}. Les nouvelles
qualifications demandées à cette occasion donnent lieu à un forfait de {whole(f.new)} € HT.

Recevez, Madame, Monsieur, nos salutations.
"""


def two_columns(f: Figures) -> Sheet:
    """The same parts as on a leaflet, in two columns."""
    return f"#set page(columns: 2)\n#set text(size: 9pt)\n{by_headings(f)}"


def several_pages(f: Figures) -> Sheet:
    """On small pages with a heading and a footing, tables broken across them."""
    page = "height: 9cm, width: 16cm, margin: 1.6cm, header: [Barème des qualifications], footer: context [Page #counter(page).display()]"
    return f"#set page({page})\n{by_headings(f)}"


def across(f: Figures) -> Sheet:
    """The tariff codes along the top of a table, one row for each fee; rates in per cent."""
    prices = [("Code tarif", *map(str, f.asked)), ("Frais d’instruction", *map(whole, f.asked.values()))]
    prices += [("Frais de contrôle", *map(whole, f.held.values()))]
    slices = ""
    for low, high, share in f.tranches:
        between = f"plus de {whole(low)} €" if high is None else f"de {whole(low)} à {whole(high)} €"
        first = f"jusqu’à {whole(high)} €" if high and not low else between
        slices += f"- {first} : {share / 10:.3f} %\n".replace(".", ",")
    return f"""
*Barème du {f.day}*
#v(1em)
A. Dossier de première demande : {whole(f.dossier)} euros hors taxes

B. Frais d’instruction, forfait : {whole(f.instruction)} euros hors taxes

C. Frais de contrôle annuel, forfait : {whole(f.control)} euros hors taxes ; pour les nouvelles demandes, forfait
de {whole(f.new)} euros hors taxes

D. Prix par qualification (euros hors taxes)
{table(prices)}
E. Droit d’usage de la marque ({f.years} ans), sur le chiffre d’affaires :
{slices}
Montant minimum : {whole(f.floor)} euros. Montant maximum : {whole(f.cap)} euros.

Audit énergétique seulement ({", ".join(f.codes)}) : chiffre d’affaires d’audit énergétique.
"""


def half_way(f: Figures) -> Sheet:
    """Narrow tables whose cells are set half-way down, in several lines each."""
    flats = [
        ("Objet", "Quand", "Prix HT"),
        (
            "Dossier de première demande d’une ou de plusieurs qualifications",
            "à l’achat",
            f"{whole(f.dossier)} €",
        ),
        (
            "Instruction : partie forfaitaire due à chaque dépôt de dossier, première demande ou renouvellement",
            "au dépôt",
            f"{whole(f.instruction)} €",
        ),
        (
            "Contrôle annuel : partie forfaitaire due à chaque contrôle",
            "au contrôle",
            f"{whole(f.control)} €",
        ),
        (
            "Contrôle annuel : forfait s’il y a de nouvelles qualifications",
            "au contrôle",
            f"{whole(f.new)} €",
        ),
    ]
    prices = [("Code", "Frais d’instruction", "Frais de contrôle")]
    prices += [
        (f"Tarif {code}", f"{to_the_cent(f.asked[code])} €", f"{to_the_cent(f.held[code])} €")
        for code in f.asked
    ]
    slices = [
        ("Tranche", "Taux"),
        *((between(low, high), f"{rate(share)} ‰") for low, high, share in f.tranches),
    ]
    return f"""
#set table(align: horizon)
Barème applicable à compter du {f.day}
{table(flats, widths="4cm, 3cm, 3cm")}
{table(prices)}
*Utilisation de la marque* (pour {f.years} ans)
{table(slices)}
Minimum : {whole(f.floor)} € -- maximum : {whole(f.cap)} €

Codes {", ".join(f.codes)} exclusivement : base « audit énergétique ».
"""


def between(low: int, high: int | None) -> str:
    if high is None:
        return f"Au-delà de {whole(low)} €"
    return f"De {whole(low)} € à {whole(high)} €" if low else f"Jusqu’à {whole(high)} €"


def in_english(f: Figures) -> Sheet:
    """In English, with its notation: the sign first, points and commas the other way round."""

    def euros(amount: Decimal | int) -> str:
        return f"€{Decimal(amount):,.2f}"

    prices = [("Tariff", "Instruction", "Annual control")]
    prices += [(f"Tariff {code}", euros(f.asked[code]), euros(f.held[code])) for code in f.asked]
    slices = [("Turnover", "Rate")]
    for low, high, share in f.tranches:
        limits = f"Over {euros(low)}" if high is None else f"{euros(low)} to {euros(high)}"
        slices.append((f"Up to {euros(high)}" if high and not low else limits, f"{share:.2f} per mille"))
    day = "-".join(reversed(f.day.split("/")))
    return f"""
= Fee schedule, {day}
Application file: {euros(f.dossier)} excl. VAT

Instruction fee, flat part: {euros(f.instruction)} excl. VAT

Annual control fee, flat part: {euros(f.control)} excl. VAT. New qualifications asked for at the control: flat fee of
{euros(f.new)} excl. VAT.
{table(prices)}
Brand usage fee, every { {"quatre": "four", "cinq": "five"}[f.years] } years:
{table(slices)}
Minimum: {euros(f.floor)}. Maximum: {euros(f.cap)}. Only energy audits ({", ".join(f.codes)}): the « audit énergétique »
turnover.
"""


def landscape(f: Figures) -> Sheet:
    """Pages on their side, letters in large."""
    return f"#set page(flipped: true)\n#set text(size: 14pt)\n{by_headings(f)}"


def bullets(f: Figures) -> Sheet:
    """Lists within lists, one figure an item."""

    def prices(by_tariff: Mapping[int, Decimal]) -> str:
        return "".join(f"  - tarif {code} : {whole(price)} € HT\n" for code, price in by_tariff.items())

    slices = "".join(
        f"  - {rate(share)} ‰ {between(low, high)[0].lower()}{between(low, high)[1:]}\n"
        for low, high, share in f.tranches
    )
    return f"""
Tarifs au {f.day}
- Dossier postulant : {whole(f.dossier)} € HT
- Instruction
  - partie forfaitaire : {whole(f.instruction)} € HT
{prices(f.asked)}
- Contrôle annuel
  - partie forfaitaire : {whole(f.control)} € HT
{prices(f.held)}
  - nouvelles qualifications : {whole(f.new)} € HT (forfait)
- Utilisation de la marque, tous les {f.years} ans
{slices}
  - plancher {whole(f.floor)} € HT, plafond {whole(f.cap)} € HT
  - audit énergétique seul : {", ".join(f.codes)}
"""


LAYOUTS: Mapping[str, Callable[[Figures], Sheet]] = {
    layout.__name__: layout
    for layout in (
        by_headings,
        without_rules,
        letter,
        two_columns,
        several_pages,
        across,
        half_way,
        in_english,
        landscape,
        bullets,
    )
}


def pdf(sheet: Sheet) -> bytes:
    import typst

    return bytes(typst.compile(sheet.encode(), ignore_system_fonts=True))
