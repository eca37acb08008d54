"""An invoice and the credit notes that correct it: what is left of them is what is billed.

A credit note says which invoice of its seller it is about by its reference (BT-25), by the number in its words, or
else by giving back the whole of one, once. Of several that it names, it corrects the only one that is right without
what it gives back, or all of them, if it gives back as much. One whose parties are disputed corrects no invoice whose
own are not. A corrected invoice (384) takes the place of the one that it names; a final invoice, that of the deposits
which it deducts. What is wrong in one of them leaves the others undetermined.
"""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from opqibi_rules.identifiers import compact, siren_of, siren_of_vat_number
from opqibi_rules.invoice.check import SERIES, InvoiceCheck, Series
from opqibi_rules.invoice.comparison import Row
from opqibi_rules.invoice.deposits import DEPOSIT_ALONE
from opqibi_rules.invoice.findings import About, Finding, Severity, missing, verdict_of
from opqibi_rules.invoice.model import Invoice, InvoiceLine, Party
from opqibi_rules.invoice.payable import PRECEDING_ALONE
from opqibi_rules.invoice.sums import amount_of
from opqibi_rules.messages import Message, marked
from opqibi_rules.money import ZERO, exactly
from opqibi_rules.paper.text import plain_words
from opqibi_rules.verdict import Verdict

Judge = Callable[[Invoice], InvoiceCheck]
"""What checks an invoice of the run, as it checked the others."""

_CORRECTED, _DEPOSIT = "384", "386"
_WORDS_OF_A_NUMBER = 6
_BEFORE_A_NUMBER = frozenset({"facture", "invoice", "n", "no", "numero"})
_NOTHING = Decimal("0.00")
_OF_AMOUNTS = frozenset({About.DOCUMENT, About.VAT, About.PRICE, About.PAYABLE})
"""What no longer matters of an invoice that is given back whole."""


@exactly
def reconciled(checks: Sequence[InvoiceCheck], judge: Judge) -> tuple[InvoiceCheck, ...]:
    """The checks of one run, those of a series as its balance makes them."""
    answers = list(checks)
    links = _Links(checks, judge)
    for place, notes in links.notes.items():
        series = [checks[at] for at in (place, *notes)]
        settled = list(_settled(series, judge))
        unsure = tuple(_unsettled(series[0], series[1:], settled[0]))
        for at, check in zip((place, *notes), settled, strict=True):
            answers[at] = replace(check, findings=(*check.findings, *unsure))
    for place, by in links.replaced.items():
        if place not in links.notes:
            unsure = tuple(_unsettled(checks[place], [checks[by]]))
            replaced = _replaced(checks[place], checks[by])
            answers[place] = replace(replaced, findings=(*replaced.findings, *unsure))
            answers[by] = replace(answers[by], findings=(*answers[by].findings, *unsure))
    for place, deposits in links.deposits.items():
        if given_back := {at: links.notes[at] for at in deposits if at in links.notes}:
            found = _deducted_still(checks, given_back)
            answers[place] = replace(answers[place], findings=(*answers[place].findings, found))
            continue
        final = _final(answers[place], [answers[at] for at in deposits])
        for at, check in zip((place, *deposits), final, strict=True):
            answers[at] = check
    for place, own in links.again.items():
        answers[place] = _again(checks[place], checks[own], [checks[note] for note in links.notes[own]])
    _of_several(checks, answers, links)
    for place, check in enumerate(answers):
        if any(item.code == PRECEDING_ALONE for item in check.findings):
            answers[place] = _named_alone(check, [answers[at] for at in links.here(place)])
    return tuple(answers)


def _of_several(checks: Sequence[InvoiceCheck], answers: list[InvoiceCheck], links: "_Links") -> None:
    """What credit notes that name several invoices make of them."""
    for note, bills in links.all_of.items():
        if not links.notes.keys().isdisjoint(bills):  # others give back a part of them
            links.unclear[note] = bills
            continue
        for place, check in _all_cancelled(checks, note, bills):
            answers[place] = check
    for note, bills in links.unclear.items():
        found = _unclear(checks[note], [checks[bill] for bill in bills])
        for place in (note, *bills):
            answers[place] = replace(answers[place], findings=(*answers[place].findings, found))


