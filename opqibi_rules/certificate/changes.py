"""What changed in many certificates from one run to the next."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from opqibi_rules.certificate.answers_together import number_key
from opqibi_rules.certificate.firms import FirmStanding
from opqibi_rules.messages import Message
from opqibi_rules.paper.shape import Shape


class ChangeKind(StrEnum):
    """What changed."""

    ADDED = "added"
    """The firm was not in the earlier run."""
    REMOVED = "removed"
    """It is no longer in the list."""
    VERDICT = "verdict"
    CERTIFICATE = "certificate"
    GAINED = "gained"
    LOST = "lost"
    DATES = "dates"
    RGE = "rge"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed about a firm."""

    siren: str
    name: str | None
    kind: ChangeKind
    message: Message


class ChangeShape(Shape, of=Change):
    """One thing that changed about a firm since the earlier run."""

    siren: str
    name: str | None
    kind: ChangeKind
    message: Message


@dataclass(frozen=True, slots=True)
class KnownQualification:
    """A qualification as a run tells it."""

    code: str
    probationary: bool
    rge: bool | None
    valid_until: date | None

    @property
    def key(self) -> tuple[str, bool]:
        """What it is, whatever its date and its mention."""
        return self.code, self.probationary

    @property
    def label(self) -> Message:
        """Its code, and whether it is probationary."""
        if self.probationary:
            return Message("{code} (probationary)", code=self.code)
        return Message("{code}", code=self.code)


@dataclass(frozen=True, slots=True)
class Known:
    """A firm as a run tells it, the earlier one or this one."""

    siren: str
    name: str | None
    verdict: str
    number: str | None = None
    valid_until: date | None = None
    certified: bool = False
    """A certificate was read: its qualifications are those listed, and no others."""
    qualifications: tuple[KnownQualification, ...] = ()


def known(standing: FirmStanding) -> Known | None:
    """What this run tells of a firm; ``None`` where nothing names it."""
    if standing.siren is None:
        return None
    report = standing.report
    certificate = report.certificate if report else None
    return Known(
        siren=standing.siren,
        name=standing.firm.name,
        verdict=standing.verdict,
        number=certificate.number if certificate else None,
        valid_until=certificate.valid_until if certificate else None,
        certified=certificate is not None,
        qualifications=tuple(
            KnownQualification(held.code, held.probationary, held.rge, held.valid_until)
            for held in (report.qualifications if report else ())
        ),
    )


def changes(before: Iterable[Known], after: Iterable[Known]) -> tuple[Change, ...]:
    """All that changed, in the order of the list, then the firms that left it; a firm listed twice counts once."""
    earlier, later = {one.siren: one for one in before}, {one.siren: one for one in after}
    found = [change for siren, now in later.items() for change in _of_firm(earlier.get(siren), now)]
    gone = [one for siren, one in earlier.items() if siren not in later]
    found += [
        Change(one.siren, one.name, ChangeKind.REMOVED, Message("No longer in the list.")) for one in gone
    ]
    return tuple(found)


def _of_firm(before: Known | None, now: Known) -> Iterator[Change]:
    def change(kind: ChangeKind, message: Message) -> Change:
        return Change(now.siren, now.name, kind, message)

    if before is None:
        yield change(ChangeKind.ADDED, Message("Not in the earlier run."))
        return
    if before.verdict != now.verdict:
        words = (_VERDICTS.get(one.verdict, Message("{word}", word=one.verdict)) for one in (before, now))
        was, verdict = words
        yield change(ChangeKind.VERDICT, Message("{was} → {now}", was=was, now=verdict))
    if not (before.certified and now.certified):
        return
    then, held = ((number_key(one.number), one.valid_until) for one in (before, now))
    if then != held:
        message = Message(
            "Certificate {was}, {was_until} → {now}, {now_until}",
            was=before.number or "—",
            was_until=_until(before.valid_until),
            now=now.number or "—",
            now_until=_until(now.valid_until),
        )
        yield change(ChangeKind.CERTIFICATE, message)
    for kind, message in _of_lists(before.qualifications, now.qualifications):
        yield change(kind, message)


_VERDICTS = {
    "valid": Message("valid"),
    "not_valid": Message("not valid"),
    "undetermined": Message("undetermined"),
    "unreadable": Message("unreadable"),
}


def _of_lists(
    before: Sequence[KnownQualification], now: Sequence[KnownQualification]
) -> Iterator[tuple[ChangeKind, Message]]:
    """Qualifications gained, lost, with another mention; those of one list that moved to another date, together."""
    was, held = {one.key: one for one in before}, {one.key: one for one in now}
    for kind, these, others in ((ChangeKind.LOST, was, held), (ChangeKind.GAINED, held, was)):
        if missing := [one.label for key, one in these.items() if key not in others]:
            lost, gained = (
                Message("No longer held: {codes}", codes=missing),
                Message("Held now: {codes}", codes=missing),
            )
            yield kind, lost if kind is ChangeKind.LOST else gained
    moved: dict[tuple[date | None, date | None], list[Message]] = {}
    for key, one in held.items():
        if key in was and was[key].valid_until != one.valid_until:
            moved.setdefault((was[key].valid_until, one.valid_until), []).append(one.label)
    for (old, new), codes in moved.items():
        message = Message("{codes}: {was} → {now}", codes=codes, was=_until(old), now=_until(new))
        yield ChangeKind.DATES, message
    if differ := [one.label for key, one in held.items() if key in was and was[key].rge != one.rge]:
        yield ChangeKind.RGE, Message("The RGE mention is not what it was: {codes}", codes=differ)


def _until(day: date | None) -> Message:
    return Message("without a date") if day is None else Message("until {day:date}", day=day)
