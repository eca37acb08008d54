"""What a file of facts must look like: the models behind the JSON Schemas and behind every error in a table.

Loaded only to check a file that is new or edited; a released table has been through here already
(:mod:`opqibi_rules.tables.library`).
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
)

from opqibi_rules.errors import FileError, Mistake, OpqibiError, RequestError
from opqibi_rules.messages import Message
from opqibi_rules.paper.strict_yaml import Document, Path
from opqibi_rules.tables import check as table_check
from opqibi_rules.tables.schedule import Schedule


def _like(pattern: str, expected: Message) -> BeforeValidator:
    """Accept only a text of that form, and say what was expected."""
    compiled = re.compile(pattern)

    def check(value: Any) -> Any:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            given = "null" if value is None else str(value)[:60]
            raise RequestError(Message("« {given} »; expected {expected}.", given=given, expected=expected))
        return value

    return BeforeValidator(check)


def _shown_as(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$"})


_EXACTLY = PlainSerializer(lambda value: format(value, "f"), return_type=str)
_AMOUNT = r"[0-9]{1,12}(\.[0-9]{1,2})?"
_RATE = r"(0(\.[0-9]{1,7})?|1)"
_CODE = r"[0-9]{4}"
_COUNTRY = r"[A-Z]{2}"
_IDENTIFIER = r"[a-z][a-z0-9_-]*"
_ACCOUNT = r"[0-9]{3}[0-9A-Za-z]{0,17}"
_ERROR_CODE = r"[0-9]{2,5}"
_ERROR_SUBCODE = r"[0-9]{3}"

Amount = Annotated[
    Decimal,
    _like(_AMOUNT, Message('an amount in euros with a point, such as "212.50"')),
    _EXACTLY,
    _shown_as(_AMOUNT),
]
Rate = Annotated[
    Decimal,
    _like(_RATE, Message('a rate from 0 to 1 with a point, such as "0.00080"')),
    _EXACTLY,
    _shown_as(_RATE),
]
Code = Annotated[str, _like(_CODE, Message('a code of four digits, such as "0607"')), _shown_as(_CODE)]
Identifier = Annotated[
    str, _like(_IDENTIFIER, Message("small letters, digits, - and _")), _shown_as(_IDENTIFIER)
]
Country = Annotated[
    str,
    _like(_COUNTRY, Message("a country code of two capitals, such as DE")),
    _shown_as(_COUNTRY),
]
Filled = Annotated[
    str,
    _like(r"(?s).*\S.*", Message("a text")),
    WithJsonSchema({"type": "string", "pattern": r"\S"}),
]
Count = Annotated[
    int,
    _like(r"[0-9]{1,4}", Message("a whole number")),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 9999}),
]
TariffKey = Annotated[
    int,
    _like(r"[1-9][0-9]?", Message("a tariff code: a whole number from 1")),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 99}),
]
Day = Annotated[
    date,
    _like(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", Message("a day, as 2024-02-08")),
    WithJsonSchema({"type": "string", "format": "date"}),
]
ErrorCode = Annotated[
    str,
    _like(_ERROR_CODE, Message('an error code or its beginning, such as "11003" or "003"')),
    _shown_as(_ERROR_CODE),
]
ErrorSubcode = Annotated[
    str,
    _like(_ERROR_SUBCODE, Message('the last three digits of an error code, such as "999"')),
    _shown_as(_ERROR_SUBCODE),
]

Year = Annotated[
    int,
    _like(r"(19[89]|2[01][0-9])[0-9]", Message("a year, as 2024")),
    WithJsonSchema({"type": "integer", "minimum": 1980, "maximum": 2199}),
]


_Checked = TypeVar("_Checked", bound=BaseModel)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TextModel(_Model):
    """A text in both languages."""

    fr: Filled
    en: Filled


class SourceModel(_Model):
    """Where a fact was read."""

    document: Filled = Field(description="Title of the document.")
    address: Filled = Field(description="Where it can be read: a URL, or the publisher's.")
    dated: Filled | None = Field(None, description="Date or edition, as the document states it.")
    reliability: Literal["opqibi", "law", "administration", "press", "third_party", "user"] = "user"


class AssumptionModel(_Model):
    """An interpretation that the source does not settle, with its reason."""

    id: Identifier
    article: Filled | None = None
    text: TextModel
    reason: TextModel
    tariffs: list[TariffKey] = Field([], description="The tariff codes it concerns, if only some.")


class RoundingModel(_Model):
    """How amounts computed from this table are rounded."""

    unit: Literal["0.01"]
    mode: Literal["half_up"]
    where: TextModel


class FactsModel(_Model):
    """What every table says about itself."""

    id: Identifier
    title: TextModel
    in_force_from: Day = Field(description="First day for which the table answers.")
    in_force_until: Day | None = Field(None, description="Last day, where it is known.")
    checked_on: Day = Field(description="When a person last compared the table with its source.")
    checked_by: Filled
    sources: list[SourceModel] = Field(min_length=1)
    rounding: RoundingModel | None = Field(None, description="null: the table leads to no amount.")
    assumptions: list[AssumptionModel] = []


class EntryModel(_Model):
    """A qualification of the nomenclature."""

    code: Code
    name: Filled | None = None
    rubric: Filled | None = None
    tariff: TariffKey | None = Field(None, description="null: no source gives it.")
    rge: bool | None = None
    rge_as_of: Day | None = None
    entails: list[Code] = Field([], description="Codes attributed automatically with this one.")
    source: SourceModel
    note: Filled | None = None


class NomenclatureModel(FactsModel):
    """A nomenclature of qualifications, or a user's additions to one."""

    kind: Literal["nomenclature"]
    entries: list[EntryModel]


