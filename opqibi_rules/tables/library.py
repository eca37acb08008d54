"""Where tables are found, which one is in force on a day, and how a user's own are laid over ours.

The shipped tables lie in ``data/``. Reading one costs a YAML parse and a full check; a released table never
changes, so ``data/checked.json`` keeps the checked content of each beside the very text it was made from.
The copy serves only while that text and the file are equal, byte for byte: an edited table is always seen.
``python -m opqibi_rules.tables`` makes the copy and the JSON Schemas anew.
"""

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property, lru_cache, reduce
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar, cast

from opqibi_rules.errors import DateError, FileError, TableError
from opqibi_rules.paper.files import file_bytes
from opqibi_rules.paper.shape import Json
from opqibi_rules.tables.description import structured
from opqibi_rules.tables.facts import DATA, Table, kind_of
from opqibi_rules.tables.schedule import Schedule

if TYPE_CHECKING:
    from opqibi_rules.tables.accounts import Accounts
    from opqibi_rules.tables.api_errors import ApiErrors
    from opqibi_rules.tables.dispute_codes import DisputeCodes
    from opqibi_rules.tables.nomenclature import Nomenclature
    from opqibi_rules.tables.reading.wording import ScheduleWording
    from opqibi_rules.tables.validity import Validity
    from opqibi_rules.tables.vat import VatTable
    from opqibi_rules.tables.wording.headings import HeadingWording
    from opqibi_rules.tables.wording.invoices import InvoiceWording
    from opqibi_rules.tables.wording.pages import PageWording

SHIPPED = DATA

COPY = "checked.json"

_Kind = TypeVar("_Kind", bound=Table)
_Item = TypeVar("_Item")
_Made = TypeVar("_Made")


