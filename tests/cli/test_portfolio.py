"""Forty clients, one of them broken: every paper comes out, whole, and names the one that is left out."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import icalendar
import pytest
import xlsxwriter
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from opqibi_rules.cli.main import run
from tests.editions.pinned_command import pinned

HEAD = "name;siren;from;event;control;turnover;t1;t2;note"
BROKEN = 17


@pytest.fixture(autouse=True)
def _the_schedule_of_2024() -> Iterator[None]:
    with pinned():
        yield


def line(number: int) -> str:
    """A client: first applications, renewals and second controls in turn, each in a month of its own."""
    event, control = [("first", ""), ("renewal", ""), ("control", "2")][number % 3]
    turnover = "a lot" if number == BROKEN else "800000"
    return (
        f"Cabinet n° {number};{100_000_000 + number * 13};2026-{1 + number % 12:02}-10;{event};{control};{turnover};"
        f"{1 + number % 4};0;kept"
    )


@pytest.fixture
def clients(tmp_path: Path) -> str:
    path = tmp_path / "clients.csv"
    path.write_text("\n".join([HEAD, *map(line, range(40))]), "utf-8")
    return str(path)


def asked(path: str, *words: str) -> list[str]:
    return ["plan", "--structures", path, "--from", "2026-03-02", "--lang", "en", *words]


def content(path: str, capfd: pytest.CaptureFixture[str], code: int = 1) -> Any:
    assert run(asked(path, "--format", "json")) == code
    return json.loads(capfd.readouterr().out)


def alone(number: int, capfd: pytest.CaptureFixture[str]) -> Any:
    """The plan of one of them, asked by itself."""
    event, control = [("first", []), ("renewal", []), ("control", ["--control", "2"])][number % 3]
    words = ["--from", f"2026-{1 + number % 12:02}-10", "-t", f"1={1 + number % 4}", "--turnover", "800000"]
    assert run(["plan", "--event", event, *control, *words, "--lang", "en", "--format", "json"]) == 0
    return json.loads(capfd.readouterr().out)


def test_each_has_the_plan_that_it_has_alone(clients: str, capfd: pytest.CaptureFixture[str]) -> None:
    found = content(clients, capfd)
    assert [client["name"] for client in found["clients"]] == [
        f"Cabinet n° {number}" for number in range(40) if number != BROKEN
    ]
    for number in (0, 1, 2, 16, 18, 39):
        client = next(one for one in found["clients"] if one["name"] == f"Cabinet n° {number}")
        wanted = alone(number, capfd)
        assert client["siren"] == str(100_000_000 + number * 13)
        for key in ("payments", "by_year", "total_incl_vat", "due_dates"):
            assert client["plan"][key] == wanted[key], (number, key)


def test_the_broken_one_is_named_and_nobody_else_is_lost(
    clients: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(asked(clients)) == 1
    out, err = capfd.readouterr()
    assert err.startswith(f"{clients}:{BROKEN + 2}: « a lot » is not an amount")
    assert f"clients.csv:{BROKEN + 2}" in out
    assert run(asked(clients, "--format", "markdown")) == 1
    assert "Total, 1 structure left out" in capfd.readouterr().out
    found = content(clients, capfd)
    assert [one["source"] for one in found["refused"]] == [f"{clients}:{BROKEN + 2}"]
    assert found["complete"] is False


def test_months_clients_and_years_have_one_sum(clients: str, capfd: pytest.CaptureFixture[str]) -> None:
    found = content(clients, capfd)
    total = Decimal(found["total_excl_vat"])
    assert total == sum(Decimal(client["plan"]["total_excl_vat"]) for client in found["clients"])
    assert total == sum(Decimal(month["total_excl_vat"]) for month in found["by_month"])
    assert total == sum(Decimal(year["cash_excl_vat"]) for year in found["by_year"])
    months = [month["month"] for month in found["by_month"]]
    assert months == sorted(set(months))
    # In January 2026 the clients 0, 12, 24 and 36 apply: 86 + 500 + 60 each, for 1 + 0 % 4 = 1 at tariff 1.
    assert found["by_month"][0] == {
        "month": "2026-01", "total_excl_vat": "2584.00", "vat": "516.80", "total_incl_vat": "3100.80",
    }  # fmt: skip


def test_the_csv_is_a_line_a_payment(clients: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(asked(clients, "-o", str(tmp_path / "due.csv"))) == 1
    rows = list(csv.DictReader(io.StringIO((tmp_path / "due.csv").read_text("utf-8-sig"))))
    found = content(clients, capfd)
    assert len(rows) == sum(len(client["plan"]["payments"]) for client in found["clients"])
    assert sum(Decimal(row["Incl. VAT"]) for row in rows) == Decimal(found["total_incl_vat"])
    assert [row["Due"] for row in rows] == sorted(row["Due"] for row in rows)
    assert len({row["SIREN"] for row in rows}) == 39


def test_the_workbook_has_a_sheet_for_each_table(clients: str, tmp_path: Path) -> None:
    assert run(asked(clients, "-o", str(tmp_path / "clients.xlsx"))) == 1
    book = CalamineWorkbook.from_path(tmp_path / "clients.xlsx")
    assert book.sheet_names == [
        "Left out could not be planned",
        "What falls due each month",
        "By structure",
        "By year, all the structures",
        "Payments",
        "Notes",
    ]
    by_client = book.get_sheet_by_name("By structure").to_python()
    assert len(by_client) == 1 + 39 + 1
    assert sum(Decimal(str(row[5])) for row in by_client[1:-1]) == Decimal(str(by_client[-1][5]))
    notes = book.get_sheet_by_name("Notes").to_python()
    assert str(notes[0][0]).startswith("Estimate from the published schedule, not a document of OPQIBI")


def test_the_calendar_tells_whose_and_doubles_nothing(
    clients: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(asked(clients, "-o", str(tmp_path / "clients.ics"))) == 1
    events = list(icalendar.Calendar.from_ical((tmp_path / "clients.ics").read_bytes()).walk("VEVENT"))
    found = content(clients, capfd)
    assert len(events) == sum(len(client["plan"]["due_dates"]) for client in found["clients"])
    assert len({str(event["uid"]) for event in events}) == len(events)
    assert all(str(event["summary"]).startswith("OPQIBI – Cabinet n° ") for event in events)
    # A client alone has the same identifiers: importing its own calendar moves its days, and doubles none.
    words = [
        "--structure",
        str(tmp_path / "one.yaml"),
        "--from",
        "2026-01-10",
        "-o",
        str(tmp_path / "one.ics"),
    ]
    (tmp_path / "one.yaml").write_text(
        'siren: "100000000"\nqualifications:\n  - {code: "0901", tariff: 1}\n', "utf-8"
    )
    assert run(["plan", *words]) == 0
    own = icalendar.Calendar.from_ical((tmp_path / "one.ics").read_bytes()).walk("VEVENT")
    assert {str(event["uid"]) for event in own} <= {str(event["uid"]) for event in events}


def test_two_clients_of_one_name_keep_their_days_apart(tmp_path: Path) -> None:
    path = tmp_path / "twins.csv"
    path.write_text("name;t1\nTwin;1\nTwin;1\n;1\n;1\n", "utf-8")
    assert run(asked(str(path), "-o", str(tmp_path / "twins.ics"))) == 0
    events = list(icalendar.Calendar.from_ical((tmp_path / "twins.ics").read_bytes()).walk("VEVENT"))
    assert len({str(event["uid"]) for event in events}) == len(events) > 0
    assert sum("stand twice" in str(event["description"]) for event in events) == len(events) * 3 // 4


@pytest.mark.parametrize("suffix", ["pdf", "md", "txt"])
def test_each_is_on_the_pages(clients: str, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"clients.{suffix}"
    assert run(asked(clients, "-o", str(path))) == 1
    if suffix == "pdf":
        text = "\n".join(page.extract_text() for page in PdfReader(path).pages)
        assert "Estimate from the published schedule, not a document of OPQIBI" in text
    else:
        text = path.read_text("utf-8")
    assert [number for number in range(40) if f"Cabinet n° {number}" not in text.replace("\u00a0", " ")] == [
        BROKEN
    ]
    assert "is not an amount" in text


def test_a_folder_of_structure_files(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "clients"
    folder.mkdir()
    for number in range(3):
        text = f'name: Firm {number}\nqualifications:\n  - {{code: "0901", tariff: 1}}\n'
        (folder / f"{number}.yaml").write_text(text, "utf-8")
    (folder / "1.yaml").write_text("name: [\nsiren: 1\n", "utf-8")
    found = content(str(folder), capfd)
    assert [client["name"] for client in found["clients"]] == ["Firm 0", "Firm 2"]
    assert [one["source"] for one in found["refused"]] == [str(folder / "1.yaml")]
    assert run(asked(str(folder), "-o", str(folder / "0.yaml"))) == 2  # never onto what is read
    assert "name: Firm 0" in (folder / "0.yaml").read_text("utf-8")


GRANTED = """\
name: {name}
qualifications:
  - {{code: "0901", tariff: 1, granted_on: {granted}, renewed_on: [{renewed}]}}
  - {{code: "1202", tariff: 2, granted_on: {later}}}
