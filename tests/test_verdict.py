"""Three values: what is surely false wins, then what is not known."""

import pytest

from opqibi_rules.verdict import (
    CERTIFICATE,
    INVOICE,
    REQUIREMENT,
    ExitCode,
    Verdict,
    Wording,
    all_of,
    any_of,
    worst,
)

YES, NO, UNDETERMINED = Verdict.YES, Verdict.NO, Verdict.UNDETERMINED


@pytest.mark.parametrize(
    ("given", "every", "some"),
    [
        ([], YES, NO),
        ([YES], YES, YES),
        ([NO], NO, NO),
        ([UNDETERMINED], UNDETERMINED, UNDETERMINED),
        ([YES, NO], NO, YES),
        ([YES, UNDETERMINED], UNDETERMINED, YES),
        ([NO, UNDETERMINED], NO, UNDETERMINED),
        ([YES, NO, UNDETERMINED], NO, YES),
    ],
)
def test_all_and_any_of_three_values(given: list[Verdict], every: Verdict, some: Verdict) -> None:
    assert all_of(given) is every
    assert any_of(iter(given)) is some


@pytest.mark.parametrize(
    ("wording", "words"),
    [
        (CERTIFICATE, ["valid", "not_valid", "undetermined"]),
        (REQUIREMENT, ["met", "unmet", "undetermined"]),
        (INVOICE, ["conform", "discrepancy", "undetermined"]),
    ],
)
def test_each_question_is_answered_in_its_own_words(wording: Wording, words: list[str]) -> None:
    assert [verdict.worded(wording) for verdict in (YES, NO, UNDETERMINED)] == words


def test_the_exit_codes_are_those_of_the_contract() -> None:
    assert [verdict.exit_code for verdict in (YES, NO, UNDETERMINED)] == [0, 1, 3]
    assert (ExitCode.UNREADABLE, ExitCode.FAULT) == (2, 4)


def test_the_worst_of_several_is_4_then_2_then_1_then_3_then_0() -> None:
    graver = [ExitCode(number) for number in (0, 3, 1, 2, 4)]
    for upto in range(1, 6):
        assert worst(graver[:upto]) == graver[upto - 1]
    assert worst([]) == ExitCode.DONE
