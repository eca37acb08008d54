"""``compare``: one question at a time, a file of structures under two schedules, and interruption."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from opqibi_rules.cli import progress
from opqibi_rules.cli.main import run
from opqibi_rules.price.files.structures_file import read_structures
from opqibi_rules.tables.library import SHIPPED
from tests.editions.pinned import TABLES_2024, Pinned

EDITIONS = Path(__file__).parents[1] / "editions"
ASKED = ["compare", "-t", "1=5", "-t", "2=3", "--turnover", "800000", "--from", "2026-03-02", "--lang", "en"]


@pytest.fixture(autouse=True)
def pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The edition of 2024, whatever is shipped."""
    monkeypatch.setattr("opqibi_rules.cli.options.Tables", Pinned)
    monkeypatch.setattr("opqibi_rules.cli.commands.prices.compare.Tables", Pinned)


@pytest.fixture
def raised(tmp_path: Path) -> str:
    """Tables with 5 € more at each control from 2027 on."""
    folder = tmp_path / "raised"
    folder.mkdir()
    text = (SHIPPED / "bareme_2024.yaml").read_text("utf-8")
    text = text.replace("id: bareme_2024", "id: bareme_2027").replace('"2024-02-08"', '"2027-01-01"')
    (folder / "bareme_2027.yaml").write_text(text.replace('"125.00"', '"130.00"'), "utf-8")
    return str(folder)