class TermModel(_Model):
    """A duration in whole years."""

    years: Count
    controls: Count = 0
    renewals: Count | None = None
    wording: list[Filled] = []
    source: SourceModel


class CertificateTermModel(TermModel):
    """The duration of a certificate, and what one looks like."""

    number_form: Filled = Field(description="Y, M and N stand for digits; MM is a month.")
    hosts: list[Filled] = Field(description="Hosts where a certificate is published.")


class OrganicStateModel(_Model):
    """A state of an organic certification, and whether it certifies; null: nothing says."""

    state: Filled
    certified: bool | None


class OrganicModel(_Model):
    """The states of Agence BIO: an open list, what is not in it is undetermined."""

    states: list[OrganicStateModel] = Field(min_length=1)
    suspension_years: Count
    source: SourceModel


class RuleModel(_Model):
    """A rule that a verdict can name."""

    id: Identifier
    text: TextModel
    source: SourceModel


class ValidityModel(FactsModel):
    """How long certificates and qualifications run, and the rules that verdicts name."""

    kind: Literal["validity"]
    certificate: CertificateTermModel
    qualification: TermModel
    probationary: TermModel
    organic: OrganicModel
    rules: list[RuleModel] = Field([], description="Laid over ours, rule by rule.")


class ApiErrorAdviceModel(_Model):
    """What to do about a family of errors."""

    id: Identifier
    text: TextModel
    codes: list[ErrorCode] = Field([], description="Codes, or the beginning of codes.")
    subcodes: list[ErrorSubcode] = Field([], description="Last three digits, whoever the provider.")
    statuses: list[Count] = Field([], description="HTTP statuses.")
    retry: bool = Field(default=False, description="Whether asking again later may help.")


class ApiErrorsModel(FactsModel):
    """The errors of API Entreprise, and what to do about each."""

    kind: Literal["api_errors"]
    no_certificate: ApiErrorAdviceModel
    advice: list[ApiErrorAdviceModel] = Field(min_length=1)
    otherwise: TextModel = Field(description="What to do about an error that is not in the list.")


class TerritoryModel(_Model):
    """The VAT of one territory."""

    id: Identifier
    name: TextModel
    rate: Rate
    treatment: Literal["standard", "no_vat", "reverse_charge"]
    in_force_from: Day
    in_force_until: Day | None = None
    mention: TextModel | None = None
    postcodes: list[Filled] = []
    countries: list[Country] = Field(
        [], description="ISO 3166-1 codes, where the country tells the territory."
    )
    source: SourceModel


