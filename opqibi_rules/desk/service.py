"""Answers to requests, with some tables, on some day: what the page, the HTTP API and the assistants call.

Nothing is computed here: the core answers, and what it refuses is refused by field.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from opqibi_rules.certificate.controls import ControlHistory, control_history
from opqibi_rules.desk.refusals import RefusedError, Wrong, refused_by_field
from opqibi_rules.desk.requests import (
    CompareRequest,
    ControlsRequest,
    NomenclatureRequest,
    PlanRequest,
    QuoteRequest,
    TurnoversRequest,
)
from opqibi_rules.messages import Message, Say
from opqibi_rules.paper.document import Document
from opqibi_rules.paper.shape import Json, Voice
from opqibi_rules.price.files.structure_file import structure_of
from opqibi_rules.price.inversion import FoundTurnovers, TurnoversShape, turnovers_from_fee
from opqibi_rules.price.papers.comparison_document import comparison_document, one_more_document
from opqibi_rules.price.planning.comparison import (
    Choice,
    Comparison,
    OneMore,
    keep_or_drop,
    limits,
    one_more,
    when_to_add,
)
from opqibi_rules.price.planning.plan import Plan
from opqibi_rules.price.planning.plan import plan as make_plan
from opqibi_rules.price.planning.plan_question import PlanAsked
from opqibi_rules.price.question import Asked, as_counts, as_qualifications
from opqibi_rules.price.quote import Quote
from opqibi_rules.price.quote import quote as price
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.nomenclature import FoundEntries, NomenclatureShape
from opqibi_rules.tables.schedule import Schedule


class Compared(NamedTuple):
    """Choices side by side, or what one more of anything costs, under a schedule."""

    found: Comparison | OneMore
    schedule: Schedule

    def to_dict(self, say: Say = str, *, language: str = "en") -> Json:
        """The JSON form, the same as the command line's."""
        if isinstance(self.found, Comparison):
            return self.found.to_dict(say)
        return {**self.found.to_dict(say), **limits(self.schedule).to_dict()}

    @property
    def document(self) -> Document:
        """The same to be read."""
        if isinstance(self.found, Comparison):
            return comparison_document(self.found)
        return one_more_document(self.found, self.schedule)

    @property
    def schedules(self) -> Sequence[Schedule]:
        """Under which it is reckoned."""
        if isinstance(self.found, Comparison):
            met = [schedule for choice in self.found.choices for schedule in choice.plan.schedules]
            return tuple({schedule.id: schedule for schedule in met}.values())
        return (self.schedule,)


@dataclass(frozen=True, slots=True)
class Service:
    """What the answers rest on: the facts, and what day it is."""

    tables: Tables
    today: Callable[[], date]

    def quote(self, request: QuoteRequest) -> Quote:
        """The quote asked for.

        Raises:
            RefusedError: a request without an answer.
        """
        asked = request.asked()
        with refused_by_field(**_held_by_structure(asked)):
            return price(on=request.on or self.today(), tables=self.tables, **asked)

    def plan(self, request: PlanRequest) -> Plan:
        """The plan asked for.

        Raises:
            RefusedError: a request without an answer.
        """
        asked = request.asked()
        with refused_by_field(on="start", **_held_by_structure(asked)):
            return make_plan(start=request.start or self.today(), tables=self.tables, **asked)

    def compare(self, request: CompareRequest) -> Compared:
        """The choices asked for side by side; where nothing is said of them, what one more of anything costs.

        Raises:
            RefusedError: a request without an answer, or several questions at once.
        """
        asked = [name for name in _CHOICES if any(getattr(request, part) for part in name)]
        if len(asked) > 1:
            reason = Message("One question at a time: something to add, something to drop, or other choices.")
            raise RefusedError([Wrong(asked[1][0], reason)])
        first = self.plan(request)
        schedule, question = self.tables.schedule(first.question.start), first.question
        with refused_by_field():
            if request.others:
                return Compared(self._side_by_side(first, request.others), schedule)
            if request.add or request.add_tariffs:
                add = as_qualifications(request.add or (), "add")
                add_tariffs = as_counts(request.add_tariffs, schedule, "add_tariffs")
                found = when_to_add(question, self.tables, add=add, add_tariffs=add_tariffs)
                return Compared(found, schedule)
            if request.drop or request.drop_tariffs:
                drop, counts = (
                    tuple(request.drop or ()),
                    as_counts(request.drop_tariffs, schedule, "drop_tariffs"),
                )
                return Compared(keep_or_drop(question, self.tables, drop=drop, drop_tariffs=counts), schedule)
            return Compared(one_more(question, self.tables), schedule)

    def _side_by_side(self, first: Plan, others: Sequence[PlanRequest]) -> Comparison:
        plans = [first]
        for index, other in enumerate(others):
            try:
                plans.append(
                    self.plan(other.model_copy(update={"start": other.start or first.question.start}))
                )
            except RefusedError as refused:
                raise RefusedError(
                    [
                        item._replace(field=f"others[{index}].{item.field or ''}".rstrip("."))
                        for item in refused.wrong
                    ]
                ) from None
            if (plans[-1].question.start, plans[-1].question.years) != (
                first.question.start,
                first.question.years,
            ):
                reason = Message("Choices are compared over the same years, from the same day.")
                raise RefusedError([Wrong(f"others[{index}].years", reason)])
        return Comparison(tuple(Choice(_called(plan, number), plan) for number, plan in enumerate(plans, 1)))

    def controls(self, request: ControlsRequest) -> ControlHistory:
        """The control history of a structure.

        Raises:
            RefusedError: it holds no qualification, or what is said of it cannot be true.
        """
        if not request.structure.qualifications:
            missing = Message("missing; it must be given.")
            raise RefusedError([Wrong("structure.qualifications", missing)])
        with refused_by_field():
            return control_history(
                structure_of(request.structure), on=request.on or self.today(), tables=self.tables
            )

    def nomenclature(self, request: NomenclatureRequest) -> Json:
        """The qualifications that hold every word, as JSON."""
        found = self.tables.nomenclature.search(request.words)
        return NomenclatureShape.written(FoundEntries(found), Voice())

    def turnovers(self, request: TurnoversRequest) -> Json:
        """The turnovers that give a brand-usage fee, as JSON.

        Raises:
            RefusedError: a day without a schedule.
        """
        with refused_by_field():
            schedule = self.tables.schedule(request.on or self.today())
            found = turnovers_from_fee(request.fee, schedule, request.fee_id)
        return TurnoversShape.written(FoundTurnovers(schedule, found), Voice())


_CHOICES = (("add", "add_tariffs"), ("drop", "drop_tariffs"), ("others",))
"""What may be compared, one at a time: the fields of each."""


def _called(plan: Plan, number: int) -> Message:
    structure = plan.question.structure
    if structure is not None and structure.name:
        return Message("{name}", name=structure.name)
    return Message("Choice {number}", number=number)


def _held_by_structure(asked: Asked | PlanAsked) -> dict[str, str]:
    """Where the core's qualifications stand, where they are those of a structure."""
    if "structure" not in asked or asked.get("qualifications") or asked.get("probationary"):
        return {}
    return dict.fromkeys(("qualifications", "probationary"), "structure.qualifications")
