"""Is the VAT right: in itself, and for the customer's territory?

In itself: each group's category, base and amount (BR-S-05, 08 and 09, BR-CO-17, and their like for every
category), whatever of the groups is missing. The official rules let an amount of VAT be wrong by up to one euro;
here one cent is accepted, and VAT rounded on each line.

For the territory: the buyer's own postcode or country, where the document has them, says it; else the quote's
does. No rate is held against a document whose address the table does not know, or contradicts what was asked for.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from opqibi_rules.errors import TableError
from opqibi_rules.identifiers import siren_of
from opqibi_rules.invoice.findings import About, Finding, Severity, missing
from opqibi_rules.invoice.model import PLACE, Invoice
from opqibi_rules.invoice.stamps import stamps_of
from opqibi_rules.invoice.sums import (
    UNTAXED,
    Item,
    Taxed,
    Totals,
    is_extended,
    items_of,
    rate_of,
    taxed_parts,
    vat_of,
)
from opqibi_rules.invoice.why.billing import Change
from opqibi_rules.invoice.why.explanation import Confidence, Explanation
from opqibi_rules.messages import Message, marked
from opqibi_rules.money import CENT, ZERO, exactly, round_cents
from opqibi_rules.price.question import MAINLAND
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.vat import Place, VatRule


class Due(NamedTuple):
    """What the VAT of a document is held against."""

    quote: Quote
    """With the VAT of the buyer's territory, where it is known."""
    unknown: Finding | None = None
    """Why no rate can be held against the document, where none can."""


@exactly
def vat_due(expected: Quote, invoice: Invoice, tables: Tables, *, stated: bool = False) -> Due:
    """The quote with the VAT of the buyer's own territory, on the invoice's day, where the document says it.

    Mainland France is what a quote takes where nothing else is said, and the quote itself does not tell the two
    apart: a document that says another place does not contradict it, unless it is ``stated`` outright, or by a
    structure.
    """
    place = tables.vat.place(invoice.buyer.country, invoice.buyer.postcode)
    own, on = expected.vat_rule, invoice.issued or expected.on
    unknown = _unsettled(invoice, own if place is None else place)
    if place is None or place.territory is None or unknown is not None:
        return Due(expected, unknown)
    rule = _rule(tables, place.territory, on)
    if rule is None:
        message = Message(
            "No rate of VAT is known for {name} on {day:date}, where the document places the buyer.",
            name=tables.vat.rules[place.territory][0].name,
            day=on,
        )
        return Due(expected, missing("territory_unknown", About.VAT, message))
    if own is None:
        unknown = None if rule.rate == expected.vat_rate else _other_rate(rule, expected)
        return Due(_taxed(expected, rule), unknown)
    if own.territory == rule.territory:
        return Due(expected)
    structure = expected.question.structure
    stated |= own.territory != MAINLAND or (structure is not None and structure.territory is not None)
    return Due(_taxed(expected, rule), _other_place(rule, own) if stated else None)


def _unsettled(invoice: Invoice, place: Place | VatRule | None) -> Finding | None:
    """Why where the buyer is established is not known: it is to confirm, or nowhere, or two states at once."""
    if invoice.reading is not None and any(field.key in PLACE for field in invoice.reading.to_confirm):
        message = Message("Where the buyer is established is to be confirmed: which VAT is due is not known.")
        return missing("territory_unknown", About.VAT, message)
    if isinstance(place, Place) and place.territory is None:
        return missing("territory_unknown", About.VAT, place.unknown)
    rule = place.entry if isinstance(place, Place) else place
    number = invoice.buyer.vat_id or invoice.buyer.siren
    state = _state_of(number or "")
    if not isinstance(rule, VatRule) or state is None or rule.numbers_in(state):
        return None
    message = Message(
        "The buyer's number {number} is not of where it is placed ({name}): where it is established, and which VAT "
        "is due, is not known.",
        number=number,
        name=rule.name,
    )
    return missing("territory_differs", About.VAT, message)


def _state_of(number: str) -> str | None:
    """The state that gave a VAT number, or a SIREN; ``None`` where its form does not say."""
    if siren_of(number):
        return "FR"
    state = _NUMBERED.match(number)
    return _OTHER_CODES.get(state[1], state[1]) if state else None


