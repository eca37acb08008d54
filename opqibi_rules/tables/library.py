"""Where tables are found, which one is in force on a day, and how a user's own are laid over ours.

The shipped tables lie in ``data/``. Reading one costs a YAML parse and a full check; a released table never
changes, so ``data/checked.json`` keeps the checked content of each beside the very text it was made from.
The copy serves only while that text and the file are equal, byte for byte: an edited table is always seen.
``python -m opqibi_rules.tables`` makes the copy and the JSON Schemas anew.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opqibi_rules.errors import DateError, FileError, TableError
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import file_bytes
from opqibi_rules.tables import vat
from opqibi_rules.tables.description import structured
from opqibi_rules.tables.schedule import Schedule
from opqibi_rules.tables.vat import VatTable

if TYPE_CHECKING:
    from opqibi_rules.tables.accounts import Accounts
    from opqibi_rules.tables.api_errors import ApiErrors
    from opqibi_rules.tables.dispute_codes import DisputeCodes
    from opqibi_rules.tables.invoice_wording import InvoiceWording
    from opqibi_rules.tables.nomenclature import Nomenclature
    from opqibi_rules.tables.validity import Validity

_PACKAGE = Path(__file__).resolve().parent.parent
SHIPPED = _PACKAGE / "data" if (_PACKAGE / "data").is_dir() else _PACKAGE.parent / "data"
"""In a wheel, inside the package; in a checkout, at the top of the repository."""

_COPY = "checked.json"


def read_table(path: Path) -> dict[str, Any]:
    """The checked content of one table file, as plain data.

    Raises:
        FileError: the file cannot be opened, or all that is wrong in it.
    """
    return _check(file_bytes(path), str(path))


def _check(data: bytes, name: str) -> dict[str, Any]:
    from opqibi_rules.paper import strict_yaml  # noqa: PLC0415 - only a new or edited table pays
    from opqibi_rules.tables import file_models  # noqa: PLC0415 - only a new or edited table pays

    return file_models.check(strict_yaml.read(data, name))


class Tables:
    """The facts at hand: the shipped tables, with a user's own laid over them entry by entry.

    A user's folder holds ``*.yaml`` files. A schedule there is one more edition (it replaces ours if it bears
    the same ``id``); nomenclature and VAT entries replace ours one by one; the durations of validity replace
    ours as a whole, and its rules one by one; words of invoices are added to ours; dispute codes replace ours.

    Raises:
        FileError: on first use of a malformed table, all its mistakes.
        TableError: the folder does not exist, or two schedules start on the same day.
    """

    def __init__(self, own: Path | str | None = None, *, shipped: Path | str = SHIPPED) -> None:
        self.shipped = Path(shipped)
        self.own = None if own is None else Path(own)
        if self.own is not None and not self.own.is_dir():
            raise TableError(
                Message("tables: {folder} is not a folder; give the folder of your tables.", folder=str(own))
            )

    @cached_property
    def _copies(self) -> Mapping[str, Any]:
        try:
            copies: Mapping[str, Any] = json.loads(file_bytes(self.shipped / _COPY))
        except ValueError:  # no file, or no JSON: the tables themselves are read
            return {}
        return copies

    def contents(self) -> list[dict[str, Any]]:
        """All the tables, ours then the user's, as their files state them."""
        return [*self._shipped(""), *self._user]

    def content(self, name: str) -> dict[str, Any]:
        """One table, by its ``id``, as its file states it; the user's where both have it.

        Raises:
            TableError: no such table.
        """
        by_id = {table["id"]: table for table in self.contents()}
        if name not in by_id:
            raise TableError(
                Message("« {name} » is not a table; known: {known}.", name=name[:40], known=tuple(by_id))
            )
        return by_id[name]

    def is_own(self, table: Mapping[str, Any]) -> bool:
        """The table comes from the user's folder."""
        return any(table is own for own in self._user)

    def _shipped(self, prefix: str) -> list[dict[str, Any]]:
        """The shipped tables whose file name starts with ``prefix``."""
        tables = []
        for path in sorted(self.shipped.glob(f"{prefix}*.yaml")):
            data = file_bytes(path)
            copy = self._copies.get(path.name)
            if copy is not None and copy["text"].encode() == data:
                tables.append(copy["content"])
            else:
                tables.append(_check(data, str(path)))
        if not tables:
            raise TableError(
                Message(
                    "No table {name} in {folder}: the package is not whole; install it again.",
                    name=f"{prefix}*.yaml",
                    folder=str(self.shipped),
                )
            )
        return tables

    @cached_property
    def _user(self) -> list[dict[str, Any]]:
        """All the tables of the user's folder, with all the mistakes of all its files."""
        tables: list[dict[str, Any]] = []
        if self.own is None:
            return tables
        errors: list[FileError] = []
        for path in sorted([*self.own.glob("*.yaml"), *self.own.glob("*.yml")]):
            try:
                tables.append(read_table(path))
            except FileError as error:
                errors.append(error)
        if errors:
            raise FileError.together(errors)
        return tables

    def _of_user(self, kind: str) -> Iterable[dict[str, Any]]:
        return (table for table in self._user if table["kind"] == kind)

    @cached_property
    def schedules(self) -> tuple[Schedule, ...]:
        """Every edition of the fee schedule, the oldest first."""
        editions = {table["id"]: _edition(table) for table in self._shipped("bareme_")}
        own: set[str] = set()
        for table in self._of_user("schedule"):
            if table["id"] in own:
                raise TableError(
                    Message(
                        "schedules: two of your tables bear the id {id}; give each edition its own.",
                        id=table["id"],
                    )
                )
            own.add(table["id"])
            editions[table["id"]] = _edition(table)
        ordered = sorted(editions.values(), key=lambda edition: edition.in_force_from)
        for before, after in pairwise(ordered):
            if before.in_force_from == after.in_force_from:
                raise TableError(
                    Message(
                        "schedules: {first} and {second} both start on {day:date}; which one holds? "
                        "Correct in_force_from in one of them.",
                        first=before.id,
                        second=after.id,
                        day=before.in_force_from,
                    )
                )
        return tuple(ordered)

    def is_users(self, schedule: Schedule) -> bool:
        """The schedule comes from the user's own folder of tables."""
        return self.own is not None and any(table["id"] == schedule.id for table in self._of_user("schedule"))

    def schedule(self, on: date) -> Schedule:
        """The schedule in force on a day.

        Raises:
            DateError: before the first schedule, or after the stated end of the last.
        """
        found = None
        for edition in self.schedules:
            if edition.in_force_from <= on:
                found = edition
        if found is None:
            raise DateError(
                Message(
                    "{day:date}: no fee schedule is known on that day; the first one known is of {first:date}.",
                    day=on,
                    first=self.schedules[0].in_force_from,
                )
            )
        if found.in_force_until is not None and found.in_force_until < on:
            raise DateError(
                Message(
                    "{day:date}: the schedule {id} ended on {until:date} and no later one is known. "
                    "Add the new one to your tables (--tables).",
                    day=on,
                    id=found.id,
                    until=found.in_force_until,
                )
            )
        return found

    @cached_property
    def nomenclature(self) -> "Nomenclature":
        """The nomenclature, with the user's entries laid over ours."""
        from opqibi_rules.tables import nomenclature  # noqa: PLC0415 - a quote by counts does without

        layers = [*self._shipped("nomenclature"), *self._of_user("nomenclature")]
        result = nomenclature.build(layers[0])
        for layer in layers[1:]:
            result = nomenclature.build(layer, below=result)
        return result

    @cached_property
    def vat(self) -> VatTable:
        """The VAT rules by territory, with the user's laid over ours."""
        layers = [*self._shipped("vat"), *self._of_user("vat")]
        result = vat.build(layers[0])
        for layer in layers[1:]:
            result = vat.build(layer, below=result)
        return result

    @cached_property
    def validity(self) -> "Validity":
        """The durations of certificates and qualifications; the user's rules laid over ours."""
        from opqibi_rules.tables import validity  # noqa: PLC0415 - no quote needs it

        layers = [*self._shipped("validity"), *self._of_user("validity")]
        result = validity.build(layers[0])
        for layer in layers[1:]:
            result = validity.build(layer, below=result)
        return result

    @cached_property
    def api_errors(self) -> "ApiErrors":
        """The errors of API Entreprise, and what to do about each."""
        from opqibi_rules.tables import api_errors  # noqa: PLC0415 - as above

        return api_errors.build([*self._shipped("api_errors"), *self._of_user("api_errors")][-1])

    @cached_property
    def invoice_wording(self) -> "InvoiceWording":
        """The words by which an invoice line names a fee, the user's added to ours."""
        from opqibi_rules.tables import invoice_wording  # noqa: PLC0415 - as above

        layers = [*self._shipped("invoice_wording"), *self._of_user("invoice_wording")]
        result = invoice_wording.build(layers[0])
        for layer in layers[1:]:
            result = invoice_wording.build(layer, below=result)
        return result

    @cached_property
    def dispute_codes(self) -> "DisputeCodes":
        """The official reasons for disputing an e-invoice."""
        from opqibi_rules.tables import dispute_codes  # noqa: PLC0415 - as above

        return dispute_codes.build([*self._shipped("dispute_codes"), *self._of_user("dispute_codes")][-1])

    @cached_property
    def accounts(self) -> "Accounts":
        """The accounts by which an invoice is booked; the user's replace ours."""
        from opqibi_rules.tables import accounts  # noqa: PLC0415 - as above

        return accounts.build([*self._shipped("accounts"), *self._of_user("accounts")][-1])


def _edition(table: Mapping[str, Any]) -> Schedule:
    edition: Schedule = structured(Schedule, table)
    return edition


def generate(folder: Path) -> dict[Path, str]:
    """The generated files of a folder of tables: the checked copy, and a JSON Schema for each kind."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - only when asked to generate

    from opqibi_rules.tables import file_models  # noqa: PLC0415 - as above

    copies = {
        path.name: {"text": file_bytes(path).decode(), "content": read_table(path)}
        for path in sorted(folder.glob("*.yaml"))
    }
    files = {folder / _COPY: json.dumps(copies, ensure_ascii=False, indent=1) + "\n"}
    schemas = {kind: model.model_json_schema() for kind, model in file_models.MODELS.items()}
    for kind, described in {"schedule": TypeAdapter(Schedule).json_schema(), **schemas}.items():
        json_schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **described}
        text = json.dumps(json_schema, ensure_ascii=False, indent=2) + "\n"
        files[folder / "schemas" / f"{kind}.schema.json"] = text
    return files
