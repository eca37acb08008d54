"""``opqibi-fees batch``: pipes, standard streams, full disks, and a process told to end."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from opqibi_rules.cli.main import run
from opqibi_rules.price.files.batch import answer as room

ON = ["--date", "2026-03-02", "--lang", "en"]
PLAIN = "turnover,t1\n350000,1\nx,1\n"
PRICED = (
    "turnover,t1,dossier,instruction,brand_usage,annual_control,total_excl_vat,error\n"
    "350000,1,86.00,560.00,265.00,,911.00,\n"
    "x,1,,,,,,turnover_not_an_amount\n"
)
COMMAND = [sys.executable, "-m", "opqibi_rules.cli.main", "batch"]


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(PLAIN, "utf-8")
    return path


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_the_standard_streams(engine: str, tmp_path: Path) -> None:
    """Nothing but the summary goes aside: at the end of a process, a library may have words of its own."""
    done = subprocess.run(
        [*COMMAND, "-", "-o", "-", *ON, "--format", "json", "--engine", engine],
        input=PLAIN.encode(),
        capture_output=True,
        cwd=tmp_path,
        check=False,
    )
    assert (done.returncode, done.stdout.decode()) == (1, PRICED)
    assert json.loads(done.stderr)["errors"][0]["first"] == [{"file": "-", "line": 3}]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", ["parquet", "xlsx"])
def test_the_standard_input_is_known_by_its_content(form: str, plain: Path, tmp_path: Path) -> None:
    packed = tmp_path / f"in.{form}"
    frame = pl.read_csv(plain, infer_schema=False)
    frame.write_parquet(packed) if form == "parquet" else frame.write_excel(packed)
    done = subprocess.run(
        [*COMMAND, "-", "-o", "-", *ON], input=packed.read_bytes(), capture_output=True, check=False
    )
    assert done.stdout.decode() == PRICED


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_a_file_given_twice_counts_once(
    link: Callable[[Path, Path], None], plain: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """By another path too: its rows would be priced, and added up, twice."""
    link(tmp_path / "link.csv", plain)
    target = tmp_path / "out.csv"
    assert run(["batch", str(plain), str(tmp_path / "link.csv"), "-o", str(target), *ON]) == 2
    assert "given twice" in capfd.readouterr().err
    assert not target.exists()


def test_a_pipe_is_waited_for_and_said(
    plain: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(PLAIN, "utf-8"))
    writer.start()
    assert run(["batch", str(pipe), "-o", str(tmp_path / "out.csv"), *ON]) == 1
    writer.join()
    assert "is a pipe: waiting" in capfd.readouterr().err
    assert (tmp_path / "out.csv").read_text("utf-8") == PRICED


def test_a_summary_as_data_goes_to_the_standard_output(
    plain: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rejects = tmp_path / "rejects.csv"
    called = [
        "batch",
        str(plain),
        "-o",
        str(tmp_path / "out.csv"),
        *ON,
        "--format",
        "json",
        "--rejects",
        str(rejects),
    ]
    assert run(called) == 1
    said = capfd.readouterr()
    summary = json.loads(said.out)
    assert (summary["schema_version"], summary["rows"], summary["rejected"]) == (1, 2, 1)
    assert said.err == ""
    (row,) = csv.DictReader(io.StringIO(rejects.read_text("utf-8")))
    assert (row["line"], row["cell"], row["row"]) == ("3", "x", '"x,1"'.strip('"'))


@pytest.mark.parametrize("target", ["firms/out.csv", "firms/deep/out.csv"])
def test_nothing_is_written_in_a_folder_that_is_read(
    target: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "firms" / "deep").mkdir(parents=True)
    pl.DataFrame({"turnover": [1], "t1": [1]}).write_parquet(tmp_path / "firms" / "a.parquet")
    assert run(["batch", str(tmp_path / "firms"), "-o", str(tmp_path / target), *ON]) == 2
    assert "name of its own" in capfd.readouterr().err
    assert not (tmp_path / target).exists()


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_lists_are_for_parquet(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.parquet"
    pl.DataFrame({"turnover": [1], "t1": [1], "sites held": [["1905"]]}).write_parquet(source)
    assert run(["batch", str(source), "-o", str(tmp_path / name), *ON]) == 2
    said = capfd.readouterr().err
    assert len(said.strip().splitlines()) == 1
    assert "sites held" in said
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]
    assert run(["batch", str(source), "-o", str(tmp_path / "out.parquet"), *ON]) == 0
    assert pl.read_parquet(tmp_path / "out.parquet")["sites held"].to_list() == [["1905"]]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize(
    ("more", "shares"), [([], ["5", "2.5", "", "0.1"]), (["--decimal-comma"], ["5", "2,5", "", "0,1"])]
)
def test_the_numbers_of_a_sheet_stay_as_they_are_in_a_text(
    engine: str, more: list[str], shares: list[str], tmp_path: Path
) -> None:
    table = {"turnover": [350000, 0.5, 1.25, 7], "t1": [1, 2, 3, 4], "share": [5, 2.5, None, 0.1]}
    pl.DataFrame(table, strict=False).write_excel(tmp_path / "in.xlsx")
    target = str(tmp_path / "out.csv")
    assert run(["batch", str(tmp_path / "in.xlsx"), "-o", target, *ON, "--engine", engine, *more]) == 0
    with Path(target).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["share"] for row in rows] == shares
    assert [row["turnover"].replace(",", ".") for row in rows] == ["350000", "0.5", "1.25", "7"]
    assert [row["t1"] for row in rows] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("name", ["out.csv", "out.parquet", "out.csv.gz"])
def test_a_full_disk_is_told_by_the_file_asked_for(
    name: str, plain: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).symlink_to("/dev/full")
    assert run(["batch", str(plain), "-o", str(tmp_path / name), *ON]) == 2
    assert capfd.readouterr().err == f"{tmp_path / name}: cannot be written: the disk is full.\n"


def test_a_file_touched_meanwhile_gives_no_answer(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def and_another_figure(*given: Any) -> None:
        write(*given)
        plain.write_text(PLAIN.replace("350000", "360000"), "utf-8")

    write = room._write
    monkeypatch.setattr(room, "_write", and_another_figure)
    assert run(["batch", str(plain), "-o", str(tmp_path / "out.csv"), *ON]) == 2
    assert "changed while it was read" in capfd.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_file_gone_meanwhile_is_told_by_its_own_name(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not by that of the answer, which could well be written."""

    def and_nothing_left(*given: Any) -> None:
        plain.unlink(missing_ok=True)
        write(*given)

    write = room._write
    monkeypatch.setattr(room, "_write", and_nothing_left)
    assert run(["batch", str(plain), "-o", str(tmp_path / "out.csv"), *ON]) == 2
    assert capfd.readouterr().err.startswith(f"{plain}: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_process_told_to_end_leaves_nothing(told: signal.Signals, encoding: str, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(b"name,turnover,t1\n" + "é,1234567.89,1\n".encode(encoding) * 4_000_000)
    target.write_text("before", "utf-8")
    process = subprocess.Popen(
        [*COMMAND, str(source), "-o", str(target), *ON],
        stderr=subprocess.PIPE,
        env={**os.environ, "POLARS_MAX_THREADS": "1"},
        # A suite that outlives its terminal ignores SIGHUP, and what it starts would inherit that.
        preexec_fn=lambda: signal.signal(told, signal.SIG_DFL),  # noqa: PLW1509 - nothing else runs in the child
    )
    deadline = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) == 2 and time.monotonic() < deadline:
        time.sleep(0.01)  # until a draft is there
    process.send_signal(told)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + told, err.decode()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]
    assert target.read_text("utf-8") == "before"


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_ctrl_c_is_ignored_where_it_was(engine: str, tmp_path: Path) -> None:
    """So a shell begins a job in the background; an engine that computes caught it all the same."""
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(b"name,turnover,t1\n" + b"a,1234567.89,1\n" * 2_000_000)
    process = subprocess.Popen(
        [*COMMAND, str(source), "-o", str(target), *ON, "--engine", engine],
        stderr=subprocess.DEVNULL,
        env={**os.environ, "POLARS_MAX_THREADS": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),  # noqa: PLW1509 - nothing else runs in the child
    )
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    assert process.wait(60) == 0
    assert target.read_bytes().count(b"\n") == 2_000_001


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("marked", [False, True])
def test_a_large_file_is_looked_through_by_a_process_of_its_own(
    engine: str, marked: bool, tmp_path: Path
) -> None:
    """Ten megabytes: its line that no row holds is told as that of a small file is, and nothing is written."""
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    name = "n" * 1000
    rows = [f"{name},350000,1"] * 10_000
    if marked:
        rows[7000] = f'"{name},350000,1'
    source.write_text("\n".join(["name,turnover,t1", *rows, ""]), "utf-8")
    command = [*COMMAND, str(source), "-o", str(target), *ON, "--engine", engine]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if marked:
        assert (done.returncode, target.exists()) == (2, False)
        assert done.stderr.startswith(f"{source}: line 7002, column 1: a quotation mark that is not closed")
    else:
        assert done.returncode == 0, done.stderr
        # 86 + 500 + 60, and 250,000 at 0.8 per thousand with 100,000 at 0.65.
        assert set(target.read_text("utf-8").splitlines()[1:]) == {
            f"{name},350000,1,86.00,560.00,265.00,,911.00,"
        }
    assert {path.name for path in tmp_path.iterdir()} <= {"in.csv", "out.csv"}


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_large_file_that_is_refused_ends_the_process_as_it_should(engine: str, tmp_path: Path) -> None:
    """duckdb went on with the file as the process ended, which aborted: two times in three, code 134."""
    source = tmp_path / "in.csv"
    rows = [f"{350_000 + number},1,Bureau {number}" for number in range(400_000)]
    rows[45_589] = "350000,1,a\0b"
    source.write_text("\n".join(["turnover,t1,name", *rows, ""]), "utf-8")
    command = [*COMMAND, str(source), "-o", str(tmp_path / "out.csv"), *ON, "--engine", engine]
    for _ in range(4):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (2, f"{source}: line 45591, column 10: not a text file.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
