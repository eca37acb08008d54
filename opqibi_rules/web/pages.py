"""Templates filled in a language, and addresses in both: what every page shares."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

import jinja2
from fastapi import APIRouter, Request, Response
from markupsafe import Markup, escape

import opqibi_rules
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.web.languages import SPOKEN

TEMPLATES = Path(__file__).resolve().parent / "templates"


class Tab(NamedTuple):
    """One of the questions of the page, and its address in each language."""

    name: str
    title: Message
    addresses: Mapping[str, str]
    takes_file: bool = False


QUOTE = Tab("quote", Message("Quote"), {"fr": "/", "en": "/en"})
PLAN = Tab("plan", Message("Four-year plan"), {"fr": "/plan", "en": "/en/plan"})
INVOICE = Tab("invoice", Message("Invoice"), {"fr": "/facture", "en": "/en/invoice"}, takes_file=True)
CERTIFICATE = Tab(
    "certificate", Message("Certificate"), {"fr": "/certificat", "en": "/en/certificate"}, takes_file=True
)
COMPARE = Tab("compare", Message("Compare"), {"fr": "/comparer", "en": "/en/compare"})
CERTIFICATES = Tab(
    "certificates", Message("Certificates"), {"fr": "/certificats", "en": "/en/certificates"}, takes_file=True
)
EMBED = Tab("embed", Message("Simulator"), {"fr": "/embed", "en": "/en/embed"})
"""The quote alone, to stand in a page of another site; no tab leads to it."""
TABS = (QUOTE, PLAN, COMPARE, INVOICE, CERTIFICATE, CERTIFICATES)

Page = Callable[[Language, Request], Awaitable[Response]]


def in_both_languages(router: APIRouter, tab: Tab, method: str = "GET") -> Callable[[Page], Page]:
    """Serve a page at the addresses of a tab, each in its language."""

    def served(page: Page) -> Page:
        for lang, address in tab.addresses.items():
            router.add_route(address, partial(page, SPOKEN[lang]), [method])
        return page

    return served


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
        "in_currency": lambda text, answer: _in_currency(text, answer["invoice"]["currency"], language),
        "unbroken": lambda text: re.sub(r"(?<=[0-9]) (?=[0-9]{3}|€)", "\N{NO-BREAK SPACE}", text),
        "permille": lambda text: language.write(Decimal(text), "permille"),
        "coded": lambda text: Markup(re.sub("`([^`]*)`", r"<code>\1</code>", str(escape(text)))),  # noqa: S704 - escaped
        "day": lambda text: language.day(date.fromisoformat(text)),
    }
    return environment


def _in_currency(text: str, currency: str | None, language: Language) -> str:
    """An amount of a document, in its own currency."""
    return language.amount(Decimal(text)) if currency in {None, "", "EUR"} else f"{text} {currency}"


LOCAL = "opqibi.local"
"""Where a page finds that it is read on the very machine that serves it."""
_OF_ONE_PAGE = {"on", "part", "more", "without", "choose", "lang"}
"""What an address says to one page alone: it does not go with the reader to another."""


def carried(query: str, rows: Iterable[tuple[str, str]] | None = None) -> str:
    """What of an address goes with the reader to another page; ``rows``: the qualifications, as they now stand."""
    given = parse_qsl(query)
    kept = [pair for pair in given if pair[0] not in _OF_ONE_PAGE]
    if rows is not None:
        days = [("start", day) for name, day in given if name == "on"]
        # The day of a quote, as a plan calls it.
        kept = [*(pair for pair in kept if not days or pair[0] != "start"), *days]
        named = {"code", "tariff", "nature", "q", "p", "new"}
        kept = [*(pair for pair in kept if pair[0] not in named), *rows]
    return f"?{urlencode(kept)}" if kept else ""


def render(
    request: Request, template: str, voice: Language, context: Mapping[str, object], status: int = 200
) -> Response:
    """A template as a page."""
    page = _environment(voice.name).get_template(template)
    query = request.url.query
    here = next((tab.addresses[voice.name] for tab in TABS if tab.name == context.get("tab")), "")
    links: dict[str, object] = {
        "query": f"?{query}" if query else "",
        "carried": carried(query),
        "here": here,
    }
    links["local"] = request.scope.get(LOCAL, False)
    text = page.render(**{**links, **context})
    return Response(text.encode("utf-8", "replace"), status, media_type="text/html; charset=utf-8")
