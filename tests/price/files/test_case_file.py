"""Case files: read as an accountant writes them, compared to the cent, refused with the line of each mistake."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from opqibi_rules.errors import FileError
from opqibi_rules.price.files.case_file import (
    Case,
    CaseModel,
    Difference,
    Outcome,
    parse_cases,
    read_cases,
    run_case,
)
from opqibi_rules.price.question import Asked
from opqibi_rules.tables.library import Tables
from tests.editions.pinned import MORE_FEES, OTHER_BODY
from tests.tables.editing import nomenclature

HEAD = """
cases:
  - case: Trois qualifications au tarif 2.
    date: 2026-03-02
"""


def parsed(*lines: str) -> Case:
    text = HEAD + "".join(f"    {line}\n" for line in lines)
    (case,) = parse_cases(text.encode(), "c.yaml")
    return case


def ran(*lines: str, tables: Tables | None = None) -> Outcome:
    return run_case(parsed(*lines), tables)


def mistakes(text: str) -> list[str]:
    with pytest.raises(FileError) as raised:
        parse_cases(text.encode(), "c.yaml")
    return [line.removeprefix("c.yaml: ") for line in str(raised.value).splitlines()]


def test_a_case_is_read_as_it_is_written() -> None:
    case = parsed(
        "working: 500 + 3 × 120 = 860",
        "event: renewal",
        "tariffs: { 2: 3 }",
        "turnover: 350 000,50 €",
        "expected:",
        "  instruction: 860",
        "  brand_usage: null",
        "  articles: [II.1, II.2]",
    )
    assert (case.sentence, case.working, case.line) == (
        "Trois qualifications au tarif 2.",
        "500 + 3 × 120 = 860",
        3,
    )
    assert case.asked.get("turnover") == Decimal("350000.50")
    assert case.asked.get("tariffs") == {2: 3}
    assert dict(case.expected) == {
        "instruction": Decimal(860),
        "brand_usage": None,
        "articles": ("II.1", "II.2"),
    }


def test_only_what_is_stated_is_compared() -> None:
    assert ran("tariffs: { 2: 3 }", "expected: { dossier: 86 }").passed
    assert ran("tariffs: { 2: 3 }", "expected: { total_incl_vat: '1 135,20' }").passed


@pytest.mark.parametrize(
    ("expected", "name", "said", "amount"),
    [
        ("instruction: 860,01", "instruction", "860.01 € expected, 860.00 € found", "-0.01"),
        ("brand_usage: 180", "brand_usage", "180.00 € expected, 557.50 € found", "377.50"),
        ("dossier: null", "dossier", "nothing expected, 86.00 € found", None),
        ("annual_control: 5", "annual_control", "5.00 € expected, nothing found", None),
        ("base: undetermined", "base", "undetermined expected, engineering found", None),
        ("base: null", "base", "nothing expected, engineering found", None),
        ("articles: [I]", "articles", "I expected, I, II.1, II.2, III found", None),
        ("refused: true", "refused", "a refusal expected, a price found", None),
    ],
)
def test_a_difference_says_what_was_expected_and_what_was_found(
    expected: str, name: str, said: str, amount: str | None
) -> None:
    outcome = ran("tariffs: { 2: 3 }", "turnover: 800 000", "expected:", f"  {expected}")
    (difference,) = outcome.differences
    assert not outcome.passed
    assert outcome.refusal is None
    assert str(difference.message) == f"{name}: {said}."
    assert difference.amount == (None if amount is None else Decimal(amount))


def test_all_the_differences_of_a_case_are_said() -> None:
    outcome = ran("tariffs: { 2: 3 }", "expected: { vat: 1, instruction: 2, dossier: 86 }")
    assert {difference.name for difference in outcome.differences} == {"vat", "instruction"}


def test_a_question_that_is_refused() -> None:
    expected = ran('qualifications: ["1905"]', "expected: { refused: true }")
    assert expected.passed
    assert str(expected.refusal).startswith("The tariff code of 1905 is not known.")
    unexpected = ran('qualifications: ["1905"]', "expected: { instruction: 860, refused: false }")
    assert [str(item.message) for item in unexpected.differences] == [
        "refused: a price expected, a refusal found."
    ]
    assert unexpected.refusal == expected.refusal


def test_a_price_that_is_said_not_to_be_refused_is_no_difference() -> None:
    assert ran("tariffs: { 2: 3 }", "expected: { refused: false }").passed


def test_the_user_s_own_tables_price_a_case(tmp_path: Path) -> None:
    (tmp_path / "n.yaml").write_text(nomenclature('code: "1905", tariff: 5'), "utf-8")
    lines = ('qualifications: ["1905"]', "expected: { instruction: 1 550 }")
    assert ran(*lines, tables=Tables(tmp_path)).passed
    assert not ran(*lines).passed


def test_a_broken_table_is_no_difference_of_a_case(tmp_path: Path) -> None:
    (tmp_path / "n.yaml").write_text("kind: odd", "utf-8")
    with pytest.raises(FileError):
        ran("tariffs: { 2: 3 }", "expected: { dossier: 86 }", tables=Tables(tmp_path))


def test_a_day_without_schedule_or_a_territory_without_rate_is_a_refusal() -> None:
    early = (
        HEAD.replace("2026-03-02", "2020-01-01") + "    tariffs: { 1: 1 }\n    expected: { refused: true }\n"
    )
    (case,) = parse_cases(early.encode(), "c.yaml")
    assert run_case(case).passed
    assert ran("tariffs: { 2: 3 }", "vat: Atlantide", "expected: { refused: true }").passed


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("turnover: -5", "turnover: -5 is negative"),
        ("audit_turnover: -1 234,56 €", "audit_turnover: -1234.56 is negative"),
        ("turnovers: { engineering: -0.01 }", "-0.01 is negative"),
        ("tariffs: { 2: -3 }", "-3"),
    ],
)
def test_what_is_below_zero_is_refused_with_its_case_alone(asked: str, said: str) -> None:
    lines = (asked,) if "tariffs" in asked else ("tariffs: { 2: 3 }", asked)
    outcome = ran(*lines, "expected: { dossier: 86 }")
    assert [str(one.message) for one in outcome.differences] == [
        "refused: a price expected, a refusal found."
    ]
    assert said in str(outcome.refusal)
    assert ran(*lines, "expected: { refused: true }").passed


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["tariffs: { 2: 3 }"], "line 3, column 5, $.cases[0].expected: missing; it must be given."),
        (["tariffs: { 2: 3 }", "expected: {}"],
         "line 6, column 5, $.cases[0].expected: empty; at least one is expected."),
        (["expected: { dossier: 1,234.56 }"],
         "line 5, column 28, $.cases[0].expected.234.56: « 234.56 » is not one of dossier, instruction, "),
        (["expected: { dossier: '1,234.56' }"],
         "line 5, column 17, $.cases[0].expected.dossier: « 1,234.56 » is ambiguous: is the comma or the point a "
         "thousands separator? Write 350000.50 or 350 000,50."),
        (["turnover: -x", "expected: { dossier: 86 }"],
         "line 5, column 5, $.cases[0].turnover: "),
        (["tariffs: { 2: -3.5 }", "expected: { dossier: 86 }"],
         "line 5, column 16, $.cases[0].tariffs.2: « -3.5 »; expected a whole number."),
        (["tariffs: { two: 3 }", "expected: { dossier: 86 }"],
         "line 5, column 16, $.cases[0].tariffs.two: « two »; expected a tariff code: a whole number from 1."),
        (["event: audit", "expected: { dossier: 86 }"],
         "line 5, column 5, $.cases[0].event: « audit » is not one of first, renewal, control."),
        (["turnovers: { export: 3 }", "expected: { dossier: 86 }"],
         "line 5, column 18, $.cases[0].turnovers.export: « export » is not one of engineering, energy_audit."),
        (["expected: { base: turnover }"],
         "line 5, column 17, $.cases[0].expected.base: « turnover » is not one of engineering, "),
        (["expected: { refused: maybe }"],
         "line 5, column 17, $.cases[0].expected.refused: true or false expected."),
        (["expcted: { dossier: 86 }"],
         "line 3, column 5, $.cases[0].expected: missing; it must be given."),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_its_path_and_line(lines: list[str], said: str) -> None:
    assert any(
        found.startswith(said) for found in mistakes(HEAD + "".join(f"    {line}\n" for line in lines))
    )


@pytest.mark.parametrize("text", ["", "cases: []", "cases:", "case: x", "[]"])
def test_a_file_of_no_case_is_a_mistake(text: str) -> None:
    assert mistakes(text)


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"absent\.yaml: cannot be opened"):
        read_cases(tmp_path / "absent.yaml")


def test_a_file_is_read_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(HEAD + "    tariffs: {1: 1}\n    expected: { dossier: 86 }\n", "utf-8")
    (case,) = read_cases(path)
    assert run_case(case).passed
    path.write_text(HEAD, "utf-8")
    with pytest.raises(FileError, match=f"^{path}: line 3"):
        read_cases(path)


def test_nothing_of_an_outcome_can_be_changed() -> None:
    outcome: Any = ran("tariffs: { 2: 3 }", "expected: { dossier: 1 }")
    with pytest.raises(AttributeError):
        outcome.differences = ()
    with pytest.raises(AttributeError):
        outcome.differences[0].name = "other"
    assert isinstance(outcome.differences[0], Difference)


GUIDES = sorted((Path(__file__).parents[3] / "docs").glob("guide.*/ca*s*.md"))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_the_case_of_the_guide_is_right(guide: Path) -> None:
    written = guide.read_text("utf-8").split("```yaml\n")[1].split("```")[0]
    (case,) = parse_cases(written.encode(), guide.name)
    assert run_case(case).passed


def test_both_guides_are_there() -> None:
    assert [guide.parent.name for guide in GUIDES] == ["guide.en", "guide.fr"]


def test_a_case_asks_all_that_may_be_asked() -> None:
    assert set(Asked.__annotations__) <= set(CaseModel.model_fields)


def of_editions(text: str, tables: Tables) -> list[Outcome]:
    return [run_case(case, tables) for case in parse_cases(text.encode(), "c.yaml", tables)]


def test_any_fee_event_and_turnover_that_a_schedule_declares() -> None:
    ran = of_editions(
        """
