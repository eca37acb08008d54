"""Files taken one by one: what is wrong with one of them does not keep the others from their answer."""

import os
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from opqibi_rules import __version__
from opqibi_rules.cli.result import FAULT, UNREADABLE, note
from opqibi_rules.desk.faults import described
from opqibi_rules.errors import FileError, Mistake, OpqibiError
from opqibi_rules.messages import Message, Say
from opqibi_rules.paper.shape import Json
from opqibi_rules.verdict import worst

DEBUG = "OPQIBI_DEBUG"
"""The environment variable that shows the whole trace of a fault."""

_Name = TypeVar("_Name")
_Found = TypeVar("_Found")


def fault(error: Exception) -> Message:
    """What to say of a fault of ours."""
    if os.environ.get(DEBUG):
        note("".join(traceback.format_exception(error)))
    return Message(
        "A fault of ours, not of what you gave: {what}. Please report it with the command as you typed it, this "
        "sentence and the version, {version}; {debug}=1 shows where it comes from.",
        what=described(error),
        version=__version__,
        debug=DEBUG,
    )


class FileFaultError(FileError):
    """A file on which we fail."""

    def __init__(self, name: str, error: Exception) -> None:
        super().__init__(name, [Mistake(fault(error))])


class Attempts:
    """The files of a command, and those that gave no answer."""

    def __init__(self) -> None:
        self.failed: list[FileError] = []

    def each(
        self,
        names: Iterable[_Name],
        work: Callable[[_Name], Iterable[_Found]],
        *,
        named: Callable[[_Name], str] = str,
    ) -> Iterator[_Found]:
        """What ``work`` finds in each; a file gives all its answers or none. ``named`` says which it is."""
        for name in names:
            try:
                found = list(work(name))
            except FileError as error:
                self.failed.append(error)
            except (OpqibiError, OSError):  # the question itself, or the machine: no file of them will do
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the others have their answer
                self.failed.append(FileFaultError(named(name), error))
            else:
                yield from found

    def told(self, done: int, say: Say) -> None:
        """Tell of those that gave no answer.

        Raises:
            FileError: nothing else was asked, and nothing is done.
        """
        if len(self.failed) == 1 and not done:
            raise self.failed[0]
        for error in self.failed:
            note(error.explain(say))

    def all_or_none(self) -> None:
        """Refuse the whole where one of them gave no answer.

        Raises:
            FileError: all that is wrong in all of them.
        """
        if faults := [error for error in self.failed if isinstance(error, FileFaultError)]:
            raise faults[0]
        if self.failed:
            raise FileError.together(self.failed)

    def alone(self, answers: Sequence[object]) -> bool:
        """There is one answer, and no file failed."""
        return len(answers) == 1 and not self.failed

    def as_json(self, answers: list[Json], say: Say) -> Json | list[Json]:
        """One answer by itself; several as a list, with the files that gave none."""
        if self.alone(answers):
            return answers[0]
        return answers + [
            {"schema_version": 1, "source": error.name, "error": error.explain(say)} for error in self.failed
        ]

    def code(self, codes: Iterable[int]) -> int:
        """The worst exit code, of the answers and of what gave none."""
        return worst([*codes, *map(code_of, self.failed)])


def code_of(error: OpqibiError) -> int:
    """The exit code of a refusal."""
    return FAULT if isinstance(error, FileFaultError) else UNREADABLE
