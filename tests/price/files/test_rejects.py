"""Rows in are rows out and rows rejected, whatever is wrong with them; and every engine writes the same bytes."""

import csv
import gzip
import json
import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from opqibi_rules.errors import FileError, RequestError
from opqibi_rules.paper.shape import Voice
from opqibi_rules.price.files.batch import engines, priced
from opqibi_rules.price.files.batch.arriving import arriving
from opqibi_rules.price.files.batch.asked import Batch
from opqibi_rules.price.files.batch.engines import with_duckdb, with_spark
from opqibi_rules.price.files.batch.priced import price_file, with_polars
from opqibi_rules.price.files.batch.summary import Summary, SummaryShape
from tests.price.proof import TABLES

ON = date(2026, 3, 2)
COMPUTE = {"polars": with_polars, "duckdb": with_duckdb, "spark": with_spark("local[1]")}


def batch(*sources: Path | str, to: Path, engine: str = "polars", **options: Any) -> Summary:
    made = Batch(tuple(map(str, sources)), str(to), ON, TABLES, **options)
    with arriving(made, at_once=engine != "spark") as files:
        return price_file(files, engine, COMPUTE[engine])


def read(path: Path, separator: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=separator))


FAULTY = b'''turnover,t1,new_t5,event,name
350000,1,,first,good
x,-1,3,first,"all, wrong"
-5,1,,renewal,"say ""so"""
,0,,audit,
,1,1,control,good
'''


@pytest.mark.parametrize("engine", COMPUTE)
def test_all_the_faults_of_a_row_are_told(engine: str, tmp_path: Path) -> None:
    source, target, rejects = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "rejects.csv"
    source.write_bytes(FAULTY)
    summary = batch(source, to=target, engine=engine, rejects=str(rejects))
    assert [row["name"] for row in read(target)] == ["good", "good"]
    found = [(row["line"], row["column"], row["cell"], row["code"], row["row"]) for row in read(rejects)]
    wrong, negative, audit = 'x,-1,3,first,"all, wrong"', '-5,1,,renewal,"say ""so"""', ",0,,audit,"
    assert found == [
        ("3", "turnover", "x", "turnover_not_an_amount", wrong),
        ("3", "t1", "-1", "t1_not_a_count", wrong),
        ("3", "", "", "new_without_control", wrong),
        ("4", "turnover", "-5", "turnover_negative", negative),
        ("5", "event", "audit", "event_unknown", audit),
        ("5", "", "", "no_qualification", audit),
    ]
    assert {row["file"] for row in read(rejects)} == {str(source)}
    assert all(row["message"] for row in read(rejects))
    assert (summary.rows, summary.rejected) == (5, 3)


def test_a_row_of_a_sheet_is_told_by_its_number_there(tmp_path: Path) -> None:
    """The table begins in B3: its header is row 3, the wrong amount stands in row 5."""
    source, rejects = tmp_path / "in.xlsx", tmp_path / "rejects.csv"
    with xlsxwriter.Workbook(source) as book:
        sheet = book.add_worksheet()
        for line, cells in enumerate([("turnover", "t1"), ("350000", 1), ("x", 1)], 2):
            sheet.write_row(line, 1, cells)
    summary = batch(source, to=tmp_path / "out.csv", rejects=str(rejects))
    assert [(row["line"], row["cell"]) for row in read(rejects)] == [("5", "x")]
    assert [place.line for places in summary.places.values() for place in places] == [5]


def test_verdicts_come_in_one_order(tmp_path: Path) -> None:
    """86 + 500 + 60 + 180 € of a first application without turnover: right, wrong, and not told, in any order."""
    rows = ["0,1,826.00", "0,1,827.00", "x,1,826.00"]
    for order in permutations(rows):
        source = tmp_path / "in.csv"
        source.write_text("\n".join(["turnover,t1,billed", *order, ""]), "utf-8")
        content = SummaryShape.written(batch(source, to=tmp_path / "out.csv", billed="billed"), Voice())
        assert list(content["verdicts"].items()) == [("conform", 1), ("discrepancy", 1), ("undetermined", 1)]


