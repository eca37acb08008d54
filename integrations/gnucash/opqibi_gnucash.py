"""Import a purchase journal of ``opqibi-fees`` (the FEC form, ``.txt``) into a GnuCash book, and read it back.

For the Python that carries GnuCash's bindings (Debian: ``apt install python3-gnucash``); nothing else is needed::

    python3 opqibi_gnucash.py import journal.txt book.gnucash
    python3 opqibi_gnucash.py show book.gnucash

An account is found by its code (« 6228 »), anywhere in the book; where there is none, it is made. A supplier's own
account stands under the collective one. An entry whose day and piece are in the book already is refused, and nothing
is written.
"""

import argparse
import csv
import re
import sys
from datetime import datetime
from itertools import groupby
from pathlib import Path

from gnucash import Account, GncNumeric, Session, SessionOpenMode, Split, Transaction, gnucash_core_c
from gnucash.gnucash_core import GnuCashBackendException

_CENTS = 100
_NEEDED = {
    "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib", "PieceRef", "EcritureLib",
    "Debit", "Credit",
}  # fmt: skip


class JournalError(Exception):
    """What is given cannot be imported; its text says why."""


def kind_of(number):
    """The type of an account, by its class in the French chart; 40 is what is owed to suppliers."""
    if number.startswith("40"):
        return gnucash_core_c.ACCT_TYPE_LIABILITY
    kinds = {"1": "EQUITY", "6": "EXPENSE", "7": "INCOME"}
    return getattr(gnucash_core_c, f"ACCT_TYPE_{kinds.get(number[:1], 'ASSET')}")


def rows_of(path):
    """The lines of a journal in the FEC form."""
    text = Path(path).read_bytes().decode("utf-8", "replace")
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE, restval=""))
    if not rows or not rows[0].keys() >= _NEEDED:
        raise JournalError(
            f"{path} is no journal in the FEC form (opqibi-fees check-invoice --entries FILE.txt)."
        )
    return rows


def cents(text):
    """« 1246,00 » as 124600."""
    if not re.fullmatch(r"[0-9]+,[0-9]{2}", text):
        raise JournalError(f"« {text} » is not an amount of the FEC: as 1246,00.")
    return int(text.replace(",", ""))


def day_of(text):
    """« 20260302 » as a day."""
    try:
        return datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 - a day
    except ValueError as error:
        raise JournalError(f"« {text} » is not a day of the FEC: as 20260302.") from error


class Book:
    """A book that is open: its accounts by code, and what is put in it."""

    def __init__(self, session):
        self.book = session.book
        self.root = self.book.get_root_account()
        self.euro = self.book.get_table().lookup("CURRENCY", "EUR")

    def account(self, number, name, parent=None):
        """The account of a code; a new one where there is none."""
        top = parent or self.root
        found = top.lookup_by_code(number)
        if found is not None and found.get_instance() is not None:
            return found
        made = Account(self.book)
        top.append_child(made)
        made.SetCode(number)
        made.SetName(f"{number} {name}" if parent is None else name)
        made.SetType(kind_of(number) if parent is None else parent.GetType())
        made.SetCommodity(self.euro)
        return made

    def holds(self, day, piece):
        """Whether a transaction of that day bears that number."""
        return any(one[0] == day and one[1] == piece for one in self.shown())

    def put(self, rows):
        """One entry as one transaction."""
        first = rows[0]
        day = day_of(first["EcritureDate"])
        made = Transaction(self.book)
        made.BeginEdit()
        made.SetCurrency(self.euro)
        made.SetDate(day.day, day.month, day.year)
        made.SetNum(first["PieceRef"])
        made.SetDescription(first["EcritureLib"])
        for row in rows:
            account = self.account(row["CompteNum"], row["CompteLib"])
            if row["CompAuxNum"]:
                account = self.account(row["CompAuxNum"], row["CompAuxLib"], account)
            split = Split(self.book)
            split.SetParent(made)
            split.SetAccount(account)
            split.SetMemo(row["EcritureLib"])
            amount = GncNumeric(cents(row["Debit"]) - cents(row["Credit"]), _CENTS)
            split.SetValue(amount)
            split.SetAmount(amount)
        made.CommitEdit()

    def shown(self):
        """Every split of the book: day, piece, the code of its account, cents (a debit is positive)."""
        for account in self.root.get_descendants():
            for split in account.GetSplitList():
                parent, value = split.parent, split.GetValue()
                if value.denom() not in {1, _CENTS}:
                    raise JournalError(f"{parent.GetNum()}: an amount is not in cents.")
                day = parent.GetDate().strftime("%Y%m%d")
                yield day, parent.GetNum(), account.GetCode(), value.num() * _CENTS // value.denom()


def opened(path, mode):
    """A session on a book."""
    try:
        return Session(f"xml://{Path(path).resolve()}", mode)
    except GnuCashBackendException as error:
        locked = "ERR_BACKEND_LOCKED" in str(error)
        why = "it is open in GnuCash: close it there first." if locked else "it is no GnuCash book (XML)."
        raise JournalError(f"{path}: {why}") from error


def import_(journal, path):
    """Put a journal in a book, which is made where there is none."""
    entries = [list(rows) for _, rows in groupby(rows_of(journal), key=lambda row: row["EcritureNum"])]
    for rows in entries:
        day_of(rows[0]["EcritureDate"])
        if gap := sum(cents(row["Debit"]) - cents(row["Credit"]) for row in rows):
            raise JournalError(f"Entry {rows[0]['EcritureNum']} does not balance: {gap} cents.")
    mode = SessionOpenMode.SESSION_NORMAL_OPEN if Path(path).exists() else SessionOpenMode.SESSION_NEW_STORE
    session = opened(path, mode)
    try:
        book = Book(session)
        for rows in entries:
            day, piece = rows[0]["EcritureDate"], rows[0]["PieceRef"]
            if book.holds(day, piece):
                raise JournalError(f"{piece} of {day} is in the book already; nothing is written.")
        for rows in entries:
            book.put(rows)
        session.save()
    finally:
        session.end()


def show(path):
    """Print what a book holds, for whoever compares."""
    Path(path).stat()  # there is one
    session = opened(path, SessionOpenMode.SESSION_READ_ONLY)
    try:
        for day, piece, code, amount in sorted(Book(session).shown()):
            sys.stdout.write(f"{day}\t{piece}\t{code}\t{amount}\n")
    finally:
        session.end()


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    importing = commands.add_parser("import", help="put a journal in a book")
    importing.add_argument("journal")
    importing.add_argument("book")
    showing = commands.add_parser("show", help="print what a book holds")
    showing.add_argument("book")
    asked = parser.parse_args()
    try:
        if asked.command == "import":
            import_(asked.journal, asked.book)
        else:
            show(asked.book)
    except (JournalError, OSError) as error:
        parser.exit(2, f"{error}\n")


if __name__ == "__main__":
    main()
