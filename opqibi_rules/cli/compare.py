"""``opqibi-fees compare``: choices, and schedules, side by side."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from opqibi_rules.cli.options import (
    DONE,
    NOT_IN_ORDER,
    UNDETERMINED,
    Format,
    Lang,
    Output,
    Result,
    TablesFolder,
    day_of,
    note,
    tables_of,
)
from opqibi_rules.cli.plan import Control, Growth, Start, Years, growth_of
from opqibi_rules.cli.progress import watched
from opqibi_rules.cli.quote import (
    AuditTurnover,
    Event,
    Qualifications,
    Tariffs,
    Turnover,
    Vat,
    counts_of,
    structure_of,
)
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
from opqibi_rules.price.plan import Plan, answer
from opqibi_rules.price.plan import plan as make_plan
from opqibi_rules.price.structure import Qualification
from opqibi_rules.tables.library import Tables

HELP = marked("Compare: structures, when to ask for a qualification, what one more costs, two schedules.")
EXAMPLES = (
    "opqibi-fees compare a.yaml b.yaml --from 2026-03-02",
    "opqibi-fees compare firm.yaml --when-to-add 1905:5",
    "opqibi-fees compare -t 1=5 -t 2=3 --turnover 800000 --one-more",
    "opqibi-fees compare structures.csv --against my-tables-2027 --from 2027-01-04",
)

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE…", help=marked("Structure files; with --against, also a CSV of structures.")
    ),
]
WhenToAdd = Annotated[
    list[str],
    typer.Option(
        "--when-to-add",
        metavar="CODE:T|T=N",
        help=marked("Ask for it now, at the next control, at the renewal, or never."),
    ),
]
KeepOrDrop = Annotated[
    list[str],
    typer.Option(
        "--keep-or-drop",
        metavar="CODE|T=N",
        help=marked("Keep it, or give it up at the next control or renewal."),
    ),
]
More = Annotated[
    bool,
    typer.Option(
        "--one-more", help=marked("One more qualification at each tariff; 1 000 € more of turnover.")
    ),
]
Against = Annotated[
    str | None,
    typer.Option("--against", metavar="DIR", help=marked("The same structures under these tables too.")),
]


_MOST_TOLD = 20
"""How many lines that cannot be priced are told one by one."""


def command(
    files: Files = [],
    when: WhenToAdd = [],
    drop: KeepOrDrop = [],
    more: More = False,
    against: Against = None,
    event: Event = "first",
    control: Control = 1,
    start: Start = None,
    years: Years = 4,
    qualification: Qualifications = [],
    tariff: Tariffs = [],
    turnover: Turnover = None,
    audit_turnover: AuditTurnover = None,
    turnover_growth: Growth = None,
    vat: Vat = None,
    tables: TablesFolder = None,
    lang: Lang = None,
    form: Format = None,
    output: Output = None,
) -> int:
    """Answer one question about choices."""
    result = Result(lang, form, output)
    facts = tables_of(tables)
    asked: dict[str, Any] = {
        "event": event,
        "control": control,
        "start": day_of(start),
        "years": years,
        "qualifications": qualification,
        "tariffs": counts_of(tariff, "--tariff"),
        "turnover": turnover,
        "audit_turnover": audit_turnover,
        "growth": growth_of(turnover_growth),
        "vat": vat,
        "tables": facts,
    }
    questions = [bool(when), bool(drop), more, against is not None]
    if sum(questions) > 1 or not (any(questions) or len(files) > 1):
        raise RequestError(
            Message(
                "One question at a time is expected: two structure files or more, --when-to-add, --keep-or-drop, "
                "--one-more or --against."
            )
        )
    if against is not None:
        return _put_rise(files, asked, Tables(against), result)
    plans = [make_plan(structure=structure_of(name), **asked) for name in (files or (None,))]
    if len(plans) > 1:
        return put_plans(files, plans, result)
    return _put_question(plans[0], facts, when=when, drop=drop, result=result)


def put_plans(names: Sequence[str], plans: Sequence[Plan], result: Result) -> int:
    """Let out the plans of several structures, side by side."""
    choices = []
    for name, plan in zip(names, plans, strict=True):
        structure = plan.request.structure
        known = structure.name if structure is not None else None
        choices.append(Choice(Message("{name}", name=known or Path(name).name), plan))
    return _put_comparison(Comparison(tuple(choices)), result)


def _put_comparison(comparison: Comparison, result: Result) -> int:
    from opqibi_rules.price.papers.comparison_document import comparison_document

    result.put_document(
        lambda: comparison_document(comparison), lambda machine: comparison.to_dict(machine.say)
    )
    return UNDETERMINED if any(choice.plan.undetermined for choice in comparison.choices) else DONE


def _put_question(
    plan: Plan, facts: Tables, *, when: Sequence[str], drop: Sequence[str], result: Result
) -> int:
    request = plan.request
    if when:
        codes, counts = _named_and_counted(when, "--when-to-add", facts, request.start)
        added = tuple(Qualification.parse(code) for code in codes)
        return _put_comparison(when_to_add(request, facts, add=added, add_tariffs=counts), result)
    if drop:
        codes, counts = _named_and_counted(drop, "--keep-or-drop", facts, request.start)
        return _put_comparison(keep_or_drop(request, facts, drop=tuple(codes), drop_tariffs=counts), result)
    from opqibi_rules.price.papers.comparison_document import one_more_document

    one, bounds = one_more(request, facts), limits(facts.schedule(request.start))
    result.put_document(
        lambda: one_more_document(one, bounds), lambda _: {**one.to_dict(), **bounds.to_dict()}
    )
    return DONE


def _named_and_counted(
    given: Sequence[str], option: str, facts: Tables, on: date
) -> tuple[list[str], Mapping[int, int]]:
    """Qualifications by code, and counts by tariff, given together."""
    from opqibi_rules.price.request import as_counts

    counts = as_counts(counts_of([text for text in given if "=" in text], option), facts.schedule(on), option)
    return [text for text in given if "=" not in text], counts


def _put_rise(files: Sequence[str], asked: dict[str, Any], after: Tables, result: Result) -> int:
    """The same structures under two tables; those that cannot be priced are told, and not counted."""
    rise, refused, say = NO_RISE, 0, result.language.say
    for facts in (asked["tables"], after):
        facts.schedule(asked["start"])  # tables that are wrong are said once, before the work
    questions = [question for name in (files or (None,)) for question in _questions(name, asked)]
    for where, question in watched(questions, len(questions), say):
        try:
            before = make_plan(**question())
            rise += Rise.between(before, answer(before.request, after))
        except OpqibiError as error:
            if len(questions) == 1:
                raise
            refused += 1
            if refused <= _MOST_TOLD:
                note(f"{where}: {error.explain(say)}")
    if refused > _MOST_TOLD:
        note(say(Message("… and {n} more.", n=refused - _MOST_TOLD)))
    from opqibi_rules.price.papers.comparison_document import rise_document

    result.put_document(
        lambda: rise_document(rise, refused), lambda _: {**rise.to_dict(), "not_counted": refused}
    )
    return NOT_IN_ORDER if refused else DONE


def _questions(name: str | None, asked: dict[str, Any]) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    """Where each structure of a file stands, and what it asks."""
    if name is None or Path(name).suffix.lower() not in {".csv", ".tsv"}:
        yield name or "", lambda: {**asked, "structure": structure_of(name)}
        return
    from opqibi_rules.price.files.structures_file import read_structures

    for row in read_structures(Path(name)):
        yield f"{name}:{row.line}", partial(_own, row.ask, asked)


def _own(ask: Callable[[], dict[str, Any]], asked: dict[str, Any]) -> dict[str, Any]:
    return {**asked, **ask()}
