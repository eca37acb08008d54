"""A right invoice whose lines name what they bill is conform; any single error in it is found.

The invoices and the errors are those of the benchmark, which reports the rates, of causes and gaps too; here Hypothesis
picks them. Then the same for schedules of other shapes, with the mistakes that a fee of each kind may bear.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from benchmarks.diagnosis.errors import KINDS
from benchmarks.diagnosis.judge import checked
from benchmarks.diagnosis.seeded import NAMELESS, misbilled, right
from opqibi_rules.invoice.check import InvoiceCheck, check_invoice
from opqibi_rules.invoice.model import Invoice, InvoiceLine, Party
from opqibi_rules.price.quote import Quote, quote
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Tranches

SEEDS = st.integers(0, 2**64)
PLAIN = ("parts", "amounts")
"""A line for each thing billed."""
CENT = Decimal("0.01")
DAYS = {
    "later": date(2027, 3, 2),
    "repeated": date(2026, 3, 2),
    "more_fees": date(2026, 3, 2),
    "other_body": date(2026, 3, 2),
}
TABLES = {name: Tables(Path(__file__).parents[1] / "editions" / name) for name in DAYS}
BODIES = {"other_body": "Autre organisme"}
EDITIONS = pytest.mark.parametrize("edition", DAYS)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=SEEDS)
def test_a_right_invoice_raises_no_alarm(seed: int, tmp_path: Path) -> None:
    case = right(Random(seed), PLAIN)
    assume(case.name != NAMELESS)
    answer = checked(case, tmp_path)
    assert answer.verdict == "conform"
    assert answer.gap_right


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=SEEDS, name=st.sampled_from([name for name, kind in KINDS.items() if not kind.gapless]))
def test_a_seeded_error_is_found(seed: int, name: str, tmp_path: Path) -> None:
    case = misbilled(KINDS[name], Random(seed), PLAIN)
    assume(case)
    assert case is not None
    assert checked(case, tmp_path).verdict == "discrepancy"


def asked(edition: str, random: Random) -> dict[str, Any]:
    """A question that the schedule of an edition answers whole."""
    schedule = TABLES[edition].schedule(DAYS[edition])
    event = random.choice(schedule.events)
    given: dict[str, Any] = {
        "on": DAYS[edition],
        "event": event.id,
        "tariffs": {tariff: random.randint(1, 4) for tariff in random.sample(schedule.tariffs, 2)},
        "turnover": Decimal(random.randint(0, 10 ** random.randint(5, 10))) * CENT,
    }
    if schedule.takes_new(event) and random.random() < 0.5:
        given["new_tariffs"] = {random.choice(schedule.tariffs): random.randint(1, 2)}
    return given


def billed(due: Quote, shape: str) -> Invoice:
    """An invoice that bills a quote: each price on its line, or each fee; in French, as its body would."""
    lines = []
    for fee in due.fees:
        amount = due.subtotals[fee.id] or Decimal("0.00")
        if shape == "by_fee" or isinstance(fee.parts[0], Tranches):
            lines.append((fee.name.fr, 1, amount, amount))
            continue
        for line in due.of(fee):
            quantity = line.quantity or 1
            price = line.amount if line.unit_price is None else line.unit_price
            label = line.part.label if not isinstance(line.part, Tranches) else fee.name
            text = label.fr.replace("{tariff}", str(line.tariff))
            lines.append((f"{fee.name.fr}, {text}", quantity, price, line.amount))
    total = sum((amount for *_, amount in lines), Decimal("0.00"))
    vat = (total * Decimal("0.20")).quantize(CENT, ROUND_HALF_UP)
    return Invoice(
        "F1",
        due.on,
        currency="EUR",
        lines=tuple(
            InvoiceLine(str(number), name, None, Decimal(quantity), price, amount, Decimal("0.20"))
            for number, (name, quantity, price, amount) in enumerate(lines, 1)
        ),
        total_excl_vat=total,
        vat=vat,
        total_incl_vat=total + vat,
    )


def answered(edition: str, given: Mapping[str, Any], changes: Mapping[str, Any], shape: str) -> InvoiceCheck:
    """What is said of an invoice that bills another question than the one asked."""
    tables = TABLES[edition]
    due, other = quote(**given, tables=tables), quote(**{**given, **changes}, tables=tables)
    invoice = replace(billed(other, shape), seller=Party(BODIES.get(edition, "OPQIBI")))
    return check_invoice(invoice, expected=due, tables=tables)


@EDITIONS
@settings(max_examples=40)
@given(SEEDS, st.sampled_from(["detailed", "by_fee"]))
def test_a_right_invoice_of_any_schedule_raises_no_alarm(edition: str, seed: int, shape: str) -> None:
    answer = answered(edition, asked(edition, Random(seed)), {}, shape)
    assert (answer.verdict, answer.explanations) == ("conform", ())
    assert answer.gap == 0


@EDITIONS
@settings(max_examples=40)
@given(SEEDS, st.sampled_from(["detailed", "by_fee"]))
def test_a_qualification_too_many_under_any_schedule(edition: str, seed: int, shape: str) -> None:
    given = asked(edition, Random(seed))
    tariff = Random(seed).choice(list(given["tariffs"]))
    counts = {**given["tariffs"], tariff: given["tariffs"][tariff] + 1}
    answer = answered(edition, given, {"tariffs": counts}, shape)
    assert answer.verdict == "discrepancy"
    told = [
        (change.cause, change.message.values.get("tariff"), change.message.values.get("n"))
        for explanation in answer.explanations
        for change in explanation.changes
    ]
    assert ("count_off", tariff, 1) in told


@EDITIONS
@settings(max_examples=40)
@given(SEEDS, st.sampled_from(["detailed", "by_fee"]))
def test_a_turnover_in_thousands_under_any_schedule(edition: str, seed: int, shape: str) -> None:
    given = asked(edition, Random(seed))
    given["turnover"] = given["turnover"].quantize(Decimal(1)) * 1000
    wrong = {"turnover": given["turnover"] / 1000}
    tables = TABLES[edition]
    due, other = quote(**given, tables=tables), quote(**{**given, **wrong}, tables=tables)
    changed = [  # without a floor, a fee may come to nothing: its line bills nothing then
        fee for fee in due.fees if 0 != other.subtotals[fee.id] != due.subtotals[fee.id]
    ]
    answer = answered(edition, given, wrong, shape)
    assert answer.verdict == ("discrepancy" if changed else "conform")
    for fee in changed:
        causes = {item.cause for item in answer.explanations if item.fee == fee.id}
        assert "turnover_unit" in causes
