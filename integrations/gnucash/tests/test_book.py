"""Entries in a real GnuCash book, by Debian's bindings: read back equal to the cent."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import opqibi_rules as opqibi

PYTHON = "/usr/bin/python3"
"""Debian's, which carries GnuCash's bindings."""
SCRIPT = Path(__file__).parents[1] / "opqibi_gnucash.py"
FIRST = ("-t", "1=5", "-t", "2=3", "--turnover", "800000")


def ran(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PYTHON, SCRIPT, *words], capture_output=True, text=True, check=False)


def test_a_journal_in_a_book(billed: Callable[..., Path], tmp_path: Path) -> None:
    bill, book = billed("F-1", *FIRST), tmp_path / "book.gnucash"
    check = opqibi.check_invoice(
        opqibi.read_invoice(bill),
        expected=opqibi.quote(on="2026-03-02", tariffs={1: 5, 2: 3}, turnover=800_000),
    )
    entries = opqibi.entries([check])
    journal = tmp_path / "journal.txt"
    journal.write_bytes(opqibi.journal(entries, "txt"))

    done = ran("import", journal, book)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    expected = sorted(
        (
            f"{entry.day:%Y%m%d}",
            "F-1",
            side.auxiliary.code if side.auxiliary else side.account.number,
            str(int((side.debit - side.credit) * 100)),
        )
        for entry in entries
        for side in entry.postings
    )
    found = sorted(tuple(line.split("\t")) for line in ran("show", book).stdout.splitlines())
    assert found == expected
    assert sum(int(amount) for *_, amount in found) == 0
    assert sum(int(amount) for _, _, code, amount in found if code == "486") == 0
    assert sum(int(amount) for _, _, code, amount in found if code == "OPQIBI") == -216420

    # Once: the same journal again is refused, and the book is as it was.
    before = book.read_bytes()
    again = ran("import", journal, book)
    assert again.returncode == 2
    assert "is in the book already; nothing is written" in again.stderr
    assert book.read_bytes() == before
    # What does not balance is refused before a book is made.
    journal.write_text(journal.read_text("utf-8").replace("2164,20", "2164,21"), "utf-8")
    wrong = ran("import", journal, tmp_path / "other.gnucash")
    assert wrong.stderr == "Entry 1 does not balance: -1 cents.\n"
    assert not (tmp_path / "other.gnucash").exists()

    # What is no journal or no book is refused in one line, and the book is as it was.
    (tmp_path / "words.txt").write_bytes(b"\xe9t\xe9\n1\n")
    journal.write_bytes(opqibi.journal(entries, "txt"))
    for name, old, new in (("day", "20260302", "20260230"), ("amount", "2164,20", "2164.20")):
        (tmp_path / f"{name}.txt").write_text(journal.read_text("utf-8").replace(old, new), "utf-8")
    (tmp_path / "words.gnucash").write_text("no book", "utf-8")
    (tmp_path / "open.gnucash").write_bytes(before)
    (tmp_path / "open.gnucash.LCK").touch()
    for words, why in (
        (("import", tmp_path / "none.txt", book), "No such file"),
        (("import", tmp_path / "words.txt", book), "is no journal in the FEC form"),
        (("import", tmp_path / "day.txt", book), "« 20260230 » is not a day"),
        (("import", tmp_path / "amount.txt", book), "« 2164.20 » is not an amount"),
        (("import", journal, tmp_path / "words.gnucash"), "is no GnuCash book"),
        (("import", journal, tmp_path / "open.gnucash"), "is open in GnuCash: close it there first"),
        (("show", tmp_path / "none.gnucash"), "No such file"),
    ):
        refused = ran(*words)
        assert (refused.returncode, refused.stderr.count("\n"), why in refused.stderr) == (2, 1, True), (
            refused
        )
    assert book.read_bytes() == before
