"""What the words of a line mean beside one quote: which of the fees that they may name its amount bears out."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from opqibi_rules.invoice.matching.line_words import Named
from opqibi_rules.invoice.matching.matched import Matched, text_of
from opqibi_rules.invoice.matching.offers import Offers, may_be
from opqibi_rules.invoice.matching.singles import at_price
from opqibi_rules.invoice.why.billing import is_new, lenders
from opqibi_rules.money import round_cents
from opqibi_rules.price.inversion import in_cents
from opqibi_rules.tables.schedule import Fee


def meant(offers: Offers, item: Matched) -> Matched:
    """A line whose words name the fees that it may bill, and no other."""
    item = replace(item, named=_borne_out(offers, item.named))
    return _of_a_code(offers, _as_amount(offers, _as_joined(offers, item)))


def _borne_out(offers: Offers, named: Named) -> Named:
    """A fee that prices no qualification is not the one of a line that speaks of tariff codes."""
    if not named.tariffs or not named.fees or named.fees & offers.counted:
        return named
    return named._replace(fees=frozenset(), beside=named.beside | named.fees)


def _as_joined(offers: Offers, item: Matched) -> Matched:
    """A line that names a fee « and » another bills both, unless its amount is that of what it names alone."""
    named = item.named
    both = named.fees | named.joined
    detailed = item.counted or named.parts or named.tariffs
    alone = {offers.total({fee}) for fee in both} | {offers.total(named.fees)}
    if named.fees and both > named.fees and not detailed and item.cents not in alone:
        return replace(item, named=named._replace(fees=both))
    return item


def _as_amount(offers: Offers, item: Matched) -> Matched:
    """A fee that is named as a complement of other words, at another price than its own, is not billed.

    The other words say which fee is; where they are not known, the amount does if it is that of one fee, and
    the line is one that only its amount tells.
    """
    named = item.named
    left = named.fees - named.governed
    own = {offers.total({fee}) for fee in named.governed}
    if not named.governed or item.cents in own:
        return item
    several = named.fees | named.governing
    if all(offers.total({fee}) for fee in several) and offers.total(several) == item.cents:
        return replace(item, named=named._replace(fees=several))
    told = left | named.governing
    at_price = [fee.id for fee in offers.fees if offers.total({fee.id}) == item.cents]
    if not told and len(at_price) != 1:
        return item
    beside = named.beside | named.governed
    return replace(item, named=named._replace(fees=told, beside=beside, stray=named.stray or not told))


def _of_a_code(offers: Offers, item: Matched) -> Matched:
    """A line that begins with the code of a qualification, at its price, bills nothing else."""
    named = item.named
    if not named.stray or not item.of_one(offers.counted):
        return item
    code = named.codes[0]
    begins = text_of(item.line).strip().startswith(code)
    if code in offers.pieces or (begins and any(at_price(offers, item))):
        return replace(item, named=named._replace(stray=False))
    return item


def shares(offers: Offers, item: Matched) -> Iterator[Matched]:
    """A line that bills those of several tariffs at their one price, tariff by tariff: « tarifs 5 et 7 : 2 × 28 »."""
    line, named = item.line, item.named
    due = [
        priced
        for priced in offers.quote.lines
        if priced.tariff is not None
        and priced.unit_price == line.unit_price
        and may_be(named, priced.fee.id, priced.tariff, new=is_new(priced.part))
    ]
    whole = line.quantity == sum(priced.quantity or 0 for priced in due)
    exact = item.cents == sum(in_cents(round_cents(priced.amount)) for priced in due) and not item.off
    codes = Counter(code for priced in due for code in priced.codes)
    tariffs = frozenset(filter(None, (priced.tariff for priced in due)))
    alike = len({priced.fee.id for priced in due}) == 1 and len(due) > 1
    coded = codes <= Counter(named.codes) and len(named.codes) == line.quantity
    said = named.tariffs in {frozenset(), tariffs} and (coded or not named.codes)
    if not (whole and exact and alike and said):
        yield item
        return
    for priced in due:
        part = replace(line, quantity=Decimal(priced.quantity or 0), amount=priced.amount)
        own = tuple(code for code in named.codes if code in priced.codes)
        told = named._replace(tariffs=named.tariffs & {priced.tariff}, codes=own)
        cents = in_cents(round_cents(priced.amount))
        yield replace(item, line=part, cents=cents, named=told, together=line.quantity)


def of_new_requests(offers: Offers, matched: list[Matched]) -> list[Matched]:
    """The lines of an invoice where a fee that is not due, and lends its prices to new requests, means these.

    Not where another fee that is not due is named, and nothing speaks of new requests: that invoice is one of
    another event.
    """
    instead = lenders(offers.schedule, offers.quote.event)
    borne = {fee.id for fee in offers.schedule.borne(offers.quote.event)}
    speaks = any(item.named.new for item in matched)
    other = any(item.named.fees - borne - instead.keys() for item in matched)
    if other and not speaks:
        return matched
    return [
        replace(item, named=_meaning(item.named, instead))
        if item.named.fees & instead.keys() and (offers.has_new or item.named.new)
        else item
        for item in matched
    ]


def _meaning(named: Named, instead: Mapping[str, Fee]) -> Named:
    """The words of a line where some of the fees they name mean the new requests of another."""
    fees = {instead[fee].id if fee in instead else fee for fee in named.fees}
    return named._replace(fees=frozenset(fees), parts=named.parts | {"new_requests"})
