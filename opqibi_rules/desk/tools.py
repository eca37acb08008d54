"""The tools of an assistant: what each is for, in words that a language model reads; what it takes and gives."""

from collections.abc import Mapping
from typing import NamedTuple

from opqibi_rules.certificate.check import CertificateReportShape
from opqibi_rules.certificate.controls import ControlHistoryShape
from opqibi_rules.certificate.firms_check import FirmsCheckShape
from opqibi_rules.desk.requests import (
    CertificateRequest,
    CertificatesRequest,
    CompareRequest,
    ControlsRequest,
    InvoiceRequest,
    NomenclatureRequest,
    PlanRequest,
    ProgramRequest,
    QuoteRequest,
    TurnoversRequest,
)
from opqibi_rules.invoice.check import InvoiceCheckShape
from opqibi_rules.paper.json_schema import definitions, name_of
from opqibi_rules.paper.shape import Json, Shape
from opqibi_rules.price.inversion import TurnoversShape
from opqibi_rules.price.planning.comparison import ComparisonShape, OneMoreShape
from opqibi_rules.price.planning.plan import PlanShape
from opqibi_rules.price.quote import QuoteShape
from opqibi_rules.tables.nomenclature import NomenclatureShape

INSTRUCTIONS = (
    "OPQIBI certifies French engineering firms. These tools give the exact fees of its published schedule and judge "
    "certificates and invoices. Report their figures as they stand, with their articles and notes, and compute none "
    "yourself. « undetermined » is an answer: say what is missing. Never guess the tariff code of a qualification, a "
    "turnover or a SIREN: ask the user. A refusal lists `errors`, each with the argument (`field`) to mend."
)
_REFERENCE = "#/$defs/{}"
_SEVERAL = "answers"
"""Where several answers stand."""


class Tool(NamedTuple):
    """A question that an assistant may ask."""

    title: str
    description: str
    request: type[ProgramRequest]
    shapes: tuple[type[Shape], ...]
    """Of its answer, one or the other."""
    paths: Mapping[str, str] = {}
    """The arguments that name files of this machine, and what each is; the first is needed."""
    several: bool = False
    """A file may hold several, answered together under ``answers``."""

    @property
    def input_schema(self) -> Json:
        """What it takes: the fields of its request, and where its files are."""
        schema = self.request.model_json_schema()
        for name in ("title", "description"):  # said of the tool
            schema.pop(name, None)
        paths = {name: {"type": "string", "description": text} for name, text in self.paths.items()}
        schema["properties"] = {**paths, **schema["properties"]}
        schema["required"] = [*list(paths)[:1], *schema.get("required", ())]
        return schema

    @property
    def output_schema(self) -> Json:
        """What it gives: the JSON of the command of its name."""
        references = [{"$ref": _REFERENCE.format(name_of(shape))} for shape in self.shapes]
        forms: list[Json] = [*references]
        if self.several:
            listed = {"type": "array", "items": references[0]}
            forms.append({"type": "object", "required": [_SEVERAL], "properties": {_SEVERAL: listed}})
        return {"type": "object", "anyOf": forms, "$defs": definitions(self.shapes, _REFERENCE)}


