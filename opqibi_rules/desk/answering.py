"""Where questions are answered: each is handed to the core, and a refusal names the field at fault.

Nothing is computed here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from opqibi_rules.desk.questions import ChangeQuestion, Holding, PlanQuestion, QuoteQuestion, TurnoverQuestion
from opqibi_rules.desk.refusals import RefusedError, Wrong, blamed
from opqibi_rules.errors import DateError, FileError, OpqibiError, TableError
from opqibi_rules.money import ZERO
from opqibi_rules.price.files.structure_file import structure_of
from opqibi_rules.price.holdings import Change
from opqibi_rules.price.inversion import turnovers_from_fee
from opqibi_rules.price.plan import Plan
from opqibi_rules.price.plan import plan as make_plan
from opqibi_rules.price.quote import Quote
from opqibi_rules.price.quote import quote as price
from opqibi_rules.price.structure import Qualification, Turnover
from opqibi_rules.tables.library import Tables

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Desk:
    """What the answers rest on: the facts, and what day it is."""

    tables: Tables
    today: Callable[[], date]

    def quote(self, question: QuoteQuestion) -> Quote:
        """The quote asked for.

        Raises:
            RefusedError: a question without an answer.
        """
        return told(
            lambda: price(
                **_held(question),
                on=question.on or self.today(),
                new_tariffs=question.new_tariffs,
                new_qualifications=question.new_qualifications,
                tables=self.tables,
            ),
            {**_lists(question), "new_qualifications": question.new_qualifications},
        )

    def plan(self, question: PlanQuestion) -> Plan:
        """The plan asked for.

        Raises:
            RefusedError: a question without an answer.
        """
        return told(
            lambda: make_plan(
                **_held(question),
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
            ),
            _lists(question),
            day="start",
        )

    def turnovers(self, question: TurnoverQuestion) -> dict[str, Any]:
        """The turnovers that give a brand-usage fee, as JSON.

        Raises:
            RefusedError: a day without a schedule.
        """
        schedule = told(lambda: self.tables.schedule(question.on or self.today()), {})
        found = turnovers_from_fee(question.fee, schedule)
        turnovers = None if found is None else found.to_dict()
        return {"schema_version": 1, "schedule": schedule.id, "turnovers": turnovers}


def told(answer: Callable[[], _Answer], lists: Mapping[str, Sequence[str]], day: str = "on") -> _Answer:
    """Let the core answer; its refusal names the field at fault where its sentence tells it.

    Raises:
        RefusedError: what the core refused.
    """
    try:
        return answer()
    except FileError as error:
        raise RefusedError([Wrong("file", mistake.message) for mistake in error.mistakes]) from None
    except OpqibiError as error:
        field = blamed(error, lists)
        if field is None and isinstance(error, DateError):
            field = day
        elif field is None and (isinstance(error, TableError) or "known" in error.message.values):
            field = "vat"
        raise RefusedError([Wrong(field, error.message)]) from None


def _held(question: Holding) -> dict[str, Any]:
    return {
        "event": question.event,
        "tariffs": question.tariffs,
        "qualifications": question.qualifications,
        "probationary": question.probationary,
        "turnover": question.turnover,
        "audit_turnover": question.audit_turnover,
        "structure": None if question.structure is None else structure_of(question.structure),
        "vat": question.vat,
    }


def _lists(question: Holding) -> dict[str, Sequence[str]]:
    return {"qualifications": question.qualifications, "probationary": question.probationary}


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
