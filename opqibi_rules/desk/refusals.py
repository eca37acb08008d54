"""What is refused, field by field."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import NamedTuple

from opqibi_rules.errors import FileError, OpqibiError, UnknownCodeError, UnknownTariffError
from opqibi_rules.messages import Message


class Wrong(NamedTuple):
    """One thing that is wrong in a question."""

    field: str | None
    """Its place, as ``qualifications[0]``; ``None`` where the question as a whole is meant."""
    reason: Message
    unpriced: tuple[str, ...] = ()
    """The qualifications whose tariff code nobody gave, where that is what is wrong."""


class RefusedError(Exception):
    """A question that cannot be answered as it stands."""

    def __init__(self, wrong: Sequence[Wrong], status: int = HTTPStatus.UNPROCESSABLE_ENTITY) -> None:
        super().__init__(str(wrong[0].reason))
        self.wrong = tuple(wrong)
        self.status = int(status)


def given_twice(name: str) -> Message:
    """The reason to refuse a parameter that came in more than once, where one value is expected."""
    return Message("« {key} » is given twice; nothing says which one holds.", key=name[:80])


@contextmanager
def refused_by_field(**names: str) -> Iterator[None]:
    """What the core refuses within the block is refused, each thing by its field.

    ``names`` says where the question holds a field of the core, if not under its own name: ``on="start"``.

    Raises:
        RefusedError: what the core refused.
    """
    try:
        yield
    except FileError as error:
        raise RefusedError([Wrong("file", mistake.placed) for mistake in error.mistakes]) from None
    except OpqibiError as error:
        field = error.field and names.get(error.field.partition("[")[0], error.field)
        unpriced = error.codes if isinstance(error, UnknownCodeError | UnknownTariffError) else ()
        raise RefusedError([Wrong(field, error.message, unpriced)]) from None
