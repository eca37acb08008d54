"""The options that several commands share, and how a result leaves: screen or file, in the form asked for."""

import errno
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import FileError, Mistake, RequestError, what_failed
from opqibi_rules.messages import Message, marked
from opqibi_rules.paper.language import LANGUAGES, Language, chosen_language
from opqibi_rules.tables.library import Tables
from opqibi_rules.verdict import ExitCode

if TYPE_CHECKING:
    from opqibi_rules.paper.document import Document

Lang = Annotated[
    str | None,
    typer.Option("--lang", metavar="fr|en", help=marked("Language (default: OPQIBI_LANG, locale, French).")),
]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="NAME", help=marked("table (default), json, csv or markdown.")),
]
Output = Annotated[
    str | None,
    typer.Option(
        "-o", "--output", metavar="FILE", help=marked("Write the result to FILE, whole or not at all.")
    ),
]
TablesFolder = Annotated[
    str | None,
    typer.Option(
        "--tables", metavar="DIR", help=marked("Your own tables, laid over ours (default: OPQIBI_TABLES).")
    ),
]

DONE, NOT_IN_ORDER, UNREADABLE, UNDETERMINED, FAULT = ExitCode


def day_of(text: str | None) -> date:
    """The day of an option, today by default.

    Raises:
        DateError: not a day.
    """
    if text is None:
        return date.today()  # noqa: DTZ011 - the user's own calendar day is meant
    return to_day(text)


def tables_of(folder: str | None) -> Tables:
    """The facts, with the user's own laid over ours (option, else ``OPQIBI_TABLES``).

    Raises:
        RequestError: an empty option, as a script's empty variable leaves it: ours alone were not meant.
        TableError: no such folder.
    """
    if folder == "":
        raise RequestError(
            Message("--tables: empty; give the folder of your tables, or leave the option out.")
        )
    return Tables(folder or os.environ.get("OPQIBI_TABLES") or None)


_SUFFIXES = {".json": "json", ".csv": "csv", ".md": "markdown", ".txt": "table"}


class Result:
    """Where a result goes, in which language and form.

    ``forms`` maps the name of each form to what makes it: text, or bytes for a file that only ``-o`` takes.
    """

    def __init__(self, lang: str | None, form: str | None, output: str | None) -> None:
        if lang is not None and lang not in LANGUAGES:
            raise RequestError(Message("--lang: « {text} » is not fr or en.", text=lang[:40]))
        self.language = Language(chosen_language(lang, os.environ))
        if output == "":
            raise RequestError(Message("-o: empty; give a file, or leave the option out."))
        self.output = None if output in {None, "-"} else Path(str(output))
        self._form = form

    @property
    def on_terminal(self) -> bool:
        """The result goes to a person's screen."""
        return self.output is None and sys.stdout is not None and sys.stdout.isatty()

    @property
    def width(self) -> int:
        """The width a text may take."""
        return min(shutil.get_terminal_size((80, 24)).columns, 100) if self.on_terminal else 80

    def put(self, forms: Mapping[str, Callable[[], str | bytes]]) -> None:
        """Make the form asked for, and let it out.

        Raises:
            RequestError: a form that this command does not know, or bytes for a screen.
            FileError: the file cannot be written.
        """
        suffixes = {**_SUFFIXES, **{f".{name}": name for name in forms}}
        form = self._form
        if form is None:
            form = suffixes.get(self.output.suffix.lower(), "table") if self.output else "table"
        if form not in forms:
            raise RequestError(
                Message("--format: « {text} » is not one of {forms}.", text=form[:40], forms=tuple(forms))
            )
        made = forms[form]()
        # A file's name may hold bytes that are no text: they are shown as JSON writes them.
        data = made if isinstance(made, bytes) else made.encode("utf-8", "backslashreplace")
        if self.output is not None:
            from opqibi_rules.paper.whole_file import write_whole

            try:
                write_whole(self.output, data)
            except OSError as error:
                message = Message("cannot be written: {problem}.", problem=what_failed(error))
                raise FileError(str(self.output), [Mistake(message)]) from None
        elif isinstance(made, bytes) and self.on_terminal:
            raise RequestError(Message("--format {form} makes a file: say where with -o FILE.", form=form))
        else:
            if sys.stdout is None:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

    def put_document(
        self,
        document: Callable[[], "Document"],
        content: Callable[[Language], Any],
        more: Mapping[str, Callable[[], str | bytes]] | None = None,
    ) -> None:
        """Let out a document as table, csv or markdown, or its content as JSON; ``more`` adds forms.

        In JSON the sentences are in the reader's language; amounts and dates stay plain.
        """
        self.put(
            {
                "table": lambda: document().as_text(self.language, width=self.width, styled=self.on_terminal),
                "json": lambda: self.json(content),
                "csv": lambda: self._csv(document()),
                "markdown": lambda: document().as_markdown(self.language),
                **(more or {}),
            }
        )

    def _csv(self, document: "Document") -> str:
        """The tables; what a spreadsheet has no place for is said on standard error."""
        for note in document.said_notes(self.language):
            print(note, file=sys.stderr)  # noqa: T201 - notes have their own stream
        return document.as_csv(self.language)

    def json(self, content: Callable[[Language], Any]) -> str:
        """A content as JSON."""
        machine = Language(self.language.name, machine=True)
        return json.dumps(content(machine), ensure_ascii=False, indent=2) + "\n"
