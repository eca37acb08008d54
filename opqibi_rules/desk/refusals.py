"""What is refused, field by field."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple

from opqibi_rules.errors import OpqibiError
from opqibi_rules.messages import Message


class Wrong(NamedTuple):
    """One thing that is wrong in a question."""

    field: str | None
    """Its place, as ``qualifications[0]``; ``None`` where the question as a whole is meant."""
    reason: Message


class RefusedError(Exception):
    """A question that cannot be answered as it stands."""

    def __init__(self, wrong: Sequence[Wrong], status: int = HTTPStatus.UNPROCESSABLE_ENTITY) -> None:
        super().__init__(str(wrong[0].reason))
        self.wrong = tuple(wrong)
        self.status = int(status)


def blamed(error: OpqibiError, question: Mapping[str, Sequence[str]]) -> str | None:
    """The field at fault, from what the error's own sentence names."""
    values = error.message.values
    if "tariff" in values:
        return str(values.get("name", "tariffs"))
    named = values.get("codes") or [values.get("code")]
    for field, items in question.items():
        for index, item in enumerate(items):
            if item.partition(":")[0] in named:
                return f"{field}[{index}]"
    return None
