"""Does the body of the schedule bill this structure? Who sells and who buys, against what is known of both.

The seller is judged by its name, against those of the body that the schedule names, and by its numbers (SIREN,
VAT number, IBAN), against those of invoices accepted before, where they were kept. The buyer is judged by its
numbers, else by its name, against the structure. What nothing tells is undetermined, until whoever knows
confirms it; what contradicts is a discrepancy, which nobody's word mends; what could not be compared is said.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from opqibi_rules.errors import RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.identifiers import (
    accounts_in,
    compact,
    has_right_key,
    is_french_vat_number,
    siren_of,
    siren_of_vat_number,
)
from opqibi_rules.invoice.findings import About, Finding, Severity, missing
from opqibi_rules.invoice.firm_names import firm_names_of
from opqibi_rules.invoice.matching.doubtful_words import doubtful_words_of
from opqibi_rules.invoice.model import Invoice, Party
from opqibi_rules.messages import Message, marked
from opqibi_rules.paper.text import PlainText, plain_words
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.schedule import Schedule
from opqibi_rules.tables.wording.invoices import InvoiceWording
from opqibi_rules.verdict import Verdict

CONFIRMABLE = ("seller", "buyer", "payee")
"""What a person may say of the parties where the document leaves it open: a name; for the buyer, a SIREN too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """Who the body is for this firm: what the invoices that it accepted showed."""

    name: str | None = None
    siren: str | None = None
    vat_id: str | None = None
    ibans: tuple[str, ...] = ()

    @classmethod
    def shown_by(cls, invoice: Invoice) -> "Supplier":
        """What an invoice shows of its seller."""
        seller = invoice.seller
        vat_id = compact(seller.vat_id or "").upper() or None
        behind = None if _has_wrong_key(vat_id) else siren_of_vat_number(vat_id)
        siren = siren_of(seller.siren) or siren_of(seller.siret) or behind
        return cls(name=seller.name, siren=siren, vat_id=vat_id, ibans=accounts_of(invoice))

    def completed(self, other: "Supplier") -> "Supplier":
        """This one, with what only the other says.

        Raises:
            RequestError: they contradict each other.
        """
        for key in ("siren", "vat_id", "ibans"):
            one, two = getattr(self, key), getattr(other, key)
            if one and two and one != two:
                raise RequestError(
                    "These invoices show several suppliers ({one}; {two}): keep what one of them shows.",
                    one=one,
                    two=two,
                )
        return Supplier(
            name=self.name or other.name,
            siren=self.siren or other.siren,
            vat_id=self.vat_id or other.vat_id,
            ibans=self.ibans or other.ibans,
        )

    @property
    def numbers(self) -> Mapping[str, tuple[str, ...]]:
        """Those that tell one firm from another, and its account; empty where not known."""
        siren = self.siren or siren_of_vat_number(self.vat_id)
        return {
            "siren": (siren,) if siren else (),
            "vat_id": (self.vat_id,) if self.vat_id else (),
            "iban": self.ibans,
        }


def accounts_of(invoice: Invoice) -> tuple[str, ...]:
    """Those that an invoice asks to be paid to, in its data or in its notes."""
    noted = (account for text in invoice.remarks for account in accounts_in(text))
    return tuple(dict.fromkeys((*invoice.ibans, *noted)))


class _Likeness(Enum):
    """How far a name is one of those known."""

    SAME = auto()
    PARTLY = auto()
    OTHER = auto()


