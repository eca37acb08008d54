"""The qualifications that the lines of an invoice name by their codes, beside those that the quote names.

An amount may be right and what it buys another: one qualification for another of its tariff, one twice and another
not at all. Nothing is compared where the quote counts qualifications without naming them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from opqibi_rules.invoice.findings import About, Finding, Severity, missing
from opqibi_rules.invoice.matching.codes import Codes
from opqibi_rules.invoice.matching.matched import Matched, text_of
from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO
from opqibi_rules.price.inversion import in_euros
from opqibi_rules.price.quote import Quote

_MOST_PRICES = 64


class NamedCodes:
    """The codes that a quote names, beside those that ``codes`` tells in a line."""

    def __init__(self, quote: Quote, codes: Codes) -> None:
        question = quote.question
        counted = any(question.tariffs.values()) or any(question.new_tariffs.values())
        lines = () if counted else quote.lines
        self.lines = {
            code: [line for line in lines if code in line.codes] for one in lines for code in one.codes
        }
        self.fees = {line.fee.id for line in lines if line.codes}
        self.beside = {
            ZERO,
            sum((line.amount for line in lines if line.fee.id in self.fees and not line.codes), ZERO),
        }
        """What a line of a whole fee bills on top of its qualifications, or nothing."""
        self.codes = codes

    def findings(self, matched: Iterable[Matched], *, priced: bool) -> Iterator[Finding]:
        """What the lines say that the quote does not; ``priced``: their amounts are compared already, and differ."""
        billed = Counter[str]()
        for item in matched if self.lines else ():
            of_tariff = item.piece is not None and item.piece.tariff is not None
            if item.apart or not (
                of_tariff or (item.piece is None and (not item.fees or item.fees & self.fees))
            ):
                continue
            codes = item.named.codes if of_tariff else self.codes.said_in(text_of(item.line))
            billed.update(
                {code: times if item.cents > 0 else -times for code, times in Counter(codes).items()}
            )
            for code in dict.fromkeys(codes):
                yield from self._of_code(code, item)
            if not priced and item.cents > 0 and codes and self.lines.keys() >= {*codes}:
                yield from self._of_price(codes, item)
        for code, times in billed.items():
            if times > max(1, len(self.lines.get(code, ()))):
                message = Message("Qualification {code} is billed {times} times.", code=code, times=times)
                yield Finding("qualification_twice", About.PRICE, message, Severity.ERROR)

    def _of_code(self, code: str, item: Matched) -> Iterator[Finding]:
        if code not in self.lines:
            message = Message(
                "Qualification {code} is billed, and is not among those asked for or held: {codes}.",
                code=code,
                codes=tuple(sorted(self.lines)),
            )
            found = replace(
                missing("qualification_not_asked", About.PRICE, message), line=item.line.id or None
            )
            sure = replace(found, severity=Severity.ERROR, undetermined=False)
            yield sure if self.codes.known(code) else found

    def _of_price(self, codes: Sequence[str], item: Matched) -> Iterator[Finding]:
        """A line whose amount is not that of the qualifications that it names: the sum of all may be right."""
        prices = self._prices(codes)
        invoiced, line = in_euros(item.cents), item.line.id or None
        whole = self.beside if item.piece is None else {ZERO}
        if not prices or any(invoiced - more in prices for more in whole):
            return
        if item.piece is not None and item.of_one(self.fees):
            price, tariff = next((one.unit_price, one.tariff) for one in self.lines[codes[0]])
            message = Message(
                "Qualification {code} is billed at {invoiced:euro}, and is of tariff {tariff}: {expected:euro}.",
                code=codes[0],
                invoiced=invoiced,
                tariff=tariff,
                expected=price,
            )
            yield Finding("qualification_tariff", About.PRICE, message, Severity.ERROR, line=line)
            return
        message = Message(
            "Qualifications {codes} come to {expected:euro}; the line that names them bills {invoiced:euro}.",
            codes=tuple(codes),
            expected=min(prices),
            invoiced=invoiced,
        )
        yield replace(missing("qualifications_named", About.PRICE, message), line=line)

    def _prices(self, codes: Sequence[str]) -> set[Decimal]:
        """What some qualifications may come to, each at a price of its own."""
        sums = {ZERO}
        for code in codes:
            each = {line.unit_price for line in self.lines[code]}
            sums = {total + price for total in sums for price in each if price is not None}
            if len(sums) > _MOST_PRICES:
                return set()
        return sums
