"""The French catalogue: every sentence of the code is said in French, with the same values in it."""

import gettext
import re
import string
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

PACKAGE = Path(__file__).parents[1] / "opqibi_rules"
LOCALE = PACKAGE / "locale"
ERRORS = (
    "AmountError",
    "DateError",
    "FetchError",
    "RequestError",
    "TableError",
    "UnknownCodeError",
    "UnknownTariffError",
)
KEYWORDS = {"Message": (1,), "plural": (1, 2), "marked": None, "t": None, **dict.fromkeys(ERRORS, (1,))}
WHERE = [("**.py", "python"), ("web/templates/**", "jinja2")]


def said_in_the_code() -> dict[str | tuple[str, ...], str]:
    """Each sentence, and the first file that says it."""
    found: dict[str | tuple[str, ...], str] = {}
    extracted = extract_from_dir(PACKAGE, WHERE, keywords=KEYWORDS)
    for file, _, sentence, *_ in extracted:
        found.setdefault(sentence, file)
    return found


def catalogue() -> Catalog:
    with (LOCALE / "fr.po").open("rb") as file:
        return read_po(file, locale="fr")


SENTENCES = said_in_the_code()
CATALOGUE = catalogue()
TRANSLATED = [message for message in CATALOGUE if message.id]


def fields(template: str) -> list[tuple[str, str]]:
    """The values that a sentence names, and how each is written."""
    return sorted(
        (name, spec or "") for _, name, spec, _ in string.Formatter().parse(template) if name is not None
    )


def forms(sentence: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (sentence,) if isinstance(sentence, str) else tuple(sentence or ())


def test_every_sentence_of_the_code_is_in_the_catalogue_and_no_other() -> None:
    assert {message.id for message in TRANSLATED} == set(SENTENCES)
    assert not CATALOGUE.obsolete


def test_every_sentence_is_said_in_french() -> None:
    assert not [
        message.id
        for message in TRANSLATED
        if not message.string or not all(forms(message.string)) or message.fuzzy
    ]


@pytest.mark.parametrize("message", TRANSLATED, ids=lambda message: forms(message.id)[0][:60])
def test_a_sentence_and_its_french_name_the_same_values_written_alike(message: object) -> None:
    said, french = forms(message.id), forms(message.string)  # type: ignore[attr-defined] # Babel's own class
    most, least = set(fields(said[-1])), set(fields(said[0]))
    assert most - least <= {("n", "")}  # « one qualification » need not say its number
    for form in filter(None, french):
        assert least <= set(fields(form)) <= most


def sentences() -> Iterator[str]:
    return (form for message in TRANSLATED for form in forms(message.string))


def test_french_typography() -> None:
    straight = re.compile(r"'| [;:?!»]|« ")
    wrong = [text for text in sentences() if straight.search(re.sub(r"\{[^}]*\}", "x", text))]
    assert not wrong


def test_what_is_compiled_is_what_is_written() -> None:
    made = BytesIO()
    write_mo(made, CATALOGUE)
    made.seek(0)
    with (LOCALE / "fr.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    fresh = gettext.GNUTranslations(made)
    for message in TRANSLATED:
        one, *many = forms(message.id)
        for n in (0, 1, 2):
            expected = fresh.ngettext(one, many[0], n) if many else fresh.gettext(one)
            assert (compiled.ngettext(one, many[0], n) if many else compiled.gettext(one)) == expected
