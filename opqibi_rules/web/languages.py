"""The caller's language: what the address asks for, else what the browser prefers, else French."""

from urllib.parse import parse_qsl

from fastapi import Request

from opqibi_rules.paper.language import LANGUAGES, Language

SPOKEN = {name: Language(name) for name in LANGUAGES}
"""For people: amounts and days as the language writes them."""
MACHINE = {name: Language(name, machine=True) for name in LANGUAGES}
"""For programs: sentences in the language, amounts and days plain."""


def chosen(lang: str | None, accepted: str) -> str:
    """``fr`` or ``en``."""
    if lang in LANGUAGES:
        return str(lang)
    first = accepted.partition(",")[0].strip().lower()
    return "en" if first.startswith("en") else "fr"


def asked_for(request: Request, lang: str | None) -> str:
    """The language of an answer, as the address, else the browser, asks for it."""
    return chosen(lang, request.headers.get("accept-language", ""))


def machine_language(query: bytes, accepted: str) -> Language:
    """The language for a program, from a raw address."""
    lang = next((value for name, value in parse_qsl(query.decode("latin-1")) if name == "lang"), None)
    return MACHINE[chosen(lang, accepted)]