TOOLS: Mapping[str, Tool] = {
    "quote": Tool(
        "The price of an OPQIBI event, each euro with its article",
        "Price one OPQIBI event on a day: a first application (`first`), a renewal or an annual control. Use it for "
        '« how much does it cost ». Give what is held or asked for as counts by tariff code (`tariffs`: {"1": 5}) or '
        'as codes with their tariff (`qualifications`: ["1905:5"]), and the last turnover. Where `complete` '
        "is false, `missing` names the fees left out and `range` what they may come to: never call the sum a total.",
        QuoteRequest,
        (QuoteShape,),
    ),
    "plan": Tool(
        "What will be paid over the years, when, and which year bears it",
        "Every OPQIBI payment of the years to come (4 by default), each priced on its own day, with totals, the cost "
        "of each financial year and the dates not to be missed. Use it for budgets and deadlines; `quote` is enough "
        "for one event. It takes the arguments of `quote`, `start` for the day, and what is known of the years.",
        PlanRequest,
        (PlanShape,),
    ),
    "compare": Tool(
        "What each choice costs, side by side",
        "Compare choices over a plan. With `add` or `add_tariffs`: ask for them now, at the next control, at the "
        "renewal, or never. With `drop` or `drop_tariffs`: keep them, or give them up at the next event. "
        "With `others`: this plan beside other plans over the same years. With none of these: what one more "
        "qualification at each tariff, and the next euro of turnover, cost. One question at a time.",
        CompareRequest,
        (ComparisonShape, OneMoreShape),
    ),
    "check-invoice": Tool(
        "Is an OPQIBI invoice right, and if not, why",
        "Check an invoice from OPQIBI, a file of this machine, against what was asked for (`expected`: the arguments "
        "of `quote`). `verdict` is conform, discrepancy or undetermined; `explanations` say the cause of a gap "
        "and `dispute_text` is a letter about it. Conform means that it can be paid: never say so of another.",
        InvoiceRequest,
        (InvoiceCheckShape,),
        {"path": "On this machine: PDF, picture, XML (Factur-X, CII, UBL), CSV, XLSX, JSON, e-mail or zip."},
        several=True,
    ),
    "check-certificate": Tool(
        "Is an OPQIBI certificate valid on a day",
        "Judge the answer of a register (API Entreprise, OPQIBI or Agence BIO) saved as a file of this machine: is "
        "the certificate valid on the day `on`, and does it meet `requires`? It does not ask the register, and a PDF "
        "or a scan of a certificate is no such answer. Give the `siren` asked about: some answers name no firm.",
        CertificateRequest,
        (CertificateReportShape,),
        {"path": "The saved answer on this machine, as JSON or as text."},
        several=True,
    ),
    "check-certificates": Tool(
        "Where the certificates of many firms stand",
        "The same for many firms: one line each with its verdict, what ends `within` so many days and, with "
        "`requires`, whether each candidate of a tender brings what is asked. `path` is a list of firms, or a folder "
        "of saved answers; with a list, `answers` is the folder of the answers about its firms. `counts` is of the "
        "certificates alone: who meets `requires` stands under `candidates`.",
        CertificatesRequest,
        (FirmsCheckShape,),
        {
            "path": "On this machine: a CSV or XLSX with a column siren or siret, or a folder of saved answers.",
            "answers": "With a list: the folder of the saved answers about its firms.",
        },
    ),
    "controls": Tool(
        "Which annual control is due next",
        "The history of a firm: which annual controls were made or missed, which comes next and when, when each "
        "qualification ends, and whether a probationary one may still be renewed. It needs the firm's own dates "
        "(`structure`: `granted_on` of each qualification, the days of `controls`): ask for those that are missing.",
        ControlsRequest,
        (ControlHistoryShape,),
    ),
    "nomenclature-search": Tool(
        "Which qualification bears that code or name",
        "Find OPQIBI qualifications by words or digits, accents and case aside: use it before `quote` when the user "
        "names a trade. The table is an extract: a code that is not in it may exist, and `tariff` is null where no "
        "source gives it. Propose what was found and let the user choose.",
        NomenclatureRequest,
        (NomenclatureShape,),
    ),
    "turnover-from-fee": Tool(
        "The turnovers that give a fee reckoned on one",
        "From an amount of the fee for the use of the mark, as an invoice bills it, the turnovers that give exactly "
        "it: `turnovers` is null where none does.",
        TurnoversRequest,
        (TurnoversShape,),
    ),
}
"""By name, that of the command which gives the same JSON."""


def together(answers: list[Json]) -> Json:
    """One answer as it is, several under one key."""
    return answers[0] if len(answers) == 1 else {_SEVERAL: answers}
