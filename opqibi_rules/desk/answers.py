"""The JSON of every answer, by name: what ``/openapi.json`` describes, and the JSON Schemas inside the package.

``python -m opqibi_rules.desk`` writes the schemas anew, into ``opqibi_rules/schemas/``.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from opqibi_rules.certificate.check import CertificateReportShape
from opqibi_rules.certificate.controls import ControlHistoryShape
from opqibi_rules.certificate.firms_check import FirmsCheckShape
from opqibi_rules.invoice.check import InvoiceCheckShape
from opqibi_rules.invoice.reading.found import NoInvoiceShape
from opqibi_rules.paper.json_schema import document_of, name_of
from opqibi_rules.paper.shape import Shape
from opqibi_rules.price.explanation import ExplainedQuoteShape
from opqibi_rules.price.inversion import TurnoversShape
from opqibi_rules.price.planning.comparison import ComparisonShape, OneMoreShape, RiseShape
from opqibi_rules.price.planning.plan import PlanShape
from opqibi_rules.price.planning.portfolio import PortfolioShape
from opqibi_rules.price.quote import QuoteShape
from opqibi_rules.tables.facts import TableShape
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.nomenclature import NomenclatureShape

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"


class SchedulesShape(Shape, of=Tables):
    """The editions of the fee schedule at hand."""

    schema_version: Literal[1] = 1
    schedules: tuple[TableShape, ...]


class Health(NamedTuple):
    """How a server is."""

    status: Literal["ok"]
    version: str


class HealthShape(Shape, of=Health):
    """The server answers."""

    status: Literal["ok"]
    version: str


RESULTS: Mapping[str, type[Shape]] = {
    name_of(shape): shape
    for shape in (
        QuoteShape,
        ExplainedQuoteShape,
        PlanShape,
        PortfolioShape,
        TurnoversShape,
        ComparisonShape,
        OneMoreShape,
        RiseShape,
        InvoiceCheckShape,
        CertificateReportShape,
        FirmsCheckShape,
        ControlHistoryShape,
    )
}
"""The results of commands, by name."""
ANSWERS: Mapping[str, type[Shape]] = {
    **RESULTS,
    **{name_of(shape): shape for shape in (SchedulesShape, NomenclatureShape, HealthShape, NoInvoiceShape)},
}
"""All that the HTTP API answers, by name."""


def schema_files() -> dict[Path, str]:
    """The JSON Schema of each result, as its file in the package holds it."""
    return {
        SCHEMAS / f"{_dashed(name)}.schema.json": json.dumps(document_of(shape), ensure_ascii=False, indent=2)
        + "\n"
        for name, shape in RESULTS.items()
    }


def _dashed(name: str) -> str:
    """``InvoiceCheck`` as ``invoice-check``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
