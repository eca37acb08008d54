"""Nomenclatures on paper, made for the tests: the same entries in many layouts."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Line(NamedTuple):
    code: str
    name: str
    tariff: int | None = None


ENTRIES: Sequence[Line] = (
    Line("0103", "AMO en technique", 1),
    Line("0316", "CSPS de niveau 2 en phases « conception et réalisation »", 2),
    Line("0607", "Audit énergétique des activités de transport de marchandises ou de personnes", 5),
    Line("1104", "Voirie / réseaux divers, courants", 2),
    Line("1202", "Étude de structures en béton courantes", 1),
    Line(
        "1203",
        "Étude de structures en béton complexes, de grande hauteur ou soumises à des charges particulières",
        3,
    ),
    Line("1405", "Ingénierie en électricité courants faibles", 1),
    Line("1905", "Audit énergétique des bâtiments (tertiaires et/ou habitations collectives)", 7),
    Line("2014", "Ingénierie des installations de production d’énergie solaire photovoltaïque", 4),
)
OTHERS: Sequence[Line] = tuple(
    Line(
        f"{20 + at // 10:02}{at % 10 + 1:02}",
        f"Étude des ouvrages de la sorte {chr(65 + at % 26)}",
        at % 7 + 1,
    )
    for at in range(60)
)


def ruled(entries: Sequence[Line]) -> str:
    """A table with headings, ruled, that breaks across pages."""
    cells = "".join(f"[{line.code}],[{line.name}],[{line.tariff or ''}]," for line in entries)
    return f"#table(columns: (2cm, 8cm, 2.5cm), table.header[*Code*][*Intitulé*][*Code tarif*], {cells})"


def unruled(entries: Sequence[Line]) -> str:
    """The same without rules, the tariff first."""
    cells = "".join(f"[{line.tariff or ''}],[{line.code}],[{line.name}]," for line in entries)
    return f"#table(columns: (2cm, 2cm, 9cm), stroke: none, [Tarif],[Code],[Libellé], {cells})"


def listed(entries: Sequence[Line]) -> str:
    """One paragraph each, the tariff after the name."""
    return "\n\n".join(
        f"{line.code} – {line.name}{f' (tarif {line.tariff})' if line.tariff else ''}" for line in entries
    )


def sheets(entries: Sequence[Line]) -> str:
    """An index with the pages, then one part each: its definition, its tariff on a line of its own."""
    index = "\n\n".join(
        f"{line.code} {line.name} #box(width: 1fr, repeat[.]) {at + 2}" for at, line in enumerate(entries)
    )
    parts = "\n".join(
        f"#pagebreak()\n{line.code} {line.name}\n#v(6pt)\nCette qualification concerne des études menées en {1990 + at}.\n\n"
        + (f"Code tarif : {line.tariff}\n" if line.tariff else "")
        for at, line in enumerate(entries)
    )
    return f"= Index\n{index}\n{parts}"


def columns(entries: Sequence[Line]) -> str:
    """In two columns."""
    return f"#set page(columns: 2)\n{listed(entries)}"


LAYOUTS: Mapping[str, Callable[[Sequence[Line]], str]] = {
    layout.__name__: layout for layout in (ruled, unruled, listed, sheets, columns)
}