def _named_alone(check: InvoiceCheck, named: Sequence[InvoiceCheck]) -> InvoiceCheck:
    """An invoice that names others: it is sure where all of them are here, and nothing is left of them to pay."""
    over = {folded(one.invoice.number) for one in named if one.series and one.series.cancelled}
    if not over.issuperset(map(folded, check.invoice.preceding)):
        return check
    return replace(check, findings=tuple(item for item in check.findings if item.code != PRECEDING_ALONE))


class _Links:
    """Which credit notes correct which invoice, by their places in the run."""

    def __init__(self, checks: Sequence[InvoiceCheck], judge: Judge) -> None:
        self.checks, self._judge = checks, judge
        self.notes: dict[int, list[int]] = defaultdict(list)
        self.replaced: dict[int, int] = {}
        self.deposits: dict[int, list[int]] = defaultdict(list)
        """Of a final invoice: the deposits that it names, or deducts."""
        self.again: dict[int, int] = {}
        """Of a credit note that names nothing: the invoice of its amounts, that others corrected already."""
        self.unclear: dict[int, list[int]] = {}
        """Of a credit note that names several invoices, where nothing tells which it corrects: those here."""
        self.all_of: dict[int, list[int]] = {}
        """Of one that gives back all that it names: those invoices."""
        self._numbers: dict[str, list[int]] = defaultdict(list)
        for place, check in enumerate(checks):
            if not check.gives_back and (number := folded(check.invoice.number)):
                self._numbers[number].append(place)
        loose = []
        for place, check in enumerate(checks):
            corrects = check.invoice.type_code == _CORRECTED
            if not (check.gives_back or corrects):
                continue
            named = next(self._named(place), None)
            if named is None:
                loose += [place] * (check.gives_back and not _names_one(check.invoice))
            elif check.gives_back and self._names_several(place):
                self._choose(place)
            elif check.gives_back:
                self.notes[named].append(place)
            else:
                self.replaced[named] = place
        self._by_amounts(loose)
        self._deposited()

    def _names_several(self, place: int) -> bool:
        """Whether a credit note names more than one invoice, here or not."""
        references = {folded(number) for number in self.checks[place].invoice.preceding}
        return len(references) > 1 or (not references and len(self.here(place)) > 1)

    def _choose(self, note: int) -> None:
        """Give a credit note that names several invoices the one that it corrects, if anything tells which."""
        bills = self.here(note)
        references = {folded(number) for number in self.checks[note].invoice.preceding}
        if references <= {folded(self.checks[bill].invoice.number) for bill in bills}:
            given_back = _totals(self.checks[note])
            billed = [_totals(self.checks[bill]) for bill in bills]
            if tuple(sum(amounts, ZERO) for amounts in zip(given_back, *billed, strict=True)) == (ZERO, ZERO):
                self.all_of[note] = bills
                return
            fit = [bill for bill in bills if self._is_right_after(bill, note)]
            if len(fit) == 1:
                self.notes[fit[0]].append(note)
                return
        self.unclear[note] = bills

    def _is_right_after(self, bill: int, note: int) -> bool:
        """Whether nothing is left of an invoice after a credit note, or what is left is its price."""
        series = [self.checks[bill], self.checks[note]]
        left, vat = (sum(amounts, ZERO) for amounts in zip(*map(_totals, series), strict=True))
        if left <= ZERO:
            return not (left or vat)
        price = self._judge(_balance(series, left, vat)).outcomes[About.PRICE]
        return price is Verdict.YES

    def here(self, place: int) -> list[int]:
        """The invoices that one names, where they are in the run."""
        return list(dict.fromkeys(self._named(place)))

    def _deposited(self) -> None:
        """Give each deposit the final invoice that names it, else that deducts as much."""
        left = {
            place: check
            for place, check in enumerate(self.checks)
            if check.invoice.type_code == _DEPOSIT and not check.gives_back
        }
        for place, check in enumerate(self.checks) if left else ():
            if check.gives_back or check.invoice.type_code == _DEPOSIT:
                continue
            named = [at for at in self.here(place) if at in left]
            paid = _deducted(check)
            if not named and paid:
                named = [
                    at
                    for at, other in left.items()
                    if other.totals.taxed == paid
                    and self._day(at) <= self._day(place)
                    and _may_correct(other, check)
                ][:1]
            for at in named:
                self.deposits[place].append(at)
                del left[at]

    def _named(self, place: int) -> Iterator[int]:
        """The invoices that a document names: by its reference, else in its words."""
        check = self.checks[place]
        invoice = check.invoice
        for number in (*map(folded, invoice.preceding), *_numbers_in(invoice)):
            for other in self._numbers.get(number or "", ())[:_WORDS_OF_A_NUMBER]:
                if other != place and _may_correct(check, self.checks[other]):
                    yield other

    def _by_amounts(self, loose: Sequence[int]) -> None:
        """Give each credit note that names nothing the first invoice that it gives back whole."""
        bills: dict[object, deque[int]] = defaultdict(deque)
        taken: dict[object, deque[int]] = defaultdict(deque)
        for place in sorted(range(len(self.checks)), key=self._day):
            if not self.checks[place].gives_back:
                (taken if place in self.notes else bills)[self._amounts(place)].append(place)
        for place in sorted(loose, key=self._day):
            amounts = self._amounts(place)
            if self._before(bills[amounts], place):
                taken[amounts].appendleft(bills[amounts].popleft())
                self.notes[taken[amounts][0]].append(place)
            elif self._before(taken[amounts], place):
                self.again[place] = taken[amounts][0]

    def _before(self, bills: Sequence[int], note: int) -> bool:
        return bool(bills) and self._day(bills[0]) <= self._day(note)

    def _day(self, place: int) -> date:
        return self.checks[place].invoice.issued or date.min

    def _amounts(self, place: int) -> object:
        """What two documents have in common where one gives the other back; nobody named: nothing."""
        check = self.checks[place]
        buyer = identity(check.invoice.buyer)
        totals = tuple(map(abs, _totals(check)))
        seller = identity(check.invoice.seller)
        return (buyer, seller, disputed(check), totals) if buyer and totals[0] else place


