"""The XML tree of an e-invoice, made fit for factur-x: what it would stumble on is named, or taken out.

factur-x reads every date by one pattern (the first that differs ends the reading, without saying which), puts
the currency into its queries as it stands, and knows the booleans of XML as words only. Here the line of each
fault is still known.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.model import MAX_LINES, Period
from opqibi_rules.invoice.reading.found import NoInvoiceError
from opqibi_rules.messages import Message
from opqibi_rules.paper.text import MOST_MISTAKES, one_line

Element = Any
"""One of lxml's, which is loaded for e-invoices alone."""

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_CII = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
_FLAVORS = {
    f"{{{_CII}}}CrossIndustryInvoice": ("cii", "factur-x"),
    f"{{{_UBL}Invoice-2}}Invoice": ("ubl", "ubl-2.1-invoice"),
    f"{{{_UBL}CreditNote-2}}CreditNote": ("ubl", "ubl-2.1-creditnote"),
}
_OTHERS = {"CrossIndustryDocument": "ZUGFeRD 1.0", "SCRDMCCBDACIOMessageStructure": "Order-X"}
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})")
_CURRENCY = re.compile("[A-Z]{3}")
_DAYS = {
    "cii": (re.compile(r"(\d{8})", re.ASCII), "20261121"),
    "ubl": (re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})?", re.ASCII), "2026-11-21"),
}
"""A day as each syntax writes it, and an example; that of UBL, an xsd:date, may bear a time zone."""
_LINES = frozenset({"IncludedSupplyChainTradeLineItem", "InvoiceLine", "CreditNoteLine"})


def flavor_of(root: Element, name: str) -> tuple[str, str]:
    """The syntax (``cii`` or ``ubl``), and factur-x's own name for it.

    Raises:
        NoInvoiceError: it is no invoice at all.
        FileError: it is no invoice of EN 16931; the message says what it is.
    """
    known = _FLAVORS.get(root.tag)
    if known is not None:
        return known
    namespace, _, local = str(root.tag).rpartition("}")
    expected = next((tag[1:] for tag in _FLAVORS if tag.endswith(f"}}{local}")), None)
    if expected is not None:
        message = Message(
            "the namespace of <{tag}> is « {found} »; that of an invoice is {expected}.",
            tag=local,
            found=namespace[1:200],
            expected=expected.partition("}")[0],
        )
    elif local in _OTHERS:
        message = Message(
            "{kind}, which is no invoice of EN 16931; Factur-X, ZUGFeRD 2, CII or UBL is expected.",
            kind=_OTHERS[local],
        )
    else:
        message = Message(
            "not an e-invoice: the XML starts with <{tag}>; CrossIndustryInvoice (CII), Invoice or "
            "CreditNote (UBL) is expected.",
            tag=local[:60],
        )
        raise NoInvoiceError(name, [Mistake(message, line=root.sourceline)])
    raise FileError(name, [Mistake(message, line=root.sourceline)])


class Days(NamedTuple):
    """The days that an invoice states."""

    issued: date | None
    """BT-2."""
    due: date | None
    """BT-9; ``None`` where it gives several."""
    periods: Mapping[int, Period]
    """BG-26 by the order of the line, from 1; under 0, BG-14."""
    preceding: Mapping[str, date]
    """BT-26, by the number of the invoice (BT-25)."""
    notes: tuple[Message, ...]


def prepare(root: Element, syntax: str, name: str) -> Days:
    """Trim the tree for factur-x, and yield the days that matter, which it need not read.

    Amounts in another currency than the invoice's own (BT-5) are taken out: an invoice may state its VAT
    twice. The text of dates goes too.

    Raises:
        FileError: each number, date or currency that is none, with its line; too many lines.
    """
    tree = _Tree(root, syntax)
    tree.trim()
    if tree.mistakes:
        raise FileError(name, tree.mistakes)
    return tree.days()


