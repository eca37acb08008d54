"""Every error a caller may meet.

::

    ValueError
    └── OpqibiError               one clear message, in both languages
        ├── AmountError           not an amount of euros, or one that cannot be (negative, absurd)
        ├── DateError             not a day, or a day for which the question has no meaning
        ├── RequestError          a question that does not hold together (event, counts, options)
        │   ├── UnknownCodeError    a qualification code that no table knows
        │   └── UnknownTariffError  a qualification whose tariff code nobody gave
        ├── TableError            the facts do not answer (no schedule on that day, no such territory)
        ├── FetchError            a register that gave no answer: refused, silent, cut off, unreadable
        └── FileError             a file that cannot be read; ``mistakes`` lists all that is wrong with it

A message says what was given, what is expected and how to mend it. ``str(error)`` is neutral English;
``error.message`` can be rendered in French.
"""

import errno
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from opqibi_rules.messages import Message, Say


class OpqibiError(ValueError):
    """The root of all errors of this package."""

    def __init__(
        self,
        message: Message | str,
        /,
        *,
        field: str | None = None,
        codes: tuple[str, ...] = (),
        **values: object,
    ) -> None:
        """``message``, or the English text of one and its ``values``."""
        self.message = Message(message, **values) if isinstance(message, str) else message
        super().__init__(self.message)
        self.field = field
        """Which field of the question is at fault, where one is: ``tariffs``, ``qualifications[1]``…"""
        self.codes = codes
        """The qualifications at fault, where some are."""

    def explain(self, say: Say = str) -> str:
        """The whole error as text, each sentence rendered by ``say``."""
        return say(self.message)

    def __str__(self) -> str:
        return self.explain()


class AmountError(OpqibiError):
    """Not an amount of euros, or one that cannot be (negative, absurd, ambiguous)."""


class DateError(OpqibiError):
    """Not a day, or a day for which the question has no meaning."""


class RequestError(OpqibiError):
    """A question that does not hold together."""


class UnknownCodeError(RequestError):
    """A qualification code that no table knows."""


class UnknownTariffError(RequestError):
    """A qualification whose tariff code nobody gave: the published schedule does not say it."""


class TableError(OpqibiError):
    """The facts at hand do not answer the question."""


class FetchError(OpqibiError):
    """A register that gave no answer about the firm: it says nothing of its certificate."""

    retry_in: float | None = None
    """Seconds before the register wants to be asked again, where it says so."""
    every_call: bool = False
    """It would say the same of any other firm: the token, its rights, the traces."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in a file: what, and where."""

    message: Message
    path: str = ""
    """Where in the data, as ``$.qualifications[3].tariff``; empty for the file as a whole."""
    line: int | None = None
    column: int | None = None
    file: str = ""
    """Which file, where several were read together; empty: the one that the error names."""

    @property
    def placed(self) -> Message:
        """The message, after the line and the column where it has them."""
        if self.line is None:
            return self.message
        if self.column is None:
            return Message("line {line}: {problem}", line=self.line, problem=self.message)
        return Message(
            "line {line}, column {column}: {problem}",
            line=self.line,
            column=self.column,
            problem=self.message,
        )

    def explain(self, say: Say = str) -> str:
        """``line 4, column 7, $.turnovers[0].year: …``."""
        where = []
        if self.line is not None:
            where.append(say(Message("line {line}", line=self.line)))
        if self.column is not None:
            where.append(say(Message("column {column}", column=self.column)))
        if self.path:
            where.append(self.path)
        text = say(self.message)
        return f"{', '.join(where)}: {text}" if where else text


class FileError(OpqibiError):
    """A file that cannot be read, with all its mistakes, in the order of the file."""

    def __init__(self, name: str, mistakes: list[Mistake]) -> None:
        super().__init__(Message("{name} cannot be read.", name=name))
        self.name = name
        self.mistakes = tuple(sorted(mistakes, key=lambda m: (m.file, m.line or 0, m.column or 0)))

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.name, list(self.mistakes))

    @classmethod
    def together(cls, errors: Sequence["FileError"]) -> "FileError":
        """The mistakes of several files as one error, each with its own file."""
        return cls(
            ", ".join(error.name for error in errors),
            [replace(mistake, file=error.name) for error in errors for mistake in error.mistakes],
        )

    def explain(self, say: Say = str) -> str:
        """One line a mistake, each with its file's name."""
        return "\n".join(f"{mistake.file or self.name}: {mistake.explain(say)}" for mistake in self.mistakes)


def meant(problem: Message, name: str, known: Iterable[str]) -> Message:
    """A refusal of a name, with the known one that is nearest to it, where one is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - only what is refused needs it

    bare = {one.lstrip("-"): one for one in known}  # dashes are alike, and say nothing
    near = get_close_matches(name.casefold().lstrip("-"), list(bare), n=1, cutoff=0.7)
    return Message("{problem} Did you mean {near}?", problem=problem, near=bare[near[0]]) if near else problem


_FAILURES = {
    errno.ENOENT: Message("no such file or folder"),
    errno.ENOTDIR: Message("a part of its path is not a folder"),
    errno.EISDIR: Message("it is a folder, not a file"),
    errno.EACCES: Message("you have no right to"),
    errno.EPERM: Message("you have no right to"),
    errno.EROFS: Message("the disk is read-only"),
    errno.ENOSPC: Message("the disk is full"),
    errno.EDQUOT: Message("your share of the disk is full"),
    errno.ENAMETOOLONG: Message("its name is too long"),
    errno.EBADF: Message("it is closed"),
}


def what_failed(error: OSError) -> Message:
    """Why a file cannot be opened or written, in words that can be said in French."""
    known = _FAILURES.get(error.errno or 0)
    return known or Message("{problem}", problem=error.strerror or str(error) or type(error).__name__)