def _names_one(invoice: Invoice) -> bool:
    """Whether a document says which invoice it is about: one that is not here, where none here was found by it.

    « Facture du 2 mars » says a day, and no number.
    """
    said = (words for line in invoice.lines for words in _words_of(line).split("facture n ")[1:])
    return bool(invoice.preceding) or any(re.match("([a-z]+ )?[0-9]", words) for words in said)


def _words_of(line: InvoiceLine) -> str:
    return plain_words(" ".join(filter(None, (line.name, line.description))))


def _numbers_in(invoice: Invoice) -> Iterator[str]:
    """What may be the number of an invoice in the words of a document."""
    for line in invoice.lines:
        words = _words_of(line).split()
        for start in range(len(words)):
            announced = start > 0 and words[start - 1] in _BEFORE_A_NUMBER
            for end in range(start + 1, min(start + _WORDS_OF_A_NUMBER, len(words)) + 1):
                number = " ".join(words[start:end])
                if announced or (re.search("[0-9]", number) and re.search("[a-z]", number)):
                    yield number


def _may_correct(check: InvoiceCheck, other: InvoiceCheck) -> bool:
    one, two = check.invoice, other.invoice
    same = _may_be(one.seller, two.seller) and _may_be(one.buyer, two.buyer)
    return same and disputed(check) == disputed(other)


def disputed(check: InvoiceCheck) -> bool:
    """Whether its seller or its buyer is not the one expected: the numbers of two sellers may be the same."""
    return verdict_of(check.findings, About.PARTIES) is Verdict.NO


def _may_be(one: Party, other: Party) -> bool:
    """Nothing says that these are two."""
    sirens = [siren_of(party.siren) or siren_of_vat_number(party.vat_id) for party in (one, other)]
    if None in sirens:
        names = [folded(one.name), folded(other.name)]
        return None in names or names[0] == names[1]
    return sirens[0] == sirens[1]


