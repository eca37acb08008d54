"""What ``pyproject.toml`` asks for, and what that asks for in turn, as the packages installed here say."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import metadata, requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
CORE: list[str] = PROJECT["dependencies"]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def direct(*extras: str) -> set[str]:
    """The packages that the project itself names, for itself and for extras."""
    found: set[str] = set()
    for written in (*CORE, *(each for extra in extras for each in EXTRAS[extra])):
        asked = Requirement(written)
        found |= direct(*asked.extras) if normal(asked.name) == PROJECT["name"] else {normal(asked.name)}
    return found


def closure(names: Iterable[str]) -> set[str]:
    """Packages, and all that they need on this machine."""
    return set().union(*(_needed(name) for name in names))


@cache
def _needed(name: str) -> frozenset[str]:
    found, waiting = {name}, [Requirement(name)]
    while waiting:
        asked = waiting.pop()
        for written in requires(asked.name) or ():
            each = Requirement(written)
            wanted = (
                any(each.marker.evaluate({"extra": extra}) for extra in ("", *asked.extras))
                if each.marker
                else True
            )
            if wanted and normal(each.name) not in found:
                found.add(normal(each.name))
                waiting.append(each)
    return frozenset(found)


def licence(name: str) -> str:
    """The licence that a package declares: its expression, else a short name of it, else what it is classified as."""
    said = metadata(name)
    expression, short = (str(said.json.get(name) or "") for name in ("license_expression", "license"))
    if expression:
        return expression
    classified = [
        line.rpartition(" :: ")[2]
        for line in said.get_all("Classifier") or ()
        if line.startswith("License ::")
    ]
    return "; ".join(classified) or (short if len(short) < 60 and "\n" not in short else "") or "not declared"
