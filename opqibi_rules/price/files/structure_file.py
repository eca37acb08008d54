"""The structure file: a firm, its qualifications and its turnovers, in YAML or JSON.

It stands for the options of every command; a turnover bears the id by which the fee schedule declares it. A
qualification that was probationary, then full, is given twice, each with its ``granted_on``::

    siren: "435054481"
    name: Bureau d’études Exemple
    territory: metropolitan
    qualifications:
      - {code: "1905", tariff: 5, granted_on: 2023-03-01}
      - {code: "0607", tariff: 5, probationary: true, granted_on: 2023-03-01, renewed_on: [2024-03-01]}
    controls: [2024-02-20, 2025-02-18]
    year_end: 30/06
    turnovers:
      - {year: 2024, engineering: "800 000", energy_audit: "90 000", document: liasse fiscale 2024}
      - {year: 2025, closed_on: 2025-09-30, engineering: "850 000"}
    paid:
      - {day: 2023-06-01, amount: "557,50", fee: brand_usage}
"""

import json
from collections.abc import Collection, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.identifiers import read_siren
from opqibi_rules.messages import Message
from opqibi_rules.money import to_amount
from opqibi_rules.paper import strict_yaml
from opqibi_rules.paper.checked import checked
from opqibi_rules.paper.files import file_bytes
from opqibi_rules.paper.strict_yaml import Found
from opqibi_rules.paper.strict_yaml import Path as Place
from opqibi_rules.price.declared import Declared
from opqibi_rules.price.financial_year import YearEnd
from opqibi_rules.price.structure import Paid, Qualification, Structure, Turnover, contradictions
from opqibi_rules.tables.description import Code, Day, Filled, Like, TariffCode
from opqibi_rules.tables.library import Tables, shipped_tables


def _turnover(value: object) -> Decimal:
    return to_amount(value, "turnover")


def _paid(value: object) -> Decimal:
    return to_amount(value, "paid")


def _year_end(value: object) -> str:
    return str(YearEnd.parse(value))


_Turnover = Annotated[Decimal, BeforeValidator(_turnover)]
_Amount = Annotated[Decimal, BeforeValidator(_paid)]
_YearEnd = Annotated[str, BeforeValidator(_year_end)]
_Year = Annotated[
    int,
    Like(
        "(19[89]|2[01][0-9])[0-9]",
        Message("a year, as 2024"),
        {"type": "integer", "minimum": 1980, "maximum": 2199},
    ),
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class QualificationModel(_Model):
    """A qualification, held or asked for."""

    code: Code
    tariff: TariffCode | None = None
    probationary: bool = False
    granted_on: Day | None = None
    renewed_on: list[Day] = []


class TurnoverModel(_Model):
    """The turnovers of one year, euros excl. VAT, by the ids that the fee schedule declares."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, _Turnover | None]
    year: _Year
    closed_on: Day | None = None
    document: Filled | None = None


class PaidModel(_Model):
    """A fee that was paid: the day it was billed, euros excl. VAT, and its id in the schedule of that day."""

    day: Day
    amount: _Amount
    fee: Filled | None = None


class StructureModel(_Model):
    """A structure file."""

    siren: Annotated[str, BeforeValidator(read_siren)] | None = None
    name: Filled | None = None
    territory: Filled | None = None
    qualifications: list[QualificationModel] = []
    turnovers: list[TurnoverModel] = []
    controls: list[Day] = []
    paid: list[PaidModel] = []
    year_end: _YearEnd | None = None


def read_structure(path: Path, tables: Tables | None = None) -> Structure:
    """Read a structure file, to its end.

    Args:
        path: the file.
        tables: the facts, whose schedules say which turnovers there are; those shipped by default.

    Raises:
        FileError: all its mistakes, each with its path and line.
    """
    document = strict_yaml.read(file_bytes(path), str(path))
    model = checked(document, StructureModel)
    declared = Declared((tables or shipped_tables()).schedules)
    document.refuse([*_contradictions(model), *_undeclared(model, declared)])
    return structure_of(model)


def structure_from(value: object) -> Structure:
    """The structure that parsed JSON describes, in the words of a structure file.

    Raises:
        FileError: all that is wrong in it.
    """
    try:
        text = json.dumps(value, default=str)
    except (TypeError, ValueError, RecursionError):
        raise FileError("structure", [Mistake(Message("plain data expected, as JSON holds it."))]) from None
    document = strict_yaml.read(text.encode(), "structure")
    model = checked(document, StructureModel)
    document.refuse(_contradictions(model))
    return structure_of(model)


def _contradictions(model: StructureModel) -> Found:
    for index, message in contradictions(_qualifications(model)):
        yield ("qualifications", index), message
    years = [turnover_of(item) for item in model.turnovers]
    for index, year in enumerate(years):
        if any(map(year.same_year, years[:index])):
            message = Message(
                "{year} is given twice; keep one. Of two financial years that end in it, state each last day "
                "(closed_on).",
                year=year.year,
            )
            yield ("turnovers", index), message
    for index, item in enumerate(model.turnovers):
        if item.closed_on is not None and item.closed_on.year - item.year not in {0, 1}:
            message = Message(
                "the financial year {year} does not end on {day:date}; closed_on is its last day.",
                year=item.year,
                day=item.closed_on,
            )
            yield ("turnovers", index, "closed_on"), message


def undeclared(names: Iterable[tuple[Place, str]], known: Collection[str]) -> Found:
    """What is wrong with the names of a file, given with their places, that are not known."""
    for place, name in names:
        if name not in known:
            yield place, Message("« {name} » is not one of {known}.", name=name[:40], known=tuple(known))


def _undeclared(model: StructureModel, declared: Declared) -> Found:
    names: list[tuple[Place, str]] = [
        (("turnovers", index, base), base)
        for index, year in enumerate(model.turnovers)
        for base in year.__pydantic_extra__
    ]
    yield from undeclared(names, declared.turnovers)
    fees = ((("paid", index, "fee"), item.fee) for index, item in enumerate(model.paid))
    yield from undeclared(((place, fee) for place, fee in fees if fee is not None), declared.fees)


def structure_of(model: StructureModel) -> Structure:
    """The firm that a checked structure file, or a checked HTTP body, describes."""
    return Structure(
        siren=model.siren,
        name=model.name,
        territory=model.territory,
        qualifications=_qualifications(model),
        turnovers=tuple(turnover_of(item) for item in model.turnovers),
        controls=tuple(model.controls),
        paid=tuple(paid_of(item) for item in model.paid),
        year_end=None if model.year_end is None else YearEnd.parse(model.year_end),
    )


def _qualifications(model: StructureModel) -> tuple[Qualification, ...]:
    return tuple(qualification_of(item) for item in model.qualifications)


def qualification_of(model: QualificationModel) -> Qualification:
    """The qualification that a checked file or body states."""
    days = model.granted_on, tuple(model.renewed_on)
    return Qualification(model.code, model.tariff, model.probationary, *days)


def turnover_of(model: TurnoverModel) -> Turnover:
    """The turnovers of a year that a checked file or body states."""
    return Turnover.by_base(model.year, model.__pydantic_extra__, model.document, model.closed_on)


def paid_of(model: PaidModel) -> Paid:
    """What a checked file or body says was paid."""
    return Paid(model.day, model.amount, model.fee)
