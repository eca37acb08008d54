"""``opqibi-fees turnover-from-fee``: every turnover that gives a fee by tranches."""

from datetime import date
from typing import Annotated

from opqibi_rules.cli.options import argument, facts, on_day, option, takes
from opqibi_rules.cli.result import DONE, NOT_IN_ORDER, Result, answer
from opqibi_rules.messages import Message, Text, marked
from opqibi_rules.paper.document import Cell, Document
from opqibi_rules.paper.shape import Voice
from opqibi_rules.price.inversion import (
    FoundTurnovers,
    TurnoversShape,
    by_turnover_alone,
    chosen,
    turnovers_from_fee,
)
from opqibi_rules.tables.library import Tables

EXAMPLES = ("opqibi-fees turnover-from-fee 1657.50", "opqibi-fees turnover-from-fee 180 --format json")

Amount = Annotated[str, argument("EUR", marked("The fee, excl. VAT, for all the years that it covers."))]
FeeId = Annotated[str | None, option("--fee ID", marked("Which fee (default: the first on a turnover)."))]


@takes(on_day, facts, answer)
def command(
    on: date,
    tables: Tables,
    result: Result,
    amount: Amount,
    fee_id: FeeId = None,
) -> int:
    """From a fee back to the turnovers."""
    schedule = tables.schedule(on)
    found = turnovers_from_fee(amount, schedule, fee_id)
    fee = chosen(fee_id, by_turnover_alone(schedule), schedule).fee

    def document() -> Document:
        facts: list[tuple[Message, Cell | Message | Text]] = [(Message("Schedule"), schedule.title)]
        if found is None:
            return Document(Message("{fee}: no turnover gives that amount.", fee=fee.title), facts)
        facts += [
            (Message("From"), Cell(found.lowest, "euro")),
            (Message("To"), Message("no limit") if found.highest is None else Cell(found.highest, "euro")),
        ]
        title = Message("{fee}: turnover that gives {amount:euro}", fee=fee.title, amount=found.fee)
        return Document(title, facts)

    result.put_document(document, lambda _: TurnoversShape.written(FoundTurnovers(schedule, found), Voice()))
    return NOT_IN_ORDER if found is None else DONE
