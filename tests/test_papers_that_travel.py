"""No paper tells its reader what to type: only the command line names options."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "opqibi_rules"
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def said(path: Path) -> list[str]:
    """The texts of a module that are no docstring."""
    tree = ast.parse(path.read_text("utf-8"))
    explained = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explained
    ]


@pytest.mark.parametrize("room", ["price", "certificate", "invoice", "tables", "paper"])
def test_no_sentence_below_the_doors_names_an_option(room: str) -> None:
    modules = list((PACKAGE / room).rglob("*.py"))
    assert modules
    named = {
        (path.relative_to(PACKAGE).as_posix(), text)
        for path in modules
        for text in said(path)
        if OPTION.search(text) and " " in text.strip()  # what another program is given is no sentence
    }
    assert {one for one in named if one[0] not in WRITTEN_FOR_THE_COMMAND} == set()


WRITTEN_FOR_THE_COMMAND = {"price/files/structure_text.py"}
"""A structure file that « init » writes says which option takes it."""
