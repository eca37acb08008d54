"""What is odd in a certificate: warnings, never rejections.

Test recordings, hand-made fixtures and mistyped records all break these regularities; so may a true
certificate one day. A breach is worth a look, and proves nothing.
"""

import re
from collections.abc import Iterator
from datetime import date

from opqibi_rules.certificate.model import Certificate, CertifiedList, is_published, last_day, term_of
from opqibi_rules.certificate.reason import Reason
from opqibi_rules.deadlines import add_years
from opqibi_rules.messages import Message, plural
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.nomenclature import Nomenclature
from opqibi_rules.tables.validity import Validity

_NOT_A_LEAP_YEAR = 2001
"""In it 29 February falls on the 28th, as a deadline does."""
_CODE = re.compile(r"[0-9]{4}")


def coherence_warnings(certificate: Certificate, on: date, validity: Validity) -> Iterator[Reason]:
    """Every regularity that the certificate breaks, and what must be said on this very day."""
    yield from _number(certificate.number, validity.form.number)
    yield from _address(certificate.url, validity.form.hosts)
    if on == last_day(certificate, validity):
        message = Message(
            "{day:date} is the last day of the certificate; it is counted as valid, which no source read states.",
            day=on,
        )
        yield Reason("last-day", message, "last-day-included")
    for one in certificate.lists:
        yield from _list(one, on)
        if certificate.issued is not None and one.until is not None:
            yield from _date(one, certificate.issued, one.until, validity)
    yield from _same_day(certificate)
    yield from _codes(*({held.code for held in one.held or ()} for one in certificate.lists))
    renewals = validity.probationary.renewals
    if certificate.probationary and renewals is not None:
        message = Message(
            "The answer does not tell how many times the probationary qualifications were renewed "
            "({renewals} at most).",
            renewals=renewals,
        )
        yield Reason("probationary-renewals", message)


def _number(number: str | None, form: str) -> Iterator[Reason]:
    if number is None:
        yield Reason("number-form", Message("The answer gives no certificate number."))
    elif not re.fullmatch(_pattern(form), number.strip()):
        message = Message(
            "The certificate number « {number} » is not of the usual form {form}.", number=number, form=form
        )
        yield Reason("number-form", message)


def _pattern(form: str) -> str:
    """``YY MM NNNN`` as a regular expression: digits, and a month from 01 to 12."""
    return re.sub(r"[YN]", "[0-9]", re.escape(form).replace("MM", "(0[1-9]|1[0-2])"))


def _address(url: str | None, hosts: tuple[str, ...]) -> Iterator[Reason]:
    if url and not is_published(url, hosts):
        message = Message("The address « {url} » is not on {hosts}.", url=url[:200], hosts=hosts)
        yield Reason("foreign-host", message)


def _named(one: CertifiedList) -> Message:
    return Message("probationary qualifications") if one.probationary else Message("qualifications")


def _list(one: CertifiedList, on: date) -> Iterator[Reason]:
    if one.held is None:
        message = Message("The answer does not give the list of {name}.", name=_named(one))
        yield Reason("missing-is-undetermined", message)
    elif one.until is not None and not one.held:
        message = Message(
            "A date, {until:date}, for an empty list of {name}.", until=one.until, name=_named(one)
        )
        yield Reason("date-without-list", message)
    elif one.until is None and one.held:
        yield Reason("list-without-date", Message("The list of {name} has no date.", name=_named(one)))
    elif one.until == on:
        message = Message(
            "{day:date} is the last day of the {name}; it is counted as valid, which no source read states.",
            day=on,
            name=_named(one),
        )
        yield Reason("last-day", message, "last-day-included")


def _date(one: CertifiedList, issued: date, until: date, validity: Validity) -> Iterator[Reason]:
    rule, term = term_of(validity, probationary=one.probationary)
    if until < issued:
        message = Message(
            "The date of the {name}, {until:date}, comes before the issue, {issued:date}.",
            name=_named(one),
            until=until,
            issued=issued,
        )
        yield Reason("dates-order", message)
    elif until > add_years(issued, term.years):
        message = plural(
            "The date of the {name}, {until:date}, is over {n} year after the issue, {issued:date}.",
            "The date of the {name}, {until:date}, is over {n} years after the issue, {issued:date}.",
            n=term.years,
            name=_named(one),
            until=until,
            issued=issued,
        )
        yield Reason(rule, message)


def _same_day(certificate: Certificate) -> Iterator[Reason]:
    days = {certificate.issued, *(one.until for one in certificate.lists)}
    known = tuple(sorted(day for day in days if day is not None))
    if len({add_years(day, _NOT_A_LEAP_YEAR - day.year) for day in known}) > 1:
        message = Message("The dates {days:date} do not fall on the same day of the same month.", days=known)
        yield Reason("dates-same-day", message)


def _codes(full: set[str], probationary: set[str]) -> Iterator[Reason]:
    if not full | probationary:
        yield Reason("lists-empty", Message("The certificate lists no qualification at all."))
    for code in sorted(full & probationary):
        message = Message("{code} stands in both lists; the full qualification wins.", code=code)
        yield Reason("two-lists-full-wins", message)
    for code in sorted(full | probationary):
        if not is_code(code):
            yield Reason("code-form", Message("« {code} » is not a code of four digits.", code=code[:40]))


def name_warnings(certificate: Certificate, nomenclature: Nomenclature) -> Iterator[Reason]:
    """Each name that is not the one known of its code, nor a part of it."""
    of_others = {plain_words(entry.name) for entry in nomenclature.entries.values() if entry.name}
    for one in certificate.lists:
        for held in one.held or ():
            known = nomenclature.name(held.code)
            if known is None or not held.name:
                continue
            given, expected = plain_words(held.name), map(plain_words, nomenclature.entries[held.code].names)
            if given not in of_others and not any(given in name or name in given for name in expected):
                message = Message(
                    "{code} is named « {name} » here, and « {known} » in the nomenclature.",
                    code=held.code,
                    name=held.name[:120],
                    known=known,
                )
                yield Reason("code-and-name", message)


def is_code(code: str) -> bool:
    """Whether a text is a qualification code: four digits."""
    return _CODE.fullmatch(code) is not None
