"""What a reading of pages comes to: each value, whether it is believed, where it stands, and what speaks against it.

:class:`PageReading` is the one type that readers of text layers and of pictures yield alike. A field is asked for by
its key, that of ``--confirm KEY=VALUE``::

    number date due_date type currency iban
    seller seller_siren seller_siret seller_vat_id    (the same for the buyer)
    buyer_postcode buyer_country    (where it is not in mainland France)
    total_excl_vat vat total_incl_vat allowances charges prepaid payable
    vat.1.rate vat.1.taxable vat.1.amount             (one group a rate, from 1)
    line.1.name line.1.quantity line.1.unit_price line.1.amount line.1.vat_rate    (from 1)

A key that is not there is a value that the page does not bear. One that is there with the value ``None`` is a value
that an invoice needs, and that was not found. Amounts and quantities are ``Decimal``, signed as the page signs them;
rates are fractions; dates are ``date``; the rest is text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message
from opqibi_rules.money import plain
from opqibi_rules.paper.pages.words import Box, Page, Place
from opqibi_rules.paper.shape import Form, Shape, at

Value = str | Decimal | date

AMOUNTS = ("total_excl_vat", "vat", "total_incl_vat", "allowances", "charges", "prepaid", "payable")
"""The keys of the amounts of the whole document."""


class State(StrEnum):
    """Whether a value is believed."""

    READ = "read"
    """The document confirms it, or a person did."""
    TO_CONFIRM = "to_confirm"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One value that a field may have: as it is printed, as it is understood, and the words that announce it."""

    value: Value
    text: str
    place: Place
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One value of the invoice."""

    key: str
    value: Value | None
    """The best candidate's where it is to confirm: shown, never reckoned with."""
    state: State
    place: Place | None = None
    candidates: tuple[Candidate, ...] = ()
    """What else it may be, the best first; the value itself is among them where it stands on the page."""
    why: Message | None = None
    """Why it is to be confirmed: what is missing, or what contradicts it."""

    @property
    def to_confirm(self) -> bool:
        """Nobody may rely on it yet."""
        return self.state is State.TO_CONFIRM

    @property
    def written(self) -> str | None:
        """The value as JSON has it."""
        return None if self.value is None else written(self.value)


def written(value: Value) -> str:
    """A value as JSON has it: amounts with two decimals and a point, dates as ISO."""
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class PageReading:
    """All that the pages of one invoice say, by key, in the order of the invoice."""

    fields: Mapping[str, Field]
    pages: tuple[Page, ...]
    """The words that it was read from: what a person confirms is weighed against them anew."""
    confirmed: Mapping[str, str] = FrozenDict()
    """What a person said of it."""
    remarks: tuple[str, ...] = ()
    """Stamps and sentences that may say that it is not to be paid."""
    account_names: tuple[str, ...] = ()
    """Whose account is to be paid, where it says so."""

    def value(self, key: str) -> Value | None:
        """A value that is believed; ``None`` for any other."""
        found = self.fields.get(key)
        return None if found is None or found.to_confirm else found.value

    @property
    def to_confirm(self) -> tuple[Field, ...]:
        """What nobody may rely on yet."""
        return tuple(found for found in self.fields.values() if found.to_confirm)

    @property
    def sure(self) -> bool:
        """The letters come from a text layer: none of them was guessed."""
        return all(page.sure for page in self.pages)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields.values())


Points = Annotated[float, Form("round({given}, 1)", {"type": "number"})]
"""A length in points, to the tenth: what can be seen."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A value of which the page of a hybrid invoice says one thing, and its data another."""

    key: str
    shown: Value
    """By the page."""
    stated: Value
    """By the data."""
    place: Place | None = None


class BoxShape(Shape, of=Box):
    """A rectangle of a page, in points from its top left corner."""

    left: Points
    top: Points
    right: Points
    bottom: Points


class CandidateShape(Shape, of=Candidate):
    """One value that a field may have."""

    value: str = at(lambda item: written(item.value))
    text: str
    """As it is printed."""
    label: str | None
    """The words that announce it."""
    page: int = at("place.page")
    box: BoxShape = at("place.box")


class FieldShape(Shape, of=Field):
    """One value read from a page."""

    key: str
    """That of `--confirm KEY=VALUE`."""
    value: str | None = at("written")
    to_confirm: bool
    page: int | None = at(lambda item: item.place and item.place.page)
    box: BoxShape | None = at(lambda item: item.place and item.place.box)
    candidates: tuple[CandidateShape, ...]
    """What it may be, the best first."""
    why: Message | None
    """Why it is to be confirmed."""


class DifferenceShape(Shape, of=Difference):
    """A value of which the page says one thing, and the data another."""

    key: str
    page_says: str = at(lambda item: written(item.shown))
    data_says: str = at(lambda item: written(item.stated))
    page: int | None = at(lambda item: item.place and item.place.page)
    box: BoxShape | None = at(lambda item: item.place and item.place.box)
