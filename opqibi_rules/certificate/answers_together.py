"""Several answers of one run about one firm: the latest speaks, and those of one day must say the same.

A firm has one certificate at a time. An older answer that says otherwise than a later one supplies nothing; where
two of one day differ, nothing says which one holds.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from opqibi_rules.certificate.check import Answer
from opqibi_rules.certificate.model import Certificate, CertifiedList
from opqibi_rules.certificate.organic import OrganicOperator
from opqibi_rules.certificate.reason import Reason
from opqibi_rules.certificate.refusal import Refusal
from opqibi_rules.identifiers import compact, siren_of
from opqibi_rules.messages import Message
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.api_errors import ApiErrors

_NOT_FOUND = 404


class Weighed(NamedTuple):
    """What the other answers of a run leave of one."""

    doubt: Reason | None = None
    """Why it is not to be believed: another one says otherwise."""
    latest: Answer | None = None
    """The later one that speaks in its place; ``None``: it speaks, or none does."""


class _Given(NamedTuple):
    """An answer of a run, at its place."""

    place: int
    answer: Answer
    day: date | None
    said: object


def weighed(
    given: Iterable[tuple[str | None, Answer | None]],
    on: date,
    catalogue: ApiErrors,
    *,
    stated: date | None = None,
) -> list[Weighed]:
    """Each answer of a run beside the others about the same firm, in their order.

    Args:
        given: each answer, after the SIREN it was asked about, if that is told.
        on: the day asked about.
        catalogue: says which errors deny that there is a certificate; the others say nothing of the firm.
        stated: the day of those that do not tell theirs.
    """
    groups: dict[tuple[str, object], list[_Given]] = {}
    found: list[Weighed] = []
    for index, (asked, answer) in enumerate(given):
        found.append(Weighed())
        siren = answer and (siren_of(answer.siren) or siren_of(asked))
        if answer is not None and siren and not _is_silent(answer, catalogue):
            one = _Given(index, answer, answer.fetched_on or stated, _said(answer))
            groups.setdefault((siren, _subject(answer)), []).append(one)
    for (siren, _), group in groups.items():
        spoken = _of_that_day(group, on)
        _weigh(siren, spoken, on, found)
        for one in group:
            if one not in spoken:
                found[one.place] = _before_it(one, spoken, on, found)
    return found


def number_key(number: str | None) -> str | None:
    """A certificate number to compare: without spaces nor case."""
    return compact(number).casefold() or None if number else None


def _is_silent(answer: Answer, catalogue: ApiErrors) -> bool:
    """An error that says nothing of the firm: an outage, a refused token."""
    if not isinstance(answer.content, Refusal):
        return False
    errors = [one for one in answer.content.errors if not catalogue.is_of_another(one.code, one.provider)]
    if answer.content.errors and not errors:
        return True
    codes = {error.code for error in errors}
    if codes & catalogue.no_certificate:
        return False
    if answer.http_status is None:  # a sentence without a code may well deny it
        return bool(codes) and None not in codes
    return answer.http_status != _NOT_FOUND


def _subject(answer: Answer) -> object:
    """A firm has one certificate of OPQIBI; as an organic operator, one at each of its addresses."""
    if isinstance(answer.content, OrganicOperator):
        return frozenset(record.siret or record.number for record in answer.content.records)
    return None


def _said(answer: Answer) -> object:
    """What an answer says, to compare: all that a verdict may rest on, however it is written."""
    content = answer.content
    if isinstance(content, Refusal):
        return None
    if isinstance(content, OrganicOperator):
        return content
    return (
        number_key(content.number),
        content.issued,
        plain_words(content.duration or ""),
        *((one.until, one.held is None, _entries(one)) for one in content.lists),
    )


def _entries(one: CertifiedList) -> frozenset[object]:
    return frozenset((held.code, held.rge, plain_words(held.definition or "")) for held in one.held or ())


def _of_that_day(group: list[_Given], on: date) -> list[_Given]:
    """Without a certificate issued after the day asked and the other answers: it says nothing of that day."""
    since = [one for one in group if (issued := _issued(one)) is not None and issued > on]
    first = min(filter(None, map(_issued, since)), default=None)
    others = [one for one in group if one not in since]
    before = others and first and all(one.day is not None and one.day < first for one in others)
    return others if before else group


def _before_it(one: _Given, spoken: Sequence[_Given], on: date, found: Sequence[Weighed]) -> Weighed:
    """What is left of a certificate issued after the day asked, where another answer speaks of that day."""
    last = max(spoken, key=lambda other: other.day or date.min)
    if found[last.place].doubt is not None:
        return found[last.place]
    message = Message(
        "The certificate of {name} was issued on {issued:date}, after the day asked: the answer of {day:date} "
        "({latest}) is of the same firm, and speaks of {on:date}.",
        name=one.answer.name,
        issued=_issued(one),
        day=last.day,
        latest=last.answer.name,
        on=on,
    )
    return Weighed(Reason("answer-age", message), last.answer)


def _issued(one: _Given) -> date | None:
    return one.answer.content.issued if isinstance(one.answer.content, Certificate) else None


def _gained_since(older: _Given, last: _Given, on: date) -> bool:
    """Whether the day asked lies between two answers on one certificate, of which the later holds more."""
    then, now = older.answer.content, last.answer.content
    if not (isinstance(then, Certificate) and isinstance(now, Certificate) and then.issued == now.issued):
        return False
    between = older.day is not None and last.day is not None and older.day <= on < last.day
    return between and any(
        _entries(new) - _entries(old) for old, new in zip(then.lists, now.lists, strict=True)
    )


def _between(siren: str, older: _Given, last: _Given, on: date) -> Reason:
    message = Message(
        "Answers of {old:date} and {day:date} about {siren} do not say the same of one certificate ({names}): "
        "nothing says which holds on {on:date}, between them.",
        old=older.day,
        day=last.day,
        siren=siren,
        names=_names([older, last]),
        on=on,
    )
    return Reason("answer-contradicts-itself", message)


def _weigh(siren: str, group: Sequence[_Given], on: date, found: list[Weighed]) -> None:
    if len({one.said for one in group}) < 2:
        return
    days = [one.day for one in group if one.day is not None]
    if len(days) < len(group):
        message = Message(
            "Answers about {siren} do not say the same ({names}), and not all tell their day: nothing says which "
            "is the latest.",
            siren=siren,
            names=_names(group),
        )
        _doubt(group, Reason("answer-contradicts-itself", message), found)
        return
    last = [one for one in group if one.day == max(days)]
    if len({one.said for one in last}) > 1:
        message = Message(
            "Answers of {day:date} about {siren} do not say the same ({names}): nothing says which holds.",
            day=last[0].day,
            siren=siren,
            names=_names(last),
        )
        _doubt(group, Reason("answer-contradicts-itself", message), found)
        return
    if gained := next((one for one in group if _gained_since(one, last[0], on)), None):
        _doubt(group, _between(siren, gained, last[0], on), found)
        return
    for one in group:
        if one.said != last[0].said:
            message = Message(
                "The answer of {old:date} ({name}) is set aside: that of {day:date} ({latest}) is of the same firm, "
                "says otherwise, and came later.",
                old=one.day,
                name=one.answer.name,
                day=last[0].day,
                latest=last[0].answer.name,
            )
            found[one.place] = Weighed(Reason("answer-age", message), last[0].answer)


def _doubt(group: Sequence[_Given], doubt: Reason, found: list[Weighed]) -> None:
    for one in group:
        found[one.place] = Weighed(doubt)


def _names(group: Sequence[_Given]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.answer.name for one in group))
