"""An OPQIBI certificate and its two clocks.

The certificate runs one year from its issue and is issued anew after each annual control. Its qualifications
run until a printed date of their own, up to four years away. So a certificate can be over while its
qualifications still run: the yearly control left no trace, and it is ``not_renewed``, neither valid nor
expired. Probationary qualifications have a third clock, of one year.

Sources: the table ``validity.yaml``, whose durations and rules this module applies.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from opqibi_rules.certificate.reason import Reason
from opqibi_rules.deadlines import add_years
from opqibi_rules.messages import Message
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.validity import Term, Validity
from opqibi_rules.verdict import Verdict

_UNDATED = "undated-list-longest-term"


class Status(StrEnum):
    """What a certificate or a qualification is on a day."""

    VALID = "valid"
    EXPIRED = "expired"
    NOT_RENEWED = "not_renewed"
    NOT_YET_VALID = "not_yet_valid"
    UNDETERMINED = "undetermined"

    @property
    def verdict(self) -> Verdict:
        """Whether it is valid."""
        if self is Status.VALID:
            return Verdict.YES
        return Verdict.UNDETERMINED if self is Status.UNDETERMINED else Verdict.NO


@dataclass(frozen=True, slots=True)
class CertifiedQualification:
    """A qualification as a certificate bears it."""

    code: str
    """Four digits, leading zero kept; anything else is kept as given, and pointed out."""
    name: str | None = None
    rge: bool | None = None
    """The mention RGE; ``None``: the answer does not say."""


Listed = tuple[CertifiedQualification, ...] | None
"""A list of qualifications; ``None``: the answer does not give it, which is not an empty list."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a register says of a certificate; ``None`` wherever it says nothing."""

    number: str | None = None
    issued: date | None = None
    duration: str | None = None
    """As worded: « valable un an »."""
    qualifications: Listed = ()
    qualifications_until: date | None = None
    probationary: Listed = ()
    probationary_until: date | None = None
    url: str | None = None
    insurers: str | None = None


@dataclass(frozen=True, slots=True)
class CertificateStanding:
    """A certificate on a day."""

    number: str | None
    issued: date | None
    valid_until: date | None
    """Its last day, included."""
    status: Status
    reason: Reason


@dataclass(frozen=True, slots=True)
class QualificationStanding:
    """A qualification of a certificate on a day."""

    code: str
    name: str | None
    rge: bool | None
    probationary: bool
    valid_until: date | None
    """The date printed for its list, included."""
    status: Status
    reason: Reason
    entails: tuple[str, ...] = ()
    """Codes attributed automatically with it."""


def last_day(certificate: Certificate, validity: Validity) -> date | None:
    """The last day of the certificate's year, included; ``None`` where the answer does not allow to tell.

    Raises:
        DateError: issued so late that the year leaves the calendar.
    """
    worded = " ".join((certificate.duration or "").casefold().split())
    if certificate.issued is None or worded not in validity.certificate.wording:
        return None
    return add_years(certificate.issued, validity.certificate.years)


def certificate_standing(certificate: Certificate, on: date, validity: Validity) -> CertificateStanding:
    """The certificate on a day, by the first clock."""
    issued, ends = certificate.issued, last_day(certificate, validity)

    def standing(
        status: Status, rule: str, message: Message, assumption: str | None = None
    ) -> CertificateStanding:
        reason = Reason(rule, message, assumption)
        return CertificateStanding(certificate.number, issued, ends, status, reason)

    if issued is None:
        message = Message("The answer gives no date of issue: its year cannot be counted.")
        return standing(Status.UNDETERMINED, "missing-is-undetermined", message)
    if on < issued:
        message = Message("Issued on {issued:date}, after the day asked.", issued=issued)
        return standing(Status.NOT_YET_VALID, "certificate-one-year", message)
    if ends is None:
        message = (
            Message("Its duration reads « {duration} », which no rule knows.", duration=certificate.duration)
            if certificate.duration
            else Message("The answer gives no duration.")
        )
        return standing(Status.UNDETERMINED, "missing-is-undetermined", message)
    if on <= ends:
        message = Message(
            "Issued on {issued:date}, « {duration} »: valid until {ends:date}.",
            issued=issued,
            duration=certificate.duration,
            ends=ends,
        )
        return standing(Status.VALID, "certificate-one-year", message)
    running = max((day for day in _last_days_of_lists(certificate, validity) if on <= day), default=None)
    if running is not None:
        message = Message(
            "Its year ended on {ends:date} and its qualifications may run until {running:date}: no renewal "
            "is seen here. Ask for the certificate issued since.",
            ends=ends,
            running=running,
        )
        printed = {certificate.qualifications_until, certificate.probationary_until}
        assumption = None if running in printed else _UNDATED
        return standing(Status.NOT_RENEWED, "certificate-not-renewed", message, assumption)
    message = Message("Its year ended on {ends:date}, and none of its qualifications still runs.", ends=ends)
    return standing(Status.EXPIRED, "certificate-one-year", message)


