"""``init``: the tariff codes and turnovers that the schedule declares, and a file that every command takes."""

import io
from pathlib import Path

import pytest

from tests.cli.running import plain
from tests.editions.doors import BY_NAME, Edition, command, json_of


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


@pytest.mark.parametrize(
    ("name", "answers", "total"),
    [
        # 520 + 410; 250 000 × 0,85 ‰ + 550 000 × 0,70 ‰ = 597,50.
        ("later", ("", "", "", "9901:8", "n", "", "2025", "800000", "", "", ""), "1527.50"),
        # 500 + 60; 557,50.
        ("repeated", ("", "", "", "9901:1", "n", "", "2025", "800000", "", "", ""), "1117.50"),
        # The same, and the audit of 150.
        ("more_fees", ("", "", "", "9901:1", "n", "", "2025", "800000", "", "", ""), "1267.50"),
        # The turnovers of 2024 are asked for too, and left empty. 50 + 220; on the export turnover, since 9001 is alone: 300 000 − 100 000, at 1 ‰.
        ("other_body", ("", "", "", "9001:3", "n", "", "2025", "", "", "900000", "300000", "", ""), "470.00"),
    ],
)
def test_a_file_of_questions_is_priced(
    name: str, answers: tuple[str, ...], total: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    edition, firm = BY_NAME[name], tmp_path / "firm.yaml"
    typed(monkeypatch, *answers)
    outcome = command(edition, "init", "-o", str(firm))
    assert outcome.code == 0, outcome
    for base in edition.bases:
        word = {"engineering": "ingénierie", "energy_audit": "audit énergétique", "france": "France"}
        assert f"« {word.get(base, base)} »" in plain(outcome.err)
    renewal = edition.events[1]
    on = ("--date", edition.on)
    found = json_of(edition, "quote", "--structure", str(firm), "--event", renewal, *on)
    assert (found["total_excl_vat"], found["complete"]) == (total, True)
    start = edition.plans[0].start
    planned = json_of(edition, "plan", "--structure", str(firm), "--from", start, "--event", renewal)
    assert planned["payments"][0]["event"] == renewal


@pytest.mark.parametrize("typing", [("9901:12", "9901:1", "n"), ("9901", "n", "12", "1")])
def test_a_tariff_that_no_schedule_has_is_asked_again(
    edition: Edition, typing: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whether it is typed beside its code or asked for after it."""
    firm = tmp_path / "firm.yaml"
    typed(monkeypatch, "", "", "", *typing, *[""] * 6)
    outcome = command(edition, "init", "-o", str(firm))
    assert outcome.code == 0, outcome
    assert 'code: "9901", tariff: 1}' in firm.read_text("utf-8")


def test_a_file_with_the_eighth_tariff_has_no_price_before_its_schedule(tmp_path: Path) -> None:
    firm = tmp_path / "firm.yaml"
    firm.write_text('qualifications: [{code: "9901", tariff: 8}]\n', "utf-8")
    later = BY_NAME["later"]
    asked = ("--structure", str(firm), "--event", "control")
    assert json_of(later, "quote", *asked, "--date", "2027-01-01")["total_excl_vat"] == "171.00"  # 130 + 41
    refused = command(later, "quote", *asked, "--date", "2026-12-31")
    assert (refused.code, refused.out) == (2, "")
    assert "8" in refused.err


def test_a_turnover_of_another_schedule_is_named(tmp_path: Path) -> None:
    firm = tmp_path / "firm.yaml"
    firm.write_text(
        'qualifications: [{code: "9001", tariff: 1}]\nturnovers: [{year: 2025, export: "300000"}]\n', "utf-8"
    )
    on = ("--date", "2026-03-02")
    asked = ("--structure", str(firm), "--event", "renewal", *on)
    refused = command(BY_NAME["repeated"], "quote", *asked)
    assert refused.code == 2
    assert "export" in refused.err
