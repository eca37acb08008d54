"""Checking a file of facts against its description: every mistake, with its line and column. Loads pydantic."""

from collections.abc import Mapping

from opqibi_rules.errors import FileError
from opqibi_rules.messages import Message
from opqibi_rules.paper import strict_yaml
from opqibi_rules.paper.checked import adapter_of, checked
from opqibi_rules.paper.shape import Json
from opqibi_rules.paper.strict_yaml import Document, Found
from opqibi_rules.tables.accounts import Accounts
from opqibi_rules.tables.api_errors import ApiErrors
from opqibi_rules.tables.contradictions import contradictions
from opqibi_rules.tables.dispute_codes import DisputeCodes
from opqibi_rules.tables.facts import Table, kind_of
from opqibi_rules.tables.nomenclature import Nomenclature
from opqibi_rules.tables.old_schedule import is_old
from opqibi_rules.tables.reading.wording import ScheduleWording
from opqibi_rules.tables.schedule import Schedule
from opqibi_rules.tables.validity import Validity
from opqibi_rules.tables.vat import VatTable
from opqibi_rules.tables.wording.invoices import InvoiceWording
from opqibi_rules.tables.wording.pages import PageWording

KINDS: Mapping[str, type[Table]] = {
    kind_of(kind): kind
    for kind in (
        Schedule,
        Nomenclature,
        Validity,
        VatTable,
        InvoiceWording,
        PageWording,
        ScheduleWording,
        DisputeCodes,
        ApiErrors,
        Accounts,
    )
}


def checked_table(data: bytes, name: str) -> Json:
    """The checked content of a file of facts, as plain JSON data.

    Raises:
        FileError: all that is wrong, each mistake with its path, line and column.
    """
    return check(strict_yaml.read(data, name))


def check(document: Document) -> Json:
    """The checked content of a table, as plain JSON data.

    Raises:
        FileError: all that is wrong, each mistake with its path, line and column.
    """
    kind = _kind(document)
    if kind is Schedule and is_old(document.value):
        message = Message(
            "a schedule in the form of before, its fees named at the top: « opqibi-fees tables convert » writes "
            "it in today's, with the same amounts."
        )
        document.refuse([(("kind",), message)])
    document.refuse(_left_to_a_person(document.value))
    table = checked(document, kind)
    document.refuse(contradictions(table, document.value))
    plain: Json = adapter_of(kind).dump_python(table, mode="json")
    return plain


def _left_to_a_person(value: Json) -> Found:
    """What a draft leaves to a person: what it could not read, and the comparison itself."""
    left = value.get("unsettled")
    for index, item in enumerate(left if isinstance(left, list) else ()):
        fact, why = (item.get("fact"), item.get("why")) if isinstance(item, dict) else (None, None)
        message = Message(
            "to settle by the document, then to delete: {fact}: {why}", fact=str(fact), why=str(why)
        )
        yield ("unsettled", index), message
    if "checked_by" in value and value["checked_by"] is None:
        message = Message(
            "a draft that nobody has checked: it is never in force. Compare each figure with its page "
            "(« readings »), then write here who did, and the day in « checked_on »."
        )
        yield ("checked_by",), message


def _kind(document: Document) -> type[Table]:
    name = document.value.get("kind") if isinstance(document.value, dict) else None
    if isinstance(name, str) and name in KINDS:
        return KINDS[name]
    message = Message("kind: {kinds} expected; a table of facts says which kind it is.", kinds=tuple(KINDS))
    raise FileError(document.name, [document.mistake(("kind",) if name else (), message)])


def json_schemas() -> dict[str, Json]:
    """The JSON Schema of each kind of table: what an editor completes and checks by."""
    schemas = {}
    for name, kind in KINDS.items():
        schema = adapter_of(kind).json_schema()
        schema["required"] = ["kind", *schema["required"]]
        _close(schema)
        schemas[name] = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return schemas


def _close(schema: object) -> None:
    """Refuse, in a mapping whose keys have a form, the keys of another."""
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        _close(part)
    if isinstance(schema, dict) and "patternProperties" in schema:
        schema["additionalProperties"] = False
