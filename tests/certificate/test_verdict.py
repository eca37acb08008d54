"""Three values: what is surely false wins, then what is not known."""

import pytest

from opqibi_rules.certificate.verdict import Verdict, all_of, any_of

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


def test_each_command_says_it_in_its_own_words() -> None:
    assert [verdict.worded("met", "unmet") for verdict in (YES, NO, UNDETERMINED)] == [
        "met",
        "unmet",
        "undetermined",
    ]
