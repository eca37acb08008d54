"""The letter that disputes an invoice: what differs, by how much, under which article, with the official reason.

It is made of sentences (:class:`Message`): a door says them in the reader's language.
"""

from collections.abc import Iterator

from opqibi_rules.invoice.check import InvoiceCheck
from opqibi_rules.invoice.findings import Finding, Severity
from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO, exactly

MOST_CAUSES = 3
"""A letter that lists more possible causes helps nobody."""


@exactly
def dispute_letter(check: InvoiceCheck) -> tuple[Message, ...]:
    """The paragraphs of the letter; empty where nothing is to be disputed."""
    errors = [finding for finding in check.findings if finding.severity is Severity.ERROR]
    return tuple(_paragraphs(check, errors)) if errors else ()


def _paragraphs(check: InvoiceCheck, errors: list[Finding]) -> Iterator[Message]:
    invoice, quote = check.invoice, check.expected
    number = invoice.number or Message("(no number)")
    if invoice.issued is None:
        yield Message("Subject: your invoice {number}", number=number)
    else:
        yield Message("Subject: your invoice {number} of {day:date}", number=number, day=invoice.issued)
    yield Message("Dear Sir or Madam,")
    yield Message(
        "We have checked this invoice against your fee schedule of {day:date}, and cannot approve it as it stands:",
        day=quote.schedule.in_force_from,
    )
    for finding in errors:
        yield Message("– {finding}", finding=_point(finding))
    yield from _causes(check)
    if any(row.difference for row in check.rows):
        billed = [row for row in check.rows if row.expected is not None]
        yield Message(
            "For what this invoice bills, we expect {expected:euro} excl. VAT, and not {invoiced:euro}.",
            expected=sum((row.expected for row in billed if row.expected is not None), ZERO),
            invoiced=sum((row.invoiced for row in billed), ZERO),
        )
    reasons = {finding.dispute.code: finding.dispute for finding in errors if finding.dispute}
    for reason in reasons.values():
        yield Message(
            "Reason code for the e-invoicing platform: {code} ({name}); status: {statuses}.",
            code=reason.code,
            name=reason.name,
            statuses=[Message("{code} {name}", code=item.code, name=item.name) for item in reason.statuses],
        )
    yield Message("Please send us a corrected invoice, or tell us what we have misread.")
    yield Message("Yours faithfully,")


def _causes(check: InvoiceCheck) -> Iterator[Message]:
    causes = [item for item in check.explanations if item.effect][:MOST_CAUSES]
    if len(causes) == 1:
        yield Message(
            "The difference is accounted for, to the cent, by this: {cause}.", cause=causes[0].message
        )
    elif causes:
        told = causes[0].message
        for cause in causes[1:]:
            told = Message("{first}; or {other}", first=told, other=cause.message)
        yield Message("The difference may come from any one of these: {causes}.", causes=told)


def _point(finding: Finding) -> Message:
    point = finding.message
    if finding.articles:
        point = Message("{point} Schedule: {articles}.", point=point, articles=finding.articles)
    if finding.line:
        point = Message("{point} Invoice line: {line}.", point=point, line=finding.line)
    return point
