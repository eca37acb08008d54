"""Answers to requests, with some tables, on some day: what the page, the HTTP API and the assistants call.

Nothing is computed here: the core answers, and what it refuses is refused by field.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from opqibi_rules.desk.refusals import refused_by_field
from opqibi_rules.desk.requests import (
    PlanRequest,
    QuoteRequest,
    TurnoversRequest,
)
from opqibi_rules.paper.shape import Json, Voice
from opqibi_rules.price.inversion import FoundTurnovers, TurnoversShape, turnovers_from_fee
from opqibi_rules.price.planning.plan import Plan
from opqibi_rules.price.planning.plan import plan as make_plan
from opqibi_rules.price.planning.plan_question import PlanAsked
from opqibi_rules.price.question import Asked
from opqibi_rules.price.quote import Quote
from opqibi_rules.price.quote import quote as price
from opqibi_rules.tables.library import Tables


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

    def turnovers(self, request: TurnoversRequest) -> Json:
        """The turnovers that give a brand-usage fee, as JSON.

        Raises:
            RefusedError: a day without a schedule.
        """
        with refused_by_field():
            schedule = self.tables.schedule(request.on or self.today())
            found = turnovers_from_fee(request.fee, schedule, request.fee_id)
        return TurnoversShape.written(FoundTurnovers(schedule, found), Voice())


def _held_by_structure(asked: Asked | PlanAsked) -> dict[str, str]:
    """Where the core's qualifications stand, where they are those of a structure."""
    if "structure" not in asked or asked.get("qualifications") or asked.get("probationary"):
        return {}
    return dict.fromkeys(("qualifications", "probationary"), "structure.qualifications")
