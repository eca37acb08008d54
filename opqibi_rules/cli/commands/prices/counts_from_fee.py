"""``opqibi-fees counts-from-fee``: every count by tariff code that gives a fee by qualification."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from opqibi_rules.cli.options import argument, facts, on_day, option, takes
from opqibi_rules.cli.result import DONE, NOT_IN_ORDER, Result, answer
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message, marked
from opqibi_rules.money import to_amount
from opqibi_rules.paper.document import Cell, Document, Table
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.price.inversion import MOST_QUALIFICATIONS, by_qualification, chosen, counts_from_fee
from opqibi_rules.tables.library import Tables

EXAMPLES = (
    "opqibi-fees counts-from-fee 1280",
    "opqibi-fees counts-from-fee 245 --fee annual_control --most 10 --format json",
)

Amount = Annotated[str, argument("EUR", marked("The fee, excl. VAT, flat part included."))]
FeeId = Annotated[str | None, option("--fee ID", marked("Which fee (default: the first by qualification)."))]
Most = Annotated[int, option("--most N", marked("At most so many qualifications in all (default 20)."))]
_SHOWN = 40


@takes(on_day, facts, answer)
def command(
    on: date,
    tables: Tables,
    result: Result,
    amount: Amount,
    fee_id: FeeId = None,
    most: Most = MOST_QUALIFICATIONS,
) -> int:
    """From a fee back to the counts."""
    if not 1 <= most <= 60:
        raise RequestError("--most: {most} is not between 1 and 60.", most=most)
    schedule = tables.schedule(on)
    found = counts_from_fee(amount, schedule, fee_id=fee_id, most=most)
    fee = chosen(fee_id, by_qualification(schedule), schedule).fee

    def content(_: Language) -> Json:
        counts = [{str(tariff): count for tariff, count in item.items()} for item in found]
        return {"schema_version": 1, "schedule": schedule.id, "fee": fee.id, "most": most, "counts": counts}

    def document() -> Document:
        notes = [
            Message(
                "All the combinations of at most {most} qualifications: {count}.", most=most, count=len(found)
            )
        ]
        if len(found) > _SHOWN:
            notes.append(Message("The first {shown} are shown; --format json has them all.", shown=_SHOWN))
        tables = [_table(found[:_SHOWN], schedule.tariffs)] if found else []
        return Document(
            Message("Counts that give {amount:euro}", amount=to_amount(amount)), (), tables, notes
        )

    result.put_document(document, content)
    return DONE if found else NOT_IN_ORDER


def _table(found: Sequence[Mapping[int, int]], tariffs: Sequence[int]) -> Table:
    """The counts, a line each: how many at each tariff, and in all."""
    columns = (*(Message("Tariff {tariff}", tariff=tariff) for tariff in tariffs), Message("Qualifications"))
    rows = [
        (*(Cell(item.get(tariff), "count") for tariff in tariffs), Cell(sum(item.values()), "count"))
        for item in found
    ]
    return Table(columns, rows)
