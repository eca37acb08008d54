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
from typing import Annotated
from urllib.parse import urlsplit

from opqibi_rules.certificate.entailment import NOTHING, Entailment, all_defined, entailed
from opqibi_rules.certificate.reading import answer_fields as given
from opqibi_rules.certificate.reading.answer_fields import called
from opqibi_rules.certificate.reason import Reason
from opqibi_rules.deadlines import add_years
from opqibi_rules.messages import Message
from opqibi_rules.paper.shape import Shape, at
from opqibi_rules.tables.description import Day
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

    code: Annotated[given.Code, called("code_qualification", "CodeQualification")] = ""
    """Four digits, leading zero kept; anything else is kept as given, and pointed out."""
    name: Annotated[given.Words, called("nom", "Nom")] = None
    rge: given.Flag = None
    """The mention RGE; ``None``: the answer does not say."""
    definition: Annotated[given.Words, called("definition", "Definition")] = None
    """As worded, tags and all."""


Listed = tuple[CertifiedQualification, ...] | None
"""A list of qualifications; ``None``: the answer does not give it, which is not an empty list."""


@dataclass(frozen=True, slots=True)
class CertifiedList:
    """One of the two lists of a certificate: one printed date, and one term, for all that it holds."""

    held: Listed
    until: date | None
    """As printed, included."""
    probationary: bool

    def furthest(self, issued: date | None, validity: Validity) -> date | None:
        """The last day it may run to: its printed date, or else a full term from the issue."""
        if self.until is not None or issued is None:
            return self.until
        _, term = term_of(validity, probationary=self.probationary)
        return add_years(issued, term.years)