"""
LATER = "Counted as held, though granted after 2 Mar 2026 only: 1202."
OVER = "Counted as held, though over before 2 Mar 2026 by the dates given: 0901."


@pytest.fixture
def dated(tmp_path: Path) -> Path:
    """Élan holds one that is granted in 2028 only; Bât one that ended in 2024, four years after 2020."""
    folder = tmp_path / "dated"
    folder.mkdir()
    elan = GRANTED.format(name="Élan", granted="2019-03-02", renewed="2023-03-02", later="2028-06-01")
    bat = GRANTED.format(name="Bât", granted="2020-03-02", renewed="", later="2023-03-02")
    (folder / "élan.yaml").write_text(elan, "utf-8")
    (folder / "bât.yaml").write_text(bat, "utf-8")
    return folder


def test_the_days_of_qualifications_count_for_many_as_for_one(
    dated: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    control = ["--event", "control", "--control", "2", "--turnover", "800000", "--format", "json"]
    assert run(asked(str(dated), *control)) == 0
    many = {client["name"]: client["plan"] for client in json.loads(capfd.readouterr().out)["clients"]}
    for name, said, unsaid in (("Élan", LATER, OVER), ("Bât", OVER, LATER)):
        file = str(dated / f"{name.lower()}.yaml")
        assert run(["plan", "--structure", file, "--from", "2026-03-02", "--lang", "en", *control]) == 0
        assert many[name] == json.loads(capfd.readouterr().out)
        notes = "\n".join(many[name]["notes"])
        assert said in notes
        assert unsaid not in notes
        # 2 March 2023, the last day of the structure's own, is three years before: a third control.
        assert "2 Mar 2026 is their anniversary no. 3" in notes


def test_a_comparison_says_what_its_plans_say(dated: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It said nothing of the days of the structures, nor that the schedule is old."""
    control = ["--from", "2026-03-02", "--event", "control", "--control", "3", "--lang", "en"]
    files = [str(dated / "bât.yaml"), str(dated / "élan.yaml")]
    later = str(Path(__file__).parents[1] / "editions" / "later")
    both, first = ["compare", *files, *control], ["compare", files[1], *control]
    for words, bearing in (
        (["compare", str(dated), *control], "Élan: "),
        (both, "Élan: "),
        (["plan", "--compare", *files, *control], "Élan: "),
        ([*first, "--one-more"], ""),
        ([*first, "--when-to-add", "1=1"], ""),
        ([*first, "--keep-or-drop", "0901"], ""),
        ([*first, "--against", later], ""),
        ([*both, "--against", later], "Élan: "),
    ):
        assert run([*words, "--format", "json"]) == 0
        notes = json.loads(capfd.readouterr().out)["notes"]
        assert f"{bearing}{LATER}" in notes
        assert sum("Brand-usage fee: what was paid of it" in note for note in notes) == 1  # of all, once
        assert run(words) == 0
        assert " ".join(f"• {bearing}{LATER}".split()) in " ".join(capfd.readouterr().out.split())


