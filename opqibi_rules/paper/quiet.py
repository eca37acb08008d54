"""Nothing of an invoice in the logs: the libraries that read it are silent while they do.

``factur-x`` logs every field it reads, and a whole invoice that fails; ``pypdf`` warns of what it mends. The
levels of their loggers are put back as they were when the last of concurrent readings ends.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_NAMES = ("factur-x", "pypdf", "PIL", "RapidOCR")
_OFF = logging.CRITICAL + 1
_lock = Lock()
_readings = 0
_levels: dict[str, int] = {}


@contextmanager
def silence() -> Iterator[None]:
    """No record of these libraries, at any level, in any thread, while the block runs."""
    global _readings  # noqa: PLW0603 - the loggers are the process's own: so is their count
    with _lock:
        if _readings == 0:
            for name in _NAMES:
                _levels[name] = logging.getLogger(name).level
                logging.getLogger(name).setLevel(_OFF)
        _readings += 1
    try:
        yield
    finally:
        with _lock:
            _readings -= 1
            if _readings == 0:
                for name, level in _levels.items():
                    logging.getLogger(name).setLevel(level)
