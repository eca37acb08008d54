"""``opqibi-fees compare``: choices, and schedules, side by side."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated

from opqibi_rules.cli import result
from opqibi_rules.cli.options import argument, counts_of, facts, firm, option, structure_in, takes
from opqibi_rules.cli.progress import watched
from opqibi_rules.cli.result import DONE, NOT_IN_ORDER, UNDETERMINED, Result, note
from opqibi_rules.cli.years_ahead import span, start_of, together
from opqibi_rules.errors import OpqibiError, RequestError
from opqibi_rules.messages import Message, marked
from opqibi_rules.price.comparison import (
    NO_RISE,
    Choice,
    Comparison,
    Rise,
    keep_or_drop,
    limits,
    one_more,
    when_to_add,
)
from opqibi_rules.price.fees import Counts
from opqibi_rules.price.files.structures_file import Row, read_structures
from opqibi_rules.price.papers.comparison_document import (
    comparison_document,
    one_more_document,
    rise_document,
)
from opqibi_rules.price.plan import Plan
from opqibi_rules.price.plan import plan as make_plan
from opqibi_rules.price.plan_question import PlanAsked, PlanQuestion
from opqibi_rules.price.question import Asked, DeclaredEvent, as_counts, as_qualifications
from opqibi_rules.tables.library import Tables

Ask = Callable[[], PlanAsked]
"""What a structure asks, read when it is its turn."""

EXAMPLES = (
    "opqibi-fees compare a.yaml b.yaml --from 2026-03-02",
    "opqibi-fees compare firm.yaml --when-to-add 1905:5",
    "opqibi-fees compare -t 1=5 -t 2=3 --turnover 800000 --one-more",
    "opqibi-fees compare structures.csv --against my-tables-2027 --from 2027-01-04",
)

Files = Annotated[
    list[str], argument("FILE…", marked("Structure files; with --against, also a CSV of structures."))
]
WhenToAdd = Annotated[
    list[str],
    option(
        "--when-to-add CODE:T|T=N", marked("Ask for it now, at the next control, at the renewal, or never.")
    ),
]
KeepOrDrop = Annotated[
    list[str],
    option("--keep-or-drop CODE|T=N", marked("Keep it, or give it up at the next control or renewal.")),
]
More = Annotated[
    bool, option("--one-more", marked("One more qualification at each tariff; 1 000 € more of turnover."))
]
Against = Annotated[
    str | None, option("--against DIR", marked("The same structures under these tables too."))
]


_MOST_TOLD = 20
"""How many lines that cannot be priced are told one by one."""


@takes(firm, facts, start_of, span, result.answer)
def command(
    given: Asked,
    tables: Tables,
    start: date,
    how_long: PlanAsked,
    result: Result,
    files: Files = [],
    when: WhenToAdd = [],
    drop: KeepOrDrop = [],
    more: More = False,
    against: Against = None,
) -> int:
    """Answer one question about choices."""
    asked = together(given, how_long)
    questions = [bool(when), bool(drop), more, against is not None]
    if sum(questions) > 1 or not (any(questions) or len(files) > 1):
        raise RequestError(
            "One question at a time is expected: two structure files or more, --when-to-add, --keep-or-drop, "
            "--one-more or --against."
        )
    if against is not None:
        return _put_rise(_asked_by(files, asked, tables), start, (tables, Tables(against)), result)
    plans = [make_plan(start=start, tables=tables, **ask()) for _, ask in _asked_by(files, asked, tables)]
    if len(plans) > 1:
        return put_plans(files, plans, result)
    return _put_question(plans[0].question, tables, when=when, drop=drop, result=result)


def _put_question(
    question: PlanQuestion, facts: Tables, *, when: Sequence[str], drop: Sequence[str], result: Result
) -> int:
    if when:
        codes, counts = _named_and_counted(when, "--when-to-add", facts, question.start)
        added = as_qualifications(codes)
        return put_comparison(when_to_add(question, facts, add=added, add_tariffs=counts), result)
    if drop:
        codes, counts = _named_and_counted(drop, "--keep-or-drop", facts, question.start)
        return put_comparison(keep_or_drop(question, facts, drop=tuple(codes), drop_tariffs=counts), result)
    one, schedule = one_more(question, facts), facts.schedule(question.start)
    result.put_document(
        lambda: one_more_document(one, schedule), lambda _: {**one.to_dict(), **limits(schedule).to_dict()}
    )
    return UNDETERMINED if None in one.tariffs.values() else DONE


def _named_and_counted(
    given: Sequence[str], option: str, facts: Tables, on: date
) -> tuple[list[str], Counts]:
    """Qualifications by code, and counts by tariff, given together."""
    counts = as_counts(counts_of([text for text in given if "=" in text], option), facts.schedule(on), option)
    return [text for text in given if "=" not in text], counts


def _put_rise(
    asked: Sequence[tuple[str, Ask]], start: date, tables: tuple[Tables, Tables], result: Result
) -> int:
    """The same structures under two tables; those that cannot be priced are told, and not counted."""
    rise, refused, say = NO_RISE, 0, result.language.say
    for each in tables:
        each.schedule(start)  # tables that are wrong are said once, before the work
    for where, ask in watched(asked, len(asked), say):
        try:
            question = ask()
            before = make_plan(start=start, tables=tables[0], **question)
            event = tables[1].schedule(start).event_of(before.question.role)
            question["event"] = DeclaredEvent(event.id) if event else question.get("event")
            rise += Rise.between(before, make_plan(start=start, tables=tables[1], **question))
        except OpqibiError as error:
            if len(asked) == 1:
                raise
            refused += 1
            if refused <= _MOST_TOLD:
                note(f"{where}: {error.explain(say)}")
    if refused > _MOST_TOLD:
        note(say(Message("… and {n} more.", n=refused - _MOST_TOLD)))
    result.put_document(
        lambda: rise_document(rise, refused), lambda _: {**rise.to_dict(), "not_counted": refused}
    )
    return NOT_IN_ORDER if refused else DONE


def _asked_by(files: Sequence[str], asked: PlanAsked, tables: Tables) -> list[tuple[str, Ask]]:
    """Where each structure of some files stands, and what it asks; a line that is wrong stops no other."""
    if not files:
        return [("", lambda: asked)]
    found: list[tuple[str, Ask]] = []
    for name in files:
        if Path(name).suffix.lower() in {".csv", ".tsv"}:
            rows = read_structures(Path(name))
            found += [(f"{name}:{row.line}", partial(_of_row, row, asked)) for row in rows]
        else:
            found.append((name, partial(_of_file, name, asked, tables)))
    return found


def _of_row(row: Row, asked: PlanAsked) -> PlanAsked:
    return {**asked, **row.asked()}


def _of_file(name: str, asked: PlanAsked, tables: Tables) -> PlanAsked:
    return {**asked, "structure": structure_in(name, tables)}


def put_plans(names: Sequence[str], plans: Sequence[Plan], result: Result) -> int:
    """Let out the plans of several structures, each under its name, else that of its file."""
    choices = []
    for name, plan in zip(names, plans, strict=True):
        structure = plan.question.structure
        known = structure.name if structure is not None else None
        choices.append(Choice(Message("{name}", name=known or Path(name).name), plan))
    return put_comparison(Comparison(tuple(choices)), result)


def put_comparison(comparison: Comparison, result: Result) -> int:
    """Let out a comparison."""
    result.put_document(
        lambda: comparison_document(comparison), lambda machine: comparison.to_dict(machine.say)
    )
    return UNDETERMINED if any(choice.plan.undetermined for choice in comparison.choices) else DONE
