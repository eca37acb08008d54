"""The cases worked by hand: every one gives the amounts written in it."""

from pathlib import Path

import pytest

from opqibi_rules.price.files.case_file import Case, read_cases, run_case

FILES = sorted((Path(__file__).parent / "examples").glob("*.yaml"))
CASES = [(file.stem, case) for file in FILES for case in read_cases(file)]


@pytest.mark.parametrize(
    "case", [case for _, case in CASES], ids=[f"{stem}:{case.line}" for stem, case in CASES]
)
def test_the_answer_is_the_one_worked_by_hand(case: Case) -> None:
    outcome = run_case(case)
    assert outcome.passed, f"{case.sentence} " + " ".join(str(item.message) for item in outcome.differences)


def test_there_are_enough_and_each_shows_its_working() -> None:
    assert len(CASES) >= 90
    assert all(case.working for _, case in CASES if not case.expected.get("refused"))


def test_every_tariff_is_asked_for_and_controlled() -> None:
    for event in ("renewal", "control"):
        alone = {
            tuple((case.asked.get("tariffs") or {}).items())
            for _, case in CASES
            if case.asked.get("event") == event and not case.asked.get("new_tariffs")
        }
        assert {((tariff, 1),) for tariff in range(1, 8)} <= alone