def test_rows_are_kept_where_no_rejects_are_asked(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(FAULTY)
    summary = batch(source, to=target)
    assert [row["error"] for row in read(target)] == [
        "", "turnover_not_an_amount", "turnover_negative", "event_unknown", "",
    ]  # fmt: skip
    assert (summary.rows, summary.rejected) == (5, 0)
    assert {code: [place.line for place in places] for code, places in summary.places.items()} == {
        "turnover_not_an_amount": [3],
        "turnover_negative": [4],
        "event_unknown": [5],
    }


BROKEN = b"""turnover,t1,name
350000,1,"two
lines"
350000,1
350000,1,"never closed

350000,1,caf\xe9
350000,1,\xc3\xa9t\xc3\xa9
x,1,last
"""


def test_a_line_that_is_no_row_stops_no_other(tmp_path: Path) -> None:
    source, target, rejects = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "rejects.parquet"
    source.write_bytes(b"\xef\xbb\xbf" + BROKEN)
    with pytest.raises(FileError):
        batch(source, to=target)
    summary = batch(source, to=target, rejects=str(rejects))
    assert [row["name"] for row in read(target)] == ["two\nlines", "été"]
    found = pl.read_parquet(rejects)
    assert found.select("line", "column", "cell", "code", "row").rows() == [
        (4, "name", "", "not_a_cell_each", "350000,1"),
        (5, "name", '"never closed', "quotation_mark", '350000,1,"never closed'),
        (6, None, None, "blank_line", ""),
        (7, "name", "caf\\xe9", "other_encoding", "350000,1,caf\\xe9"),
        (9, "turnover", "x", "turnover_not_an_amount", "x,1,last"),
    ]
    assert (summary.rows, summary.rejected, summary.errors.total()) == (7, 5, 5)


def test_a_utf_16_file_that_is_not_so_throughout_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes("turnover,t1\n1,1\n".encode("utf-16") + b"\x00\xd8")
    with pytest.raises(FileError, match="not in the encoding that its first bytes say"):
        batch(source, to=tmp_path / "out.csv", rejects=str(tmp_path / "rejects.csv"))


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx"])
def test_a_column_of_days_named_almost_so_is_refused(tmp_path: Path, suffix: str, engine: str) -> None:
    """« Dt » was carried, and its rows priced on the day of the whole file."""
    source = tmp_path / f"in.{suffix}"
    table = pl.DataFrame({"turnover": ["350000"], "t1": [1], "Dt": [date(2025, 3, 2)]})
    getattr(table, {"csv": "write_csv", "parquet": "write_parquet", "xlsx": "write_excel"}[suffix])(source)
    with pytest.raises(RequestError, match="events, codes or days: Dt"):
        batch(source, to=tmp_path / "out.csv", engine=engine)
    batch(source, to=tmp_path / "out.csv", engine=engine, carry=("Dt",))
    assert [row["total_excl_vat"] for row in read(tmp_path / "out.csv")] == ["911.00"]


def test_what_is_packed_and_bears_the_name_of_a_csv_says_so(tmp_path: Path) -> None:
    """It was told to be saved on a Macintosh."""
    (tmp_path / "in.csv").write_bytes(gzip.compress(b"turnover,t1\n350000,1\n"))
    with pytest.raises(FileError, match="packed by gzip"):
        batch(tmp_path / "in.csv", to=tmp_path / "out.csv")


STRAYS = {
    # What stands before the stray byte, in UTF-8, is no text in Windows-1252: the sign of euro, a no-break space…
    **{f"after {sign!r}": (f"5 {sign}".encode() + b"\n1,1,Ren\xe9", 3) for sign in "€°«»²·§\xa0\u202f\ufeff’…–™ŒŸłčΩ😀"},
    "far below": ("\n".join(["1,1,Étude", *["1,1,Forêt"] * 20]).removeprefix("1,1,").encode() + b"\n1,1,Ren\xe9", 23),
    "above": (b"Ren\xe9\n1,1,\xc3\x89tude", 2),
    "cut": (b"\xc3\x89tude\n1,1,Ren\xc3", 3),
    "of no encoding": (b"\xc3\x89tude\n1,1,\x81", 3),
    "of no encoding, among Windows-1252": (b"\xc9tude \x80\n1,1,l\x92\x9cuvre \x81\n1,1,\xe9", 3),
    "of no encoding, alone": (b"Etude\n1,1,\x81", 3),
    "returns, among UTF-8": (b"\xc3\x89tude\r1,1,Ren\xe9\r1,1,a", 3),
    "returns alone": (b"Etude\r1,1,Ren\xe9\r1,1,a", 3),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "line"), STRAYS.values(), ids=STRAYS)
