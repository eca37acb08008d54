"""One server for the session: its set-up is what costs."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import serving

PARTIES = Path(__file__).with_name("parties.yaml")
RIGHT = ("-t", "1=5", "-t", "2=3", "--turnover", "800000")


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def firm(request: pytest.FixtureRequest) -> Iterator[SimpleNamespace]:
    """A company and its users, on a server of each database."""
    with serving.server(request.param) as address:
        yield serving.prepared(address)


@pytest.fixture
def billed(tmp_path: Path) -> Callable[..., Path]:
    """An invoice, as the project's own command writes it."""

    def write(number: str, *asked: str, name: str = "invoice.xml", day: str = "2026-03-02") -> Path:
        path = tmp_path / name
        command = Path(sys.executable).with_name("opqibi-fees")
        words = [
            command,
            "invoice",
            *asked,
            "--number",
            number,
            "--date",
            day,
            "--parties",
            PARTIES,
            "-o",
            path,
        ]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return path

    return write