def _other_place(document: VatRule, asked: VatRule) -> Finding:
    message = Message(
        "The document places the buyer elsewhere ({document}) than the quote ({name}).",
        document=document.name,
        name=asked.name,
    )
    return missing("territory_differs", About.VAT, message)


def _other_rate(document: VatRule, expected: Quote) -> Finding:
    message = Message(
        "The document places the buyer where VAT is {due:percent} ({document}); {rate:percent} was asked for.",
        due=document.rate,
        document=document.name,
        rate=expected.vat_rate,
    )
    return missing("territory_differs", About.VAT, message)


def _taxed(expected: Quote, rule: VatRule) -> Quote:
    vat = round_cents(expected.total_excl_vat * rule.rate)
    note = Message("VAT of the buyer's territory, as the document states it: {name}.", name=rule.name)
    return expected._replace(
        vat_rule=rule,
        vat_rate=rule.rate,
        vat=vat,
        total_incl_vat=expected.total_excl_vat + vat,
        notes=(*expected.notes, note),
    )


def _rule(tables: Tables, territory: str, on: date) -> VatRule | None:
    try:
        return tables.vat.rule(territory, on)
    except TableError:
        return None


_ROUGH_BASES = frozenset(
    {("cii", category) for category in ("AE", "E", "G", "K", "Z")} | {("ubl", category) for category in "LMS"}
)
"""Where the official rules accept a base that is less than one unit off (EN 16931 validation 1.3: BR-*-08)."""


NO_RATE = frozenset({"territory_unknown", "territory_differs"})
"""The findings that say why no rate is held against a document."""
_CATEGORY = re.compile("[A-Z]{1,2}")
_NUMBERED = re.compile("([A-Z]{2})[^0-9]*[0-9]")
_OTHER_CODES = {"EL": "GR", "XI": "GB"}
"""Where a VAT number does not begin with the code of its state (ISO 3166-1): Greece, Northern Ireland."""
_FOR_GOODS = frozenset({"G", "Z"})
"""An export, and goods at a rate of zero."""


