"""``opqibi-fees compare``: choices, and schedules, side by side."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated

from opqibi_rules.cli import result
from opqibi_rules.cli.options import argument, counts_of, facts, firm, option, refuse_twice, takes
from opqibi_rules.cli.progress import watched
from opqibi_rules.cli.result import DONE, NOT_IN_ORDER, UNDETERMINED, Result, note
from opqibi_rules.cli.years_ahead import span, start_of, together
from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import FileError, OpqibiError, RequestError
from opqibi_rules.messages import Message, marked
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json, Voice
from opqibi_rules.price.fees import Counts
from opqibi_rules.price.files.structures_file import Given, is_table, structures_in
from opqibi_rules.price.papers.comparison_document import (
    comparison_document,
    one_more_document,
    rise_document,
)
from opqibi_rules.price.planning.comparison import (
    NO_RISE,
    Choice,
    Comparison,
    OneRise,
    OneRiseShape,
    Rise,
    keep_or_drop,
    limits,
    one_more,
    said_of_rises,
    when_to_add,
)
from opqibi_rules.price.planning.plan import Plan
from opqibi_rules.price.planning.plan import plan as make_plan
from opqibi_rules.price.planning.plan_question import PlanAsked, PlanQuestion
from opqibi_rules.price.planning.portfolio import Client, Once, Refused, RefusedShape, portfolio
from opqibi_rules.price.question import Asked, DeclaredEvent, as_counts, as_qualifications
from opqibi_rules.tables.library import Tables

Ask = Callable[[], Given]
"""What a structure asks, read when it is its turn."""

EXAMPLES = (
    "opqibi-fees compare a.yaml b.yaml --from 2026-03-02",
    "opqibi-fees compare firm.yaml --when-to-add 1905:5",
    "opqibi-fees compare -t 1=5 -t 2=3 --turnover 800000 --one-more",
    "opqibi-fees compare structures.csv --against my-tables-2027 --from 2027-01-04",
)

Files = Annotated[
    list[str], argument("FILE…", marked("Structure files, a folder of them, or a CSV or XLSX of structures."))
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
    several = len(files) > 1 or any(Path(name).is_dir() or is_table(name) for name in files)
    if sum(questions) > 1 or not (any(questions) or several):
        raise RequestError(
            "One question at a time is expected: two structure files or more, --when-to-add, --keep-or-drop, "
            "--one-more or --against."
        )
    structures = _asked_by(files, asked, tables)
    if against is not None:
        return _put_rise(structures, start, (tables, Tables(against)), result)
    many = any(Path(name).is_dir() or is_table(name) for name in files)
    if many and not any(questions):
        return _put_many(structures, start, tables, result)
    plans = [_planned(ask, start, tables) for _, ask in structures]
    if len(plans) > 1:
        return put_plans(files, plans, result)
    return _put_question(plans[0].question, tables, when=when, drop=drop, result=result)


def _put_many(structures: Sequence[tuple[str, Ask]], start: date, tables: Tables, result: Result) -> int:
    """Structures of a folder or a table, side by side; those that cannot be planned are told, and named."""
    found = portfolio((where, partial(_planned, ask, start, tables)) for where, ask in structures)
    told(found.refused, result)
    code = put_plans(
        [client.source for client in found.clients],
        [client.plan for client in found.clients],
        result,
        found.refused,
    )
    return NOT_IN_ORDER if found.refused else code


def _planned(ask: Ask, start: date, tables: Tables) -> Plan:
    own = ask()
    return make_plan(start=own.start or start, tables=tables, **own.asked)


def told(refused: Sequence[Refused], result: Result) -> None:
    """Tell of the structures that are left out, one by one where they are few."""
    say = result.language.say
    for one in refused[:_MOST_TOLD]:
        text = one.error.explain(say)
        note(text if isinstance(one.error, FileError) else f"{one.source}: {text}")
    if len(refused) > _MOST_TOLD:
        note(say(Message("… and {n} more.", n=len(refused) - _MOST_TOLD)))


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
        lambda: one_more_document(one, schedule),
        lambda machine: {**one.to_dict(machine.say), **limits(schedule).to_dict()},
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
    each_of: list[tuple[Client, Rise]] = []
    refused: list[Refused] = []
    once = Once()
    for each in tables:
        each.schedule(start)  # tables that are wrong are said once, before the work
    for where, ask in watched(asked, len(asked), result.language.say):
        try:
            client, rise = _rise(where, ask(), start, tables)
            once.refuse_twice(client)
            each_of.append((client, rise))
        except OpqibiError as error:
            if len(asked) == 1:
                raise
            refused.append(Refused(where, error))
    told(refused, result)
    total = sum((rise for _, rise in each_of), NO_RISE)
    names = _told_apart([(client.name, client.source) for client, _ in each_of])
    rises = [OneRise(name, rise) for name, (_, rise) in zip(names, each_of, strict=True)]
    result.put_document(
        lambda: rise_document(total, refused, rises),
        lambda machine: {
            **total.to_dict(),
            "not_counted": len(refused),
            "by_structure": [OneRiseShape.written(one, Voice(machine.say)) for one in rises],
            "refused": [RefusedShape.written(one, Voice(machine.say)) for one in refused],
            "notes": [machine.say(one) for one in said_of_rises(rises)],
        },
    )
    return NOT_IN_ORDER if refused else DONE


def _rise(where: str, own: Given, start: date, tables: tuple[Tables, Tables]) -> tuple[Client, Rise]:
    """A structure, and what it pays under two tables."""
    day, question = own.start or start, own.asked
    before = make_plan(start=day, tables=tables[0], **question)
    event = tables[1].schedule(to_day(day)).event_of(before.question.role)
    question["event"] = DeclaredEvent(event.id) if event else question.get("event")
    after = make_plan(start=day, tables=tables[1], **question)
    return Client(where, before), Rise.between(before, after)


def _asked_by(files: Sequence[str], asked: PlanAsked, tables: Tables) -> list[tuple[str, Ask]]:
    """Where each structure of some files stands, and what it asks; one that is wrong stops no other."""
    if not files:
        return [("", lambda: Given(asked))]
    found = [each for name in files for each in structures_in(name, tables)]
    refuse_twice(where for where, _ in found)
    return [(where, partial(_with, read, asked)) for where, read in found]


def _with(read: Ask, asked: PlanAsked) -> Given:
    own = read()
    return Given({**asked, **own.asked}, own.start)


def put_plans(
    names: Sequence[str], plans: Sequence[Plan], result: Result, refused: Sequence[Refused] = ()
) -> int:
    """Let out the plans of several structures, each under its name, else that of its file."""
    named = []
    for source, plan in zip(names, plans, strict=True):
        structure = plan.question.structure
        known = structure.name if structure is not None else None
        named.append((known or Path(source).name, source))
    choices = [
        Choice(Message("{name}", name=name), plan)
        for name, plan in zip(_told_apart(named), plans, strict=True)
    ]
    return put_comparison(Comparison(tuple(choices)), result, refused)


def _told_apart(named: Sequence[tuple[str, str]]) -> list[str]:
    """Each name; beside those that others have too, the file or the line where it was read."""
    files = [Path(source).name for _, source in named]
    times = Counter(name for name, _ in named)
    alike = Counter(zip((name for name, _ in named), files, strict=True))
    return [
        name if times[name] == 1 else f"{name} ({file if alike[name, file] == 1 else source})"
        for (name, source), file in zip(named, files, strict=True)
    ]


def put_comparison(comparison: Comparison, result: Result, refused: Sequence[Refused] = ()) -> int:
    """Let out a comparison, and who is left out of it."""

    def content(machine: Language) -> Json:
        left_out = [RefusedShape.written(one, Voice(machine.say)) for one in refused]
        return {**comparison.to_dict(machine.say), **({"refused": left_out} if left_out else {})}

    result.put_document(lambda: comparison_document(comparison, refused), content)
    return UNDETERMINED if any(choice.plan.undetermined for choice in comparison.choices) else DONE
