"""Our docstrings as Markdown: their examples in blocks of code, the roles of their names as names."""

import re
from typing import Any

import griffe


class Docstrings(griffe.Extension):
    """Changes each docstring as it is read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Put examples between fences, and take roles (``:class:`Quote```) away."""
        if obj.docstring is not None:
            text = re.sub(
                r":(?:class|func|meth|mod|attr|data):`~?(?:[\w.]*\.)?(\w+)`", r"`\1`", obj.docstring.value
            )
            obj.docstring.value = re.sub(
                r"^(>>> .*\n(?:.+\n?)*)",
                lambda found: f"```pycon\n{found[1].rstrip()}\n```\n",
                text,
                flags=re.MULTILINE,
            )
