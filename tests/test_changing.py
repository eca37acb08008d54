"""``docs/changing.md`` is true: each change that it works out is made on a copy of the package, and does what it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "changing.md").read_text("utf-8")
CHANGES = dict(re.findall(r"^## (.*?)\n(.*?)(?=\n## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
STANDS_FOR = {
    "./dev tables": f"{sys.executable} -m opqibi_rules.tables && {sys.executable} -m opqibi_rules.desk",
    "opqibi-fees": f"{sys.executable} -m opqibi_rules.cli.main",
}


def state(place: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(place)): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def run(place: Path, command: str, fed: str | None = None) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(place),
        "OPQIBI_LANG": "en",
        "LC_ALL": "C.UTF-8",
    }
    ran = subprocess.run(
        ["sh", "-c", command],
        cwd=place,
        env=environment,
        input=fed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, (command, ran.stdout, ran.stderr)
    return ran.stdout


def made(place: Path, change: str) -> None:
    """A change, block by block: a diff is applied, a line is run, and its comment stands in what it answers."""
    for kind, block in re.findall(r"```(\w+)\n(.*?)```", CHANGES[change], re.DOTALL):
        if kind == "diff":
            run(place, "git apply --unidiff-zero -", fed=block)
            continue
        for line in block.replace("\\\n", " ").splitlines():
            command, _, said = line.partition(" # ")
            for name, meant in STANDS_FOR.items():
                command = re.sub(rf"(?<![\w/]){re.escape(name)}", meant, command)
            assert said in run(place, command), line


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("opqibi_rules", "data"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests" / "tables").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "tables" / "released.txt", tmp_path / "tests" / "tables")
    return tmp_path


@pytest.mark.long
def test_each_change_in_turn_does_what_the_page_says_and_touches_what_it_names(copy: Path) -> None:
    assert len(CHANGES) == 3
    for change, text in CHANGES.items():
        before = state(copy)
        made(copy, change)
        touched = {path for path, content in state(copy).items() if before.get(path) != content} - {
            "quote.tsv"
        }
        (named,) = re.findall(r"^Touches: (.*?)\. ", text, re.MULTILINE)
        assert touched == set(re.findall("`([^`]+)`", named)), change
