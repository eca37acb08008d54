"""A fault of ours: what it is and where, and nothing of what a caller gave."""

import traceback
from pathlib import Path


class FaultError(Exception):
    """A fault of ours, as another process tells it."""


def described(error: BaseException) -> str:
    """Its kind and its place in the code. Its own words are left out: they may quote the caller.

    >>> described(FaultError("KeyError in part_of, model.py, line 162"))
    'KeyError in part_of, model.py, line 162'
    """
    if isinstance(error, FaultError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    last = frames[-1]
    return f"{type(error).__name__} in {last.name}, {Path(last.filename).name}, line {last.lineno}"