class VatModel(FactsModel):
    """VAT by the customer's territory."""

    kind: Literal["vat"]
    territories: list[TerritoryModel] = Field(min_length=1)


class PhrasesModel(_Model):
    """Phrases in both languages; accents, case and punctuation do not count."""

    fr: list[Filled] = []
    en: list[Filled] = []


class FeeWordsModel(_Model):
    """The phrases that name each fee."""

    dossier: PhrasesModel = PhrasesModel()
    instruction: PhrasesModel = PhrasesModel()
    brand_usage: PhrasesModel = PhrasesModel()
    annual_control: PhrasesModel = PhrasesModel()


class PartWordsModel(_Model):
    """The phrases that name a part of a fee."""

    flat: PhrasesModel = PhrasesModel()
    new_requests: PhrasesModel = PhrasesModel()


class InvoiceWordingModel(FactsModel):
    """The words by which an invoice line names a fee; a user's are added to ours."""

    kind: Literal["invoice_wording"]
    fees: FeeWordsModel = FeeWordsModel()
    parts: PartWordsModel = PartWordsModel()
    tariff: PhrasesModel = Field(PhrasesModel(), description="What stands before a tariff code.")


class StatusModel(_Model):
    """A status of an e-invoice's life cycle."""

    code: Count
    name: TextModel


class ReasonModel(_Model):
    """A reason code, the statuses that admit it, and the findings it goes with."""

    code: Filled
    name: TextModel
    statuses: list[Count] = Field(min_length=1)
    findings: list[Identifier] = Field(description="Empty for the one reason that serves all the others.")


class DisputeCodesModel(FactsModel):
    """The official reasons for disputing an e-invoice."""

    kind: Literal["dispute_codes"]
    statuses: list[StatusModel] = Field(min_length=1)
    reasons: list[ReasonModel] = Field(min_length=1)


class NamedCodeModel(_Model):
    """A code of the accounting system, and its name."""

    code: Filled
    name: Filled


class AccountModel(_Model):
    """An account of the chart: three digits, then what the firm adds to them."""

    number: Annotated[
        str,
        _like(_ACCOUNT, Message('an account of three digits or more, such as "6511"')),
        _shown_as(_ACCOUNT),
    ]
    name: Filled


class PurposesModel(_Model):
    """The account of each purpose."""

    supplier: AccountModel
    dossier: AccountModel
    instruction: AccountModel
    brand_usage: AccountModel
    annual_control: AccountModel
    other: AccountModel
    prepaid: AccountModel
    vat: AccountModel
    loss: AccountModel
    gain: AccountModel


class AccountsModel(FactsModel):
    """The accounts by which an invoice is booked."""

    kind: Literal["accounts"]
    journal: NamedCodeModel
    auxiliary: NamedCodeModel
    accounts: PurposesModel


MODELS: Mapping[str, type[FactsModel]] = {
    "nomenclature": NomenclatureModel,
    "validity": ValidityModel,
    "vat": VatModel,
    "invoice_wording": InvoiceWordingModel,
    "dispute_codes": DisputeCodesModel,
    "api_errors": ApiErrorsModel,
    "accounts": AccountsModel,
}


def check(document: Document) -> dict[str, Any]:
    """The checked content of a table, as plain JSON data.

    Raises:
        FileError: all that is wrong, each mistake with its path and line.
    """
    value = document.value
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind == "schedule":
        return table_check.check(document, Schedule)
    if not isinstance(kind, str) or kind not in MODELS:
        message = Message(
            "kind: {kinds} expected; a table of facts says which kind it is.", kinds=("schedule", *MODELS)
        )
        raise FileError(document.name, [document.mistake(("kind",) if kind else (), message)])
    model = checked(document, MODELS[kind])
    mistakes = [document.mistake(path, message) for path, message in _contradictions(model)]
    if mistakes:
        raise FileError(document.name, mistakes)
    return model.model_dump(mode="json")