@pytest.mark.parametrize("heading", ["t1", "Tarif n° 1"])
def test_a_stray_byte_is_refused_with_its_line_or_rejected_alone(
    tmp_path: Path, heading: str, rows: bytes, line: int
) -> None:
    """Each row was read as Windows-1252, « 5 â‚¬ », the refusal named a line of good UTF-8, or none."""
    source, target, rejects = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "rejects.csv"
    encoding, end = "cp1252" if b"\xc9tude" in rows else "utf-8", b"\r" if b"\r" in rows else b"\n"
    source.write_bytes(end.join([f"turnover,{heading},name".encode(encoding), b"1,1," + rows]))
    for engine in ("polars", "duckdb"):
        with pytest.raises(FileError, match=rf"line {line}, column [0-9]+: a character"):
            batch(source, to=target, engine=engine)
        batch(source, to=target, engine=engine, rejects=str(rejects))
        (found,) = read(rejects)
        assert (found["line"], found["column"], found["code"]) == (str(line), "name", "other_encoding")
        lines = source.read_bytes().splitlines()
        del lines[line - 1]
        answer = [line.split(",")[:3] for line in target.read_text("utf-8-sig").splitlines()]
        assert answer == [line.decode(encoding).split(",") for line in lines]


def test_line_ends_of_two_kinds_are_read_alike(tmp_path: Path) -> None:
    """duckdb stumbled over them: « The CSV Parser state machine reached an invalid state »."""
    plain = b'turnover,t1,name\n100,1,"a"\n100,4,"b\r\nc"\n100,3,d\n'
    for at in (1, 2, 4, 5):
        mixed = [line + (b"\r" if number == at else b"") for number, line in enumerate(plain.split(b"\n"), 1)]
        (tmp_path / "in.csv").write_bytes(b"\n".join(mixed))
        for engine in COMPUTE:
            batch(tmp_path / "in.csv", to=tmp_path / "out.csv", engine=engine)
            found = [(row["name"].replace("\r", ""), row["error"]) for row in read(tmp_path / "out.csv")]
            assert found == [("a", ""), ("b\nc", ""), ("d", "")]


def test_lines_are_counted_over_cells_of_several_lines_and_several_files(tmp_path: Path) -> None:
    for name, text in (
        ("a", 'turnover,t1,name\n1,1,"a\n\nb"\nx,1,\n'),
        ("b", "turnover,t1,name\r\n1,1,\r\nx,1,\r\n"),
    ):
        (tmp_path / f"{name}.csv").write_bytes(text.encode())
    target, rejects = tmp_path / "out.parquet", tmp_path / "rejects.csv"
    summary = batch(tmp_path / "[ab].csv", to=target, rejects=str(rejects))
    places = [(Path(row["file"]).name, row["line"]) for row in read(rejects)]
    assert places == [("a.csv", "5"), ("b.csv", "3")]
    assert (summary.rows, pl.read_parquet(target).height) == (4, 2)


