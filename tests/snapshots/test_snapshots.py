"""No amount of the grid has moved; if one must, ``python -m tests.snapshots``, and the diff shows which."""

from pathlib import Path

import pytest

from tests.snapshots import snapshots

TEXTS = snapshots()


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_amount_has_moved(path: Path) -> None:
    assert path.read_text("utf-8").splitlines() == TEXTS[path].splitlines()


def test_the_grid_holds_some_thousand_amounts() -> None:
    cells = [cell for text in TEXTS.values() for line in text.splitlines()[2:] for cell in line.split()[1:]]
    assert len([cell for cell in cells if cell[-3:-2] == "."]) > 4000
