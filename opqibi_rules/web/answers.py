"""What the answers hold, for ``/openapi.json``: the same JSON as the command line's."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Amount = Annotated[str, Field(pattern=r"^-?[0-9]+\.[0-9]{2,}$", examples=["1160.00"])]
"""Euros, a point, two decimals or more where the amount is exact beyond the cent."""
Rate = Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+$", examples=["0.20"])]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2026-03-02"])]


class Part(BaseModel):
    """A part of an answer: nothing stands in it that is not described."""

    model_config = ConfigDict(extra="forbid")


class ScheduleOfQuote(Part):
    """The edition of the fee schedule that prices a quote."""

    id: str
    title: str
    in_force_from: Day
    source: str
    checked_on: Day


class PricedLine(Part):
    """A quantity at a unit price, and the article that says so."""

    fee: str
    article: str
    label: str
    quantity: int | None
    unit_price: Amount | None
    amount: Amount


class RatedLine(Part):
    """A base at a rate (article III)."""

    fee: str
    article: str
    label: str
    base: Amount
    rate: Rate
    amount: Amount


class Subtotals(Part):
    """Euros excl. VAT by fee; null where the event does not bear it or data is missing."""

    dossier: Amount | None
    instruction: Amount | None
    brand_usage: Amount | None
    annual_control: Amount | None


class TurnoverBase(Part):
    """Which turnover article III takes, and why."""

    kind: Literal["engineering", "energy_audit"] | None
    turnover: Amount | None
    reason: str


class Interpretation(Part):
    """What the source does not settle, and how it was settled here."""

    id: str
    article: str | None
    text: str
    reason: str


class QuoteAnswer(Part):
    """The price of an event, each euro with its article."""

    schema_version: Literal[1]
    event: Literal["first", "renewal", "control"]
    date: Day
    schedule: ScheduleOfQuote
    lines: list[PricedLine | RatedLine]
    subtotals: Subtotals
    total_excl_vat: Amount
    vat_rate: Rate
    vat: Amount
    total_incl_vat: Amount
    notes: list[str]
    turnover_base: TurnoverBase | None
    assumptions: list[Interpretation]
    request: dict[str, Any]


class TableOfFacts(Part):
    """A table: where it comes from, since when it holds."""

    id: str
    title: str
    in_force_from: Day
    in_force_until: Day | None
    checked_on: Day
    checked_by: str
    sources: list[dict[str, str | None]]


class SchedulesAnswer(Part):
    """The editions of the fee schedule at hand."""

    schema_version: Literal[1]
    schedules: list[TableOfFacts]


class NomenclatureEntry(Part):
    """What is known of a qualification; null where no source says it."""

    code: str
    name: str | None
    rubric: str | None
    tariff: int | None
    rge: bool | None
    rge_as_of: Day | None
    entails: list[str]
    note: str | None


class NomenclatureAnswer(Part):
    """The qualifications that hold every word asked for."""

    schema_version: Literal[1]
    entries: list[NomenclatureEntry]


class HealthAnswer(Part):
    """The server answers."""

    status: Literal["ok"]
    version: str


class FieldError(Part):
    """One thing that is wrong."""

    field: str | None
    reason: str


class Problem(Part):
    """Why there is no answer (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: list[FieldError] = []