class PartyChecker:
    """What is known of the two parties, against which invoices are judged."""

    def __init__(
        self,
        schedule: Schedule,
        wording: InvoiceWording,
        *,
        structure: Structure | None = None,
        supplier: Supplier | None = None,
        confirmed: Mapping[str, str] = FrozenDict(),
    ) -> None:
        """``confirmed``: what a person says of a party, one of ``CONFIRMABLE``.

        Raises:
            RequestError: no such party, or nothing said of it.
        """
        for party, name in confirmed.items():
            if party not in CONFIRMABLE or not plain_words(name):
                raise RequestError(
                    "confirm: « {given} »; one of {known} is expected, and its name.",
                    given=f"{party}={name}"[:60],
                    known=CONFIRMABLE,
                    field="confirm",
                )
        self.structure, self.confirmed = structure, confirmed
        self.names = firm_names_of(wording)
        self.changes = doubtful_words_of(wording).accounts
        self.supplier = supplier or Supplier()
        named = wording.body_of(schedule) or tuple(filter(None, [confirmed.get("seller")]))
        self.body = (*named, *filter(None, [self.supplier.name]))
        """The names of the body that is to be paid, the first by which it is shown."""

    def findings(self, invoice: Invoice) -> tuple[Finding, ...]:
        """What contradicts the seller or the buyer, what leaves them undetermined, what was not compared."""
        return (
            *self._seller(invoice),
            *self._seller_numbers(invoice),
            *self._payee(invoice),
            *self._buyer(invoice),
            *_vat_numbers(invoice, self.supplier),
            *_accounts(accounts_of(invoice), self.supplier),
            *self._another_account(invoice),
        )

    def _another_account(self, invoice: Invoice) -> Iterator[Finding]:
        """A note that says that the account has changed, where that shown is not compared with one that is known."""
        if self.supplier.ibans and accounts_of(invoice):
            return
        for text in invoice.remarks:
            said = PlainText(text)
            if (match := self.changes.search(said.words)) is not None:
                message = Message(
                    "A note says « {words} »: ask the seller, by a way that you know, before anything is paid.",
                    words=said.written(*match.span()),
                )
                yield missing("account_changes", About.PARTIES, message)
                return

    def _seller(self, invoice: Invoice) -> Iterator[Finding]:
        shown = Supplier.shown_by(invoice)
        given, known = shown.numbers, self.supplier.numbers
        differs = [key for key in known if known[key] and set(given[key]) - set(known[key])]
        same = () if differs else [key for key in known if set(given[key]) & set(known[key])]
        found = self._seller_name(shown.name, same)
        if found is not None:
            yield found
        country = (invoice.seller.country or "").strip()
        if country and country.upper() not in _FRANCE:
            message = Message(
                "The seller is in {country}: the body that is expected is in France.", country=country[:40]
            )
            yield missing("seller_elsewhere", About.PARTIES, message)
        for key in differs if found is None or found.undetermined else ():
            message = Message(_CHANGED[key], given=given[key], known=known[key])
            told = Message(_ANOTHER_ACCOUNT, given=given[key]) if key == "iban" else None
            yield replace(_wrong(f"seller_{key}_changed", message), to_seller=told)
        for sentence, where in ((_NOT_KEPT, known), (_NOT_SAID, given)):
            left = [_NUMBERS[key] for key in known if not where[key] and (where is known or known[key])]
            if left:
                yield Finding("seller_not_compared", About.PARTIES, Message(sentence, numbers=left))

    def _seller_name(self, name: str | None, same: Collection[str]) -> Finding | None:
        """What is wrong with the seller's name; ``same``: which of its numbers are those known, if none is another.

        An account alone names nobody.
        """
        if not self.body:
            return missing("seller_unknown", About.PARTIES, Message(_NO_BODY))
        body, said = self.body[0], self.confirmed.get("seller")
        found = self._one_of(name, self.body)
        if found in {None, _Likeness.PARTLY} and said is not None:
            name, found = said, self._one_of(said, self.body)
        if found is _Likeness.SAME and said is not None and self._likeness(said, self.body) is not found:
            return missing("seller_unclear", About.PARTIES, Message(_NAMED, name=said, expected=body))
        if found is _Likeness.SAME or (not {*same} <= {"iban"} and found is not _Likeness.OTHER):
            return None
        if found is None:
            return missing("seller_missing", About.PARTIES, Message(_NO_SELLER, body=body))
        if found is _Likeness.PARTLY or same:
            return missing("seller_unclear", About.PARTIES, Message(_NAMED, name=name, expected=body))
        return _wrong(
            "other_seller", Message("The seller is {name}, and not {expected}.", name=name, expected=body)
        )

    def _seller_numbers(self, invoice: Invoice) -> Iterator[Finding]:
        """The seller's own numbers, where they contradict one another, the buyer's, or what is known of the body.

        Those that invoices accepted before showed are taken as they are.
        """
        seller = invoice.seller
        given = [number for number in (seller.siren, seller.siret, seller.vat_id) if number]
        sirens = {siren for number in given for siren in _sirens(number)}
        bought = set[str]().union(
            *map(_sirens, (invoice.buyer.siren, invoice.buyer.siret, invoice.buyer.vat_id))
        )
        if self.structure is not None and sirens & {self.structure.siren, *bought}:
            yield missing("seller_is_buyer", About.PARTIES, Message(_BUYERS_NUMBERS, numbers=given))
        vat_id = compact(seller.vat_id or "").upper()
        unknown = sirens - set[str]().union(*map(_sirens, (self.supplier.siren, self.supplier.vat_id)))
        if unknown and len(sirens) > 1:
            yield missing("seller_numbers", About.PARTIES, Message(_TWO_FIRMS, numbers=given))
        wrong = sorted(siren for siren in unknown if not has_right_key(siren))
        if wrong:
            yield missing("seller_siren_key", About.PARTIES, Message(_SIREN_KEY, sirens=wrong))
        if vat_id[:2].isalpha() and vat_id[:2] not in _HOME and vat_id != self.supplier.vat_id:
            yield missing("seller_elsewhere", About.PARTIES, Message(_VAT_ELSEWHERE, number=seller.vat_id))

    def _payee(self, invoice: Invoice) -> Iterator[Finding]:
        """Who is to be paid, where it is not the seller, by name, by number, or by the name of the account."""
        said, sellers = self.confirmed.get("payee"), (*self.body, invoice.seller.name)

        def settled(name: str) -> bool:
            return self._likeness(name, [said]) is _Likeness.SAME

        for sentence, names in ((_OTHER_PAYEE, [invoice.payee or ""]), (_ACCOUNT_OF, invoice.account_names)):
            for name in filter(None, names):
                if self._one_of(name, sellers) is not _Likeness.SAME and not settled(name):
                    yield missing("other_payee", About.PARTIES, Message(sentence, payee=name))
        if settled(invoice.payee or ""):
            return
        own = {*Supplier.shown_by(invoice).numbers["siren"], *self.supplier.numbers["siren"], siren_of(said)}
        others = [number for number in invoice.payee_ids if not _sirens(number) & own]
        if others:
            yield missing("other_payee", About.PARTIES, Message(_PAYEE_NUMBERS, numbers=others))

    def _buyer(self, invoice: Invoice) -> Iterator[Finding]:
        found = tuple(self._buyer_compared(invoice))
        yield from found
        if all(item.verdict is Verdict.YES for item in found):
            yield from self._said_otherwise(invoice.buyer)

    def _buyer_compared(self, invoice: Invoice) -> Iterator[Finding]:
        firm, buyer = self.structure, invoice.buyer
        if firm is None or not (firm.siren or firm.name):
            yield Finding("buyer_not_compared", About.PARTIES, Message(_NO_STRUCTURE))
            shown = Supplier.shown_by(invoice).numbers["siren"]
            by_number = any(_sirens(number) & {*shown} for number in (buyer.siren, buyer.siret, buyer.vat_id))
            if by_number or self._likeness(buyer.name, self.body) is _Likeness.SAME:
                message = Message(
                    "The buyer, {buyer}, is the seller: nobody bills itself.", buyer=_shown(buyer)
                )
                yield missing("buyer_is_seller", About.PARTIES, message)
        elif firm.siren and (buyer.siren or buyer.siret or buyer.vat_id):
            yield from self._buyer_numbers(buyer, firm)
        elif firm.name:
            yield from self._buyer_name(invoice, firm)
        if firm is not None and firm.siren and not (buyer.siren or buyer.siret or buyer.vat_id):
            yield Finding("buyer_not_compared", About.PARTIES, Message(_NO_BUYER_SIREN))

    def _said_otherwise(self, buyer: Party) -> Iterator[Finding]:
        """A person who says another SIREN of the buyer than the document, or than the structure."""
        said = siren_of(self.confirmed.get("buyer"))
        own = self.structure.siren if self.structure is not None else None
        shown = siren_of(buyer.siren) or siren_of(buyer.siret)
        expected = own or shown
        if said is not None and expected is not None and said not in {own, shown}:
            message = Message(_NAMED, name=said, expected=expected)
            yield missing("buyer_unclear", About.PARTIES, message)

    def _buyer_numbers(self, buyer: Party, firm: Structure) -> Iterator[Finding]:
        """The buyer by its SIREN; a VAT number may be that of its group, and settles nothing against it."""
        numbers = {buyer.siren: siren_of(buyer.siren), buyer.siret: siren_of(buyer.siret)}
        numbers[buyer.vat_id] = siren_of_vat_number(buyer.vat_id)
        given = {number: siren for number, siren in numbers.items() if number}
        others = [number for number, siren in given.items() if siren != firm.siren]
        if any(siren not in {None, firm.siren} for siren in given.values()) and len(others) == len(given):
            yield _wrong("other_buyer", Message(_OTHER_BUYER, buyer=_shown(buyer), expected=_shown(firm)))
        elif others and not self._is_firm(self.confirmed.get("buyer"), firm):
            message = Message(
                "The buyer bears {numbers}, which is not the SIREN of {expected}.",
                numbers=others,
                expected=_shown(firm),
            )
            yield missing("buyer_unclear", About.PARTIES, message)

    def _buyer_name(self, invoice: Invoice, firm: Structure) -> Iterator[Finding]:
        """The buyer by its name alone; by one that its page leaves to confirm, nothing is sure but a likeness."""
        name = invoice.buyer.name
        if firm.siren is not None and siren_of(name) == firm.siren:  # as a person said it of a page
            return
        places = [[name]] if name else _read_of("buyer", invoice)
        others = [names for names in places if not any(self._is_name_of(each, firm) for each in names)]
        told = [each for names in others for each in names if self._words(each)]
        if not told or not self._words(firm.name):
            return
        if name and self._likeness(name, [firm.name], loosely=True) is _Likeness.OTHER:
            yield _wrong("other_buyer", Message(_OTHER_BUYER, buyer=name, expected=_shown(firm)))
        elif not self._is_firm(self.confirmed.get("buyer"), firm):
            message = Message(_NAMED, name=told[0], expected=_shown(firm))
            yield missing("buyer_unclear", About.PARTIES, message)

    def _is_name_of(self, name: str, firm: Structure) -> bool:
        """Whether a name is that of the structure, of its legal form and trade."""
        same = self._likeness(name, [firm.name], loosely=True) is _Likeness.SAME
        return same and self.names.of_one_kind(name, firm.name)

    def _is_firm(self, said: str | None, firm: Structure) -> bool:
        """Whether what a person says of the buyer names the structure."""
        by_number = firm.siren is not None and siren_of(said) == firm.siren
        return by_number or self._likeness(said, [firm.name]) is _Likeness.SAME

    def _likeness(
        self, name: str | None, known: Iterable[str | None], *, loosely: bool = False
    ) -> _Likeness | None:
        """How far a name is one of those known; ``loosely``: a word in common, or initials, is something.

        Words that tell no firm from another do not count. ``None``: nothing to compare.
        """
        words, others = self._words(name), [self._words(each) for each in known if self._words(each)]
        if not words or not others:
            return None
        if words in others:
            return _Likeness.SAME
        if any("".join(words) == "".join(other) for other in others):
            spelt = loosely or all(len(word) == 1 for word in words)  # « O.P.Q.I.B.I. », and not « OPQI BI »
            return _Likeness.SAME if spelt else _Likeness.PARTLY
        whole = [set(other) for other in others if set(other) <= set(words)]
        if whole and set(words) <= set().union(*others):
            return _Likeness.SAME
        shared = loosely and any(_resembles(words, other) for other in others)
        return _Likeness.PARTLY if whole or shared else _Likeness.OTHER

    def _one_of(self, name: str | None, known: Sequence[str | None]) -> _Likeness | None:
        """How far a name is one of those of the body; with another legal form, it is that of another firm."""
        found = self._likeness(name, known)
        if found is not _Likeness.SAME:
            return found
        own = {word for each in known for word in plain_words(each or "").split()}
        more = [word for word in plain_words(name or "").split() if len(word) > 1 and word not in own]
        return found if all(map(self.names.is_beside_a_body, more)) else _Likeness.PARTLY

    def _words(self, name: str | None) -> tuple[str, ...]:
        """The words of a name that tell it from another; all of them, where none does."""
        return self.names.telling(name) or tuple(plain_words(name or "").split())