class _Tree:
    """One tree, what it says of the whole invoice, and what is wrong in it."""

    def __init__(self, root: Element, syntax: str) -> None:
        self.root, self.syntax = root, syntax
        self.mistakes: list[Mistake] = []
        self.issued: date | None = None
        self.due: list[str] = []
        self.periods: dict[int, Period] = {}
        self.preceding: dict[str, date] = {}
        self.unread: list[str] = []
        self.currency = self._currency()

    def trim(self) -> None:
        lines = 0
        self._span()
        for element in list(self.root.iterdescendants()):
            if len(self.mistakes) >= MOST_MISTAKES:
                break
            lines += _local(element) in _LINES
            if self.currency and element.get("currencyID", self.currency) != self.currency:
                element.getparent().remove(element)
            else:
                self._trim_one(element, _local(element), _text(element))
        if lines > MAX_LINES:
            self.mistakes.append(Mistake(Message("over {limit} invoice lines: refused.", limit=MAX_LINES)))

    def _trim_one(self, element: Element, local: str, text: str) -> None:
        if local.endswith(("Amount", "Quantity", "Percent", "Numeric")):
            if text and not _DECIMAL.fullmatch(text):
                message = Message(
                    "« {text} » is not a number; digits and a point are expected: 2400.00.", text=text[:40]
                )
                self._wrong(message, element)
            if local == "TaxTotalAmount" and self.currency:
                element.set("currencyID", self.currency)  # EN 16931 wants it there; some writers leave it out
        elif local.endswith("Indicator") and text in {"0", "1"}:
            element.text = "true" if text == "1" else "false"
        elif local in {"DateTimeString", "DateString"} or (self.syntax == "ubl" and local.endswith("Date")):
            if self._is_issue_date(element):
                self.issued = self._day(text, element)
            elif text and self._is_due_date(element):
                self.due.append(text)
            element.text = None

    def _span(self) -> None:
        """Periods, and the days of other invoices, while their text is there."""
        rows = [item for item in self.root.iterdescendants() if _local(item) in _LINES]
        place = {row: order for order, row in enumerate(rows, 1)}
        for element in self.root.iterdescendants("{*}BillingSpecifiedPeriod", "{*}InvoicePeriod"):
            days = [text for text in map(_text, element.iterdescendants()) if re.match("[0-9]{4}", text)]
            read = [self._read_day(text) for text in days]
            first, last = (*read, None, None)[:2]
            row = next((item for item in element.iterancestors() if item in place), None)
            if first is not None and last is not None:
                self.periods[place.get(row, 0)] = Period(min(first, last), max(first, last))
            elif None in read:
                self.unread += days
        for element in self.root.iterdescendants(
            "{*}InvoiceReferencedDocument", "{*}InvoiceDocumentReference"
        ):
            of = {_local(item): _text(item) for item in element.iterdescendants()}
            day = self._read_day(of.get("DateTimeString") or of.get("IssueDate") or "")
            if day is not None:
                self.preceding[one_line(of.get("IssuerAssignedID") or of.get("ID") or "")] = day

    def _wrong(self, message: Message, element: Element, where: str | None = None) -> None:
        self.mistakes.append(Mistake(message, where or _local(element), element.sourceline))

    def _currency(self) -> str | None:
        """The invoice's own currency (BT-5); that of its accounts (BT-6) is held to the same pattern."""
        own: str | None = None
        for element in self.root.iterdescendants():
            local, text = _local(element), _text(element)
            if local not in {"InvoiceCurrencyCode", "DocumentCurrencyCode", "TaxCurrencyCode"}:
                continue
            if not _CURRENCY.fullmatch(text):
                message = Message(
                    "« {text} » is not a currency; three capitals are expected: EUR.", text=text[:40]
                )
                self._wrong(message, element)
            elif local != "TaxCurrencyCode":
                if own is not None:
                    message = Message(
                        "the currency of the invoice is given twice: {first}, {second}.",
                        first=own,
                        second=text,
                    )
                    self._wrong(message, element)
                own = text
        if own is None and not self.mistakes:
            self.mistakes.append(Mistake(Message("the currency is missing."), "BT-5"))
        return own

    def days(self) -> Days:
        """The days that it states, where they can be read."""
        more: tuple[Message, ...] = ()
        if self.unread:
            texts = [text[:40] for text in self.unread[:5]]
            more = (Message("A period is not read (BG-14, BG-26): {texts}.", texts=texts),)
        periods, preceding = FrozenDict(self.periods), FrozenDict(self.preceding)
        read = {self._read_day(text) for text in self.due}
        if len(read) > 1 or read == {None}:
            message = Message(
                "The due date is not read (BT-9): {texts}.", texts=[text[:40] for text in self.due[:5]]
            )
            return Days(self.issued, None, periods, preceding, (message, *more))
        return Days(self.issued, next(iter(read), None), periods, preceding, more)

    def _is_due_date(self, element: Element) -> bool:
        if self.syntax == "ubl":
            return _local(element) == "PaymentDueDate" or (
                element.getparent() is self.root and _local(element) == "DueDate"
            )
        return _local(element.getparent()) == "DueDateDateTime"

    def _is_issue_date(self, element: Element) -> bool:
        parent = element.getparent()
        if self.syntax == "ubl":
            return parent is self.root and _local(element) == "IssueDate"
        return _local(parent) == "IssueDateTime" and _local(parent.getparent()) == "ExchangedDocument"

    def _day(self, text: str, element: Element) -> date | None:
        day = self._read_day(text)
        if day is None:
            pattern, example = _DAYS[self.syntax]
            message = Message(
                "the issue date « {text} » is not written as this format wants it: {example}.",
                text=text[:40],
                example=example,
            )
            if pattern.fullmatch(text):
                message = Message("the issue date « {text} » is no day of the calendar.", text=text)
            self._wrong(message, element, "BT-2")
        return day

    def _read_day(self, text: str) -> date | None:
        match = _DAYS[self.syntax][0].fullmatch(text)
        try:
            return date.fromisoformat(match[1]) if match else None
        except ValueError:
            return None


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: Element) -> str:
    return (element.text or "").strip()
