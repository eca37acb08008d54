"""``opqibi-fees tables``: the facts at hand, where they come from, and whether a file of yours is right."""

from datetime import date
from itertools import chain
from pathlib import Path
from typing import Annotated

from opqibi_rules.cli.options import argument, facts, takes
from opqibi_rules.cli.result import DONE, UNDETERMINED, Result, answer, note, saved_as
from opqibi_rules.messages import Message, Text, marked
from opqibi_rules.paper.document import Cell, Columns, Document, Row, Table, tabulated
from opqibi_rules.paper.files import MAX_DOCUMENT, file_bytes
from opqibi_rules.paper.shape import Json
from opqibi_rules.tables.library import Tables, table_files, tables_in

EXAMPLES = (
    "opqibi-fees tables list",
    "opqibi-fees tables show bareme_2024",
    "opqibi-fees tables check my-tables/bareme_2027.yaml",
    "opqibi-fees tables convert old-tables/bareme_2025.yaml -o my-tables/bareme_2025.yaml",
    "opqibi-fees tables draft bareme.pdf -o my-tables/bareme_2027.yaml",
)

_KINDS = {
    "schedule": Message("fee schedule"),
    "nomenclature": Message("nomenclature"),
    "validity": Message("durations of validity"),
    "vat": Message("VAT by territory"),
    "api_errors": Message("errors of API Entreprise"),
    "accounts": Message("accounts of the fees"),
    "invoice_wording": Message("wording of invoices"),
    "page_wording": Message("words of the pages of invoices"),
    "schedule_wording": Message("words of published fee schedules"),
    "dispute_codes": Message("codes of disputes"),
}


_LISTED: Columns[Json] = (
    (Message("Table"), lambda table: table["id"]),
    (Message("Kind"), lambda table: _KINDS[table["kind"]]),
    (Message("In force from"), lambda table: Cell(date.fromisoformat(table["in_force_from"]), "date")),
    (Message("Checked on"), lambda table: Cell(date.fromisoformat(table["checked_on"]), "date")),
    (Message("Origin"), lambda table: Message("yours") if table["origin"] == "own" else Message("shipped")),
)
_TOLD = ("id", "kind", "in_force_from", "in_force_until", "checked_on", "checked_by", "sources")


@takes(facts, answer)
def _list(tables: Tables, result: Result) -> int:
    found = [
        {**{key: table[key] for key in _TOLD}, "origin": "own" if own else "shipped"}
        for own in (False, True)
        for table in tables.contents(own=own)
    ]
    result.put_document(
        lambda: Document(Message("Tables of facts"), tables=[tabulated(found, _LISTED)]),
        lambda _: {"schema_version": 1, "tables": found},
    )
    return DONE


@takes(facts, answer)
def _show(
    tables: Tables,
    result: Result,
    name: Annotated[str, argument("ID", marked("The table’s id, as « list » gives it."))],
) -> int:
    table = tables.content(name)
    result.put_document(lambda: _table_document(table), lambda _: {"schema_version": 1, **table})
    return DONE


def _table_document(table: Json) -> Document:
    """A table as it stands: every value with its place, then its assumptions."""
    rows: list[Row] = []

    def walk(path: str, value: object) -> None:
        if isinstance(value, dict):
            for key, part in value.items():
                walk(f"{path}.{key}" if path else str(key), part)
        elif isinstance(value, list) and any(isinstance(part, dict | list) for part in value):
            for index, part in enumerate(value):
                walk(f"{path}[{index}]", part)
        elif value not in (None, []):
            rows.append((path, ", ".join(map(str, value)) if isinstance(value, list) else str(value)))

    walk("", {key: value for key, value in table.items() if key not in {"title", "kind", "id"}})
    return Document(
        Message("{title}", title=Text(**table["title"])),
        [(Message("Table"), table["id"]), (Message("Kind"), _KINDS[table["kind"]])],
        [Table((Message("Field"), Message("Value")), rows)],
    )


@takes(answer)
def _check(
    result: Result,
    files: Annotated[list[Path], argument("FILE…", marked("The files to check, or folders of them."))],
) -> int:
    from opqibi_rules.tables.together import checked_together  # loads pydantic

    paths = chain.from_iterable(tables_in(path) if path.is_dir() else [path] for path in files)
    together = checked_together(table_files(paths), Tables())
    content = [
        {"file": document.name, "kind": document.value["kind"], "id": table.id}
        for document, table in together.files
    ]
    rows: list[Row] = [(item["file"], _KINDS[item["kind"]], item["id"], Message("right")) for item in content]
    columns = (Message("File"), Message("Kind"), Message("Table"), Message("Verdict"))
    document = Document(Message("Tables checked"), tables=[Table(columns, rows)], notes=list(together.notes))
    result.put_document(
        lambda: document,
        lambda language: {
            "schema_version": 1,
            "checked": content,
            "notes": [language.say(remark) for remark in together.notes],
        },
    )
    return DONE


@takes(saved_as("yaml"))
def _convert(
    result: Result,
    file: Annotated[Path, argument("OLD.yaml", marked("A schedule in the form of before."))],
) -> int:
    from opqibi_rules.tables.reading.conversion import converted  # only a conversion needs it

    made = converted(file_bytes(file), str(file))
    result.put({"yaml": lambda: made.text})
    if made.loses_comments:
        message = Message("{file}: the comments below its head are not kept.", file=str(file))
        note(result.language.say(message))
    return DONE


@takes(facts, saved_as("yaml"))
def _draft(
    tables: Tables,
    result: Result,
    file: Annotated[Path, argument("FILE", marked("A fee schedule: PDF, picture or text."))],
) -> int:
    from opqibi_rules.tables.reading.draft import drafted  # only a draft needs it

    draft = drafted(file_bytes(file, MAX_DOCUMENT), str(file), tables)
    text = draft.text(result.language.say)
    result.put({"yaml": lambda: text})
    for fact, why in draft.unsettled:
        note(f"{fact}: {result.language.say(why)}")
    return UNDETERMINED if draft.unsettled else DONE


subcommands = {
    "list": (_list, marked("The tables at hand, ours and yours."), EXAMPLES[:1]),
    "show": (_show, marked("One table, every value with its place."), EXAMPLES[1:2]),
    "check": (
        _check,
        marked("Check files of your own, alone and laid over ours: all their mistakes, with their lines."),
        EXAMPLES[2:3],
    ),
    "draft": (
        _draft,
        marked(
            "A published fee schedule as a draft edition, each figure with its page, for a person to check."
        ),
        EXAMPLES[4:],
    ),
    "convert": (_convert, marked("A schedule in the form of before, written in today's."), EXAMPLES[3:4]),
}
