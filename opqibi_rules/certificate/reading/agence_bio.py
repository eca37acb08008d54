"""Answers of Agence BIO: the v2 array of API Entreprise, and its own live form (camelCase, ``items``).

A migration left some operators with two records for one SIRET: these are read as one operator, and the
verdict settles between them. Records of other SIRETs are other operators.
"""

from pydantic import AliasChoices, Field, JsonValue

from opqibi_rules.certificate.check import Answer
from opqibi_rules.certificate.organic import OrganicCertificate, OrganicOperator, OrganicRecord
from opqibi_rules.certificate.reading.answer_fields import AnswerModel, Day, Words, read_part
from opqibi_rules.identifiers import siren_of
from opqibi_rules.paper.strict_yaml import Path

AGENCE_BIO = "agence_bio"

_KEYS = {"certificats", "numero_bio", "numeroBio"}


class _Certification(AnswerModel):
    state: Words = Field(None, validation_alias=AliasChoices("etat_certification", "etatCertification"))
    body: Words = Field(None, validation_alias="organisme")
    engaged_on: Day = Field(None, validation_alias=AliasChoices("date_engagement", "dateEngagement"))
    suspended_on: Day = Field(None, validation_alias=AliasChoices("date_suspension", "dateSuspension"))
    stopped_on: Day = Field(None, validation_alias=AliasChoices("date_arret", "dateArret"))
    url: Words = None


class _Operator(AnswerModel):
    number: Words = Field(None, validation_alias=AliasChoices("numero_bio", "numeroBio"))
    siret: Words = None
    name: Words = Field(None, validation_alias=AliasChoices("raison_sociale", "raisonSociale"))
    certificates: list[_Certification] | None = Field(None, validation_alias="certificats")


def _is_operator(value: JsonValue) -> bool:
    """Whether a parsed value is a record of Agence BIO."""
    return isinstance(value, dict) and bool(value.keys() & _KEYS)


def read_operators(value: JsonValue, name: str, at: Path = ()) -> list[Answer]:
    """One answer for each SIRET of a parsed answer; none where it is something else.

    Raises:
        FileError: it is such an answer, and a field cannot be read.
    """
    if _is_operator(value):
        return _grouped([(value, at)], name)
    items = value.get("items") if isinstance(value, dict) and "nbTotal" in value else None
    if isinstance(items, list):
        placed = [(item, (*at, "items", index)) for index, item in enumerate(items)]
        return _grouped(placed, name) or [Answer(AGENCE_BIO, OrganicOperator(()))]
    if isinstance(value, list) and all(map(_is_operator, value)):
        return _grouped([(item, (*at, index)) for index, item in enumerate(value)], name)
    return []


def _grouped(records: list[tuple[JsonValue, Path]], name: str) -> list[Answer]:
    operators: dict[str | None, list[OrganicRecord]] = {}
    for record, at in records:
        part = read_part(record, _Operator, name, at)
        operators.setdefault(part.siret or part.number, []).append(
            OrganicRecord(
                part.number,
                part.siret,
                part.name,
                tuple(OrganicCertificate(**dict(one)) for one in part.certificates or ()),
            )
        )
    return [
        Answer(AGENCE_BIO, OrganicOperator(tuple(group)), siren=siren_of(siret) or siret)
        for group in operators.values()
        for siret in [group[0].siret]
    ]
