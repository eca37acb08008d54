"""The questions that a program may ask; the HTTP API, the page and the assistants read them alike."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from opqibi_rules.desk.question_fields import (
    MOST_NAMED,
    AuditTurnover,
    Counts,
    Fee,
    Growth,
    NamedList,
    OtherTurnover,
    RequiredList,
    ShortText,
    Tolerance,
    Turnover,
)
from opqibi_rules.desk.refusals import RefusedError, Wrong
from opqibi_rules.paper.checked import reason
from opqibi_rules.price.fees import FEES
from opqibi_rules.price.files.structure_file import StructureModel, TurnoverModel
from opqibi_rules.tables.description import Code, Day

Event = Literal["first", "renewal", "control"]


class Question(BaseModel):
    """What all questions share: a field that we do not know is refused, never passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Holding(Question):
    """What a firm holds or asks for, and its turnovers: the part that a quote and a plan share."""

    event: Event = "first"
    tariffs: Annotated[Counts, Field(description="How many qualifications by tariff code.")] = {}
    qualifications: Annotated[NamedList, Field(description="CODE or CODE:TARIFF.")] = []
    probationary: Annotated[NamedList, Field(description="The same, probationary.")] = []
    turnover: Annotated[Turnover | None, Field(description="Last « ingénierie » turnover, excl. VAT.")] = None
    audit_turnover: Annotated[
        AuditTurnover | None, Field(description="Last « audit énergétique » turnover, excl. VAT.")
    ] = None
    vat: Annotated[ShortText | None, Field(description="A territory (reunion…) or a rate (20 %, 0.085).")] = (
        None
    )
    structure: Annotated[StructureModel | None, Field(description="The content of a structure file.")] = None


class QuoteQuestion(Holding):
    """What does an event cost on a day? The arguments of ``opqibi_rules.quote``; ``request`` in an answer is one."""

    on: Annotated[Day | None, Field(description="The day; today by default.")] = None
    new_tariffs: Annotated[Counts, Field(description="At a control: new requests, by tariff code.")] = {}
    new_qualifications: Annotated[NamedList, Field(description="At a control: new requests, by code.")] = []


class ChangeQuestion(Question):
    """What is asked for, or given up, at a later control or renewal."""

    event: Literal["control", "renewal"]
    number: Annotated[int, Field(ge=1, le=40, strict=True)]
    add: NamedList = []
    add_tariffs: Counts = {}
    drop: Annotated[list[Code], Field(max_length=MOST_NAMED)] = []
    drop_tariffs: Counts = {}
    turn_full: Annotated[list[Code], Field(max_length=MOST_NAMED)] = []


class PlanQuestion(Holding):
    """What will be paid over the years, when, and which year bears it? The arguments of ``opqibi_rules.plan``."""

    start: Annotated[Day | None, Field(description="The day of the first event; today by default.")] = None
    years: Annotated[int, Field(ge=1, le=40, strict=True, description="How many years.")] = 4
    control: Annotated[
        int, Field(ge=1, le=40, strict=True, description="With a control: which of its cycle.")
    ] = 1
    notified: Annotated[Day | None, Field(description="The day of the notification, if known.")] = None
    months_to_notification: Annotated[
        int, Field(ge=0, le=60, strict=True, description="Else how long it is assumed to take.")
    ] = 3
    changes: Annotated[list[ChangeQuestion], Field(max_length=40)] = []
    outcome: Literal["turned_full", "lost"] = "turned_full"
    turnovers: Annotated[list[TurnoverModel], Field(max_length=60, description="Those of other years.")] = []
    growth: Annotated[Growth | None, Field(description="Yearly growth of the turnover, 0.03 for 3 %.")] = None
    spread_by: Literal["days", "months"] = "days"


class TurnoverQuestion(Question):
    """Which turnovers give that brand-usage fee?"""

    fee: Annotated[Fee, Field(description="The fee for four years, excl. VAT.")]
    on: Annotated[Day | None, Field(description="The day; today by default.")] = None


class InvoiceQuestion(Question):
    """What was that invoice expected to say?"""

    expected: Annotated[
        QuoteQuestion, Field(description="The price expected; on the invoice’s own day by default.")
    ]
    tolerance: Annotated[Tolerance | None, Field(description="A difference per fee that is accepted.")] = None
    fees: Annotated[
        list[Literal["dossier", "instruction", "brand_usage", "annual_control"]] | None,
        Field(max_length=len(FEES), description="The fees it bears; by default its lines tell."),
    ] = None
    other_turnovers: Annotated[
        dict[ShortText, OtherTurnover],
        Field(max_length=20, description="Turnovers that may have been taken by mistake, by name."),
    ] = {}


class CertificateQuestion(Question):
    """Is that certificate valid on a day, and does it meet what a tender requires?"""

    on: Annotated[Day | None, Field(description="The day; today by default.")] = None
    siren: Annotated[ShortText | None, Field(description="The firm asked about.")] = None
    requires: Annotated[RequiredList, Field(description="Codes; 1905|1911: either.")] = []
    requires_rge: Annotated[RequiredList, Field(description="The same, with the RGE mention.")] = []
    accept_probationary: Annotated[
        bool, Field(strict=True, description="A probationary one meets it too.")
    ] = False


class CertificateCheck(CertificateQuestion):
    """The same, with what the register answered."""

    answer: Annotated[
        dict[str, Any] | list[Any],
        Field(description="The whole body that API Entreprise, OPQIBI or Agence BIO answered."),
    ]


_Asked = TypeVar("_Asked", bound=BaseModel)


def understood(model: type[_Asked], value: object) -> _Asked:
    """Outside data as a question.

    Raises:
        RefusedError: all that is wrong, field by field.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise RefusedError(wrong_fields(error.errors(include_url=False))) from None


def wrong_fields(errors: Any, *, skip: int = 0) -> list[Wrong]:
    """The errors of a check as fields and reasons; ``skip`` leaves out the outer parts of each place."""
    return [Wrong(_place(item["loc"][skip:]), reason(item)) for item in errors]


def _place(parts: tuple[Any, ...]) -> str | None:
    text = ""
    for part in parts:
        if part != "[key]":
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or None
