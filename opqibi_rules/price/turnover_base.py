"""Which turnover article III takes: « ingénierie » in general, « audit énergétique » for these audits alone.

When the data given does not allow the choice, the answer says so instead of choosing.
"""

from decimal import Decimal
from typing import NamedTuple

from opqibi_rules.messages import Message
from opqibi_rules.price.request import QuoteRequest
from opqibi_rules.tables.schedule import Schedule


class TurnoverBase(NamedTuple):
    """Which turnover article III takes, and why."""

    kind: str | None
    """``engineering``, ``energy_audit``, or ``None`` where the data does not allow the choice."""
    turnover: Decimal | None
    reason: Message
    undetermined: bool = False
    """A turnover was given, and cannot be used for want of other data."""
    assumptions: tuple[str, ...] = ()


_NO_TURNOVER = TurnoverBase(
    None,
    None,
    Message(
        "The brand-usage fee will be due after notification, and is not computed: it needs the last known "
        "turnover excl. VAT (--turnover; --audit-turnover for energy audits only)."
    ),
)


def turnover_base(request: QuoteRequest, schedule: Schedule) -> TurnoverBase:
    """Article III: the « ingénierie » turnover in general, the « audit énergétique » one for these alone."""
    turnover, audit_turnover = request.turnover, request.audit_turnover
    if turnover is None and audit_turnover is None:
        return _NO_TURNOVER
    if not request.qualifications and audit_turnover is None:
        return TurnoverBase("engineering", turnover, _GENERAL_RULE, assumptions=_GENERAL_ASSUMPTION)
    audit_codes = schedule.brand_usage.energy_audit_codes
    others = [item.code for item in request.qualifications if item.code not in audit_codes]
    probationary = ("probationary-counts-for-the-base",) * any(q.probationary for q in request.qualifications)
    if others:
        if turnover is None:
            return TurnoverBase(
                None,
                None,
                Message(
                    "Brand-usage fee undetermined: {code} is no energy audit, so that article III takes the "
                    "« ingénierie » turnover, and it is not given (--turnover).",
                    code=others[0],
                ),
                undetermined=True,
            )
        reason = Message(
            "Brand-usage fee on the « ingénierie » turnover (article III): {code} is no energy audit.",
            code=others[0],
        )
        return TurnoverBase("engineering", turnover, reason, assumptions=probationary)
    if not any(request.tariffs.values()):
        if audit_turnover is None:
            return TurnoverBase(
                None,
                None,
                Message(
                    "Brand-usage fee undetermined: with energy audits only ({codes}), article III takes the "
                    "« audit énergétique » turnover, and it is not given (--audit-turnover).",
                    codes=tuple(item.code for item in request.qualifications),
                ),
                undetermined=True,
            )
        reason = Message(
            "Brand-usage fee on the « audit énergétique » turnover (article III): energy audits only ({codes}).",
            codes=tuple(item.code for item in request.qualifications),
        )
        return TurnoverBase("energy_audit", audit_turnover, reason, assumptions=probationary)
    if audit_turnover is not None:
        return TurnoverBase(
            None,
            None,
            Message(
                "Brand-usage fee undetermined: without the codes of the qualifications, nothing says whether "
                "they are all energy audits ({codes}). Give the codes (-q CODE:TARIFF), or only the turnover "
                "that article III takes.",
                codes=tuple(sorted(audit_codes)),
            ),
            undetermined=True,
        )
    return TurnoverBase("engineering", turnover, _GENERAL_RULE, assumptions=_GENERAL_ASSUMPTION)


_GENERAL_ASSUMPTION = ("engineering-turnover-in-general",)


_GENERAL_RULE = Message(
    "Brand-usage fee on the turnover given, taken as the « ingénierie » one (article III, general rule)."
)
