"""An operator of Agence BIO: is its organic certification engaged on that day?

The state is authoritative, and it is that of the day of the answer: the dates say since when. The list of
states is open; one that no table knows leaves the answer undetermined.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, NamedTuple

from opqibi_rules.certificate.model import CertificateStanding, Status
from opqibi_rules.certificate.reading import answer_fields as given
from opqibi_rules.certificate.reading.answer_fields import called
from opqibi_rules.certificate.reason import Reason
from opqibi_rules.deadlines import add_years
from opqibi_rules.messages import Message
from opqibi_rules.paper.text import fold
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


@dataclass(frozen=True, slots=True)
class OrganicRecord:
    """One record of an operator; a migration left some operators with two."""

    number: Annotated[given.Words, called("numero_bio", "numeroBio")] = None
    """« Numéro BIO »."""
    siret: given.Words = None
    name: Annotated[given.Words, called("raison_sociale", "raisonSociale")] = None
    certificates: Annotated[tuple[OrganicCertificate, ...], given.OrNone, called("certificats")] = ()


@dataclass(frozen=True, slots=True)
class OrganicOperator:
    """All that Agence BIO answers of one operator."""

    records: tuple[OrganicRecord, ...]


class _Judged(NamedTuple):
    """One certification on a day."""

    record: OrganicRecord
    certificate: OrganicCertificate
    status: Status
    reason: Reason


_ORDER = (Status.VALID, Status.UNDETERMINED, Status.NOT_YET_VALID, Status.EXPIRED)


def organic_standing(
    operator: OrganicOperator, on: date, organic: Organic
) -> tuple[CertificateStanding, tuple[Reason, ...]]:
    """The certification on a day, and what must be said of it."""
    judged = [
        _Judged(record, certificate, *_status(certificate, on, organic))
        for record in operator.records
        for certificate in record.certificates
    ]
    if not judged:
        nothing = Reason("bio-no-operator", Message("The answer holds no certification."))
        return CertificateStanding(status=Status.UNDETERMINED, reason=nothing), ()
    engaged = [item for item in judged if _certified(item.certificate, organic)]
    best = min(engaged or judged, key=lambda item: _ORDER.index(item.status))
    standing = _standing(best, ended=not engaged)
    bodies = {item.certificate.body for item in engaged if item.record is best.record}
    if len(bodies) < len(engaged):  # one record engaged with several bodies is no duplicate
        message = Message(
            "{count} records are engaged: nothing says which one is current.", count=len(engaged)
        )
        return replace(standing, status=Status.UNDETERMINED, reason=Reason("bio-two-engaged", message)), ()
    if 0 < len(engaged) < len(judged):
        message = Message("Of {count} certifications, the engaged one prevails.", count=len(judged))
        return standing, (Reason("bio-engaged-prevails", message),)
    return standing, ()


def _standing(best: _Judged, *, ended: bool) -> CertificateStanding:
    one = best.certificate
    return CertificateStanding(
        number=best.record.number,
        issued=one.engaged_on,
        valid_until=one.stopped_on or one.suspended_on if ended else None,
        status=best.status,
        reason=best.reason,
    )


def _certified(certificate: OrganicCertificate, organic: Organic) -> bool | None:
    return organic.states.get(_plain(certificate.state or ""))


def _plain(state: str) -> str:
    """A state in capitals, without accents nor underscores: ``Engagée`` is ``ENGAGEE``."""
    return " ".join(fold(state.replace("_", " ")).upper().split())


def _status(certificate: OrganicCertificate, on: date, organic: Organic) -> tuple[Status, Reason]:
    certified, state, engaged_on = _certified(certificate, organic), certificate.state, certificate.engaged_on
    if engaged_on is not None and on < engaged_on:
        message = Message("Engaged on {day:date}, after the day asked.", day=engaged_on)
        return Status.NOT_YET_VALID, Reason("bio-state", message)
    if certified is None:
        message = Message("The answer gives no state.")
        if state:
            message = Message("The state « {state} » is not one that any rule knows.", state=state[:40])
        return Status.UNDETERMINED, Reason("bio-state", message)
    if certified:
        return _engaged(certificate, on)
    return _ended(certificate, on, organic)


def _engaged(certificate: OrganicCertificate, on: date) -> tuple[Status, Reason]:
    engaged, stopped = certificate.engaged_on, certificate.stopped_on
    if stopped is not None and stopped <= on:
        message = Message("The state is ENGAGEE, and a stop is dated {day:date}.", day=stopped)
        return Status.UNDETERMINED, Reason("bio-state", message)
    message = Message("Engaged on the day of the answer; since when is not said.")
    if engaged is not None:
        message = Message("Engaged since {day:date}.", day=engaged)
    return Status.VALID, Reason("bio-state", message)


def _ended(certificate: OrganicCertificate, on: date, organic: Organic) -> tuple[Status, Reason]:
    state, since = _plain(certificate.state or ""), certificate.suspended_on
    suspended = state == _SUSPENDED
    if not suspended:
        since = certificate.stopped_on or since
    if since is None:
        message = Message("{state} on the day of the answer; since when is not said.", state=state)
        return Status.EXPIRED, Reason("bio-state", message)
    if on < since:
        message = Message(
            "{state} since {day:date}, after the day asked: what it was on that day is not said.",
            state=state,
            day=since,
        )
        return Status.UNDETERMINED, Reason("bio-state", message)
    if suspended:
        message = Message(
            "Suspended since {day:date}; a suspension that lasts until {end:date} becomes a withdrawal.",
            day=since,
            end=add_years(since, organic.suspension_years),
        )
        return Status.EXPIRED, Reason("bio-suspension", message)
    message = Message("{state} since {day:date}.", state=state, day=since)
    return Status.EXPIRED, Reason("bio-state", message)
