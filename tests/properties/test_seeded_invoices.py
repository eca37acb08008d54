"""Any right invoice is conform; any single error is found, and its true cause told among the first three.

The invoices and the errors are those of the benchmark, which reports the rates; here Hypothesis picks them.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.diagnosis import check, found, is_true
from benchmarks.seeded_invoices import right, wrong

SEEDS = st.integers(0, 2**64)


@given(SEEDS)
def test_a_right_invoice_raises_no_alarm(seed: int) -> None:
    answer = check(right(seed))
    assert answer.verdict == "conform"
    assert answer.explanations == ()
    assert answer.gap == 0


@settings(max_examples=150)
@given(SEEDS)
def test_a_seeded_error_is_found_and_its_cause_told(seed: int) -> None:
    case = wrong(seed)
    answer = check(case)
    assert found(answer)
    if case.shape in {"detailed", "by_fee"}:
        assert any(is_true(explanation, case) for explanation in answer.explanations[:3])
