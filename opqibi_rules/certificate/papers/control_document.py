"""A control history as a document: what is due next, and the life of each qualification."""

from collections.abc import Iterator, Sequence

from opqibi_rules.certificate.controls import ControlHistory, QualificationHistory
from opqibi_rules.certificate.papers.certificate_document import STATUS_WORDS, interpretation, sourced, why
from opqibi_rules.messages import Message
from opqibi_rules.paper.document import Cell, Columns, Document, Table, tabulated
from opqibi_rules.verdict import Verdict

_IN_ORDER = {
    Verdict.YES: Message("in order"),
    Verdict.NO: Message("not in order"),
    Verdict.UNDETERMINED: Message("undetermined"),
}
_RENEWABLE = {
    Verdict.YES: Message("yes"),
    Verdict.NO: Message("no"),
    Verdict.UNDETERMINED: Message("no source read says"),
}


def _made(one: QualificationHistory) -> Message | None:
    if not one.controls:
        return None
    passed = sum(control.passed_on is not None for control in one.controls)
    return Message("{passed} of {all}", passed=passed, all=len(one.controls))


_DATES: Columns[QualificationHistory] = (
    (Message("Code"), lambda one: one.code),
    (Message("Granted"), lambda one: Cell(one.granted_on, "date")),
    (Message("Until"), lambda one: Cell(one.valid_until, "date")),
)
_STATUS: Columns[QualificationHistory] = ((Message("On that day"), lambda one: STATUS_WORDS[one.status]),)
_FULL: Columns[QualificationHistory] = (
    *_DATES,
    (Message("Controls"), _made),
    *_STATUS,
    (Message("Why"), lambda one: why(one.reason)),
)
_PROBATIONARY: Columns[QualificationHistory] = (
    *_DATES,
    (Message("Renewals"), lambda one: None if one.renewals is None else str(one.renewals)),
    (Message("Renewable"), lambda one: None if one.may_renew is None else _RENEWABLE[one.may_renew]),
    *_STATUS,
)


def control_document(history: ControlHistory, *, explain: bool = False) -> Document:
    """The history to be read; with ``explain``, every rule it names, with its source."""
    name, due = history.structure.name or history.structure.siren or "—", history.next_due
    unknown = history.verdict is Verdict.UNDETERMINED
    none = Message("not known") if unknown else Message("none is due")
    return Document(
        Message("Annual controls: {name}", name=name),
        [
            (Message("On"), Cell(history.on, "date")),
            (Message("Qualifications"), _IN_ORDER[history.verdict]),
            (Message("Next control"), none if due is None else Cell(due, "date")),
        ],
        [table for table in _tables(history.qualifications) if table.rows],
        [
            *_warnings(history.qualifications),
            *(map(sourced, history.rules) if explain else ()),
            *map(interpretation, history.assumptions),
        ],
    )


def _tables(held: Sequence[QualificationHistory]) -> Iterator[Table]:
    yield tabulated([one for one in held if not one.probationary], _FULL, Message("Qualifications"))
    probationary = [one for one in held if one.probationary]
    yield tabulated(probationary, _PROBATIONARY, Message("Probationary qualifications"))


def _warnings(held: Sequence[QualificationHistory]) -> Iterator[Message]:
    if not held:
        yield Message("The file gives no qualification: nothing can be said to be in order.")
    for one in held:
        for warning in one.warnings:
            yield Message("{code}: {why}", code=one.code, why=why(warning))
