"""The structure file: a firm, its qualifications and its turnovers, in YAML or JSON.

It stands for the options of every command::

    siren: "435054481"
    name: Bureau d’études Exemple
    territory: metropolitan
    qualifications:
      - {code: "1905", tariff: 5, granted_on: 2023-03-01}
      - {code: "0607", tariff: 5, probationary: true, granted_on: 2023-03-01, renewed_on: [2024-03-01]}
    controls: [2024-02-20, 2025-02-18]
    turnovers:
      - {year: 2024, engineering: "800 000", energy_audit: "90 000", document: liasse fiscale 2024}
"""

from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from opqibi_rules.errors import FileError
from opqibi_rules.identifiers import read_siren
from opqibi_rules.messages import Message
from opqibi_rules.money import to_amount
from opqibi_rules.paper import strict_yaml
from opqibi_rules.paper.checked import checked
from opqibi_rules.paper.files import file_bytes
from opqibi_rules.price.structure import Qualification, Structure, Turnover
from opqibi_rules.tables.description import Code, Day, Filled, Like, TariffCode


def _turnover(value: object) -> Decimal:
    return to_amount(value, "turnover")


_Turnover = Annotated[Decimal, BeforeValidator(_turnover)]
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
    """The turnovers of one year, euros excl. VAT."""

    year: _Year
    engineering: _Turnover | None = None
    energy_audit: _Turnover | None = None
    document: Filled | None = None


class StructureModel(_Model):
    """A structure file."""

    siren: Annotated[str, BeforeValidator(read_siren)] | None = None
    name: Filled | None = None
    territory: Filled | None = None
    qualifications: list[QualificationModel] = []
    turnovers: list[TurnoverModel] = []
    controls: list[Day] = []


def read_structure(path: Path) -> Structure:
    """Read a structure file, to its end.

    Raises:
        FileError: all its mistakes, each with its path and line.
    """
    document = strict_yaml.read(file_bytes(path), str(path))
    model = checked(document, StructureModel)
    mistakes = []
    for name, keys in (
        ("qualifications", [item.code for item in model.qualifications]),
        ("turnovers", [item.year for item in model.turnovers]),
    ):
        mistakes += [
            document.mistake((name, index), Message("{key} is given twice; keep one.", key=key))
            for index, key in enumerate(keys)
            if key in keys[:index]
        ]
    if mistakes:
        raise FileError(document.name, mistakes)
    return structure_of(model)


def structure_of(model: StructureModel) -> Structure:
    """The firm that a checked structure file, or a checked HTTP body, describes."""
    return Structure(
        siren=model.siren,
        name=model.name,
        territory=model.territory,
        qualifications=tuple(
            Qualification(item.code, item.tariff, item.probationary, item.granted_on, tuple(item.renewed_on))
            for item in model.qualifications
        ),
        turnovers=tuple(
            Turnover(item.year, item.engineering, item.energy_audit, item.document)
            for item in model.turnovers
        ),
        controls=tuple(model.controls),
    )
