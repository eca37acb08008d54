"""Answers about an OPQIBI certificate: API Entreprise v3 and v2, OPQIBI's own, and their errors.

The three dialects say the same things under other names, and date them two ways (ISO, dd/mm/yyyy) that
cannot be mistaken for one another. Sources: the OpenAPI description of API Entreprise v3, the v2
documentation, and recorded answers of OPQIBI (``date_de_validite_des_qualification``, in the singular).
"""

from pydantic import AliasChoices, Field, JsonValue

from opqibi_rules.certificate.check import Answer
from opqibi_rules.certificate.model import Certificate, CertifiedQualification, Listed
from opqibi_rules.certificate.reading.answer_fields import AnswerModel, Day, Flag, Words, read_part
from opqibi_rules.certificate.refusal import ApiError, Refusal
from opqibi_rules.paper.strict_yaml import Path

V3, V2, OPQIBI = "api_entreprise_v3", "api_entreprise_v2", "opqibi"

_OWN_KEYS = {"date_de_validite_des_qualification", "CodeQualification"}
_V2_KEYS = {
    "date_de_delivrance_du_certificat",
    "duree_de_validite_du_certificat",
    "date_de_validite_des_qualifications",
    "date_de_validite_des_qualifications_probatoires",
}
_V3_KEYS = {"date_delivrance_certificat", "duree_validite_certificat", "date_validite_qualifications"}
_OWN_REFUSAL = "siret incorrect"
"""OPQIBI answers a number it does not know, or cannot read, by one sentence of plain text."""


class _Item(AnswerModel):
    code: Words = Field(None, validation_alias=AliasChoices("code_qualification", "CodeQualification"))
    name: Words = Field(None, validation_alias=AliasChoices("nom", "Nom"))
    rge: Flag = None


class _Body(AnswerModel):
    number: Words = Field(None, validation_alias="numero_certificat")
    siren: Words = None
    url: Words = None
    issued: Day = Field(
        None, validation_alias=AliasChoices("date_delivrance_certificat", "date_de_delivrance_du_certificat")
    )
    duration: Words = Field(
        None, validation_alias=AliasChoices("duree_validite_certificat", "duree_de_validite_du_certificat")
    )
    insurers: Words = Field(None, validation_alias=AliasChoices("assurances", "assurance"))
    qualifications: list[_Item] | None = None
    qualifications_until: Day = Field(
        None,
        validation_alias=AliasChoices(
            "date_validite_qualifications",
            "date_de_validite_des_qualifications",
            "date_de_validite_des_qualification",
        ),
    )
    probationary: list[_Item] | None = Field(None, validation_alias="qualifications_probatoires")
    probationary_until: Day = Field(
        None,
        validation_alias=AliasChoices(
            "date_validite_qualifications_probatoires", "date_de_validite_des_qualifications_probatoires"
        ),
    )


class _Error(AnswerModel):
    code: Words = None
    title: Words = None
    detail: Words = None


def read_opqibi(value: JsonValue, name: str, at: Path = ()) -> list[Answer]:
    """The certificate of a parsed answer, whichever its dialect; none where it is something else.

    Raises:
        FileError: it is such an answer, and a field cannot be read.
    """
    if not isinstance(value, dict):
        return []
    if "errors" in value:
        return [_refusal(value["errors"], name, at)]
    inner = value.get("data")
    if isinstance(inner, dict) and inner.keys() & _V3_KEYS:
        return [_certificate(inner, V3, name, (*at, "data"))]
    if value.keys() & _V3_KEYS:  # the inside of a v3 answer, without its envelope
        return [_certificate(value, V3, name, at)]
    if value.keys() & (_V2_KEYS | _OWN_KEYS):
        return [_certificate(value, OPQIBI if _is_own(value) else V2, name, at)]
    return []


def read_own_refusal(text: str) -> Answer | None:
    """OPQIBI's refusal, which is no JSON: one sentence that gives three causes at once."""
    said = " ".join(text.split())
    if len(said) > 200 or _OWN_REFUSAL not in said.casefold():
        return None
    return Answer(OPQIBI, Refusal((ApiError(None, detail=said),)))


def _is_own(value: dict[str, JsonValue]) -> bool:
    lists = (value.get("qualifications"), value.get("qualifications_probatoires"))
    items = [item for held in lists if isinstance(held, list) for item in held if isinstance(item, dict)]
    return any(part.keys() & _OWN_KEYS for part in (value, *items))


def _certificate(value: dict[str, JsonValue], dialect: str, name: str, at: Path) -> Answer:
    body = read_part(value, _Body, name, at)
    certificate = Certificate(
        number=body.number,
        issued=body.issued,
        duration=body.duration,
        qualifications=_listed(body.qualifications),
        qualifications_until=body.qualifications_until,
        probationary=_listed(body.probationary),
        probationary_until=body.probationary_until,
        url=body.url,
        insurers=body.insurers,
    )
    return Answer(dialect, certificate, siren=body.siren)


def _listed(items: list[_Item] | None) -> Listed:
    if items is None:
        return None
    return tuple(CertifiedQualification(item.code or "", item.name, item.rge) for item in items)


def _refusal(errors: JsonValue, name: str, at: Path) -> Answer:
    """An error body in any of its forms: objects (v3), flat sentences (v2), one or several, listed or not."""
    given = errors if isinstance(errors, list) else [] if errors is None else [errors]
    read: list[ApiError] = []
    for index, error in enumerate(given):
        if isinstance(error, dict):
            part = read_part(error, _Error, name, (*at, "errors", index))
            read.append(ApiError(part.code, part.title, part.detail))
        else:
            read.append(ApiError(None, detail=str(error)[:500]))
    flat = bool(given) and not any(isinstance(error, dict) for error in given)
    return Answer(V2 if flat else V3, Refusal(tuple(read)))
