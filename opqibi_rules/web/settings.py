"""How the server is open, and how much it gives to one caller."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from opqibi_rules.tables.library import Tables

LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")
"""The names by which a browser on the same machine calls the server."""


COOKIE = "opqibi_token"
"""Where a browser keeps the token."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a server needs to know; the defaults are those of one person on her own machine."""

    tables: Tables = field(default_factory=Tables)
    today: Callable[[], date] = date.today
    hosts: tuple[str, ...] = LOCAL_NAMES
    """The names accepted in ``Host``, without port: a page of another site that makes its own name point
    here (DNS rebinding) is refused. ``*`` accepts any."""
    origins: tuple[str, ...] = ()
    """The sites whose pages may call the API (CORS); none by default."""
    frames: tuple[str, ...] = ()
    """The sites whose pages may show the simulator, which then needs no token; none by default."""
    local: bool = False
    """It is for whoever sits at this machine, and for nobody else."""
    tokens: tuple[str, ...] = ()
    """What a caller must present, one of them; for a server that is open to others."""
    wrong_token_seconds: float = 1.0
    """How long a caller who presents another waits to be told."""
    largest_body: int = 21_000_000
    """Bytes: an upload, and the form around it."""
    largest_question: int = 200_000
    """Bytes of a body that is no upload."""
    seconds: float = 30.0
    """How long one request may take, its body included."""
    at_once: int = 64
    """How many requests are served at the same time, uploads apart; more are told to come back."""
    uploads_at_once: int = 64
    """How many uploads come in or wait for a worker at the same time."""
    body_seconds: float = 10.0
    """How long a body that is no upload may take to come in."""
    workers: int = os.cpu_count() or 2
    """How many files are read at the same time, each in a process of its own."""
