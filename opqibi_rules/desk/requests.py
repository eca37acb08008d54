"""What a program may ask, as plain data; the HTTP API, the page and the assistants read it alike.

The fields of a price and of a plan are those that the core says may be asked
(:func:`~opqibi_rules.desk.request_fields.asks`).
"""

import json
from collections.abc import Sequence
from typing import Annotated, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails

from opqibi_rules.certificate.reading.firms_list import Brought
from opqibi_rules.desk.refusals import RefusedError, Wrong
from opqibi_rules.desk.request_fields import (
    MOST_NAMED,
    Counts,
    Euros,
    NamedList,
    RequiredList,
    ShortText,
    SirenText,
    asks,
    given_of,
)
from opqibi_rules.errors import RequestError
from opqibi_rules.invoice.reading.parties_file import SupplierModel
from opqibi_rules.paper.checked import reason
from opqibi_rules.price.files.structure_file import StructureModel
from opqibi_rules.price.planning.plan_question import PlanAsked
from opqibi_rules.price.question import Asked
from opqibi_rules.tables.description import Code, Day

_MOST_CONFIRMED = 500
"""Values of a page that a person may settle: those of a hundred lines."""
_MOST_CHOICES = 11
"""Beside the first: a page holds no more side by side."""
_MOST_ANSWERS = 500
"""Firms whose certificates are looked at together."""
_MOST_FEES = 50
"""No schedule declares as many."""


