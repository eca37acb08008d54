"""``opqibi-fees invoice``: from a quote, an invoice that any platform receives."""

from pathlib import Path
from typing import Annotated

import typer

from opqibi_rules.cli.options import DONE, Lang, Output, Result, TablesFolder, format_option
from opqibi_rules.cli.quote import (
    AuditTurnover,
    Day,
    Event,
    New,
    NewTariffs,
    Probationary,
    Qualifications,
    StructureFile,
    Tariffs,
    Turnover,
    Vat,
    quote_of,
)
from opqibi_rules.messages import marked

HELP = marked("An electronic invoice (Factur-X, profile EN 16931) from a quote: a PDF, or its XML alone.")
EXAMPLES = (
    "opqibi-fees invoice -t 1=5 -t 2=3 --turnover 800000 --number F-2026-12 --parties parties.yaml -o F-2026-12.pdf",
    "opqibi-fees invoice -t 1=5 --fees dossier,instruction --number F-13 --parties parties.yaml -o F-13.xml",
)

Number = Annotated[str, typer.Option("--number", metavar="TEXT", help=marked("The number of the invoice."))]
Parties = Annotated[
    str,
    typer.Option(
        "--parties", metavar="FILE", help=marked("The seller and the buyer, YAML or JSON (see the guide).")
    ),
]
Fees = Annotated[
    str | None,
    typer.Option(
        "--fees",
        metavar="FEE,…",
        help=marked("The fees billed: dossier, instruction, brand_usage, annual_control (default: all)."),
    ),
]
Form = Annotated[str | None, format_option("xml", "pdf")]


def command(
    number: Number,
    parties: Parties,
    event: Event = "first",
    qualification: Qualifications = [],
    probationary: Probationary = [],
    tariff: Tariffs = [],
    new: New = [],
    new_tariff: NewTariffs = [],
    turnover: Turnover = None,
    audit_turnover: AuditTurnover = None,
    day: Day = None,
    vat: Vat = None,
    structure: StructureFile = None,
    fees: Fees = None,
    tables: TablesFolder = None,
    lang: Lang = None,
    form: Form = None,
    output: Output = None,
) -> int:
    """Write an invoice."""
    from opqibi_rules.invoice.issuing import invoice_of
    from opqibi_rules.invoice.papers.einvoice import xml_of
    from opqibi_rules.invoice.papers.page import pdf_of
    from opqibi_rules.invoice.reading.parties_file import read_parties

    result = Result(lang, form, output)
    answer = quote_of(
        event=event,
        qualifications=qualification,
        probationary=probationary,
        tariffs=tariff,
        new_qualifications=new,
        new_tariffs=new_tariff,
        turnover=turnover,
        audit_turnover=audit_turnover,
        on=day,
        vat=vat,
        structure=structure,
        tables=tables,
    )
    who = read_parties(Path(parties))
    invoice = invoice_of(
        answer,
        number,
        seller=who.seller.party(),
        buyer=who.buyer.party(),
        fees=[fee.strip() for fee in fees.split(",")] if fees else None,
        say=result.language.say,
    )
    result.put({"xml": lambda: xml_of(invoice, who), "pdf": lambda: pdf_of(invoice, who, result.language)})
    return DONE
