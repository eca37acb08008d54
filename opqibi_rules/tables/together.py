"""Tables checked as they will be used: each alone, then beside the others, laid over ours."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from opqibi_rules.errors import FileError, TableError
from opqibi_rules.messages import Message
from opqibi_rules.paper import strict_yaml
from opqibi_rules.paper.strict_yaml import Document, Path
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.accounts import PURPOSES, Accounts, no_account
from opqibi_rules.tables.check import KINDS, check
from opqibi_rules.tables.description import structured
from opqibi_rules.tables.facts import Table
from opqibi_rules.tables.invoice_wording import InvoiceWording, Phrases
from opqibi_rules.tables.library import TableFile, Tables, each_right
from opqibi_rules.tables.nomenclature import Nomenclature
from opqibi_rules.tables.schedule import Schedule

Found = Iterator[tuple[Path, Message]]


class Checked(NamedTuple):
    """A file of facts, alone right."""

    document: Document
    table: Table


class Together(NamedTuple):
    """Files of facts that are right, alone and together."""

    files: tuple[Checked, ...]
    notes: tuple[Message, ...]
    """What is no mistake, and worth a look."""


def checked_together(files: Sequence[TableFile], ours: Tables) -> Together:
    """Check files of facts, laid over ours.

    Raises:
        FileError: all that is wrong in them; once each is right alone, all that contradicts another.
        TableError: there is none.
    """
    if not files:
        raise TableError(Message("No table to check: files *.yaml are expected."))
    given = tuple(each_right(files, _alone))
    beside = _Beside(given, ours.laying(tuple(files)), ours.laying(()))
    each_right(given, beside.check)
    return Together(given, tuple(beside.notes()))


def _alone(file: TableFile) -> Checked:
    document = strict_yaml.read(file.data, file.path)
    plain = check(document)
    return Checked(document, structured(KINDS[plain["kind"]], plain))


class _Beside:
    """The files given, and all that holds once they are laid over ours."""

    def __init__(self, given: Sequence[Checked], tables: Tables, ours: Tables) -> None:
        self.given, self.tables = given, tables
        own = [item.table for item in given if isinstance(item.table, Schedule)]
        replaced = {schedule.id for schedule in own}
        self.schedules = [*(each for each in ours.schedules if each.id not in replaced), *own]
        self.fees = {fee.id for schedule in self.schedules for fee in schedule.fees}
        self.tariffs = {tariff for schedule in self.schedules for tariff in schedule.tariffs}

    def check(self, item: Checked) -> None:
        """Nothing in one of the files contradicts what stands beside it.

        Raises:
            FileError: all that does.
        """
        mistakes = [item.document.mistake(path, message) for path, message in self._found(item.table)]
        if mistakes:
            raise FileError(item.document.name, mistakes)

    def _found(self, table: Table) -> Found:
        match table:
            case Schedule():
                yield from self._of_schedule(table)
            case Accounts():
                yield from self._of_accounts(table)
            case InvoiceWording():
                yield from self._of_wording(table)
            case Nomenclature():
                for index, entry in enumerate(table.entries.values()):
                    if entry.tariff is not None and entry.tariff not in self.tariffs:
                        message = Message("no schedule prices tariff {tariff}.", tariff=entry.tariff)
                        yield ("entries", index, "tariff"), message

    def _of_schedule(self, schedule: Schedule) -> Found:
        others = [other for other in self.schedules if other is not schedule]
        for other in others:
            if other.id == schedule.id:
                yield ("id",), Message("another file bears this id; give each edition its own.")
            elif other.in_force_from == schedule.in_force_from:
                yield ("in_force_from",), Message("the schedule {id} starts on this day too.", id=other.id)
        phrases = self.tables.invoice_wording.fees
        for index, fee in enumerate(schedule.fees):
            if fee.id not in self.tables.accounts.accounts:
                yield ("fees", index, "id"), no_account(fee.id)
            own = {plain_words(fee.name.fr), plain_words(fee.name.en)}
            for other_fee in schedule.fees:
                if other_fee is not fee and not own.isdisjoint(phrases.get(other_fee.id, Phrases()).plain):
                    message = Message("by this name an invoice is taken to bill « {fee} ».", fee=other_fee.id)
                    yield ("fees", index, "name"), message

    def _unknown_fee(self, fee: str) -> Message:
        return Message(
            "no schedule declares the fee « {fee} »; those known: {known}.",
            fee=fee,
            known=tuple(sorted(self.fees)),
        )

    def _of_accounts(self, accounts: Accounts) -> Found:
        for purpose in accounts.accounts:
            if purpose not in self.fees and purpose not in PURPOSES:
                yield ("accounts", purpose), self._unknown_fee(purpose)
        laid = self.tables.accounts
        for purpose in PURPOSES:
            if purpose not in laid.accounts:
                yield ("accounts",), no_account(purpose)
        for name in ("journal", "auxiliary"):
            if getattr(laid, name) is None:
                yield (name,), Message("missing; it must be given.")

    def _of_wording(self, wording: InvoiceWording) -> Found:
        laid = self.tables.invoice_wording.fees
        for fee, phrases in wording.fees.items():
            if fee not in self.fees:
                yield ("fees", fee), self._unknown_fee(fee)
            for language, texts in (("fr", phrases.fr), ("en", phrases.en)):
                for index, text in enumerate(texts):
                    for other in (
                        name for name in laid if name != fee and plain_words(text) in laid[name].plain
                    ):
                        message = Message("« {text} » names the fee « {fee} » already.", text=text, fee=other)
                        yield ("fees", fee, language, index), message

    def notes(self) -> Iterator[Message]:
        """The fees that an invoice is known to bill by their own names alone."""
        worded = self.tables.invoice_wording.fees
        for item in self.given:
            for fee in item.table.fees if isinstance(item.table, Schedule) else ():
                if fee.id not in worded:
                    yield Message(
                        "{file}: an invoice names « {fee} » by its own name alone; other words go in a table of "
                        "kind « invoice_wording ».",
                        file=item.document.name,
                        fee=fee.id,
                    )
