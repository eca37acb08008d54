"""What the code imports is asked for: by the package itself, or by the extra whose name a refusal says."""

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.packaging.requirements import EXTRAS, ROOT, closure, direct, normal

PACKAGE = ROOT / "opqibi_rules"
THROUGH = {"anyio", "h11", "markupsafe", "omegaconf", "py4j", "pydantic-core"}
"""Imported without being named: the very tongue of what brings each (mcp, uvicorn, jinja2, rapidocr, pyspark, pydantic)."""
GIVEN = {"pyarrow"}
"""Imported only where the caller gives something of it."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imported(path: Path, *, at_once: bool) -> Iterator[str]:
    """The modules that a file imports, when it is itself imported or at all; not what a type checker alone reads."""
    waiting: list[ast.AST] = [tree(path)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting.extend(node.orelse)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif not (at_once and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
            waiting.extend(ast.iter_child_nodes(node))


@cache
def installed() -> Mapping[str, list[str]]:
    return packages_distributions()


def distribution(module: str) -> set[str]:
    """The package that a module is of; none for ours and for Python's."""
    top = module.partition(".")[0]
    if top in {"opqibi_rules", ""} or top in sys.stdlib_module_names:
        return set()
    return {normal(name) for name in installed().get(top, [top])}


def file_of(module: str) -> Path:
    path = ROOT / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def needed(module: str, seen: set[str]) -> set[str]:
    """What must be installed for a module, of ours or not, to be imported."""
    if not module.startswith("opqibi_rules"):
        return distribution(module)
    if module in seen or not file_of(module).is_file():
        return set()
    seen.add(module)
    return set().union(*(needed(each, seen) for each in imported(file_of(module), at_once=True)))


def loads() -> Iterator[tuple[str, str, str]]:
    """Each ``load("MODULE", extra="EXTRA")``: where, the module, the extra."""
    for path in sorted(PACKAGE.rglob("*.py")):
        constants = {
            ast.unparse(node.targets[0]): node.value.value
            for node in tree(path).body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "load" and node.args:
                module, extra = node.args[0], node.keywords[0].value
                named = (
                    extra.value
                    if isinstance(extra, ast.Constant)
                    else constants.get(ast.unparse(extra), "scan")
                )
                if isinstance(module, ast.Constant):
                    yield path.name, str(module.value), str(named)


LOADS = sorted({(module, extra, where) for where, module, extra in loads()})


@pytest.mark.parametrize(("module", "extra"), sorted({(module, extra) for module, extra, _ in LOADS}))
def test_the_extra_that_a_refusal_names_brings_the_module(module: str, extra: str) -> None:
    assert needed(module, set()) <= closure(direct(extra))


def test_all_that_is_imported_is_asked_for_by_name() -> None:
    assert len(LOADS) > 25
    used = {
        name
        for path in PACKAGE.rglob("*.py")
        for module in imported(path, at_once=False)
        for name in distribution(module)
    }
    used |= {name for module, _, _ in LOADS for name in distribution(module)}
    assert used - direct(*EXTRAS) == THROUGH | GIVEN
    assert closure(direct(*EXTRAS)) >= THROUGH
