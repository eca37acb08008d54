"""``opqibi-fees``: one door for all commands. A command's module is loaded only when it is called."""

import importlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from opqibi_rules.cli.options import UNREADABLE
from opqibi_rules.errors import OpqibiError
from opqibi_rules.formats.language import Language, chosen_language
from opqibi_rules.messages import Message, marked

COMMANDS: Mapping[str, str] = {
    "quote": "opqibi_rules.cli.quote",
    "plan": "opqibi_rules.cli.plan",
    "compare": "opqibi_rules.cli.compare",
    "check-certificate": "opqibi_rules.cli.check_certificate",
    "fetch-certificate": "opqibi_rules.cli.fetch_certificate",
    "controls": "opqibi_rules.cli.controls",
    "cases": "opqibi_rules.cli.cases",
    "check-invoice": "opqibi_rules.cli.check_invoice",
    "turnover-from-fee": "opqibi_rules.cli.turnover_from_fee",
    "counts-from-fee": "opqibi_rules.cli.counts_from_fee",
    "serve": "opqibi_rules.cli.serve",
    "mcp": "opqibi_rules.cli.mcp",
    "tables": "opqibi_rules.cli.tables",
    "nomenclature": "opqibi_rules.cli.nomenclature",
}
"""Each command and its module. A module holds ``command`` (a function) or ``subcommands`` (a dictionary of
name to (function, help, examples)), ``HELP`` and ``EXAMPLES``."""

_SETTINGS = {"help_option_names": ["-h", "--help"]}
_HELP = marked(
    "The price and the validity of an OPQIBI qualification: exact fees, verdicts with their reasons."
)
_EXAMPLES = (
    "opqibi-fees quote -t 1=5 -t 2=3 --turnover 800000",
    "opqibi-fees quote --event control -t 4=1 -t 1=2 --new-tariff 5=1 --explain",
)


def main() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; the exit code. Bad input ends in one clear message, never in a traceback."""
    language = Language(chosen_language(_option("--lang", arguments), os.environ))
    try:
        command = _command(arguments, language)
        return int(command.main(list(arguments), prog_name="opqibi-fees", standalone_mode=False) or 0)
    except OpqibiError as error:
        print(error.explain(language.say), file=sys.stderr)  # noqa: T201 - the door speaks
        return UNREADABLE
    except typer.exceptions.TyperException as error:
        print(_usage(error, language), file=sys.stderr)  # noqa: T201
        return UNREADABLE
    except (KeyboardInterrupt, typer.Abort):
        print(language.say(Message("Interrupted; nothing was written.")), file=sys.stderr)  # noqa: T201
        return 130
    except BrokenPipeError:
        # The reader (``head``, a pager) has seen enough; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        message = Message(
            "{name}: {problem}.", name=error.filename or "", problem=error.strerror or str(error)
        )
        print(language.say(message), file=sys.stderr)  # noqa: T201
        return UNREADABLE


def _option(name: str, arguments: Sequence[str]) -> str | None:
    """An option read ahead of the parser, to speak its language from the first word."""
    for index, argument in enumerate(arguments):
        if argument == name and index + 1 < len(arguments):
            return arguments[index + 1]
        if argument.startswith(f"{name}="):
            return argument.removeprefix(f"{name}=")
    return None


def _command(arguments: Sequence[str], language: Language) -> Any:
    """The parser: the command that is called, or all of them where the list is to be shown."""
    wanted = next((argument for argument in arguments if not argument.startswith("-")), None)
    names = [wanted] if wanted is not None and wanted in COMMANDS else list(COMMANDS)
    app = _app(_HELP, _EXAMPLES)
    for name in names:
        module = importlib.import_module(COMMANDS[name])
        if hasattr(module, "command"):
            _add(app, name, module.command, module.HELP, module.EXAMPLES)
        else:
            group = _app(module.HELP, module.EXAMPLES)
            for subname, (function, text, examples) in module.subcommands.items():
                _add(group, subname, function, text, examples)
            app.add_typer(group, name=name)
    command = typer.main.get_command(app)
    _translate(command, language)
    return command


def _app(text: str, examples: Sequence[str]) -> typer.Typer:
    app = typer.Typer(
        cls=_Group,
        help=text,
        epilog=_shown(examples),
        add_completion=False,
        rich_markup_mode=None,
        invoke_without_command=True,
        context_settings=_SETTINGS,
    )

    @app.callback()
    def group(context: typer.Context) -> None:
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())

    return app


def _add(app: typer.Typer, name: str, function: Any, text: str, examples: Sequence[str]) -> None:
    app.command(name, cls=_Command, help=text, epilog=_shown(examples), context_settings=_SETTINGS)(function)


def _shown(examples: Sequence[str]) -> str:
    return "\b\n" + "\n".join(f"  {example}" for example in examples)


def _spoken(text: str, language: Language) -> str:
    """A help page with the parser's own words in the reader's language."""
    for word in (
        Message("Usage"),
        Message("Options"),
        Message("Commands"),
        Message("Arguments"),
        Message("Show this message and exit."),
        Message("required"),
        Message("default"),
    ):
        text = text.replace(word.text, language.say(word))
    return text.replace("\n\n  opqibi-fees", f"\n\n{language.say(Message('Examples'))}:\n  opqibi-fees", 1)


class _Group(TyperGroup):
    language = Language("en")

    def get_help(self, ctx: Any) -> str:
        return _spoken(super().get_help(ctx), self.language)


class _Command(TyperCommand):
    language = Language("en")

    def get_help(self, ctx: Any) -> str:
        return _spoken(super().get_help(ctx), self.language)


def _translate(command: Any, language: Language) -> None:
    """Put the help of a parser and of all below it in the reader's language."""
    command.language = language
    if command.help:
        command.help = language.say(Message(command.help))
    for parameter in command.params:
        text = getattr(parameter, "help", None)
        if text:
            parameter.help = language.say(Message(text))
    for child in getattr(command, "commands", {}).values():
        _translate(child, language)


def _usage(error: typer.exceptions.TyperException, language: Language) -> str:
    """What is wrong with the words of a call, and where to read what is right."""
    kind = type(error).__name__
    parameter = getattr(error, "param", None)
    name = max(getattr(parameter, "opts", None) or [""], key=len)
    if kind == "NoSuchOption":
        message = Message("No such option: {name}.", name=getattr(error, "option_name", ""))
    elif kind == "MissingParameter":
        message = Message("{name} is missing.", name=getattr(parameter, "human_readable_name", name))
    elif kind == "BadOptionUsage":
        message = Message("{name} needs a value.", name=getattr(error, "option_name", ""))
    elif unknown := re.match(r"No such command '(.*?)'", error.format_message()):
        message = Message("No such command: {name}.", name=unknown[1])
    else:
        message = Message("{problem}", problem=error.format_message())
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "opqibi-fees"
    return language.say(Message("{message} See {path} --help.", message=message, path=path))


if __name__ == "__main__":
    main()
