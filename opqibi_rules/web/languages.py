"""The caller's language: what the address asks for, else what the browser prefers, else French."""

import re
from functools import lru_cache
from urllib.parse import parse_qsl

from fastapi import Request

from opqibi_rules.paper.language import LANGUAGES, Language

SPOKEN = {name: Language(name) for name in LANGUAGES}


@lru_cache(maxsize=64)
def chosen(lang: str | None, accepted: str) -> str:
    """``fr`` or ``en``."""
    if lang in LANGUAGES:
        return str(lang)
    ranked = sorted(map(_weighed, accepted.split(",")), key=lambda item: -item[1])  # as given where equal
    known = (name for name, weight in ranked if name in LANGUAGES and weight > 0)
    return next(known, "fr")


def _weighed(item: str) -> tuple[str, float]:
    """« en-GB;q=0.8 » as its language and its weight (RFC 9110, 12.5.4)."""
    name, _, given = item.strip().lower().partition(";")
    weight = given.strip().removeprefix("q=")
    return name.partition("-")[0].strip(), float(weight) if re.fullmatch(
        r"[01](\.[0-9]{0,3})?", weight
    ) else 1.0


def asked_for(request: Request, lang: str | None) -> str:
    """The language of an answer, as the address, else the browser, asks for it."""
    return chosen(lang, request.headers.get("accept-language", ""))


def language_of(query: bytes, accepted: str) -> Language:
    """The language of an answer, from a raw address."""
    lang = next((value for name, value in parse_qsl(query.decode("latin-1")) if name == "lang"), None)
    return SPOKEN[chosen(lang, accepted)]