def test_many_compared_are_noted_as_structures(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.csv"
    path.write_text("name;t1\n" + "".join(f"Firm {number};1\n" for number in range(8)), "utf-8")
    assert run(["compare", str(path), "--from", "2026-03-02", "--lang", "en", "--format", "json"]) == 0
    notes = json.loads(capfd.readouterr().out)["notes"]
    assert len(notes) == len({note.partition(": ")[2] for note in notes})
    assert all(note.startswith("8 structures: ") for note in notes)


@pytest.mark.parametrize(
    "heading",
    ["granted_on", "renewed_on", "Accordée le", "Date d’octroi", "Délivré le", "year_end", "Clôture"],
)
def test_a_day_of_the_structure_file_in_a_table_is_not_passed_over(
    heading: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A table holds counts: the day of each qualification is said in a structure file alone."""
    path = tmp_path / "x.csv"
    path.write_text(f"name;from;t1;{heading}\nA;2026-03-02;1;2028-06-01\n", "utf-8")
    assert run(asked(str(path))) == 2
    assert f"column 4: « {heading} » is not read" in capfd.readouterr().err


def test_a_workbook_of_structures(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with xlsxwriter.Workbook(tmp_path / "clients.xlsx") as book:
        sheet = book.add_worksheet()
        days = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, ["name", "siren", "from", "turnover", "t1"])
        sheet.write_row(1, 0, ["Firm", 435054481, None, 800000.5, 2])
        sheet.write_datetime(1, 2, date(2026, 5, 4), days)
    found = content(str(tmp_path / "clients.xlsx"), capfd, 0)
    (client,) = found["clients"]
    assert (client["siren"], client["plan"]["from"]) == ("435054481", "2026-05-04")
    # 86 + 500 + 2 × 60; the mark 200 + 550 000,50 × 0,65 ‰ = 557,500325, rounded 557,50; 3 × (125 + 2 × 15).
    assert found["total_excl_vat"] == "1728.50"


FIRST = "2673.50"
"""5 at tariff 1 and 3 at tariff 2: 86 + (500 + 5·60 + 3·120) + (200 + 550 000·0,65 ‰) + 3·(125 + 5·15 + 3·30)."""
CONTROLS = "1740.00"
"""Of two years: the second control and the third, 2·(125 + 5·15 + 3·30), then the renewal's 500 + 5·60 + 3·120."""
HEADINGS = {
    "name;turnover;t1;T2\nA;800000;5;3": FIRST,
    "Name;TURNOVER;T1; t2 \nA;800000;5;3": FIRST,
    "Raison sociale;CA HT (€);Nb T 1;Tarif 2\nA;800 000,00 €; 5 ;3": FIRST,
    "NOM;Chiffre d’affaires;tarif n° 1;t2;Événement\nA;800000;5;3;Première demande": FIRST,
    "Dénomination;N° SIREN;turnover;t1;t2;Territoire\nA;435 054 481;800000;5;3;La Réunion": FIRST,
    "name;t1;t2;évènement;Contrôle n°;À partir du\nA;5;3;contrôle;2;02/03/2026": CONTROLS,
    "name;t1;t2;Type de démarche;CONTROL;Date\nA;5;3;Contrôle annuel;2;2026-03-02": CONTROLS,
    "name;SIRET;Ville;Code client;turnover;t1;t2\nA;43505448100016;Lyon;7;800000;5;3": FIRST,
}


@pytest.mark.parametrize("text", HEADINGS)
def test_headings_are_read_as_people_write_them(
    text: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.csv").write_text(text, "utf-8")
    words = ["--years", "2", "--format", "json"] if HEADINGS[text] == CONTROLS else ["--format", "json"]
    assert run(asked(str(tmp_path / "x.csv"), *words)) == 0
    found = json.loads(capfd.readouterr().out)
    (client,) = found["clients"]
    assert (client["name"], client["plan"]["from"]) == ("A", "2026-03-02")
    assert (found["total_excl_vat"], found["complete"]) == (HEADINGS[text], True)


@pytest.mark.parametrize(
    ("heading", "cell", "says"),
    [
        ("t1", "6", "line 1: these columns mean the same, t1: t1, t1"),
        ("Tarif 1", "6", "line 1: these columns mean the same, t1: t1, Tarif 1"),
        ("CA", "1", "these columns mean the same, turnover: turnover, CA"),
        *(
            (heading, "1", f"line 1, column 4: « {heading} » is not read")
            for heading in (
                "t9", "nouv t1", "TVA 8,5 %", "evnt", "T2 probatoire", "paid", "Déjà payé", "CA 2025",
                "Notification prévue", "turnover_export", "qualification_codes", "sirne",
            )
        ),
        ("x", "contrôle annuel", "line 1, column 4: « x » is not read, and holds what is read"),
        ("y", "Tarif 2", "line 1, column 4: « y » is not read, and holds what is read"),
        ("z", "k€", "line 1, column 4: « z » is not read, and says « k€ »"),
        ("2", "3", "line 1, column 4: « 2 » is not read"),
        ("Du", "2028-05-10", "line 1, column 4: « Du » is not read, and holds what is read"),
        ("Dépôt", "10/05/2028", "line 1, column 4: « Dépôt » is not read, and holds what is read"),
        ("Notif.", "10/05/2028", "line 1, column 4: « Notif. » is not read, and is too like"),
        ("Région", "La Réunion", "line 1, column 4: « Région » is not read, and holds what is read"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["plan", "compare"])
def test_what_looks_like_ours_and_is_not_read_stops_the_run(
    command: str, heading: str, cell: str, says: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.csv").write_text(f"name;turnover;t1;{heading}\nA;800000;5;{cell}\n", "utf-8")
    words = ["--structures"] if command == "plan" else []
    assert run([command, *words, str(tmp_path / "x.csv"), "--from", "2026-03-02", "--lang", "en"]) == 2
    out, err = capfd.readouterr()
    assert says in err
    assert out == ""


@pytest.mark.parametrize(
    ("cell", "event", "control"),
    [
        ("Contrôle annuel n° 2", "control", 2),
        ("contrôle n°3", "control", 3),
        ("2e contrôle", "control", 2),
        ("Contrôle annuel 2026", "control", 1),
        ("contrôle ", "control", 1),
        ("1re demande", "first", 1),
        ("Renouvellement (2026)", "renewal", 1),
    ],
)
def test_an_event_is_read_with_what_stands_beside_it(
    cell: str, event: str, control: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.csv").write_text(f"name;turnover;t1;event\nA;800000;5;{cell}\n", "utf-8")
    (client,) = content(str(tmp_path / "x.csv"), capfd, 0)["clients"]
    request = client["plan"]["request"]
    assert (request["event"], request.get("control") or 1) == (event, control)


@pytest.mark.parametrize(("rank", "code"), [("2", 0), ("3", 1)])
def test_an_event_and_a_column_that_say_another_control_are_not_read(
    rank: str, code: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = f"name;turnover;t1;event;control\nA;800000;5;contrôle n° 2;{rank}\nB;800000;5;first;\n"
    (tmp_path / "x.csv").write_text(text, "utf-8")
    found = content(str(tmp_path / "x.csv"), capfd, code)
    assert [one["reason"][:27] for one in found["refused"]] == ["event: « contrôle n° 2 » is"] * code


@pytest.mark.parametrize(
    ("heading", "cell", "vat"),
    [
        # 5 at tariff 1: 886, 557,50 and three times 200. At 8,5 %, each rounded: 75,31 + 47,39 + 3 × 17. At 20 %: 408,70.
        ("Code postal", "97400", "173.70"),
        ("Code postal", "69003", "408.70"),
        ("Code postal", "1000", "408.70"),  # 01000, of which a spreadsheet keeps no zero
        ("Code postal", "", "408.70"),
        ("Code postal", "98800", None),
        ("Ville", "Saint-Denis", "408.70"),
        ("Pays", "France", "408.70"),
        ("Catégorie", "BE", "408.70"),
    ],
)
def test_where_a_structure_is_says_its_vat(
    heading: str, cell: str, vat: str | None, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = f"name;turnover;t1;{heading}\nA;800000;5;{cell}\nB;800000;5;\n"
    (tmp_path / "x.csv").write_text(text, "utf-8")
    found = content(str(tmp_path / "x.csv"), capfd, 0 if vat else 1)
    assert [client["plan"]["vat"] for client in found["clients"]] == [*([vat] if vat else []), "408.70"]
    assert ["no VAT rate is known at « 98800 »" in one["reason"] for one in found["refused"]] == [True] * (
        not vat
    )


@pytest.mark.parametrize("command", [["plan", "--structures"], ["batch", "-o", "out.csv"]])
def test_a_workbook_that_is_called_csv_is_told_as_such(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with xlsxwriter.Workbook("x.xlsx") as book:
        book.add_worksheet().write_row(0, 0, ["turnover", "t1"])
    Path("x.xlsx").rename("x.csv")
    day = "--from" if command[0] == "plan" else "--date"
    assert run([*command, "x.csv", day, "2026-03-02", "--lang", "en"]) == 2
    assert capfd.readouterr().err.startswith("x.csv: a zip, or a workbook, and no CSV:")


def test_lines_that_are_no_structure_are_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    totals = ["Total", "TOTAUX :", "Sous-total", "Total général", "Total 2026", "Grand total"]
    lines = ["A,800000,5,3", *(f"{text},800000,5,3" for text in totals), "B,800000,50,5,3", "C,800000,5"]
    lines += ["Total Conseil,800000,5,3"]  # a firm may be called so
    (tmp_path / "x.csv").write_text("\n".join(["name,turnover,t1,t2", *lines]), "utf-8")
    found = content(str(tmp_path / "x.csv"), capfd)
    assert [client["name"] for client in found["clients"]] == ["A", "Total Conseil"]
    reasons = [one["reason"] for one in found["refused"]]
    assert ["a line of totals" in reason for reason in reasons] == [True] * 6 + [False] * 2
    assert [reason[:7] for reason in reasons[6:]] == ["5 cells", "3 cells"]


def test_a_structure_counts_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "x.csv"
    table.write_text("name;siren;turnover;t1;t2\n" + "A;435054481;800000;5;3\n" * 2, "utf-8")
    found = content(str(table), capfd)
    assert (found["total_excl_vat"], found["complete"]) == (FIRST, False)
    (refused,) = found["refused"]
    assert refused["source"] == f"{table}:3"
    assert f"SIREN 435054481: that of {table}:2 already" in refused["reason"]
    folder = tmp_path / "clients"
    folder.mkdir()
    for name in "ab":
        text = 'siren: "435054481"\nqualifications: [{code: "0901", tariff: 1}]\n'
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    for path, first in ((table, f"{table}:2"), (folder, folder / "a.yaml")):
        assert run(["compare", str(path), "--from", "2026-03-02", "--lang", "en", "--format", "json"]) == 1
        out, err = capfd.readouterr()
        assert f"that of {first} already" in err
        assert len(json.loads(out)["choices"]) == len(json.loads(out)["refused"]) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name;t1\n", "no structure"),
        ("name;turnover\nA;1\n", "no column t1"),
        ("name;t1\nA;x\nB;y\n", "is not a whole number"),
        ("name;siren;t1\nA;12;1\n", "is not a SIREN"),
        ("name;from;t1\nA;soon;1\n", "is not a day"),
    ],
)
def test_where_nobody_can_be_planned_nothing_is_written(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    (tmp_path / "clients.csv").write_text(text, "utf-8")
    assert run(asked(str(tmp_path / "clients.csv"), "-o", str(tmp_path / "out.json"))) == 2
    out, err = capfd.readouterr()
    assert says in err
    assert out == ""
    assert not (tmp_path / "out.json").exists()


def test_compared_side_by_side_nobody_is_lost(
    clients: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = ["compare", clients, "--from", "2026-03-02", "--lang", "en"]
    assert run([*words, "--format", "json"]) == 1
    out, err = capfd.readouterr()
    found = json.loads(out)
    assert f"{clients}:{BROKEN + 2}" in err
    assert [one["source"] for one in found["refused"]] == [f"{clients}:{BROKEN + 2}"]
    assert [one["name"] for one in found["choices"]] == [
        f"Cabinet n° {number}" for number in range(40) if number != BROKEN
    ]
    assert found["choices"][3]["total_excl_vat"] == alone(3, capfd)["total_excl_vat"]
    assert run([*words, "--format", "csv"]) == 1
    rows = list(csv.reader(io.StringIO(capfd.readouterr().out.removeprefix("\ufeff"))))
    assert [row[0] for row in rows if row and row[0] == "Cabinet n° 3"] == [
        "Cabinet n° 3"
    ] * 2  # by fee, by year
    assert run([*words, "-o", str(tmp_path / "compared.xlsx")]) == 1
    assert CalamineWorkbook.from_path(tmp_path / "compared.xlsx").sheet_names[0].startswith("Left out")


def test_two_schedules_compared_client_by_client(clients: str, capfd: pytest.CaptureFixture[str]) -> None:
    editions = str(Path(__file__).parents[1] / "editions" / "later")
    words = ["compare", clients, "--from", "2027-03-02", "--against", editions, "--format", "json"]
    code = run(words)
    found = json.loads(capfd.readouterr().out)
    assert code == 1
    each = found["by_structure"]
    assert len(each) == found["structures"] == 40 - found["not_counted"]
    assert sum(Decimal(one["difference_excl_vat"]) for one in each) == Decimal(found["difference_excl_vat"])
    assert f"{clients}:{BROKEN + 2}" in [one["source"] for one in found["refused"]]