cases:
  - case: 50 + 2 × 100 + 220 ; 400 000 à 1 ‰ et 100 000 à 0,50 ‰.
    date: 2026-03-02
    tariffs: { 1: 2, 3: 1 }
    turnovers: { france: 600 000 }
    expected: { expertise: 470, cotisation: 450, passage: null, base: france, total_excl_vat: 920 }
  - case: Trois duplicatas à 18,50.
    date: 2026-03-02
    event: duplicata
    structure: { qualifications: [{ code: "9001", tariff: 2 }] }
    tariffs: { 2: 3 }
    expected: { passage: 55.50, articles: [C] }
  - case: Des frais que seul un autre barème connaît ne sont pas dus.
    date: 2025-03-02
    tariffs: { 1: 1 }
    expected: { expertise: 5, dossier: 86, cotisation: null }
""",
        OTHER_BODY,
    )
    assert [outcome.passed for outcome in ran] == [True, True, False]
    assert [str(item.message) for item in ran[2].differences] == [
        "expertise: 5.00 € expected, nothing found."
    ]


def test_a_fifth_and_a_sixth_fee() -> None:
    (ran,) = of_editions(
        """
cases:
  - case: 125 + 2 × 28 ; 2 × 70,50.
    date: 2026-03-02
    event: control
    tariffs: { 7: 2 }
    expected: { annual_control: 181, site_visit: 141, renewal_audit: null }
""",
        MORE_FEES,
    )
    assert ran.passed
