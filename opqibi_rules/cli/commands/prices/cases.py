"""``opqibi-fees cases``: questions with the answers expected, worked by hand, put to the rules."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, NamedTuple

from opqibi_rules.cli.attempts import Attempts
from opqibi_rules.cli.options import argument, facts, refuse_twice, takes
from opqibi_rules.cli.result import DONE, NOT_IN_ORDER, Result, answer
from opqibi_rules.messages import Message, marked, plural
from opqibi_rules.money import plain
from opqibi_rules.paper.document import Cell, Document, Row, Table
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Form, Json, Shape, Voice, at
from opqibi_rules.price.files.case_file import NOTHING, Difference, Outcome, read_cases, run_case
from opqibi_rules.tables.library import Tables

EXAMPLES = ("opqibi-fees cases run my-cases.yaml", "opqibi-fees cases run cases/*.yaml --tables my-tables")


class Ran(NamedTuple):
    """A case of a file, and what it gave."""

    file: str
    outcome: Outcome


def _said(value: Decimal | Message | None, voice: Voice) -> str | None:
    if value is None:
        return None
    return voice.say(value) if isinstance(value, Message) else plain(value)


Said = Annotated[object, Form(lambda voice: lambda value: _said(value, voice), {})]
"""An amount, a word in its place, or null."""


class DifferenceShape(Shape, of=Difference):
    """One expectation that the answer does not meet."""

    name: str
    expected: Said
    found: Said
    difference: Said = at("amount")


class RanShape(Shape, of=Ran):
    """A case and its differences."""

    file: str
    line: int | None = at("outcome.case.line")
    case: str = at("outcome.case.sentence")
    passed: bool = at("outcome.passed")
    differences: tuple[DifferenceShape, ...] = at("outcome.differences")
    refusal: Message | None = at("outcome.refusal")


@takes(facts, answer)
def _run(
    tables: Tables,
    result: Result,
    files: Annotated[list[Path], argument("FILE…", marked("Files of cases, in YAML."))],
) -> int:
    refuse_twice(map(str, files))
    attempts = Attempts()
    cases = list(attempts.each(files, lambda path: [(str(path), case) for case in read_cases(path, tables)]))
    attempts.all_or_none()
    ran = [Ran(name, run_case(case, tables)) for name, case in cases]

    def content(machine: Language) -> Json:
        voice = Voice(machine.say)
        return {"schema_version": 1, "cases": [RanShape.written(case, voice) for case in ran]}

    result.put_document(lambda: _document(ran), content)
    return DONE if all(outcome.passed for _, outcome in ran) else NOT_IN_ORDER


def _document(ran: Sequence[Ran]) -> Document:
    """How many agree; then, for each that does not, what was expected and what was found."""
    columns = (Message("Name"), Message("Expected"), Message("Found"), Message("Difference"))
    differing = [(name, outcome) for name, outcome in ran if not outcome.passed]
    return Document(
        Message("Cases worked by hand"),
        facts=[
            (Message("As expected"), plural("{n} case", "{n} cases", n=len(ran) - len(differing))),
            (Message("Different"), plural("{n} case", "{n} cases", n=len(differing))),
        ],
        tables=[
            Table(columns, [_row(item) for item in outcome.differences], title=_place(name, outcome))
            for name, outcome in differing
        ],
        notes=[
            Message("{place} {refusal}", place=_place(name, outcome), refusal=outcome.refusal)
            for name, outcome in differing
            if outcome.refusal is not None
        ],
    )


def _place(name: str, outcome: Outcome) -> Message:
    return Message(
        "{file}, line {line}: {case}", file=name, line=outcome.case.line, case=outcome.case.sentence
    )


def _row(item: Difference) -> Row:
    def cell(value: Decimal | Message | None) -> Cell | Message:
        return NOTHING if value is None else value if isinstance(value, Message) else Cell(value, "euro")

    return (item.name, cell(item.expected), cell(item.found), Cell(item.amount, "euro"))


subcommands = {"run": (_run, marked("Run the cases of some files; exit code 1 if one differs."), EXAMPLES)}