class ProgramRequest(BaseModel):
    """What all requests share: a field that we do not know is refused, never passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@asks(Asked)
class QuoteRequest(ProgramRequest):
    """What does an event cost on a day? The arguments of `opqibi_rules.quote`; `request` in an answer is one."""

    on: Annotated[Day | None, Field(description="The day; today by default.")] = None

    def asked(self) -> Asked:
        """What is asked of the core."""
        return cast("Asked", given_of(self, Asked))


@asks(PlanAsked)
class PlanRequest(ProgramRequest):
    """What will be paid over the years, when, and which year bears it?"""

    start: Annotated[Day | None, Field(description="The day of the first event; today by default.")] = None

    def asked(self) -> PlanAsked:
        """What is asked of the core."""
        return cast("PlanAsked", given_of(self, PlanAsked))


class TurnoversRequest(ProgramRequest):
    """Which turnovers give that fee?"""

    fee: Annotated[Euros, Field(description="What the fee comes to, for all its years, excl. VAT.")]
    fee_id: Annotated[
        ShortText | None, Field(description="Which fee; by default the first that is reckoned on a turnover.")
    ] = None
    on: Annotated[Day | None, Field(description="The day; today by default.")] = None


class CompareRequest(PlanRequest):
    """The same plan with one thing changed: what does each choice cost?"""

    add: Annotated[
        NamedList | None,
        Field(description="When to ask for these: now, at the next control, at the renewal, or never?"),
    ] = None
    add_tariffs: Annotated[Counts | None, Field(description="The same for so many, by tariff code.")] = None
    drop: Annotated[
        list[Code] | None,
        Field(
            max_length=MOST_NAMED, description="Keep these, or give them up at the next control or renewal?"
        ),
    ] = None
    drop_tariffs: Annotated[Counts | None, Field(description="The same for so many, by tariff code.")] = None
    others: Annotated[
        list[PlanRequest] | None,
        Field(
            max_length=_MOST_CHOICES, description="Other choices to put beside this one, over the same years."
        ),
    ] = None


class ControlsRequest(ProgramRequest):
    """Which annual control is due next, and what may still be renewed?"""

    structure: Annotated[
        StructureModel, Field(description="The firm, as a structure file states it, with its dates.")
    ]
    on: Annotated[Day | None, Field(description="The day; today by default.")] = None


class NomenclatureRequest(ProgramRequest):
    """Which qualification bears that code or name?"""

    words: Annotated[ShortText, Field(description="A code, or words of the name; empty: all.")] = ""


class InvoiceRequest(ProgramRequest):
    """What was that invoice expected to say?"""

    expected: Annotated[
        QuoteRequest, Field(description="The price expected; on the invoice’s own day by default.")
    ]
    tolerance: Annotated[Euros | None, Field(description="A difference per fee that is accepted.")] = None
    fees: Annotated[
        list[ShortText] | None,
        Field(max_length=_MOST_FEES, description="The fees it bears, by id; by default its lines tell."),
    ] = None
    other_turnovers: Annotated[
        dict[ShortText, Euros],
        Field(max_length=20, description="Turnovers that may have been taken by mistake, by name."),
    ] = {}
    supplier: Annotated[
        SupplierModel | None,
        Field(
            description="Who bills, as an invoice that was accepted showed it: a change of number is told."
        ),
    ] = None
    confirm: Annotated[
        dict[ShortText, ShortText],
        Field(
            max_length=_MOST_CONFIRMED,
            description='What is known and the document leaves open: {"seller": "OPQIBI"}; `buyer`, `payee`; and '
            "any value that is to confirm on a page.",
        ),
    ] = {}


class _RequiringRequest(ProgramRequest):
    """What is asked of any certificate."""

    on: Annotated[Day | None, Field(description="The day; today by default.")] = None
    requires: Annotated[RequiredList, Field(description="Codes; 1905|1911: either.")] = []
    requires_rge: Annotated[RequiredList, Field(description="The same, with the RGE mention.")] = []
    accept_probationary: Annotated[
        bool, Field(strict=True, description="A probationary one meets it too.")
    ] = False
    fetched: Annotated[
        Day | None, Field(description="The day the answer was fetched, where it does not tell it.")
    ] = None


class CertificateRequest(_RequiringRequest):
    """Is that certificate valid on a day, and does it meet what a tender requires?"""

    siren: Annotated[
        SirenText | None, Field(description="The firm asked about, by its SIREN or a SIRET.")
    ] = None


class CertificatesRequest(_RequiringRequest):
    """Where do the certificates of many firms stand on a day?"""

    within: Annotated[
        int | None, Field(strict=True, ge=0, le=3660, description="Tell apart what ends within so many days.")
    ] = None


def _answer(value: object) -> object:
    if not isinstance(value, dict | list):
        raise RequestError("the whole body of a register’s answer is expected, an object or a list.")
    return value


_Answer = Annotated[
    object,
    BeforeValidator(_answer),
    WithJsonSchema({"anyOf": [{"type": "object"}, {"type": "array"}]}),
]


class CertificateAnswerRequest(CertificateRequest):
    """The same, with what the register answered."""

    answer: Annotated[
        _Answer, Field(description="The whole body that API Entreprise, OPQIBI or Agence BIO answered.")
    ]


class CertificateAnswersRequest(CertificatesRequest):
    """The same, with what the registers answered."""

    answers: Annotated[
        list[_Answer],
        Field(
            min_length=1,
            max_length=_MOST_ANSWERS,
            description="Each as a register answered it, or as it was kept: "
            '`{"fetched_on": "2025-01-15", "siren": "732829320", "answer": {…}}`.',
        ),
    ]
    sirens: Annotated[
        list[ShortText] | None,
        Field(
            min_length=1,
            max_length=_MOST_ANSWERS,
            description="The firms, each with its `line`, from 2 on as below a heading; "
            "without them, each answer is one.",
        ),
    ] = None

    def brought(self) -> tuple[Brought | None, list[Brought]]:
        """The list of firms and the answers, as files of the same content."""
        quoted = ['"' + siren.replace('"', '""') + '"' for siren in self.sirens or ()]
        listed = Brought("sirens", "\n".join(['"siren"', *quoted]).encode()) if quoted else None
        answers = [json.dumps(answer).encode() for answer in self.answers]
        return listed, [Brought(f"answers[{at}].json", data) for at, data in enumerate(answers)]


_Asked = TypeVar("_Asked", bound=BaseModel)


def understood(model: type[_Asked], value: object) -> _Asked:
    """Outside data as a request.

    Raises:
        RefusedError: all that is wrong, field by field.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise RefusedError(wrong_fields(error.errors(include_url=False))) from None


def wrong_fields(errors: Sequence[ErrorDetails], *, skip: int = 0) -> list[Wrong]:
    """The errors of a check as fields and reasons; ``skip`` leaves out the outer parts of each place."""
    return [Wrong(_place(item["loc"][skip:]), reason(item)) for item in errors]


def _place(parts: tuple[int | str, ...]) -> str | None:
    text = ""
    for part in parts:
        if not str(part).endswith("]"):  # « [key] », « dict[str,any] »: the words of the check itself
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or None