def each_right(items: Iterable[_Item], read: Callable[[_Item], _Made]) -> list[_Made]:
    """What ``read`` makes of each.

    Raises:
        FileError: the mistakes of all of them together.
    """
    made: list[_Made] = []
    errors: list[FileError] = []
    for item in items:
        try:
            made.append(read(item))
        except FileError as error:
            errors.append(error)
    if errors:
        raise FileError.together(errors)
    return made


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file of facts as it was when it was read."""

    name: str
    """Of the file, without its folder."""
    data: bytes = field(repr=False)
    path: str = field(compare=False)

    def checked(self) -> Json:
        """Its content; a :class:`FileError` tells all that is wrong in it."""
        from opqibi_rules.tables.check import checked_table  # noqa: PLC0415 - only a new or edited table pays

        return checked_table(self.data, self.path)


def tables_in(folder: Path) -> list[Path]:
    """The files of facts of a folder, in the order of their names."""
    return sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])


def table_files(paths: Iterable[Path]) -> tuple[TableFile, ...]:
    """The files as they are now.

    Raises:
        FileError: those that cannot be opened.
    """
    return tuple(each_right(paths, lambda path: TableFile(path.name, file_bytes(path), str(path))))


def _laid(module: str, kind: str) -> "cached_property[Table]":
    """The table of a kind, loaded when it is first asked for: what a question does not need costs nothing."""

    def laid(self: "Tables") -> Table:
        table: type[Table] = getattr(import_module(f"opqibi_rules.tables.{module}"), kind)
        return self.laid_over(table)

    return cached_property(laid)


@dataclass(frozen=True, init=False)
class Tables:
    """The facts at hand: the shipped tables, with a user's own laid over them entry by entry.

    A user's folder holds ``*.yaml`` files; files already read do as well. A schedule there is one more edition
    (it replaces ours if it bears the same ``id``); nomenclature and VAT entries, accounts and rules of validity
    replace ours one by one; the durations of validity, the dispute codes and the advice on errors replace ours as a
    whole; words of invoices are added to ours.

    The files are read when this is made, and never again: it is a value, equal to another that read the same, and
    answers alike in any thread or process.

    Raises:
        FileError: a file that cannot be opened; on first use of a malformed table, all the mistakes.
        TableError: the folder does not exist, or (on first use) two schedules start on the same day.
    """

    own: Path | None = field(compare=False)
    shipped: Path = field(compare=False)
    own_files: tuple[TableFile, ...] = field(repr=False)
    shipped_files: tuple[TableFile, ...] = field(repr=False)

    def __init__(
        self, own: Path | str | Iterable[TableFile] | None = None, *, shipped: Path | str = SHIPPED
    ) -> None:
        folder = Path(own) if isinstance(own, Path | str) else None
        if folder is not None and not folder.is_dir():
            raise TableError(
                "tables: {folder} is not a folder; give the folder of your tables.", folder=str(own)
            )
        given = () if own is None or isinstance(own, Path | str) else tuple(own)
        self.__dict__.update(
            own=folder,
            shipped=Path(shipped),
            own_files=table_files(tables_in(folder)) if folder else given,
            shipped_files=table_files(sorted(Path(shipped).glob("*.yaml"))),
        )

    def __getstate__(self) -> dict[str, object]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    nomenclature = cast("cached_property[Nomenclature]", _laid("nomenclature", "Nomenclature"))
    """What is known of each qualification."""
    vat = cast("cached_property[VatTable]", _laid("vat", "VatTable"))
    """The VAT rules by territory."""
    validity = cast("cached_property[Validity]", _laid("validity", "Validity"))
    """The durations of certificates and qualifications, and the rules that verdicts name."""
    api_errors = cast("cached_property[ApiErrors]", _laid("api_errors", "ApiErrors"))
    """The errors of API Entreprise, and what to do about each."""
    invoice_wording = cast("cached_property[InvoiceWording]", _laid("wording.invoices", "InvoiceWording"))
    """The words by which an invoice line names a fee."""
    heading_wording = cast("cached_property[HeadingWording]", _laid("wording.headings", "HeadingWording"))
    """Those of them by which a file of structures names its columns."""
    page_wording = cast("cached_property[PageWording]", _laid("wording.pages", "PageWording"))
    """The words by which the page of an invoice announces its values."""
    schedule_wording = cast("cached_property[ScheduleWording]", _laid("reading.wording", "ScheduleWording"))
    """The words by which a published fee schedule announces its figures."""
    dispute_codes = cast("cached_property[DisputeCodes]", _laid("dispute_codes", "DisputeCodes"))
    """The official reasons for disputing an e-invoice."""
    accounts = cast("cached_property[Accounts]", _laid("accounts", "Accounts"))
    """The accounts by which an invoice is booked."""

    @cached_property
    def _ours(self) -> tuple[Json, ...]:
        import json  # noqa: PLC0415 - slow to load, and only who asks for a fact needs it

        try:
            copies = json.loads(file_bytes(self.shipped / COPY))
        except ValueError:  # no file, or no JSON: the tables themselves are read
            copies = {}

        def content(file: TableFile) -> Json:
            copy = copies.get(file.name)
            if copy is not None and copy["text"].encode() == file.data:
                checked: Json = copy["content"]
                return checked
            return file.checked()

        return tuple(each_right(self.shipped_files, content))

    @cached_property
    def _users(self) -> tuple[Json, ...]:
        return tuple(each_right(self.own_files, TableFile.checked))

    def contents(self, *, own: bool | None = None) -> list[Json]:
        """The tables as their files state them: ours then the user's, or only the user's, or only ours."""
        return deepcopy([*([] if own else self._ours), *(self._users if own in {None, True} else [])])

    def content(self, name: str) -> Json:
        """One table, by its ``id``, as its file states it; the user's where both have it.

        Raises:
            TableError: no such table.
        """
        by_id = {table["id"]: table for table in self.contents()}
        if name not in by_id:
            raise TableError("« {name} » is not a table; known: {known}.", name=name[:40], known=tuple(by_id))
        return by_id[name]

    def laid_over(self, kind: type[_Kind]) -> _Kind:
        """Our table of a kind, with the user's of that kind laid over it, in the order of their files.

        Raises:
            FileError: a malformed table.
            TableError: there is none.
        """
        name = kind_of(kind)
        layers = [structured(kind, table) for table in (*self._ours, *self._users) if table["kind"] == name]
        if not layers:
            raise _not_whole(name, self.shipped)
        return reduce(lambda below, above: above.over(below), layers)

    @cached_property
    def schedules(self) -> tuple[Schedule, ...]:
        """Every edition of the fee schedule, the oldest first; :meth:`schedule` tells which one is in force."""
        editions = {edition.id: edition for edition in _editions(self._ours)}
        editions |= self._own_editions
        if not editions:
            raise _not_whole(kind_of(Schedule), self.shipped)
        ordered = sorted(editions.values(), key=lambda edition: edition.in_force_from)
        for before, after in pairwise(ordered):
            if before.in_force_from == after.in_force_from:
                raise TableError(
                    "schedules: {first} and {second} both start on {day:date}; which one holds? "
                    "Correct in_force_from in one of them.",
                    first=before.id,
                    second=after.id,
                    day=before.in_force_from,
                )
        return tuple(ordered)

    @cached_property
    def _own_editions(self) -> dict[str, Schedule]:
        found: dict[str, Schedule] = {}
        for edition in _editions(self._users):
            if edition.id in found:
                raise TableError(
                    "schedules: two of your tables bear the id {id}; give each edition its own.",
                    id=edition.id,
                )
            found[edition.id] = edition
        return found

    def is_users(self, schedule: Schedule) -> bool:
        """The schedule comes from the user's own tables."""
        return schedule.id in self._own_editions

    def is_latest(self, schedule: Schedule) -> bool:
        """No later edition is known."""
        return schedule.in_force_from >= self.schedules[-1].in_force_from

    def schedule(self, on: date) -> Schedule:
        """The schedule in force on a day.

        Raises:
            DateError: before the first schedule, or after the stated end of one and before the next.
        """
        found = None
        for edition in self.schedules:
            if edition.in_force_from <= on:
                found = edition
        if found is None:
            raise DateError(
                "{day:date}: no fee schedule is known on that day; the first one known is of {first:date}.",
                day=on,
                first=self.schedules[0].in_force_from,
                field="on",
            )
        if found.in_force_until is not None and found.in_force_until < on:
            later = next((edition for edition in self.schedules if edition.in_force_from > on), None)
            if later is not None:
                raise DateError(
                    "{day:date}: the schedule {id} ended on {until:date}, and the next one known is in force from "
                    "{later:date} only. Add the one between to your own tables.",
                    day=on,
                    id=found.id,
                    until=found.in_force_until,
                    later=later.in_force_from,
                    field="on",
                )
            raise DateError(
                "{day:date}: the schedule {id} ended on {until:date} and no later one is known. "
                "Add the new one to your own tables.",
                day=on,
                id=found.id,
                until=found.in_force_until,
                field="on",
            )
        return found


@lru_cache(maxsize=1)
def shipped_tables() -> Tables:
    """The tables shipped with the package, read once in a process."""
    return Tables()


def _editions(tables: Iterable[Json]) -> list[Schedule]:
    return [structured(Schedule, table) for table in tables if table["kind"] == kind_of(Schedule)]


def _not_whole(kind: str, folder: Path) -> TableError:
    return TableError(
        "No table of kind {kind} in {folder}: the package is not whole; install it again.",
        kind=kind,
        folder=str(folder),
    )


def generate(folder: Path) -> dict[Path, str]:
    """The generated files of a folder of tables: the checked copy, and a JSON Schema for each kind."""
    import json  # noqa: PLC0415 - as above

    from opqibi_rules.tables.check import json_schemas  # noqa: PLC0415 - only when asked to generate

    files = table_files(sorted(folder.glob("*.yaml")))
    copies = {file.name: {"text": file.data.decode(), "content": file.checked()} for file in files}
    made = {folder / COPY: json.dumps(copies, ensure_ascii=False, indent=1) + "\n"}
    for kind, schema in json_schemas().items():
        text = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
        made[folder / "schemas" / f"{kind}.schema.json"] = text
    return made