def checked(document: Document, model: type[_Checked]) -> _Checked:
    """The document as a ``model``.

    Raises:
        FileError: all that is wrong, each mistake with its path and line.
    """
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        mistakes = [_mistake(document, item) for item in error.errors(include_url=False)]
        raise FileError(document.name, mistakes) from None


_SENTENCES = {
    "missing": Message("missing; it must be given."),
    "extra_forbidden": Message("not a field of this file; check its spelling or remove it."),
    "model_type": Message("a group of fields expected."),
    "model_attributes_type": Message("a group of fields expected."),
    "dict_type": Message("a group of fields expected."),
    "list_type": Message("a list expected."),
    "bool_type": Message("true or false expected."),
    "bool_parsing": Message("true or false expected."),
    "string_type": Message("a text expected."),
    "too_short": Message("empty; at least one is expected."),
    "date_from_datetime_parsing": Message("not a day of the calendar."),
    "date_parsing": Message("not a day of the calendar."),
}


def _mistake(document: Document, item: Any) -> Mistake:
    path: Path = tuple(part for part in item["loc"] if part != "[key]")
    return document.mistake(path, reason(item))


def reason(item: Any) -> Message:
    """What is wrong, in one sentence, from one error of a check by pydantic."""
    cause = item.get("ctx", {}).get("error")
    if isinstance(cause, OpqibiError):
        return cause.message
    if item["type"] == "literal_error":
        return Message("{expected} expected.", expected=item["ctx"]["expected"].replace(" or ", ", "))
    return _SENTENCES.get(item["type"], Message("{problem}", problem=item["msg"]))


def _contradictions(model: FactsModel) -> list[tuple[Path, Message]]:
    """What is well written but cannot be."""
    found: list[tuple[Path, Message]] = []
    if model.in_force_until and model.in_force_until < model.in_force_from:
        found.append((("in_force_until",), Message("ends before it starts.")))
    if isinstance(model, VatModel):
        found += _vat_contradictions(model)
    if isinstance(model, NomenclatureModel):
        seen: dict[str, int] = {}
        for index, entry in enumerate(model.entries):
            if entry.code in seen:
                message = Message("code {code} is given twice; keep one entry.", code=entry.code)
                found.append((("entries", index, "code"), message))
            seen[entry.code] = index
    if isinstance(model, DisputeCodesModel):
        found += _dispute_contradictions(model)
    named: dict[str, list[str]] = {"assumptions": [assumption.id for assumption in model.assumptions]}
    if isinstance(model, ValidityModel):
        named["rules"] = [rule.id for rule in model.rules]
    for field, identifiers in named.items():
        for index, identifier in enumerate(identifiers):
            if identifier in identifiers[:index]:
                found.append(((field, index, "id"), Message("given twice; keep one.")))
    return found


def _vat_contradictions(model: VatModel) -> list[tuple[Path, Message]]:
    found: list[tuple[Path, Message]] = []
    starts: set[tuple[str, date]] = set()
    for index, item in enumerate(model.territories):
        path: Path = ("territories", index)
        if item.in_force_until and item.in_force_until < item.in_force_from:
            found.append(((*path, "in_force_until"), Message("ends before it starts.")))
        if (item.id, item.in_force_from) in starts:
            message = Message("{id} is given twice from the same day; keep one.", id=item.id)
            found.append(((*path, "in_force_from"), message))
        starts.add((item.id, item.in_force_from))
        if item.treatment != "standard" and item.rate:
            found.append(((*path, "rate"), Message("a rate where no VAT is billed; write 0.")))
    return found


def _dispute_contradictions(model: DisputeCodesModel) -> list[tuple[Path, Message]]:
    found: list[tuple[Path, Message]] = []
    known = [status.code for status in model.statuses]
    for index, reason in enumerate(model.reasons):
        for place, code in enumerate(reason.statuses):
            if code not in known:
                message = Message(
                    "status {code} is not among those of this file: {known}.", code=code, known=known
                )
                found.append((("reasons", index, "statuses", place), message))
    if len([reason for reason in model.reasons if not reason.findings]) != 1:
        message = Message("one reason, and one only, has no findings: the one for all that has no other.")
        found.append((("reasons",), message))
    return found