def _has_wrong_key(vat_id: str | None) -> bool:
    """Whether the key of a French VAT number does not fit its digits; one of letters follows no rule."""
    siren, key = siren_of_vat_number(vat_id), compact(vat_id or "")[2:4]
    return siren is not None and key.isdecimal() and int(key) != int(f"{siren}12") % 97


def _vat_numbers(invoice: Invoice, supplier: Supplier) -> Iterator[Finding]:
    """A French VAT number that is none: that of the seller, if no accepted invoice showed it, names nobody.

    None of the seller, where an e-invoice bills VAT: told, not judged.
    """
    for party in (invoice.seller, invoice.buyer):
        number = compact(party.vat_id or "").upper()
        if _has_wrong_key(number):
            message = Message(
                "The key of the VAT number {number} does not fit its digits.", number=party.vat_id
            )
        elif number.startswith("FR") and not is_french_vat_number(number):
            message = Message(
                "« {number} » is no French VAT number: FR, two characters and nine digits.",
                number=party.vat_id,
            )
        else:
            continue
        told = party is not invoice.seller or supplier.vat_id is not None  # else it is compared with that one
        yield replace(missing("vat_number_key", About.PARTIES, message), undetermined=not told)
    if invoice.syntax and invoice.vat and not invoice.seller.vat_id:
        message = Message(
            "VAT is billed, and no VAT number of the seller is given, or more than one (BT-31)."
        )
        yield Finding("seller_vat_number_missing", About.PARTIES, message, Severity.WARNING)


