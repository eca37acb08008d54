"""Templates filled in a language: what every page shares."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
from fastapi import Request, Response

import opqibi_rules
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.web.voices import SPOKEN

TEMPLATES = Path(__file__).resolve().parent / "templates"


class Tab(NamedTuple):
    """One of the questions of the page, and its address in each language."""

    name: str
    title: Message
    addresses: Mapping[str, str]


TABS = (
    Tab("quote", Message("Quote"), {"fr": "/", "en": "/en"}),
    Tab("plan", Message("Four-year plan"), {"fr": "/plan", "en": "/en/plan"}),
    Tab("invoice", Message("Invoice"), {"fr": "/facture", "en": "/en/invoice"}),
    Tab("certificate", Message("Certificate"), {"fr": "/certificat", "en": "/en/certificate"}),
)


@lru_cache(maxsize=2)
def _environment(lang: str) -> jinja2.Environment:
    language = SPOKEN[lang]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "t": lambda text, **values: language.say(Message(text, **values)),
        "say": language.say,
        "said": language.said,
        "lang": lang,
        "tabs": TABS,
        "version": opqibi_rules.__version__,
    }
    environment.filters |= {
        "euro": lambda text: language.amount(Decimal(text)),
        "gap": lambda text: f"{'+' if Decimal(text) > 0 else ''}{language.amount(Decimal(text))}",
        "euro_short": lambda amount: language.euro(Decimal(amount)),
        "percent": lambda text: language.write(Decimal(text), "percent"),
        "permille": lambda text: language.write(Decimal(text), "permille"),
        "day": lambda text: language.day(date.fromisoformat(text)),
    }
    return environment


def render(request: Request, template: str, *, lang: str, status: int = 200, **context: Any) -> Response:
    """A template as a page."""
    page = _environment(lang).get_template(template)
    query = request.url.query
    text = page.render(**context, query=f"?{query}" if query else "")
    return Response(text.encode("utf-8", "replace"), status, media_type="text/html; charset=utf-8")


def spoken(lang: str) -> Language:
    """The voice of a page."""
    return SPOKEN[lang]