def test_a_summary_as_data(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(FAULTY)
    summary = batch(source, to=tmp_path / "out.csv")
    said = SummaryShape.written(summary, Voice())
    assert (said["engine"], said["date"], said["rows"], said["priced"]) == ("polars", "2026-03-02", 5, 2)
    assert [schedule["id"] for schedule in said["schedules"]] == ["bareme_2024"]
    # By hand: 86 + 560 + 265; a control: 125 + 15, and 375 + 1 050 for a new request at tariff 5.
    assert said["totals"] == {
        "dossier": "86.00", "instruction": "560.00", "brand_usage": "265.00", "annual_control": "1565.00",
        "total_excl_vat": "2476.00",
    }  # fmt: skip
    assert said["errors"][0] == {
        "code": "event_unknown",
        "message": "event: that day's schedule has no such event.",
        "rows": 1,
        "first": [{"file": str(source), "line": 5}],
    }
    assert "over a year old" in said["notes"][0]
    json.dumps(said)


def test_rows_with_a_day_each_may_be_later_than_the_schedule(tmp_path: Path) -> None:
    """That of 8 February 2024 is a year old on 8 February 2025: after it a single quote says so too."""
    (tmp_path / "in.csv").write_text("date,turnover,t1\n2028-03-01,800000,5\n", "utf-8")
    (note,) = batch(tmp_path / "in.csv", to=tmp_path / "out.csv").notes
    assert str(note).startswith(
        "Rows of a day after 2025-02-08, if any, are priced by the schedule of 2024-02-08, the"
    )


ROWS: Sequence[Sequence[str]] = [
    ("350 000,00 €", "1", "étude", ""),
    ("800000", "2", 'dit "oui"', "a;b,c|d\te"),
    ("1,5", "", "sans compte", " espaces "),
    ("", "1", "", "#dièse"),
    ("250007.70", "3", "deux\nlignes", "deux\r\nautres"),
    ("beaucoup", "x", "'", "\\"),
]
MATRIX = [
    (separator, encoding, newline, quoting, comma)
    for separator, encoding, newline, quoting, comma in [
        (",", "utf-8", "\n", csv.QUOTE_MINIMAL, False),
        (",", "utf-8", "\n", csv.QUOTE_ALL, True),
        (";", "utf-8-sig", "\r\n", csv.QUOTE_MINIMAL, True),
        (";", "cp1252", "\r\n", csv.QUOTE_MINIMAL, False),
        (";", "cp1252", "\r", csv.QUOTE_ALL, True),
        ("\t", "utf-16", "\r\n", csv.QUOTE_MINIMAL, True),
        ("|", "utf-8", "\r\n", csv.QUOTE_ALL, False),
        (",", "utf-8-sig", "\r", csv.QUOTE_ALL, True),
    ]
]


@pytest.mark.parametrize(("separator", "encoding", "newline", "quoting", "comma"), MATRIX)
def test_every_engine_writes_the_same_bytes(
    separator: str, encoding: str, newline: str, quoting: Any, comma: bool, tmp_path: Path
) -> None:
    source = tmp_path / "in.csv"
    with source.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=separator, lineterminator=newline, quoting=quoting)
        writer.writerow(["CA", "Tarif 1", "Nom", "bis"])
        writer.writerows(ROWS)
        if quoting == csv.QUOTE_ALL:
            file.write(newline * 2)  # blank lines at the end
    written = {}
    for engine in COMPUTE:
        target, rejects = tmp_path / f"{engine}.csv", tmp_path / f"{engine}-rejects.csv"
        batch(source, to=target, engine=engine, decimal_comma=comma)
        whole = target.read_bytes()
        batch(source, to=target, engine=engine, decimal_comma=comma, rejects=str(rejects))
        written[engine] = (whole, target.read_bytes(), rejects.read_bytes())
    assert written["duckdb"] == written["polars"]
    assert written["spark"] == written["polars"]
    rows = list(
        csv.reader(written["polars"][0].decode("utf-8-sig").splitlines(keepends=True), delimiter=separator)
    )
    assert [row[:4] for row in rows[1:]] == [list(row) for row in ROWS]
    assert [row[-1] for row in rows[1:]] == [
        "", "", "no_qualification", "turnover_missing", "", "turnover_not_an_amount",
    ]  # fmt: skip


GOOD = [
    b'%d.%02d;%d;%s;"Bureau ""%d"", \xc3\xa9tudes";%s' % (
        3_000 + 977 * row, row % 100, row % 3, [b"", b"1", b"2"][row % 3], row, [b"first", b"control", b"renewal"][row % 3],
    )
    for row in range(40)
]  # fmt: skip


def mutated(chance: random.Random) -> bytes:
    """A file of 40 rows, some of whose bytes below the header are cut, doubled or replaced."""
    ending = chance.choice([b"\n", b"\r\n"])
    data = bytearray(ending.join(GOOD) + chance.choice([b"", ending]))
    for _ in range(chance.choice([1, 1, 2, 5])):
        place = chance.randrange(len(data))
        what = chance.choice(
            [b"", b'"', b'""', b";", b"\n", b"\r", b"\n\n", b"x", b"\xe9", b"\x81", b"\0", b"-", b",", b" "]
        )
        data[place : place + chance.choice([0, 1, 1, 3])] = what
    said = b"sep=;" + ending if chance.random() < 0.2 else b""
    return said + b"turnover;t1;t2;name;event" + ending + bytes(data)


