"""One invoice line, and what it bills."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from opqibi_rules.invoice.matching.codes import Codes
from opqibi_rules.invoice.matching.line_words import NOTHING, LineWords, Named
from opqibi_rules.invoice.model import InvoiceLine
from opqibi_rules.invoice.sums import amount_of, excess_of
from opqibi_rules.invoice.why.billing import Piece
from opqibi_rules.money import exactly, round_cents
from opqibi_rules.price.inversion import in_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """One invoice line and what it bills."""

    line: InvoiceLine
    cents: int
    fees: frozenset[str] = frozenset()
    """Empty: nothing tells."""
    piece: Piece | None = None
    named: Named = NOTHING
    guessed: bool = False
    """Its words do not say which piece."""
    together: Decimal | None = None
    """How many qualifications the whole line bills, where this is those of one tariff."""
    off: int = 0
    """Cents that it bills beyond what its own number and price come to."""

    @property
    def worded(self) -> bool:
        """Its words say what it bills."""
        return bool(self.named.fees or self.named.parts or self.named.tariffs)

    @property
    def apart(self) -> bool:
        """Its words say that it bills nothing of a schedule."""
        return self.named.elsewhere and not self.named.fees

    @property
    def adjusts(self) -> bool:
        """It takes something off, or is a charge on top of what the other lines bill."""
        return self.named.adjusts and (self.cents < 0 or not self.named.fees)

    @property
    def counted(self) -> bool:
        """It bills several of something, at a price each: its amount is no sum of fees."""
        return self.line.quantity not in {None, 1} and self.line.unit_price is not None

    def of_one(self, fees: Container[str]) -> bool:
        """It names one qualification by its code, and no other fee than these, which price qualifications."""
        one = self.line.quantity in {None, 1} and len(self.named.codes) == 1
        known = self.fees or self.named.fees
        return (
            one and len(known) <= 1 and all(fee in fees for fee in known) and "flat" not in self.named.parts
        )

    def billing(self, fee: str, piece: Piece | None) -> "Matched":
        """The same line, and what it bills."""
        return replace(self, fees=frozenset({fee}), piece=piece)


def text_of(line: InvoiceLine) -> str:
    """All the words of a line."""
    return " ".join(filter(None, (line.name, line.description)))


@exactly
def read(
    line: InvoiceLine, words: LineWords, codes: Codes, prices: Mapping[int, Container[Decimal]]
) -> Matched | None:
    """A line, its words read; ``None`` where it bills nothing.

    Where its words alone say how many qualifications it bills, and an equal part of its amount is one of the
    ``prices`` of a qualification of that tariff, it bills so many at that.
    """
    amount = amount_of(line)
    if not amount:
        return None
    cents, text = in_cents(round_cents(amount)), text_of(line)
    named = words.read(text, codes.said_in(text))._replace(codes=codes.borne_by(text))
    tariff, number = named.counts[0] if len(named.counts) == 1 else (0, 1)
    if number > 1 and line.quantity in {None, 1} and amount / number in prices.get(tariff, ()):
        line = replace(line, quantity=Decimal(number), unit_price=amount / number)
    return Matched(line=line, cents=cents, named=named, off=in_cents(round_cents(excess_of(line))))
