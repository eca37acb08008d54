"""What keeps an answer from being believed: made-up data, another firm's, or one that contradicts itself.

A breach of a regularity is a warning (:mod:`opqibi_rules.certificate.coherence`). These are no oddities: nothing
says which of two contradictory data holds, so that such an answer proves nothing, either way.

A firm may lose a qualification between two certificates. Whether the register then leaves it out, or says so in a
name, a definition or a field of its own, is documented nowhere: where it may be said, nothing is settled.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from html import unescape
from typing import NamedTuple

from opqibi_rules.certificate.answer_day import AnswerDay
from opqibi_rules.certificate.model import Certificate, CertifiedQualification
from opqibi_rules.certificate.reason import Reason
from opqibi_rules.certificate.refusal import Refusal
from opqibi_rules.messages import Message
from opqibi_rules.paper.text import one_line, plain_words
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.nomenclature import Nomenclature
from opqibi_rules.tables.validity import SanctionWords

_OK = 200
_PLACEHOLDER = "string"
"""What the documentation prints in place of a text."""
_ELSEWHERE = timedelta(days=1)
"""It may be tomorrow already where an answer was fetched."""
_TAG = re.compile("<[^<>]*>")
_LINE = re.compile("</?(?:br|p|ul|ol|div|table|tr|h[1-6])(?: [^<>]*)?/?>|\n", re.IGNORECASE)
_OF_ALL = "certificat"
"""Whose sanction is that of all it bears, wherever it is told."""
_MADE_UP = {"staging", "sandbox", "test"}
"""Words of a server whose data is made up."""
_AT_SECOND_HAND = {"press", "third_party"}
_HARMLESS = {"rge"}
"""A word beside a name of which the answer has a field of its own."""
_RUBRIC = " 0123456789"
"""Before a name, the number of its code or of its rubric."""
_HUMP = re.compile("(?<=[a-z])(?=[A-Z])")
"""Between the words of a name such as ``etatCertification``."""


class Unlisted(NamedTuple):
    """What an answer holds and its documentation does not: an unknown field, or a value of another type."""

    place: str
    text: str
    """The value: a text as it stands, anything else as JSON."""
    codes: tuple[str, ...] = ()
    """The qualifications in whose entry it stands."""


def doubts(
    content: object, http_status: int | None, host: str | None, at: AnswerDay, nomenclature: Nomenclature
) -> Iterator[Reason]:
    """Every reason not to believe an answer, the plainest first."""
    if host is not None and not _MADE_UP.isdisjoint(_words(host)):
        message = Message("Fetched from the test server ({host}): its data is made up.", host=host[:80])
        yield Reason("made-up-data", message)
    if at.own is not None and at.today is not None and at.own - at.today > _ELSEWHERE:
        message = Message("Saved as fetched on {day:date}, which is still to come.", day=at.own)
        yield Reason("answer-contradicts-itself", message)
    if http_status not in {None, _OK} and not isinstance(content, Refusal):
        message = Message("A certificate under the HTTP status {status}.", status=http_status)
        yield Reason("status-differs", message)
    if isinstance(content, Certificate):
        yield from _of_certificate(content, at, nomenclature)


def _of_certificate(certificate: Certificate, at: AnswerDay, nomenclature: Nomenclature) -> Iterator[Reason]:
    listed = [held for one in certificate.lists for held in one.held or ()]
    texts = [certificate.number, certificate.url, certificate.duration, certificate.insurers]
    texts += [text for held in listed for text in (held.code, held.name, held.definition)]
    if any(text is not None and text.casefold() == _PLACEHOLDER for text in texts):
        message = Message("« {text} » stands for data: this is a sample, not a record.", text=_PLACEHOLDER)
        yield Reason("placeholder", message)
    if certificate.issued is not None and at.latest is not None and certificate.issued > at.latest:
        message = Message(
            "Issued on {issued:date}, after the answer, of {day:date}.",
            issued=certificate.issued,
            day=at.latest,
        )
        yield Reason("answer-contradicts-itself", message)
    yield from _contradictory(listed)
    yield from _lapsed_and_on_trial(certificate, at)
    yield from _misnamed(listed, nomenclature)


def _contradictory(listed: Sequence[CertifiedQualification]) -> Iterator[Reason]:
    """One code, in two entries that do not say the same of it."""
    by_code: dict[str, list[CertifiedQualification]] = {}
    for held in listed:
        by_code.setdefault(held.code, []).append(held)
    for code, entries in by_code.items():
        if len({held.rge for held in entries}) > 1:
            message = Message("{code} stands twice, with another RGE mention each time.", code=code[:40])
            yield Reason("answer-contradicts-itself", message)
        if len({plain_words(held.name) for held in entries if held.name}) > 1:
            message = Message("{code} stands twice, under another name each time.", code=code[:40])
            yield Reason("answer-contradicts-itself", message)
        if len({plain_words(held.definition or "") for held in entries}) > 1:
            message = Message("{code} stands twice, with another definition each time.", code=code[:40])
            yield Reason("answer-contradicts-itself", message)


def _lapsed_and_on_trial(certificate: Certificate, at: AnswerDay) -> Iterator[Reason]:
    """A code whose full qualification has ended, and that runs as a probationary one: the first cannot be after."""
    full, trial = certificate.lists
    if full.until is None or trial.until is None or not full.until < at.on <= trial.until:
        return
    for code in dict.fromkeys(held.code for held in full.held or ()):
        if code in {held.code for held in trial.held or ()}:
            message = Message(
                "{code} stands in both lists: held in full until {full:date}, and on trial until {trial:date}.",
                code=code[:40],
                full=full.until,
                trial=trial.until,
            )
            yield Reason("answer-contradicts-itself", message)


def _misnamed(listed: Iterable[CertifiedQualification], nomenclature: Nomenclature) -> Iterator[Reason]:
    """A code under the name of another one."""
    named = {plain_words(entry.name): code for code, entry in nomenclature.entries.items() if entry.name}
    for held in listed:
        given = plain_words(held.name or "")
        other = named.get(given, held.code)
        if given and other != held.code and given not in plain_words(nomenclature.name(held.code) or ""):
            message = Message(
                "{code} bears the name of {other}, « {name} ».",
                code=held.code[:40],
                other=other,
                name=held.name,
            )
            yield Reason("code-and-name", message)


def sanctioned(content: object, unlisted: Iterable[Unlisted], said: SanctionWords | None) -> Iterator[Reason]:
    """Every reason to fear that a certificate, as a whole, is made up, or tells of a sanction."""
    for one in unlisted:
        if one.text != "false" and not _MADE_UP.isdisjoint(_words(f"{one.place} {one.text}")):
            message = Message(
                "{place}: « {value} » speaks of a test server: its data is made up.",
                place=one.place[:120],
                value=one.text[:80],
            )
            yield Reason("made-up-data", message)
    if said is None:
        return
    if isinstance(content, Certificate):
        texts = (content.number, content.duration, content.insurers, content.url)
        for text in dict.fromkeys(filter(None, texts)):
            if word := said.told(without_tags(text)):
                message = Message(
                    "« {text} » speaks of a sanction (« {word} »): whether it is in force is not known.",
                    text=text[:120],
                    word=word,
                )
                yield Reason("sanction-worded", message)
    yield from (_not_documented(one) for one in unlisted if not one.codes and _speaks_of_state(one, said))


def unlisted_warnings(unlisted: Iterable[Unlisted], said: SanctionWords | None) -> Iterator[Reason]:
    """All else that is not of the documented form."""
    for one in unlisted:
        if not one.codes and (said is None or not _speaks_of_state(one, said)):
            yield _not_documented(one)


def entry_doubts(
    content: object, unlisted: Iterable[Unlisted], tables: Tables
) -> Iterator[tuple[str | None, Reason]]:
    """Every reason to fear that an entry says another thing than « held », after its code; none: of all of them.

    What is not of the documented form may be a state, a day, another kind of qualification, under any name; so may
    what is added to a name. Neither is passed over.
    """
    yield from ((code, _not_documented(one)) for one in unlisted for code in one.codes)
    said = tables.validity.sanctions.said or SanctionWords(words=())
    for of_kind in content.lists if isinstance(content, Certificate) else ():
        for held in of_kind.held or ():
            on_trial = said.trial if of_kind.probationary else ()
            yield from _told_of(held, said, on_trial)
            if added := _added(held, tables.nomenclature, on_trial):
                yield held.code, added


def _added(
    held: CertifiedQualification, nomenclature: Nomenclature, on_trial: Sequence[str]
) -> Reason | None:
    """A name with more in it than the one known, where a source that has it from OPQIBI gives that one."""
    entry = nomenclature.entries.get(held.code)
    if entry is None or entry.source.reliability in _AT_SECOND_HAND:
        return None
    given = f" {plain_words(held.name or '')} "
    around = [given.partition(f" {plain_words(name)} ") for name in entry.names]
    harmless = {*_HARMLESS, *map(plain_words, on_trial)}
    beside = [
        [word for word in (*before.lstrip(_RUBRIC).split(), *after.split()) if word not in harmless]
        for before, known, after in around
        if known
    ]
    if not beside or not all(beside):
        return None
    message = Message(
        "{code} is named « {name} », and « {known} » in the nomenclature: what « {added} » makes of it is not known.",
        code=held.code[:40],
        name=(held.name or "")[:200],
        known=entry.name,
        added=min((" ".join(found) for found in beside), key=len)[:80],
    )
    return Reason("code-and-name", message)


def _told_of(
    held: CertifiedQualification, said: SanctionWords, on_trial: Sequence[str]
) -> Iterator[tuple[str | None, Reason]]:
    found = [(held.code, (held.code, said.told(held.code) or ""))]
    for text, told in ((held.name, said.told_in_name), (held.definition, said.told_in_definition)):
        plain = without_tags(text or "")
        found.append((plain, told(plain, on_trial=bool(on_trial)) or ("", "")))
    for text, (statement, word) in found:
        if word:
            message = Message(
                "{code}: « {text} » says more of it than that it is held (« {word} »): nothing tells what is so.",
                code=held.code[:40],
                text=one_line(text)[:120],
                word=word,
            )
            yield None if _OF_ALL in statement.split() else held.code, Reason("sanction-worded", message)


def without_tags(text: str) -> str:
    """A text of a register without its tags; past one that ends a line or a block, another line begins."""
    return _TAG.sub(" ", _LINE.sub("\n", unescape(text)))


def _speaks_of_state(one: Unlisted, said: SanctionWords) -> bool:
    return said.speaks_of_state(_HUMP.sub(" ", f"{one.place} {one.text}"))


def _words(text: str) -> list[str]:
    return plain_words(_HUMP.sub(" ", text)).split()


def _not_documented(one: Unlisted) -> Reason:
    message = Message(
        "{place}: « {value} » is not of the documented form of such an answer.",
        place=one.place[:120],
        value=one.text[:80],
    )
    return Reason("documented-form", message)
