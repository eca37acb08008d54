"""A plan or a quote on A4 pages: PDF/A-2a to be archived, PDF/UA-1 to be read by everybody.

The pages are set by Typst from ``pdf.typ``, in Libertinus Serif, which the library brings along: it has the
narrow no-break space of French amounts, and embeds it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from opqibi_rules.messages import Message, Text
from opqibi_rules.paper.document import Cell, Table, right_columns, shown
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.language import Language
from opqibi_rules.price.curve import Curve, curves
from opqibi_rules.price.papers.chart import Picture, turnover_curves, yearly_cost
from opqibi_rules.price.papers.plan_document import (
    dates_table,
    lines_table,
    not_priced_table,
    payments_table,
    plan_facts,
    plan_title,
    structure_facts,
    turnover_facts,
    years_table,
)
from opqibi_rules.price.papers.quote_document import calculation_table, quote_document
from opqibi_rules.price.plan import Plan, Sums
from opqibi_rules.price.quote import Quote
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.facts import Assumption
from opqibi_rules.tables.schedule import Schedule
from opqibi_rules.version import __version__

_TEMPLATE = Path(__file__).with_suffix(".typ")
_STANDARDS = ["a-2a", "ua-1"]


def plan_pdf(plan: Plan, language: Language, *, made_on: date) -> bytes:
    """The plan on two pages or so: payments and years, then the lines with their articles, dates and notes.

    Raises:
        RequestError: the « pdf » or the « chart » extra is not installed.
    """
    pages = _Pages(language)
    pages.table(payments_table(plan))
    pages.picture(yearly_cost(plan, language))
    pages.table(years_table(plan))
    pages.table(dates_table(plan))
    if plan.not_priced:
        pages.table(not_priced_table(plan))
    pages.table(lines_table(plan))
    pages.curves(payment.quote for payment in plan.payments)
    pages.notes(plan.notes, plan.assumptions)
    return pages.set(plan_title(plan), plan_facts(plan), _figures(plan.sums), plan.schedules, made_on)


def quote_pdf(
    quote: Quote, language: Language, *, made_on: date, structure: Structure | None = None
) -> bytes:
    """The quote on one page or two: lines with their articles, calculation, fees by tranches drawn, notes.

    Raises:
        RequestError: the « pdf » or the « chart » extra is not installed.
    """
    document = quote_document(quote)
    facts = [*structure_facts(structure), *document.facts, *turnover_facts([quote])]
    pages = _Pages(language)
    for table in document.tables:
        pages.table(table)
    pages.table(calculation_table(quote))
    pages.curves([quote])
    pages.notes(quote.notes, quote.assumptions)
    return pages.set(document.title, facts, _figures(quote), [quote.schedule], made_on)


def _figures(sums: Quote | Sums) -> list[tuple[Message, Cell]]:
    """The totals, in large figures."""
    return [
        (Message("Total excl. VAT"), Cell(sums.total_excl_vat, "euro")),
        (Message("VAT"), Cell(sums.vat, "euro")),
        (Message("Total incl. VAT"), Cell(sums.total_incl_vat, "euro")),
    ]


class _Pages:
    """What stands on the pages, in order, as the template takes it."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.parts: list[Mapping[str, object]] = []

    def table(self, table: Table) -> None:
        say = self.language.say
        right = right_columns(table)
        rows = [[shown(cell, self.language) for cell in row] for row in table.rows]
        longest = [max((len(row[column]) for row in rows), default=0) for column in range(len(table.columns))]
        wide = longest.index(max(longest, default=0)) if longest else 0
        self.parts.append(
            {
                "kind": "table",
                "title": say(table.title) if table.title else "",
                "columns": [say(name) for name in table.columns],
                "right": sorted(right),
                "widths": ["rest" if column == wide else "auto" for column in range(len(table.columns))],
                "rows": [{"cells": row, "strong": index in table.strong} for index, row in enumerate(rows)],
            }
        )

    def curves(self, quotes: Iterable[Quote]) -> None:
        """The fees by tranches, each at the first turnover that the quotes take for it."""
        found: dict[str, Curve] = {}
        for curve in (curve for quote in quotes for curve in curves(quote)):
            if curve.turnover is not None:
                found.setdefault(curve.fee.id, curve)
        if found:
            self.picture(turnover_curves(tuple(found.values()), self.language))

    def picture(self, picture: Picture) -> None:
        self.parts.append(
            {
                "kind": "picture",
                "title": picture.title,
                "svg": picture.render("svg").decode(),
                "alternative": picture.alternative,
            }
        )

    def notes(self, notes: Iterable[Message], assumptions: Iterable[Assumption]) -> None:
        """The notes, and the interpretations without their reasons, which ``--explain`` gives."""
        items = [self.language.say(note) for note in notes]
        items += [self.language.said(item.text) for item in assumptions]
        self.parts.append({"kind": "notes", "title": self.language.say(Message("Notes")), "items": items})

    def set(
        self,
        title: Message,
        facts: Iterable[tuple[Message, Cell | Message | Text | str]],
        figures: Sequence[tuple[Message, Cell]],
        schedules: Iterable[Schedule],
        made_on: date,
    ) -> bytes:
        """The file."""
        typst, language = load("typst", extra="pdf"), self.language
        say = language.say
        sources = "; ".join(language.said(schedule.title) for schedule in schedules)
        data = {
            "lang": language.name,
            "title": say(title),
            "description": say(Message("Reckoned by opqibi-rules from the OPQIBI fee schedule.")),
            "made": say(Message("Made on {day:date}", day=made_on)),
            "facts": [[say(label), shown(value, language)] for label, value in facts],
            "figures": [[say(label), shown(value, language)] for label, value in figures],
            "parts": self.parts,
            "foot": say(
                Message(
                    "{schedule}. Reckoned by opqibi-rules {version}; amounts in euros.",
                    schedule=sources,
                    version=__version__,
                )
            ),
        }
        made = typst.compile(
            _TEMPLATE.read_bytes(),
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data)},
            pdf_standards=_STANDARDS,
            timestamp=int(datetime.combine(made_on, time(), UTC).timestamp()),
        )
        return bytes(made)