def _totals(check: InvoiceCheck) -> tuple[Decimal, Decimal]:
    """Euros excl. VAT and of VAT that a document bills; negative where it gives them back."""
    sign = -1 if check.invoice.is_credit_note else 1
    untaxed, vat = check.untaxed or ZERO, check.totals.vat or ZERO
    return untaxed * sign, vat * sign


def _settled(series: Sequence[InvoiceCheck], judge: Judge) -> Iterable[InvoiceCheck]:
    """An invoice and its credit notes, as what is left of them makes them."""
    left, vat = (sum(amounts, ZERO) for amounts in zip(*map(_totals, series), strict=True))
    names = tuple(map(_number, series))
    if left or vat:
        return _corrected(series, names, left, vat, judge)
    told = Message("Cancelled in full by {others}: nothing of it is left to pay.", others=names[1:])
    back = Message("It cancels {own} in full: nothing of either is left to pay.", own=names[0])
    found = Series(names, _NOTHING, told, cancelled=True)
    bill, *notes = series
    return [_cancelled(bill, found), *(_cancelled(note, replace(found, message=back)) for note in notes)]


def _corrected(
    series: Sequence[InvoiceCheck], names: tuple[str, ...], left: Decimal, vat: Decimal, judge: Judge
) -> Iterator[InvoiceCheck]:
    """An invoice of which something is left, which is what is judged; its credit notes are judged with it."""
    (bill, *notes), (own, *_), others = series, names, names[1:]
    told = Message(
        "With {others}, {left:euro} excl. VAT are left of it: they are what is judged.",
        others=others,
        left=left,
    )
    back = Message(
        "It corrects {own}, of which {left:euro} excl. VAT are left: see there.", own=own, left=left
    )
    found = Series(names, left, told)
    if left < ZERO:
        message = Message(
            "{others}: more is given back than was billed ({left:euro}).", others=others, left=left
        )
        finding = Finding("credited_too_much", About.PRICE, message, Severity.ERROR)
        explanations = tuple(item for item in bill.explanations if item.of_vat)
        judged = replace(bill, findings=(finding,), explanations=explanations)
    else:
        judged = judge(_balance(series, left, vat))
    price = tuple(finding for finding in judged.findings if finding.about is About.PRICE)
    yield replace(
        bill,
        amount_due=_sum(check.amount_due for check in series),
        findings=(*_but_price(bill), *price, Finding(SERIES, About.PRICE, told)),
        explanations=judged.explanations,
        rows=(*bill.rows, *map(_row_of, notes)),
        series=found,
    )
    yield from (_follows(note, replace(found, message=back), verdict_of(price)) for note in notes)


def _follows(note: InvoiceCheck, series: Series, verdict: Verdict) -> InvoiceCheck:
    """A credit note: its price is that of the invoice which it corrects, judged there."""
    severity = Severity.ERROR if verdict is Verdict.NO else Severity.INFO
    undetermined = verdict is Verdict.UNDETERMINED
    finding = Finding(SERIES, About.PRICE, series.message, severity, undetermined=undetermined)
    return replace(
        note,
        amount_due=_NOTHING,
        findings=(*_but_price(note), finding),
        explanations=(),
        rows=tuple(replace(row, expected=None) for row in note.rows),
        series=series,
    )


def _unsettled(
    bill: InvoiceCheck, others: Iterable[InvoiceCheck], settled: InvoiceCheck | None = None
) -> Iterator[Finding]:
    """Why nobody can say what is left to pay of an invoice, by what corrects it."""
    since, cancelled = bill.invoice.issued, settled is None or (settled.series and settled.series.cancelled)
    for other in others:
        own, day = other.invoice, other.invoice.issued
        said = {folded(number): day for number, day in own.preceding_days.items()}.get(
            folded(bill.invoice.number)
        )
        values = {"own": _number(bill), "other": _number(other), "day": day, "since": since, "said": said}
        wrong = verdict_of(_but_price(other)) is not Verdict.YES
        if said is not None and since is not None and said != since:
            text = marked(
                "{other} is about an invoice {own} of {said:date} (BT-26); this one is of {since:date}."
            )
        elif day is not None and since is not None and day < since:
            text = marked(
                "{other}, of {day:date}, is said to correct {own}, which is of {since:date}, after it."
            )
        elif wrong and not cancelled:
            text = marked("{other} is not in order itself: what is left to pay of {own} is not known.")
        else:
            continue
        yield missing("series_unsettled", About.PAYABLE, Message(text, **values))


