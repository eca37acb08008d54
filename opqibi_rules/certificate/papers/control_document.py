"""A control history as a document: what is due next, and the life of each qualification."""

from collections.abc import Iterator

from opqibi_rules.certificate.controls import ControlHistory, QualificationHistory
from opqibi_rules.certificate.papers.certificate_document import STATUS_WORDS, interpretation, why
from opqibi_rules.messages import Message
from opqibi_rules.paper.document import Cell, Document, Row, Table
from opqibi_rules.verdict import Verdict

_IN_ORDER = {
    Verdict.YES: Message("in order"),
    Verdict.NO: Message("not in order"),
    Verdict.UNDETERMINED: Message("undetermined"),
}
_RENEWABLE = {
    Verdict.YES: Message("yes"),
    Verdict.NO: Message("no"),
    Verdict.UNDETERMINED: Message("no source says"),
}


def control_document(history: ControlHistory) -> Document:
    """The history to be read."""
    due = history.next_due
    tables = [_full(history), _probationary(history)]
    return Document(
        Message("Annual controls: {name}", name=history.structure.name or history.structure.siren or "—"),
        [
            (Message("On"), Cell(history.on, "date")),
            (Message("Qualifications"), _IN_ORDER[history.verdict]),
            (Message("Next control"), Message("none is due") if due is None else Cell(due, "date")),
        ],
        [table for table in tables if table.rows],
        [*_warnings(history), *map(interpretation, history.assumptions)],
    )


def _warnings(history: ControlHistory) -> Iterator[Message]:
    for one in history.qualifications:
        for warning in one.warnings:
            yield Message("{code}: {why}", code=one.code, why=why(warning))


def _full(history: ControlHistory) -> Table:
    rows: list[Row] = [
        (
            one.code,
            Cell(one.granted_on, "date"),
            Cell(one.valid_until, "date"),
            _made(one),
            STATUS_WORDS[one.status],
            why(one.reason),
        )
        for one in history.qualifications
        if not one.probationary
    ]
    columns = (
        Message("Code"),
        Message("Granted"),
        Message("Until"),
        Message("Controls"),
        Message("On that day"),
        Message("Why"),
    )
    return Table(columns, rows, title=Message("Qualifications"))


def _made(one: QualificationHistory) -> Message | None:
    if not one.controls:
        return None
    passed = sum(control.passed_on is not None for control in one.controls)
    return Message("{passed} of {all}", passed=passed, all=len(one.controls))


def _probationary(history: ControlHistory) -> Table:
    rows: list[Row] = [
        (
            one.code,
            Cell(one.granted_on, "date"),
            Cell(one.valid_until, "date"),
            None if one.renewals is None else str(one.renewals),
            None if one.may_renew is None else _RENEWABLE[one.may_renew],
            STATUS_WORDS[one.status],
        )
        for one in history.qualifications
        if one.probationary
    ]
    columns = (
        Message("Code"),
        Message("Granted"),
        Message("Until"),
        Message("Renewals"),
        Message("Renewable"),
        Message("On that day"),
    )
    return Table(columns, rows, title=Message("Probationary qualifications"))
