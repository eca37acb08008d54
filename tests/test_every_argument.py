"""Whatever is given to a public function is answered, or refused by an error of ours: never a raw one of Python's."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from opqibi_rules import OpqibiError, Structure, quote
from opqibi_rules.desk.refusals import RefusedError
from opqibi_rules.desk.requests import PlanRequest, QuoteRequest, understood
from opqibi_rules.desk.service import Service
from opqibi_rules.price.planning.holdings import Change
from opqibi_rules.price.planning.plan import plan
from opqibi_rules.price.planning.plan_question import PlanAsked
from opqibi_rules.price.question import Asked
from opqibi_rules.price.structure import Paid, Qualification, Turnover
from tests.editions.pinned import TABLES_2024

DAY = date(2026, 3, 2)
WRONG: tuple[Any, ...] = (
    0, 1, -1, 3, True, 0.5, float("nan"), 10**30, "", "x", "5", "é" * 500, b"5", Decimal("0.2"), Decimal("NaN"),
    Decimal("1E+50"), [], [5], ["x"], [None], [[]], {}, {1: 5}, {"a": 1}, {(): 1}, {None: None}, (), {5}, object(),
    datetime(2026, 3, 2, tzinfo=UTC), DAY, Structure(), Change, Qualification("1905", 5), Qualification("1905", -1), iter([5]),
    lambda: 1, [Turnover(2025)], [Change("control", 1)], [Change("control", 9, drop=("1905",))],
    [Paid(DAY, 5)], [Paid("x", -1)], [Paid(date(2024, 6, 2), "557,50")],
)  # fmt: skip


def answered(ask: Callable[..., object], **given: Any) -> str:
    """What is answered, or how it is refused."""
    try:
        found: Any = ask(tables=TABLES_2024, **given)
    except OpqibiError as error:
        assert str(error)
        return f"{type(error).__name__}: {error}"
    return str(found.vat if hasattr(found, "vat") else found.sums.vat)


@pytest.mark.parametrize("name", ["on", *Asked.__annotations__, "nobody"])
def test_a_quote(name: str) -> None:
    for wrong in WRONG:
        answered(quote, **{"on": DAY, "tariffs": {1: 5}, name: wrong})


@pytest.mark.parametrize("name", ["start", *PlanAsked.__annotations__, "nobody"])
def test_a_plan(name: str) -> None:
    for wrong in WRONG:
        answered(plan, **{"start": DAY, "tariffs": {1: 5}, name: wrong})


@pytest.mark.parametrize("tables", [5, "folder", object()])
def test_tables(tables: Any) -> None:
    for refused in (lambda: quote(on=DAY, tables=tables), lambda: plan(start=DAY, tables=tables)):
        with pytest.raises(OpqibiError, match="tables"):
            refused()


@pytest.mark.parametrize("kind", [Turnover, Qualification, Structure, Change])
def test_what_a_question_is_made_of(kind: Any) -> None:
    first: dict[Any, dict[str, Any]] = {
        Turnover: {"year": 2025},
        Qualification: {"code": "1905"},
        Change: {"event": "control", "number": 1},
    }
    for name in kind.__dataclass_fields__:
        for wrong in WRONG:
            try:
                made = kind(**{**first.get(kind, {}), name: wrong})
            except OpqibiError:
                continue
            # What is made at all is priced, or refused in words.
            given = {
                Turnover: {"turnovers_by_year": [made]},
                Qualification: {"qualifications": [made]},
                Structure: {"structure": made},
                Change: {"changes": [made]},
            }[kind]
            answered(plan, **{"start": DAY, "tariffs": {1: 5}, **given})


RATES: tuple[Any, ...] = (
    0, Decimal("0"), "0", "0,0", "0 %", "", " ", "0,2", "0.20", "20 %", "20", 20, 1, Decimal(1), "1", 0.085, -0.2,
    Decimal("-0.2"), "-5 %", "8,5 %", "8.5%", "reunion", "La Réunion", "Atlantide", True, b"0", Decimal("NaN"), "NaN",
    [], None,
)  # fmt: skip


@pytest.mark.parametrize("vat", RATES, ids=repr)
def test_the_same_vat_is_the_same_answer_in_a_quote_and_in_a_plan(vat: Any) -> None:
    one = answered(quote, on=DAY, tariffs={1: 5}, event="control", vat=vat)
    assert one == answered(plan, start=DAY, tariffs={1: 5}, event="control", years=1, vat=vat)
    if isinstance(vat, str | int) or vat is None:
        service = Service(TABLES_2024, lambda: DAY)
        asked = {"tariffs": {"1": 5}, "event": "control", "vat": vat}
        try:
            priced = str(service.quote(understood(QuoteRequest, asked)).vat)
            assert str(service.plan(understood(PlanRequest, {**asked, "years": 1})).sums.vat) == priced
            assert one == priced
        except RefusedError:
            assert "Error" in one


def test_zero_is_a_rate() -> None:
    # 125 + 5 × 15 = 200 €, and no VAT on it.
    for zero in (0, Decimal("0"), Decimal("0.00"), "0", "0,00", "0 %"):
        assert answered(quote, on=DAY, tariffs={1: 5}, event="control", vat=zero) == "0.00"
        assert answered(plan, start=DAY, tariffs={1: 5}, vat=zero) == "0.00"


@pytest.mark.parametrize(
    ("growth", "says"),
    [(3, "300 %"), (Decimal(3), "300 %"), ("3", "300 %"), ("300 %", "300 %"), (1, "100 %"), (0.03, "not a rate"),
     (Decimal("Infinity"), "not a rate"), ("", "not a rate"), ("x", "not a rate")],
)  # fmt: skip
def test_a_growth_that_is_a_slip_is_refused(growth: Any, says: str) -> None:
    assert says in answered(plan, start=DAY, tariffs={1: 5}, turnover=1, growth=growth)


@pytest.mark.parametrize("growth", [Decimal("0.03"), "0.03", "0,03", "3 %", "3%"])
def test_a_growth_is_written_as_one_likes(growth: Any) -> None:
    grown = plan(start=DAY, years=5, tariffs={1: 1}, turnover=800_000, growth=growth, tables=TABLES_2024)
    # 800 000 × 1,03⁴ = 900 407,05
    assert str(grown.payments[-1].quote.base.turnover) == "900407.05"  # type: ignore[union-attr] # it bears the fee


def test_leap_day() -> None:
    for number in (1, 2, 3):
        asked: Any = {"qualifications": ["1202:2"], "probationary": ["0607:5"], "event": "control"}
        found = [
            answered(plan, start=day, control=number, **asked)
            for day in (date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1))
        ]
        assert not any("Error" in one for one in found)
