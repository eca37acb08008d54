"""What is installed is the lowest that the package says it takes; run by ``./dev lowest`` before the tests.

One extra may need more of a library than the package asks for: its bound would then be a promise that nobody tried.
"""

import sys
from importlib.metadata import version

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.packaging.requirements import CORE, EXTRAS, PROJECT


def untried() -> list[str]:
    """The bounds that are not those of what is installed here."""
    asked = {Requirement(written) for several in (CORE, *EXTRAS.values()) for written in several}
    return sorted(
        f"{one}, and {version(one.name)} is installed"
        for one in asked
        if one.name != PROJECT["name"]
        and version(one.name) not in SpecifierSet(f"{str(one.specifier).replace('>=', '==')}.*")
    )


if __name__ == "__main__":
    sys.exit("\n".join(untried()) or 0)
