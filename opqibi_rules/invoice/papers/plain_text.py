"""The same entries for plain-text accounting: Beancount, and the journals of hledger and ledger.

An account of the French chart keeps its number, under the family that its class belongs to (PCG, art. 911-1: 6 are
expenses, 7 income, 40 what is owed to suppliers); the supplier's own account stands under the collective one. Each
file opens its accounts, so that it can be checked alone.
"""

from collections.abc import Iterator, Sequence

from opqibi_rules.invoice.booking import Entry, Posting
from opqibi_rules.messages import Say
from opqibi_rules.money import exactly, plain
from opqibi_rules.paper.text import cleaned

_FAMILIES = (("6", "Expenses"), ("7", "Income"), ("40", "Liabilities"), ("1", "Equity"))

_BRACKETS = str.maketrans("()[]", "----")
"""They end a code, and hold a date in a comment."""


def account(posting: Posting) -> str:
    """The name of its account: ``Expenses:6228``, ``Liabilities:401:OPQIBI``."""
    number = posting.account.number
    family = next((name for start, name in _FAMILIES if number.startswith(start)), "Assets")
    code = posting.auxiliary.code.upper() if posting.auxiliary else ""
    own = "".join(letter for letter in code if letter.isascii() and letter.isalnum())
    return ":".join(filter(None, (family, number, own)))


@exactly
def signed(posting: Posting) -> str:
    """Its amount in euros; what is credited is negative."""
    return f"{plain(posting.debit - posting.credit)} EUR"


def beancount(entries: Sequence[Entry], say: Say) -> str:
    """A file that ``bean-check`` takes; an invoice and its releases bear one link."""
    lines = []
    for entry, name in _opened(entries):
        lines.append(f"{entry.day} open {name} EUR")
    for entry in entries:
        link = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in entry.piece)
        lines += ["", f"{entry.day} * {' '.join(map(_quoted, _told(entry, say)))} ^{link}"]
        for posting in entry.postings:
            lines += [f"  {account(posting)}  {signed(posting)}", f"    label: {_quoted(say(posting.label))}"]
    return "\n".join([*lines, ""])


def hledger(entries: Sequence[Entry], say: Say) -> str:
    """A journal that both hledger and ledger take."""
    lines = ["commodity EUR", "    format 1000.00 EUR", ""]
    lines += [f"account {name}" for _, name in _opened(entries)]
    for entry in entries:
        code, told = cleaned(entry.piece).translate(_BRACKETS), " | ".join(map(cleaned, _told(entry, say)))
        lines += ["", f"{entry.day} * ({code}) {told}"]
        for posting in entry.postings:
            label = cleaned(say(posting.label)).replace("[", "(").replace("]", ")")
            lines.append(f"    {account(posting)}  {signed(posting)}  ; {label}")
    return "\n".join([*lines, ""])


def _opened(entries: Sequence[Entry]) -> Iterator[tuple[Entry, str]]:
    """Each account once, with the first entry that it stands in."""
    seen = set()
    for entry in entries:
        for posting in entry.postings:
            if (name := account(posting)) not in seen:
                seen.add(name)
                yield entry, name


def _told(entry: Entry, say: Say) -> tuple[str, ...]:
    """Who sold and the invoice's number; of a release, which names nobody, what it takes."""
    sold = next((side.auxiliary.name for side in entry.postings if side.auxiliary is not None), None)
    return (sold, entry.piece) if sold else (say(entry.postings[0].label),)


def _quoted(text: str) -> str:
    return '"' + cleaned(text).replace("\\", "/").replace('"', "'") + '"'
