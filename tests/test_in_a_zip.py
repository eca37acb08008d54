"""The package as a wheel that nobody installed: on Python's path as it is, as Spark's ``--py-files`` puts it there."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
ASKS = """
from datetime import date
import polars as pl
import opqibi_rules
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.price.columns import with_fees
assert ".whl" in opqibi_rules.__file__, opqibi_rules.__file__
on = date(2026, 3, 2)
print(opqibi_rules.quote(tariffs={1: 5, 2: 3}, turnover="800 000", on=on).total_excl_vat)
print(with_fees(pl.DataFrame({"turnover": ["800 000"], "t1": [5], "t2": [3]}), on=on)["total_excl_vat"].to_list())
print(Language("fr").say(Message("Total excl. VAT")))
"""


def packed_wheel(folder: Path) -> Path:
    """The package as a wheel holds it."""
    wheel = folder / "opqibi_rules-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        for file in (ROOT / "opqibi_rules").rglob("*"):
            if file.suffix in {".py", ".mo"}:
                packed.write(file, file.relative_to(ROOT))
        for file in (ROOT / "data").iterdir():
            if file.is_file():
                packed.write(file, f"opqibi_rules/data/{file.name}")
    return wheel


def test_a_wheel_on_the_path_prices_and_speaks_french(tmp_path: Path) -> None:
    wheel = packed_wheel(tmp_path)
    (tmp_path / "temporary").mkdir()
    environment = {"PYTHONPATH": str(wheel), "TMPDIR": str(tmp_path / "temporary")}
    done = subprocess.run(
        [sys.executable, "-c", ASKS],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.split("\n")[:3] == ["1803.50", "[180350]", "Total HT"]
    assert not list((tmp_path / "temporary").iterdir())
