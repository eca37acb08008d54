"""``/openapi.json``: the routes and shapes, and each question with its true answer, worked out when asked."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi

from opqibi_rules.desk import readings
from opqibi_rules.desk.answers import ANSWERS
from opqibi_rules.desk.apart import work_on
from opqibi_rules.desk.refusals import Wrong
from opqibi_rules.desk.requests import (
    CertificateAnswersRequest,
    CertificateRequest,
    CertificatesRequest,
    CompareRequest,
    InvoiceRequest,
    PlanRequest,
    ProgramRequest,
    QuoteRequest,
    TurnoversRequest,
)
from opqibi_rules.desk.service import Service
from opqibi_rules.messages import Message
from opqibi_rules.paper.json_schema import definitions
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json, Voice
from opqibi_rules.tables.library import Tables
from opqibi_rules.web.problems import TITLES, Problem, ProblemShape, json_bytes
from opqibi_rules.web.settings import COOKIE

_REFERENCE = "#/components/schemas/{}"
_ANSWER = "#/components/responses/Problem{}"
TAGS = {
    "prices": "What it costs.",
    "verdicts": "Whether a file is right. It is read in memory, in a process of its own, and forgotten.",
    "facts": "What the answers rest on. Each bears an `ETag`.",
    "server": "For whoever runs it.",
}
SECURITY: Json = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token that whoever runs the server gave, where it needs one.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "The same, as a browser keeps it once an address with `?token=` was opened.",
    },
}
_ALWAYS = (401, 403, 405, 421, 422, 500, 503, 504)
_OF_BODIES = (400, 408, 413, 415)
_OF_HEALTH = (405, 421)
_UNANSWERABLE = 422
_WRONG = (
    "tariffs.1",
    Message("« {count} »: a whole number from 0 to {most} is expected.", count='"five"', most=1000),
)
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
    name: str,
    tag: str,
    answer: str,
    summary: str,
    *,
    several: bool = False,
    beside: str | None = None,
    form: Json | None = None,
) -> Json:
    """What ``/openapi.json`` says of a route.

    Args:
        name: its own, which clients that are made from the description call.
        tag: what it is about.
        answer: the name of the shape of its answer.
        summary: the question that it answers.
        several: a list of them may be the answer, under a status of its own,
        beside: and of these with them, by the name of their shape.
        form: what it takes, where that is a form with a file.
    """
    schema: Json = {"$ref": _REFERENCE.format(answer)} if answer in ANSWERS else {"type": "object"}
    responses = {200: _response("The answer.", "application/json", schema)}
    if several:
        items = {"anyOf": [schema, {"$ref": _REFERENCE.format(beside)}]} if beside else schema
        listed = {"type": "array", "items": items, "minItems": 2}
        responses[207] = _response("Several answers, in the order of the file.", "application/json", listed)
    route: Json = {
        "operation_id": name,
        "tags": [tag],
        "summary": summary,
        "response_class": Response,
        "responses": responses,
    }
    if form is not None:
        content = {"multipart/form-data": {"schema": form}}
        route["openapi_extra"] = {"requestBody": {"required": True, "content": content}}
    return route


def _response(says: str, kind: str, schema: Json) -> Json:
    return {"description": says, "content": {kind: {"schema": schema}}}


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
COMPARE: Json = {**PLAN, "add_tariffs": {"5": 1}}
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
CERTIFICATES: Json = {
    "on": "2025-01-15",
    "within": 60,
    "sirens": ["732829320", "552100554"],
    "answers": [{"fetched_on": "2025-01-15", "siren": "732829320", "answer": CERTIFICATE["answer"]}],
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
    "/api/compare": {"When to ask for one more at tariff 5": COMPARE},
    "/api/compare/one-more": {"Over the same years": PLAN},
    "/api/turnovers/from-fee": {"The turnovers of a fee": TURNOVER},
    "/api/certificates/list": {"Two firms, and the answer about one": CERTIFICATES},
    "/api/certificates/check": {"An answer of API Entreprise v3": CERTIFICATE},
    "/api/invoices/check": {
        "An invoice with one qualification too many": {
            "file": _INVOICE_TEXT,
            "question": json_bytes(INVOICE).decode(),
        }
    },
}


@cache
def answers(lang: str) -> Mapping[str, Json]:
    """The true answer to the first question of each route, in a language."""
    service, voice = Service(Tables(), lambda: DAY), Language(lang)

    def read(
        task: Callable[[Json, bytes], Json | bytes], question: ProgramRequest, name: str, data: bytes
    ) -> Json:
        work = work_on(question, service, name=name, voice=voice)
        answered = task(work, data)
        assert isinstance(answered, dict)
        first: Json = answered["answers"][0]
        return first

    certificate = CertificateRequest(**{key: CERTIFICATE[key] for key in ("on", "requires")})
    several = CertificateAnswersRequest(**CERTIFICATES)
    alone = CertificatesRequest(**{key: CERTIFICATES[key] for key in ("on", "within")})
    firms = readings.firms(*readings.firms_work(alone, service, *several.brought(), voice))
    assert isinstance(firms, dict)
    return {
        "/api/quote": service.quote(QuoteRequest(**QUOTE)).to_dict(voice.say, language=lang),
        "/api/plan": service.plan(PlanRequest(**PLAN)).to_dict(voice.say, language=lang),
        "/api/compare": service.compare(CompareRequest(**COMPARE)).to_dict(voice.say, language=lang),
        "/api/compare/one-more": service.compare(CompareRequest(**PLAN)).to_dict(voice.say, language=lang),
        "/api/certificates/list": firms,
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
            tags=[{"name": name, "description": text} for name, text in TAGS.items()],
            servers=[{"url": "/"}],
        )
        _show_examples(schema["paths"], answers("en"))
        _show_refusals(schema, needed=bool(app.state.settings.tokens))
        # A form holds this question, so that no route takes it as it is.
        invoice = InvoiceRequest.model_json_schema(ref_template=_REFERENCE.replace("{}", "{model}"))
        shapes = definitions([*ANSWERS.values(), ProblemShape], _REFERENCE)
        schema["components"]["schemas"] |= invoice.pop("$defs", {}) | {"InvoiceRequest": invoice} | shapes
        _show_events(schema["components"]["schemas"].values(), app.state.service)
        app.openapi_schema = schema
    return app.openapi_schema


def _show_events(shapes: Iterable[Json], service: Service) -> None:
    """The events that may be asked for on the day, which only the schedule declares."""
    events = [event.id for event in service.tables.schedule(service.today()).events]
    for shape in shapes:
        field = shape.get("properties", {}).get("event", {})
        if "anyOf" in field:  # of a question
            field["examples"] = events


def _show_refusals(schema: Json, *, needed: bool) -> None:
    """How a caller is known, and each refusal with its example; ``needed``: none is served without a token."""
    schema["security"] = [*({name: []} for name in SECURITY), *([] if needed else [{}])]
    schema["components"] |= {
        "securitySchemes": SECURITY,
        "responses": {_ANSWER.format(status).rpartition("/")[2]: _refusal(status) for status in TITLES},
    }
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            statuses = _OF_HEALTH if path == "/health" else _ALWAYS
            if "requestBody" in operation:
                statuses = (*statuses, *_OF_BODIES)
            if path == "/health":
                operation["security"] = []
            if operation["tags"] == ["facts"]:
                operation["responses"]["304"] = {"description": "It still holds (`If-None-Match`)."}
            operation["responses"] |= {
                str(status): {"$ref": _ANSWER.format(status)} for status in sorted(statuses)
            }


def _refusal(status: int) -> Json:
    """A refusal, as the API describes it."""
    field, reason = _WRONG if status == _UNANSWERABLE else (None, TITLES[status])
    errors = [Wrong(field, reason)] if field else []
    told = Problem(f"/docs#problem-{status}", TITLES[status], status, str(reason), errors)
    answer = _response(
        str(TITLES[status]), "application/problem+json", {"$ref": _REFERENCE.format("Problem")}
    )
    answer["content"]["application/problem+json"]["example"] = ProblemShape.written(told, Voice())
    return answer


def _show_examples(paths: Json, answers: Mapping[str, Json]) -> None:
    for path, bodies in _BODIES.items():
        operation = paths[path]["post"]
        (content,) = operation["requestBody"]["content"].values()
        content["examples"] = {
            name.lower().replace(" ", "-"): {"summary": name, "value": body} for name, body in bodies.items()
        }
        operation["responses"]["200"]["content"]["application/json"]["example"] = answers[path]
