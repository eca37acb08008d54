"""The structure file: what is read, and all that is wrong in it together, each mistake in its place."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.errors import FileError
from opqibi_rules.price.files.structure_file import read_structure, structure_from
from opqibi_rules.price.financial_year import YearEnd
from opqibi_rules.price.planning.plan import plan
from opqibi_rules.price.quote import quote
from opqibi_rules.price.structure import Qualification, Structure, Turnover
from tests.editions.pinned import LATER, OTHER_BODY, TABLES_2024

WHOLE = """\
siren: "435 054 481"
name: Bureau d’études Exemple
territory: metropolitan
qualifications:
  - {code: "1905", tariff: 5, granted_on: 2023-03-01}
  - {code: 0607, tariff: 5, probationary: true, granted_on: 2023-03-01, renewed_on: [2024-03-01]}
controls: [2024-02-20]
year_end: 30/6
turnovers:
  - {year: 2023, engineering: 0}
  - {year: 2024, engineering: "800 000", energy_audit: "90 000,50 €", document: liasse fiscale 2024}
  - {year: 2025, closed_on: 2025-09-30}
"""
READ = Structure(
    siren="435054481",
    name="Bureau d’études Exemple",
    territory="metropolitan",
    qualifications=(
        Qualification("1905", 5, granted_on=date(2023, 3, 1)),
        Qualification("0607", 5, True, date(2023, 3, 1), (date(2024, 3, 1),)),
    ),
    turnovers=(
        Turnover(2023, Decimal("0.00")),
        Turnover(2024, Decimal("800000.00"), Decimal("90000.50"), "liasse fiscale 2024"),
        Turnover(2025, closed_on=date(2025, 9, 30)),
    ),
    controls=(date(2024, 2, 20),),
    year_end=YearEnd(6, 30),
)


def read(tmp_path: Path, text: str, name: str = "firm.yaml") -> Structure:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_structure(path)


def mistakes(tmp_path: Path, text: str, name: str = "firm.yaml") -> list[str]:
    with pytest.raises(FileError) as error:
        read(tmp_path, text, name)
    assert error.value.name.endswith(name)
    return [mistake.explain() for mistake in error.value.mistakes]


def test_yaml(tmp_path: Path) -> None:
    assert read(tmp_path, WHOLE) == READ


def test_json(tmp_path: Path) -> None:
    content = {
        "siren": "435054481",
        "name": "Bureau d’études Exemple",
        "territory": "metropolitan",
        "qualifications": [
            {"code": "1905", "tariff": 5, "granted_on": "2023-03-01"},
            {
                "code": "0607",
                "tariff": "5",
                "probationary": True,
                "granted_on": "2023-03-01",
                "renewed_on": ["2024-03-01"],
            },
        ],
        "controls": ["2024-02-20"],
        "turnovers": [
            {"year": 2023, "engineering": 0},
            {
                "year": 2024,
                "engineering": 800000,
                "energy_audit": "90000.50",
                "document": "liasse fiscale 2024",
            },
            {"year": 2025, "closed_on": "2025-09-30"},
        ],
        "year_end": "30/6",
    }
    for indent in (None, 2, "\t"):
        assert read(tmp_path, json.dumps(content, indent=indent), "firm.json") == READ


def test_nothing_is_required_and_missing_is_never_zero(tmp_path: Path) -> None:
    assert read(tmp_path, "name: Exemple\n") == Structure(name="Exemple")
    turnover = read(tmp_path, "turnovers: [{year: 2024}]").turnovers[0]
    assert (turnover.engineering, turnover.energy_audit) == (None, None)


def test_all_the_mistakes_together_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = """\
siren: 43505448
name: ""
qualifications:
  - {code: 607, tariff: 5}
  - {code: "1905", tarif: 5, granted_on: 2023-02-30}
  - {code: "1911", tariff: 0, probationary: oui}
  - {tariff: 1}
turnovers:
  - {year: 1924, engineering: "1,234.56"}
  - {year: 2024, engineering: -5, energy_audit: 1.234}