def _last_days_of_lists(certificate: Certificate, validity: Validity) -> list[date]:
    lists = (
        (certificate.qualifications, certificate.qualifications_until, validity.qualification),
        (certificate.probationary, certificate.probationary_until, validity.probationary),
    )
    days = [_furthest(certificate, until, term) for held, until, term in lists if held != ()]
    return [day for day in days if day is not None]


def _furthest(certificate: Certificate, until: date | None, term: Term) -> date | None:
    """The last day a list may run to: its printed date, or else a full term from the issue."""
    if until is not None or certificate.issued is None:
        return until
    return add_years(certificate.issued, term.years)


def qualification_standings(
    certificate: Certificate, of: CertificateStanding, on: date, tables: Tables
) -> tuple[QualificationStanding, ...]:
    """Every qualification on a day, full ones first, by its own clock and under its certificate."""
    return tuple(
        QualificationStanding(
            code=qualification.code,
            name=qualification.name or tables.nomenclature.name(qualification.code),
            rge=qualification.rge,
            probationary=probationary,
            valid_until=certificate.probationary_until if probationary else certificate.qualifications_until,
            status=status,
            reason=reason,
            entails=tables.nomenclature.entailed(qualification.code),
        )
        for held, probationary in ((certificate.qualifications, False), (certificate.probationary, True))
        if held
        for status, reason in [_list_status(certificate, of, on, tables.validity, probationary=probationary)]
        for qualification in held
    )


def _list_status(
    certificate: Certificate, of: CertificateStanding, on: date, validity: Validity, *, probationary: bool
) -> tuple[Status, Reason]:
    """One date covers a whole list, so a whole list has one status."""
    until = certificate.probationary_until if probationary else certificate.qualifications_until
    term = validity.probationary if probationary else validity.qualification
    longest = "probationary-one-year" if probationary else "qualification-four-years"
    furthest = _furthest(certificate, until, term)
    if furthest is not None and on > furthest:
        if until is not None:
            message = Message("Its printed date, {until:date}, is past.", until=until)
            return Status.EXPIRED, Reason("qualification-printed-date", message)
        message = Message(
            "No date is printed, and the longest term ended on {furthest:date}.", furthest=furthest
        )
        return Status.EXPIRED, Reason(longest, message, _UNDATED)
    if of.status is Status.NOT_YET_VALID:
        message = Message("Its certificate is issued after the day asked.")
        return Status.NOT_YET_VALID, Reason("certificate-one-year", message)
    if of.status is Status.UNDETERMINED:
        message = Message("Its certificate cannot be dated.")
        return Status.UNDETERMINED, Reason("missing-is-undetermined", message)
    if of.status is not Status.VALID:
        message = Message(
            "It may run until {furthest:date}, under a certificate not renewed.", furthest=furthest
        )
        assumption = _UNDATED if until is None else None
        return Status.NOT_RENEWED, Reason("qualification-yearly-control", message, assumption)
    if until is None:
        message = Message("The answer prints no date for this list.")
        return Status.UNDETERMINED, Reason("missing-is-undetermined", message)
    message = Message("Valid until {until:date}, under a certificate of the year.", until=until)
    rule = longest if probationary else "qualification-printed-date"
    return Status.VALID, Reason(rule, message)
