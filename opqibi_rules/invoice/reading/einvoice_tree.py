"""The XML tree of an e-invoice, made fit for factur-x: what it would stumble on is named, or taken out.

factur-x reads every date by one pattern (the first that differs ends the reading, without saying which), puts
the currency into its queries as it stands, and knows the booleans of XML as words only. Here the line of each
fault is still known.
"""

import re
from datetime import date
from typing import Any

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.text import MOST_MISTAKES

MAX_LINES = 1000
"""No OPQIBI invoice has as many: a file that has more is meant to keep the machine busy."""

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
_LINES = frozenset({"IncludedSupplyChainTradeLineItem", "InvoiceLine", "CreditNoteLine"})


def flavor_of(root: Any, name: str) -> tuple[str, str]:
    """The syntax (``cii`` or ``ubl``), and factur-x's own name for it.

    Raises:
        FileError: the XML is no invoice of EN 16931; the message says what it is.
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
    raise FileError(name, [Mistake(message, line=root.sourceline)])


def prepare(root: Any, syntax: str, name: str) -> date | None:
    """Trim the tree for factur-x, and yield the issue date (BT-2), which it need not read.

    Amounts in another currency than the invoice's own (BT-5) are taken out: an invoice may state its VAT
    twice. The text of dates goes too.

    Raises:
        FileError: each number, date or currency that is none, with its line; too many lines.
    """
    mistakes: list[Mistake] = []
    currency = _currency(root, mistakes)
    issued: date | None = None
    lines = 0
    for element in list(root.iterdescendants()):
        if len(mistakes) >= MOST_MISTAKES:
            break
        local, text = _local(element), (element.text or "").strip()
        lines += local in _LINES
        if currency and element.get("currencyID", currency) != currency:
            element.getparent().remove(element)
        elif local.endswith(("Amount", "Quantity", "Percent", "Numeric")):
            if text and not _DECIMAL.fullmatch(text):
                message = Message(
                    "« {text} » is not a number; digits and a point are expected: 2400.00.", text=text[:40]
                )
                mistakes.append(Mistake(message, local, element.sourceline))
            if local == "TaxTotalAmount" and currency:
                element.set("currencyID", currency)  # EN 16931 wants it there; some writers leave it out
        elif local in {"Indicator", "ChargeIndicator"} and text in {"0", "1"}:
            element.text = "true" if text == "1" else "false"
        elif local in {"DateTimeString", "DateString"} or (syntax == "ubl" and local.endswith("Date")):
            if _is_issue_date(element, root, syntax):
                issued = _day(text, syntax, element, mistakes)
            element.text = None
    if lines > MAX_LINES:
        mistakes.append(Mistake(Message("over {limit} invoice lines: refused.", limit=MAX_LINES)))
    if mistakes:
        raise FileError(name, mistakes)
    return issued


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _currency(root: Any, mistakes: list[Mistake]) -> str | None:
    """The invoice's own currency (BT-5); that of its accounts (BT-6) is held to the same pattern."""
    own: str | None = None
    for element in root.iterdescendants():
        local = _local(element)
        if local not in {"InvoiceCurrencyCode", "DocumentCurrencyCode", "TaxCurrencyCode"}:
            continue
        text = (element.text or "").strip()
        if not _CURRENCY.fullmatch(text):
            message = Message(
                "« {text} » is not a currency; three capitals are expected: EUR.", text=text[:40]
            )
            mistakes.append(Mistake(message, local, element.sourceline))
        elif local != "TaxCurrencyCode":
            if own is not None:
                message = Message(
                    "the currency of the invoice is given twice: {first}, {second}.", first=own, second=text
                )
                mistakes.append(Mistake(message, local, element.sourceline))
            own = text
    if own is None and not mistakes:
        mistakes.append(Mistake(Message("the currency is missing."), "BT-5"))
    return own


def _is_issue_date(element: Any, root: Any, syntax: str) -> bool:
    parent = element.getparent()
    if syntax == "ubl":
        return parent is root and _local(element) == "IssueDate"
    return _local(parent) == "IssueDateTime" and _local(parent.getparent()) == "ExchangedDocument"


def _day(text: str, syntax: str, element: Any, mistakes: list[Mistake]) -> date | None:
    pattern, example = (r"\d{8}", "20261121") if syntax == "cii" else (r"\d{4}-\d{2}-\d{2}", "2026-11-21")
    if re.fullmatch(pattern, text, re.ASCII):
        try:
            return date.fromisoformat(text)
        except ValueError:
            message = Message("the issue date « {text} » is no day of the calendar.", text=text)
    else:
        message = Message(
            "the issue date « {text} » is not written as this format wants it: {example}.",
            text=text[:40],
            example=example,
        )
    mistakes.append(Mistake(message, "BT-2", element.sourceline))
    return None
