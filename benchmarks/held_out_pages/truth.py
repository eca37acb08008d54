"""The truth of a bill's page, and what a reading of it is worth: right, to confirm, or wrong and not marked."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

import opqibi_rules as opqibi
from benchmarks.held_out_pages.bill import Bill
from benchmarks.held_out_pages.printed import Page
from opqibi_rules.invoice.model import Invoice, InvoiceLine, Party, VatGroup
from opqibi_rules.price.question import Asked

HEADS = ("number", "date", "total_excl_vat", "vat", "total_incl_vat", "payable")
OTHERS = ("type", "currency", "due_date", "prepaid", "iban",
          "seller", "seller_siren", "seller_siret", "seller_vat_id",
          "buyer", "buyer_siren", "buyer_siret", "buyer_vat_id")  # fmt: skip
NO_QUANTITY = frozenset({"letter", "telecom", "progress"})
ALWAYS_DUE = frozenset({"modern", "software", "slip", "bilingual"})
"""Those that print the amount due whatever the column of totals says."""
NO_ACCOUNT = frozenset({"telecom", "till"})
NO_UNIT_PRICE = NO_QUANTITY | {"till"}
Loose = Mapping[str, Any]
"""Of a reading’s JSON."""


@dataclass
class Score:
    """What was found, by kind of value; ``wrong`` says each mistake in words."""

    values: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # to confirm, with the reason given

    def count(self, kind: str, outcome: str, *, said: str = "") -> None:
        self.values[kind, outcome] += 1
        if outcome == "wrong":
            self.wrong.append(f"{kind}: {said}")


def expected(bill: Bill, page: Page) -> dict[str, str | None]:
    """Each value that the page bears, as a reading says it; None where the page does not bear it."""
    seller = bill.seller
    bears = bool(page["account"]) and bill.layout not in NO_ACCOUNT
    return {
        "number": bill.number,
        "date": bill.issued.isoformat(),
        "total_excl_vat": str(bill.total_excl_vat),
        "vat": str(bill.vat),
        "total_incl_vat": str(bill.total_incl_vat),
        "payable": str(bill.payable) if due_printed(bill, page) else None,
        "type": {"credit": "381", "deposit": "386"}.get(bill.kind, "380"),
        "currency": "EUR",
        "due_date": bill.due.isoformat() if bill.layout != "till" else None,
        "prepaid": str(bill.prepaid) if bill.prepaid else None,
        "iban": seller.iban if bears else None,
        "seller": page["seller"][0],
        "seller_siren": seller.siren or None,
        "seller_siret": seller.siret or None,
        "seller_vat_id": seller.vat_id or None,
        "buyer": page["buyer"][0],
        "buyer_siren": None,
        "buyer_siret": None,
        "buyer_vat_id": None,
    }


def due_printed(bill: Bill, page: Page) -> bool:
    return bill.layout in ALWAYS_DUE or page["payable"] in page["totals"]


def letters(text: str) -> str:
    """Without case, accents, spaces and signs."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[^a-z0-9]", "", "".join(c for c in plain if not unicodedata.combining(c)))


def same(kind: str, read: str, truth: str) -> bool:
    """Do they mean the same? Amounts without their sign: a credit note's are written either way."""
    if kind in {"seller", "buyer"}:
        return letters(read) in letters(truth) or letters(truth) in letters(read)
    if kind == "type" and truth == "386":  # no word but its line's may say that it is a deposit
        return read in {"380", "386"}
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", read) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", truth):
        return (kind != "number" and abs(Decimal(read)) == abs(Decimal(truth))) or read == truth
    return read == truth


def believed(read: Loose) -> dict[str, str]:
    """What a reading holds for sure, by key; its lines and groups apart."""
    return {
        item["key"]: item["value"]
        for item in read["reading"] or ()
        if not item["to_confirm"] and item["value"]
    }


def judged(bill: Bill, page: Page, read: Loose) -> Score:
    """A reading against the truth of its page."""
    score, sure, truth = Score(), believed(read), expected(bill, page)
    for kind in (*HEADS, *OTHERS):
        value, wanted = sure.get(kind), truth[kind]
        if value is None:
            if wanted is not None:
                score.count(kind, "to confirm")
        elif wanted is None:
            derived = {"prepaid": "0.00", "payable": str(bill.total_incl_vat)}.get(kind)
            invented = derived is None or not same(kind, value, derived)
            score.count(
                kind, "wrong" if invented else "right", said=f"« {value} », which the page does not say"
            )
        else:
            right = same(kind, value, wanted)
            score.count(kind, "right" if right else "wrong", said=f"« {value} », and it is « {wanted} »")
    score.asked = [
        f"{item['key'] if not item['key'].startswith('line') else 'line'}: {item['why']}"
        for item in read["reading"] or ()
        if item["to_confirm"] and (truth.get(item["key"], "") is not None)
    ]
    judge_groups(score, bill, sure)
    judge_lines(score, bill, read)
    return score


