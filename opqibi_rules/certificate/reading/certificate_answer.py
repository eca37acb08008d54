"""Reading saved answers of registers: the dialect is recognised, whatever the file holds.

A file holds one answer, a list of answers, or an answer as ``fetch-certificate`` saves it, with the day it
was fetched. A folder holds such files. What is none of these is refused, by name.

Three dialects about an OPQIBI certificate (API Entreprise v3 and v2, OPQIBI's own) say the same things under
other names, and date them two ways (ISO, dd/mm/yyyy) that cannot be mistaken for one another. Sources: the
OpenAPI description of API Entreprise v3, the v2 documentation, and recorded answers of OPQIBI
(``date_de_validite_des_qualification``, in the singular). Agence BIO answers the v2 array of API Entreprise,
or its own live form (camelCase, ``items``).
"""

import json
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import Field, JsonValue, SkipValidation

from opqibi_rules.certificate.check import Answer
from opqibi_rules.certificate.doubt import Unlisted
from opqibi_rules.certificate.model import Certificate, CertifiedQualification
from opqibi_rules.certificate.organic import OrganicOperator, OrganicRecord
from opqibi_rules.certificate.reading.answer_fields import Day, Words, names_in, read_part
from opqibi_rules.certificate.reading.firms_named import firms_named
from opqibi_rules.certificate.refusal import ApiError, Refusal
from opqibi_rules.certificate.siren import FirmNamed
from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.identifiers import siren_of
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import file_bytes
from opqibi_rules.paper.json_text import mended_json
from opqibi_rules.paper.strict_yaml import Path as Place
from opqibi_rules.paper.strict_yaml import path_text
from opqibi_rules.paper.text import decoded, one_line

V3, V2, OPQIBI, AGENCE_BIO = "api_entreprise_v3", "api_entreprise_v2", "opqibi", "agence_bio"

_OWN_KEYS = {"date_de_validite_des_qualification", "CodeQualification"}
_V2_KEYS = {
    "date_de_delivrance_du_certificat",
    "duree_de_validite_du_certificat",
    "date_de_validite_des_qualifications",
    "date_de_validite_des_qualifications_probatoires",
}
_V3_KEYS = {"date_delivrance_certificat", "duree_validite_certificat", "date_validite_qualifications"}
_CERTIFICATE_KEYS = (
    _OWN_KEYS | _V2_KEYS | _V3_KEYS | {"numero_certificat", "qualifications", "qualifications_probatoires"}
)
_OPERATOR_KEY = "certificats"
_OWN_REFUSAL = "siret incorrect"
"""OPQIBI answers a number it does not know, or cannot read, by one sentence of plain text."""

SUFFIXES = frozenset({".json", ".txt"})
"""Of the files that a folder of answers holds."""
_OTHER_FORMS = {
    b"%PDF": Message("a PDF"),
    b"<": Message("XML, or a web page"),
    b"PK": Message("a zip, or a workbook"),
}
"""What a file is, by how it begins."""
_LAYERS = 3
"""How deep an answer may lie: in a list, saved with its day, itself an array (Agence BIO)."""
_SAVED = {"answer", "fetched_on"}


@dataclass(frozen=True, slots=True)
class _Firm:
    """Whom a certificate is about, where the answer names it."""

    siren: Words = None


@dataclass(frozen=True, slots=True)
class _Saved:
    """An answer as ``fetch-certificate`` saves it: the body, whole, and what the body does not say."""

    fetched_on: Day
    siren: Words
    answer: Annotated[JsonValue, SkipValidation]
    http_status: Annotated[int | None, Field(ge=100, le=599)] = None
    host: Words = None


_Strange = tuple[Place, JsonValue, str | None]
"""What is not documented: where it stands, what it is, and the code of the qualification in whose entry it stands."""
_LISTED = frozenset({*names_in(Certificate), *names_in(_Firm)})
_LISTED_OF_ONE = frozenset(names_in(CertifiedQualification))
_EMPTY = {"links", "meta"}
"""Beside ``data`` in a v3 answer, and without anything inside."""


def read_answers(data: bytes, name: str) -> list[Answer]:
    """Every answer of a file's content.

    Raises:
        FileError: it cannot be read, or is no answer that we know.
    """
    _refuse_what_is_no_json(data, name)
    if data.lstrip()[:1] not in {b"{", b"["} and (refusal := _own_refusal(decoded(data, name))):
        return [replace(refusal, name=name)]
    value, repaired = mended_json(data, name)
    answers = [replace(answer, repaired=repaired) for answer in _read(value, name)]
    if len(answers) == 1:
        return [replace(answers[0], name=name)]
    return [replace(answer, name=f"{name}[{index}]") for index, answer in enumerate(answers)]


