"""``opqibi-fees tables``: what facts are at hand, and whether a file of one's own is right."""

import json
from pathlib import Path

import pytest

from opqibi_rules.cli.commands.tables import _KINDS
from opqibi_rules.tables.check import KINDS
from tests.cli.running import asked, refused

SHIPPED = Path(__file__).parents[2] / "data"
EDITIONS = Path(__file__).parents[1] / "editions"
NAMES = sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def test_every_kind_of_table_has_a_name_for_people() -> None:
    assert set(_KINDS) == set(KINDS)


def test_list() -> None:
    found = json.loads(asked("tables", "list", "--format", "json").out)
    assert found["schema_version"] == 1
    assert {"bareme_2024", "nomenclature", "validity", "vat"} <= {table["id"] for table in found["tables"]}
    assert {table["origin"] for table in found["tables"]} == {"shipped"}
    out = asked("tables", "list").out
    assert "barème" in out
    assert "8 févr. 2024" in out
    assert "8 Feb 2024" in asked("tables", "list", "--lang", "en").out


def test_list_tells_one_s_own_tables(tmp_path: Path) -> None:
    text = (SHIPPED / "bareme_2024.yaml").read_text("utf-8")
    own = text.replace("bareme_2024", "bareme_2027").replace("2024-02-08", "2027-01-01")
    (tmp_path / "bareme_2027.yaml").write_text(own, "utf-8")
    found = json.loads(asked("tables", "list", "--tables", str(tmp_path), "--format", "json").out)
    assert [table["id"] for table in found["tables"] if table["origin"] == "own"] == ["bareme_2027"]
    assert "la vôtre" in asked("tables", "list", "--tables", str(tmp_path)).out
    price = asked("quote", "-t", "1=5", "--date", "2027-01-01", "--tables", str(tmp_path), "--format", "json")
    assert json.loads(price.out)["schedule"]["id"] == "bareme_2027"


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_show(name: str, form: str, language: str) -> None:
    identifier = next(
        line.removeprefix("id: ")
        for line in (SHIPPED / f"{name}.yaml").read_text("utf-8").splitlines()
        if line.startswith("id: ")
    )
    outcome = asked("tables", "show", identifier, "--format", form, "--lang", language)
    assert (outcome.code, outcome.err) == (0, "")
    if form == "table":
        assert max(map(len, outcome.out.splitlines())) <= 80
    if form == "json":
        assert json.loads(outcome.out)["id"] == identifier


def test_show_gives_every_amount_with_its_place() -> None:
    out = asked("tables", "show", "bareme_2024").out
    for field in (
        "fees[0].parts[0].amount",
        "fees[2].parts[0].tranches[0].rate",
        "prices[1].by_tariff.7",
    ):
        assert field in out


def test_show_an_unknown_table_names_those_known() -> None:
    assert "connues : " in refused("tables", "show", "bareme_1999")


@pytest.mark.parametrize("name", NAMES)
def test_check_a_right_table(name: str) -> None:
    outcome = asked("tables", "check", str(SHIPPED / f"{name}.yaml"))
    assert outcome.code == 0
    assert "juste" in outcome.out or "correct" in outcome.out


def test_check_tells_all_the_mistakes_of_all_the_files(tmp_path: Path) -> None:
    text = (SHIPPED / "bareme_2024.yaml").read_text("utf-8")
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text(text.replace('"86.00"', '"86,00"').replace('"0.00080"', '"80"'), "utf-8")
    second.write_text("kind: schedule\nid: [1\n", "utf-8")
    said = refused("tables", "check", str(first), str(SHIPPED / "vat.yaml"), str(second))
    assert [line.split(": ")[0] for line in said.splitlines()] == [str(first), str(first), str(second)]
    assert "$.fees[0].parts[0].amount: « 86,00 »" in said
    assert "ligne " in said


def test_check_an_absent_file(tmp_path: Path) -> None:
    assert "n’existe pas" in refused("tables", "check", str(tmp_path / "absent.yaml"))


def test_check_a_folder_without_tables(tmp_path: Path) -> None:
    assert "*.yaml" in refused("tables", "check", str(tmp_path))


def test_check_a_folder_lays_it_over_ours(tmp_path: Path) -> None:
    folder = EDITIONS / "more_fees"
    found = json.loads(asked("tables", "check", str(folder), "--format", "json").out)
    assert [item["id"] for item in found["checked"]] == ["accounts", "invoice_wording", "more_fees"]
    assert found["notes"] == []
    said = refused("tables", "check", str(folder / "schedule.yaml"))
    assert [line.split(", ")[2].split(":")[0] for line in said.splitlines()] == [
        "$.fees[4].id",
        "$.fees[5].id",
    ]
    accounts, schedule = str(folder / "accounts.yaml"), str(folder / "schedule.yaml")
    found = json.loads(asked("tables", "check", accounts, schedule, "--format", "json").out)
    assert [len(found["checked"]), len(found["notes"])] == [2, 2]
    outcome = asked("tables", "check", accounts, schedule)
    assert (outcome.code, "renewal_audit" in outcome.out) == (0, True)
