"""The qualifications that the lines of an invoice name by their codes, beside those that the quote names.

An amount may be right and what it buys another: one qualification for another of its tariff, one twice and another
not at all. Nothing is compared where the quote counts qualifications without naming them.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from opqibi_rules.invoice.findings import About, Finding, Severity, missing
from opqibi_rules.invoice.matching.matched import YEAR, Matched, text_of
from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO
from opqibi_rules.paper.text import plain_words
from opqibi_rules.price.inversion import in_euros
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.invoice_wording import InvoiceWording, undated

_NUMBER = re.compile(r"(?i)(?<![\w.])(?:q|n|no)?([0-9]{4})(?!\w|[.,][0-9]{1,2}(?![0-9])|\s*(?:€|%|eur|ht\b))")
"""Four digits that may be a code, and are no amount nor a part of a reference."""
_STANDS = re.compile(r"(?i)(?:^\W*|\b(?:qualif\w*|codes?)\W+)(?:n[o°]?\W*|codes?\W+)?$")
"""What is before a code: nothing, or « qualification n° »."""
_JOINT = re.compile(r"(?i)\W*(?:\b(?:et|and|ou|or|à|to)\b\W*)?")
"""What parts the codes of a list."""
_HYPHENED = re.compile("(?:19|20)[0-9]{2}-$|[^\\W\\d]-$")
"""What makes a reference of the digits after it: « 2014-1393 », « CMD-4512 »."""
_MOST_PRICES = 64


class NamedCodes:
    """The codes that a quote names; ``known`` says whether the nomenclature has a code."""

    def __init__(self, quote: Quote, known: Callable[[str], bool], wording: InvoiceWording) -> None:
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
        self.known, self.wording = known, wording

    def findings(self, matched: Iterable[Matched], *, priced: bool) -> Iterator[Finding]:
        """What the lines say that the quote does not; ``priced``: their amounts are compared already, and differ."""
        billed = Counter[str]()
        for item in matched if self.lines else ():
            of_tariff = item.piece is not None and item.piece.tariff is not None
            if item.apart or not (
                of_tariff or (item.piece is None and (not item.fees or item.fees & self.fees))
            ):
                continue
            codes = self._codes(text_of(item.line), of_tariff=of_tariff)
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

    def _codes(self, text: str, *, of_tariff: bool) -> list[str]:
        """Those that a line names, each as often as it does; in a list, all are codes where one is.

        Of a line that bills qualifications, any other number that nothing says to be a reference, failing these.
        """
        text, runs, end = undated(text), list[tuple[list[str], list[bool]]](), None
        for match in _NUMBER.finditer(text):
            code, before = match[1], text[: match.start()]
            if not self._may_be(code, before):
                end = None
                continue
            if end is None or not _JOINT.fullmatch(text, end, match.start()):
                runs.append(([], []))
            runs[-1][0].append(code)
            runs[-1][1].append(self._is_known(code) or _STANDS.search(before) is not None)
            end = match.end()
        sure = [codes for codes, known in runs if any(known)]
        return [
            code for codes in sure or ([codes for codes, _ in runs] if of_tariff else []) for code in codes
        ]

    def _is_known(self, code: str) -> bool:
        """One asked for, or of the nomenclature; a year may be the latter."""
        return code in self.lines or (self.known(code) and not code.startswith("20"))

    def _may_be(self, code: str, before: str) -> bool:
        """Whether a number may be a code, after what stands before it on its line."""
        if code in self.lines:
            return True
        year = YEAR.fullmatch(code) is not None and not self.known(code)
        return not (year or _HYPHENED.search(before) or self.wording.refers.search(plain_words(before)))

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
            yield sure if self.known(code) else found

    def _of_price(self, codes: Sequence[str], item: Matched) -> Iterator[Finding]:
        """A line whose amount is not that of the qualifications that it names: the sum of all may be right."""
        prices = self._prices(codes)
        invoiced, line = in_euros(item.cents), item.line.id or None
        whole = self.beside if item.piece is None else {ZERO}
        if not prices or any(invoiced - more in prices for more in whole):
            return
        if item.of_one(self.fees):
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
