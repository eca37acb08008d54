"""``opqibi-fees batch``: files in, files out, what is said, and what is left behind."""

import csv
import os
import re
import signal
import subprocess
import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from opqibi_rules.cli.main import run
from opqibi_rules.paper.rows.table_xlsx import write_sheet
from opqibi_rules.price.files.batch.asked import Batch, Layout
from opqibi_rules.price.files.batch.summary import Summary
from opqibi_rules.price.quote import quote
from tests.editions.pinned_command import pinned

ENGINES = ["polars", "duckdb", "spark"]
ON = ["--date", "2026-03-02", "--lang", "en"]
PLAIN = '''\
siret,event,turnover,t1,t2,note
00123456700011,first,800000,5,3,"a, b"
00123456700029,control,,1,,"say ""yes"""
00123456700037,renewal,"350 000,50 €",1,0,
00123456700045,first,beaucoup,1,0,é
00123456700052,first,-1,1,0,
'''
PRICED = [
    ["86.00", "1160.00", "557.50", "", "1803.50", ""],
    ["", "", "", "140.00", "140.00", ""],
    ["", "560.00", "265.00", "", "825.00", ""],
    ["", "", "", "", "", "turnover_not_an_amount"],
    ["", "", "", "", "", "turnover_negative"],
]
"""By hand: 200 € and 100 000,50 € at 0,65 ‰ are 265,000325 €."""


def priced(source: Path, target: Path, *options: str) -> int:
    return run(["batch", str(source), "-o", str(target), *ON, *options])


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "structures.csv"
    path.write_text(PLAIN, "utf-8")
    return path


