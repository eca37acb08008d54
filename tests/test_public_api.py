"""What an accounting tool imports: a short list, true, and light to load."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import opqibi_rules

ROOT = Path(__file__).parents[1]


def test_the_list_of_names_is_sorted_and_true() -> None:
    names = opqibi_rules.__all__
    assert names == sorted(names)
    assert len(set(names)) == len(names)
    for name in names:
        assert getattr(opqibi_rules, name).__doc__
    assert dir(opqibi_rules) == names  # no « to_day » of our own, and « plan » before it is loaded


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


@pytest.mark.parametrize("given", [None, "firm.yaml", 1, [1], {}])
def test_what_is_no_value_of_ours_is_refused(given: Any) -> None:
    for call in (
        lambda: opqibi_rules.control_history(given, on="2026-11-21"),
        lambda: opqibi_rules.dispute_letter(given),
        lambda: opqibi_rules.journal(given or [None], "txt"),
        lambda: opqibi_rules.journal([], given),
        lambda: opqibi_rules.read_invoices(b"no invoice", name="mine.bin"),
    ):
        with pytest.raises(opqibi_rules.OpqibiError):
            call()


def test_an_invoice_in_memory_is_read_as_a_file_is(tmp_path: Path) -> None:
    data = b"number,name,amount\nF1,Dossier postulant,86.00\n"
    (tmp_path / "bill.csv").write_bytes(data)
    assert opqibi_rules.read_invoice(data, name="bill.csv") == opqibi_rules.read_invoice(
        tmp_path / "bill.csv"
    )
    with pytest.raises(opqibi_rules.RequestError, match=r"bill\.csv holds 2 invoices"):
        opqibi_rules.read_invoice(data + b"F2,Dossier postulant,86.00\n", name="bill.csv")
    with pytest.raises(opqibi_rules.FileError, match=r"bill\.csv"):
        opqibi_rules.read_invoices(data + b"F2,Dossier postulant,x\n", name="bill.csv")