def _refuse_what_is_no_json(data: bytes, name: str) -> None:
    start = data.removeprefix(BOM_UTF8).lstrip()
    what = next((words for mark, words in _OTHER_FORMS.items() if start.startswith(mark)), None)
    if not start or what:
        message = Message(
            "{what}, and not the JSON that the register answers: save the whole body of the answer.",
            what=what,
        )
        raise FileError(name, [Mistake(message if what else Message("an empty file."))])


def read_value(value: object, name: str) -> list[Answer]:
    """Every answer of a parsed JSON value, as an HTTP client gives it: read as its text would be.

    Raises:
        FileError: no JSON value, a field that cannot be read, or no answer that we know.
    """
    try:
        text = json.dumps(value)
    except (TypeError, ValueError, RecursionError) as error:
        message = Message("not JSON ({problem}).", problem=str(error)[:80])
        raise FileError(name, [Mistake(message)]) from None
    return read_answers(text.encode(), name)


def one_answer(
    source: Answer | Path | str | bytes | Mapping[str, JsonValue] | list[JsonValue], name: str = "answer"
) -> Answer:
    """The answer of a file (by its path), of a body (bytes, or its text), or of a body already parsed.

    ``name`` is what a body is called.

    Raises:
        FileError: it cannot be read, is no answer that we know, or holds several.
    """
    if isinstance(source, Answer):
        return source
    if isinstance(source, str) and source.lstrip()[:1] in {"{", "["}:
        source = source.encode("utf-8", "surrogatepass")
    if isinstance(source, (Path, str)):
        answers = read_answer_file(Path(source))
    elif isinstance(source, bytes):
        answers = read_answers(source, name)
    else:
        answers = read_value(dict(source) if isinstance(source, Mapping) else source, name)
    if len(answers) > 1:
        message = Message("{n} answers, where one is expected; check them one by one.", n=len(answers))
        raise FileError(answers[0].name, [Mistake(message)])
    return answers[0]


def read_answer_file(path: Path) -> list[Answer]:
    """Every answer of a file.

    Raises:
        FileError: it cannot be opened or read, or is no answer that we know.
    """
    return read_answers(file_bytes(path), str(path))


def _read(value: JsonValue, name: str, at: Place = ()) -> list[Answer]:
    if isinstance(value, dict) and value.keys() >= _SAVED:
        return _read_saved(value, name, at)
    found = _read_dialect(value, name, at)
    if not found and isinstance(value, list) and len(at) < _LAYERS:
        found = [answer for index, item in enumerate(value) for answer in _read(item, name, (*at, index))]
    if found:
        return found
    message = Message(
        "not an answer about an OPQIBI certificate (API Entreprise v3 or v2, OPQIBI) nor of Agence BIO. "
        "Save the whole body of the answer."
    )
    raise FileError(name, [Mistake(message, path_text(at) if at else "")])


def _read_saved(value: JsonValue, name: str, at: Place) -> list[Answer]:
    saved, inside = read_part(value, _Saved, name, at), (*at, "answer")
    if isinstance(saved.answer, dict) and saved.answer.keys() >= _SAVED:
        message = Message("an answer saved twice over: nothing says which day holds.")
        raise FileError(name, [Mistake(message, path_text(inside))])
    answers, beside = _read(saved.answer, name, inside), tuple(firms_named(value, at, but="answer"))
    for answer in answers:
        if answer.siren and saved.siren and siren_of(answer.siren) != siren_of(saved.siren):
            message = Message(
                "saved for {saved}, and it is about {named}.", saved=saved.siren[:40], named=answer.siren[:40]
            )
            raise FileError(name, [Mistake(message, path_text((*at, "siren")))])
    return [
        replace(
            answer,
            siren=answer.siren or saved.siren,
            fetched_on=saved.fetched_on,
            http_status=saved.http_status,
            host=saved.host,
            firms=(*beside, *answer.firms),
        )
        for answer in answers
    ]


def _own_refusal(text: str) -> Answer | None:
    """OPQIBI's refusal, which is no JSON: one sentence that gives three causes at once."""
    said = " ".join(text.split())
    if len(said) > 200 or _OWN_REFUSAL not in said.casefold():
        return None
    return Answer(OPQIBI, Refusal((ApiError(detail=said),)))


