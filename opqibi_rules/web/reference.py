"""``/docs``: the reference of the API, in both languages, made from ``/openapi.json`` itself."""

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from opqibi_rules.paper.shape import Json
from opqibi_rules.web.languages import SPOKEN, asked_for
from opqibi_rules.web.lasting import lasting
from opqibi_rules.web.openapi import answers
from opqibi_rules.web.pages import render
from opqibi_rules.web.problems import TITLES, json_bytes

router = APIRouter(include_in_schema=False)

IN_FRENCH = Path(__file__).with_name("reference.fr.json")
"""What the description says in English, as its French readers are told."""


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The description of the API, for programs."""
    return lasting(request, json_bytes(request.app.openapi()), "application/json")


@router.get("/docs")
async def docs(request: Request, lang: str | None = None) -> Response:
    """Every route, with its question, an example, how to call it, and where to try it."""
    voice = SPOKEN[asked_for(request, lang)]
    reader = _Reader(request.app.openapi(), _french().get if voice.name == "fr" else lambda text: text)
    token = bool(request.app.state.settings.tokens)
    address = str(request.base_url).rstrip("/")
    told = answers(voice.name)
    routes = [
        {
            **route,
            "curl": _curl(address, route, token=token),
            "answer": _printed(told[route["path"]]) if route["path"] in told else None,
        }
        for route in reader.routes()
    ]
    context = {"routes": routes, "shapes": reader.shapes(), "problems": TITLES, "token": token}
    page = render(request, "docs.html", voice, context)
    return lasting(request, bytes(page.body), "text/html; charset=utf-8")


@cache
def _french() -> Mapping[str, str]:
    found: dict[str, str] = json.loads(IN_FRENCH.read_text("utf-8"))
    return found


class _Reader:
    """A description of the API, read for people; ``say`` puts a text of it into their language, if it can."""

    def __init__(self, described: Json, say: Callable[[str], str | None]) -> None:
        self.described = described
        self.named: dict[str, Json] = described["components"]["schemas"]
        self.met: list[str] = []
        """The shapes of questions that the routes need, in the order in which they are named."""
        self._put = say

    def routes(self) -> Iterator[Json]:
        """Each route as the page shows it."""
        for path, operations in self.described["paths"].items():
            for method, operation in operations.items():
                yield {"method": method.upper(), "path": path, **self._route(operation)}

    def _route(self, operation: Json) -> Json:
        nothing: tuple[str, Json] = ("", {})
        kind, content = next(iter(operation.get("requestBody", {}).get("content", {}).items()), nothing)
        schema = content.get("schema", {})
        found = operation["responses"]["200"]["content"]["application/json"]
        return {
            "name": operation["operationId"],
            "summary": self.say(operation["summary"]),
            "description": self.say(operation["description"]),
            "parameters": [
                self._field(item["name"], item["schema"] | {"description": item["description"]})
                for item in operation.get("parameters", ())
            ],
            "kind": kind,
            "fields": self._fields(self._meant(schema)),
            "examples": [_printed(item["value"]) for item in content.get("examples", {}).values()],
            "example": next((item["value"] for item in content.get("examples", {}).values()), None),
            "gives": self._kind(found["schema"]),
        }

    def shapes(self) -> Iterator[Json]:
        """The shapes that the fields of questions name, each once."""
        self.met.append("InvoiceRequest")  # a form holds it as a text
        for name in self.met:  # it grows as it is read
            schema = self.named[name]
            yield {
                "name": name,
                "says": self.say(schema.get("description", "")),
                "fields": self._fields(schema),
            }

    def say(self, text: str) -> str:
        """A text of the description, in the reader's language."""
        return self._put(text) or text

    def _meant(self, schema: Json) -> Json:
        return self.named.get(schema.get("$ref", "").rpartition("/")[2], schema)

    def _fields(self, schema: Json) -> list[Json]:
        needed = schema.get("required", ())
        return [
            self._field(name, part, needed=name in needed)
            for name, part in schema.get("properties", {}).items()
        ]

    def _field(self, name: str, part: Json, *, needed: bool = False) -> Json:
        return {
            "name": name,
            "kind": self._kind(part),
            "says": self.say(part.get("description", "")),
            "needed": needed,
            "such_as": ", ".join(json.dumps(one, ensure_ascii=False) for one in part.get("examples", ())),
        }

    def _kind(self, schema: Json) -> str:
        """What a value is, in the words of JSON that the reader has: ``array of string``, « liste : texte »."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if "Request" in name or "Model" in name:
                self.met += [name] if name not in self.met else []
            return str(name)
        if "enum" in schema:
            return " | ".join(json.dumps(value) for value in schema["enum"])
        if "anyOf" in schema:
            kinds = (self._kind(one) for one in schema["anyOf"] if one.get("type") != "null")
            return " | ".join(dict.fromkeys(kinds))
        match schema.get("type"):
            case "array":
                return f"{self.say('array of')} {self._kind(schema.get('items', {}))}"
            case "object":
                values = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
                inside = next((one for one in values if isinstance(one, dict)), None)
                if inside:
                    return f"{self.say('object of')} {self._kind(inside)}"
                return str(schema.get("title") or self.say("object"))
            case kind:
                return self.say(str(schema.get("format", kind or "any")))


def _printed(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _curl(address: str, route: Json, *, token: bool) -> str:
    """How a shell asks it."""
    words = ["curl", f"{address}{route['path']}"]
    if token and route["path"] != "/health":
        words += ["--oauth2-bearer", "TOKEN"]
    if route["kind"] == "application/json":
        words += ["--json", json.dumps(route["example"], ensure_ascii=False)]
    elif route["kind"]:
        words += ["-F", "file=@invoice.pdf", "-F", f"question={route['example']['question']}"]
    return shlex.join(words).replace(" TOKEN", ' "$TOKEN"')
