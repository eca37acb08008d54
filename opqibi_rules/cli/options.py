"""The options that several commands share, each stated once; a command takes groups of them, each as one value.

A parameter bears the name of the field that it fills (of :class:`~opqibi_rules.price.question.Asked`), so that an
error of the core, which names a field, leads back to the option: :func:`with_option`. What is not well written
in an option or a file raises an ``OpqibiError``, told to whoever typed it.
"""

import os
import re
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar, get_args, get_origin

import typer

from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import OpqibiError, RequestError
from opqibi_rules.messages import Message, marked, plural
from opqibi_rules.paper.files import remember
from opqibi_rules.paper.language import LANGUAGES, Language, chosen_language
from opqibi_rules.price.question import Amount, Asked, DeclaredEvent
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.library import Tables

_Made = TypeVar("_Made")
_AT_THE_END = ("tables", "lang", "form", "output")
"""The options of nearly every command: a help page shows them last."""
_OF_PATHS = re.compile(r"FILE|DIR|FOLDER|LIST|\bIN\b|\bOUT\b|A B|[.]yaml")
"""How help pages call what is the name of a file or of a folder."""


def option(shown: str, meaning: str, **limits: int) -> object:
    """An option as its help page shows it: ``-t --tariff T=N``; ``limits`` are those of Typer."""
    names = [word for word in shown.split() if word.startswith("-")]
    value = " ".join(word for word in shown.split() if not word.startswith("-"))
    return typer.Option(*names, metavar=value or None, help=meaning, **limits)  # type: ignore[arg-type] # min, max


def argument(shown: str, meaning: str) -> object:
    """What stands without a name: ``FILE…``."""
    return typer.Argument(metavar=shown, help=meaning)


class _Parameter(Protocol):
    """What the parser knows of an option or an argument."""

    @property
    def name(self) -> str | None: ...
    @property
    def param_type_name(self) -> str: ...
    @property
    def opts(self) -> list[str]: ...
    @property
    def metavar(self) -> str | None: ...
    @property
    def multiple(self) -> bool: ...
    @property
    def nargs(self) -> int: ...


class _AsTyped:
    """Reads what was typed for an option or an argument: a text, a whole number, a path.

    The parser's own way loads pydantic and builds a schema for each of them, which is most of what a quote takes in
    time; and it refuses in English alone.
    """

    def __init__(self, kind: type, least: float | None, most: float | None) -> None:
        self._kind, self._least, self._most = kind, least, most

    def coerce(self, value: object, param: _Parameter, ctx: object) -> object:
        self._language = getattr(getattr(ctx, "command", None), "language", Language("en"))
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if isinstance(value, list | tuple):
            return [self._one(each, param) for each in value]
        return self._one(value, param)

    def _one(self, value: object, param: _Parameter) -> object:
        if value == "" and _OF_PATHS.search(param.metavar or ""):
            name = param.metavar if param.param_type_name == "argument" else param.opts[-1]
            raise RequestError("{name}: empty. Is a variable of your shell not set?", name=name)
        if isinstance(value, str) and "YYYY-MM-DD" in (param.metavar or ""):
            return in_iso(value, self._language)
        if isinstance(value, self._kind):
            return value
        return self._whole(str(value), param) if self._kind is int else self._kind(value)

    def _whole(self, text: str, param: _Parameter) -> int:
        if re.fullmatch(r"-?[0-9]{1,9}", text.strip()):
            number = int(text)
            if (self._least is None or number >= self._least) and (
                self._most is None or number <= self._most
            ):
                return number
        option, limits = param.opts[-1], (self._least, self._most)
        if None in limits:
            raise RequestError("{option}: « {text} » is not a whole number.", option=option, text=text[:40])
        raise RequestError(
            "{option}: « {text} » is not a whole number from {least} to {most}.",
            option=option,
            text=text[:40],
            least=self._least,
            most=self._most,
        )


def in_iso(text: str, language: Language) -> str:
    """A day written with slashes as ISO has it; what follows an equals sign, and anything else, as it stands.

    In French the day comes first. In English it may, or the month may: where both are days, neither is chosen.

    Raises:
        RequestError: it can be read in two ways.
    """
    match = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(=.*)?", text.strip())
    if match is None:
        return text
    first, second, year = (int(part) for part in match.groups()[:3])
    months = ((second, first),) if language.name == "fr" else ((second, first), (first, second))
    read = [date(year, month, day) for month, day in months if 1 <= month <= 12 and _is_day(year, month, day)]
    if len(set(read)) > 1:
        raise RequestError(
            "« {text} » is {one:long_date} or {other:long_date}: write {one} or {other}.",
            text=text[:40],
            one=read[0],
            other=read[1],
        )
    return f"{read[0].isoformat()}{match[4] or ''}" if read else text


def _is_day(year: int, month: int, day: int) -> bool:
    return year > 0 and 1 <= day <= monthrange(year, month)[1]


