"""An operator of Agence BIO: is its organic certification engaged on that day?

The state is authoritative, and it is that of the day of the answer: the dates say since when. The list of
states is open; one that no table knows leaves the answer undetermined.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, NamedTuple

from opqibi_rules.certificate.answer_day import AnswerDay
from opqibi_rules.certificate.model import CertificateStanding, Status
from opqibi_rules.certificate.reading import answer_fields as given
from opqibi_rules.certificate.reading.answer_fields import called
from opqibi_rules.certificate.reason import Reason
from opqibi_rules.deadlines import add_years
from opqibi_rules.messages import Message
from opqibi_rules.paper.shape import Shape
from opqibi_rules.paper.text import fold, plain_words
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.validity import Organic

_SUSPENDED = "SUSPENDUE"


@dataclass(frozen=True, slots=True)
class OrganicCertificate:
    """One certification, by one certifying body."""

    state: Annotated[given.Words, called("etat_certification", "etatCertification")] = None
    body: Annotated[given.Words, called("organisme")] = None
    engaged_on: Annotated[given.Day, called("date_engagement", "dateEngagement")] = None
    suspended_on: Annotated[given.Day, called("date_suspension", "dateSuspension")] = None
    stopped_on: Annotated[given.Day, called("date_arret", "dateArret")] = None
    url: given.Words = None
    """Where its proof may be found."""


@dataclass(frozen=True, slots=True)
class OrganicRecord:
    """One record of an operator; a migration left some operators with two."""

    number: Annotated[given.Words, called("numero_bio", "numeroBio")] = None
    """« Numéro BIO »."""
    siret: given.Words = None
    name: Annotated[given.Words, called("raison_sociale", "raisonSociale")] = None
    certificates: Annotated[tuple[OrganicCertificate, ...], given.OrNone, called("certificats")] = ()
    updated_on: Annotated[given.DayIfAny, called("date_derniere_mise_a_jour", "dateMaj")] = None
    """By the operator itself; not all data is updated then."""


@dataclass(frozen=True, slots=True)
class OrganicOperator:
    """All that Agence BIO answers of one operator."""

    records: tuple[OrganicRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganicDetails:
    """What a reader needs to ask further: whom, where, since when."""

    state: str | None
    body: str | None
    publishes: bool | None
    """The body puts its certificates online; ``None``: no body is named."""
    url: str | None
    suspended_on: date | None
    suspended_until: date | None
    """The day from which the suspension is a withdrawal."""
    updated_on: date | None


class OrganicDetailsShape(Shape, of=OrganicDetails):
    """The certification that settled the verdict: whom to ask, where, since when."""

    state: str | None
    body: str | None
    """The certifying body."""
    publishes: bool | None
    """The body puts its certificates online; null: no body is named."""
    url: str | None
    """Where the proof may be found."""
    suspended_on: Day | None
    suspended_until: Day | None
    """The day from which the suspension is a withdrawal."""
    updated_on: Day | None
    """By the operator itself; not all data is updated then."""


class _Judged(NamedTuple):
    """One certification on a day."""

    record: OrganicRecord
    certificate: OrganicCertificate
    status: Status
    reason: Reason


_ORDER = (Status.VALID, Status.UNDETERMINED, Status.NOT_YET_VALID, Status.EXPIRED)


def organic_standing(
    operator: OrganicOperator, at: AnswerDay, organic: Organic
) -> tuple[CertificateStanding, OrganicDetails | None, tuple[Reason, ...]]:
    """The certification on a day, more of it, and what must be said of it."""
    judged = [
        _Judged(record, certificate, *_status(certificate, at, organic))
        for record in operator.records
        for certificate in record.certificates
    ]
    if not judged:
        nothing = Reason("bio-no-operator", Message("The answer holds no certification."))
        return CertificateStanding(status=Status.UNDETERMINED, reason=nothing), None, ()
    engaged = [item for item in judged if _certified(item.certificate, organic)]
    best = min(engaged or judged, key=lambda item: _ORDER.index(item.status))
    standing, details = _standing(best, ended=not engaged), _details(best, organic)
    remarks = tuple(_on_the_proof(details))
    bodies = {item.certificate.body for item in engaged if item.record is best.record}
    if len(bodies) < len(engaged):  # one record engaged with several bodies is no duplicate
        message = Message(
            "{count} records are engaged: nothing says which one is current.", count=len(engaged)
        )
        reason = Reason("bio-two-engaged", message)
        return replace(standing, status=Status.UNDETERMINED, reason=reason), details, remarks
    if 0 < len(engaged) < len(judged):
        message = Message("Of {count} certifications, the engaged one prevails.", count=len(judged))
        remarks = (Reason("bio-engaged-prevails", message), *remarks)
    return standing, details, remarks


def _standing(best: _Judged, *, ended: bool) -> CertificateStanding:
    one = best.certificate
    return CertificateStanding(
        number=best.record.number,
        issued=one.engaged_on,
        valid_until=one.stopped_on or one.suspended_on if ended else None,
        status=best.status,
        reason=best.reason,
        url=one.url,
    )


def _details(best: _Judged, organic: Organic) -> OrganicDetails:
    one, publishes = best.certificate, None
    if one.body is not None:
        body = f"{plain_words(one.body)} "
        publishes = any(body.startswith(f"{plain_words(known)} ") for known in organic.publishing)
    suspended = one.suspended_on if _plain(one.state or "") == _SUSPENDED else None
    return OrganicDetails(
        state=one.state,
        body=one.body,
        publishes=publishes,
        url=one.url,
        suspended_on=suspended,
        suspended_until=suspended and add_years(suspended, organic.suspension_years),
        updated_on=best.record.updated_on,
    )


def _on_the_proof(details: OrganicDetails) -> Iterator[Reason]:
    """Where the proof is not online: whom to ask for it."""
    if details.url is None and details.body is not None:
        message = Message(
            "The answer gives no address of the certificate: ask {body} for it.", body=details.body
        )
        yield Reason("bio-proof", message)


def _certified(certificate: OrganicCertificate, organic: Organic) -> bool | None:
    return organic.states.get(_plain(certificate.state or ""))


def _plain(state: str) -> str:
    """A state in capitals, without accents nor underscores: ``Engagée`` is ``ENGAGEE``."""
    return " ".join(fold(state.replace("_", " ")).upper().split())


def _status(certificate: OrganicCertificate, at: AnswerDay, organic: Organic) -> tuple[Status, Reason]:
    certified, state, engaged_on = _certified(certificate, organic), certificate.state, certificate.engaged_on
    if engaged_on is not None and at.on < engaged_on:
        message = Message("Engaged on {day:date}, after the day asked.", day=engaged_on)
        return Status.NOT_YET_VALID, Reason("bio-state", message)
    if certified is None:
        message = Message("The answer gives no state.")
        if state:
            message = Message("The state « {state} » is not one that any rule knows.", state=state[:40])
        return Status.UNDETERMINED, Reason("bio-state", message)
    if certified:
        return _engaged(certificate, at)
    return _ended(certificate, at, organic)


def _engaged(certificate: OrganicCertificate, at: AnswerDay) -> tuple[Status, Reason]:
    engaged, stopped, suspended = certificate.engaged_on, certificate.stopped_on, certificate.suspended_on
    if stopped is not None and stopped <= at.on:
        message = Message("The state is ENGAGEE, and a stop is dated {day:date}.", day=stopped)
        return Status.UNDETERMINED, Reason("bio-state", message)
    message = Message("Engaged on the day of the answer; since when is not said.")
    if engaged is not None:
        message = Message("Engaged since {day:date}.", day=engaged)
    if at.is_past:
        message = Message(
            "{since} The state is that of the answer, of {day:date}: no date says until when it lasts.",
            since=message,
            day=at.day,
        )
        return Status.UNDETERMINED, Reason("bio-state", message)
    if at.on < at.day and suspended is not None and suspended <= at.on:
        message = Message("{since} A suspension is dated {day:date}.", since=message, day=suspended)
        return Status.UNDETERMINED, Reason("bio-state", message)
    known = engaged is not None or at.on == at.day
    return Status.VALID if known else Status.UNDETERMINED, Reason("bio-state", message)


def _ended(certificate: OrganicCertificate, at: AnswerDay, organic: Organic) -> tuple[Status, Reason]:
    state, since = _plain(certificate.state or ""), certificate.suspended_on
    suspended = state == _SUSPENDED
    if not suspended:
        since = certificate.stopped_on or since
    if since is None:
        message = Message("{state} on the day of the answer; since when is not said.", state=state)
        status = Status.UNDETERMINED if at.on < at.day else Status.EXPIRED
        return status, Reason("bio-state", message)
    if at.on < since:
        message = Message(
            "{state} since {day:date}, after the day asked: what it was on that day is not said.",
            state=state,
            day=since,
        )
        return Status.UNDETERMINED, Reason("bio-state", message)
    if suspended:
        return Status.EXPIRED, _suspension(since, at, organic)
    message = Message("{state} since {day:date}.", state=state, day=since)
    return Status.EXPIRED, Reason("bio-state", message)


def _suspension(since: date, at: AnswerDay, organic: Organic) -> Reason:
    end = add_years(since, organic.suspension_years)
    if end <= at.day:
        message = Message(
            "Suspended since {day:date}; from {end:date} on, it should read as a withdrawal: the answer is stale, or "
            "one of its data is wrong.",
            day=since,
            end=end,
        )
        return Reason("bio-suspension", message)
    message = Message(
        "Suspended since {day:date}; a suspension that lasts until {end:date} becomes a withdrawal.",
        day=since,
        end=end,
    )
    return Reason("bio-suspension", message)
