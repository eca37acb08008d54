"""Settings for all the tests."""

import os

import pytest
from hypothesis import settings

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
