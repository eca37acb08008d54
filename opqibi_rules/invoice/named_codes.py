"""The qualifications that the lines of an invoice name by their codes, beside those that the quote names.

An amount may be right and what it buys another: one qualification for another of its tariff, one twice and another
not at all. Nothing is compared where the quote counts qualifications without naming them.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from opqibi_rules.invoice.findings import About, Finding, Severity, missing
from opqibi_rules.invoice.matching.matched import Matched, text_of
from opqibi_rules.messages import Message
from opqibi_rules.price.inversion import in_euros
from opqibi_rules.price.quote import Quote

_WHERE_A_CODE_STANDS = r"(?i)(?:^\W*|qualif\w*\W+(?:n\W+|code\W+)?){code}(?![0-9])"
"""For a number of four digits that no nomenclature has: at the head of a line, or after « qualification »."""


_YEAR = re.compile("(?:19|20)[0-9]{2}")


class NamedCodes:
    """The codes that a quote names; ``known`` says whether the nomenclature has a code."""

    def __init__(self, quote: Quote, known: Callable[[str], bool]) -> None:
        question = quote.question
        counted = any(question.tariffs.values()) or any(question.new_tariffs.values())
        lines = () if counted else quote.lines
        self.lines = {
            code: [line for line in lines if code in line.codes] for one in lines for code in one.codes
        }
        self.fees = {line.fee.id for line in lines if line.codes}
        self.known = known

    def findings(self, matched: Iterable[Matched], *, priced: bool) -> Iterator[Finding]:
        """What the lines say that the quote does not; ``priced``: their amounts are compared already, and differ."""
        billed = Counter[str]()
        for item in matched if self.lines else ():
            of_tariff = item.piece is not None and item.piece.tariff is not None
            if item.apart or not (of_tariff or (item.piece is None and item.of_one(self.fees))):
                continue
            for code in self._codes(item):
                billed[code] += 1 if item.cents > 0 else -1
                yield from self._of_code(code, item)
                yield from self._of_price(code, item) if not priced else ()
        for code, times in billed.items():
            if times > max(1, len(self.lines.get(code, ()))):
                message = Message("Qualification {code} is billed {times} times.", code=code, times=times)
                yield Finding("qualification_twice", About.PRICE, message, Severity.ERROR)

    def _codes(self, item: Matched) -> list[str]:
        """Those of a line: of what is asked for, or else what looks like one."""
        codes = list(dict.fromkeys(item.named.codes))
        return [code for code in codes if code in self.lines] or [
            code
            for code in codes
            if (self.known(code) and not _YEAR.fullmatch(code))
            or re.search(_WHERE_A_CODE_STANDS.replace("{code}", code), text_of(item.line))
        ]

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

    def _of_price(self, code: str, item: Matched) -> Iterator[Finding]:
        """A line of one qualification that has the price of another: the sum of both may be right."""
        prices = {line.unit_price: line.tariff for line in self.lines.get(code, ())}
        if prices and item.of_one(self.fees) and item.cents > 0 and in_euros(item.cents) not in prices:
            price, tariff = next(iter(prices.items()))
            message = Message(
                "Qualification {code} is billed at {invoiced:euro}, and is of tariff {tariff}: {expected:euro}.",
                code=code,
                invoiced=in_euros(item.cents),
                tariff=tariff,
                expected=price,
            )
            line = item.line.id or None
            yield Finding("qualification_tariff", About.PRICE, message, Severity.ERROR, line=line)
