"""``opqibi-fees``: one door for all commands. A command's module is loaded only when it is called."""

import contextlib
import gc
import importlib
import io
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from opqibi_rules import __version__
from opqibi_rules.cli.attempts import code_of, fault
from opqibi_rules.cli.options import Lang, as_typed, option, with_option
from opqibi_rules.cli.result import DONE, FAULT, UNREADABLE, note
from opqibi_rules.errors import OpqibiError, RequestError, meant, what_failed
from opqibi_rules.messages import Message, marked
from opqibi_rules.paper.files import remembered
from opqibi_rules.paper.language import Language, chosen_language

COMMANDS = {
    "quote": marked("The price of an event, to the cent, each euro with its article."),
    "batch": marked(
        "Price a whole file: CSV, Parquet or XLSX, a structure a row; one column is added for each fee."
    ),
    "sql": marked("The query that prices a table where it stands: PostgreSQL, duckdb, SQLite or Spark."),
    "plan": marked("What qualifications cost over the years, what is due when, and which year bears it."),
    "compare": marked(
        "Compare: structures, when to ask for a qualification, what one more costs, two schedules."
    ),
    "init": marked("Make a structure file by answering a few questions; every command then takes it."),
    "check-certificate": marked(
        "Is a certificate valid on a day, part by part, and does it meet what a tender requires?"
    ),
    "check-certificates": marked(
        "Many certificates: who is valid, what ends soon, what changed, and what a tender makes of them."
    ),
    "fetch-certificate": marked(
        "Read a certificate live from API Entreprise, and save the answer with its day."
    ),
    "controls": marked(
        "The control history of a structure: which control is due next, what may still be renewed."
    ),
    "check-invoice": marked(
        "Is an invoice right, and if not, why? The gap is explained to the cent, article by article."
    ),
    "turnover-from-fee": marked("The turnovers, to the cent, that give a fee by tranches."),
    "counts-from-fee": marked("The counts by tariff code that give a fee by qualification."),
    "cases": marked("Cases worked by hand: run them, and see what differs."),
    "invoice": marked(
        "An electronic invoice (Factur-X, profile EN 16931) from a quote: a PDF, or its XML alone."
    ),
    "serve": marked("The page and the HTTP API, on this machine; Ctrl-C stops them."),
    "mcp": marked("Our figures as read-only tools for an assistant (MCP, standard input and output)."),
    "tables": marked("The facts: list them, show one, check a file of your own."),
    "nomenclature": marked("The qualifications: search, show one, import your own codes and tariff codes."),
    "completion": marked("What a shell needs to complete what one types: bash, zsh, fish."),
    "man": marked("The manual page of all commands, for man."),
}
"""What each is for: all that the list of commands needs. Each is a module of its own, that holds ``command`` (a
function) or ``subcommands`` (a dictionary of name to (function, help, examples)), and ``EXAMPLES``."""

_ROOMS = {
    "prices": {"quote", "batch", "sql", "plan", "compare", "turnover-from-fee", "counts-from-fee", "cases"},
    "certificates": {"check-certificate", "check-certificates", "fetch-certificate", "controls"},
    "invoices": {"check-invoice", "invoice"},
}
"""The commands whose module stands in a room of ``cli/commands/``: those about one thing."""

_INTERRUPTED = 130
_SELDOM = 200_000
"""So many objects are made before garbage is looked for; Python's 700 are for programs that load little."""
_SETTINGS = {"help_option_names": ["-h", "--help"]}
_HELP = marked(
    "The price and the validity of an OPQIBI qualification: exact fees, verdicts with their reasons."
)
_EXAMPLES = (
    "opqibi-fees quote -t 1=5 -t 2=3 --turnover 800000",
    "opqibi-fees quote --event control -t 4=1 -t 1=2 --new-tariff 5=1 --explain",
)


def main() -> None:
    """Run the command line and leave with its exit code; both streams are written in UTF-8, whatever the console."""
    # What a command loads stays to its end: to look through it for garbage was a third of its start.
    gc.freeze()
    gc.set_threshold(_SELDOM, *gc.get_threshold()[1:])
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    code = run(sys.argv[1:])
    if "duckdb" not in sys.modules:  # its binding counts what is left, and would speak of leaks
        gc.freeze()  # the process ends here: nothing left is worth a last look
    if code == _INTERRUPTED and "polars" in sys.modules:
        os._exit(code)  # its threads may compute still, and would crash without what they use
    sys.exit(code)


