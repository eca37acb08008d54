"""What an earlier run over many firms told: its JSON, read again."""

from dataclasses import dataclass
from pathlib import Path

from opqibi_rules.certificate.changes import Known, KnownQualification
from opqibi_rules.certificate.firms_check import EarlierRun
from opqibi_rules.certificate.reading.answer_fields import Code, Day, Flag, Words, read_part
from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.identifiers import siren_of
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import MAX_LIST, file_bytes
from opqibi_rules.paper.json_text import strict_json


@dataclass(frozen=True, slots=True)
class _Held:
    code: Code
    probationary: Flag = False
    rge: Flag = None
    valid_until: Day = None


@dataclass(frozen=True, slots=True)
class _Certificate:
    number: Words = None
    valid_until: Day = None


@dataclass(frozen=True, slots=True)
class _Firm:
    verdict: Code
    siren: Words = None
    name: Words = None
    certificate: _Certificate | None = None
    qualifications: tuple[_Held, ...] = ()


@dataclass(frozen=True, slots=True)
class _Run:
    on: Day
    firms: tuple[_Firm, ...]


def read_earlier_run(path: Path) -> EarlierRun:
    """The firms of an earlier run.

    Raises:
        FileError: it cannot be read, or is no result of such a run.
    """
    name = str(path)
    value = strict_json(file_bytes(path, MAX_LIST), name, most=MAX_LIST)
    if not isinstance(value, dict) or not {"on", "firms"} <= value.keys():
        message = Message("not the result of an earlier run over a list: give the JSON that it wrote.")
        raise FileError(name, [Mistake(message)])
    run = read_part(value, _Run, name)
    if run.on is None:
        raise FileError(name, [Mistake(Message("missing; it must be given."), "$.on")])
    return EarlierRun(run.on, tuple(_known(firm, firm.siren) for firm in run.firms if siren_of(firm.siren)))


def _known(firm: _Firm, siren: str | None) -> Known:
    certificate = firm.certificate
    return Known(
        siren=siren or "",
        name=firm.name,
        verdict=firm.verdict,
        number=certificate.number if certificate else None,
        valid_until=certificate.valid_until if certificate else None,
        certified=certificate is not None,
        qualifications=tuple(
            KnownQualification(held.code, bool(held.probationary), held.rge, held.valid_until)
            for held in firm.qualifications
        ),
    )
