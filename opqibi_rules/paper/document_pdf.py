"""Documents on A4 pages: PDF/A-2a to be archived, PDF/UA-1 to be read by everybody.

The pages are set by Typst from ``document_pdf.typ``, in Libertinus Serif, which the library brings along: it has
the narrow no-break space of French amounts, and embeds it.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from opqibi_rules.messages import Message
from opqibi_rules.paper.document import Document, Table, right_columns, shown
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.language import Language

_TEMPLATE = Path(__file__).with_suffix(".typ")
_ACROSS = 90
"""How many characters a page takes across, about."""
_STANDARDS = ["a-2a", "ua-1"]

Part = dict[str, object]
"""What stands on the pages, as the template takes it."""


def document_pdf(
    documents: Sequence[Document], language: Language, *, made_on: date, foot: Message, description: Message
) -> bytes:
    """One document after the other, each from a new page, in one file.

    Raises:
        RequestError: the « pdf » extra is not installed.
    """
    parts: list[Part] = []
    for document in documents:
        if document is not documents[0]:
            title = shown(document.title, language)
            parts.append({"kind": "page", "title": title, "facts": document.said_facts(language)})
        parts += [table_part(table, language) for table in document.tables if table.rows]
        parts.append(notes_part(document, language))
    return pages(documents[0], parts, language, made_on=made_on, foot=foot, description=description)


def pages(
    document: Document,
    parts: Iterable[Part],
    language: Language,
    *,
    made_on: date,
    foot: Message,
    description: Message,
    figures: Sequence[tuple[str, str]] = (),
) -> bytes:
    """The file: title and facts, figures in large, the parts in order.

    Raises:
        RequestError: the « pdf » extra is not installed.
    """
    say = language.say
    data = {
        "lang": language.name,
        "title": shown(document.title, language),
        "description": say(description),
        "made": say(Message("Made on {day:date}", day=made_on)),
        "facts": document.said_facts(language),
        "figures": figures,
        "parts": list(parts),
        "foot": say(foot),
    }
    made = load("typst", extra="pdf").compile(
        _TEMPLATE.read_bytes(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=_STANDARDS,
        timestamp=int(datetime.combine(made_on, time(), UTC).timestamp()),
    )
    return bytes(made)


def notes_part(document: Document, language: Language) -> Part:
    """Its notes."""
    title = language.say(Message("Notes"))
    return {"kind": "notes", "title": title, "items": document.said_notes(language)}


def table_part(table: Table, language: Language) -> Part:
    """A table; its widest column takes what the others leave."""
    rows = [[shown(cell, language) for cell in row] for row in table.rows]
    heads = [shown(name, language) for name in table.columns]
    longest = [max((len(row[column]) for row in rows), default=0) for column in range(len(heads))]
    widest = longest.index(max(longest))
    taken = sum(max(len(head), long) for head, long in zip(heads, longest, strict=True))
    squeezed = taken - longest[widest] > _ACROSS  # the others leave it no room: all give way
    return {
        "kind": "table",
        "title": shown(table.title, language),
        "columns": heads,
        "right": sorted(right_columns(table)),
        "widths": ["rest" if column == widest and not squeezed else "auto" for column in range(len(heads))],
        "rows": [
            {"cells": row, "strong": index in table.strong, "head": index in table.heads}
            for index, row in enumerate(rows)
        ],
    }