def _final(bill: InvoiceCheck, deposits: Sequence[InvoiceCheck]) -> Iterator[InvoiceCheck]:
    """A final invoice, which bills all, and the deposits on it: their price is its own, if it deducts them."""
    asked = sum((check.totals.taxed or ZERO for check in deposits), ZERO)
    paid = _deducted(bill)
    names = (_number(bill), *map(_number, deposits))
    if asked != paid:
        message = Message(
            "{others}: {asked:euro} of deposits on it are in this run, and it deducts {paid:euro} (BT-113).",
            others=names[1:],
            asked=asked,
            paid=paid,
        )
        found = missing("deposit_not_deducted", About.PAYABLE, message)
        yield replace(bill, findings=(*bill.findings, found))
        yield from deposits
        return
    yield replace(bill, findings=tuple(item for item in bill.findings if item.code != DEPOSIT_ALONE))
    told = Message("A deposit on {own}, which deducts it: the price is judged there.", own=names[0])
    # what it takes off by lines of its own is booked where it was billed
    series = Series(names, bill.untaxed or ZERO, told, replaced=not bill.deducted)
    verdict = verdict_of(bill.findings, About.PRICE)
    yield from (replace(_follows(item, series, verdict), amount_due=item.amount_due) for item in deposits)


def _deducted(check: InvoiceCheck) -> Decimal:
    """What an invoice deducts of deposits, incl. VAT: as paid already, or by lines of its own."""
    return abs(check.invoice.prepaid or ZERO) + check.deducted