def answered(capfd: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    assert run([*ASKED, *words, "--format", "json"]) == code
    return json.loads(capfd.readouterr().out)


def test_when_to_add_and_keep_or_drop(capfd: pytest.CaptureFixture[str]) -> None:
    added = answered(capfd, "--when-to-add", "5=1", "--when-to-add", "0901:1")
    assert [choice["difference"] for choice in added["choices"]] == ["0.00", "2349.00", "2681.00", "1110.00"]
    dropped = answered(capfd, "--keep-or-drop", "1=2")
    assert [choice["difference"] for choice in dropped["choices"]] == ["0.00", "-210.00", "-120.00"]
    assert dropped["choices"][0]["name"] == "Kept"


def test_one_more(capfd: pytest.CaptureFixture[str]) -> None:
    found = answered(capfd, "--one-more")
    assert found["one_more_qualification"]["1"] == "105.00"
    assert (found["next_euro"], found["floor_until"], found["cap_from"]) == (
        "0.00050", "225000.00", "149170000.00",
    )  # fmt: skip


@pytest.mark.parametrize("words", [["--one-more"], ["--when-to-add", "5=1"], ["--keep-or-drop", "1=1"]])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_tables_fit_in_eighty_columns(capfd: pytest.CaptureFixture[str], words: list[str], lang: str) -> None:
    assert run([*ASKED, *words, "--lang", lang]) == 0
    assert max(map(len, capfd.readouterr().out.splitlines())) <= 80


def test_one_more_without_a_turnover_nor_limits(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["compare", "-t", "1=1", "--from", "2026-03-02", "--one-more", "--lang", "en"]) == 0
    assert "more than a turnover" not in capfd.readouterr().out
    text = (SHIPPED / "bareme_2024.yaml").read_text("utf-8")
    text = re.sub(r'rate: "[0-9.]+"', 'rate: "0"', text).replace("id: bareme_2024", "id: flat_2024")
    text = text.replace('"2024-02-08"', '"2025-01-01"')
    (tmp_path / "flat.yaml").write_text(text, "utf-8")
    found = [*ASKED, "--one-more", "--tables", str(tmp_path)]
    code = run(found)
    out, err = capfd.readouterr()
    assert code == 0, err
    assert "Floor up to" not in out
    assert "Cap from" not in out


def test_another_body(capfd: pytest.CaptureFixture[str]) -> None:
    body = ["compare", "--tables", str(EDITIONS / "other_body"), "--from", "2026-03-02", "-t", "1=2"]
    asked = [*body, "--turnover", "france=600000", "--one-more"]
    assert run([*asked, "--format", "json"]) == 0
    found = json.loads(capfd.readouterr().out)
    # An expertise, 100, and three visits of 12.
    assert found["one_more_qualification"] == {"1": "136.00", "2": "205.50", "3": "295.00"}
    assert (found["next_euro"], found["floor_until"], found["cap_from"]) == ("0.00050", None, "9700000.00")
    assert run([*asked, "--lang", "en"]) == 0
    assert "« france »" in capfd.readouterr().out.casefold()
    assert run([*body, "--keep-or-drop", "1=1", "--format", "json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert [choice["difference"] for choice in found["choices"]] == ["0.00", "-136.00", "-100.00"]
    assert list(found["choices"][0]["subtotals"])[-3:] == ["expertise", "cotisation", "passage"]


def structures(folder: Path, *lines: str, name: str = "structures.csv") -> str:
    path = folder / name
    path.write_text("\n".join(["name;turnover;t1;t5;event", *lines]), "utf-8")
    return str(path)


def test_a_file_under_two_schedules(capfd: pytest.CaptureFixture[str], tmp_path: Path, raised: str) -> None:
    path = structures(tmp_path, "A;800000;5;;", "B;12 000,50 €;0;1;renewal", "C;;1;;first")
    found = answered(capfd, path, "--against", raised)
    # Three structures, three controls each, 5 € each.
    assert (found["structures"], found["difference_excl_vat"], found["not_counted"]) == (3, "45.00", 0)
    assert found["fees"]["annual_control"]["difference"] == "45.00"
    assert found["fees"]["dossier"]["before"] == "172.00"


def test_lines_that_cannot_be_priced_are_told_and_not_counted(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, raised: str
) -> None:
    path = structures(tmp_path, "A;800000;5;;", "B;1e6;1;;", "C;1;x;;", "D;1;;;", "E;1;1;;audit")
    assert run([*ASKED, path, "--against", raised]) == 1
    out, err = capfd.readouterr()
    assert [line.split(": ")[0][-2:] for line in err.splitlines()] == [":3", ":4", ":5", ":6"]
    assert re.search(r"Not counted, for want of right data +4", out)
    many = structures(tmp_path, *["X;no;1;;"] * 30, "A;1;1;;")
    assert run([*ASKED, many, "--against", raised]) == 1
    err = capfd.readouterr().err
    assert len(err.splitlines()) == 21
    assert err.endswith("… and 10 more.\n")


def test_one_structure_under_two_schedules(capfd: pytest.CaptureFixture[str], raised: str) -> None:
    assert answered(capfd, "--against", raised)["difference_excl_vat"] == "15.00"
    assert run([*ASKED, "--against", raised]) == 0
    assert "Not counted" not in capfd.readouterr().out


def test_structure_files_side_by_side(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    names = []
    for code in ("0901", "1905"):
        path = tmp_path / f"{code}.yaml"
        path.write_text(f'qualifications: [{{code: "{code}", tariff: 1}}]\n', "utf-8")
        names.append(str(path))
    assert run(["compare", *names, "--from", "2026-03-02", "--format", "json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert [choice["name"] for choice in found["choices"]] == ["0901.yaml", "1905.yaml"]
    assert run(["compare", *names, "--turnover", "1", "--from", "2026-03-02"]) == 3


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "One question at a time"),
        (["--one-more", "--when-to-add", "5=1"], "One question at a time"),
        (["--when-to-add", "9=1"], "9"),
        (["--when-to-add", "5:1"], "not a qualification"),
        (["--keep-or-drop", "0901"], "0901"),
        (["--against", "nowhere"], "not a folder"),
        (["--against", str(SHIPPED), "-q", "9999"], "9999"),
        (["nowhere.csv", "--against", str(SHIPPED)], "nowhere.csv"),
    ],
)
def test_mistakes(capfd: pytest.CaptureFixture[str], words: list[str], says: str) -> None:
    assert run([*ASKED, *words]) == 2
    assert says in capfd.readouterr().err


def test_wrong_tables_are_said_once(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("kind: schedule\n", "utf-8")
    path = structures(tmp_path, *["A;1;1;;"] * 5)
    assert run([*ASKED, path, "--against", str(tmp_path)]) == 2
    assert capfd.readouterr().err.count("$.id") == 1


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "t1, t2"), (b"\xff\xfe;", "UTF-8"), (b"name;turnover\nA;1\n", "t1, t2")],
)
def test_files_that_are_no_structures(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, data: bytes, says: str, raised: str
) -> None:
    (tmp_path / "x.csv").write_bytes(data)
    assert run([*ASKED, str(tmp_path / "x.csv"), "--against", raised]) == 2
    assert says in capfd.readouterr().err


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_separator(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(separator.join(["turnover", "t1"]) + "\r\n" + separator.join(["12.50", "3"]), "utf-8-sig")
    (row,) = read_structures(path, TABLES_2024)
    assert row.asked().get("tariffs") == {1: 3}
    assert str(row.asked().get("turnover")) == "12.50"


def test_headings_in_the_words_of_batch_are_read(tmp_path: Path) -> None:
    """« Événement » was left alone, and each renewal reckoned as a first application."""
    path = tmp_path / "x.csv"
    path.write_text("Nom;CA HT;Tarif 1;Nouveau tarif 3;Événement\nÉlan;800 000;2;1;renewal\n", "utf-8")
    (row,) = read_structures(path, TABLES_2024)
    assert row.asked() == {
        "event": "renewal",
        "tariffs": {1: 2},
        "new_tariffs": {3: 1},
        "turnover": Decimal(800_000),
        "turnovers": {},
    }


def test_all_the_columns_of_batch_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("event;t1;T 7;Nouveau tarif 3;CA audit;other\nContrôle ;0;2;1;12,50;x\n", "utf-8")
    (row,) = read_structures(path, TABLES_2024)
    assert row.asked() == {
        "event": "control",
        "tariffs": {7: 2},
        "new_tariffs": {3: 1},
        "turnover": None,
        "turnovers": {"energy_audit": Decimal("12.50")},
    }


def test_structures_of_one_name_are_told_apart(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    files = [tmp_path / "a.yaml", tmp_path / "b.yaml", tmp_path / "old" / "b.yaml"]
    files[2].parent.mkdir()
    for file in files:
        file.write_text('name: Twin\nqualifications: [{code: "0901", tariff: 1}]\n', "utf-8")
    asked = ["compare", *map(str, files), "--from", "2026-03-02", "--lang", "en"]
    wanted = ["Twin (a.yaml)", f"Twin ({files[1]})", f"Twin ({files[2]})"]
    assert run([*asked, "--format", "json"]) == 0
    assert [choice["name"] for choice in json.loads(capfd.readouterr().out)["choices"]] == wanted
    assert run([*asked, "--format", "csv"]) == 0
    assert capfd.readouterr().out.splitlines()[0].removeprefix("\ufeff") == f"Fee,{','.join(wanted)}"
    both = ["plan", "--compare", *map(str, files[:2]), "--from", "2026-03-02", "--lang", "en"]
    assert run([*both, "--format", "markdown"]) == 0
    assert "| Fee | Twin (a.yaml) | Twin (b.yaml) |" in capfd.readouterr().out


def test_a_file_is_not_compared_with_itself(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, raised: str
) -> None:
    """It stood beside itself under one name, with no difference; under two schedules it counted twice."""
    folder = tmp_path / "clients"
    folder.mkdir()
    file, table = folder / "été.yaml", tmp_path / "x.csv"
    file.write_text('qualifications: [{code: "0901", tariff: 1}]\n', "utf-8")
    table.write_text("name;t1\nA;1\n", "utf-8")
    around = str(folder / ".." / "clients" / "été.yaml")
    for words in (
        ["compare", str(file), around],
        ["compare", str(file), str(folder)],
        ["compare", str(file), str(file), "--against", raised],
        ["compare", str(table), str(table)],
        ["plan", "--compare", str(file), around],
    ):
        assert run([*words, "--from", "2026-03-02", "--lang", "en"]) == 2
        assert capfd.readouterr().err in {
            f"{name}: given twice; give it once.\n" for name in ("été.yaml", "x.csv:2")
        }


def test_one_structure_counts_once_under_two_schedules(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, raised: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("name;siren;t1\nA;435054481;5\nB;;5\nA;435 054 481;5\nB;;5\n", "utf-8")
    found = answered(capfd, str(path), "--against", raised, code=1)
    # Three structures, three controls each, 5 € each.
    assert (found["structures"], found["difference_excl_vat"], found["not_counted"]) == (3, "45.00", 1)
    assert [one["name"] for one in found["by_structure"]] == ["A", "B (x.csv:3)", "B (x.csv:5)"]
    (refused,) = found["refused"]
    assert refused["source"] == f"{path}:4"
    assert f"SIREN 435054481: that of {path}:2 already" in refused["reason"]


def test_an_event_of_the_command_stands_where_a_line_has_none(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, raised: str
) -> None:
    path = structures(tmp_path, "A;;5;;", "B;;5;;first")
    found = answered(capfd, path, "--against", raised, "--event", "renewal")
    assert found["fees"]["dossier"]["before"] == "86.00"


class Screen:
    """A standard error that is a terminal."""

    def __init__(self) -> None:
        self.said = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> None:
        self.said += text

    def flush(self) -> None:
        pass


def test_progress_is_shown_on_a_terminal_and_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, ticks = Screen(), iter(range(100))
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr("time.monotonic", lambda: next(ticks))
    assert list(progress.watched("abc", 3, str)) == ["a", "b", "c"]
    assert "2 of 3 structures" in screen.said
    assert screen.said.endswith("\r\x1b[K")


def test_progress_of_a_short_work_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    assert list(progress.watched("abc", 3, str)) == ["a", "b", "c"]
    assert screen.said == ""


def test_interrupted_nothing_is_written(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, raised: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("opqibi_rules.cli.commands.prices.compare.make_plan", interrupted)
    path, target = structures(tmp_path, "A;1;1;;"), tmp_path / "rise.json"
    assert run([*ASKED, path, "--against", raised, "-o", str(target)]) == 130
    assert not target.exists()
    assert "no result was written" in capfd.readouterr().err


def test_those_that_start_on_different_days_are_told(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Each line said its own day, and the comparison the day of the first for them all."""
    path = tmp_path / "x.csv"
    path.write_text("name;t1;from\nA;1;2027-05-04\nB;1;2026-03-02\n", "utf-8")
    told = "They do not start on the same day, but from 2 Mar 2026 to 4 May 2027"
    words = ["compare", str(path), "--lang", "en"]
    assert run([*words, "--format", "json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert [choice["from"] for choice in found["choices"]] == ["2027-05-04", "2026-03-02"]
    assert found["notes"][0].startswith(told)
    assert run(words) == 0
    assert re.search("From +2 Mar 2026 to 4 May 2027", capfd.readouterr().out)


def test_years_that_close_on_different_days_are_different_years(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """86 + 560 paid on 2 March 2026: A's year that closes in June bears it, which stood in B's calendar year."""
    text = '{more}qualifications: [{{code: "0901", tariff: 1}}]\n'
    for name, more in (("A", 'year_end: "30/06"\n'), ("B", "")):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\n" + text.format(more=more), "utf-8")
    words = ["compare", str(tmp_path), "--from", "2026-03-02", "--years", "1", "--lang", "en"]
    assert run([*words, "--format", "csv"]) == 0
    rows = capfd.readouterr().out.replace("\r", "").split("\n\n")[-1].splitlines()
    assert rows[-3:] == [
        "Year,Closed on,A,B",
        "2025-2026,2026-06-30,646.00,0.00",
        "2026,2026-12-31,0.00,646.00",
    ]
