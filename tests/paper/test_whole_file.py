"""A file is written whole or not at all."""

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from opqibi_rules.errors import FileError
from opqibi_rules.paper.files import write_whole


def test_a_new_file_has_the_rights_that_the_user_s_mask_gives(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write_whole(tmp_path / "a", b"new")
    finally:
        os.umask(mask)
    assert (tmp_path / "a").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_an_existing_file_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o604)
    write_whole(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o604)


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    target, link, broken = tmp_path / "target", tmp_path / "link", tmp_path / "broken"
    target.write_bytes(b"old")
    link.symlink_to("target")
    broken.symlink_to("made")
    write_whole(link, b"new")
    write_whole(broken, b"made")
    assert link.is_symlink()
    assert broken.is_symlink()
    assert (target.read_bytes(), (tmp_path / "made").read_bytes()) == (b"new", b"made")


def test_a_device_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    write_whole(Path(os.devnull), b"new")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()))
    reader.start()
    write_whole(fifo, b"new")
    reader.join()
    assert read == [b"new"]
    assert stat.S_ISFIFO(fifo.stat().st_mode)


def test_a_protected_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with patch.object(os, "access", return_value=False), pytest.raises(FileError, match="no right"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("where", [lambda folder: folder, lambda folder: folder / "absent" / "a"])
def test_no_such_place(tmp_path: Path, where: Callable[[Path], Path]) -> None:
    with pytest.raises(FileError, match="folder"):
        write_whole(where(tmp_path), b"new")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("step", ["write_bytes", "fsync", "chmod", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_whatever_fails_what_stood_there_is_untouched(
    tmp_path: Path, step: str, error: BaseException
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    owner: object = os if step == "fsync" else Path
    with patch.object(owner, step, side_effect=error), pytest.raises((FileError, KeyboardInterrupt)):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_fills_up_while_writing(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def full(draft: Path, data: bytes) -> None:
        with draft.open("wb") as file:
            file.write(data[:1])
        raise OSError(28, "No space left on device")

    with patch.object(Path, "write_bytes", full), pytest.raises(FileError, match="the disk is full"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_second_ctrl_c_leaves_no_draft_behind(tmp_path: Path) -> None:
    unlink, hands = Path.unlink, iter([KeyboardInterrupt(), None])

    def impatient(draft: Path, *, missing_ok: bool) -> None:
        if hand := next(hands):
            raise hand
        unlink(draft, missing_ok=missing_ok)

    with (
        patch.object(Path, "write_bytes", side_effect=KeyboardInterrupt),
        patch.object(Path, "unlink", impatient),
        pytest.raises(KeyboardInterrupt),
    ):
        write_whole(tmp_path / "a", b"new")
    assert not list(tmp_path.iterdir())
