"""The kinds of values that a question may hold: what is accepted, how it is said when it is not."""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from opqibi_rules.certificate.requirement import Requirement
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message
from opqibi_rules.money import to_amount
from opqibi_rules.price.question import MOST_OF_A_TARIFF
from opqibi_rules.price.structure import Qualification

MOST_NAMED = 300
"""The nomenclature holds some 190 qualifications; a list far longer is no question."""
LONGEST_TEXT = 200

_AMOUNT = WithJsonSchema(
    {
        "anyOf": [{"type": "string", "maxLength": 60}, {"type": "integer", "minimum": 0, "maximum": 10**12}],
        "description": "Euros excl. VAT: 800000, « 350000.50 » or « 350 000,50 € ».",
    }
)


def _amount(name: str) -> BeforeValidator:
    """Reads an amount in euros; ``name`` is for errors."""

    def read(value: object) -> Decimal:
        if not isinstance(value, (str, int)) or isinstance(value, bool):
            raise RequestError(Message('an amount as a text ("350000.50") or a whole number is expected.'))
        return to_amount(value, name)

    return BeforeValidator(read)


def _count(value: object) -> object:
    if type(value) is not int or not 0 <= value <= MOST_OF_A_TARIFF:
        raise RequestError(
            Message(
                "« {count} »: a whole number from 0 to {most} is expected.",
                count=str(value)[:40],
                most=MOST_OF_A_TARIFF,
            )
        )
    return value


def _named(value: object) -> object:
    if not isinstance(value, str):
        raise RequestError(Message("a text expected."))
    Qualification.parse(value)
    return value


def _text(value: object) -> object:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise RequestError(Message("a text expected."))
    return value


Turnover = Annotated[Decimal, _amount("turnover"), _AMOUNT]
AuditTurnover = Annotated[Decimal, _amount("audit_turnover"), _AMOUNT]
OtherTurnover = Annotated[Decimal, _amount("other_turnovers"), _AMOUNT]
Fee = Annotated[Decimal, _amount("fee"), _AMOUNT]
Tolerance = Annotated[Decimal, _amount("tolerance"), _AMOUNT]
Named = Annotated[
    str,
    BeforeValidator(_named),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}(:[0-9]{1,2})?$", "examples": ["1905:5"]}),
]
Count = Annotated[
    int,
    BeforeValidator(_count),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MOST_OF_A_TARIFF}),
]
Counts = dict[Annotated[str, Field(pattern="^[1-9][0-9]?$")], Count]
ShortText = Annotated[
    str, BeforeValidator(_text), WithJsonSchema({"type": "string", "maxLength": LONGEST_TEXT})
]
NamedList = Annotated[list[Named], Field(max_length=MOST_NAMED)]


def _growth(value: object) -> Decimal:
    text = value.strip() if isinstance(value, str) else ""
    if not re.fullmatch(_GROWTH, text):
        raise RequestError(Message('a yearly growth is expected, as "0.03" for 3 %.'))
    return Decimal(text)


def _required(value: object) -> object:
    if not isinstance(value, str):
        raise RequestError(Message("a text expected."))
    Requirement.parse(value)
    return value


_GROWTH = r"-?[0-9](\.[0-9]{1,5})?"
Growth = Annotated[
    Decimal, BeforeValidator(_growth), WithJsonSchema({"type": "string", "pattern": f"^{_GROWTH}$"})
]
Required = Annotated[
    str,
    BeforeValidator(_required),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{4}(\|[0-9]{4})*$", "maxLength": LONGEST_TEXT}),
]
RequiredList = Annotated[list[Required], Field(max_length=MOST_NAMED)]
