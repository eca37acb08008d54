"""``docs/stability.md`` is true: what it promises is there."""

import pickle
import re
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import date
from inspect import getattr_static, unwrap
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin, get_type_hints

import pytest

import opqibi_rules
from opqibi_rules.desk.answers import RESULTS
from opqibi_rules.paper.shape import Shape, keys_of
from opqibi_rules.price.planning.plan_question import PlanAsked
from opqibi_rules.price.question import Asked, EventName
from opqibi_rules.tables.library import Tables
from tests.editions.pinned_command import pinned

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "stability.md").read_text("utf-8")
# The keys of version 1, as they were first promised. One that goes, or changes its name, breaks a promise: raise
# schema_version instead. Those that are added are not listed here.
FIRST_KEYS = {
    "Quote": "schema_version event date schedule lines subtotals total_excl_vat vat_rate vat total_incl_vat notes "
    "complete missing range turnover_base turnover_bases assumptions request notes_values",
    "Plan": "schema_version event from until structure notification payments subtotals total_excl_vat vat "
    "total_incl_vat complete missing range by_year spread_by by_cycle due_dates not_priced notes assumptions request",
    "Comparison": "schema_version from years choices complete missing notes",
    "InvoiceCheck": "verdict verdicts invoice expected findings explanations",
    "CertificateReport": "verdict on siren dialect certificate qualifications requirements warnings",
}


def listed(heading: str) -> set[str]:
    """What a section names between backquotes."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"`([a-zA-Z0-9_]+)`", section))


def test_every_public_name_and_argument_is_promised_and_there() -> None:
    named = listed("In Python")
    promised = {
        *opqibi_rules.__all__,
        *get_type_hints(Asked),
        *get_type_hints(PlanAsked),
        "on",
        "start",
        "tables",
    }
    assert promised <= named
    assert named - promised <= {"quote", "plan", "Literal", "field"}


def test_every_key_that_is_promised_is_there() -> None:
    promised = re.findall(r"- \*\*(\w+)\*\*: (.*?)\.\n", PAGE, re.DOTALL)
    assert len(promised) >= 11
    for name, keys in promised:
        written = {key.name for key in keys_of(RESULTS[name]) if key.always}
        assert set(re.findall(r"`([a-z_0-9]+)`", keys)) <= written, name


def test_no_key_of_version_1_is_gone() -> None:
    for name, keys in FIRST_KEYS.items():
        assert set(keys.split()) <= {key.name for key in keys_of(RESULTS[name])}, name


def without_annotation(kind: object) -> object:
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return kind


def kinds_of(kind: object) -> tuple[object, ...]:
    """The types of a union, or the only one."""
    kind = without_annotation(kind)
    return get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)


def attribute(kind: object, name: str) -> Iterator[object]:
    """The types that an attribute is declared to have, that of a null being null."""
    for cls in kinds_of(kind):
        if cls is NoneType:
            yield NoneType
            continue
        declared = getattr_static(cls, name, None)
        function = getattr(declared, "fget", None) or getattr(declared, "func", None)
        hints = get_type_hints(unwrap(function) if function else get_origin(cls) or cls, include_extras=True)
        yield from kinds_of(hints["return" if function else name])


def test_what_may_be_null_is_said_to_be() -> None:
    """The writer of a shape looks for no null where its type allows none."""
    seen, shapes = set[type[Shape]](), deque[object](RESULTS.values())
    while shapes:
        kind = without_annotation(shapes.popleft())
        shapes.extend(get_args(kind))
        if not (isinstance(kind, type) and issubclass(kind, Shape)) or kind in seen:
            continue
        seen.add(kind)
        for key in keys_of(kind):
            shapes.append(key.kind)
            path = getattr(key.source, "source", None)
            if not isinstance(path, str) or kind.__name__ == "RatedLineShape":  # chosen where there is a rate
                continue
            found: object = kind.of
            for step in path.split("."):
                found = Union[tuple(attribute(found, step))]  # noqa: UP007 - made of what was found
            assert NoneType in kinds_of(key.kind) or NoneType not in kinds_of(found), (kind, key.name)
    assert len(seen) > 60


def test_every_result_says_its_version() -> None:
    for name, shape in RESULTS.items():
        version = {key.name: key for key in keys_of(shape)}.get("schema_version")
        assert version is not None, name
        assert version.source == 1, name


def test_the_shipped_events_are_a_literal() -> None:
    literal, declared = get_args(EventName)
    shipped = {event.id for schedule in Tables().schedules for event in schedule.events}
    assert set(get_args(literal)) == shipped
    assert literal == Literal["first", "renewal", "control"]
    assert declared is opqibi_rules.DeclaredEvent


def test_results_travel() -> None:
    asked: Mapping[str, object] = {"tariffs": {1: 5}}
    for found in (
        opqibi_rules.quote(on=date(2026, 3, 2), tariffs={1: 5}),
        opqibi_rules.plan(start=date(2026, 3, 2), tariffs={1: 5}),
    ):
        assert pickle.loads(pickle.dumps(found)) == found, asked
        assert hash(found) == hash(pickle.loads(pickle.dumps(found)))


@pytest.mark.parametrize("page", ["guide.en/plan.md", "guide.fr/plan.md"])
def test_the_snippet_of_the_guide_gives_what_it_says(page: str) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    compared = 0
    with pinned():  # the amounts are those of 2024
        exec(compile(snippet, page, "exec"), names)  # our own page
        for line in snippet.splitlines():
            expression, _, said = line.partition("  # ")
            if said.startswith("Decimal"):
                assert repr(eval(expression, names)) == said.strip()
                compared += 1
    assert compared
    first = next(value for value in names.values() if isinstance(value, opqibi_rules.Plan))
    assert names["again"] == first