city: Paris
"""
    found = mistakes(tmp_path, text)
    assert [item.partition(": ")[0] for item in found] == [
        "line 1, column 1, $.siren",
        "line 2, column 1, $.name",
        "line 4, column 6, $.qualifications[0].code",
        "line 5, column 20, $.qualifications[1].tarif",
        "line 5, column 30, $.qualifications[1].granted_on",
        "line 6, column 20, $.qualifications[2].tariff",
        "line 6, column 31, $.qualifications[2].probationary",
        "line 7, column 5, $.qualifications[3].code",
        "line 9, column 6, $.turnovers[0].year",
        "line 9, column 18, $.turnovers[0].engineering",
        "line 10, column 18, $.turnovers[1].engineering",
        "line 10, column 35, $.turnovers[1].energy_audit",
        "line 11, column 1, $.city",
    ]
    assert not [item for item in found if "validation" in item or "Input" in item]


def test_what_is_given_twice(tmp_path: Path) -> None:
    text = 'qualifications: [{code: "1905"}, {code: "1905", probationary: true}]\nturnovers: [{year: 2024}, {year: 2024}]\n'
    assert mistakes(tmp_path, text) == [
        "line 1, column 34, $.qualifications[1]: 1905 is given twice; keep one. If it was probationary, then full, give "
        "both with their days: the full one was granted (granted_on) last.",
        "line 2, column 27, $.turnovers[1]: 2024 is given twice; keep one. Of two financial years that end "
        "in it, state each last day (closed_on).",
    ]


def test_two_financial_years_that_end_in_one_year(tmp_path: Path) -> None:
    """A firm that moves its close from June to December: each year by its last day, in a quote as in a plan."""
    path = tmp_path / "firm.yaml"
    first, second = "year: 2025, closed_on: 2025-06-30", "year: 2025, closed_on: 2025-12-31"
    path.write_text(
        f"turnovers: [{{{second}, engineering: 300000}}, {{{first}, engineering: 400000}}]\n", "utf-8"
    )
    firm = read_structure(path)
    asked: Any = {"tariffs": {1: 1}, "structure": firm, "tables": TABLES_2024}
    # 200 + 50 000 × 0,65 ‰ = 232,50; 200 + 150 000 × 0,65 ‰ = 297,50
    for day, usage in (("2025-12-01", "297.50"), ("2026-03-02", "232.50")):
        assert str(quote(on=day, **asked).subtotals["brand_usage"]) == usage
        assert str(plan(start=day, **asked).sums.by_fee["brand_usage"]) == usage
    again = plan(start="2026-03-02", turnovers_by_year=[Turnover(2025, Decimal(400_000))], **asked)
    assert str(again.sums.by_fee["brand_usage"]) == "297.50"  # of the year as a whole: it stands for both
    for wrong in (f"{{{first}}}, {{{first}}}", f"{{{first}}}, {{year: 2025}}"):
        (said,) = mistakes(tmp_path, f"turnovers: [{wrong}]\n")
        assert "2025 is given twice" in said


@pytest.mark.parametrize(
    "siren",
    ["309103877", "434 717 997", "515.228.211", "435054481", "356000000", "889742876", "844451564"],
)
def test_a_siren_even_one_of_the_few_whose_key_is_not_right(tmp_path: Path, siren: str) -> None:
    digits = "".join(filter(str.isdigit, siren))
    assert read(tmp_path, f'siren: "{siren}"').siren == digits
    assert read(tmp_path, f"siren: {siren}").siren == digits


@pytest.mark.parametrize(
    ("siren", "said"),
    [
        ('"418-166-096"', "is not a SIREN; nine digits are expected"),
        ('"43505448"', "is not a SIREN; nine digits are expected"),
        ('"4350544811"', "is not a SIREN; nine digits are expected"),
        ('"FR40303265045"', "is not a SIREN; nine digits are expected"),
        ('"٤٣٥٠٥٤٤٨١"', "is not a SIREN; nine digits are expected"),
        ('""', "is not a SIREN; nine digits are expected"),
        ("true", "is not a SIREN; nine digits are expected"),
        ("[4]", "is not a SIREN; nine digits are expected"),
        ('"13002526500013"', "is a SIRET; its SIREN is 130025265."),
        ('"356 000 000 09075"', "is a SIRET; its SIREN is 356000000."),
        ('"000000000"', "a SIREN of zeros names no firm."),
        ('"00000000000000"', "a SIREN of zeros names no firm."),
    ],
)
def test_what_is_no_siren(tmp_path: Path, siren: str, said: str) -> None:
    assert said in mistakes(tmp_path, f"siren: {siren}")[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- 1\n",
        "un texte",
        "siren: &a 1\nname: *a\n",
        "name: !!python/object:os.system x\n",
        "name: a\nname: b\n",
        "name: [\n",
        "name: 'a\n",
        "{" * 1000,
        "a: " * 3,
    ],
)
def test_what_is_no_structure(tmp_path: Path, text: str) -> None:
    assert mistakes(tmp_path, text)


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.yaml", tmp_path / ("e" * 300)):
        with pytest.raises(FileError, match="cannot be opened"):
            read_structure(path)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.sampled_from(["1905", "2024-01-01", "800 000"]),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["siren", "name", "qualifications", "turnovers", "code", "tariff", "year", "engineering"]
            ),
            children,
        )
    ),
    max_leaves=12,
)


@given(_JSON)
def test_any_json_is_read_or_refused_with_places(
    tmp_path_factory: pytest.TempPathFactory, content: Any
) -> None:
    path = tmp_path_factory.mktemp("any") / "firm.json"
    path.write_text(json.dumps(content), "utf-8")
    try:
        assert isinstance(read_structure(path), Structure)
    except FileError as error:
        assert error.mistakes
        assert all(mistake.explain() for mistake in error.mistakes)


def test_the_turnovers_that_a_schedule_at_hand_declares(tmp_path: Path) -> None:
    path = tmp_path / "firm.yaml"
    path.write_text(
        'turnovers: [{year: 2025, export: "12 000,50", engineering: 3, document: liasse}]', "utf-8"
    )
    (found,) = read_structure(path, OTHER_BODY).turnovers
    assert found.amounts == {"engineering": Decimal(3), "export": Decimal("12000.50")}
    assert (found.document, found.engineering) == ("liasse", Decimal(3))
    said = "line 1, column 26, $.turnovers[0].export: « export » is not one of engineering, energy_audit."
    assert mistakes(tmp_path, path.read_text("utf-8")) == [said]
    assert "ambiguous" in mistakes(tmp_path, "turnovers: [{year: 2025, export: '1,234.56'}]")[0]


def test_a_tariff_code_of_an_edition_to_come(tmp_path: Path) -> None:
    path = tmp_path / "firm.yaml"
    path.write_text('qualifications: [{code: "9901", tariff: 8}]', "utf-8")
    assert read_structure(path, LATER).qualifications == (Qualification("9901", 8),)


def test_the_end_of_a_year_is_one(tmp_path: Path) -> None:
    text = "year_end: 31/06\nturnovers: [{year: 2024, closed_on: 2026-01-31, engineering: 5}]\n"
    assert mistakes(tmp_path, text) == [
        "line 1, column 1, $.year_end: « 31/06 » is not the close of a financial year; write 30/06 (day, month) "
        "or 06-30 (month, day).",
    ]
    assert mistakes(tmp_path, text.replace("31/06", "30/06")) == [
        "line 2, column 26, $.turnovers[0].closed_on: the financial year 2024 does not end on 2026-01-31; closed_on "
        "is its last day."
    ]


def test_a_structure_is_read_from_what_it_says_of_itself() -> None:
    assert structure_from(READ.to_dict()) == READ
    with pytest.raises(FileError):
        structure_from({("a",): 1})
