"""What was read from a picture is believed where its sums confirm it, or where a second reading says the same."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from opqibi_rules.invoice.reading.page.result import AMOUNTS, Field, State
from opqibi_rules.invoice.reading.page.vat_groups import HIGHEST_RATE
from opqibi_rules.messages import Message
from opqibi_rules.money import exactly, round_cents
from opqibi_rules.paper.pages.words import Box, Page, Place, Word

_MOST_AMOUNTS = 1000
_AROUND = 3.0
"""Points by which two readings may place the same words apart."""
_PARTS_OF_SUMS = frozenset({"rate", "taxable", "amount"})
_PRODUCT = frozenset({"quantity", "unit_price", "price_quantity"})
_TOLD = frozenset({"type", "currency"})
"""What the words of the whole page say, more than one place does."""
_DIFFERS = Message("Read from a picture: a second reading of the same place does not say the same.")


def agreed(
    fields: Mapping[str, Field], pages: Sequence[Page], amounts: Iterable[Decimal] = ()
) -> Iterator[Field]:
    """The fields; to confirm are those of a picture that no sum holds, and that are not read twice alike.

    A stain may hide one row of a table and make another the total: where ``amounts``, all those of the pages, hold
    larger totals that add up as well, none is believed.
    """
    pictures = {page.number: page for page in pages if not page.sure}
    larger = _larger(fields, {abs(amount) for amount in amounts}) if pictures else None
    for field in fields.values():
        page = pictures.get(field.place.page) if field.place else None
        if page is None or field.to_confirm:
            yield field
        elif larger is not None and (field.key in AMOUNTS or field.key.startswith("vat.")):
            yield replace(
                field, state=State.TO_CONFIRM, why=Message("{sum:euro} may be the total.", sum=larger)
            )
        elif _summed(field, fields) or _alike(field, page):
            yield field
        else:
            yield replace(field, state=State.TO_CONFIRM, why=_DIFFERS)


@exactly
def _larger(fields: Mapping[str, Field], amounts: Collection[Decimal]) -> Decimal | None:
    """Another total incl. VAT, larger than the one believed, that two amounts of the page come to, one its VAT."""
    found = fields.get("total_incl_vat")
    believed = found.value if found else None
    if not isinstance(believed, Decimal) or len(amounts) > _MOST_AMOUNTS:
        return None
    for total in sorted(amount for amount in amounts if amount > abs(believed)):
        if any(
            total - vat in amounts and vat < HIGHEST_RATE * (total - vat)
            for vat in amounts
            if 0 < vat < total
        ):
            return total
    return None


@exactly
def _summed(field: Field, fields: Mapping[str, Field]) -> bool:
    """Whether the document's own sums hold a value; those of a line's price and quantity are its amount."""
    kind, _, name = field.key.rpartition(".")
    if not kind:
        return name in AMOUNTS
    if name in _PRODUCT:
        values = [
            fields[key].value
            for key in (f"{kind}.{one}" for one in ("quantity", "unit_price", "amount"))
            if key in fields
        ]
        if len(values) < 3 or not all(isinstance(value, Decimal) for value in values):
            return False
        quantity, price, amount = (value for value in values if isinstance(value, Decimal))
        per = fields[f"{kind}.price_quantity"].value if f"{kind}.price_quantity" in fields else None
        return round_cents(quantity * price / (per if isinstance(per, Decimal) and per else 1)) == amount
    return name in _PARTS_OF_SUMS


def _alike(field: Field, page: Page) -> bool:
    """Whether the second reading says the same; the words of a line may stand on several rows."""
    if field.key in _TOLD:
        return True
    if field.key.endswith(".name"):
        known = {_letters(word.text) for word in page.second}
        return all(_letters(word) in known for word in str(field.value).split())
    assert field.place is not None
    printed = next((one.text for one in field.candidates if one.value == field.value), str(field.value))
    again = "".join(word.text for word in _at(field.place, page.second))
    if field.key == "number":  # a point in it makes another number, and a stain makes a point
        return "".join(printed.split()) in again
    return _letters(printed) in _letters(again)


def _letters(text: str) -> str:
    """Letters and figures as they stand, without blanks and points."""
    return "".join(letter for letter in text if letter.isalnum())


def _at(place: Place, words: Iterable[Word]) -> list[Word]:
    """The words that stand at a place, from left to right, row after row."""
    box = place.box
    found = [word for word in words if _within(word.box, box)]
    return sorted(found, key=lambda word: (round(word.box.top / (2 * _AROUND)), word.box.left))


def _within(inner: Box, outer: Box) -> bool:
    across, down = (inner.left + inner.right) / 2, (inner.top + inner.bottom) / 2
    return (
        outer.left - _AROUND <= across <= outer.right + _AROUND
        and outer.top - _AROUND <= down <= outer.bottom + _AROUND
    )