@pytest.mark.parametrize("engine", ENGINES)
def test_csv_to_csv(engine: str, plain: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "priced.csv"
    assert priced(plain, target, "--engine", engine) == 1
    header, *rows = csv.reader(target.read_text("utf-8").splitlines())
    assert header == [*["siret", "event", "turnover", "t1", "t2", "note"], *["dossier", "instruction", "brand_usage"],
                      *["annual_control", "total_excl_vat", "error"]]  # fmt: skip
    assert [row[:6] for row in rows] == list(csv.reader(PLAIN.splitlines()))[1:]
    assert [row[6:] for row in rows] == PRICED
    out, err = capfd.readouterr()
    assert not out
    assert "€2,768.50" in err
    assert "turnover: negative; zero or more is expected." in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["priced.csv", "structures.csv"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_french_csv(engine: str, encoding: str, tmp_path: Path) -> None:
    source, target = tmp_path / "données.csv", tmp_path / "tarifées.csv"
    text = "société;turnover;t1\r\nÉtude;800 000,00 €;5\r\nÀ côté;0,5;1\r\n"
    source.write_bytes(text.encode(encoding))
    assert priced(source, target, "--engine", engine, "--decimal-comma") == 0
    rows = list(csv.reader(target.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert rows[1] == ["Étude", "800 000,00 €", "5", "86,00", "800,00", "557,50", "", "1443,50", ""]
    assert rows[2] == ["À côté", "0,5", "1", "86,00", "560,00", "180,00", "", "826,00", ""]


# A flat fee at an entry, a fee of 1,25 ‰ of the second turnover, without limit; nothing else is as in 2024.
OTHER = """\
kind: schedule
id: other
title: {fr: Essai, en: Trial}
in_force_from: "2026-01-01"
checked_on: "2026-11-21"
checked_by: tests
sources: [{document: made for a test, address: none}]
rounding: {unit: "0.01", mode: half_up, where: {fr: à la fin, en: at the end}}
events: [{id: entry, name: {fr: entrée, en: entry}}, {id: yearly, name: {fr: annuelle, en: yearly}}]
turnovers: [{id: home, name: {fr: France, en: home}}, {id: abroad, name: {fr: étranger, en: abroad}}]
prices: [{id: each, article: "1", by_tariff: {"1": "10.00"}}]
fees:
  - id: entry-fee
    name: {fr: Droit d’entrée, en: Right of entry}
    article: "1"
    events: [entry]
    billed: application
    parts:
      - {kind: per_qualification, id: each, article: "1", label: {fr: "{tariff}", en: "{tariff}"}, counts: asked,
         prices: each}
  - id: order
    name: {fr: Part à l’étranger, en: Share abroad}
    article: "2"
    events: [yearly]
    billed: application
    parts:
      - {kind: tranches, id: slices, article: "2", turnover: abroad,
         exceptions: [{turnover: home, held_only: ["9001"]}],
         tranches: [{above: "0", up_to: null, rate: "0.00125"}]}
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_a_column_for_each_fee_that_the_schedule_declares(
    engine: str, plain: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    tables, target = tmp_path / "tables", tmp_path / "out.csv"
    tables.mkdir()
    (tables / "other.yaml").write_text(OTHER, "utf-8")
    plain.write_text("event;turnover_abroad;t1\nentry;;2\nyearly;4,00 €;1\nyearly;;1\nfirst;1;1\n", "utf-8")
    assert priced(plain, target, "--engine", engine, "--tables", str(tables)) == 1
    assert target.read_text("utf-8").splitlines() == [
        "event;turnover_abroad;t1;entry-fee;order;total_excl_vat;error",
        "entry;;2;20.00;;20.00;",
        "yearly;4,00 €;1;;0.01;0.01;",  # half a cent
        "yearly;;1;;;;turnover_abroad_missing",
        "first;1;1;;;;event_unknown",
    ]
    said = capfd.readouterr().err
    assert "Right of entry" in said
    assert "€20.01" in said
    assert "turnover_abroad: missing" in said
    plain.write_text("turnover,t1\n1,1\n", "utf-8")
    assert run(["batch", str(plain), "-o", str(target), "--date", "2025-12-31", "--tables", str(tables)]) == 0
    assert target.read_text("utf-8").startswith(
        "turnover,t1,dossier,instruction,brand_usage,annual_control,total"
    )


def test_an_accent_far_into_the_file_is_windows_1252(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(b"name;turnover;t1\n" + b"a;1;1\n" * 200_000 + "é;1;1\n".encode("cp1252"))
    assert priced(source, target) == 0
    lines = target.read_text("utf-8-sig").splitlines()
    assert len(lines) == 200_002
    assert lines[-1].startswith("é;1;1;86.00;")


@pytest.mark.parametrize("engine", ENGINES)
def test_parquet_keeps_types_and_is_exact(engine: str, tmp_path: Path) -> None:
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    table = pl.DataFrame(
        {"turnover": [800_000, 250_008], "t1": [5, 1], "on": [date(2026, 1, 1), None], "x": [0.1, None]}
    )
    table.write_parquet(source)
    assert priced(source, target, "--engine", engine) == 0
    answer = pl.read_parquet(target)
    assert answer.select(table.columns).equals(table)
    assert answer["brand_usage"].to_list() == [Decimal("557.50"), Decimal("200.01")]
    assert answer["error"].null_count() == 2


def test_decimal_turnovers_in_parquet(tmp_path: Path) -> None:
    source, target = tmp_path / "in.parquet", tmp_path / "out.csv"
    pl.DataFrame({"turnover": ["250007.70"], "t1": [1]}).with_columns(
        pl.col("turnover").cast(pl.Decimal(12, 2))
    ).write_parquet(source)
    assert priced(source, target) == 0
    assert target.read_text("utf-8").splitlines()[1] == "250007.70,1,86.00,560.00,200.01,,846.01,"


def test_workbooks_keep_their_numbers(tmp_path: Path) -> None:
    source, target, text = tmp_path / "in.xlsx", tmp_path / "out.xlsx", tmp_path / "out.csv"
    frame = pl.DataFrame(
        {
            "siret": ["00123"] * 4,
            "turnover": [800000.0, 250007.7, 250007.695, None],
            "t1": [5, 1, 1, 1],
            "seen": [date(2026, 1, 1)] * 4,
            "score": [0.5, 1.0, None, 3.25],
        }
    )
    write_sheet(source, [frame], ["turnover"], name="in.xlsx")
    assert priced(source, text) == 1
    rows = list(csv.reader(text.read_text("utf-8").splitlines()))
    assert [row[-6:] for row in rows[1:]] == [
        ["86.00", "800.00", "557.50", "", "1443.50", ""],
        ["86.00", "560.00", "200.01", "", "846.01", ""],
        ["", "", "", "", "", "turnover_not_an_amount"],
        ["", "", "", "", "", "turnover_missing"],
    ]
    assert priced(source, target) == 1
    back = tmp_path / "back.csv"
    assert priced(target, back) == 2  # the fees are there already
    answer = pl.read_excel(target, engine="calamine") if _has_fastexcel() else None
    if answer is not None:
        assert answer["siret"].to_list() == ["00123"] * 4


def of_formula(result: str | int, path: Path) -> None:
    """One structure, whose three qualifications at tariff 2 are a formula that came to ``result``."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["name", "turnover", "t1", "t2"])
        sheet.write_row(1, 0, ["A", 350_000, 5])
        sheet.write_formula(1, 3, "=1+2", None, result)


@pytest.mark.parametrize(
    ("result", "why"), [("#DIV/0!", "an error, #DIV/0!."), ("", "a formula without its")]
)
def test_a_formula_in_error_or_never_computed_is_no_empty_cell(
    result: str, why: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Taken for none, it came to 1 151,00; with three, 86 + (500 + 5 × 60 + 3 × 120) + (200 + 65) = 1 511,00."""
    source, target = tmp_path / "in.xlsx", tmp_path / "out.csv"
    of_formula(result, source)
    doors = [["batch", str(source), "-o", str(target), *ON, "--engine", engine] for engine in ENGINES]
    doors += [["plan", "--structures", str(source), "--from", "2026-03-02", "--lang", "en"]]
    doors += [["compare", str(source), "--lang", "en"]]
    for words in doors:
        assert run(words) == 2
        assert f"cell D2 holds {why}" in " ".join(capfd.readouterr().err.split())
        assert not target.exists()
    of_formula(3, source)
    assert priced(source, target) == 0
    assert ",1511.00," in target.read_text("utf-8")


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx"])
def test_a_sum_at_the_end_of_a_long_file_is_no_structure(
    suffix: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """1 500 rows and their sum, then a file of one row: the sum is among the last of its own file."""
    long, short = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    names = [*(f"Bureau\n{number}" for number in range(1500)), "TOTAL"]
    for path, told in ((long, names), (short, ["Bureau"])):
        rows = len(told)
        frame = pl.DataFrame({"nom": told, "turnover": [350_000] * rows, "t1": [5] * rows})
        if suffix == "csv":
            frame.write_csv(path)
        elif suffix == "parquet":
            frame.write_parquet(path)
        else:
            write_sheet(path, [frame], ["turnover"], name=path.name)
    target = tmp_path / "out.csv"
    words = ["batch", str(long), str(short), "-o", str(target), *ON]
    assert run(words) == 2
    assert "The row « TOTAL » adds others up" in capfd.readouterr().err
    assert not target.exists()
    assert run([*words, "--carry", "nom"]) == 0


def _has_fastexcel() -> bool:
    import importlib.util

    return importlib.util.find_spec("fastexcel") is not None


def test_csv_to_workbook_keeps_leading_zeros_and_arms_no_formula(plain: Path, tmp_path: Path) -> None:
    import python_calamine

    plain.write_text("siret,turnover,t1\n0012,800000,5\n=1+1,1,1\n", "utf-8")
    target = tmp_path / "out.xlsx"
    assert priced(plain, target) == 0
    header, first, second = (
        python_calamine.CalamineWorkbook.from_path(target).get_sheet_by_index(0).to_python()
    )
    assert header[:3] == ["siret", "turnover", "t1"]
    assert first[:3] == ["0012", "800000", "5"]
    assert first[3:8] == [86.0, 800.0, 557.5, "", 1443.5]
    assert second[0] == "=1+1"


def test_each_row_may_have_its_day(plain: Path, tmp_path: Path) -> None:
    plain.write_text("turnover,t1,date\n1,1,2026-03-02\n1,1,2020-01-01\n1,1,hier\n", "utf-8")
    target = tmp_path / "out.csv"
    assert priced(plain, target) == 1
    assert [line.rsplit(",", 1)[1] for line in target.read_text("utf-8").splitlines()[1:]] == [
        "", "date_without_schedule", "date_not_a_day",
    ]  # fmt: skip


def test_a_row_without_a_day_takes_that_of_the_command_never_today(plain: Path, tmp_path: Path) -> None:
    plain.write_text("turnover,t1,date\n350000,1,02/03/2026\n350000,1,\n", "utf-8")
    target, rejects = tmp_path / "out.csv", tmp_path / "rejects.csv"
    assert run(["batch", str(plain), "-o", str(target), "--rejects", str(rejects), "--lang", "en"]) == 1
    assert len(target.read_text("utf-8").splitlines()) == 2
    (row,) = csv.DictReader(rejects.read_text("utf-8").splitlines())
    assert (row["line"], row["column"], row["code"]) == ("3", "date", "date_missing")
    assert priced(plain, target, "--rejects", str(rejects)) == 0
    assert len(target.read_text("utf-8").splitlines()) == 3


def test_a_header_alone_is_a_table_of_no_row(plain: Path, tmp_path: Path) -> None:
    plain.write_text("turnover,t1\n", "utf-8")
    assert priced(plain, tmp_path / "out.csv") == 0
    assert (tmp_path / "out.csv").read_text("utf-8").startswith("turnover,t1,dossier,")


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_column_of_ones_own_is_carried_whatever_its_name(engine: str, plain: Path, tmp_path: Path) -> None:
    # t2 and T3 are no counts here, Date no day; 500 + 60 at tariff 1, 86, and 0.8 ‰ of 250 000 + 0.65 ‰ of 100 000.
    plain.write_text("turnover,t1,t2,T3,Date\n350000,1,x,10,soon\n", "utf-8")
    own = [word for name in ("t2", "T3", "Date") for word in ("--carry", name)]
    assert priced(plain, tmp_path / "out.csv", "--engine", engine, *own) == 0
    (row,) = csv.DictReader((tmp_path / "out.csv").read_text("utf-8").splitlines())
    assert [row[name] for name in ("t2", "T3", "Date")] == ["x", "10", "soon"]
    assert (row["instruction"], row["total_excl_vat"]) == ("560.00", "911.00")
    assert priced(plain, tmp_path / "out.csv", "--carry", "t9") == 2


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_file_that_changes_while_it_is_read_gives_no_answer(
    engine: str,
    plain: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def and_one_more(batch: Batch, layout: Layout, engine: str) -> Summary:
        with Path(batch.sources[0]).open("a", encoding="utf-8") as file:
            file.write("732829320,first,350000,1,,late\n")
        return summary(batch, layout, engine)

    summary = Batch.summary
    monkeypatch.setattr(Batch, "summary", and_one_more)
    assert priced(plain, tmp_path / "out.csv", "--engine", engine) == 2
    assert "did it change meanwhile" in capfd.readouterr().err
    assert not (tmp_path / "out.csv").exists()


REFUSED: list[tuple[bytes, str]] = [
    (b"", "empty"),
    (b"\n\n", "empty"),
    (b"turnover;t1\n\x81;1\n", "neither UTF-8 nor Windows-1252"),
    (
        b"sales,t1\n1,1\n",
        "expected: turnover, one at least of t1, t2, t3, t4, t5, t6, t7; the table has: sales, t1.",
    ),
    (b"sum;x\n1;1\n", "none of the columns turnover, t1"),
    (b"ca;x\n1;1\n", "expected: turnover, one at least of t1"),
    (b"turnover,x\n1,1\n", "t1, t2, t3, t4, t5, t6, t7"),
    (b"turnover,t1,t1\n1,1,1\n", "twice"),
    (b"turnover,t1,error\n1,1,x\n", "already"),
    (b"turnover,t1\n1,1\n1,234,1\n", "line 3"),
    (b'turnover,t1\n"1,1\n', "line 2, column 1: a quotation mark that is not closed"),
    (b"turnover,t1,t2\n350000,1\n", "line 2, column 9: 2 cells, where the header has 3 columns"),
    (
        b'turnover,t1,name\n1,1,A\n1,1,"B\n1,1,C\n1,1,"D"',
        "line 3, column 5: a cell in quotation marks goes on",
    ),
    (b"turnover,t1,name\n1,1,\xc3\xa9\n1,1,\xe9\n", "another encoding"),
    # What looks like one of our columns is read, or refused: never passed over.
    (b"turnover,t1,t8\n350000,1,5\n", "too like what is read to be passed over: t8."),
    (b"turnover,t1,Evnt\n350000,1,control\n", "passed over: Evnt."),
    (b"turnover,t1,T8, t9\n350000,1,1,1\n", "passed over: T8,  t9."),
    ("turnover,t1,T1,évènement passé\n350000,1,1,control\n".encode(), "passed over: évènement passé."),
    (b"ca,turnover,t1,Tarif 3\n1,1,1,1\n", "mean the same, turnover: ca, turnover."),
]


@pytest.mark.parametrize(("data", "word"), REFUSED)
@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_file_that_cannot_be_read_leaves_what_was_there(
    engine: str, data: bytes, word: str, plain: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    plain.write_bytes(data)
    target = tmp_path / "out.csv"
    target.write_text("before", "utf-8")
    with pinned():  # t8 is no tariff of the schedule of 2024
        code = priced(plain, target, "--engine", engine)
    said = capfd.readouterr().err
    assert word in said
    assert (code, target.read_text("utf-8")) == (2, "before")
    assert "Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "structures.csv"]


HIDDEN = {
    # As many cells in all as the rows should have: one row lacks what another has too many.
    "turnover;t1;t2\n800000;5\n800000;5;3\n800000;5;3;9\n": [2, 4],
    "turnover;t1;t2\n800000;5;3;\n800000;5;3\n800000;5\n": [2, 4],
    "turnover;t1;t2\n800000;5;3\n\n;;;;\n\n": [3, 4],
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", HIDDEN)
def test_a_row_too_long_hides_none_too_short(
    engine: str, text: str, plain: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    plain.write_text(text, "utf-8")
    target, rejects = tmp_path / "out.csv", tmp_path / "rejects.csv"
    assert priced(plain, target, "--engine", engine) == 2
    assert re.search(f"line {HIDDEN[text][0]}(, column [0-9]+)?: ", capfd.readouterr().err)
    assert not target.exists()
    assert priced(plain, target, "--engine", engine, "--rejects", str(rejects)) == 1
    told = list(csv.DictReader(rejects.read_text("utf-8").splitlines(), delimiter=";"))
    assert [int(row["line"]) for row in told] == HIDDEN[text]
    assert {row["code"] for row in told} <= {"not_a_cell_each", "blank_line"}
    # By hand, as above: 86 + 1 160 + 557.50.
    assert target.read_text("utf-8").splitlines()[1:] == ["800000;5;3;86.00;1160.00;557.50;;1803.50;"]


@pytest.mark.parametrize(
    ("source", "target", "options", "word"),
    [
        ("structures.csv", "out.txt", [], "csv, tsv, parquet, xlsx"),
        ("structures.dbf", "out.csv", [], "no such file"),
        ("structures.csv", "out.csv", ["--engine", "abacus"], "--engine"),
        (
            "structures.csv",
            "out.csv",
            ["--rejects", "rejects.xlsx"],
            "rejects are written to a file of CSV or Parquet",
        ),
        ("structures.csv", "out.csv", ["--rejects", "FOLDER/structures.csv"], "a name of its own"),
        ("structures.csv", "out.csv", ["--rejects", "FOLDER/out.csv"], "a name of their own"),
        ("structures.csv", "out.csv", ["--format", "csv"], "--format"),
        ("s3a://bucket/in.csv", "out.csv", [], "Spark only"),
        ("structures.csv", "none/out.csv", [], "none/out.csv"),
        ("structures.csv", "structures.csv", [], "a name of its own"),
        ("bad.parquet", "out.csv", [], "Parquet"),
        ("bad.parquet", "out.csv", ["--engine", "duckdb"], "bad.parquet"),
        ("bad.parquet", "out.csv", ["--engine", "spark"], "bad.parquet"),
        ("bad.xlsx", "out.csv", [], "workbook"),
    ],
)
def test_bad_usage(
    source: str, target: str, options: list[str], word: str, plain: Path, tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    for name in ("bad.parquet", "bad.xlsx"):
        (tmp_path / name).write_bytes(b"nothing of the kind")
    before = plain.read_bytes()
    start = source if "://" in source else str(tmp_path / source)
    options = [option.replace("FOLDER", str(tmp_path)) for option in options]
    assert run(["batch", start, "-o", str(tmp_path / target), *ON, *options]) == 2
    said = capfd.readouterr().err
    assert word in said
    assert "Traceback" not in said
    assert plain.read_bytes() == before


def test_floats_in_parquet_are_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.parquet"
    pl.DataFrame({"turnover": [1.5], "t1": [1]}).write_parquet(source)
    assert priced(source, tmp_path / "out.csv") == 2
    assert "Floats are not exact" in capfd.readouterr().err


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(b"name,turnover,t1\n" + b"a,1234567.89,1\n" * 6_000_000)
    command = [sys.executable, "-m", "opqibi_rules.cli.main", "batch", str(source), "-o", str(target), *ON]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, "POLARS_MAX_THREADS": "1"})
    deadline = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) == 1 and time.monotonic() < deadline:
        time.sleep(0.01)  # until the draft is there
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err.decode()
    assert b"Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_progress_bar_on_a_terminal(plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    from opqibi_rules.cli import progress

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(progress, "_EVERY", 0.0)
    monkeypatch.setattr(sys, "stderr", screen)
    assert priced(plain, tmp_path / "out.csv") == 1
    assert "100%  5 rows, " in screen.getvalue()


def test_a_batch_says_what_a_quote_says(plain: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    priced(plain, target)
    first = next(csv.DictReader(target.read_text("utf-8").splitlines()))
    answer = quote(on=date(2026, 3, 2), tariffs={1: 5, 2: 3}, turnover=800_000)
    assert Decimal(first["total_excl_vat"]) == answer.total_excl_vat


@pytest.mark.parametrize("engine", ENGINES)
def test_amounts_billed_are_compared(
    engine: str, plain: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.csv"
    plain.write_text("turnover;t1;HT\n800000;5;1443,50\n800000;5;1 440\n800000;5;?\n", "utf-8")
    assert priced(plain, target, "--billed", "HT", "--engine", engine) == 1
    assert [line.split(";")[-3:] for line in target.read_text("utf-8").splitlines()] == [
        ["error", "difference", "verdict"],
        ["", "0.00", "conform"],
        ["", "-3.50", "discrepancy"],
        ["", "", "undetermined"],
    ]
    assert "-€3.50" in capfd.readouterr().err
    plain.write_text("turnover;t1;HT\n800000;5;1443,50\n800000;5;\n", "utf-8")
    assert priced(plain, target, "--billed", "HT", "--engine", engine) == 3
    plain.write_text("turnover;t1;HT\n800000;5;1443,50\n", "utf-8")
    assert priced(plain, target, "--billed", "HT", "--engine", engine) == 0
    assert priced(plain, target, "--billed", "none", "--engine", engine) == 2


@pytest.mark.parametrize("name", ["out.csv", "parts"])
def test_addresses_are_for_spark(name: str, plain: Path, tmp_path: Path) -> None:
    source, target = plain.as_uri(), (tmp_path / name).as_uri()
    if name == "parts":
        (tmp_path / "firms").mkdir()
        pl.read_csv(plain, infer_schema=False).write_parquet(tmp_path / "firms" / "part-0.parquet")
        source = (tmp_path / "firms").as_uri()
    assert source.startswith("file://")
    assert run(["batch", source, "-o", target, *ON, "--engine", "spark"]) == 1
    assert (tmp_path / name / "_SUCCESS").exists()
    assert run(["batch", source, "-o", target, *ON, "--engine", "spark"]) == 2  # it is there already


@pytest.mark.parametrize("engine", ENGINES)
def test_parquet_gives_one_file_again_and_again(engine: str, tmp_path: Path) -> None:
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pl.DataFrame({"turnover": [1], "t1": [1]}).write_parquet(source)
    for _ in range(2):
        assert priced(source, target, "--engine", engine) == 0
    assert pl.read_parquet(target).schema["total_excl_vat"] == pl.Decimal(18, 2)
    assert pl.read_parquet(target).height == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.parquet", "out.parquet"]


@pytest.mark.parametrize(
    ("source", "beside"), [("in.parquet", "out.parquet/notes.txt"), ("out.parquet/part-0.parquet", "")]
)
def test_nothing_is_deleted_that_was_not_written(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, source: str, beside: str
) -> None:
    (tmp_path / "out.parquet").mkdir()
    if beside:
        (tmp_path / beside).write_text("precious", "utf-8")
    pl.DataFrame({"turnover": [1], "t1": [1]}).write_parquet(tmp_path / source)
    before = {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")}
    called = ["batch", str(tmp_path / source), "-o", str(tmp_path / "out.parquet"), *ON, "--engine", "spark"]
    assert run(called) == 2
    assert "name of its own" in capfd.readouterr().err
    assert {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")} == before


def test_spark_without_java(plain: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "opqibi_rules.cli.main",
        "batch",
        str(plain),
        "-o",
        str(tmp_path / "out.csv"),
        *ON,
    ]
    bare = {**os.environ, "PATH": str(tmp_path), "JAVA_HOME": str(tmp_path)}
    done = subprocess.run(
        [*command, "--engine", "spark"], capture_output=True, text=True, env=bare, check=False
    )
    assert done.returncode == 2
    assert "Spark needs Java 17" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_cluster_that_nothing_describes(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Spark once blamed Java, then printed a trace of its own."""
    for name in ("HADOOP_CONF_DIR", "YARN_CONF_DIR"):
        monkeypatch.delenv(name, raising=False)
    # Another test of this process may have left Spark running, which is then used as it is.
    monkeypatch.setattr("pyspark.sql.SparkSession.getActiveSession", lambda: None)
    command = [
        "batch",
        str(plain),
        "-o",
        str(tmp_path / "out.csv"),
        *ON,
        "--engine",
        "spark",
        "--master",
        "yarn",
    ]
    assert run([*command, "--lang", "en"]) == 2
    told = capfd.readouterr().err
    assert told == "yarn: HADOOP_CONF_DIR names no folder that describes the cluster.\n"
