"""What the help pages say, as data: of it are made the man page, the completion of shells, the pages of the site."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from opqibi_rules.cli.main import COMMANDS, parser_of
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language


class Given(NamedTuple):
    """An option, or an argument where it has no name."""

    names: tuple[str, ...]
    value: str
    meaning: str
    required: bool

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that it takes, where it takes no other: those of ``fr|en``."""
        words = tuple(self.value.split("|"))
        return words if len(words) > 1 and all(re.fullmatch("[a-z_0-9]+", word) for word in words) else ()


class Command(NamedTuple):
    """A command, or a group of them, as its help page says it."""

    path: str
    meaning: str
    arguments: tuple[Given, ...]
    options: tuple[Given, ...]
    examples: tuple[str, ...]
    commands: tuple["Command", ...] = ()

    @property
    def usage(self) -> str:
        """What is typed, in one line."""
        words = [given.value if given.required else f"[{given.value}]" for given in self.arguments]
        return " ".join([self.path, "[OPTIONS]", *(["COMMAND"] if self.commands else words)])

    def walk(self) -> Iterator["Command"]:
        """Itself, and all below it."""
        yield self
        for command in self.commands:
            yield from command.walk()


def the_command(language: Language, name: str = "") -> Command:
    """A command with all below it; without a name, ``opqibi-fees`` itself with the names of its commands alone."""
    root = parser_of([name] if name else [], language)
    shown = Given(("-h", "--help"), "", language.say(Message("Show this message and exit.")), required=False)
    return _read(root.commands[name] if name else root, " ".join(["opqibi-fees", name]).strip(), shown)


def all_commands(language: Language) -> Command:
    """``opqibi-fees``, and all that every command says."""
    return the_command(language)._replace(commands=tuple(the_command(language, name) for name in COMMANDS))


def _read(parser: Any, path: str, shown: Given) -> Command:
    """What the parser's library knows of a command."""
    given = [
        Given(
            tuple(each.opts) if each.param_type_name == "option" else (),
            each.metavar or "",
            each.help or "",
            each.required,
        )
        for each in parser.params
    ]
    return Command(
        path,
        parser.help,
        arguments=tuple(each for each in given if not each.names),
        options=(*(each for each in given if each.names), shown),
        examples=tuple(line.strip() for line in (parser.epilog or "").splitlines() if line.strip("\b ")),
        commands=tuple(
            _read(each, f"{path} {name}", shown) for name, each in getattr(parser, "commands", {}).items()
        ),
    )
