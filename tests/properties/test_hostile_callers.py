"""The answer is the same whatever the caller does to decimals, threads and the values it is given."""

import decimal
import pickle
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import FrozenInstanceError, fields, is_dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.errors import AmountError, RequestError
from opqibi_rules.messages import Message
from opqibi_rules.price.quote import Quote, quote
from tests import oracle
from tests.asking import ON, amounts, ask, expected
from tests.properties.strategies import COUNTS, SOME, TURNOVERS

ALL_TRAPS = list(decimal.Context().flags)
CONTEXTS = {
    "precision 3": decimal.Context(prec=3),
    "precision 1, rounding down": decimal.Context(prec=1, rounding=decimal.ROUND_DOWN),
    "ceiling": decimal.Context(prec=5, rounding=decimal.ROUND_CEILING),
    "half even": decimal.Context(prec=28, rounding=decimal.ROUND_HALF_EVEN),
    "tiny exponents": decimal.Context(prec=4, Emax=2, Emin=-2, clamp=1),
    "every trap set": decimal.Context(prec=3, traps=ALL_TRAPS),
    "no trap set": decimal.Context(prec=3, traps=[]),
}


@contextmanager
def hostile(context: decimal.Context) -> Iterator[None]:
    with decimal.localcontext(context):
        yield


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
@given(event=st.sampled_from(("first", "renewal", "control")), tariffs=SOME, turnover=TURNOVERS, new=COUNTS)
def test_the_context_of_the_caller_changes_nothing(
    context: decimal.Context, event: str, tariffs: dict[int, int], turnover: int, new: dict[int, int]
) -> None:
    new = new if event == "control" else {}
    with hostile(context):
        found = amounts(ask(event, tariffs, turnover, new, "reunion"))
    assert found == expected(event, tariffs, turnover, new, "reunion")


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
def test_the_whole_json_is_the_same_in_a_hostile_context(context: decimal.Context) -> None:
    arguments: dict[str, Any] = {
        "on": ON,
        "qualifications": ["1905:5", "0103:2"],
        "turnover": Decimal("149170020.01"),
        "vat": "8,5 %",
    }
    calm = quote(**arguments).to_dict()
    with hostile(context):
        assert quote(**arguments).to_dict() == calm


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
def test_a_rate_in_a_sentence_is_whole_in_a_hostile_context(context: decimal.Context) -> None:
    sentence = Message("{rate:percent}, {other:permille}", rate=Decimal("0.12345"), other=Decimal("0.12345"))
    with hostile(context):
        assert str(sentence) == "12.345 %, 123.45 ‰"


def test_many_threads_get_each_their_own_answer() -> None:
    questions = [("first", {1 + step % 7: 1 + step % 5}, step * 1_234_567) for step in range(400)]

    def answer(question: tuple[str, dict[int, int], int]) -> dict[str, Any]:
        decimal.getcontext().prec = 1 + question[2] % 5
        return amounts(ask(*question))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(answer, questions)) == [expected(*question) for question in questions]


@pytest.mark.parametrize("value", [800000.0, 0.1, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["turnover", "audit_turnover"])
def test_a_float_turnover_is_refused_with_the_way_to_convert(name: str, value: float) -> None:
    arguments: dict[str, Any] = {name: value}
    with pytest.raises(AmountError, match=rf"{name}.*float.*Decimal\(repr\(value\)\)"):
        quote(on=ON, tariffs={1: 1}, **arguments)


def test_a_float_is_refused_for_a_rate_a_count_and_a_tariff() -> None:
    wrong: list[dict[str, Any]] = [{"vat": 0.2}, {"tariffs": {1: 2.0}}, {"tariffs": {1.0: 2}}]
    for arguments in wrong:
        with pytest.raises(RequestError):
            quote(**{"on": ON, "tariffs": {1: 1}, **arguments})


def _everything(value: object, seen: list[object]) -> Iterator[object]:
    """The quote and every value reachable through its fields."""
    if any(value is one for one in seen):
        return
    seen.append(value)
    yield value
    if is_dataclass(value):
        for field in fields(value):
            yield from _everything(getattr(value, field.name), seen)
    elif isinstance(value, Message):
        yield from _everything(value.values, seen)
    elif isinstance(value, (tuple, Mapping)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _everything(item, seen)


def full_quote() -> Quote:
    return quote(on=ON, qualifications=["1905:5"], probationary=["0103:1"], tariffs={2: 3}, turnover=10)


def test_nothing_of_a_quote_can_be_changed() -> None:
    parts = list(_everything(full_quote(), []))
    assert len(parts) > 50
    for part in parts:
        if is_dataclass(part):
            for field in fields(part):
                with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
                    setattr(part, field.name, None)
        if isinstance(part, Message):
            with pytest.raises(AttributeError):
                part.text = "other"
            with pytest.raises(AttributeError):
                del part.text
        assert not isinstance(part, (list, dict, set)), part


def test_a_quote_does_not_follow_what_the_caller_does_to_its_arguments() -> None:
    tariffs, codes = {1: 5}, ["1905:5"]
    answer = quote(on=ON, tariffs=tariffs, qualifications=codes)
    before = answer.to_dict()
    tariffs[1] = 1
    codes.clear()
    assert answer.to_dict() == before


def test_two_quotes_do_not_share_what_they_return() -> None:
    first = full_quote().to_dict()
    first["lines"].clear()
    first["subtotals"]["instruction"] = "0.00"
    assert full_quote().to_dict()["subtotals"]["instruction"] != "0.00"


def test_a_message_survives_a_journey_to_another_process() -> None:
    message = Message("The turnover {turnover:euro} is negative.", turnover=Decimal(-5))
    assert pickle.loads(pickle.dumps(message)) == message


def test_the_oracle_knows_the_same_territories() -> None:
    for territory in oracle.VAT_PER_THOUSAND:
        assert amounts(ask("control", {5: 1}, vat=territory)) == expected("control", {5: 1}, vat=territory)