class VatChecker:
    """The VAT of one invoice; ``due`` bears the right rate, ``totals`` are those of the invoice."""

    def __init__(self, invoice: Invoice, totals: Totals, due: Due, tables: Tables) -> None:
        self.invoice, self.totals, self.tables = invoice, totals, tables
        self.expected, self.unknown = due
        self.rate = self.expected.vat_rate
        self.items = items_of(invoice)
        self.parts = taxed_parts(invoice)

    @exactly
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the VAT, or leaves it unknown."""
        own = (*self._categories(), *self._bases(), *self._amounts(), *self._denied())
        told = {item.code for item in own}
        wrong = any(item.severity is Severity.ERROR for item in own)
        total = () if wrong else (item for item in self._total() if item.code not in told)
        if self.unknown is not None:
            return (self.unknown, *own, *total, *self._gaps())
        return (*own, *total, *self._gaps(), *self._rates(), *self._treatments(), *self._unnumbered())

    def _coded(self) -> Collection[tuple[str | None, Decimal | None]]:
        """Each category and rate that the document states together."""
        lines = [(item.category, item.rate) for item in self.items]
        groups = [(group.category, group.rate) for group in self.invoice.vat_groups]
        return dict.fromkeys((*groups, *lines))

    def _categories(self) -> Iterator[Finding]:
        """A category that contradicts its rate (BR-S-05, BR-E-05 and their like)."""
        for category, rate in self._coded():
            if category in UNTAXED and rate:
                text = _NO_VAT
            elif category == "S" and rate == ZERO:
                text = _SOME_VAT
            else:
                continue
            message = Message(text, category=category, rate=rate)
            yield Finding("vat_category", About.VAT, message, Severity.ERROR)

    def _denied(self) -> Iterator[Finding]:
        """VAT billed all over a document that says, in a note or as a reason, that it bears none (BR-S-10)."""
        if not self.totals.vat or any(part.rate == ZERO for part in self.parts):
            return
        stamps, pages = stamps_of(self.tables.invoice_wording), self.tables.page_wording
        told = [group.reason for group in self.invoice.vat_groups if group.reason]
        told += [words for text in self.invoice.remarks for words in stamps.untaxed_in(text, pages)]
        if told:
            message = Message(
                "The document says « {words} », and bills {vat:euro} of VAT.",
                words=told[0],
                vat=self.totals.vat,
            )
            yield missing("vat_denied", About.VAT, message)

    def _treatments(self) -> Iterator[Finding]:
        """A category that bears the right rate for another reason than that of the territory.

        Nothing tells whether the code or the place is wrong; what it changes is who declares the VAT. Where no VAT
        applies, nobody does: a code for goods is told, and settles nothing.
        """
        rule = self.expected.vat_rule
        if rule is None:
            return
        coded = [(category or "", rate_of(category, rate)) for category, rate in self._coded()]
        for category in dict.fromkeys(category for category, rate in coded if rate == self.rate):
            if category in rule.categories or not _CATEGORY.fullmatch(category):
                continue
            message = Message(
                "VAT category {category} is stated, where {expected} is expected ({name}; BT-118, BT-151).",
                category=category,
                expected=rule.category,
                name=rule.name,
            )
            harmless = rule.treatment == "no_vat" and category in _FOR_GOODS
            yield Finding("vat_category", About.VAT, message, Severity.WARNING, undetermined=not harmless)

    def _unnumbered(self) -> Iterator[Finding]:
        """No VAT billed for the buyer to declare it, and no number by which it does (BR-AE-02)."""
        rule, buyer = self.expected.vat_rule, self.invoice.buyer
        billed = any(part.rate for part in self.parts) or self.totals.vat
        if rule is None or rule.treatment != "reverse_charge" or billed or buyer.vat_id:
            return
        if buyer.country or "AE" in {category for category, _ in self._coded()}:
            message = Message(
                "The buyer is to declare the VAT ({name}), and the document bears no VAT number of it (BT-48).",
                name=rule.name,
            )
            yield missing("buyer_unnumbered", About.VAT, message)

    def _bases(self) -> Iterator[Finding]:
        """The base of each group: its lines, allowances and charges (BR-S-08); of all, the total excl. VAT."""
        untaxed, groups = self.totals.untaxed, self.invoice.vat_groups
        if not groups or untaxed is None:
            return
        added = sum((item.amount or ZERO for item in self.items), ZERO)
        if len(self.parts) < len(groups) or any(_unrated(item) for item in self.items) or added != untaxed:
            yield from self._whole_base(untaxed)
            return
        borne = [(item.category, rate_of(item.category, item.rate), item.amount) for item in self.items]
        grouped = [(part.category, part.rate, part.base) for part in self.parts]
        categories = None not in {category for category, *_ in (*borne, *grouped)}
        due, stated = _summed(borne, categories=categories), _summed(grouped, categories=categories)
        for category, rate in dict.fromkeys((*stated, *due)):
            message = Message(
                "VAT at {rate:percent} is computed on {stated:euro}; the lines, charges and allowances that bear it "
                "come to {expected:euro} (BT-116).",
                rate=rate,
                stated=stated.get((category, rate), ZERO),
                expected=due.get((category, rate), ZERO),
            )
            yield from self._wrong_base(message, category)

    def _whole_base(self, untaxed: Decimal) -> Iterator[Finding]:
        """All bases together, where the lines do not tell them apart; and a rate of lines that no group has."""
        rates = {rate_of(group.category, group.rate) for group in self.invoice.vat_groups}
        borne = {item.rate for item in self.items if item.amount}
        for rate in sorted(filter(None, borne - rates)) if None not in rates else ():
            message = Message("Lines bear VAT at {rate:percent}, and no VAT group does (BG-23).", rate=rate)
            yield Finding("vat_base", About.VAT, message, Severity.ERROR)
        bases = [group.taxable for group in self.invoice.vat_groups]
        if None not in bases:
            message = Message(
                "VAT is computed on {stated:euro}; the total excl. VAT is {expected:euro} (BT-116).",
                stated=sum((base for base in bases if base is not None), ZERO),
                expected=untaxed,
            )
            yield from self._wrong_base(message, None)

    def _wrong_base(self, message: Message, category: str | None) -> Iterator[Finding]:
        stated, right = message.values["stated"], message.values["expected"]
        assert isinstance(stated, Decimal)
        assert isinstance(right, Decimal)
        off = abs(stated - right)
        if not off:
            return
        rough = (self.invoice.syntax, category) in _ROUGH_BASES and off < 1
        if rough or (is_extended(self.invoice) and off <= CENT * len(self.items)):
            told = Message("{message} The official rules accept it.", message=message)
            yield Finding("rounding_accepted", About.VAT, told, expected=right, invoiced=stated)
        else:
            yield Finding("vat_base", About.VAT, message, Severity.ERROR, expected=right, invoiced=stated)

    def _amounts(self) -> Iterator[Finding]:
        """The amount of each group: base × rate (BR-CO-17, BR-S-09 and their like)."""
        for part in self.parts:
            if part.amount is not None:
                right = (part.due, part.by_item)
                yield from _vat_finding("vat_amount", part.rate, part.base, part.amount, right)

    def _total(self) -> Iterator[Finding]:
        """All the VAT, against all that is taxed: at the right rate where no other is stated."""
        untaxed, vat = self.totals.untaxed, self.totals.vat
        if untaxed is None or vat is None:
            return
        rates = {part.rate for part in self.parts if part.base}
        if rates <= {self.rate} and (rates or self.unknown is None):
            code = "vat_amount" if self.parts else "vat_rate"
            right = vat_of([item.amount for item in self.items], untaxed, self.rate)
            yield from _vat_finding(code, self.rate, untaxed, vat, right)
            return
        due = sum((part.due for part in self.parts), ZERO)
        by_item = sum((part.by_item for part in self.parts), ZERO)
        whole = sum((part.base for part in self.parts), ZERO) == untaxed
        if whole and min(abs(vat - due), abs(vat - by_item)) > CENT:
            message = Message(
                "The VAT of all rates comes to {expected:euro}; {stated:euro} is billed.",
                expected=due,
                stated=vat,
            )
            yield Finding("vat_amount", About.VAT, message, Severity.ERROR, expected=due, invoiced=vat)

    def _gaps(self) -> Iterator[Finding]:
        """What is not stated, and follows from the rest; or does not."""
        untaxed, vat = self.totals.untaxed, self.totals.vat
        if vat is None and not self.parts:
            message = Message("The document shows no VAT: neither an amount nor a rate.")
            yield missing("vat_missing", About.VAT, message)
        elif untaxed is None or vat is None:
            message = Message("The VAT cannot be checked: not all that it is computed on is known.")
            yield missing("vat_missing", About.VAT, message)
        elif self.invoice.vat is None:
            message = Message(
                "The document states no total VAT; {vat:euro} follows from its other figures.", vat=vat
            )
            yield Finding("vat_derived", About.VAT, message, expected=vat)

    def _rates(self) -> Iterator[Finding]:
        """Each rate that is not the territory's."""
        for part in self.parts:
            if part.rate != self.rate and part.base:
                yield self._wrong_rate(part)

    def _wrong_rate(self, part: Taxed) -> Finding:
        rule = self.expected.vat_rule
        message = Message(
            "VAT is billed at {rate:percent} instead of {right:percent}.", rate=part.rate, right=self.rate
        )
        if rule is not None:
            message = Message(
                "VAT is billed at {rate:percent} instead of {right:percent} ({name}; {source}).",
                name=rule.name,
                source=rule.source.document,
                **message.values,
            )
        billed = part.due if part.amount is None else part.amount
        right = round_cents(part.base * self.rate)
        return Finding("vat_rate", About.VAT, message, Severity.ERROR, expected=right, invoiced=billed)

    @exactly
    def explanations(self) -> tuple[Explanation, ...]:
        """Why the VAT differs from that of the territory on the invoice's own total excl. VAT."""
        untaxed, vat = self.totals.untaxed, self.totals.vat
        if untaxed is None or vat is None or self.unknown is not None or not self.invoice.is_in_euros:
            return ()
        right = round_cents(untaxed * self.rate)
        if vat == right:
            return ()
        found = [*self._other_rates(untaxed, vat), *self._roundings(untaxed, vat)]
        if not vat:
            message = Message("no VAT billed, where {rate:percent} is due", rate=self.rate)
            found = [Change("vat_missing", message)]
        confidence = Confidence.CERTAIN if len(found) == 1 else Confidence.POSSIBLE
        return tuple(
            Explanation((change,), vat - right, confidence=confidence, of_vat=True) for change in found
        )

    def _other_rates(self, untaxed: Decimal, vat: Decimal) -> Iterator[Change]:
        on = self.invoice.issued or self.expected.on
        rates: dict[Decimal, list[VatRule]] = {}
        for territory in self.tables.vat.rules:
            rule = _rule(self.tables, territory, on)
            if rule is not None and rule.rate not in {self.rate, ZERO}:
                rates.setdefault(rule.rate, []).append(rule)
        for rate, rules in rates.items():
            if vat == round_cents(untaxed * rate):
                message = Message(
                    "VAT at {other:percent}, the rate of another territory ({names}), instead of {rate:percent}",
                    other=rate,
                    names=tuple(rule.name for rule in rules),
                    rate=self.rate,
                )
                yield Change("vat_rate", message)

        stated = {part.rate for part in self.parts} - {self.rate, ZERO, *rates}
        for rate in stated if len(self.parts) == 1 else ():
            if vat == round_cents(untaxed * rate):
                message = Message(
                    "VAT at {other:percent} instead of {rate:percent}", other=rate, rate=self.rate
                )
                yield Change("vat_rate", message)
        if vat == round_cents(untaxed * (1 + self.rate) * self.rate):
            yield Change("vat_on_vat", Message("VAT computed on the total incl. VAT"))

    def _roundings(self, untaxed: Decimal, vat: Decimal) -> Iterator[Change]:
        exact = untaxed * self.rate
        by_item = sum((round_cents((item.amount or ZERO) * self.rate) for item in self.items), ZERO)
        for amount, message in (
            (by_item, Message("VAT rounded on each line instead of once on their sum")),
            (exact.quantize(CENT, ROUND_DOWN), Message("VAT rounded down to the cent")),
            (exact.quantize(CENT, ROUND_HALF_EVEN), Message("VAT rounded to the even cent")),
            (exact.quantize(Decimal(1)), Message("VAT rounded to the euro")),
        ):
            if vat == amount:
                yield Change("vat_rounding", message)