def physical_rows(data: bytes) -> int:
    """How many lines below the header there are to account for; blank ones at the end are none."""
    return len(data.rstrip(b"\r\n").splitlines()) - (2 if data.startswith(b"sep=") else 1)


def accounted(folder: Path, data: bytes, engine: str = "polars") -> str:
    """What became of a file: « refused », or each of its lines stands in the answer or in the rejects."""
    source, target, rejects = folder / "in.csv", folder / "out.csv", folder / "rejects.parquet"
    source.write_bytes(data)
    target.unlink(missing_ok=True)
    try:
        summary = batch(source, to=target, engine=engine, rejects=str(rejects))
    except FileError as error:
        assert error.mistakes
        assert not target.exists()
        return "refused"
    kept = read(target, ";")
    # A cell may hold line ends: such a row takes several lines. Nothing outside a cell is lost.
    lines = sum(
        1
        + sum(
            len(cell.encode().splitlines()) - 1 + cell.endswith(("\n", "\r")) for cell in row.values() if cell
        )
        for row in kept
    )
    found = pl.read_parquet(rejects)
    apart = found.unique(["line"])
    taken = apart["row"].str.count_matches(r"\r\n|\r|\n").sum() + apart.height
    assert lines + taken == physical_rows(data), data
    assert summary.rows == len(kept) + apart.height
    assert summary.rejected == apart.height
    assert all(row["error"] == "" for row in kept)
    return "whole" if apart.is_empty() else "rejects"


def test_mutated_files_lose_no_row(tmp_path: Path) -> None:
    chance = random.Random(20260302)
    became = [accounted(tmp_path, mutated(chance)) for _ in range(100)]
    assert became.count("rejects") > 70
    assert became.count("refused") < 8


def test_packed_files_and_several_kinds(tmp_path: Path) -> None:
    import zstandard

    plain = b"turnover,t1\n350000,1\nx,1\n"
    names = {"in.csv": plain, "in.csv.gz": gzip.compress(plain), "in.csv.zst": zstandard.compress(plain)}
    names["in.tsv"] = plain.replace(b",", b"\t")
    names["said.csv"] = b"sep=,\n" + plain
    answers = set()
    for name, data in names.items():
        (tmp_path / name).write_bytes(data)
        batch(tmp_path / name, to=tmp_path / "out.csv")
        answers.add((tmp_path / "out.csv").read_bytes())
    assert len(answers) == 1
    for name in ("out.csv.gz", "out.csv.zst", "out.tsv"):
        batch(tmp_path / "in.csv", to=tmp_path / name)
    (answer,) = answers
    assert gzip.decompress((tmp_path / "out.csv.gz").read_bytes()) == answer
    assert (
        zstandard.ZstdDecompressor().decompressobj().decompress((tmp_path / "out.csv.zst").read_bytes())
        == answer
    )
    assert (tmp_path / "out.tsv").read_bytes() == answer.replace(b",", b"\t")


@pytest.mark.parametrize("name", ["cut.csv.gz", "cut.csv.zst", "no.csv.gz"])
def test_a_damaged_packing_is_refused(name: str, tmp_path: Path) -> None:
    import zstandard

    plain = b"turnover,t1\n" + b"".join(b"%d,1\n" % (row * 7919) for row in range(5000))
    packed = gzip.compress(plain) if name.endswith("gz") else zstandard.compress(plain)
    (tmp_path / name).write_bytes(packed[:-500] if name.startswith("cut") else plain)
    with pytest.raises(FileError, match="damaged or cut short"):
        batch(tmp_path / name, to=tmp_path / "out.csv")


def test_a_folder_of_parts_with_what_its_folders_say(tmp_path: Path) -> None:
    for year, turnover in ((2025, 350_000), (2026, 800_000)):
        folder = tmp_path / "firms" / f"year={year}"
        folder.mkdir(parents=True)
        pl.DataFrame({"turnover": [turnover], "t1": [1]}).write_parquet(folder / "part-0.parquet")
    for engine in COMPUTE:
        batch(tmp_path / "firms", to=tmp_path / "out.csv", engine=engine)
        assert [(row["year"], row["total_excl_vat"]) for row in read(tmp_path / "out.csv")] == [
            ("2025", "911.00"),
            ("2026", "1203.50"),
        ]


