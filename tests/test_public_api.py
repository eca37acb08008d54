"""What an accounting tool imports: a short list, true, and light to load."""

import json
import subprocess
import sys
from pathlib import Path

import opqibi_rules

ROOT = Path(__file__).parents[1]


def test_the_list_of_names_is_sorted_and_true() -> None:
    names = opqibi_rules.__all__
    assert names == sorted(names)
    assert len(set(names)) == len(names)
    for name in names:
        assert getattr(opqibi_rules, name).__doc__


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = ["typer", "click", "babel", "pydantic", "yaml", "stdnum", "openpyxl", "pandas", "numpy"]
    asking = f"import sys, json, opqibi_rules; print(json.dumps([n for n in {heavy} if n in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", asking], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []


def test_a_quote_by_counts_loads_nothing_heavy_either() -> None:
    asking = """
import sys, json, opqibi_rules
opqibi_rules.quote(tariffs={1: 5}, turnover="800 000", on="2026-03-02").to_dict()
print(json.dumps([n for n in ("typer", "babel", "pydantic", "yaml", "stdnum") if n in sys.modules]))
"""
    done = subprocess.run(
        [sys.executable, "-c", asking], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []
