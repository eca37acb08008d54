"""Files as they come in: one sentence for each that cannot, and none of them written over."""

import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from opqibi_rules.errors import FileError
from opqibi_rules.paper import files
from opqibi_rules.paper.files import file_bytes, files_in, remember, remembered, spare, write_whole
from opqibi_rules.paper.language import Language
from tests.cli.running import plain

FR = Language("fr")


def said(path: Path) -> str:
    with pytest.raises(FileError) as raised:
        file_bytes(path, 3)
    return plain(raised.value.explain(FR.say)).removeprefix(f"{path}: ")


def test_what_cannot_be_opened_is_said_in_the_reader_s_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1234")
    assert said(tmp_path / "none") == "ne peut être ouvert : ce fichier ou ce dossier n’existe pas."
    assert said(tmp_path) == "ne peut être ouvert : c’est un dossier, et non un fichier."
    assert said(tmp_path / "file" / "below").endswith("une partie de son chemin n’est pas un dossier.")
    assert said(tmp_path / "a\0b") == "aucun fichier ne peut porter un tel nom."
    assert said(tmp_path / "file") == "plus de 3 octets ; un tel fichier n’est pas lu."
    assert file_bytes(tmp_path / "file", 4) == b"1234"


def test_a_dash_is_the_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"12")))
    assert file_bytes(Path("-")) == b"12"
    monkeypatch.setattr(sys, "stdin", None)
    assert "n’existe pas" in said(Path("-"))


@pytest.fixture
def read(tmp_path: Path) -> Any:
    path = tmp_path / "read.csv"
    path.write_bytes(b"kept")
    with remembered():
        file_bytes(path)
        yield path
    assert path.read_bytes() == b"kept"


@pytest.mark.parametrize("way", ["same", "symbolic", "hard", "dots", "relative"])
def test_no_result_covers_a_file_that_was_read(
    read: Path, tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.csv"
    if way == "symbolic":
        other.symlink_to(read)
    elif way == "hard":
        os.link(read, other)
    elif way == "dots":
        other = tmp_path / "x" / ".." / "read.csv"
        (tmp_path / "x").mkdir()
    elif way == "relative":
        monkeypatch.chdir(tmp_path)
        other = Path("read.csv")
    else:
        other = read
    with pytest.raises(FileError, match="this command already reads or writes that file"):
        write_whole(other, b"new")


def test_a_neighbour_is_written(read: Path) -> None:
    write_whole(read.with_name("new.csv"), b"new")
    assert read.with_name("new.csv").read_bytes() == b"new"
    with pytest.raises(FileError, match="this command already reads or writes that file"):
        write_whole(read.with_name("new.csv"), b"another result")


def test_what_a_library_reads_for_us_is_remembered_too(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "1.parquet").write_bytes(b"")
    with remembered():
        remember(tmp_path / "parts")
        remember(tmp_path / "none")
        for path in (tmp_path / "parts", tmp_path / "parts" / "1.parquet", tmp_path / "parts" / "new.csv"):
            with pytest.raises(FileError):
                spare(path)
        spare(tmp_path / "other.csv")


def test_the_standard_input_is_remembered_where_it_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").write_bytes(b"1")
    with remembered(), (tmp_path / "in").open() as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert file_bytes(Path("-")) == b"1"
        with pytest.raises(FileError):
            spare(tmp_path / "in")


def test_a_device_may_be_read_and_written(tmp_path: Path) -> None:
    with remembered():
        assert file_bytes(Path(os.devnull)) == b""
        write_whole(Path(os.devnull), b"new")


def test_what_may_never_end_is_refused_and_a_pipe_already_open_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to(pipe)
    for path in (pipe, tmp_path / "link", Path("/dev/zero"), Path("/dev/tty")):
        with pytest.raises(FileError, match="may never end; a file is expected"):
            file_bytes(path)
    reading, writing = os.pipe()
    os.write(writing, b"12")
    os.close(writing)
    assert file_bytes(Path(f"/dev/fd/{reading}")) == b"12"  # as a shell gives « <(…) »
    os.close(reading)


def test_the_whole_disk_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        (tmp_path / f"{name}.json").touch()
    monkeypatch.setattr(files, "MOST_INSIDE", 3)
    assert len(files_in(tmp_path, frozenset({".json"}))) == 3
    (tmp_path / "d").touch()
    with pytest.raises(FileError, match="over 3 files"):
        files_in(tmp_path, frozenset({".json"}))


def test_nothing_is_remembered_beyond_the_command(read: Path) -> None:
    with remembered():
        spare(read)  # another command's
    with pytest.raises(FileError):
        spare(read)


def test_a_folder_is_read_whole_and_in_order(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("b.json", "a.txt", "sub/c.JSON", "photo.png"):
        (tmp_path / name).write_text("{}", "utf-8")
    suffixes = frozenset({".json", ".txt"})
    found = [path.relative_to(tmp_path).as_posix() for path in files_in(tmp_path, suffixes)]
    assert found == ["a.txt", "b.json", "sub/c.JSON"]
    assert files_in(tmp_path / "photo.png", suffixes) == [tmp_path / "photo.png"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileError, match=r"holds no file to read \(\.json, \.txt\)"):
        files_in(tmp_path / "empty", suffixes)
