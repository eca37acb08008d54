"""Each line of an invoice with what it bills of a quote."""

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace

from opqibi_rules.invoice.matching.by_words import ByWords, by_elimination
from opqibi_rules.invoice.matching.codes import Codes
from opqibi_rules.invoice.matching.line_words import words_of
from opqibi_rules.invoice.matching.matched import Matched, read, text_of
from opqibi_rules.invoice.matching.meaning import meant, of_new_requests, shares
from opqibi_rules.invoice.matching.offers import Offer, Offers
from opqibi_rules.invoice.matching.same_price import spread
from opqibi_rules.invoice.matching.singles import one_by_one as told_one_by_one
from opqibi_rules.invoice.model import InvoiceLine
from opqibi_rules.paper.text import plain_words
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.wording.invoices import InvoiceWording


class Matcher:
    """The lines of one invoice against one quote; ``asked``: the fees it is said to bear."""

    def __init__(
        self, quote: Quote, wording: InvoiceWording, codes: Codes, asked: frozenset[str] | None = None
    ) -> None:
        self.wording, self.codes = wording.naming(quote.schedule.fees), codes
        self.offers = Offers(quote, asked)

    def match(self, lines: Sequence[InvoiceLine], *, one_by_one: bool = False) -> tuple[Matched, ...]:
        """Each line that has an amount, with what it bills.

        ``one_by_one``: a line that does not say how many bills no several qualifications at once.
        """
        words = words_of(self.wording)
        read_lines = filter(None, (read(line, words, self.codes, self.offers.prices) for line in lines))
        items = (part for item in read_lines for part in shares(self.offers, meant(self.offers, item)))
        matched = of_new_requests(self.offers, [*items])
        found = self.offers.likeliest(matched, one_by_one=one_by_one)
        if found or any(item.named.fees for item in matched):
            matched = [
                replace(item, named=item.named._replace(elsewhere=item.named.stray or item.named.elsewhere))
                if place not in found
                else item
                for place, item in enumerate(matched)
            ]
        settled = self._settled(matched, found, one_by_one=one_by_one)
        settled = list(told_one_by_one(self.offers, self._of_the_same_words(settled)))
        settled = list(by_elimination(self.offers, settled))
        return tuple(spread(self.offers, [*self._of_whole_fees(settled, found)]))

    def _settled(
        self, matched: Sequence[Matched], found: dict[int, Offer], *, one_by_one: bool
    ) -> list[Matched]:
        """The lines that bill an offer in full, then the others by their words."""
        settled = [
            item.billing(offer.fee, offer.piece) if (offer := found.get(place)) else item
            for place, item in enumerate(matched)
        ]
        by_words, left = ByWords(self.offers, matched, one_by_one=one_by_one), dict(self.offers.amounts)
        for place in sorted(range(len(settled)), key=lambda place: place not in found):
            if place not in found:
                settled[place] = by_words.settled(settled[place], left, {other.piece for other in settled})
            if (piece := settled[place].piece) is not None:
                left[piece] = left.get(piece, 0) - settled[place].cents
        return settled

    def _of_whole_fees(self, settled: list[Matched], found: Container[int]) -> Iterator[Matched]:
        """A fee of several pieces that is billed on one line is billed whole, unless number and price say a piece."""
        fees = Counter(fee for item in settled for fee in item.fees)
        for place, item in enumerate(settled):
            piece = item.piece
            whole = piece is not None and place not in found and fees[piece.fee] == 1 and not item.counted
            if (
                whole
                and piece is not None
                and sum(other.fee == piece.fee for other in self.offers.amounts) > 1
            ):
                item = replace(item, piece=None)  # noqa: PLW2901 - the same line, read otherwise
            yield item

    def _of_the_same_words(self, settled: Sequence[Matched]) -> list[Matched]:
        """The same lines; one that nothing tells bills the fee that another, which says the same, bills whole."""
        words = [plain_words(text_of(item.line)) for item in settled]
        fees = {
            text: item.fees
            for text, item in zip(words, settled, strict=True)
            if text and item.fees and item.cents == self.offers.total(item.fees)
        }
        found = []
        for text, item in zip(words, settled, strict=True):
            if text in fees and not item.fees and not item.named.codes:
                named = item.named._replace(elsewhere=False)
                item = replace(item, fees=fees[text], named=named)  # noqa: PLW2901 - the same line, read otherwise
            found.append(item)
        return found
