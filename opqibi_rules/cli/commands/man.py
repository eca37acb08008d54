"""``opqibi-fees man``: the manual page, made of the help pages."""

import re
from collections.abc import Iterator

import typer

from opqibi_rules.cli.manual import Command, Given, all_commands
from opqibi_rules.cli.options import takes, voice
from opqibi_rules.cli.result import DONE
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.version import __version__

EXAMPLES = ("opqibi-fees man", "opqibi-fees man --lang en")

_CODES = (
    (0, Message("Done, and all is in order.")),
    (1, Message("Done, and something is not in order.")),
    (2, Message("Bad usage, or an input that cannot be read: nothing was written.")),
    (3, Message("Done, and the answer is undetermined.")),
    (4, Message("A fault of ours.")),
    (130, Message("Interrupted; no result was written.")),
)
_ENVIRONMENT = (
    ("OPQIBI_LANG", Message("The language, fr or en, where --lang does not say it.")),
    ("OPQIBI_TABLES", Message("The folder of your own tables, where --tables does not say it.")),
    ("OPQIBI_TOKEN", Message("The token that serve asks of whoever calls.")),
    ("API_ENTREPRISE_TOKEN", Message("The token that API Entreprise asks of us.")),
)


@takes(voice)
def command(language: Language) -> int:
    """Write the page: ``opqibi-fees man | man -l -`` reads it."""
    typer.echo("\n".join(page(language)))
    return DONE


def page(language: Language) -> Iterator[str]:
    """The lines of the manual page, in roff with the macros of man(7)."""
    say, whole = language.say, all_commands(language)
    yield f'.TH OPQIBI\\-FEES 1 "" "opqibi\\-rules {__version__}"'
    yield from (f".SH {say(Message('NAME'))}", f"opqibi\\-fees \\- {_roff(whole.meaning)}")
    yield from (f".SH {say(Message('SYNOPSIS'))}", ".B opqibi\\-fees", r"\fICOMMAND\fR [\fIOPTIONS\fR]")
    yield from (f".SH {say(Message('COMMANDS'))}",)
    for one in whole.commands:
        for each in one.walk():
            yield from _command(each)
    yield from (f".SH {say(Message('EXIT STATUS'))}",)
    for code, said in _CODES:
        yield from (".TP", f".B {code}", _roff(say(said)))
    yield from (f".SH {say(Message('ENVIRONMENT'))}",)
    for name, said in _ENVIRONMENT:
        yield from (".TP", f".B {name}", _roff(say(said)))
    yield from (f".SH {say(Message('EXAMPLES'))}", *_typed(whole.examples))


def _command(command: Command) -> Iterator[str]:
    """What one command does, takes, and an example of it."""
    yield from (f".SS {_roff(command.usage)}", _roff(command.meaning))
    for given in (*command.arguments, *command.options):
        yield from (".TP", _name(given), _roff(given.meaning))
    if command.examples:
        yield from (".PP", *_typed(command.examples))


def _typed(lines: tuple[str, ...]) -> Iterator[str]:
    """Lines to be typed, as they are."""
    yield from (".nf", ".RS", *(_roff(line) for line in lines), ".RE", ".fi")


def _name(given: Given) -> str:
    names = ", ".join(rf"\fB{_roff(name)}\fR" for name in given.names)
    return f"{names} \\fI{_roff(given.value)}\\fR".strip() if given.value else names


def _roff(text: str) -> str:
    """A text as roff writes it: its backslashes, its hyphens, and a point or a quote that begins a line."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", escaped)
