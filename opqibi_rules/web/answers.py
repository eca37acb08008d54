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


class Payment(Part):
    """What an invoice of that day says."""

    due: Day
    event: str
    id: str
    step: str
    cycle: int
    control: int | None
    schedule: str
    lines: list[PricedLine | RatedLine]
    subtotals: Subtotals
    total_excl_vat: Amount
    vat_rate: Rate
    vat: Amount
    total_incl_vat: Amount
    turnover_base: TurnoverBase | None


class Sums(Part):
    """Totals, all payments together."""

    subtotals: Subtotals
    total_excl_vat: Amount
    vat: Amount
    total_incl_vat: Amount


class CalendarYear(Part):
    """What a year pays, and what it bears."""

    year: int
    expense: Amount
    cash_excl_vat: Amount
    cash_incl_vat: Amount
    prepaid: Amount
    expense_by_fee: dict[str, Amount]


class Cycle(Sums):
    """What this plan pays of a cycle of four years."""

    cycle: int
    from_: Annotated[Day, Field(alias="from")]
    until: Day


class DueDate(Part):
    """A day not to be missed."""

    id: str
    date: Day
    kind: str
    text: str


class NotPriced(Part):
    """What happens and has no amount."""

    date: Day
    code: str | None
    text: str


class Notification(Part):
    """When the decision is notified, or assumed to be."""

    date: Day
    assumed: bool
    months_assumed: int | None


class PlanAnswer(Sums):
    """What the years cost."""

    schema_version: Literal[1]
    event: Literal["first", "renewal", "control"]
    from_: Annotated[Day, Field(alias="from")]
    until: Day
    structure: dict[str, str | None] | None
    notification: Notification
    payments: list[Payment]
    by_year: list[CalendarYear]
    spread_by: Literal["days", "months"]
    by_cycle: list[Cycle]
    due_dates: list[DueDate]
    not_priced: list[NotPriced]
    notes: list[str]
    assumptions: list[Interpretation]


class TurnoverRange(Part):
    """Every turnover, to the cent, that gives a fee; highest is null at the cap."""

    fee: Amount
    lowest: Amount
    highest: Amount | None


class TurnoversAnswer(Part):
    """The turnovers of a fee; null where none gives it."""

    schema_version: Literal[1]
    schedule: str
    turnovers: TurnoverRange | None


class Compared(Part):
    """A fee, or several billed together: expected, invoiced, difference."""

    label: str
    fees: list[str]
    articles: list[str]
    expected: Amount | None
    invoiced: Amount
    difference: Amount | None
    lines: list[str]


class Finding(Part):
    """One thing that an invoice shows."""

    code: str
    severity: Literal["error", "warning", "info"]
    about: Literal["document", "vat", "price", "run"]
    line: str | None
    fee: str | None
    articles: list[str]
    expected: Amount | None
    invoiced: Amount | None
    difference: Amount | None
    message: str
    dispute: dict[str, Any] | None


class Explanation(Part):
    """Changes that together account for a gap, to the cent."""

    cause: str
    fee: str | None
    about: Literal["vat", "price"]
    effect: Amount
    message: str
    confidence: Literal["certain", "likely", "possible"]
    articles: list[str]
    changes: list[dict[str, Any]]


class InvoiceAnswer(Part):
    """The verdict on an invoice."""

    schema_version: Literal[1]
    verdict: Literal["conform", "discrepancy", "undetermined"]
    verdicts: dict[str, Literal["conform", "discrepancy", "undetermined"]]
    summary: str
    invoice: dict[str, Any]
    expected: QuoteAnswer
    comparison: list[Compared]
    findings: list[Finding]
    explanations: list[Explanation]
    dispute_text: str | None


Status = Literal["valid", "expired", "not_renewed", "not_yet_valid", "undetermined"]


class Standing(Part):
    """Where a certificate stands on the day."""

    number: str | None
    issued: Day | None
    valid_until: Day | None
    status: Status
    reason: str
    rule: str


class HeldQualification(Part):
    """Where a qualification stands on the day."""

    code: str | None
    name: str | None
    probationary: bool
    valid_until: Day | None
    status: Status
    reason: str
    rule: str
    rge: bool | None
    entails: list[str]


class RequirementAnswer(Part):
    """Whether a requirement is met, and by what."""

    code: str
    rge_required: bool
    status: Literal["met", "unmet", "undetermined"]
    reason: str
    rule: str
    by: str | None


class CertificateAnswer(Part):
    """The verdict on a certificate, part by part."""

    schema_version: Literal[1]
    verdict: Literal["valid", "not_valid", "undetermined"]
    reason: str
    rule: str
    on: Day
    siren: str | None
    dialect: str
    source: str
    fetched_on: Day | None
    certificate: Standing | None
    qualifications: list[HeldQualification]
    requirements: list[RequirementAnswer]
    warnings: list[dict[str, str]]
    rules: list[dict[str, str]]
    assumptions: list[Interpretation]
