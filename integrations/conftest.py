"""Invoices for every accounting tool, as the project's own command writes them."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PARTIES = Path(__file__).with_name("parties.yaml")
FEES = Path(sys.executable).with_name("opqibi-fees")

Bill = Callable[..., Path]


@pytest.fixture(scope="session")
def billed(tmp_path_factory: pytest.TempPathFactory) -> Bill:
    """Write an invoice: its number, the options of its quote; to a file of that name, on that day."""

    def write(number: str, *asked: str, name: str = "invoice.xml", day: str = "2026-03-02") -> Path:
        path = tmp_path_factory.mktemp("bill") / name
        words = [FEES, "invoice", *asked, "--number", number, "--date", day, "--parties", PARTIES, "-o", path]
        done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - our own
        assert done.returncode == 0, done.stderr
        return path

    return write