def _unrated(item: Item) -> bool:
    return item.amount is None or rate_of(item.category, item.rate) is None


_Key = tuple[str | None, Decimal | None]
"""A category and a rate."""


def _summed(
    amounts: Sequence[tuple[str | None, Decimal | None, Decimal | None]], *, categories: bool
) -> Mapping[_Key, Decimal]:
    """The sum of what bears each category and rate; each rate alone, where some category is missing."""
    found: dict[_Key, Decimal] = {}
    for category, rate, amount in amounts:
        key = (category if categories else None, rate)
        found[key] = found.get(key, ZERO) + (amount or ZERO)
    return found


def _vat_finding(
    code: str, rate: Decimal, taxable: Decimal, stated: Decimal, right: tuple[Decimal, ...]
) -> Iterator[Finding]:
    """What is wrong with an amount of VAT: the first of ``right`` is due; the others are how it may be rounded."""
    due = right[0]
    if stated == due:
        return
    accepted = stated in right or abs(stated - due) <= CENT
    message = Message(
        _ROUNDED if accepted else _VAT_OFF, rate=rate, taxable=taxable, expected=due, stated=stated
    )
    if accepted:
        yield Finding("vat_rounding", About.VAT, message, expected=due, invoiced=stated)
    else:
        yield Finding(code, About.VAT, message, Severity.ERROR, expected=due, invoiced=stated)


_NO_VAT = marked("VAT category {category} bears no VAT, and {rate:percent} is stated (BT-118, BT-151).")
_SOME_VAT = marked("VAT category {category} bears VAT, and {rate:percent} is stated (BT-118, BT-151).")
_ROUNDED = marked(
    "VAT at {rate:percent} on {taxable:euro}: {stated:euro} instead of {expected:euro}; a rounding on each line, or "
    "of one cent, is accepted."
)
_VAT_OFF = marked("VAT at {rate:percent} on {taxable:euro} is {expected:euro}; {stated:euro} is billed.")
