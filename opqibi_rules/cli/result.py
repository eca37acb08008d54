"""How a result leaves: screen or file, in the language and the form asked for, with an exit code."""

import contextlib
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

from opqibi_rules.cli.options import Lang, option, voice
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import marked
from opqibi_rules.paper.document import Document
from opqibi_rules.paper.files import write_whole
from opqibi_rules.paper.forms import CATALOGUE, GENERAL, Form, Screen, suffixes_of
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.text import harmless, spelled
from opqibi_rules.verdict import ExitCode

Output = Annotated[
    str | None, option("-o --output FILE", marked("Write the result to FILE, whole or not at all."))
]

DONE, NOT_IN_ORDER, UNREADABLE, UNDETERMINED, FAULT = ExitCode


def note(text: str) -> None:
    """A word that is not the result, on the standard error."""
    with contextlib.suppress(OSError):
        print(harmless(text), file=sys.stderr, flush=True)  # noqa: T201 - the one place where a door speaks aside


def form_of_name(file: Path, forms: Sequence[str], given_by: str) -> Sequence[str]:
    """Those of ``forms`` that the name of a file asks for; all, where it ends in nothing.

    Raises:
        RequestError: it asks for another; ``given_by`` is the option that names the file.
    """
    suffix = file.suffix.lower()
    found = [name for name in forms if suffix in suffixes_of(name)] if suffix else forms
    if not found:
        raise RequestError(
            "{option}: « {suffix} » is no form that this command writes; those it can: {suffixes}.",
            option=given_by,
            suffix=suffix[:40],
            suffixes=tuple(suffix for name in forms for suffix in suffixes_of(name)),
        )
    return found


class Result:
    """Where a result goes, in which language and form."""

    def __init__(self, lang: str | None, form: str | None, output: str | None) -> None:
        self.language = voice(lang)
        self.output = None if output in {None, "-"} else Path(str(output))
        self._form = form

    @property
    def on_terminal(self) -> bool:
        """The result goes to a person's screen."""
        return self.output is None and sys.stdout.isatty()

    @property
    def screen(self) -> Screen:
        """What a text may take."""
        if not self.on_terminal:
            return Screen()
        return Screen(min(shutil.get_terminal_size((80, 24)).columns, 100), styled=True)

    def form_among(self, forms: Iterable[str]) -> str:
        """The form asked for, else that of the file's name, else the first of ``forms``.

        Raises:
            RequestError: one that this command does not write.
        """
        known = tuple(forms)
        if self._form is not None:
            if self._form not in known:
                raise RequestError(
                    "--format: « {text} » is not one of {forms}.", text=self._form[:40], forms=known
                )
            return self._form
        return form_of_name(self.output, known, "-o")[0] if self.output else known[0]

    def put(self, forms: Mapping[str, Callable[[], str | bytes]]) -> None:
        """Make the form asked for, and let it out.

        Args:
            forms: what makes each form that the command writes: text, or bytes for a file.

        Raises:
            RequestError: a form that this command does not know, or bytes for a screen.
            FileError: the file cannot be written, or is one that the command reads.
        """
        form = self.form_among(forms)
        made = forms[form]()
        # A file's name may hold bytes that are no text: they are shown as JSON writes them.
        data = made if isinstance(made, bytes) else made.encode("utf-8", "backslashreplace")
        if self.output is not None:
            write_whole(self.output, data)
        elif isinstance(made, bytes) and self.on_terminal:
            raise RequestError("--format {form} makes a file: say where with -o FILE.", form=form)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

    def put_document(
        self,
        document: Callable[[], Document],
        content: Callable[[Language], object],
        more: Mapping[str, Callable[[], str | bytes]] | None = None,
        *,
        one_by_one: Callable[[], Sequence[Document]] | None = None,
    ) -> None:
        """Let out a document in any form of the catalogue, or its content as JSON.

        Args:
            document: what spreadsheets hold, and all that texts say unless ``one_by_one`` is given.
            content: the same as data; its sentences are as the reader's language writes them.
            more: the forms that this command has beside, or writes in a way of its own.
            one_by_one: the documents that a text shows one after the other.
        """
        texts = one_by_one or (lambda: [document()])

        def written(form: Form) -> str | bytes:
            if form.prose is not None:
                prose = form.prose
                return "\n".join(prose(one, self.language, self.screen) for one in texts())
            if form.sheet is None:
                return self.json(content)
            flat = document()
            for said in () if form.notes else flat.said_notes(self.language):
                note(said)
            return form.sheet(flat, self.language)

        self.put({**{name: partial(written, CATALOGUE[name]) for name in GENERAL}, **(more or {})})

    def json(self, content: Callable[[Language], object]) -> str:
        """A content as JSON."""
        return spelled(json.dumps(content(self.language), ensure_ascii=False, indent=2)) + "\n"


def answer_in(*forms: str) -> Callable[..., Result]:
    """The options by which a result leaves in one of ``forms``; the first is the one by default."""
    meaning = marked("The form of the result (default: as FILE’s name ends, else the first).")
    asked = Annotated[str | None, option(f"--format {'|'.join(forms)}", meaning)]

    def result(lang: Lang = None, form: asked = None, output: Output = None) -> Result:
        return Result(lang, form, output)

    return result


answer = answer_in(*GENERAL)
"""The options by which the result of most commands leaves."""


def saved_as(form: str) -> Callable[..., Result]:
    """The options by which a result leaves in its one form."""

    def result(lang: Lang = None, output: Output = None) -> Result:
        saved = Result(lang, None, output)
        saved.form_among([form])
        return saved

    return result
