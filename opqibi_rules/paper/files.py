"""Files as they come in: bounded, and refused in one sentence."""

from pathlib import Path

from opqibi_rules.errors import FileError, Mistake, what_failed
from opqibi_rules.messages import Message

MAX_BYTES = 5_000_000
"""A larger file of text is not read."""


def file_bytes(path: Path) -> bytes:
    """The content of a file, up to one byte more than what is accepted: a device without end is no danger.

    Raises:
        FileError: the file cannot be opened.
    """
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        message = Message("cannot be opened: {problem}.", problem=what_failed(error))
        raise FileError(str(path), [Mistake(message)]) from None
