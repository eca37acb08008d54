"""Options stated once: a command takes groups of them, each as one value; an error leads back to its option."""

from collections.abc import Callable, Iterable
from inspect import Parameter, Signature, signature
from typing import Protocol, TypeVar

from opqibi_rules.errors import OpqibiError
from opqibi_rules.messages import plural

_Made = TypeVar("_Made")


def takes(*groups: Callable[..., object]) -> Callable[[Callable[..., _Made]], Callable[..., _Made]]:
    """Add the options of ``groups`` to a command, whose first arguments are what each group makes of its own.

    What it decorates may be a group itself: groups are put together as commands are. An option that two groups
    share is stated once and goes to both.
    """

    def added(command: Callable[..., _Made]) -> Callable[..., _Made]:
        shared = [signature(group).parameters for group in groups]
        own = list(signature(command).parameters.values())[len(groups) :]
        all_options = {name: option for options in shared for name, option in options.items()}
        all_options |= {option.name: option for option in own}

        defaults = {name: option.default for name, option in all_options.items()}

        def called(**named: object) -> _Made:
            given = {**defaults, **named}
            made = [
                group(**{name: given[name] for name in options})
                for group, options in zip(groups, shared, strict=True)
            ]
            return command(*made, **{option.name: given[option.name] for option in own})

        options = [option.replace(kind=Parameter.KEYWORD_ONLY) for option in all_options.values()]
        called.__dict__["__signature__"] = Signature(options)
        called.__annotations__ = {option.name: option.annotation for option in options}
        called.__doc__ = command.__doc__
        return called

    return added


_GIVEN_BY = {
    "on": ("on", "start"),
    "tariffs": ("tariffs", "qualifications"),
    "turnovers": ("turnovers", "turnover"),
}
"""The options that give a field, where they are more than the one of its name."""


class _Option(Protocol):
    """What the parser knows of an option."""

    @property
    def name(self) -> str | None: ...
    @property
    def opts(self) -> list[str]: ...
    @property
    def metavar(self) -> str | None: ...


def with_option(error: OpqibiError, options: Iterable[_Option]) -> OpqibiError:
    """An error of the core with the option that gives the field at fault, where the command has one.

    An option's parameter bears the name of the field that it fills: ``turnover`` is ``--turnover``.
    """
    field = (error.field or "").partition("[")[0].partition(".")[0]
    given_by = _GIVEN_BY.get(field, (field,))
    named = tuple(
        f"{option.opts[-1]} {option.metavar or ''}".strip() for option in options if option.name in given_by
    )
    if named:
        error.message = plural(
            "{problem} Option: {options}.",
            "{problem} Options: {options}.",
            n=len(named),
            problem=error.message,
            options=named,
        )
    return error