def _stand_in() -> None:
    """Something in the place of standard streams that are closed: a file opened next would come to stand there.

    What would be read is at its end, what is written to the output fails, and what is said aside is lost.
    """
    for name, flags in (("stdin", os.O_RDONLY), ("stdout", os.O_RDONLY), ("stderr", os.O_WRONLY)):
        if getattr(sys, name) is None:
            number, mode = os.open(os.devnull, flags), "r" if name == "stdin" else "w"
            setattr(sys, name, open(number, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - no path; open to the end


def run(arguments: Sequence[str]) -> int:
    """Run one command; the exit code. Bad input ends in one clear message, never in a traceback."""
    _stand_in()
    language = Language(chosen_language(_option("--lang", arguments), os.environ))
    try:
        with remembered():
            code = _called(arguments, language)
        sys.stdout.flush()
    except OpqibiError as error:
        _leave_standard_output()
        return _refused(error.explain(language.say), code_of(error))
    except typer.exceptions.TyperException as error:
        return _refused(_usage(error, arguments, language))
    except (KeyboardInterrupt, typer.Abort):
        return _refused(language.say(Message("Interrupted; no result was written.")), _INTERRUPTED)
    except BrokenPipeError:
        _leave_standard_output()
        return DONE
    except OSError as error:
        _leave_standard_output()
        name = error.filename or Message("standard output")
        return _refused(language.say(Message("{name}: {problem}.", name=name, problem=what_failed(error))))
    except Exception as error:  # noqa: BLE001 - a fault of ours is no exit code that means something else
        return _refused(language.say(fault(error)), FAULT)
    return code


def _called(arguments: Sequence[str], language: Language) -> int:
    """Run the parser and the command; the exit code."""
    arguments = _behind(list(arguments))
    command = parser_of(arguments, language)
    try:
        code = int(command.main(arguments, prog_name="opqibi-fees", standalone_mode=False) or DONE)
    except SystemExit:
        # So the parser leaves when the reader (``head``, a pager) has seen enough.
        return DONE
    if code == _INTERRUPTED:
        raise KeyboardInterrupt
    return code


def _refused(text: str, code: int = UNREADABLE) -> int:
    note(text)
    return code


def _leave_standard_output() -> None:
    """Send nowhere what cannot be written, so that the interpreter does not complain at its end."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        return
    with contextlib.suppress(AttributeError, OSError, ValueError):  # closed, or not one of the system's
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _behind(arguments: list[str]) -> list[str]:
    """``--lang en quote …`` as ``quote … --lang en``: it may stand before the command as well."""
    count = 2 if arguments[:1] == ["--lang"] else 1 if arguments and arguments[0].startswith("--lang=") else 0
    return [*arguments[count:], *arguments[:count]]


def _option(name: str, arguments: Sequence[str]) -> str | None:
    """An option read ahead of the parser, to speak its language from the first word."""
    for index, argument in enumerate(arguments):
        if argument == name and index + 1 < len(arguments):
            return arguments[index + 1]
        if argument.startswith(f"{name}="):
            return argument.removeprefix(f"{name}=")
    return None


def parser_of(arguments: Sequence[str], language: Language) -> Any:
    """The parser: the command that is called, or all of them where the list is to be shown."""
    wanted = next((argument for argument in arguments if not argument.startswith("-")), None)
    app = _app(_HELP, _EXAMPLES)
    if wanted is None or wanted not in COMMANDS:
        for name, text in COMMANDS.items():
            _add(app, name, _listed, text, ())
    else:
        module = module_of(wanted)
        if hasattr(module, "command"):
            _add(app, wanted, module.command, COMMANDS[wanted], module.EXAMPLES)
        else:
            group = _app(COMMANDS[wanted], module.EXAMPLES)
            for subname, (function, text, examples) in module.subcommands.items():
                _add(group, subname, function, text, examples)
            app.add_typer(group, name=wanted)
    command = typer.main.get_command(app)
    _translate(command, language)
    return command


def _listed() -> None:
    """Stands for a command where the list of all is shown: none is called then, and none is loaded."""


def module_of(command: str) -> ModuleType:
    """The module of a command."""
    room = next((f"{room}." for room, commands in _ROOMS.items() if command in commands), "")
    return importlib.import_module(f"opqibi_rules.cli.commands.{room}{command.replace('-', '_')}")


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
    def group(
        context: typer.Context,
        version: Annotated[bool, option("--version", marked("Show the version and exit."))] = False,
        lang: Lang = None,
    ) -> None:
        if version:
            typer.echo(f"opqibi-fees {__version__}")
            raise typer.Exit
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())

    return app


def _add(
    app: typer.Typer, name: str, function: Callable[..., object], text: str, examples: Sequence[str]
) -> None:
    app.command(name, cls=_Command, help=text, epilog=_shown(examples), context_settings=_SETTINGS)(function)


def _shown(examples: Sequence[str]) -> str:
    return "\b\n" + "\n".join(f"  {example}" for example in examples)


_PARSER_WORDS = (
    Message("Usage:"),
    Message("Options:"),
    Message("Commands:"),
    Message("Arguments:"),
    Message("Show this message and exit."),
    Message("[required]"),
)


def _spoken(text: str, language: Language) -> str:
    """A help page with the parser's own words in the reader's language."""
    # « {CODE} », « FILE…... »: the name of an argument is enough.
    text = re.sub(r"\{(\S+)\}", r"\1", text, count=1)
    text = re.sub(r"(…\]?)\.\.\.", r"\1", text, count=1)
    for word in _PARSER_WORDS:
        text = text.replace(word.text, language.say(word))
    examples = language.say(Message("Examples:"))
    return text.replace("\n\n  opqibi-fees", f"\n\n{examples}\n  opqibi-fees", 1)


class _Spoken:
    """What a command and a group of commands share: a help page in the reader's language."""

    language = Language("en")
    help: str | None

    def get_help(self, ctx: object) -> str:
        return _spoken(super().get_help(ctx), self.language)  # type: ignore[misc] # that of the parser's class

    def get_help_option(self, ctx: object) -> Any:
        asked = super().get_help_option(ctx)  # type: ignore[misc] # the same
        as_typed(asked)
        return asked

    def get_short_help_str(self, limit: int = 0) -> str:
        return self.help or ""


class _Group(_Spoken, TyperGroup):
    """A group of commands."""


class _Command(_Spoken, TyperCommand):
    """A command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        # The parser keeps the last of two and says nothing of the first.
        _, _, given = self.make_parser(ctx).parse_args(args=[*args])
        for each, times in Counter(each for each in given if isinstance(each, TyperOption)).items():
            if times > 1 and not (each.multiple or each.is_flag or each.name in _TASTE):
                raise RequestError("{option}: given twice; give it once.", option=each.opts[-1])
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> object:
        try:
            return super().invoke(ctx)
        except OpqibiError as error:
            raise with_option(error, self.params) from None


_TASTE = {"lang", "form"}
"""Options that an alias may bear already: the last prevails."""


def _translate(command: Any, language: Language) -> None:
    """Put the help of a parser and of all below it in the reader's language, and have us read what is typed."""
    command.language = language
    command.help = language.say(Message(command.help))
    for parameter in command.params:
        as_typed(parameter)
        parameter.help = language.say(Message(parameter.help))
        parameter.show_default = False  # the text says it, in the reader's language
        if parameter.param_type_name == "argument":
            parameter.display_type_rich = lambda ctx: None  # its type, in Python's words
    for child in getattr(command, "commands", {}).values():
        _translate(child, language)


_IN_FRENCH = {
    "bareme": "tables",
    "cas": "cases",
    "certificat": "check-certificate",
    "certificats": "check-certificates",
    "comparer": "compare",
    "devis": "quote",
    "facture": "check-invoice",
    "factures": "check-invoice",
    "lot": "batch",
    "page": "serve",
}
"""The command that a French word means."""


def _options_of(error: object) -> list[str]:
    """The options of the command that was called."""
    command = getattr(getattr(error, "ctx", None), "command", None)
    return [name for each in getattr(command, "params", ()) for name in each.opts if name.startswith("--")]


def _commands_of(error: object) -> list[str]:
    """The commands of the group that was called."""
    group = getattr(getattr(error, "ctx", None), "command", None)
    return list(getattr(group, "commands", ()))


def _usage(error: typer.exceptions.TyperException, arguments: Sequence[str], language: Language) -> str:
    """What is wrong with the words of a call, and where to read what is right."""
    kind, said = type(error).__name__, error.format_message()
    option = getattr(error, "option_name", "")
    if kind == "NoSuchOption":
        message = meant(Message("No such option: {name}.", name=option), option, _options_of(error))
    elif kind == "MissingParameter":
        wanted = getattr(error, "param")  # noqa: B009 - of that kind only
        typed = wanted.metavar if wanted.param_type_name == "argument" else max(wanted.opts, key=len)
        message = Message("{name} is missing.", name=typed)
    elif kind == "BadOptionUsage" and "not take a value" in said:
        message = Message("{name} takes no value.", name=option)
    elif kind == "BadOptionUsage":
        message = Message("{name} needs a value.", name=option)
    elif unknown := re.match(r"No such command '(.*?)'", said):
        near = _IN_FRENCH.get(unknown[1].casefold(), unknown[1])
        message = meant(Message("No such command: {name}.", name=unknown[1]), near, _commands_of(error))
    elif extra := re.match(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", said):
        message = Message("Not expected here: {words}.", words=extra[1])
    else:
        message = Message("{problem}", problem=said)
    context = getattr(error, "ctx", None)
    words = ["opqibi-fees", *(word for word in arguments[:1] if word in COMMANDS)]
    path = context.command_path if context else " ".join(words)
    return language.say(Message("{message} See {path} --help.", message=message, path=path))


if __name__ == "__main__":  # pragma: no cover - run as a process of its own, by tests/cli/test_installed.py
    main()