def _read_dialect(value: JsonValue, name: str, at: Place) -> list[Answer]:
    """The answers of a parsed body, whichever its dialect: one an operator; none where it is something else."""
    records = _records(value, at)
    if records is not None:
        firms = tuple(firms_named(value, at, but="items")) if isinstance(value, dict) else ()
        answers = _operators(records, name) or [Answer(AGENCE_BIO, OrganicOperator(()))]
        return [replace(answer, firms=(*firms, *answer.firms)) for answer in answers]
    if not isinstance(value, dict):
        return []
    inner = value.get("data")
    told = [part for part in (value, inner) if isinstance(part, dict) and part.keys() & _CERTIFICATE_KEYS]
    if len(told) + ("errors" in value) + (isinstance(inner, dict) and "errors" in inner) > 1:
        message = Message("a certificate and another answer in one body: nothing says which holds.")
        raise FileError(name, [Mistake(message, path_text(at) if at else "")])
    firms = tuple(firms_named(value, at))
    if "errors" in value:
        return [replace(_refusal(value["errors"], name, (*at, "errors")), firms=firms)]
    beside: list[_Strange] = []
    if isinstance(inner, dict) and inner.keys() & _V3_KEYS:
        outer = {key: item for key, item in value.items() if key != "data" and (item or key not in _EMPTY)}
        beside = [((*at, key), item, None) for key, item in outer.items()]
        value, at = inner, (*at, "data")
    dialect = _dialect(value)
    if dialect is None:
        return []
    answer = _certificate(value, dialect, name, at)
    return [replace(answer, unlisted=_unlisted([*beside, *_strange(value, dialect, at)]), firms=firms)]


def _strange(value: dict[str, JsonValue], dialect: str, at: Place) -> Iterator[_Strange]:
    """Every field of a certificate that is not documented, and each mention RGE of another type than in v3."""
    yield from (((*at, key), item, None) for key, item in value.items() if key not in _LISTED)
    for name in ("qualifications", "qualifications_probatoires"):
        listed = value.get(name)
        for index, held in enumerate(listed if isinstance(listed, list) else ()):
            for key, item in held.items() if isinstance(held, dict) else ():
                typed = key != "rge" or dialect != V3 or item is None or isinstance(item, bool)
                if key not in _LISTED_OF_ONE:
                    yield (*at, name, index, key), item, read_part(held, CertifiedQualification, "").code
                elif not typed:
                    yield (*at, name, index, key), item, None


def _unlisted(found: list[_Strange]) -> tuple[Unlisted, ...]:
    """Each once: a key and its value that come again in every qualification say no more."""
    once: dict[tuple[object, str, bool], Unlisted] = {}
    for at, item, code in found:
        text = one_line(item if isinstance(item, str) else json.dumps(item, ensure_ascii=False))
        key = (at[-1], text, code is None)
        known = once.get(key, Unlisted(path_text(at), text))
        once[key] = known if code is None else known._replace(codes=(*known.codes, code))
    return tuple(once.values())


def _records(value: JsonValue, at: Place) -> list[tuple[JsonValue, Place]] | None:
    """The records of Agence BIO, each with its place: one alone, listed, or under ``items``."""
    if _is_operator(value):
        return [(value, at)]
    if isinstance(value, list) and all(map(_is_operator, value)):  # none: no operator is known
        return [(item, (*at, index)) for index, item in enumerate(value)]
    items = value.get("items") if isinstance(value, dict) and "nbTotal" in value else None
    if isinstance(items, list):
        return [(item, (*at, "items", index)) for index, item in enumerate(items)]
    return None


def _is_operator(value: JsonValue) -> bool:
    return isinstance(value, dict) and _OPERATOR_KEY in value


def _dialect(value: dict[str, JsonValue]) -> str | None:
    """In which dialect a certificate is told; the inside of a v3 answer may come without its envelope."""
    if value.keys() & _V3_KEYS:
        return V3
    if not value.keys() & (_V2_KEYS | _OWN_KEYS):
        return None
    lists = (value.get("qualifications"), value.get("qualifications_probatoires"))
    items = [item for held in lists if isinstance(held, list) for item in held if isinstance(item, dict)]
    return OPQIBI if any(part.keys() & _OWN_KEYS for part in (value, *items)) else V2


def _certificate(value: JsonValue, dialect: str, name: str, at: Place) -> Answer:
    firm = read_part(value, _Firm, name, at)
    return Answer(dialect, read_part(value, Certificate, name, at), siren=firm.siren)


def _refusal(errors: JsonValue, name: str, at: Place) -> Answer:
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


def _operators(records: list[tuple[JsonValue, Place]], name: str) -> list[Answer]:
    """One answer for each SIRET: a migration left some operators with two records, and the verdict settles."""
    operators: dict[str | None, list[tuple[OrganicRecord, tuple[FirmNamed, ...]]]] = {}
    for value, at in records:
        record = read_part(value, OrganicRecord, name, at)
        held = operators.setdefault(record.siret or record.number, [])
        held.append((record, tuple(firms_named(value, at))))
    return [
        Answer(
            AGENCE_BIO,
            OrganicOperator(tuple(record for record, _ in group)),
            siren=siren_of(siret) or siret,
            firms=tuple(firm for _, firms in group for firm in firms),
        )
        for group in operators.values()
        for siret in [group[0][0].siret]
    ]
