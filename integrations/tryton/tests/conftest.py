"""One server for the session: its set-up is what costs."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import serving


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def firm(request: pytest.FixtureRequest) -> Iterator[SimpleNamespace]:
    """A company and its users, on a server of each database."""
    with serving.server(request.param) as address:
        yield serving.prepared(address)
