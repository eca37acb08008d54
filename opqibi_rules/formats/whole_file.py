"""Files written whole or not at all: to a temporary neighbour first, then renamed."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary neighbour to write to, which takes the place of ``path`` if all goes well.

    If anything fails, or is interrupted, whatever stood at ``path`` is untouched.

    Raises:
        OSError: no such folder, no rights, a full disk.
    """
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
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
    """Write ``data`` to ``path``; if anything fails, whatever stood there is untouched.

    Raises:
        OSError: no such folder, no rights, a full disk.
    """
    with whole_file(path) as draft:
        draft.write_bytes(data)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
