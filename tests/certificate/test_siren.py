"""Whom an answer is about."""

import pytest

from opqibi_rules.certificate.siren import bind, one_firm
from opqibi_rules.errors import RequestError


def rules(asked: str | None, named: str | None) -> list[str]:
    return [warning.rule for warning in bind(asked, named).warnings]


def test_the_one_asked_for_is_the_one_named() -> None:
    binding = bind("732 829 320", "732829320")
    assert (binding.siren, binding.warnings, binding.doubts) == ("732829320", (), ())


def test_an_answer_that_names_nobody_asks_for_the_number() -> None:
    assert (bind(None, None).siren, rules(None, None)) == (None, ["siren-asked"])
    assert (bind("732829320", None).siren, rules("732829320", None)) == ("732829320", [])
    assert (bind(None, "732829320").siren, rules(None, "732829320")) == ("732829320", [])


def test_another_firm_is_said() -> None:
    binding = bind("732829320", "434717997")
    assert [doubt.rule for doubt in binding.doubts] == ["siren-differs"]


def test_a_siret_is_cut_to_its_siren_and_it_is_said() -> None:
    assert bind("73282932000074", None).siren == "732829320"
    assert rules("73282932000074", None) == ["siren-form"]


@pytest.mark.parametrize(
    ("asked", "named", "keys"),
    [
        ("889742876", None, ["889742876"]),  # registered, with a wrong key: read, and it ties nothing
        (None, "732829321", ["732829321"]),
        ("732829321", "732829321", ["732829321"]),
        ("732829321", "889742876", ["732829321", "889742876"]),
    ],
)
def test_a_number_whose_key_is_wrong_is_read_and_ties_nothing(
    asked: str | None, named: str | None, keys: list[str]
) -> None:
    binding = bind(asked, named)
    assert (binding.siren, rules(asked, named)) == (asked or named, [])
    doubts = [doubt for doubt in binding.doubts if doubt.rule != "siren-differs"]
    assert [(doubt.rule, str(doubt.message)) for doubt in doubts] == [
        (
            "siren-key",
            f"The key of {key} is not right, so that nothing ties the answer to a firm: check its digits.",
        )
        for key in keys
    ]


@pytest.mark.parametrize(
    "text", ["", "12345678", "7328293200", "73282932O", "73282932²", "abc", "000000000", "00000000000000"]
)
def test_what_is_no_siren_is_refused(text: str) -> None:
    with pytest.raises(RequestError):
        bind(text, None)


@pytest.mark.parametrize("text", ["12", "Donnée", "000000000"])
def test_what_the_answer_names_wrongly_is_a_warning(text: str) -> None:
    assert rules("732829320", text) == ["siren-form"]
    assert bind("732829320", text).doubts == ()


def test_one_siren_is_for_one_answer_that_names_no_firm() -> None:
    one_firm(None, [None, None])
    one_firm("732829320", [None])
    one_firm("732829320", [None, "732829320", "434717997"])
    with pytest.raises(RequestError) as raised:
        one_firm("732829320", [None, "732829320", None])
    assert raised.value.field == "siren"
    assert str(raised.value) == (
        "2 answers name no firm, and one SIREN cannot be told of them all: check them one by one, each with its "
        "own, or save each with the firm it was fetched for."
    )
