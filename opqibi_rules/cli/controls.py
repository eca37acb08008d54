"""``opqibi-fees controls``: which annual control is due next, and what may still be renewed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opqibi_rules.certificate.controls import control_history
from opqibi_rules.cli.options import (
    Format,
    Lang,
    Output,
    Result,
    TablesFolder,
    day_of,
    tables_of,
)
from opqibi_rules.messages import marked
from opqibi_rules.price.files.structure_file import read_structure

if TYPE_CHECKING:
    from opqibi_rules.paper.document import Document

HELP = marked("The control history of a structure: which control is due next, what may still be renewed.")
EXAMPLES = (
    "opqibi-fees controls structure.yaml",
    "opqibi-fees controls structure.yaml --on 2026-11-21 --format json",
)


def command(
    structure: Annotated[
        str, typer.Argument(metavar="FILE", help=marked("A structure file, with its dates, in YAML or JSON."))
    ],
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="YYYY-MM-DD", help=marked("The day asked about (default: today).")),
    ] = None,
    tables: TablesFolder = None,
    lang: Lang = None,
    form: Format = None,
    output: Output = None,
) -> int:
    """Tell the control history of a structure."""
    result = Result(lang, form, output)
    facts = tables_of(tables)
    history = control_history(read_structure(Path(structure), facts), on=day_of(on), tables=facts)

    def document() -> "Document":
        from opqibi_rules.certificate.papers.control_document import control_document

        return control_document(history)

    result.put_document(document, lambda machine: history.to_dict(machine.say, language=machine.name))
    return history.verdict.exit_code