def judge_groups(score: Score, bill: Bill, sure: Mapping[str, str]) -> None:
    """VAT by rate: each group that is believed is one of the bill's."""
    groups = {(g.rate, g.base, g.vat) for g in bill.groups}
    indices = sorted({key.split(".")[1] for key in sure if key.startswith("vat.")})
    found = 0
    for index in indices:
        parts = [sure.get(f"vat.{index}.{part}") for part in ("rate", "taxable", "amount")]
        known = [None if part is None else abs(Decimal(part)) for part in parts]
        fits = any(all(k is None or k == g for k, g in zip(known, group, strict=True)) for group in groups)
        whole = None not in known
        found += fits and whole
        if not fits:
            score.count("VAT by rate", "wrong", said=f"{parts} among {sorted(map(str, groups))}")
    score.values["VAT by rate", "right"] += found
    score.values["VAT by rate", "to confirm"] += max(0, len(groups) - found)


def judge_lines(score: Score, bill: Bill, read: Loose) -> None:
    """Lines by their amounts, in order; a line lost without a mark is wrong."""
    lines = [line for line in read["lines"] if line["kind"] == "detail"]
    wanted = [str(line.amount) for line in bill.lines]
    got = [str(abs(Decimal(line["amount"]))) if line["amount"] else "" for line in lines]
    pairs = list(zip(range(len(wanted)), range(len(got)), strict=True)) if len(wanted) == len(got) else []
    if not pairs:
        blocks = SequenceMatcher(None, wanted, got, autojunk=False).get_matching_blocks()
        pairs = [(block.a + k, block.b + k) for block in blocks for k in range(block.size)]
    for at, place in pairs:
        judge_line(score, bill, at, lines[place])
    matched = {place for _, place in pairs}
    for place, line in enumerate(lines):
        discount = line["amount"] and abs(Decimal(line["amount"])) == bill.discount
        if place not in matched and line["amount"] and not discount:
            score.count("lines", "wrong", said=f"a line that is not there: {line['name']!r} {line['amount']}")
    lost = len(wanted) - len(pairs)
    silent = lost and lines and read["verdicts"]["sums"] == "conform"
    if silent:
        score.count("lines", "wrong", said=f"{lost} lines lost in silence")
    elif lost and bill.layout != "till":  # whose lines bear their VAT: not what is asked
        score.values["lines", "to confirm"] += lost


def judge_line(score: Score, bill: Bill, at: int, line: Loose) -> None:
    """One line's figures and words."""
    truth = bill.lines[at]
    unsaid = {
        "quantity": bill.layout in NO_QUANTITY,
        "unit_price": bill.layout in NO_UNIT_PRICE,
        "amount": bill.layout == "till",
    }
    wanted = {"quantity": truth.quantity, "unit_price": truth.price, "amount": truth.amount}
    faults, missing = [], False
    for part, value in wanted.items():
        if line[part] is None:
            missing |= not unsaid[part]
        elif unsaid[part] or value is None or abs(Decimal(line[part])) != value:
            faults.append(
                f"line {at + 1}, {part} « {line[part]} », and it is « {value} »{' unsaid' * unsaid[part]}"
            )
    if line["vat_rate"] is not None and Decimal(line["vat_rate"]) != truth.rate:
        faults.append(f"line {at + 1}, rate « {line['vat_rate']} », and it is « {truth.rate} »")
    if line["name"] is not None and letters(truth.words)[:12] not in letters(line["name"]):
        faults.append(f"line {at + 1}, words « {line['name']} », and it is « {truth.words} »")
    score.count("lines", "wrong" if faults else "to confirm" if missing else "right", said="; ".join(faults))


def as_data(bill: Bill, page: Page) -> Invoice:
    """The same invoice as if it had come as data."""
    till = bill.layout == "till"
    lines = () if till else bill.lines
    discount = bill.discount or None
    return Invoice(
        bill.number,
        bill.issued,
        type_code={"credit": "381", "deposit": "386"}.get(bill.kind, "380"),
        currency="EUR",
        due=bill.due,
        seller=Party(
            name=page["seller"][0], siren=bill.seller.siren or None, vat_id=bill.seller.vat_id or None
        ),
        buyer=Party(name=page["buyer"][0]),
        ibans=(bill.seller.iban,) if page["account"] and bill.layout not in NO_ACCOUNT else (),
        lines=tuple(
            InvoiceLine(
                str(index),
                name=line.words,
                quantity=line.quantity if bill.layout not in NO_QUANTITY else None,
                unit_price=line.price if not line.discount and bill.layout not in NO_QUANTITY else None,
                amount=line.amount,
                vat_rate=line.rate,
            )
            for index, line in enumerate(lines, 1)
        ),
        lines_total=None if till else bill.gross,
        allowances=discount,
        total_excl_vat=bill.total_excl_vat,
        vat=bill.vat,
        total_incl_vat=bill.total_incl_vat,
        prepaid=bill.prepaid or None,
        payable=bill.payable,
        vat_groups=tuple(VatGroup(group.rate, group.base, group.vat) for group in bill.groups),
    )


def verdicts(invoice: Invoice, bill: Bill) -> dict[str, str]:
    """The five verdicts and the whole, for what this bill's firm would have asked."""
    question: Asked = bill.asked or {"tariffs": {1: 5}}
    answer = opqibi.check_invoice(invoice, expected=opqibi.quote(on=bill.issued, **question)).to_dict()
    return {**answer["verdicts"], "verdict": answer["verdict"]}
