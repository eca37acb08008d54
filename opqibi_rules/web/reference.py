"""``/docs``: the reference of the API, made from ``/openapi.json`` itself, without any script."""

import json

from fastapi import APIRouter, Request, Response

from opqibi_rules.paper.shape import Json
from opqibi_rules.web.languages import SPOKEN
from opqibi_rules.web.pages import render
from opqibi_rules.web.problems import TITLES

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs(request: Request) -> Response:
    """Every route, with its question, an example, and how to call it."""
    described = request.app.openapi()
    routes = [
        {"method": method.upper(), "path": path, **_shown(operation, described)}
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    ]
    return render(
        request, "docs.html", SPOKEN["en"], {"routes": routes, "info": described["info"], "problems": TITLES}
    )


def _shown(operation: Json, described: Json) -> Json:
    body: Json = operation.get("requestBody", {}).get("content", {})
    nothing: tuple[str, Json] = ("", {})
    kind, content = next(iter(body.items()), nothing)
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    schema = described["components"]["schemas"].get(name, content.get("schema", {}))
    examples = [
        {"summary": item.get("summary", ""), "text": json.dumps(item["value"], ensure_ascii=False, indent=2)}
        for item in content.get("examples", {}).values()
    ]
    answer = operation["responses"]["200"].get("content", {}).get("application/json", {}).get("example")
    return {
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "parameters": operation.get("parameters", []),
        "kind": kind,
        "fields": [
            {
                "name": field,
                "description": part.get("description", ""),
                "needed": field in schema.get("required", ()),
            }
            for field, part in schema.get("properties", {}).items()
        ],
        "examples": examples,
        "answer": None if answer is None else json.dumps(answer, ensure_ascii=False, indent=2),
    }