def _accounts(shown: Sequence[str], supplier: Supplier) -> Iterator[Finding]:
    """An account that is none; one of elsewhere, or one of several, that is not known."""
    from stdnum import iban  # noqa: PLC0415 - only an invoice that states its account pays for it

    for account in shown:
        if _IBAN.fullmatch(account) and not iban.is_valid(account):
            message = Message(
                "The key of the account {iban} does not fit its digits: there is none.", iban=account
            )
            yield missing("iban_key", About.PARTIES, message)
    unknown = [account for account in shown if account not in supplier.ibans]
    elsewhere = [account for account in unknown if _IBAN.fullmatch(account) and account[:2] not in _HOME]
    if elsewhere and not supplier.ibans:  # else it is a change, which is told as such
        message = Message(
            "The account to be paid, {iban}, is in no bank in France, and no accepted invoice that shows it was "
            "kept. Ask the seller, by a way that you know.",
            iban=elsewhere,
        )
        yield missing("iban_elsewhere", About.PARTIES, message)
    if len(set(shown)) > 1 and unknown and not supplier.ibans:
        message = Message(
            "The document names several accounts to be paid, {ibans}: which is the seller's is not known.",
            ibans=tuple(dict.fromkeys(shown)),
        )
        yield missing("iban_several", About.PARTIES, message)