def parts(folder: Path, *names: str, **cells: Any) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        pl.DataFrame({"turnover": [350_000], "t1": [1], **cells}).write_parquet(folder / name)
    return folder


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_what_folders_say_is_lost_of_no_file_and_stays_a_text(tmp_path: Path, engine: str) -> None:
    """Of one file alone it was dropped, and a control priced as a first application; « 01000 » became 1000."""
    alone = parts(tmp_path / "alone", "event=control/a.parquet")
    for source in (alone, alone / "event=control", alone / "event=control" / "a.parquet"):
        batch(source, to=tmp_path / "out.csv", engine=engine)
        (row,) = read(tmp_path / "out.csv")
        assert (row["event"], row["total_excl_vat"]) == ("control", "140.00")
    batch(
        parts(tmp_path / "cp", "cp=01000/A.PARQUET", "cp=1000/a.parquet"),
        to=tmp_path / "out.csv",
        engine=engine,
    )
    assert [row["cp"] for row in read(tmp_path / "out.csv")] == ["01000", "1000"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"event=control/a.parquet": {}, "b.parquet": {}},
            "a.parquet: its folders give the columns event, where",
        ),
        ({"event=control/a.parquet": {"event": ["first"]}}, "stands in it, and in the name of its folder"),
        ({"a.parquet": {}, "b.parquet": {"x": [1]}}, "b.parquet: other columns than the first"),
        ({"a.parquet": {"x": ["a"]}, "b.parquet": {"x": [1]}}, "b.parquet: the column x holds Int64, where"),
    ],
)
def test_parts_that_are_no_one_table_are_refused(
    tmp_path: Path, files: dict[str, dict[str, Any]], said: str
) -> None:
    for name, cells in files.items():
        parts(tmp_path / "firms", name, **cells)
    with pytest.raises(FileError, match=said):
        batch(tmp_path / "firms", to=tmp_path / "out.csv")


def test_a_csv_beside_the_parts_is_not_passed_over(tmp_path: Path) -> None:
    folder = parts(tmp_path / "firms", "a.parquet")
    (folder / "_SUCCESS").touch()
    batch(folder, to=tmp_path / "out.csv")
    (folder / "b.CSV").write_text("turnover,t1\n1,1\n")
    with pytest.raises(FileError, match=r"would be passed over: b\.CSV"):
        batch(folder, to=tmp_path / "out.csv")


