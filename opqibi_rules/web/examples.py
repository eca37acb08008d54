"""The examples of ``/openapi.json``: each question with its true answer, worked out when they are asked for."""

from datetime import date
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from opqibi_rules.desk import readings
from opqibi_rules.desk.answering import Desk
from opqibi_rules.desk.questions import (
    CertificateQuestion,
    InvoiceQuestion,
    PlanQuestion,
    Question,
    QuoteQuestion,
    TurnoverQuestion,
)
from opqibi_rules.paper.language import Language
from opqibi_rules.tables.library import Tables
from opqibi_rules.web.answers import Problem
from opqibi_rules.web.problems import json_bytes

DAY = date(2026, 3, 2)

QUOTE: dict[str, Any] = {
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
PLAN: dict[str, Any] = {
    "start": "2026-03-02",
    "tariffs": {"1": 5, "2": 3},
    "turnover": "800000",
    "growth": "0.03",
}
TURNOVER: dict[str, Any] = {"fee": "557.50", "on": "2026-03-02"}
CERTIFICATE: dict[str, Any] = {
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
INVOICE: dict[str, Any] = {
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

_BODIES: dict[str, dict[str, Any]] = {
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


def _answers() -> dict[str, Any]:
    desk, voice = Desk(Tables(), lambda: DAY), Language("en", machine=True)

    def read(task: Any, question: Question, name: str, data: bytes) -> Any:
        work = readings.asked(question, desk, lang="en", machine=True, name=name)
        return task(work, data)["answers"][0]

    certificate = CertificateQuestion(**{key: CERTIFICATE[key] for key in ("on", "requires")})
    return {
        "/api/quote": desk.quote(QuoteQuestion(**QUOTE)).to_dict(voice.say),
        "/api/plan": desk.plan(PlanQuestion(**PLAN)).to_dict(voice.say),
        "/api/turnovers/from-fee": desk.turnovers(TurnoverQuestion(**TURNOVER)),
        "/api/certificates/check": read(
            readings.certificate, certificate, "answer", json_bytes(CERTIFICATE["answer"])
        ),
        "/api/invoices/check": read(
            readings.invoice,
            InvoiceQuestion(**INVOICE),
            "F2026-118.csv",
            INVOICE_FILE,
        ),
    }


def described(app: FastAPI) -> dict[str, Any]:
    """The description of the API, with its examples; made once."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            license_info=app.license_info,
            routes=app.routes,
        )
        answers = _answers()
        for path, bodies in _BODIES.items():
            operation = schema["paths"][path]["post"]
            (content,) = operation["requestBody"]["content"].values()
            content["examples"] = {
                name.lower().replace(" ", "-"): {"summary": name, "value": body}
                for name, body in bodies.items()
            }
            operation["responses"]["200"]["content"]["application/json"]["example"] = answers[path]
        # Models that no route takes as they are: a form holds the one, refusals are the other.
        for model in (InvoiceQuestion, Problem):
            whole = model.model_json_schema(ref_template="#/components/schemas/{model}")
            schema["components"]["schemas"] |= whole.pop("$defs", {}) | {model.__name__: whole}
        app.openapi_schema = schema
    return app.openapi_schema
