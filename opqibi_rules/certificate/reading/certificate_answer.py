"""Reading saved answers of registers: the dialect is recognised, whatever the file holds.

A file holds one answer, a list of answers, or an answer as ``fetch-certificate`` saves it, with the day it
was fetched. A folder holds such files. What is none of these is refused, by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import Field, JsonValue, SkipValidation

from opqibi_rules.certificate.check import Answer
from opqibi_rules.certificate.reading.answer_fields import Day, Words, read_part
from opqibi_rules.certificate.reading.dialects import read_dialect, read_own_refusal
from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import file_bytes
from opqibi_rules.paper.json_text import mended_json
from opqibi_rules.paper.strict_yaml import Path as Place
from opqibi_rules.paper.strict_yaml import path_text
from opqibi_rules.paper.text import decoded

SUFFIXES = frozenset({".json", ".txt"})
"""Of the files that a folder of answers holds."""
_LAYERS = 3
"""How deep an answer may lie: in a list, saved with its day, itself an array (Agence BIO)."""


@dataclass(frozen=True, slots=True)
class _Saved:
    """An answer as ``fetch-certificate`` saves it: the body, whole, and what the body does not say."""

    fetched_on: Day
    siren: Words
    answer: Annotated[JsonValue, SkipValidation]
    http_status: Annotated[int | None, Field(ge=100, le=599)] = None


def read_answers(data: bytes, name: str) -> list[Answer]:
    """Every answer of a file's content.

    Raises:
        FileError: it cannot be read, or is no answer that we know.
    """
    if data.lstrip()[:1] not in {b"{", b"["} and (refusal := read_own_refusal(decoded(data, name))):
        return [replace(refusal, name=name)]
    value, repaired = mended_json(data, name)
    answers = [replace(answer, repaired=repaired) for answer in _read(value, name)]
    if len(answers) == 1:
        return [replace(answers[0], name=name)]
    return [replace(answer, name=f"{name}[{index}]") for index, answer in enumerate(answers)]


def read_value(value: JsonValue, name: str) -> list[Answer]:
    """Every answer of a parsed JSON value, as an HTTP client gives it.

    Raises:
        FileError: a field cannot be read, or it is no answer that we know.
    """
    return [replace(answer, name=name) for answer in _read(value, name)]


def one_answer(source: Answer | Path | str | bytes | Mapping[str, JsonValue] | list[JsonValue]) -> Answer:
    """The answer of a file (by its path), of the bytes of a body, or of a body already parsed.

    Raises:
        FileError: it cannot be read, is no answer that we know, or holds several.
    """
    if isinstance(source, Answer):
        return source
    if isinstance(source, (Path, str)):
        answers = read_answer_file(Path(source))
    elif isinstance(source, bytes):
        answers = read_answers(source, "answer")
    else:
        answers = read_value(dict(source) if isinstance(source, Mapping) else source, "answer")
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
    if isinstance(value, dict) and {"answer", "fetched_on"} <= value.keys():
        return _read_saved(value, name, at)
    found = read_dialect(value, name, at)
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
    saved = read_part(value, _Saved, name, at)
    day, status = saved.fetched_on, saved.http_status
    return [
        replace(answer, siren=answer.siren or saved.siren, fetched_on=day, http_status=status)
        for answer in _read(saved.answer, name, (*at, "answer"))
    ]