def test_decimals_wider_than_any_engine_holds_are_refused(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    wide = pa.array([Decimal("1.10")], pa.decimal256(60, 2))
    pq.write_table(pa.table({"turnover": ["350000"], "t1": [1], "x": wide}), tmp_path / "in.parquet")
    for engine in ("polars", "duckdb"):
        with pytest.raises(FileError, match="the column x holds decimals of 60 digits"):
            batch(tmp_path / "in.parquet", to=tmp_path / "out.csv", engine=engine)


def test_columns_of_time_come_back_as_they_went_from_every_engine(tmp_path: Path) -> None:
    """duckdb gave « Etc/UTC » for the zone of Paris, a whole number for a duration, and millionths for thousandths."""
    moment = pl.Series([datetime(2026, 7, 2, 14, 30, 0, 123_456)])  # noqa: DTZ001 - each column has its own zone
    kinds = [
        pl.Datetime("us", "Europe/Paris"),
        pl.Datetime("ns", "UTC"),
        pl.Datetime("ms"),
        pl.Datetime("us"),
    ]
    source = pl.DataFrame(
        {
            "turnover": ["350000"],
            "t1": [1],
            **{f"m{number}": moment.cast(kind) for number, kind in enumerate(kinds)},
            "length": [timedelta(hours=3)],
            "small": pl.Series([1.1], dtype=pl.Float32),
            "kind": pl.Series(["a"], dtype=pl.Categorical),
        }
    )
    source.write_parquet(tmp_path / "in.parquet")
    for engine in COMPUTE:
        batch(tmp_path / "in.parquet", to=tmp_path / "out.parquet", engine=engine)
        assert pl.read_parquet(tmp_path / "out.parquet").select(source.columns).equals(source)
        assert pl.read_parquet_schema(tmp_path / "out.parquet").items() >= source.schema.items()
    with pytest.raises(RequestError, match="the column length holds"):
        batch(tmp_path / "in.parquet", to=tmp_path / "out.csv")


def test_rows_that_an_engine_gives_in_another_order_are_no_answer() -> None:
    rows = {"own_here": [0, 1, 2], "own_row": [0, 1, 2], "error": [None, "x", None]}
    assert engines._same_rows(pl.DataFrame(rows).to_struct()).to_list() == [None, "x", None]
    with pytest.raises(RuntimeError, match="another order"):
        engines._same_rows(pl.DataFrame(rows | {"own_row": [0, 2, 1]}).to_struct())


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_many_columns_and_long_lines_are_read(tmp_path: Path, engine: str) -> None:
    """300 columns of text were a fault of ours; a line of two million bytes was no CSV to duckdb."""
    names = [f"Mesure {number} z" for number in range(300)]
    rows = [["turnover", "t1", *names], ["350000", "1", *["abc"] * 299, "a" * 2_100_000]]
    (tmp_path / "in.csv").write_text("\n".join(map(";".join, rows)) + "\n", "utf-8")
    batch(tmp_path / "in.csv", to=tmp_path / "out.csv", engine=engine)
    header, row = (line.split(";") for line in (tmp_path / "out.csv").read_text("utf-8").splitlines())
    assert (header[:302], row[:302]) == (rows[0], rows[1])
    assert dict(zip(header, row, strict=True))["total_excl_vat"] == "911.00"


def test_a_quotation_mark_left_open_in_a_long_header_is_told(tmp_path: Path) -> None:
    """It was a fault of ours."""
    (tmp_path / "in.csv").write_text('turnover;t1;"name\n' + "350000;1;Bureau\n" * 20_000, "utf-8")
    with pytest.raises(FileError, match="line 1: a cell is too long, or a quotation mark is not closed"):
        batch(tmp_path / "in.csv", to=tmp_path / "out.csv")


@pytest.mark.parametrize("engine", ["polars", "duckdb", "spark"])
def test_amounts_billed_in_a_sheet_are_read_as_turnovers_are(tmp_path: Path, engine: str) -> None:
    """Numbers with cents were refused as floats, under a name of ours."""
    table = pl.DataFrame({"turnover": [350000.0, 350000.0], "t1": [1, 1], "Facturé": [911.0, 911.1]})
    table.write_excel(tmp_path / "in.xlsx")
    batch(tmp_path / "in.xlsx", to=tmp_path / "out.csv", engine=engine, billed="Facturé")
    found = [(row["Facturé"], row["difference"], row["verdict"]) for row in read(tmp_path / "out.csv")]
    assert found == [("911", "0.00", "conform"), ("911.1", "0.10", "discrepancy")]


def test_an_answer_given_back_to_be_compared_says_what_it_has_already(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("turnover,t1,billed,verdict\n911,1,822,x\n", "utf-8")
    with pytest.raises(RequestError, match="The table has already: verdict"):
        batch(tmp_path / "in.csv", to=tmp_path / "out.csv", billed="billed")


def test_rejects_of_a_tsv_are_separated_as_their_name_says(tmp_path: Path) -> None:
    (tmp_path / "in.tsv").write_text("turnover\tt1\nx\t1\n350000\t1\n", "utf-8")
    batch(tmp_path / "in.tsv", to=tmp_path / "out.csv", rejects=str(tmp_path / "rejects.csv"))
    for name in ("out.csv", "rejects.csv"):
        header = (tmp_path / name).read_text("utf-8-sig").splitlines()[0]
        assert ("\t" in header, "," in header) == (False, True)


def test_files_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("turnover,t1\n1,1\n", "utf-8")
    (tmp_path / "b.csv").write_text("turnover,t2\n1,1\n", "utf-8")
    (tmp_path / "c.csv").write_text("turnover;t1\n1;1\n", "utf-8")
    for other, said in (("b", "other columns than the first"), ("c", "other separators")):
        with pytest.raises(FileError, match=said):
            batch(tmp_path / "a.csv", tmp_path / f"{other}.csv", to=tmp_path / "out.csv")
    with pytest.raises(FileError, match="no file fits"):
        batch(tmp_path / "*.tsv", to=tmp_path / "out.csv")


def outcome(source: Path, target: Path, engine: str) -> tuple[bytes, Summary | str]:
    """The answer, and the summary or what is said against the file."""
    target.unlink(missing_ok=True)
    try:
        summary = batch(source, to=target, engine=engine)
    except FileError as error:
        assert not target.exists()
        return b"", str(error)
    return target.read_bytes(), summary


@pytest.mark.parametrize(("engine", "files"), [("polars", 100), ("duckdb", 10)])
def test_a_file_looked_through_while_it_is_read_comes_to_the_same(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    engine: str,
    files: int,
) -> None:
    chance, source, target = random.Random(files), tmp_path / "in.csv", tmp_path / "out.csv"
    contents = [mutated(chance) for _ in range(files - 2)]
    contents += [b"turnover;t1;t2;name;event\n" + b"\n".join(GOOD), b"turnover;t1\r\n1;1\r2;2\r\n"]
    found = []
    for content in contents:
        source.write_bytes(content)
        found.append(outcome(source, target, engine))
    monkeypatch.setattr(priced, "source_at_once", lambda *asked: None)
    for content, (answer, said) in zip(contents, found, strict=True):
        source.write_bytes(content)
        assert (answer, said) == outcome(source, target, engine), content
    assert 0 < sum(answer != b"" for answer, _ in found) < files
    assert capfd.readouterr() == ("", "")  # nor does an engine say anything of its own


@pytest.mark.parametrize("engine", COMPUTE)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_row_that_adds_others_up_is_rejected_with_its_cell(tmp_path: Path, engine: str, kind: str) -> None:
    """Past the first thousand, where it does not stop the run: it was in neither of the two files."""
    source, target, rejects = tmp_path / f"in.{kind}", tmp_path / "out.csv", tmp_path / "rejects.csv"
    rows = [(f"{350_000 + number}", "1", "", f"Bureau {number}") for number in range(3000)]
    rows[1500] = ("350000", "1", "", "Total")
    rows[1600] = ("xx", "1", "12", "TOTAL")  # a number is no first word
    rows[1700] = ("350000", "1", "Sous-total", "Bureau")
    rows[1800] = ("xx", "1", "Bureau", "Total")  # nor a second one
    table = pl.DataFrame(rows, ["turnover", "t1", "place", "name"], orient="row")
    table.write_csv(source) if kind == "csv" else table.write_parquet(source)
    found = batch(source, to=target, engine=engine, rejects=str(rejects))
    first = 2 if kind == "csv" else 1
    assert [(int(row["line"]) - first, row["column"], row["cell"], row["code"]) for row in read(rejects)] == [
        (1500, "name", "Total", "row_of_totals"),
        (1600, "name", "TOTAL", "row_of_totals"),
        (1600, "turnover", "xx", "turnover_not_an_amount"),
        (1700, "place", "Sous-total", "row_of_totals"),
        (1800, "turnover", "xx", "turnover_not_an_amount"),
    ]
    assert (len(read(target)), found.rejected, found.rows) == (2996, 4, 3000)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_turnover_that_a_workbook_shows_in_thousands_is_no_amount_in_euros(
    tmp_path: Path, engine: str
) -> None:
    """« 350 k€ », of which the cell holds 350, was priced as three hundred and fifty euros."""
    source, target, rejects = tmp_path / "in.xlsx", tmp_path / "out.csv", tmp_path / "rejects.csv"
    with xlsxwriter.Workbook(source) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["turnover", "t1", "cp"])
        postcode = book.add_format({"num_format": "00000"})
        for row, (amount, form) in enumerate(
            [(350, '#,##0 "k€"'), (350_000, '#,##0 "€"'), (350_000, '#,##0, "k€"'), (350, '#,##0" 000 €"')], 1
        ):
            sheet.write_number(row, 0, amount, book.add_format({"num_format": form}))
            sheet.write_number(row, 1, 1)
            sheet.write_number(row, 2, 1000, postcode)
    found = batch(source, to=target, engine=engine, rejects=str(rejects))
    assert [(row["cell"], row["code"]) for row in read(rejects)] == [("350 k€", "turnover_not_an_amount")]
    assert [(row["total_excl_vat"], row["cp"]) for row in read(target)] == [("911.00", "01000")] * 3
    assert found.rejected == 1
