"""``opqibi-fees nomenclature``: find a qualification, see what is known of it, bring in one's own codes."""

from datetime import date
from pathlib import Path
from typing import Annotated

from opqibi_rules.cli.options import argument, facts, takes
from opqibi_rules.cli.result import DONE, UNDETERMINED, Result, answer, note, saved_as
from opqibi_rules.errors import RequestError, UnknownCodeError
from opqibi_rules.messages import Message, marked
from opqibi_rules.paper.document import Cell, Columns, Document, Row, Table, tabulated
from opqibi_rules.paper.files import MAX_DOCUMENT, file_bytes
from opqibi_rules.paper.shape import Voice
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.nomenclature import (
    FoundEntries,
    NomenclatureEntry,
    NomenclatureEntryShape,
    NomenclatureShape,
)
from opqibi_rules.tables.reading.places import is_pages

EXAMPLES = (
    "opqibi-fees nomenclature search audit énergétique",
    "opqibi-fees nomenclature show 1905",
    "opqibi-fees nomenclature import codes.csv -o my-tables/nomenclature.yaml",
    "opqibi-fees nomenclature import nomenclature.pdf -o my-tables/nomenclature.yaml",
)

_UNKNOWN = Message("unknown")


def _rge(entry: NomenclatureEntry) -> Message:
    return _UNKNOWN if entry.rge is None else Message("yes") if entry.rge else Message("no")


_FOUND: Columns[NomenclatureEntry] = (
    (Message("Code"), lambda entry: entry.code),
    (Message("Name"), lambda entry: entry.name or Message("name unknown")),
    (Message("Tariff"), lambda entry: Cell(entry.tariff, "count") if entry.tariff else _UNKNOWN),
    (Message("RGE"), _rge),
)


@takes(facts, answer)
def _search(
    tables: Tables,
    result: Result,
    words: Annotated[list[str], argument("WORDS", marked("Words of the name, or digits."))],
) -> int:
    found = tables.nomenclature.search(" ".join(words))
    document = Document(
        Message("Qualifications found: {n}", n=len(found)),
        tables=[tabulated(found, _FOUND)],
        notes=[Message("The nomenclature at hand is an extract: a code that is not here may exist.")],
    )
    result.put_document(
        lambda: document, lambda _: NomenclatureShape.written(FoundEntries(tuple(found)), Voice())
    )
    return DONE


@takes(facts, answer)
def _show(
    tables: Tables,
    result: Result,
    code: Annotated[str, argument("CODE", marked("Four digits."))],
) -> int:
    entry = tables.nomenclature.entries.get(code)
    if entry is None:
        raise UnknownCodeError(
            "« {code} » is not in the nomenclature at hand, an extract. Check the code, or add it to your own "
            "tables (nomenclature import).",
            code=code[:40],
        )
    rows: list[Row] = [
        (Message("Name"), entry.name or _UNKNOWN),
        (Message("Rubric"), entry.rubric or _UNKNOWN),
        (Message("Tariff"), str(entry.tariff) if entry.tariff else _UNKNOWN),
        (Message("RGE"), _rge(entry)),
        (Message("RGE as of"), Cell(entry.rge_as_of, "date")),
        (Message("Entails"), ", ".join(entry.entails) or Message("nothing known")),
        (Message("Source"), entry.source.document),
        (Message("Address"), entry.source.address),
        (Message("Edition"), entry.source.dated or _UNKNOWN),
        (Message("Reliability"), entry.source.reliability),
        (Message("Note"), entry.note),
    ]
    document = Document(
        Message("Qualification {code}", code=code),
        tables=[Table((Message("Field"), Message("Value")), rows)],
    )
    result.put_document(
        lambda: document, lambda _: {"schema_version": 1, **NomenclatureEntryShape.written(entry, Voice())}
    )
    return DONE


@takes(saved_as("yaml"))
def _import(
    result: Result,
    file: Annotated[
        Path, argument("FILE", marked("A CSV with columns code, name, tariff; or the published PDF."))
    ],
) -> int:
    if result.output is not None and not result.output.suffix:
        raise RequestError(
            "-o: a folder of tables reads *.yaml; name the file so: {name}.", name="nomenclature.yaml"
        )
    today = date.today()  # noqa: DTZ011 - the user's own calendar day is meant
    data = file_bytes(file, MAX_DOCUMENT)
    if is_pages(data):
        from opqibi_rules.tables.reading.nomenclature_pages import read_nomenclature_pages  # as below

        text, left = read_nomenclature_pages(data, str(file), imported_on=today, say=result.language.say)
    else:
        from opqibi_rules.tables.nomenclature_file import read_nomenclature_csv  # loads pydantic

        text, left = read_nomenclature_csv(file, imported_on=today, data=data), ()
    result.put({"yaml": lambda: text})
    for fact, why in left:
        note(f"{fact}: {result.language.say(why)}")
    return UNDETERMINED if left else DONE


subcommands = {
    "search": (_search, marked("Qualifications whose code, name or rubric holds every word."), EXAMPLES[:1]),
    "show": (_show, marked("All that is known of one qualification, with its source."), EXAMPLES[1:2]),
    "import": (
        _import,
        marked("A CSV of codes, or the published PDF, as a table of your own, whole or not at all."),
        EXAMPLES[2:],
    ),
}