def _deducted_still(checks: Sequence[InvoiceCheck], given_back: Mapping[int, Sequence[int]]) -> Finding:
    """What a final invoice deducts of deposits that credit notes of the run give back."""
    message = Message(
        "It deducts {deposits}, which {notes} gives back: one of them is wrong.",
        deposits=tuple(_number(checks[at]) for at in given_back),
        notes=tuple(_number(checks[note]) for notes in given_back.values() for note in notes),
    )
    return missing("deposit_given_back", About.PAYABLE, message)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Of amounts that are all known."""
    known = list(amounts)
    return None if None in known else sum(filter(None, known), _NOTHING)


def _but_price(check: InvoiceCheck) -> Iterator[Finding]:
    return (finding for finding in check.findings if finding.about is not About.PRICE)


def _row_of(note: InvoiceCheck) -> Row:
    """What a credit note takes off an invoice."""
    label = Message("Credit note {number}", number=_number(note))
    return Row(label, (), (), ZERO, _totals(note)[0])


def _cancelled(check: InvoiceCheck, series: Series) -> InvoiceCheck:
    """A document of which nothing is left: its amounts are no longer anything to dispute."""
    findings = (
        replace(finding, severity=Severity.INFO, undetermined=False, dispute=None)
        if finding.about in _OF_AMOUNTS
        else finding
        for finding in _but_price(check)
    )
    return replace(
        check,
        amount_due=_NOTHING,
        findings=(Finding(SERIES, About.PRICE, series.message), *findings),
        explanations=(),
        rows=tuple(replace(row, expected=None) for row in check.rows),
        series=series,
    )


def _again(note: InvoiceCheck, own: InvoiceCheck, others: Sequence[InvoiceCheck]) -> InvoiceCheck:
    """A credit note of the amounts of an invoice that is given back already: another one, that is not here?"""
    message = Message(
        "{own} is given back already by {others}: which invoice this one gives back is not known.",
        own=_number(own),
        others=tuple(map(_number, others)),
    )
    return replace(note, findings=(*note.findings, missing("credited_again", About.PRICE, message)))


def _unclear(note: InvoiceCheck, bills: Sequence[InvoiceCheck]) -> Finding:
    """A credit note of several invoices, where nothing tells which of them it corrects."""
    message = Message(
        "{note} names {numbers}, and nothing tells which of them it corrects: give all of them to the same check, or "
        "ask the seller.",
        note=_number(note),
        numbers=note.invoice.preceding or tuple(map(_number, bills)),
    )
    return missing("credit_unclear", About.PAYABLE, message)


def _all_cancelled(
    checks: Sequence[InvoiceCheck], note: int, bills: Sequence[int]
) -> Iterator[tuple[int, InvoiceCheck]]:
    """Several invoices that one credit note gives back whole, and itself."""
    own = tuple(_number(checks[bill]) for bill in bills)
    told = Message(
        "Cancelled in full by {others}: nothing of it is left to pay.", others=(_number(checks[note]),)
    )
    back = Message("It cancels {own} in full: nothing of either is left to pay.", own=own)
    found = Series((*own, _number(checks[note])), _NOTHING, told, cancelled=True)
    for bill in bills:
        check = _cancelled(checks[bill], found)
        unsure = tuple(_unsettled(checks[bill], [checks[note]], check))
        yield bill, replace(check, findings=(*check.findings, *unsure))
    yield note, _cancelled(checks[note], replace(found, message=back))


def _number(check: InvoiceCheck) -> str:
    return check.invoice.number or check.invoice.file or "?"


def _replaced(check: InvoiceCheck, by: InvoiceCheck) -> InvoiceCheck:
    number = _number(by)
    told = Message("Replaced by the corrected invoice {number}: nothing of it is left to pay.", number=number)
    names = (_number(check), number)
    return _cancelled(check, Series(names, _NOTHING, told, cancelled=True, replaced=True))


def _balance(series: Sequence[InvoiceCheck], left: Decimal, vat: Decimal) -> Invoice:
    """What is left of a series, as one invoice."""
    bill = series[0].invoice
    lines = (
        [line for check in series for line in _lines_of(check, own=check is series[0])]
        if bill.details
        else []
    )
    return replace(
        bill,
        lines=tuple(lines),
        adjustments=(),
        vat_groups=(),
        lines_total=None,
        allowances=None,
        charges=None,
        prepaid=None,
        rounding=None,
        payable=None,
        total_excl_vat=left,
        vat=vat,
        total_incl_vat=left + vat,
    )


def _lines_of(check: InvoiceCheck, *, own: bool) -> Iterator[InvoiceLine]:
    """The lines of a document, what it gives back negative; its total, where they do not tell.

    ``own``: of the invoice itself; line 1 of a credit note is another than its own.
    """
    invoice, sign = check.invoice, -1 if check.invoice.is_credit_note else 1
    amounts = [amount_of(line) for line in invoice.details]
    total = _totals(check)[0]
    if not amounts or None in amounts:
        yield InvoiceLine("", amount=total)
        return
    for line, amount in zip(invoice.details, amounts, strict=True):
        quantity = None if line.quantity is None else line.quantity * sign
        at = line.id if own else f"{_number(check)}, {line.id}"
        yield replace(line, id=at, amount=(amount or ZERO) * sign, quantity=quantity)
    rest = total - sum(filter(None, amounts), ZERO) * sign
    if rest:
        reasons = filter(None, (item.reason for item in invoice.adjustments))
        yield InvoiceLine("", ", ".join(reasons) or None, amount=rest)


def identity(party: Party) -> str | None:
    """What tells a firm: its number, else its name."""
    return number_of(party) or folded(party.name)


def number_of(party: Party) -> str | None:
    """Its SIREN, else that of its SIRET or VAT number, else the number that it bears."""
    siren = siren_of(party.siren) or siren_of(party.siret) or siren_of_vat_number(party.vat_id)
    return siren or compact(party.siren or party.siret or party.vat_id or "") or None


def folded(text: str | None) -> str | None:
    """A number or a name to compare."""
    return plain_words(text or "") or None
