"""``python -m tests.packaging.licences``: write ``docs/licences.md`` anew, from what the installed packages declare."""

from collections.abc import Iterator

from tests.packaging.requirements import EXTRAS, ROOT, closure, direct, licence

PAGE = ROOT / "docs" / "licences.md"
_HEAD = """\
# Licences

This package is under the MIT licence. It comes with no other package's code: `pip` fetches those below, each under the
licence that it declares itself. `./dev licences` writes this page anew; a test holds it to what is installed.

`python-stdnum` is under the LGPL: it is used as it is, by import, and whoever installs this package may
put another version of it in its place; that is all that this licence asks here.
"""


def page() -> str:
    """The page: what the package itself needs, then what each extra adds."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    core = closure(direct())
    yield from _table("The package itself", core)
    for extra in sorted(EXTRAS):
        yield from _table(f"`[{extra}]` adds", closure(direct(extra)) - core)


def _table(title: str, names: set[str]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| package | licence |\n|---|---|"
    yield from (f"| {name} | {licence(name)} |" for name in sorted(names))
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
