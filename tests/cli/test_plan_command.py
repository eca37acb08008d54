"""``plan``: the contract's JSON, every form, and mistakes said in one line."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from opqibi_rules.cli.main import run
from opqibi_rules.price.planning.plan_question import plan_question
from tests.cli.running import refused
from tests.editions.pinned import TABLES_2024, Pinned

EDITIONS = Path(__file__).parents[1] / "editions"
ASKED = ["plan", "-t", "1=5", "-t", "2=3", "--turnover", "800000", "--from", "2026-03-02"]
FIRM = """\
siren: "435054481"
name: Bureau d’études Exemple
qualifications:
  - {code: "0901", tariff: 5}
  - {code: "0607", tariff: 2, probationary: true}
turnovers:
  - {year: 2025, engineering: "800 000"}
"""


@pytest.fixture(autouse=True)
def pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The edition of 2024, whatever is shipped."""
    monkeypatch.setattr("opqibi_rules.cli.options.Tables", Pinned)


@pytest.fixture
def firm(tmp_path: Path) -> str:
    path = tmp_path / "bureau.yaml"
    path.write_text(FIRM, "utf-8")
    return str(path)


def answered(capfd: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    assert run([*words, "--format", "json"]) == code
    return json.loads(capfd.readouterr().out)


def test_done_when(capfd: pytest.CaptureFixture[str]) -> None:
    four, five = answered(capfd, *ASKED), answered(capfd, *ASKED, "--years", "5")
    assert [payment["total_excl_vat"] for payment in four["payments"]] == [
        "1246.00", "557.50", "290.00", "290.00", "290.00",
    ]  # fmt: skip
    assert (four["total_excl_vat"], five["total_excl_vat"]) == ("2673.50", "4391.00")
    assert sum(payment["event"] == "control" for payment in four["payments"]) == 3


def test_changes_growth_and_other_turnovers(capfd: pytest.CaptureFixture[str], firm: str) -> None:
    found = answered(
        capfd, "plan", "--structure", firm, "--from", "2026-03-02", "--years", "5", "--notified", "2026-05-18",
        "--add", "1905:5@control-2", "--add-tariff", "1=2@control-2", "--drop", "0901@renewal-1",
        "--drop-tariff", "1=1@renewal-1", "--turn-full", "0607@control-1", "--turnover-growth", "3%",
        "--turnover-in", "2028=900 000", "--spread", "months", "--after-probation", "lost",
    )  # fmt: skip
    assert found["structure"] == {"siren": "435054481", "name": "Bureau d’études Exemple"}
    assert found["notification"] == {"date": "2026-05-18", "assumed": False, "months_assumed": None}
    # 125 + 28 + 30; the same, 375, 1 050 and 2 × 60; 183 + 28 + 2 × 15; 500 + 120 + 1 050 + 60.
    assert [payment["total_excl_vat"] for payment in found["payments"]][2:6] == [
        "183.00", "1728.00", "241.00", "1730.00",
    ]  # fmt: skip
    # Of 2028, grown to 2029, the last year over in March 2030: 900 000 × 1,03 = 927 000
    assert found["payments"][6]["turnover_base"]["turnover"] == "927000.00"
    assert [item["code"] for item in found["not_priced"]] == ["probation_turned_full"]
    assert found["spread_by"] == "months"


ALREADY = ["plan", "-t", "1=5", "-t", "2=3", "--turnover", "800000", "--from", "2028-06-02", "--event", "control", "--control", "2"]  # fmt: skip


@pytest.mark.parametrize("paid", ["2026-06-02=557,50", "2026-06-02 = brand_usage = 557.50 €"])
def test_what_was_paid_before_is_borne_by_the_years_it_covers(
    capfd: pytest.CaptureFixture[str], paid: str
) -> None:
    found = answered(
        capfd, *ALREADY, "--years", "2", "--paid", paid, "--paid", "2027-06-02=annual_control=290"
    )
    # Worked by hand in tests/price/planning/test_paid_before.py.
    assert [(year["label"], year["carried_forward"], year["expense"], year["prepaid"]) for year in found["by_year"]] == [
        ("2028", "336.94", "429.66", "197.28"), ("2029", "197.28", "429.28", "58.00"), ("2030", "58.00", "1218.00", "0.00"),
    ]  # fmt: skip
    assert found["paid_before"][0] == {
        "day": "2026-06-02", "fee": "brand_usage", "amount": "557.50", "until": "2030-06-01",
    }  # fmt: skip
    assert run([*ALREADY, "--paid", paid, "--lang", "en"]) == 0
    out = capfd.readouterr().out
    assert "Paid before this plan" in out
    assert "Carried" in out


def test_a_close_in_june_and_a_structure_that_says_it(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # 557,50 × 760 / 1 461 = 290,007…: 290,01 by 30/06/2028, of which 150,35 by 30/06/2027.
    expected = [("2027-2028", "2027-07-01", "2028-06-30", "429.66", "267.49")]
    path = tmp_path / "bureau.yaml"
    text = FIRM.replace("2025", "2027").replace('"0901", tariff: 5', '"0901", tariff: 1')
    path.write_text(text + 'year_end: 30/06\npaid: [{day: 2026-06-02, amount: "557,50"}]\n', "utf-8")
    own = ["plan", "--structure", str(path), *ALREADY[1:5], *ALREADY[7:]]
    for words in ([*ALREADY, "--year-end", "06-30", "--paid", "2026-06-02=557.50"], own):
        found = answered(capfd, *words)
        assert found["year_end"] == "06-30"
        assert [tuple(year[key] for key in ("label", "from", "until", "expense", "prepaid")) for year in found["by_year"][:1]] == expected  # fmt: skip


def test_one_structure_many_or_two_to_compare(firm: str) -> None:
    """The file of --structure was left out without a word."""
    ways = (["--structure", firm], ["--structures", firm], ["--compare", firm, firm])
    for one, other in (ways[:2], ways[1:], ways[::2]):
        said = refused("plan", *one, *other, "--from", "2026-03-02", env={"OPQIBI_LANG": "en"})
        assert said == "--structure, --structures or --compare: give one of them."


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--paid", "2026-06-02"], "is not DATE=EUR"),
        (["--paid", "2026-06-02="], "is not DATE=EUR"),
        (["--paid", "a=b=c=1"], "is not DATE=EUR"),
        (["--paid", "02-06-2026=1"], "is not a day"),
        (["--paid", "2029-06-02=557,50"], "is not before 2 Jun 2028"),
        (["--paid", "2026-06-02=mark=557,50"], "one of dossier, instruction, brand_usage, annual_control"),
        (["--paid", "2026-06-02=1", "--paid", "2026-06-02=1"], "given twice on 2 Jun 2026"),
        (["--year-end", "31/06"], "is not the close of a financial year"),
        (["--year-end", "15/06", "--spread", "months"], "not made of whole months"),
    ],
)
def test_what_was_paid_or_closes_ill_written(
    capfd: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    assert run([*ALREADY, *words, "--lang", "en"]) == 2
    err = capfd.readouterr().err
    assert says in err
    assert words[0] in err or "--spread" in err


def test_from_a_control_on(capfd: pytest.CaptureFixture[str]) -> None:
    found = answered(capfd, *ASKED, "--event", "control", "--control", "3", "--years", "1")
    assert [payment["due"] for payment in found["payments"]] == ["2026-03-02", "2026-12-02"]


def test_another_body_s_events_and_turnovers(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    body = ["plan", "--tables", str(EDITIONS / "other_body"), "--from", "2026-03-02", "--years", "5"]
    found = answered(
        capfd, *body, "-t", "1=2", "-t", "3=1", "--turnover", "france=600000", "--drop-tariff", "1=2@suivi-2",
        "--turnover-in", "2029=france=700 000",
    )  # fmt: skip
    # 50 + 2 × 100 + 220, and 450; visits of 49 then 25; the resumption of 50 + 220, and 500 on 700 000 €.
    assert [payment["total_excl_vat"] for payment in found["payments"]] == [
        "470.00", "450.00", "49.00", "25.00", "25.00", "270.00", "500.00",
    ]  # fmt: skip
    assert [payment["event"] for payment in found["payments"]][1:6] == ["entree", *["suivi"] * 3, "reprise"]
    firm = tmp_path / "firm.yaml"
    firm.write_text(
        'qualifications: [{code: "9001", tariff: 1}]\nturnovers: [{year: 2025, export: 300000}]', "utf-8"
    )
    assert answered(capfd, *body, "--structure", str(firm))["payments"][1]["total_excl_vat"] == "200.00"
    assert run([*ASKED, "--structure", str(firm)]) == 2
    assert "$.turnovers[0].export" in capfd.readouterr().err
    for wrong in (
        ["--turnover-in", "2029=export"],
        ["--turnover-in", "2029=north=1"],
        ["--event", "duplicata"],
    ):
        assert run([*body, "-t", "1=1", *wrong]) == 2


@pytest.mark.parametrize(
    ("lang", "words"), [("fr", "Plan OPQIBI sur 4 ans"), ("en", "OPQIBI plan over 4 years")]
)
def test_the_table_fits_in_eighty_columns(
    capfd: pytest.CaptureFixture[str], lang: str, words: str, firm: str
) -> None:
    assert run(["plan", "--structure", firm, "--from", "2026-03-02", "--years", "9", "--lang", lang]) == 0
    out = capfd.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert words.replace("4", "9") in out
    assert run([*ASKED, "--lang", lang, "--explain"]) == 0
    assert "qualifications-run-from-notification" in capfd.readouterr().out


def test_markdown_holds_the_payments(capfd: pytest.CaptureFixture[str]) -> None:
    assert run([*ASKED, "--format", "markdown", "--lang", "en"]) == 0
    out = capfd.readouterr().out
    assert "2,673.50" in out
    assert "Annual control 3" in out


def test_the_csv_is_one_table_whose_lines_sum_to_the_plan(capfd: pytest.CaptureFixture[str]) -> None:
    assert run([*ASKED, "--format", "csv", "--lang", "en"]) == 0
    rows = list(csv.DictReader(io.StringIO(capfd.readouterr().out.removeprefix("\ufeff"))))
    assert [row["What for"] for row in rows][2:] == [f"Annual control {number}" for number in (1, 2, 3)]
    assert all(None not in row and None not in row.values() for row in rows)
    assert sum(Decimal(row["Excl. VAT"]) for row in rows) == Decimal("2673.50")
    assert sum(Decimal(row["Brand-usage fee (4 years)"] or 0) for row in rows) == Decimal("557.50")
    assert run(["plan", "-t", "1=1", "--from", "2026-03-02", "--format", "csv", "--lang", "en"]) == 0
    rows = list(csv.DictReader(io.StringIO(capfd.readouterr().out.removeprefix("\ufeff"))))
    (lacking,) = [row for row in rows if not row["Excl. VAT"]]
    assert (lacking["Due"], lacking["VAT"], lacking["Incl. VAT"]) == ("2026-06-02", "", "")
    assert "turnover" in lacking["What for"]


@pytest.mark.parametrize(
    ("suffix", "start"),
    [("xlsx", b"PK"), ("pdf", b"%PDF"), ("ics", b"BEGIN:VCALENDAR"), ("svg", b"<?xml"), ("png", b"\x89PNG")],
)
def test_the_suffix_chooses_the_paper(tmp_path: Path, suffix: str, start: bytes) -> None:
    target = tmp_path / f"plan.{suffix}"
    assert run([*ASKED, "-o", str(target)]) == 0
    assert target.read_bytes().startswith(start)


@pytest.mark.parametrize("suffix", ["xlsx", "pdf", "svg", "png"])
def test_a_quote_has_its_papers_too(tmp_path: Path, suffix: str, firm: str) -> None:
    target = tmp_path / f"quote.{suffix}"
    assert run(["quote", "--structure", firm, "--date", "2026-03-02", "-o", str(target)]) == 0
    if suffix == "pdf":
        assert "Bureau d’études Exemple" in PdfReader(io.BytesIO(target.read_bytes())).pages[0].extract_text()
    control = ["quote", "--event", "control", "-t", "1=1", "--date", "2026-03-02", "-o", str(target)]
    assert run(control) == 0


def test_two_structures_side_by_side(capfd: pytest.CaptureFixture[str], firm: str, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text('qualifications: [{code: "0901", tariff: 5}]\n', "utf-8")
    found = answered(capfd, "plan", "--compare", firm, str(other), "--from", "2026-03-02")
    assert [choice["name"] for choice in found["choices"]] == ["Bureau d’études Exemple", "other.yaml"]
    # Without 0607 (120, 30 at two controls and one as a full one) and without a turnover (557,50).
    assert found["choices"][1]["difference"] == "-767.50"


def test_a_turnover_that_cannot_be_used_exits_with_3(capfd: pytest.CaptureFixture[str]) -> None:
    found = answered(capfd, "plan", "-q", "1905:5", "--turnover", "1", "--from", "2026-03-02", code=3)
    assert found["not_priced"][0]["code"] == "no_turnover"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--years", "41"], "1 to 40"),
        (["--add", "0901:1"], "@control-1"),
        (["--add", "@control-1"], "@control-1"),
        (["--add", "0901:1@control"], "@control-1"),
        (["--add-tariff", "x=1@control-1"], "not a tariff code"),
        (["--add-tariff", "1@control-1"], "TARIFF=COUNT"),
        (["--drop", "0901@control-9"], "control-3"),
        (["--turnover-growth", "3"], "Write « 3 % » as 0.03"),
        (["--turnover-in", "2030"], "YEAR=EUR"),
        (["--turnover-in", "2030=1", "--turnover-in", "2030=2"], "given twice"),
        (["--turnover-in", "2030=1,234.56"], "ambiguous"),
        (["--spread", "weeks"], "weeks"),
        (["--after-probation", "x"], "turned_full"),
        (["--notified", "soon"], "2026-03-02"),
        (["--notified", "2020-01-01"], "2020"),
        (["--format", "doc"], "xlsx"),
    ],
)  # fmt: skip
def test_mistakes_are_said_in_one_line(
    capfd: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    assert run([*ASKED, "--lang", "en", *words]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert says in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("3%", "0.03"),
        ("3 %", "0.03"),
        ("-2,5\u202f%", "-0.025"),
        ("0.03", "0.03"),
        ("0,03", "0.03"),
        ("0", "0"),
        ("−0.10", "-0.10"),
        ("+1%", "0.01"),
        (None, "0"),
    ],
)
def test_growth(text: str | None, rate: str) -> None:
    growth: dict[str, Any] = {} if text is None else {"growth": text}
    question = plan_question("2026-03-02", {"tariffs": {1: 1}, **growth}, TABLES_2024)  # type: ignore[typeddict-item] # a text
    assert str(question.growth) == rate


@pytest.mark.parametrize("text", ["3", "1", "300 %", "%", "3 pour cent", "1e-2", "NaN", "10.5", "0,0,3", ""])
def test_growth_that_is_none(text: str) -> None:
    said = refused("plan", "-t", "1=5", "--turnover-growth", text)
    assert said.startswith(("growth :", "growth:"))
    assert "--turnover-growth" in said
