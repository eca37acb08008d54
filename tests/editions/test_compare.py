"""Plans side by side: one more qualification, when to ask for it, two schedules."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.editions.doors import BY_NAME, Edition, asked, command, euros, json_of, text_of

QUESTION = ("-t", "1=5", "-t", "2=3", "--turnover", "800000")


def start_of(edition: Edition) -> str:
    return edition.plans[0].start


def test_one_more_qualification(edition: Edition) -> None:
    found = json_of(edition, "compare", *QUESTION, "--from", start_of(edition), "--one-more")
    more = found["one_more_qualification"]
    assert list(more) == [str(tariff) for tariff in edition.tariffs]
    assert {tariff: more[tariff] for tariff in edition.one_more} == dict(edition.one_more)
    # At 800 000 €, the next euro is in the third tranche, or in the other body's second: 0,50 ‰ in all four.
    assert found["next_euro"] == "0.00050"
    assert found["cap_from"] == edition.cap_from
    # 190 / 0,85 ‰ = 223 529,411…: from 223 529,42 on, the sum is at least 190. 180 / 0,80 ‰ = 225 000.
    floors = {"later": "223529.42", "other_body": None}
    assert found["floor_until"] == floors.get(edition.name, "225000.00")
    said = command(edition, "compare", *QUESTION, "--from", start_of(edition), "--one-more").out
    assert all(euros(amount) in said for amount in edition.one_more.values())


# What one more costs: asked for now, at the next control, at the renewal, over the five years that hold the renewal.
WHEN = {
    # 410 + 3 × 41 + 410; 390 + 410 + 2 × 41 + 410; 410.
    "later": ("8=1", ["0.00", "943.00", "1292.00", "410.00"]),
    # 1 050 + 3 × 28 + 1 050; 375 + 1 050 + 2 × 28 + 1 050; 1 050.
    "repeated": ("5=1", ["0.00", "2184.00", "2531.00", "1050.00"]),
    # The same, and visits at 50: 2 184 + 150; 2 531 + 100; 1 050.
    "more_fees": ("5=1", ["0.00", "2334.00", "2631.00", "1050.00"]),
}


@pytest.mark.parametrize("name", WHEN)
def test_when_to_ask_for_it(name: str) -> None:
    edition, (added, differences) = BY_NAME[name], WHEN[name]
    found = json_of(edition, "compare", *QUESTION, "--from", start_of(edition), "--when-to-add", added)
    assert [choice["difference"] for choice in found["choices"]] == differences


def test_a_control_that_prices_no_new_one_is_no_choice() -> None:
    """The other body's follow-up has no price for a new one: the answer says so and gives it none.

    Now: 220, three visits at 25, 220 at the resumption = 515. At the resumption: 220.
    """
    edition = BY_NAME["other_body"]
    question = ("-t", "1=2", "--turnover", "800000", "--from", edition.on, "--when-to-add", "3=1")
    found = json_of(edition, "compare", *question)
    assert [(choice["name"], choice["difference"]) for choice in found["choices"]] == [
        ("Without them", "0.00"),
        ("Asked for now", "515.00"),
        ("Asked for at the renewal", "220.00"),
    ]
    (left_out,) = (note for note in found["notes"] if "prices no new qualification" in note)
    assert left_out.startswith("Asked for at the next control: left out")
    assert left_out in " ".join(command(edition, "compare", *question).out.split())


# Given up at the first control, or at the renewal: each tariff 1 held costs its controls and its renewal.
GIVEN_UP = {
    "later": ["0.00", "-111.00", "-63.00"],  # 3 × 16 + 63
    "repeated": ["0.00", "-105.00", "-60.00"],  # 3 × 15 + 60
    "more_fees": ["0.00", "-135.00", "-60.00"],  # 3 × (15 + 10) + 60
    "other_body": ["0.00", "-136.00", "-100.00"],  # 3 × 12 + 100
}


def test_keep_or_drop(edition: Edition) -> None:
    found = json_of(edition, "compare", *QUESTION, "--from", start_of(edition), "--keep-or-drop", "1=1")
    assert [choice["difference"] for choice in found["choices"]] == GIVEN_UP[edition.name]


def test_the_page_and_its_files(edition: Edition, clients: dict[str, TestClient]) -> None:
    client, asked = clients[edition.name], f"t1=5&t2=3&turnover=800000&start={start_of(edition)}"
    said = text_of(client.get(f"/en/compare?{asked}&ask=one").text)
    assert [amount for amount in edition.one_more.values() if euros(amount) not in said] == []
    _, *differences = GIVEN_UP[edition.name]
    said = text_of(client.get(f"/en/compare?{asked}&ask=drop&d1=1").text)
    assert [amount for amount in differences if euros(amount) not in said] == []
    kept = client.get(f"/compare.json?{asked}&ask=drop&d1=1").json()
    assert [choice["difference"] for choice in kept["choices"]] == GIVEN_UP[edition.name]
    table = client.get(f"/compare.csv?{asked}&ask=drop&d1=1&lang=en").text
    assert [amount for amount in differences if amount not in table] == []


def against(name: str, start: str, *question: str) -> tuple[int, dict[str, Any]]:
    """What the schedule of an edition changes for a plan under that of 2024."""
    import json

    options = ("--from", start, "--against", BY_NAME[name].folder, "--format", "json", "--lang", "en")
    outcome = asked("compare", *question, *options)
    return outcome.code, json.loads(outcome.out) if outcome.out else {}


@pytest.mark.parametrize(
    ("name", "start", "difference", "by_fee"),
    [
        # 90 − 86, 1 210 − 1 160, 597,50 − 557,50, 3 × (303 − 290).
        ("later", "2027-02-01", "133.00",
         {"dossier": "4.00", "instruction": "50.00", "brand_usage": "40.00", "annual_control": "39.00"}),
        # Applied for in 2026 and notified three months later, in 2026 too; the controls of 2027, 2028, 2029 alone.
        ("later", "2026-03-02", "39.00", {"dossier": "0.00", "instruction": "0.00", "annual_control": "39.00"}),
        ("repeated", "2026-03-02", "0.00", {"dossier": "0.00", "annual_control": "0.00"}),
        # 3 × (5 × 10 + 3 × 20).
        ("more_fees", "2026-03-02", "330.00", {"annual_control": "0.00", "site_visit": "330.00"}),
    ],
)  # fmt: skip
def test_two_schedules(name: str, start: str, difference: str, by_fee: dict[str, str]) -> None:
    code, found = against(name, start, *QUESTION)
    assert (code, found["difference_excl_vat"], found["not_counted"]) == (0, difference, 0)
    assert {fee: found["fees"][fee]["difference"] for fee in by_fee} == by_fee


def test_two_bodies() -> None:
    """A turnover that the second schedule does not know never makes its fee free: 400 + 150 = 550, or not counted.

    2024: 86 + 860 + 557,50 + 3 × (125 + 30 + 60) = 2 148,50. The other: 470 + 550 + 3 × 49 = 1 167.
    """
    code, found = against("other_body", "2026-03-02", "-t", "1=2", "-t", "3=1", "--turnover", "800000")
    if code == 0:
        assert found["fees"]["cotisation"]["after"] == "550.00"
        assert (found["after_excl_vat"], found["difference_excl_vat"]) == ("1167.00", "-981.50")
    else:
        assert (code, found["not_counted"]) == (1, 1)
