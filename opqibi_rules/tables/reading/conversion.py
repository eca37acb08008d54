"""A file in the form of before, rewritten in today's and checked: ``opqibi-fees tables convert``."""

import re
from typing import NamedTuple

from opqibi_rules.paper import strict_yaml
from opqibi_rules.paper.text import decoded
from opqibi_rules.tables.check import check
from opqibi_rules.tables.old_schedule import in_todays_form

_HEAD = re.compile(r"(?:#.*\n|\s*\n)*")
_COMMENT = re.compile(r"(?m)(?:^|\s)#")


class Converted(NamedTuple):
    """A schedule in today's form."""

    text: str
    loses_comments: bool
    """The old file may have comments below its head: they are not kept."""


def converted(data: bytes, name: str) -> Converted:
    """The same schedule in today's form, with the same amounts.

    Raises:
        FileError: the file is not in the form of before, or all that is wrong in it.
    """
    made = check(in_todays_form(strict_yaml.read(data, name)))
    text = decoded(data, name)
    head = _HEAD.match(text)
    kept = head[0] if head else ""
    return Converted(kept + strict_yaml.written(made), _COMMENT.search(text, len(kept)) is not None)
