"""The letter that disputes an invoice: what differs, by how much, under which article, with the official reason.

It states what was established, and nothing else: a cause is told where it is the only one; where a newer schedule
may have changed the prices, the letter asks which one was applied. It is made of sentences (:class:`Message`): a
door says them in the reader's language.
"""

from collections.abc import Iterator

from opqibi_rules.errors import RequestError
from opqibi_rules.invoice.check import SERIES, InvoiceCheck
from opqibi_rules.invoice.findings import About, Finding, Severity
from opqibi_rules.invoice.why.explanation import Confidence
from opqibi_rules.messages import Message, marked
from opqibi_rules.money import ZERO, exactly, round_cents


@exactly
def dispute_letter(check: InvoiceCheck) -> tuple[Message, ...]:
    """The paragraphs of the letter; empty where nothing is to be disputed.

    Raises:
        RequestError: what is given is no answer of ``check_invoice``.
    """
    if not isinstance(check, InvoiceCheck):
        raise RequestError("« {value} » is no answer of check_invoice.", value=str(check)[:40], field="check")
    errors = [
        finding
        for finding in check.findings
        if finding.severity is Severity.ERROR and finding.code != SERIES  # the letter on the invoice says it
    ]
    return tuple(_paragraphs(check, errors)) if errors else ()


def _paragraphs(check: InvoiceCheck, errors: list[Finding]) -> Iterator[Message]:
    yield _subject(check)
    yield Message("Dear Sir or Madam,")
    priced = [finding for finding in errors if finding.about is About.PRICE]
    if others := [finding for finding in errors if finding not in priced or not check.may_be_replaced]:
        yield _opening(check, others)
        yield from map(_point, others)
    if check.may_be_replaced and priced:
        yield Message(
            "We have compared its prices with the fee schedule of {day:long_date}, the latest that we know. Unless a "
            "newer one applies, these differ:",
            day=check.expected.schedule.in_force_from,
        )
        yield from map(_point, priced)
    yield from _causes(check)
    yield from _totals(check)
    if check.series is not None:
        yield check.series.message
    reasons = {finding.dispute.code: finding.dispute for finding in errors if finding.dispute}
    for reason in reasons.values():
        yield Message(
            "Reason code for the e-invoicing platform: {code}, {name}; status: {statuses}.",
            code=reason.code,
            name=reason.name,
            statuses=[Message("{code} {name}", code=item.code, name=item.name) for item in reason.statuses],
        )
    if check.may_be_replaced and priced:
        yield Message("Please tell us which schedule was applied, or send us a corrected document.")
    else:
        yield Message("Please send us a corrected document, or tell us what we have misread.")
    yield Message("Yours faithfully,")


def _subject(check: InvoiceCheck) -> Message:
    invoice = check.invoice
    number = invoice.number or Message("(no number)")
    if invoice.is_credit_note:
        told = Message("Subject: your credit note {number}", number=number)
    else:
        told = Message("Subject: your invoice {number}", number=number)
    return Message("{told} of {day:long_date}", told=told, day=invoice.issued) if invoice.issued else told


def _opening(check: InvoiceCheck, errors: list[Finding]) -> Message:
    if all(finding.about is About.PARTIES for finding in errors):
        return Message("We cannot approve this document as it stands:")
    return Message(
        "We have checked this document against your fee schedule of {day:long_date}, and cannot approve it as it "
        "stands:",
        day=check.expected.schedule.in_force_from,
    )


def _point(finding: Finding) -> Message:
    point = finding.to_seller or finding.message
    if finding.articles:
        point = Message("{point} Schedule: {articles}.", point=point, articles=finding.articles)
    if finding.line:
        point = Message("{point} Invoice line: {line}.", point=point, line=finding.line)
    return Message("– {finding}", finding=point)


def _causes(check: InvoiceCheck) -> Iterator[Message]:
    """What accounts for a difference, where nothing else does."""
    for item in check.explanations:
        if item.confidence is not Confidence.CERTAIN or not item.effect:
            continue
        values = {"effect": abs(item.effect), "cause": item.message}
        if item.of_vat:
            yield Message(
                "The difference of {effect:euro} of VAT is accounted for, to the cent, by this: {cause}.",
                **values,
            )
        else:
            yield Message(
                "Under this schedule, the difference of {effect:euro} excl. VAT is accounted for, to the cent, by "
                "this: {cause}.",
                **values,
            )


def _totals(check: InvoiceCheck) -> Iterator[Message]:
    """What was expected in all, and what the document states or comes to, where both are known and differ."""
    if check.untaxed is None or not check.rows or any(row.expected is None for row in check.rows):
        return
    sign = -1 if check.untaxed < ZERO else 1
    due = abs(sum((row.expected for row in check.rows if row.expected is not None), ZERO)) * sign
    taxed, stated = due + round_cents(due * check.expected.vat_rate), check.totals.taxed
    values = {"due": due, "taxed": taxed, "untaxed": check.untaxed, "stated": stated}
    if not check.vat_is_known and due != check.untaxed:
        yield Message(
            "For what it bills, we expect {due:euro} excl. VAT, and not {untaxed:euro} excl. VAT.", **values
        )
    elif stated is None and due != check.untaxed:
        yield Message(
            "For what it bills, we expect {due:euro} excl. VAT, that is {taxed:euro} incl. VAT, and not "
            "{untaxed:euro} excl. VAT.",
            **values,
        )
    elif stated is not None and check.vat_is_known and (due, taxed) != (check.untaxed, stated):
        sentence = (
            _STATED if None not in {check.invoice.total_excl_vat, check.invoice.total_incl_vat} else _DERIVED
        )
        yield Message(sentence, **values)


_STATED = marked(
    "For what it bills, we expect {due:euro} excl. VAT, that is {taxed:euro} incl. VAT; it states {untaxed:euro} "
    "excl. VAT and {stated:euro} incl. VAT."
)
_DERIVED = marked(
    "For what it bills, we expect {due:euro} excl. VAT, that is {taxed:euro} incl. VAT; it comes to {untaxed:euro} "
    "excl. VAT and {stated:euro} incl. VAT."
)
