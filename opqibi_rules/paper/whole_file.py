"""Files written whole or not at all: to a temporary neighbour first, then renamed."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from opqibi_rules.errors import FileError, Mistake, what_failed
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import spare


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A place to write to, which takes the place of ``path`` if all goes well.

    If anything fails, or is interrupted, whatever stood there is untouched. A link is followed: what it points
    to is replaced, not the link. A device or a pipe (``/dev/stdout``) is written to as it stands.

    Raises:
        FileError: a file that the command reads.
        OSError: a folder, no such folder, no rights, a full disk.
    """
    spare(path)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file():
        yield path
        return
    path = Path(os.path.realpath(path))
    if path.exists():
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        mode = path.stat().st_mode & 0o777
    else:
        mode = 0o666 & ~_umask()
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".opqibi-")
    except OSError as error:  # told of the file that was asked for: nobody knows the draft's name
        raise OSError(error.errno, error.strerror, str(path)) from None
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.chmod(mode)
        draft.replace(path)
    finally:
        try:
            draft.unlink(missing_ok=True)
        except KeyboardInterrupt:  # a second Ctrl-C, from an impatient hand
            draft.unlink(missing_ok=True)
            raise


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``, whole or not at all, as :func:`whole_file` does.

    Raises:
        FileError: a file that the command reads, a folder, no such folder, no rights, a full disk.
    """
    try:
        with whole_file(path) as draft:
            draft.write_bytes(data)
    except OSError as error:
        message = Message("cannot be written: {problem}.", problem=what_failed(error))
        raise FileError(str(path), [Mistake(message)]) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
