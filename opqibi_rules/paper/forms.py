"""The forms in which a result leaves: one catalogue, from which every ``--format``, ``-o`` and help text comes.

A form with a writer serves every command that gives documents: to add one is to write it down here. The others
(a picture, a calendar) are made by the commands that have something to draw.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from opqibi_rules.paper.extras import load
from opqibi_rules.paper.language import Language

if TYPE_CHECKING:
    from opqibi_rules.paper.document import Document


class Screen(NamedTuple):
    """Where a text is read: how wide, and whether it knows bold."""

    width: int = 80
    styled: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a result."""

    name: str
    suffixes: tuple[str, ...]
    """The first is the usual one."""
    prose: Callable[["Document", Language, Screen], str] | None = None
    """Writes one document after the other."""
    sheet: Callable[["Document", Language], str | bytes] | None = None
    """Writes tables alone, those of one flat document."""
    notes: bool = False
    """It has a place for the notes too."""

    @property
    def general(self) -> bool:
        """Whatever gives documents can be written so."""
        return self.prose is not None or self.sheet is not None or self.name == "json"


def _xlsx(document: "Document", language: Language) -> bytes:
    load("xlsxwriter", extra="xlsx")
    from opqibi_rules.paper.document_xlsx import document_xlsx  # noqa: PLC0415 - an extra

    return document_xlsx(document, language)


CATALOGUE = {
    form.name: form
    for form in (
        Form(
            "table",
            (".txt",),
            prose=lambda made, voice, screen: made.as_text(voice, width=screen.width, styled=screen.styled),
        ),
        Form("json", (".json",)),
        Form("csv", (".csv",), sheet=lambda made, voice: made.as_csv(voice)),
        Form("markdown", (".md", ".markdown"), prose=lambda made, voice, _: made.as_markdown(voice)),
        Form("xlsx", (".xlsx",), sheet=_xlsx, notes=True),
        Form("pdf", (".pdf",)),
        Form("ics", (".ics",)),
        Form("svg", (".svg",)),
        Form("png", (".png",)),
        Form("xml", (".xml",)),
        Form("yaml", (".yaml", ".yml")),
        Form("sql", (".sql",)),
    )
}

GENERAL = tuple(form.name for form in CATALOGUE.values() if form.general)
"""The names of those that every command with documents knows; the first is the one by default."""


def suffixes_of(name: str) -> tuple[str, ...]:
    """How the name of a file of that form may end; nothing for one that only ``--format`` asks for."""
    return CATALOGUE[name].suffixes if name in CATALOGUE else ()
