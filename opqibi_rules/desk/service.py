"""Answers to questions, with some tables, on some day: what the page, the HTTP API and the assistants call.

Nothing is computed here: the core answers, and what it refuses is refused by field.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from opqibi_rules.desk.questions import (
    ChangeQuestion,
    PlanQuestion,
    Question,
    QuoteQuestion,
    TurnoverQuestion,
)
from opqibi_rules.desk.refusals import refused_by_field
from opqibi_rules.money import ZERO
from opqibi_rules.paper.shape import Json
from opqibi_rules.price.holdings import Change
from opqibi_rules.price.inversion import turnovers_from_fee
from opqibi_rules.price.plan import Plan
from opqibi_rules.price.plan import plan as make_plan
from opqibi_rules.price.quote import Quote
from opqibi_rules.price.quote import quote as price
from opqibi_rules.price.structure import Qualification, Turnover
from opqibi_rules.tables.library import Tables


@dataclass(frozen=True, slots=True)
class Service:
    """What the answers rest on: the facts, and what day it is."""

    tables: Tables
    today: Callable[[], date]

    def quote(self, question: QuoteQuestion) -> Quote:
        """The quote asked for.

        Raises:
            RefusedError: a question without an answer.
        """
        with refused_by_field(**_held_by_structure(question)):
            return price(on=question.on or self.today(), tables=self.tables, **question.asked())

    def plan(self, question: PlanQuestion) -> Plan:
        """The plan asked for.

        Raises:
            RefusedError: a question without an answer.
        """
        with refused_by_field(on="start", **_held_by_structure(question)):
            return make_plan(
                **question.asked(),
                start=question.start or self.today(),
                years=question.years,
                control=question.control,
                notified=question.notified,
                months_to_notification=question.months_to_notification,
                changes=[_change(change) for change in question.changes],
                outcome=question.outcome,
                turnovers=[
                    Turnover(item.year, item.engineering, item.energy_audit, item.document)
                    for item in question.turnovers
                ],
                growth=ZERO if question.growth is None else question.growth,
                spread_by=question.spread_by,
                tables=self.tables,
            )

    def turnovers(self, question: TurnoverQuestion) -> Json:
        """The turnovers that give a brand-usage fee, as JSON.

        Raises:
            RefusedError: a day without a schedule.
        """
        with refused_by_field():
            schedule = self.tables.schedule(question.on or self.today())
            found = turnovers_from_fee(question.fee, schedule)
        turnovers = None if found is None else found.to_dict()
        return {"schema_version": 1, "schedule": schedule.id, "turnovers": turnovers}


def _held_by_structure(question: Question) -> dict[str, str]:
    """Where the core's qualifications stand, where they are those of a structure."""
    asked = question.asked()
    if "structure" not in asked or asked.get("qualifications") or asked.get("probationary"):
        return {}
    return dict.fromkeys(("qualifications", "probationary"), "structure.qualifications")


def _change(change: ChangeQuestion) -> Change:
    return Change(
        change.event,
        change.number,
        add=tuple(Qualification.parse(text) for text in change.add),
        add_tariffs={int(tariff): count for tariff, count in change.add_tariffs.items()},
        drop=tuple(change.drop),
        drop_tariffs={int(tariff): count for tariff, count in change.drop_tariffs.items()},
        turn_full=tuple(change.turn_full),
    )
