"""The dialects of the registers: API Entreprise v3 and v2, OPQIBI's own, Agence BIO, and their errors.

The three dialects about an OPQIBI certificate say the same things under other names, and date them two ways
(ISO, dd/mm/yyyy) that cannot be mistaken for one another. Sources: the OpenAPI description of API Entreprise
v3, the v2 documentation, and recorded answers of OPQIBI (``date_de_validite_des_qualification``, in the
singular). Agence BIO answers the v2 array of API Entreprise, or its own live form (camelCase, ``items``).
"""

from dataclasses import dataclass

from pydantic import JsonValue

from opqibi_rules.certificate.check import Answer
from opqibi_rules.certificate.model import Certificate
from opqibi_rules.certificate.organic import OrganicOperator, OrganicRecord
from opqibi_rules.certificate.reading.answer_fields import Words, read_part
from opqibi_rules.certificate.refusal import ApiError, Refusal
from opqibi_rules.identifiers import siren_of
from opqibi_rules.paper.strict_yaml import Path

V3, V2, OPQIBI, AGENCE_BIO = "api_entreprise_v3", "api_entreprise_v2", "opqibi", "agence_bio"

_OWN_KEYS = {"date_de_validite_des_qualification", "CodeQualification"}
_V2_KEYS = {
    "date_de_delivrance_du_certificat",
    "duree_de_validite_du_certificat",
    "date_de_validite_des_qualifications",
    "date_de_validite_des_qualifications_probatoires",
}
_V3_KEYS = {"date_delivrance_certificat", "duree_validite_certificat", "date_validite_qualifications"}
_OPERATOR_KEYS = {"certificats", "numero_bio", "numeroBio"}
_OWN_REFUSAL = "siret incorrect"
"""OPQIBI answers a number it does not know, or cannot read, by one sentence of plain text."""


def read_own_refusal(text: str) -> Answer | None:
    """OPQIBI's refusal, which is no JSON: one sentence that gives three causes at once."""
    said = " ".join(text.split())
    if len(said) > 200 or _OWN_REFUSAL not in said.casefold():
        return None
    return Answer(OPQIBI, Refusal((ApiError(detail=said),)))


def read_dialect(value: JsonValue, name: str, at: Path) -> list[Answer]:
    """The answers of a parsed body, whichever its dialect: one an operator; none where it is something else.

    Raises:
        FileError: it is such a body, and a field cannot be read.
    """
    if isinstance(value, list):
        records = [(item, (*at, index)) for index, item in enumerate(value)]
        return _operators(records, name) if all(map(_is_operator, value)) else []
    if not isinstance(value, dict):
        return []
    items = value.get("items")
    if "nbTotal" in value and isinstance(items, list):
        records = [(item, (*at, "items", index)) for index, item in enumerate(items)]
        return _operators(records, name) or [Answer(AGENCE_BIO, OrganicOperator(()))]
    if _is_operator(value):
        return _operators([(value, at)], name)
    if "errors" in value:
        return [_refusal(value["errors"], name, (*at, "errors"))]
    inner = value.get("data")
    if isinstance(inner, dict) and inner.keys() & _V3_KEYS:
        return [_certificate(inner, V3, name, (*at, "data"))]
    if value.keys() & _V3_KEYS:  # the inside of a v3 answer, without its envelope
        return [_certificate(value, V3, name, at)]
    if value.keys() & (_V2_KEYS | _OWN_KEYS):
        return [_certificate(value, OPQIBI if _is_own(value) else V2, name, at)]
    return []


def _is_operator(value: JsonValue) -> bool:
    return isinstance(value, dict) and bool(value.keys() & _OPERATOR_KEYS)


def _is_own(value: dict[str, JsonValue]) -> bool:
    lists = (value.get("qualifications"), value.get("qualifications_probatoires"))
    items = [item for held in lists if isinstance(held, list) for item in held if isinstance(item, dict)]
    return any(part.keys() & _OWN_KEYS for part in (value, *items))


@dataclass(frozen=True, slots=True)
class _Firm:
    """Whom a certificate is about, where the answer names it."""

    siren: Words = None


def _certificate(value: JsonValue, dialect: str, name: str, at: Path) -> Answer:
    firm = read_part(value, _Firm, name, at)
    return Answer(dialect, read_part(value, Certificate, name, at), siren=firm.siren)


def _refusal(errors: JsonValue, name: str, at: Path) -> Answer:
    """An error body in any of its forms: objects (v3), flat sentences (v2), one or several, listed or not."""
    given = errors if isinstance(errors, list) else [] if errors is None else [errors]
    read = tuple(
        read_part(error, ApiError, name, (*at, index))
        if isinstance(error, dict)
        else ApiError(detail=str(error)[:500])
        for index, error in enumerate(given)
    )
    flat = bool(given) and not any(isinstance(error, dict) for error in given)
    return Answer(V2 if flat else V3, Refusal(read))


def _operators(records: list[tuple[JsonValue, Path]], name: str) -> list[Answer]:
    """One answer for each SIRET: a migration left some operators with two records, and the verdict settles."""
    operators: dict[str | None, list[OrganicRecord]] = {}
    for value, at in records:
        record = read_part(value, OrganicRecord, name, at)
        operators.setdefault(record.siret or record.number, []).append(record)
    return [
        Answer(AGENCE_BIO, OrganicOperator(tuple(group)), siren=siren_of(siret) or siret)
        for group in operators.values()
        for siret in [group[0].siret]
    ]
