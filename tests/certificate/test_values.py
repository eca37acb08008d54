"""Results are values: immutable, equal, hashable, picklable, copied whole, the same in threads and processes."""

import copy
import pickle
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import FrozenInstanceError, fields, is_dataclass
from datetime import date
from multiprocessing import get_context
from typing import Any

import pytest

from opqibi_rules.certificate.check import Answer, CertificateReport, check_certificate
from opqibi_rules.certificate.controls import ControlHistory, control_history
from opqibi_rules.certificate.organic import OrganicCertificate, OrganicOperator, OrganicRecord
from opqibi_rules.certificate.refusal import ApiError, Refusal
from opqibi_rules.messages import Message
from opqibi_rules.price.structure import Qualification, Structure

from .conftest import Build

ON = date(2017, 6, 1)
KINDS = ("certificate", "odd certificate", "organic operator", "refusal", "control history")
Value = CertificateReport | ControlHistory

ORGANIC = OrganicOperator(
    tuple(
        OrganicRecord(str(number), None, None, (OrganicCertificate("ENGAGEE", "A"),)) for number in range(2)
    )
)
FIRM = Structure(
    qualifications=(
        Qualification("1905", granted_on=date(2016, 2, 29)),
        Qualification("1331", probationary=True, granted_on=date(2015, 6, 1), renewed_on=(ON,)),
        Qualification("0607"),
    ),
    controls=(date(2017, 3, 14),),
)


def made(kind: str, build: Build) -> Value:
    """Anew at each call: two of a kind share nothing but what the tables hold."""
    if kind == "control history":
        return control_history(FIRM, on=ON)
    answer = {
        "certificate": build(),
        "odd certificate": build(number=None, url="https://example.com", probationary_until=date(2019, 1, 2)),
        "organic operator": Answer("agence_bio", ORGANIC),
        "refusal": Answer("api_entreprise_v3", Refusal((ApiError("00429", "Titre"),)), http_status=429),
    }[kind]
    return check_certificate(
        answer, on=ON, siren="73282932000074", requires=["1905", "0316"], requires_rge=["1911"]
    )


every_kind = pytest.mark.parametrize("kind", KINDS)


def parts(value: Any) -> Iterator[Any]:
    """A value, and all that it is made of."""
    yield value
    inside = [getattr(value, field.name) for field in fields(value)] if is_dataclass(value) else []
    if isinstance(value, (tuple, frozenset)):
        inside = list(value)
    if isinstance(value, Message):
        inside = list(value.values.values())
    for part in inside:
        yield from parts(part)


@every_kind
def test_equal_values_are_one_in_a_set(kind: str, build: Build) -> None:
    one, other = made(kind, build), made(kind, build)
    assert one is not other
    assert one == other
    assert len({one, other}) == 1
    assert one != made(KINDS[KINDS.index(kind) - 1], build)


@every_kind
def test_nothing_in_it_can_be_changed(kind: str, build: Build) -> None:
    for part in parts(made(kind, build)):
        assert type(part) not in {list, dict, set, bytearray}
        hash(part)
        if is_dataclass(part):
            with pytest.raises(FrozenInstanceError):
                setattr(part, fields(part)[0].name, None)


@every_kind
def test_it_is_copied_and_pickled_whole(kind: str, build: Build) -> None:
    value = made(kind, build)
    for same in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert same == value
        assert hash(same) == hash(value)
        assert same.to_dict() == value.to_dict()


def in_processes() -> Executor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, in_processes])
def test_threads_and_processes_take_and_give_them(build: Build, pool: Any) -> None:
    values = [made(kind, build) for kind in KINDS]
    with pool() as executor:
        assert list(executor.map(copy.deepcopy, values)) == values


def test_a_result_is_built_by_keyword_alone(build: Build) -> None:
    for kind in (CertificateReport, ControlHistory):
        with pytest.raises(TypeError, match="positional"):
            kind(build(), ON, None)  # type: ignore[arg-type,call-arg]