def as_typed(parameter: Any) -> None:
    """Have a parameter of the parser read by us, where we know its kind."""
    descriptor = getattr(parameter, "type_descriptor", None)
    if descriptor is None:  # a parser of another age reads it its own way
        return
    kind = descriptor.annotation
    kind = get_args(kind)[0] if get_origin(kind) in {list, tuple} else kind
    if kind in {str, int, bool, Path}:
        limits = descriptor.parameter_info
        reader = _AsTyped(kind, limits.min, limits.max)
        parameter.get_runtime_param = lambda: reader


def takes(*groups: Callable[..., object]) -> Callable[[Callable[..., _Made]], Callable[..., _Made]]:
    """Add the options of ``groups`` to a command, whose first arguments are what each group makes of its own.

    What it decorates may be a group itself: groups are put together as commands are. An option that two groups
    share is stated once and goes to both.
    """

    def added(command: Callable[..., _Made]) -> Callable[..., _Made]:
        shared = [signature(group).parameters for group in groups]
        own = list(signature(command).parameters.values())[len(groups) :]
        stated = {name: given for options in shared for name, given in options.items()}
        stated |= {given.name: given for given in own}
        defaults = {name: given.default for name, given in stated.items()}

        def called(**named: object) -> _Made:
            given = {**defaults, **named}
            made = [
                group(**{name: given[name] for name in options})
                for group, options in zip(groups, shared, strict=True)
            ]
            return command(*made, **{each.name: given[each.name] for each in own})

        options = [each.replace(kind=Parameter.KEYWORD_ONLY) for each in stated.values()]
        options.sort(key=lambda each: each.name in _AT_THE_END and 1 + _AT_THE_END.index(each.name))
        called.__dict__["__signature__"] = Signature(options)
        called.__annotations__ = {each.name: each.annotation for each in options}
        called.__doc__ = command.__doc__
        return called

    return added


def _as_typed(option: _Parameter) -> str:
    """An option and what it takes; but for a list of words, as an error names those of its schedule."""
    meant = option.metavar or ""
    return option.opts[-1] if meant.islower() else f"{option.opts[-1]} {meant}".strip()


_GIVEN_BY = {
    "tariffs": ("tariffs", "qualifications"),
    "turnovers": ("turnovers", "turnover"),
}
"""The options that give a field, where they are more than the one of its name."""


def with_option(error: OpqibiError, options: Iterable[_Parameter]) -> OpqibiError:
    """An error of the core with the option that gives the field at fault, where the command has one.

    An option's parameter bears the name of the field that it fills: ``turnover`` is ``--turnover``.
    """
    field = (error.field or "").partition("[")[0].partition(".")[0]
    given_by = _GIVEN_BY.get(field, (field,))
    named = tuple(_as_typed(each) for each in options if each.name in given_by)
    if named:
        error.message = plural(
            "{problem} Option: {options}.",
            "{problem} Options: {options}.",
            n=len(named),
            problem=error.message,
            options=named,
        )
    return error


Lang = Annotated[
    str | None, option("--lang fr|en", marked("Language (default: OPQIBI_LANG, locale, French)."))
]


TablesFolder = Annotated[
    str | None, option("--tables DIR", marked("Your own tables, laid over ours (default: OPQIBI_TABLES)."))
]


def voice(lang: Lang = None) -> Language:
    """The language of ``--lang``, else the reader's own.

    Raises:
        RequestError: a language that we do not speak.
    """
    if lang is not None and lang not in LANGUAGES:
        raise RequestError("--lang: « {text} » is not fr or en.", text=lang[:40])
    return Language(chosen_language(lang, os.environ))


def day_of(text: str | None) -> date:
    """The day of an option, today by default.

    Raises:
        DateError: not a day.
    """
    if text is None:
        return date.today()  # noqa: DTZ011 - the user's own calendar day is meant
    return to_day(text)


def tables_of(folder: str | None) -> Tables:
    """The facts, with the user's own laid over ours (option, else ``OPQIBI_TABLES``).

    Raises:
        TableError: no such folder.
    """
    own = folder or os.environ.get("OPQIBI_TABLES") or None
    for path in Path(own).glob("*.y*ml") if own else ():
        remember(path)  # each is read when it is asked for, perhaps not before the result is written
    return Tables(own)


