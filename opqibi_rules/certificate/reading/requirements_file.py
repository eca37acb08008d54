"""The requirements file: what a tender asks, as the buyer writes it, in YAML or JSON.

What stands at the top holds for each requirement that does not say otherwise::

    tender: Marché 2026-042
    buyer: Ville d’Exemple
    accept_probationary: false
    each_member: false      # true: of each member of a consortium; else one of them is enough
    subcontractors: true    # what they hold counts; left out: it is not said
    requirements:
      - 1905 ou 1911
      - {codes: 13.26, rge: true, or_equivalent: [Qualibat 8731, three references attested by a third party]}
      - {codes: [1202, 1203], accept_probationary: true, each_member: true}  # either: for both, two requirements
"""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from opqibi_rules.certificate.requirement import Requirement
from opqibi_rules.certificate.tender import Asked, Tender
from opqibi_rules.errors import RequestError
from opqibi_rules.paper import strict_yaml
from opqibi_rules.paper.checked import checked
from opqibi_rules.paper.files import file_bytes
from opqibi_rules.tables.description import Filled


def _codes(value: object) -> tuple[str, ...]:
    """One text, with its « ou », or a list of codes."""
    parts = value if isinstance(value, list) else [value]
    texts = [part for part in parts if isinstance(part, str)]
    if not texts or len(texts) < len(parts):
        raise RequestError("a code expected, as 1905, or several: 1905 ou 1911, or [1905, 1911].")
    return tuple(code for text in texts for code in Requirement.parse(text).codes)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Asked(_Model):
    """One requirement; what it leaves out is said at the top of the file."""

    codes: Annotated[tuple[str, ...], BeforeValidator(_codes)]
    rge: bool = False
    accept_probationary: bool | None = None
    each_member: bool | None = None
    or_equivalent: list[Filled] = []


class _Tender(_Model):
    """A requirements file."""

    tender: Filled | None = None
    buyer: Filled | None = None
    accept_probationary: bool = False
    each_member: bool = False
    subcontractors: bool | None = None
    requirements: Annotated[
        list[
            Annotated[
                _Asked,
                BeforeValidator(lambda value: {"codes": value} if isinstance(value, str) else value),
            ]
        ],
        Field(min_length=1),
    ]


def read_requirements(path: Path) -> Tender:
    """What the tender of a file asks.

    Raises:
        FileError: all its mistakes, each with its path and line.
    """
    model = checked(strict_yaml.read(file_bytes(path), str(path)), _Tender)
    return Tender(
        tuple(
            Asked(
                Requirement(tuple(dict.fromkeys(one.codes)), one.rge),
                model.accept_probationary if one.accept_probationary is None else one.accept_probationary,
                model.each_member if one.each_member is None else one.each_member,
                tuple(one.or_equivalent),
            )
            for one in model.requirements
        ),
        model.tender,
        model.buyer,
        model.subcontractors,
    )
