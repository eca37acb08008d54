"""Settings for all the tests."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from opqibi_rules.price.fees import rules_of
from opqibi_rules.tables.library import shipped_tables

# A slow machine is no defect of a rule; every failure prints what reproduces it.
settings.register_profile("proof", deadline=None, print_blob=True)
settings.register_profile(
    "quick", settings.get_profile("proof"), max_examples=10, derandomize=True, database=None
)
# In CI the examples are the same for the same commit: red means the commit, not the draw. Elsewhere each run draws anew.
settings.register_profile("ci", settings.get_profile("proof"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "proof")


@pytest.fixture(scope="session", autouse=True)
def _facts_read_anew() -> None:
    """Keep nothing from an earlier session in the same process: mutation testing runs one for each mutant."""
    rules_of.cache_clear()
    shipped_tables.cache_clear()


_RULES = {"price", "tables", "certificate", "invoice", "editions", "properties"}
"""The rooms of tests that must reach each line of the rules, but for what is about files and papers in them."""
_FILES = {"files", "papers"}


def _is_measured(item: pytest.Item) -> bool:
    """It is a test of the rules, by cases that it names.

    A line that only a door reaches, or a draw, is reached on some days alone; and to measure takes thrice as long as
    to run.
    """
    if item.get_closest_marker("sweep") or getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
        return False
    here = Path(__file__).parent
    *rooms, _ = item.path.relative_to(here).parts if item.path.is_relative_to(here) else ("",)
    return not rooms or (rooms[0] in _RULES and _FILES.isdisjoint(rooms))


_SPARK = "spark"


class _Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # which bears no types
    """A test goes to whoever is free; those of Spark to one process, for each that meets them starts a Java of its own.

    What `--dist loadgroup` is for, which does nothing under pytest 9.2: github.com/pytest-dev/pytest-xdist/issues/1386.
    """

    def _split_scope(self, nodeid: str) -> str:
        return _SPARK if _SPARK in nodeid.lower() else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _Scheduling:
    """Several processes take the tests in their own order."""
    config.option.loadscopereorder = False
    return _Scheduling(config, log)


def _is_of_spark(item: pytest.Item) -> bool:
    return _SPARK in item.nodeid.lower()


def _turn(item: pytest.Item) -> int:
    """Those that are measured come first: a cache that another test filled would hide the lines that fill it."""
    if _is_of_spark(item):
        return 1
    return 0 if _is_measured(item) else 2 if item.get_closest_marker("long") else 3


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order of the tests."""
    items.sort(key=_turn)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Measure what the tests of the rules reach, and no other."""
    measuring = sys.gettrace()
    if not _is_measured(item):
        # pytest-cov's own `no_cover` lets a second measure go on in each process of pytest-xdist.
        sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(measuring)