_Event = Annotated[
    str | None,
    option(
        "--event first|renewal|control",
        marked("What is priced (default: first), or another event of your own schedule."),
    ),
]
_Qualifications = Annotated[
    list[str], option("-q --qualification CODE[:T]", marked("A qualification, by code; repeat for several."))
]
_Probationary = Annotated[
    list[str], option("-p --probationary CODE[:T]", marked("A probationary qualification."))
]
_Tariffs = Annotated[
    list[str], option("-t --tariff T=N", marked("N qualifications at tariff T; repeat for several."))
]
_New = Annotated[list[str], option("--new CODE[:T]", marked("At a control: a new qualification asked for."))]
_NewTariffs = Annotated[
    list[str], option("--new-tariff T=N", marked("At a control: N new ones at tariff T."))
]
_Turnover = Annotated[
    list[str],
    option(
        "--turnover [BASE=]EUR",
        marked("Last « ingénierie » turnover, excl. VAT; BASE=: another that your schedule declares."),
    ),
]
_AuditTurnover = Annotated[
    str | None, option("--audit-turnover EUR", marked("Last « audit énergétique » turnover, excl. VAT."))
]
_Vat = Annotated[
    str | None, option("--vat RATE|TERRITORY", marked("20 %, 0.20, reunion… (default: mainland France)."))
]
StructureFile = Annotated[str | None, option("--structure FILE", marked("A structure file, YAML or JSON."))]


def firm(
    event: _Event = None,
    qualifications: _Qualifications = [],
    probationary: _Probationary = [],
    tariffs: _Tariffs = [],
    turnover: _Turnover = [],
    audit_turnover: _AuditTurnover = None,
    vat: _Vat = None,
) -> Asked:
    """What a firm holds or asks for, and its turnovers."""
    general, others = _turnovers(turnover)
    asked: Asked = {
        "event": None if event is None else DeclaredEvent(event),
        "qualifications": qualifications,
        "probationary": probationary,
        "tariffs": counts_of(tariffs, "--tariff"),
        "turnover": general,
        "audit_turnover": audit_turnover,
        "vat": vat,
    }
    return {**asked, "turnovers": others} if others else asked


def structure_of(structure: StructureFile = None, tables: TablesFolder = None) -> Structure | None:
    """The structure of ``--structure``, if it is given."""
    return None if structure is None else structure_in(structure, tables_of(tables))


def structure_in(file: str, tables: Tables) -> Structure:
    """The structure of a file, with turnovers that the schedules at hand declare.

    Raises:
        FileError: all that is wrong in the file.
    """
    from opqibi_rules.price.files.structure_file import read_structure

    return read_structure(Path(file), tables)


@takes(firm, structure_of)
def question(
    asked: Asked, structure: Structure | None, new_qualifications: _New = [], new_tariffs: _NewTariffs = []
) -> Asked:
    """All that may be asked of a price, but for its day."""
    return {
        **asked,
        "structure": structure,
        "new_qualifications": new_qualifications,
        "new_tariffs": counts_of(new_tariffs, "--new-tariff"),
    }


def day_in(shown: str, meaning: str) -> Callable[..., date]:
    """An option that gives a day, today by default."""
    stated = Annotated[str | None, option(shown, meaning)]

    def day(on: stated = None) -> date:
        return day_of(on)

    return day


on_day = day_in("--date YYYY-MM-DD", marked("The day (default: today)."))
on_that_day = day_in("--on YYYY-MM-DD", marked("The day asked about (default: today)."))


def facts(tables: TablesFolder = None) -> Tables:
    """The facts, with the user's own laid over ours."""
    return tables_of(tables)


def counts_of(given: Iterable[str], option: str) -> dict[str, int]:
    """``T=N`` options as counts; the same tariff twice is refused, for nobody can say which was meant.

    Raises:
        RequestError: anything that is no ``T=N``, or a tariff given twice.
    """
    counts: dict[str, int] = {}
    for text in given:
        tariff, equals, count = (part.strip() for part in text.partition("="))
        digits = count.removeprefix("-")
        if not equals or not tariff or not (digits.isascii() and digits.isdigit()):
            raise RequestError(
                "{option}: « {text} » is not TARIFF=COUNT; for five at tariff 1, write 1=5.",
                option=option,
                text=text[:40],
            )
        if tariff in counts:
            raise RequestError(
                "{option}: tariff {tariff} is given twice; add the counts.", option=option, tariff=tariff
            )
        # A count of thousands of digits is cut: it is refused all the same, and Python does not read it.
        counts[tariff] = int(count.removesuffix(digits) + (digits.lstrip("0") or "0")[:12])
    return counts


def _turnovers(given: Sequence[str]) -> tuple[str | None, dict[str, Amount | None]]:
    """``[BASE=]EUR`` options: the turnover that names no base, and the others by base."""
    general: str | None = None
    others: dict[str, Amount | None] = {}
    for text in given:
        base, equals, amount = (part.strip() for part in text.rpartition("="))
        if base in others or (not equals and general is not None):
            message = Message(
                "--turnover: « {text} » is one more for the same base; give one.", text=text[:40]
            )
            raise RequestError(message)
        if equals:
            others[base] = amount
        else:
            general = text
    return general, others


def refuse_twice(sources: Iterable[str]) -> None:
    """Refuse what would count twice, or stand beside itself: a file given twice, or by itself and in its folder.

    Raises:
        RequestError: there is one.
    """
    times = Counter(Path(source).resolve() for source in sources)
    if twice := [source.name for source, count in times.items() if count > 1]:
        raise RequestError("{name}: given twice; give it once.", name=twice[0])
