"""What an answer can know: it speaks for the day it was fetched, and the day asked may be another.

After its day, what it holds is so under reservation, as far as its printed dates run; what it does not hold is
not known. A day still to come is named as such, with what to ask for, and when.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from opqibi_rules.certificate.model import Certificate, last_day, record_of
from opqibi_rules.certificate.reason import Reason
from opqibi_rules.deadlines import add_years, to_day
from opqibi_rules.errors import DateError
from opqibi_rules.messages import Message
from opqibi_rules.tables.validity import Validity

_CONTROL = "control-on-the-last-day-of-the-certificate"


@dataclass(frozen=True, slots=True)
class AnswerDay:
    """The day an answer speaks for, beside the day asked."""

    on: date
    """The day asked about."""
    day: date
    """The day it was fetched, or is taken to have been."""
    own: date | None
    """The one that the answer itself tells."""
    stated: date | None
    """The one that the caller tells."""
    today: date | None
    """``None``: not told; then no day is known to be still to come."""

    @classmethod
    def of(cls, own: date | None, on: date, *, stated: date | str | None, today: date | None) -> "AnswerDay":
        """What the answer tells, else what the caller tells, else the earlier of the day asked and today.

        Raises:
            DateError: ``stated`` is no day, or is still to come.
        """
        given = None if stated is None else to_day(stated, "fetched")
        if given is not None and today is not None and given > today:
            raise DateError(
                "{day:date} is still to come: no answer was fetched on it.", day=given, field="fetched"
            )
        assumed = on if today is None else min(on, today)
        return cls(on, own or given or assumed, own, given, today)

    @property
    def told(self) -> date | None:
        """The day it was fetched, where somebody tells it."""
        return self.own or self.stated

    @property
    def latest(self) -> date | None:
        """The last day on which it can have been fetched; ``None``: nobody tells."""
        return self.told or self.today

    @property
    def is_past(self) -> bool:
        """The day asked comes after the answer."""
        return self.on > self.day

    @property
    def is_before(self) -> bool:
        """The day asked comes before the answer."""
        return self.on < self.day

    @property
    def to_come(self) -> bool:
        """The day asked is after today."""
        return self.today is not None and self.on > self.today


def under_reservation(reason: Reason, at: AnswerDay) -> Reason:
    """Why something is so on a day after the answer, as far as it can know."""
    message = Message(
        "{why} Under reservation: so says an answer of {day:date}, which knows nothing of what came after.",
        why=reason.message,
        day=at.day,
    )
    return Reason(reason.rule, message, reason.assumption)


def not_known(reason: Reason, at: AnswerDay) -> Reason:
    """Why what an answer denies of a day after it may be so all the same."""
    message = Message(
        "{why} So says an answer of {day:date}, which knows nothing of what came after.",
        why=reason.message,
        day=at.day,
    )
    return Reason("answer-age", message)


def lost_since(reason: Reason, at: AnswerDay) -> Reason:
    """Why what a later answer does not hold may have been held: no source read says that a withdrawal shows."""
    message = Message(
        "{why} So says an answer of {day:date}; what was held on {on:date} may have been withdrawn in between.",
        why=reason.message,
        day=at.day,
        on=at.on,
    )
    return Reason("answer-age", message)


def not_that_day(at: AnswerDay) -> Reason:
    """Why « no certificate known » says nothing of another day than that of the answer, later or earlier."""
    message = Message(
        "No certificate was known for this firm on {day:date}, the day of the answer, which says nothing of "
        "{on:date}.",
        day=at.day,
        on=at.on,
    )
    return Reason("answer-age", message)


def remarks(at: AnswerDay, content: object, validity: Validity) -> Iterator[Reason]:
    """What must be said of the day of the answer: where it is not told, and where the day asked comes after it."""
    if at.told is None:
        message = Message(
            "The answer does not tell the day it was fetched: it is taken as fetched on {day:date}. State that "
            "day if it was another.",
            day=at.day,
        )
        if isinstance(content, Certificate) and content.issued is not None and content.issued > at.day:
            message = Message(
                "The answer does not tell the day it was fetched, which cannot be before the issue of its "
                "certificate, {issued:date}. State that day.",
                issued=content.issued,
            )
        yield Reason("answer-day", message)
    elif at.own and at.stated and at.own != at.stated:
        message = Message(
            "The answer tells that it was fetched on {own:date}, not on {stated:date}: its own day is kept.",
            own=at.own,
            stated=at.stated,
        )
        yield Reason("answer-day", message)
    if at.is_past:
        yield from _past_the_answer(at, content, validity)


def _past_the_answer(at: AnswerDay, content: object, validity: Validity) -> Iterator[Reason]:
    age = Message(
        "The day asked, {on:date}, comes after the answer, of {day:date}: what it holds is so under reservation, "
        "what it does not hold is not known.",
        on=at.on,
        day=at.day,
    )
    asking, assumption = _what_to_ask(at, content, validity)
    if at.to_come:
        yield Reason("answer-age", age)
        message = Message("{on:date} is still to come. {asking}", on=at.on, asking=asking)
        yield Reason("day-to-come", message, assumption)
    else:
        yield Reason("answer-age", Message("{age} {asking}", age=age, asking=asking), assumption)


def _what_to_ask(at: AnswerDay, content: object, validity: Validity) -> tuple[Message, str | None]:
    """What would settle it, reckoned from what the answer prints, and the interpretation that this rests on."""
    record = record_of(content, validity) if isinstance(content, Certificate) else ""
    if isinstance(content, Certificate) and (ends := last_day(content, validity)) and at.on > ends:
        return _next_certificate(at, content, ends, record)
    if at.to_come:
        return Message("Ask the register again on that day{record}.", record=record), None
    return Message("Ask the register again{record}.", record=record), None


def _next_certificate(
    at: AnswerDay, held: Certificate, ends: date, record: str
) -> tuple[Message, str | None]:
    """The certificate that would cover the day asked: reissued after a control, or issued after the renewal."""
    until = max((one.until for one in held.lists if one.held and one.until is not None), default=None)
    if until is None:
        return Message("Ask for the certificate of that day{record}.", record=record), None
    if at.on > until:
        message = Message(
            "Ask for the certificate issued after the renewal of the qualifications, printed until "
            "{until:date}{record}.",
            until=until,
            record=record,
        )
        return message, None
    control = ends
    while (following := add_years(ends, control.year - ends.year + 1)) < at.on:
        control = following
    message = Message(
        "Ask for the certificate reissued after the control of {control:date}{record}.",
        control=control,
        record=record,
    )
    return message, _CONTROL
