"""``opqibi-fees controls``: which annual control is due next, and what may still be renewed."""

from datetime import date
from pathlib import Path
from typing import Annotated

from opqibi_rules.certificate.controls import control_history
from opqibi_rules.certificate.papers.control_document import control_document
from opqibi_rules.cli.options import argument, facts, on_that_day, option, takes
from opqibi_rules.cli.result import Result, answer
from opqibi_rules.messages import marked
from opqibi_rules.price.files.structure_file import read_structure
from opqibi_rules.tables.library import Tables

EXAMPLES = (
    "opqibi-fees controls structure.yaml",
    "opqibi-fees controls structure.yaml --on 2026-11-21 --format json",
)


@takes(on_that_day, facts, answer)
def command(
    on: date,
    tables: Tables,
    result: Result,
    structure: Annotated[str, argument("FILE", marked("A structure file, with its dates, in YAML or JSON."))],
    explain: Annotated[
        bool, option("--explain", marked("Show every rule that is named, with its source."))
    ] = False,
) -> int:
    """Tell the control history of a structure."""
    history = control_history(read_structure(Path(structure), tables), on=on, tables=tables)
    result.put_document(
        lambda: control_document(history, explain=explain),
        lambda machine: history.to_dict(machine.say, language=machine.name),
    )
    return history.verdict.exit_code
