"""A result as a document: facts, tables and notes, written as text, Markdown or CSV.

A command says once what its result is made of; this module lays it out. Cells keep their values, so that
each form writes them in its own way: ``1 160,00 €`` on a screen, ``1160,00`` in a spreadsheet.
"""

import csv
import io
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from opqibi_rules.messages import Message, Text
from opqibi_rules.money import plain
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.paper.text import harmless, unarmed

BOLD, PLAIN = "\x1b[1m", "\x1b[0m"


class Cell(NamedTuple):
    """A value and what it is: ``text``, ``euro``, ``count``, ``permille``, ``percent`` or ``date``."""

    value: Any
    kind: str = "text"


def euros(amounts: Iterable[Decimal | None]) -> Iterator[Cell]:
    """A cell for each amount."""
    return (Cell(amount, "euro") for amount in amounts)


Row = Sequence[Cell | Message | Text | str | None]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; numbers to the right.

    ``strong`` rows are subtotals and totals, or ``heads``, which name the rows below them; in a text, an empty
    line follows each of ``breaks``.
    """

    columns: Sequence[Message]
    rows: Sequence[Row]
    strong: frozenset[int] = frozenset()
    breaks: frozenset[int] = frozenset()
    title: Message | None = None
    heads: frozenset[int] = frozenset()


_Item = TypeVar("_Item")
Columns = Sequence[tuple[Message, Callable[[_Item], "Cell | Message | Text | str | None"]]]
"""Headings, and what stands under each for an item."""


def tabulated(items: Iterable[_Item], columns: Columns[_Item], title: Message | None = None) -> Table:
    """A table with a row for each item."""
    rows = [[cell(item) for _, cell in columns] for item in items]
    return Table([heading for heading, _ in columns], rows, title=title)


@dataclass(frozen=True, slots=True)
class Document:
    """A title, a few facts, tables, and notes."""

    title: Message
    facts: Sequence[tuple[Message, Cell | Message | Text | str]] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[Message | Text | str] = field(default=())
    letter: Sequence[Message] = ()
    """Paragraphs to copy and send, after all the rest."""

    def said_facts(self, language: Language) -> list[list[str]]:
        """Each fact in that language: what it is, and its value."""
        return [[shown(label, language), shown(value, language)] for label, value in self.facts]

    def said_notes(self, language: Language) -> list[str]:
        """The notes in that language."""
        return [shown(note, language) for note in self.notes]

    def said(self, language: Language) -> Json:
        """All of it in that language, for a page to lay out: a number's column stands to the right."""
        return {
            "title": shown(self.title, language),
            "facts": self.said_facts(language),
            "tables": [
                {
                    "title": language.say(table.title) if table.title else "",
                    "columns": [language.say(name) for name in table.columns],
                    "rows": [[shown(cell, language) for cell in row] for row in table.rows],
                    "right": right_columns(table),
                    "strong": table.strong,
                }
                for table in self.tables
                if table.rows
            ],
            "notes": self.said_notes(language),
        }

    def as_text(self, language: Language, *, width: int = 80, styled: bool = False) -> str:
        """For a terminal, or a plain text file: never wider than ``width`` where words allow."""
        title = _wrapped(shown(self.title, language), width, first="", after="")
        parts = ["\n".join(_bold(line, styled=styled) for line in title)]
        if self.facts:
            rows = self.said_facts(language)
            widths = _fitted(rows, width)
            parts.append("\n".join(line for row in rows for line in _lines(row, widths, frozenset())))
        parts += [_text_table(table, language, width, styled=styled) for table in self.tables if table.rows]
        if self.notes:
            notes = [_wrapped(note, width, first="• ", after="  ") for note in self.said_notes(language)]
            parts.append("\n".join(chain.from_iterable(notes)))
        parts += map(harmless, language.letter(self.letter))
        return "\n\n".join(parts) + "\n"

    def as_markdown(self, language: Language) -> str:
        """GitHub-flavoured Markdown."""
        parts = [f"# {_escaped(shown(self.title, language))}"]
        if self.facts:
            facts = [[_escaped(text) for text in fact] for fact in self.said_facts(language)]
            parts.append("\n".join(f"- **{label}** : {value}" for label, value in facts))
        parts += [_markdown_table(table, language) for table in self.tables if table.rows]
        if self.notes:
            parts.append("\n".join(f"- {_escaped(note)}" for note in self.said_notes(language)))
        parts += [_escaped(harmless(text)) for text in language.letter(self.letter)]
        return "\n\n".join(parts) + "\n"

    def as_csv(self, language: Language) -> str:
        """The tables as a spreadsheet of that language opens them: in French, ``;`` and a decimal comma."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=";" if language.name == "fr" else ",", lineterminator="\r\n")
        for index, table in enumerate(self.tables):
            if index:
                writer.writerow([])
            writer.writerow([unarmed(shown(name, language)) for name in table.columns])
            writer.writerows([_csv_cell(cell, language) for cell in row] for row in table.rows)
        return "\N{ZERO WIDTH NO-BREAK SPACE}" + out.getvalue()


def shown(cell: Cell | Message | Text | str | None, language: Language) -> str:
    """A cell as text, as its reader writes it."""
    if cell is None:
        return ""
    if isinstance(cell, Message):
        return harmless(language.say(cell))
    if isinstance(cell, Text):
        return harmless(language.said(cell))
    if isinstance(cell, str):
        return harmless(cell)
    if cell.value is None:
        return ""
    if cell.kind == "euro":
        return language.amount(cell.value)
    if cell.kind == "count":
        return language.number(cell.value)
    if cell.kind == "text":
        return shown(cell.value, language)
    return language.write(cell.value, cell.kind)


def _csv_cell(cell: Cell | Message | Text | str | None, language: Language) -> str:
    if isinstance(cell, Cell) and cell.kind != "text":
        value = cell.value
        if value is None:
            return ""
        if isinstance(value, date):
            return value.strftime("%d/%m/%Y") if language.name == "fr" else value.isoformat()
        if cell.kind == "euro":
            text = plain(Decimal(value))  # its two decimals, more only where it has more
        else:
            text = format(value, "f") if isinstance(value, Decimal) else str(value)
        return text.replace(".", ",") if language.name == "fr" else text
    return unarmed(shown(cell, language))


def _escaped(text: str) -> str:
    """A text that Markdown shows as it stands: no markup, no link, no HTML, no broken row."""
    text = re.sub(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+", " ", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    # An underscore within a word is no markup; escaped, it would break an address.
    return re.sub(r"([\\`*|~]|(?<!\w)_|_(?!\w)|\[|\])", r"\\\1", text)


def _bold(text: str, *, styled: bool) -> str:
    return f"{BOLD}{text}{PLAIN}" if styled else text


def _wrapped(text: str, width: int, *, first: str, after: str) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=after,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]


def right_columns(table: Table) -> frozenset[int]:
    """The columns that hold a number somewhere."""
    return frozenset(
        column
        for row in table.rows
        for column, cell in enumerate(row)
        if isinstance(cell, Cell) and cell.kind not in {"text", "date"}
    )


_RULES = {False: "---", True: "---:"}


def _markdown_table(table: Table, language: Language) -> str:
    right = right_columns(table)
    rules = [_RULES[column in right] for column in range(len(table.columns))]
    lines = [f"## {_escaped(shown(table.title, language))}", ""] if table.title else []
    lines.append("| " + " | ".join(_escaped(shown(name, language)) for name in table.columns) + " |")
    lines.append("|" + "|".join(rules) + "|")
    for index, row in enumerate(table.rows):
        cells = [_escaped(shown(cell, language)) for cell in row]
        if index in table.strong:
            cells = [f"**{cell}**" if cell else "" for cell in cells]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _text_table(table: Table, language: Language, width: int, *, styled: bool) -> str:
    heads = [shown(name, language) for name in table.columns]
    rows = [[shown(cell, language) for cell in row] for row in table.rows]
    widths = _fitted([heads, *rows], width)
    right = right_columns(table)
    lines = [_bold(shown(table.title, language), styled=styled)] if table.title else []
    lines += [_bold(line, styled=styled) for line in _lines(heads, widths, right)]
    lines.append("─" * (sum(widths) + 2 * (len(widths) - 1)))
    for index, row in enumerate(rows):
        block = _lines(row, widths, right)
        lines += [_bold(line, styled=styled and index in table.strong) for line in block]
        if index in table.breaks:
            lines.append("")
    return "\n".join(lines)


def _fitted(rows: Iterable[Sequence[str]], width: int) -> list[int]:
    """The width of each column; the widest gives way until the table fits."""
    columns = list(zip(*rows, strict=True))
    widths = [max(1, *map(len, column)) for column in columns]
    # A longer word (an address) is cut rather than the table made wider than the page; what a row is about
    # stands in the first column, and is cut last.
    least = [
        min(30 if index else 45, max(len(word) for cell in column for word in cell.split(" ")))
        for index, column in enumerate(columns)
    ]
    while sum(widths) + 2 * (len(widths) - 1) > width:
        spare = [have - need for have, need in zip(widths, least, strict=True)]
        widest = max(range(len(widths)), key=lambda column: (spare[column] > 0, widths[column]))
        if spare[widest] <= 0:
            break
        widths[widest] -= 1
    return widths


def _lines(cells: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> list[str]:
    blocks = [
        textwrap.wrap(cell, width, break_on_hyphens=False) or [""]
        for cell, width in zip(cells, widths, strict=True)
    ]
    height = max(map(len, blocks))
    lines = []
    for level in range(height):
        parts = []
        for column, (block, width) in enumerate(zip(blocks, widths, strict=True)):
            text = block[level] if level < len(block) else ""
            parts.append(text.rjust(width) if column in right else text.ljust(width))
        lines.append("  ".join(parts).rstrip())
    return lines