def term_of(validity: Validity, *, probationary: bool) -> tuple[str, Term]:
    """The longest term of a qualification, after the rule that says it."""
    if probationary:
        return "probationary-one-year", validity.probationary
    return "qualification-four-years", validity.qualification


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a register says of a certificate, under its own names; ``None`` wherever it says nothing."""

    number: Annotated[given.Words, called("numero_certificat")] = None
    issued: Annotated[given.Day, called("date_delivrance_certificat", "date_de_delivrance_du_certificat")] = (
        None
    )
    duration: Annotated[
        given.Words, called("duree_validite_certificat", "duree_de_validite_du_certificat")
    ] = None
    """As worded: « valable un an »."""
    qualifications: Listed = None
    qualifications_until: Annotated[
        given.Day,
        called(
            "date_validite_qualifications",
            "date_de_validite_des_qualifications",
            "date_de_validite_des_qualification",
        ),
    ] = None
    probationary: Annotated[Listed, called("qualifications_probatoires")] = None
    probationary_until: Annotated[
        given.Day,
        called("date_validite_qualifications_probatoires", "date_de_validite_des_qualifications_probatoires"),
    ] = None
    url: given.Words = None
    insurers: Annotated[given.Words, called("assurances", "assurance")] = None

    @property
    def lists(self) -> tuple[CertifiedList, CertifiedList]:
        """The qualifications, then the probationary ones."""
        return (
            CertifiedList(self.qualifications, self.qualifications_until, probationary=False),
            CertifiedList(self.probationary, self.probationary_until, probationary=True),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateStanding:
    """A certificate on a day."""

    number: str | None = None
    issued: date | None = None
    valid_until: date | None = None
    """Its last day, included."""
    status: Status
    reason: Reason
    url: str | None = None
    """Of its record, as the answer gives it."""
    insurers: str | None = None
    """Those that recognise the certificate."""


class CertificateStandingShape(Shape, of=CertificateStanding):
    """Where a certificate stands on the day."""

    number: str | None
    issued: Day | None
    valid_until: Day | None
    url: str | None
    """Of its record, as the answer gives it."""
    insurers: str | None
    """Those that recognise the certificate."""
    status: Status
    reason: Message = at("reason.message")
    rule: str = at("reason.rule")


@dataclass(frozen=True, slots=True, kw_only=True)
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
    entailment: Entailment = NOTHING
    """The codes attributed automatically with it, and who says so."""

    @property
    def entails(self) -> tuple[str, ...]:
        """The codes attributed automatically with it."""
        return self.entailment.codes


class QualificationStandingShape(Shape, of=QualificationStanding):
    """Where a qualification stands on the day."""

    code: str
    name: str | None
    probationary: bool
    valid_until: Day | None
    """The date printed for its list, included."""
    status: Status
    reason: Message = at("reason.message")
    rule: str = at("reason.rule")
    rge: bool | None
    entails: tuple[str, ...]
    """Codes attributed automatically with it."""
    entails_known: bool = at("entailment.known")
    """These are all; else there may be others."""
    entails_said: str | None = at("entailment.said")
    """The sentence of its definition that says so."""


def is_published(url: str, hosts: tuple[str, ...]) -> bool:
    """Whether an address is on one of these hosts, or below it."""
    try:
        host = urlsplit(url.strip()).hostname or ""
    except ValueError:  # a malformed IPv6 host
        return False
    return any(host == known or host.endswith(f".{known}") for known in hosts)


def record_of(certificate: Certificate, validity: Validity) -> str:
    """The address of the record, as it ends a sentence; nothing where it is not on the site of the body."""
    url = certificate.url
    return f" ({url[:200]})" if url and is_published(url, validity.form.hosts) else ""


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
    ends = last_day(certificate, validity)
    status, reason = _first_clock(certificate, ends, on, validity)
    return CertificateStanding(
        number=certificate.number,
        issued=certificate.issued,
        valid_until=ends,
        status=status,
        reason=reason,
        url=certificate.url,
        insurers=certificate.insurers,
    )


def _first_clock(
    certificate: Certificate, ends: date | None, on: date, validity: Validity
) -> tuple[Status, Reason]:
    issued, duration = certificate.issued, certificate.duration
    if issued is None:
        message = Message("The answer gives no date of issue: its year cannot be counted.")
        return Status.UNDETERMINED, Reason("missing-is-undetermined", message)
    if on < issued:
        message = Message(
            "Issued on {issued:date}, after the day asked: for that day, ask for the certificate before it.",
            issued=issued,
        )
        return Status.NOT_YET_VALID, Reason("certificate-one-year", message)
    if ends is None:
        message = Message("The answer gives no duration.")
        if duration:
            message = Message("Its duration reads « {duration} », which no rule knows.", duration=duration)
        return Status.UNDETERMINED, Reason("missing-is-undetermined", message)
    if on <= ends:
        message = Message(
            "Issued on {issued:date}, « {duration} »: valid until {ends:date}.",
            issued=issued,
            duration=duration,
            ends=ends,
        )
        return Status.VALID, Reason("certificate-one-year", message)
    return _past_its_year(certificate, ends, on, validity)


def _past_its_year(
    certificate: Certificate, ends: date, on: date, validity: Validity
) -> tuple[Status, Reason]:
    lists = [one for one in certificate.lists if one.held != ()]
    days = (one.furthest(certificate.issued, validity) for one in lists)
    running = max((day for day in days if day is not None and on <= day), default=None)
    if running is None:
        message = Message(
            "Its year ended on {ends:date}, and none of its qualifications still runs.", ends=ends
        )
        return Status.EXPIRED, Reason("certificate-one-year", message)
    message = Message(
        "Its year ended on {ends:date} and its qualifications may run until {running:date}: no renewal "
        "is seen here. Only a certificate issued since would cover that day{record}.",
        ends=ends,
        running=running,
        record=record_of(certificate, validity),
    )
    printed = running in {one.until for one in certificate.lists}
    return Status.NOT_RENEWED, Reason("certificate-not-renewed", message, None if printed else _UNDATED)


def qualification_standings(
    certificate: Certificate, of: CertificateStanding, on: date, tables: Tables
) -> tuple[QualificationStanding, ...]:
    """Every qualification on a day, full ones first, by its own clock and under its certificate."""
    listed = [one for of_kind in certificate.lists for one in of_kind.held or ()]
    said = all_defined({one.code: one.definition for one in reversed(listed)})  # that of the full one
    return tuple(
        QualificationStanding(
            code=qualification.code,
            name=qualification.name or tables.nomenclature.name(qualification.code),
            rge=qualification.rge,
            probationary=one.probationary,
            valid_until=one.until,
            status=status,
            reason=reason,
            entailment=entailed(qualification.code, said, tables.nomenclature),
        )
        for one in certificate.lists
        if one.held
        for status, reason in [_own_clock(one, of, on, tables.validity)]
        for qualification in one.held
    )


def _own_clock(
    one: CertifiedList, of: CertificateStanding, on: date, validity: Validity
) -> tuple[Status, Reason]:
    """One date covers a whole list, so a whole list has one status."""
    furthest = one.furthest(of.issued, validity)
    rule, _ = term_of(validity, probationary=one.probationary)
    undated = _UNDATED if one.until is None else None
    if furthest is not None and on > furthest:
        if not undated:
            message = Message("Its printed date, {until:date}, is past.", until=one.until)
            return Status.EXPIRED, Reason("qualification-printed-date", message)
        message = Message(
            "No date is printed, and the longest term ended on {furthest:date}.", furthest=furthest
        )
        return Status.EXPIRED, Reason(rule, message, undated)
    if of.status in {Status.NOT_YET_VALID, Status.UNDETERMINED}:
        return of.status, of.reason
    if of.status is not Status.VALID:
        message = Message(
            "It may run until {furthest:date}, under a certificate not renewed.", furthest=furthest
        )
        return Status.NOT_RENEWED, Reason("qualification-yearly-control", message, undated)
    if undated:
        message = Message("The answer prints no date for this list.")
        return Status.UNDETERMINED, Reason("missing-is-undetermined", message)
    message = Message("Valid until {until:date}, under a certificate of the year.", until=one.until)
    return Status.VALID, Reason(rule if one.probationary else "qualification-printed-date", message)
