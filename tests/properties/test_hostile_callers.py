"""The answer is the same whatever the caller does to decimals, threads and the values it is given."""

import copy
import decimal
import pickle
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import FrozenInstanceError, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules import DeclaredEvent
from opqibi_rules.errors import AmountError, RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message
from opqibi_rules.price.fees import rules_of
from opqibi_rules.price.files.case_file import Outcome, parse_cases, run_case
from opqibi_rules.price.inversion import counts_from_fee, turnovers_from_fee
from opqibi_rules.price.planning.comparison import (
    Comparison,
    Rise,
    keep_or_drop,
    limits,
    next_rate,
    one_more,
    when_to_add,
)
from opqibi_rules.price.planning.holdings import Change
from opqibi_rules.price.planning.plan import Plan, answer, plan
from opqibi_rules.price.planning.spread import spread
from opqibi_rules.price.quote import Quote, quote
from opqibi_rules.price.structure import Qualification, Structure, Turnover
from tests import oracle
from tests.asking import ON, amounts, ask, euros, expected
from tests.editions.pinned import LATER, OTHER_BODY, TABLES_2024
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
    if isinstance(value, Enum):
        return
    if is_dataclass(value):
        for field in fields(value):
            yield from _everything(getattr(value, field.name), seen)
    elif isinstance(value, Message):
        yield from _everything(value.values, seen)
    elif isinstance(value, (tuple, Mapping)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _everything(item, seen)


FIRM = Structure(
    siren="435054481",
    name="Exemple",
    territory="reunion",
    qualifications=(Qualification("1905", 5), Qualification("0607", 2, probationary=True)),
    turnovers=(Turnover(2025, Decimal("149170020.01"), Decimal("800010.01")),),
)


def a_plan(**asked: Any) -> Plan:
    """One that reckons with all there is: growth, a change, a probation, two cycles."""
    changes = [Change("control", 2, add_tariffs={5: 1}, drop=("0607",))]
    usual = {"growth": Decimal("0.031"), "spread_by": "months", "structure": FIRM, "tables": TABLES_2024}
    return plan(**{"start": ON, "years": 9, "changes": changes, **usual, **asked})


def a_rise() -> Rise:
    before = a_plan()
    return Rise.between(before, answer(before.question, LATER)) + Rise.between(before, before)


(CASE,) = parse_cases(
    b"""
cases:
  - case: 200 + 357,50 + 0,01 ; un centime de trop.
    date: 2026-03-02
    event: renewal
    tariffs: { 1: 5 }
    turnover: 800 010
    expected: { brand_usage: "557.50" }
""",
    "c.yaml",
)
PLANNED: dict[str, Callable[[], object]] = {
    "plan": a_plan,
    "plan of another body": lambda: a_plan(
        tables=OTHER_BODY, changes=[], tariffs={1: 2, 3: 1}, turnovers={"france": "600000.01"}, structure=None
    ),
    "when to add": lambda: when_to_add(a_plan().question, TABLES_2024, add_tariffs={5: 1}),
    "keep or drop": lambda: keep_or_drop(
        a_plan(qualifications=["1905:5", "0607:2"], tariffs={1: 2}, turnover=5).question,
        TABLES_2024,
        drop_tariffs={1: 1},
    ),
    "one more": lambda: one_more(a_plan().question, TABLES_2024),
    "rise": a_rise,
    "limits": lambda: limits(TABLES_2024.schedule(ON)),
    "limits of another body": lambda: limits(OTHER_BODY.schedule(ON)),
    "next rate": lambda: next_rate(
        rules_of(TABLES_2024.schedule(ON)).fees["brand_usage"], Decimal("149169999")
    ),
    "turnovers from a fee": lambda: turnovers_from_fee("1657.50", TABLES_2024.schedule(ON)),
    "counts from a fee": lambda: counts_from_fee("2510", TABLES_2024.schedule(ON), most=6),
    "spread": lambda: spread(Decimal("657.50"), ON, 4),
    "a case": lambda: run_case(CASE),
}


def all_of(result: object) -> object:
    """All that a result says, what it computes on demand included."""
    if isinstance(result, Comparison):
        return result.to_dict(), [result.difference(choice) for choice in result.choices]
    if isinstance(result, Rise):
        return result.to_dict(), result.total
    if isinstance(result, Outcome):
        return [(str(item.message), item.amount) for item in result.differences]
    written = getattr(result, "to_dict", None)
    return result if written is None else written()


@pytest.mark.parametrize("name", PLANNED)
def test_plans_and_what_is_made_of_them_are_the_same_in_any_context(name: str) -> None:
    calm = all_of(PLANNED[name]())
    for context in CONTEXTS.values():
        with hostile(context):
            found = PLANNED[name]()
            assert all_of(found) == calm


@pytest.mark.parametrize("name", PLANNED)
def test_results_are_values(name: str) -> None:
    result = PLANNED[name]()
    again = PLANNED[name]()
    travelled = pickle.loads(pickle.dumps(result))
    for other in (again, travelled, copy.deepcopy(result), copy.copy(result)):
        assert other == result
        assert hash(other) == hash(result)
        assert all_of(other) == all_of(result)
    assert len({result, again, travelled}) == 1


def test_a_plan_is_made_and_read_in_threads_and_processes() -> None:
    calm = all_of(PLANNED["plan"]())
    shared = a_plan()
    with ThreadPoolExecutor(4) as threads:
        made = [threads.submit(in_a_mean_context, "plan") for _ in range(8)]
        assert all(all_of(one.result()) == calm for one in made)
        assert set(threads.map(hash, [shared] * 8)) == {hash(shared)}
    with ProcessPoolExecutor(2) as processes:
        assert list(processes.map(all_of, [shared, PLANNED["rise"]()])) == [calm, all_of(PLANNED["rise"]())]
        assert processes.submit(in_a_mean_context, "plan").result() == shared


def in_a_mean_context(name: str) -> object:
    decimal.getcontext().prec = 1
    return PLANNED[name]()


@given(
    tariffs=SOME,
    turnover=TURNOVERS,
    event=st.sampled_from(("first", "renewal", "control")),
    years=st.integers(1, 12),
    context=st.sampled_from(sorted(CONTEXTS)),
)
def test_any_plan_adds_up_in_any_context(
    tariffs: dict[int, int], turnover: int, event: str, years: int, context: str
) -> None:
    with hostile(CONTEXTS[context]):
        found = plan(
            start=ON,
            years=years,
            event=DeclaredEvent(event),
            tariffs=tariffs,
            turnover=euros(turnover),
            tables=TABLES_2024,
        )
    cents = [int(payment.quote.total_excl_vat * 100) for payment in found.payments]
    assert sum(cents) == int(found.sums.total_excl_vat * 100)
    assert sum(int(year.expense * 100) for year in found.by_year) == sum(cents)


def full_quote() -> Quote:
    return quote(on=ON, qualifications=["1905:5"], probationary=["0103:1"], tariffs={2: 3}, turnover=10)


@pytest.mark.parametrize("name", ["quote", *PLANNED])
def test_nothing_of_a_result_can_be_changed(name: str) -> None:
    parts = list(_everything(full_quote() if name == "quote" else PLANNED[name](), []))
    assert len(parts) > (50 if name in {"quote", "plan", "rise"} else 0)
    for part in parts:
        if is_dataclass(part):
            for field in fields(part):
                with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
                    setattr(part, field.name, None)
        if isinstance(part, FrozenDict):
            refused_changes(part)
        if isinstance(part, Message):
            with pytest.raises(AttributeError):
                part.text = "other"  # type: ignore[misc] # that it is refused is what is tested
            with pytest.raises(AttributeError):
                del part.text
        assert isinstance(part, FrozenDict) or not isinstance(part, (list, dict, set)), part


def refused_changes(mapping: FrozenDict[Any, Any]) -> None:
    tries: list[Callable[[Any], Any]] = [
        lambda found: found.__setitem__("x", 1),
        lambda found: found.__delitem__(next(iter(found), "x")),
        lambda found: found.update(x=1),
        lambda found: found.setdefault("x", 1),
        lambda found: found.pop("x", None),
        lambda found: found.popitem(),
        lambda found: found.clear(),
        lambda found: found.__ior__({"x": 1}),
    ]
    for change in tries:
        with pytest.raises(TypeError):
            change(mapping)


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
