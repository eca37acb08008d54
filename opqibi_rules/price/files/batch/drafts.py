"""Where an answer is written until it is whole, and what is said where it cannot be."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from opqibi_rules.errors import FileError, Mistake, what_failed
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import draft_folder, to_standard_output, whole_file
from opqibi_rules.paper.meanwhile import kept_meanwhile
from opqibi_rules.paper.rows.arrivals import Arrival, refuse_changed
from opqibi_rules.price.files.batch.asked import STANDARD_OUTPUT


@contextmanager
def draft_of(target: str, place: Callable[[], Path]) -> Iterator[Path]:
    """Where to write the answer, which leaves whole at the end."""
    if target != STANDARD_OUTPUT:
        with whole_file(Path(target)) as draft:
            if not draft.is_file():  # a device, or a pipe
                yield draft
                return
            # An engine that failed may yet make the file that it was about to write: not in a folder that is no more.
            with draft_folder(place(), "answer") as apart:
                answer = apart() / draft.name
                answer.touch(mode=0o600)
                with kept_meanwhile(answer):
                    yield answer
                answer.replace(draft)
        return
    draft = place() / "answer"
    yield draft
    to_standard_output(draft)


@contextmanager
def writing(target: str, read: Sequence[Arrival] = ()) -> Iterator[None]:
    """Tell what could not be written by the name of the file asked for, not by that of its draft.

    What is ``read`` meanwhile, and is no longer there or as it was, is told first: the engine's words do not say
    which of the files failed.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except (OSError, pl.exceptions.PolarsError) as error:
        number = getattr(error, "errno", None) or _errno_in(str(error))
        if number is None:
            raise
        refuse_changed(read)
        message = Message(
            "cannot be written: {problem}.", problem=what_failed(OSError(number, os.strerror(number)))
        )
        raise FileError(target, [Mistake(message)]) from None


def _errno_in(text: str) -> int | None:
    """The number of the system's error that an engine tells of."""
    _, found, rest = text.partition("(os error ")
    number = rest.partition(")")[0]
    return int(number) if found and number.isdigit() else None
