"""``opqibi-fees turnover-from-fee``: every turnover that gives a brand-usage fee."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opqibi_rules.cli.asking import facts, on_day
from opqibi_rules.cli.options import (
    DONE,
    NOT_IN_ORDER,
    Format,
    Lang,
    Output,
    Result,
)
from opqibi_rules.cli.takes import takes
from opqibi_rules.messages import Message, marked
from opqibi_rules.price.inversion import turnovers_from_fee
from opqibi_rules.tables.library import Tables

if TYPE_CHECKING:
    from opqibi_rules.paper.document import Document
    from opqibi_rules.paper.language import Language

HELP = marked("The turnovers, to the cent, that give a brand-usage fee.")
EXAMPLES = ("opqibi-fees turnover-from-fee 1657.50", "opqibi-fees turnover-from-fee 180 --format json")

Fee = Annotated[
    str, typer.Argument(metavar="EUR", help=marked("The brand-usage fee, excl. VAT, for four years."))
]


@takes(on_day, facts)
def command(
    on: date,
    tables: Tables,
    fee: Fee,
    lang: Lang = None,
    form: Format = None,
    output: Output = None,
) -> int:
    """Invert article III."""
    result = Result(lang, form, output)
    schedule = tables.schedule(on)
    found = turnovers_from_fee(fee, schedule)

    def content(_: "Language") -> dict[str, Any]:
        turnovers = None if found is None else found.to_dict()
        return {"schema_version": 1, "schedule": schedule.id, "turnovers": turnovers}

    def document() -> "Document":
        from opqibi_rules.paper.document import Cell, Document

        facts: list[Any] = [(Message("Schedule"), schedule.title)]
        if found is None:
            return Document(Message("No turnover gives this brand-usage fee."), facts)
        facts += [
            (Message("From"), Cell(found.lowest, "euro")),
            (Message("To"), Message("no limit") if found.highest is None else Cell(found.highest, "euro")),
        ]
        return Document(Message("Turnover for a brand-usage fee of {fee:euro}", fee=found.fee), facts)

    result.put_document(document, content)
    return NOT_IN_ORDER if found is None else DONE
