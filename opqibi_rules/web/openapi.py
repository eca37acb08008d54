"""``/openapi.json``: the routes and shapes, and each question with its true answer, worked out when asked."""

from collections.abc import Callable, Mapping
from datetime import date

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi

from opqibi_rules.desk import readings
from opqibi_rules.desk.answers import ANSWERS
from opqibi_rules.desk.apart import work_on
from opqibi_rules.desk.requests import (
    CertificateRequest,
    InvoiceRequest,
    PlanRequest,
    ProgramRequest,
    QuoteRequest,
    TurnoversRequest,
)
from opqibi_rules.desk.service import Service
from opqibi_rules.paper.json_schema import definitions
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.tables.library import Tables
from opqibi_rules.web.problems import ProblemShape, json_bytes

_REFERENCE = "#/components/schemas/{}"
_PROBLEM = {
    "description": "No answer: what is wrong, field by field.",
    "content": {"application/problem+json": {"schema": {"$ref": _REFERENCE.format("Problem")}}},
}
INVOICE_FORM: Json = {
    "type": "object",
    "required": ["file", "question"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "The invoice."},
        "question": {
            "type": "string",
            "contentMediaType": "application/json",
            "description": "What was expected, as JSON (InvoiceRequest): a quote’s fields under `expected`.",
        },
    },
}


def described(
    answer: str,
    summary: str,
    *,
    several: bool = False,
    beside: str | None = None,
    problems: bool = True,
    form: Json | None = None,
) -> Json:
    """What ``/openapi.json`` says of a route.

    Args:
        answer: the name of the shape of its answer.
        summary: the question that it answers.
        several: a list of them may be the answer,
        beside: and of these with them, by the name of their shape.
        problems: it may refuse.
        form: what it takes, where that is a form with a file.
    """
    schema: Json = {"$ref": _REFERENCE.format(answer)} if answer in ANSWERS else {"type": "object"}
    if several:
        items = {"anyOf": [schema, {"$ref": _REFERENCE.format(beside)}]} if beside else schema
        schema = {"anyOf": [schema, {"type": "array", "items": items}]}
    statuses = (400, 401, 403, 413, 415, 421, 422, 500, 503, 504) if problems else ()
    right = {"description": "The answer.", "content": {"application/json": {"schema": schema}}}
    route: Json = {
        "summary": summary,
        "response_class": Response,
        "responses": {200: right, **dict.fromkeys(statuses, _PROBLEM)},
    }
    if form is not None:
        content = {"multipart/form-data": {"schema": form}}
        route["openapi_extra"] = {"requestBody": {"required": True, "content": content}}
    return route


DAY = date(2026, 3, 2)

QUOTE: Json = {
    "event": "first",
    "on": "2026-03-02",
    "tariffs": {"1": 5, "2": 3},
    "turnover": "800 000",
}
CONTROL = {
    "event": "control",
    "on": "2026-03-02",
    "qualifications": ["1905:5"],
    "tariffs": {"1": 2},
    "new_qualifications": ["0607:5"],
}
PLAN: Json = {
    "start": "2026-03-02",
    "tariffs": {"1": 5, "2": 3},
    "turnover": "800000",
    "growth": "0.03",
}
TURNOVER: Json = {"fee": "557.50", "on": "2026-03-02"}
CERTIFICATE: Json = {
    "on": "2025-01-15",
    "requires": ["1905|1911"],
    "answer": {
        "data": {
            "numero_certificat": "24 03 4567",
            "date_delivrance_certificat": "2024-03-01",
            "duree_validite_certificat": "valable un an",
            "qualifications": [
                {"nom": "Audit énergétique des bâtiments", "code_qualification": "1905", "rge": True}
            ],
            "date_validite_qualifications": "2028-03-01",
            "qualifications_probatoires": [],
            "date_validite_qualifications_probatoires": None,
        },
        "links": {},
        "meta": {},
    },
}
INVOICE: Json = {
    "expected": {"event": "first", "tariffs": {"1": 5, "2": 3}, "turnover": "800000"},
    "fees": ["instruction"],
}
_INVOICE_TEXT = (
    "number;date;name;quantity;unit price;amount;total excl vat;vat;total incl vat\r\n"
    "F2026-118;2026-03-02;Instruction, flat part;1;500.00;500.00;1280.00;256.00;1536.00\r\n"
    "F2026-118;2026-03-02;Instruction, tariff 1;5;60.00;300.00;1280.00;256.00;1536.00\r\n"
    "F2026-118;2026-03-02;Instruction, tariff 2;4;120.00;480.00;1280.00;256.00;1536.00\r\n"
)
INVOICE_FILE = _INVOICE_TEXT.encode()

_BODIES: dict[str, Json] = {
    "/api/quote": {"A first application": QUOTE, "An annual control with a new request": CONTROL},
    "/api/plan": {"Four years from a first application": PLAN},
    "/api/turnovers/from-fee": {"The turnovers of a fee": TURNOVER},
    "/api/certificates/check": {"An answer of API Entreprise v3": CERTIFICATE},
    "/api/invoices/check": {
        "An invoice with one qualification too many": {
            "file": _INVOICE_TEXT,
            "question": json_bytes(INVOICE).decode(),
        }
    },
}


def _answers() -> dict[str, Json]:
    service, voice = Service(Tables(), lambda: DAY), Language("en")

    def read(task: Callable[[Json, bytes], Json], question: ProgramRequest, name: str, data: bytes) -> Json:
        work = work_on(question, service, name=name, voice=voice)
        answer: Json = task(work, data)["answers"][0]
        return answer

    certificate = CertificateRequest(**{key: CERTIFICATE[key] for key in ("on", "requires")})
    return {
        "/api/quote": service.quote(QuoteRequest(**QUOTE)).to_dict(voice.say),
        "/api/plan": service.plan(PlanRequest(**PLAN)).to_dict(voice.say),
        "/api/turnovers/from-fee": service.turnovers(TurnoversRequest(**TURNOVER)),
        "/api/certificates/check": read(
            readings.certificates, certificate, "answer", json_bytes(CERTIFICATE["answer"])
        ),
        "/api/invoices/check": read(
            readings.invoices, InvoiceRequest(**INVOICE), "F2026-118.csv", INVOICE_FILE
        ),
    }


def description(app: FastAPI) -> Json:
    """The description of the API, with its examples; made once."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            license_info=app.license_info,
            routes=app.routes,
        )
        _show_examples(schema["paths"], _answers())
        # A form holds this question, so that no route takes it as it is.
        invoice = InvoiceRequest.model_json_schema(ref_template=_REFERENCE.replace("{}", "{model}"))
        shapes = definitions([*ANSWERS.values(), ProblemShape], _REFERENCE)
        schema["components"]["schemas"] |= invoice.pop("$defs", {}) | {"InvoiceRequest": invoice} | shapes
        app.openapi_schema = schema
    return app.openapi_schema


def _show_examples(paths: Json, answers: Mapping[str, Json]) -> None:
    for path, bodies in _BODIES.items():
        operation = paths[path]["post"]
        (content,) = operation["requestBody"]["content"].values()
        content["examples"] = {
            name.lower().replace(" ", "-"): {"summary": name, "value": body} for name, body in bodies.items()
        }
        operation["responses"]["200"]["content"]["application/json"]["example"] = answers[path]