def _read_of(key: str, invoice: Invoice) -> list[list[str]]:
    """What a page may say of a value that it leaves to confirm, place by place: under a heading, in an address."""
    field = invoice.reading.fields.get(key) if invoice.reading is not None else None
    found: dict[str | None, list[str]] = {}
    for item in field.candidates if field is not None and field.to_confirm else ():
        found.setdefault(item.label, []).append(item.text)
    return [*found.values()]


def _sirens(number: str | None) -> set[str]:
    """The SIREN behind a number, if it is one of those that bear it."""
    return set(filter(None, (siren_of(number), siren_of_vat_number(number))))


def _resembles(words: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two names share a word, or one is the initials of the other."""
    initials = {"".join(word[0] for word in each) for each in (words, other)}
    return bool(set(words) & set(other)) or bool(initials & {"".join(words), "".join(other)})


def _shown(party: Party | Structure) -> str:
    """A name and a number, as far as they are known."""
    return " ".join(filter(None, (party.name, party.siren)))


def _wrong(code: str, message: Message) -> Finding:
    return Finding(code, About.PARTIES, message, Severity.ERROR)


_HOME = frozenset({"FR", "MC"})
"""Of the accounts in France and in Monaco, whose banks are of its system."""
_FRANCE = frozenset({"FR", "FRA", "FRANCE"})
_IBAN = re.compile("[A-Z]{2}[0-9]{2}[0-9A-Z]{8,30}")
_OTHER_PAYEE = marked("The document asks to pay {payee}, who is not the seller.")
_ACCOUNT_OF = marked("The account to be paid is that of {payee}, who is not the seller (BT-85).")
_PAYEE_NUMBERS = marked("Who is to be paid bears {numbers}, which is not known to be a number of the seller.")
_NUMBERS = {"siren": Message("SIREN"), "vat_id": Message("VAT number"), "iban": Message("IBAN")}
_CHANGED = {
    "siren": marked("The seller's SIREN is {given}; that of the invoices accepted before is {known}."),
    "vat_id": marked("The seller's VAT number is {given}; that of the invoices accepted before is {known}."),
    "iban": marked(
        "The document asks for payment to the account {given}; the invoices accepted before, to {known}. Ask the "
        "seller, by a way that you know, before anything is paid."
    ),
}
_ANOTHER_ACCOUNT = marked(
    "The document asks for payment to the account {given}, which the invoices accepted before do not show."
)
_NOT_KEPT = marked("The seller's {numbers}: not compared, as no accepted invoice that shows it was kept.")
_NOT_SAID = marked("The seller's {numbers}: not compared, as the document does not say.")
_BUYERS_NUMBERS = marked("The seller bears {numbers}, of the buyer: nobody bills itself.")
_TWO_FIRMS = marked("The seller bears {numbers}, which are not of one firm.")
_SIREN_KEY = marked("The key of the seller's SIREN {sirens} does not fit its digits.")
_VAT_ELSEWHERE = marked(
    "The seller's VAT number, {number}, is of another country: the body that is expected is in France."
)
_NO_BODY = marked("The schedule names no body that bills by it: nothing tells whether the seller is the one.")
_NO_SELLER = marked("The document does not name the seller; {body} is expected.")
_NAMED = marked("« {name} » is named, where {expected} is expected.")
_NO_STRUCTURE = marked("The buyer: not compared, as no structure was given.")
_NO_BUYER_SIREN = marked("The buyer's SIREN: not compared, as the document does not say.")
_OTHER_BUYER = marked("The buyer is {buyer}, and not {expected}.")
