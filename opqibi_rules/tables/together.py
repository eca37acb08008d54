"""Tables checked as they will be used: each alone, then beside the others, laid over ours."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from opqibi_rules.errors import TableError
from opqibi_rules.messages import Message
from opqibi_rules.paper import strict_yaml
from opqibi_rules.paper.strict_yaml import Document, Found, Path
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.accounts import PURPOSES, Accounts, no_account
from opqibi_rules.tables.check import KINDS, check
from opqibi_rules.tables.description import structured
from opqibi_rules.tables.facts import Table
from opqibi_rules.tables.library import TableFile, Tables, each_right
from opqibi_rules.tables.nomenclature import Nomenclature
from opqibi_rules.tables.schedule import Schedule, Tranches
from opqibi_rules.tables.wording.invoices import InvoiceWording


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
        raise TableError("No table to check: files *.yaml are expected.")
    given = each_right(files, _alone)
    own = [item.table for item in given if isinstance(item.table, Schedule)]
    replaced = {schedule.id for schedule in own}
    kept = [schedule for schedule in ours.schedules if schedule.id not in replaced]
    laid = _Laid(Tables(files, shipped=ours.shipped), [*kept, *own])
    each_right(given, lambda item: item.document.refuse(laid.found(item.table)))
    return Together(tuple(given), tuple(laid.notes(given)))


def _alone(file: TableFile) -> Checked:
    document = strict_yaml.read(file.data, file.path)
    plain = check(document)
    return Checked(document, structured(KINDS[plain["kind"]], plain))


_HIGH_RATE = Decimal("0.1")
"""A tenth of a turnover is much for a fee: « 0.80 » is rather a rate per mille that was typed as it is printed."""


def _high_rates(schedule: Schedule, file: str) -> Iterator[Message]:
    for fee in schedule.fees:
        for part in fee.parts:
            for tranche in part.tranches if isinstance(part, Tranches) else ():
                if tranche.rate > _HIGH_RATE:
                    yield Message(
                        "{file}: « {fee} » takes {rate:percent} of a turnover; if it was meant per mille, write "
                        "{meant}.",
                        file=file,
                        fee=fee.id,
                        rate=tranche.rate,
                        meant=format(tranche.rate.scaleb(-3), "f"),
                    )


class _Laid:
    """All that holds once the files are laid over ours."""

    def __init__(self, tables: Tables, schedules: Sequence[Schedule]) -> None:
        self.schedules = schedules
        self.fees = {fee.id for schedule in schedules for fee in schedule.fees}
        self.accounts, self.wording = tables.accounts.accounts, tables.invoice_wording.fees

    def found(self, table: Table) -> Found:
        """What in one of the files contradicts what stands beside it."""
        match table:
            case Schedule():
                yield from self._of_schedule(table)
            case Accounts():
                for purpose in table.accounts.keys() - set(PURPOSES):
                    yield from self._unknown(purpose, "accounts")
            case InvoiceWording():
                yield from self._of_wording(table)
            case Nomenclature():
                yield from self._of_nomenclature(table)

    def _of_wording(self, table: InvoiceWording) -> Found:
        for fee, phrases in table.fees.items():
            yield from self._unknown(fee, "fees")
            others = self.wording.keys() - {fee}
            for language, texts in (("fr", phrases.fr), ("en", phrases.en)):
                for index, text in enumerate(texts):
                    yield from self._taken([text], others, ("fees", fee, language, index))

    def _of_nomenclature(self, table: Nomenclature) -> Found:
        tariffs = {tariff for schedule in self.schedules for tariff in schedule.tariffs}
        for index, entry in enumerate(table.entries.values()):
            if entry.tariff is not None and entry.tariff not in tariffs:
                yield (
                    ("entries", index, "tariff"),
                    Message("no schedule prices tariff {tariff}.", tariff=entry.tariff),
                )

    def _unknown(self, fee: str, within: str) -> Found:
        if fee not in self.fees:
            message = Message(
                "no schedule declares the fee « {fee} »; those known: {known}.",
                fee=fee,
                known=tuple(sorted(self.fees)),
            )
            yield (within, fee), message

    def _taken(self, texts: Iterable[str], others: Iterable[str], path: Path) -> Found:
        """The texts by which an invoice would be taken to bill another fee."""
        for fee in sorted(self.wording.keys() & others):
            for text in texts:
                if plain_words(text) in self.wording[fee].plain:
                    yield path, Message("« {text} » names the fee « {fee} » already.", text=text, fee=fee)

    def _of_schedule(self, schedule: Schedule) -> Found:
        for other in self.schedules:
            if other is not schedule and other.id == schedule.id:
                yield ("id",), Message("another file bears this id; give each edition its own.")
            elif other is not schedule and other.in_force_from == schedule.in_force_from:
                yield ("in_force_from",), Message("the schedule {id} starts on this day too.", id=other.id)
        for index, fee in enumerate(schedule.fees):
            if fee.id not in self.accounts:
                yield ("fees", index, "id"), no_account(fee.id)
            others = {other.id for other in schedule.fees if other is not fee}
            yield from self._taken(fee.name, others, ("fees", index, "name"))

    def notes(self, given: Sequence[Checked]) -> Iterator[Message]:
        """What may be meant otherwise: high rates, and the fees that an invoice bills by their own names alone."""
        for item in given:
            if isinstance(item.table, Schedule):
                yield from _high_rates(item.table, item.document.name)
            for fee in item.table.fees if isinstance(item.table, Schedule) else ():
                if fee.id not in self.wording:
                    yield Message(
                        "{file}: an invoice names « {fee} » by its own name alone; other words go in a table of "
                        "kind « invoice_wording ».",
                        file=item.document.name,
                        fee=fee.id,
                    )
