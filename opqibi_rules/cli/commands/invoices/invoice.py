"""``opqibi-fees invoice``: from a quote, an invoice that any platform receives."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from opqibi_rules.cli.options import facts, on_day, option, question, takes
from opqibi_rules.cli.result import DONE, Result, answer_in, note
from opqibi_rules.messages import Message, marked
from opqibi_rules.price.question import Asked
from opqibi_rules.price.quote import quote
from opqibi_rules.tables.library import Tables

if TYPE_CHECKING:
    from opqibi_rules.invoice.model import Invoice
    from opqibi_rules.invoice.reading.parties_file import PartiesModel

EXAMPLES = (
    "opqibi-fees invoice -t 1=5 -t 2=3 --turnover 800000 --number F-2026-12 --parties parties.yaml -o F-2026-12.pdf",
    "opqibi-fees invoice -t 1=5 --fees dossier,instruction --number F-13 --parties parties.yaml -o F-13.xml",
)

Number = Annotated[str, option("--number TEXT", marked("The number of the invoice."))]
Parties = Annotated[
    str, option("--parties FILE", marked("The seller and the buyer, YAML or JSON (see the guide)."))
]
Fees = Annotated[
    str | None,
    option("--fees FEE,…", marked("The fees billed, by their ids in the schedule (default: all).")),
]


@takes(question, on_day, facts, answer_in("xml", "pdf"))
def command(
    asked: Asked,
    on: date,
    tables: Tables,
    result: Result,
    number: Number,
    parties: Parties,
    fees: Fees = None,
) -> int:
    """Write an invoice."""
    from opqibi_rules.invoice.issuing import invoice_of, same_territory
    from opqibi_rules.invoice.papers.einvoice import xml_of
    from opqibi_rules.invoice.papers.page import pdf_of
    from opqibi_rules.invoice.reading.parties_file import read_parties

    answer = quote(on=on, tables=tables, **asked)
    who = read_parties(Path(parties))
    same_territory(answer, who.buyer.party(), tables)
    invoice = invoice_of(
        answer,
        number,
        seller=who.seller.party(),
        buyer=who.buyer.party(),
        fees=[fee.strip() for fee in fees.split(",")] if fees else None,
        say=result.language.say,
    )
    for warning in _warnings(who, invoice):
        note(result.language.say(warning))
    result.put({"xml": lambda: xml_of(invoice, who), "pdf": lambda: pdf_of(invoice, who, result.language)})
    return DONE


def _warnings(who: "PartiesModel", invoice: "Invoice") -> Iterator[Message]:
    """What may have an invoice refused that is written all the same."""
    from opqibi_rules.identifiers import has_right_key

    for party in (who.seller, who.buyer):
        if party.siren is not None and not has_right_key(party.siren):
            yield Message(
                "{name}: the key of the SIREN {siren} does not fit its digits; a platform may refuse the invoice.",
                name=party.name,
                siren=party.siren,
            )
    due = who.payment.due
    if due is not None and invoice.issued is not None and due < invoice.issued:
        yield Message(
            "payment.due: {due:date} is before the day of the invoice, {issued:date}.",
            due=due,
            issued=invoice.issued,
        )
