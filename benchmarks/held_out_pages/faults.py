"""Pages that contradict themselves on purpose, or that leave open what a reader would like to know."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from benchmarks.held_out_pages.bill import Bill, cents, drawn_number
from benchmarks.held_out_pages.firms import french_iban
from benchmarks.held_out_pages.printed import Page, drawn_style, spaced_iban


@dataclass(frozen=True, slots=True)
class Fault:
    """What was done to a page: nothing that is read under ``key`` may be believed there, unless it is told."""

    name: str
    key: str
    told: bool  # a verdict that says the contradiction is an answer too
    allowed: tuple[str, ...] = ()  # what may be believed all the same
    harmless: bool = False  # the whole may be conform


def other_digit(text: str, rng: Random) -> str:
    """The same amount, one of its figures changed before the decimal point."""
    whole = re.split(r"[.,](?=[0-9]{2}(?:[^0-9]|$))", text)[0]
    places = [place for place, sign in enumerate(whole) if sign.isdigit()]
    place = rng.choice(places)
    figures = "123456789" if place == places[0] else "0123456789"
    return text[:place] + rng.choice([f for f in figures if f != text[place]]) + text[place + 1 :]


def total_digit(name: str, key: str) -> Callable[[Bill, Page, Random], Fault]:
    """A total whose figure is changed wherever the column of totals bears it."""

    def change(bill: Bill, page: Page, rng: Random) -> Fault:
        values = {"ht": page["ht"], "ttc": page["ttc"]}
        changed = values[name]
        changed[1] = other_digit(changed[1], rng)
        return Fault(f"{key}: a figure changed", key, told=True)

    return change


def vat_digit(bill: Bill, page: Page, rng: Random) -> Fault:
    """The VAT's figure changed, in the column and in the table of rates."""
    changed = other_digit(page["vat_total"][1], rng)
    before = page["vat_total"][1]
    for row in (*page["totals"], *page["groups"], page["vat_total"]):
        row[:] = [changed if text == before else text for text in row]
    return Fault("vat: a figure changed", "vat", told=True)


def price_digit(bill: Bill, page: Page, rng: Random) -> Fault:
    at = rng.randrange(len(page["rows"]))
    page["rows"][at]["price"] = other_digit(page["rows"][at]["price"], rng)
    return Fault("a price: a figure changed", f"line.{at + 1}.unit_price", told=True)


def amount_digit(bill: Bill, page: Page, rng: Random) -> Fault:
    at = rng.randrange(len(page["rows"]))
    page["rows"][at]["amount"] = other_digit(page["rows"][at]["amount"], rng)
    return Fault("a line's amount: a figure changed", f"line.{at + 1}.amount", told=True)


def line_gone(bill: Bill, page: Page, rng: Random) -> Fault:
    """A line is missing; where there is but one, it stands there twice."""
    rows = page["rows"]
    if len(rows) > 1:
        del rows[rng.randrange(len(rows))]
    else:
        rows *= 2
    return Fault("a line left out, or twice", "sums", told=True)


def two_totals(bill: Bill, page: Page, rng: Random) -> Fault:
    page["notes"].insert(0, f"{page['ttc'][0]} : {other_digit(page['ttc'][1], rng)}")
    return Fault("two totals incl. VAT", "total_incl_vat", told=True, allowed=(str(bill.total_incl_vat),))


def no_number(bill: Bill, page: Page, rng: Random) -> Fault:
    page["number"], page["number_label"] = "", ""
    page["refs"] = [["Code client", "C00871"], ["Commande n°", "BC-2026-071"], ["Devis n°", "D2026-014"]]
    return Fault("no number", "number", told=False)


def two_numbers(bill: Bill, page: Page, rng: Random) -> Fault:
    other = drawn_number(rng, bill.issued)
    page["notes"].insert(0, f"{'Avoir' if bill.kind == 'credit' else 'Facture'} n° {other}")
    return Fault("two numbers", "number", told=False)


def two_dates(bill: Bill, page: Page, rng: Random) -> Fault:
    other = page["date"].replace(str(bill.issued.year), str(bill.issued.year - 1))
    if other == page["date"]:
        other = f"{bill.issued.replace(year=bill.issued.year - 1):%d/%m/%Y}"
    page["notes"].insert(0, f"{page['date_label']} : {other}")
    borne = (bill.issued.isoformat(),)  # the number may bear the year and the month: that tells which
    return Fault("two dates", "date", told=False, allowed=borne, harmless=True)


def open_date(bill: Bill, page: Page, rng: Random) -> Fault:
    """On an English page, days that can be read two ways, all of them."""
    page["date"], page["due"] = "03/04/2026", "04/05/2026"
    page["refs"] = [pair for pair in page["refs"] if "14/02" not in pair[1]]
    return Fault("a date read two ways", "date", told=False)


def iban_digit(bill: Bill, page: Page, rng: Random) -> Fault:
    for pair in page["account"]:
        if pair[0] == "IBAN":
            pair[1] = pair[1][:6] + other_digit(pair[1][6:], rng)
    page["account"] = [pair for pair in page["account"] if pair[0] != "RIB"]
    return Fault("an IBAN that does not hold", "iban", told=False)


def two_ibans(bill: Bill, page: Page, rng: Random) -> Fault:
    page["account"].append(["IBAN", spaced_iban(french_iban(rng))])
    return Fault("two IBANs", "iban", told=False)


def with_total(page: Page, label: str, value: str, due: str) -> None:
    """A row after the total incl. VAT, and what is due with it."""
    due_label = "Total à payer" if page["payable"][0] == "Net à payer" else "Net à payer"
    page["payable"][1] = due
    page["totals"] = [row for row in page["totals"] if row is not page["payable"]]
    page["totals"] += [[label, value], [due_label, due]]


def old_balance(bill: Bill, page: Page, rng: Random) -> Fault:
    """What was still owed is asked for again: the amount due is more than this invoice's."""
    style = drawn_style(Random(bill.seed * 31 + 5), bill.language)
    owed = Decimal(rng.randrange(2000, 90000)) / 100
    due = bill.payable + owed
    with_total(page, "Solde antérieur", style.amount(owed), style.amount(due))
    return Fault("a balance brought forward", "payable", told=True, allowed=(str(due),))


def retention(bill: Bill, page: Page, rng: Random) -> Fault:
    """A builder's five per cent, kept until the works are accepted."""
    style = drawn_style(Random(bill.seed * 31 + 5), bill.language)
    kept = cents(bill.total_incl_vat * Decimal("0.05"))
    due = bill.payable - kept
    with_total(page, "Retenue de garantie 5 %", style.amount(-kept), style.amount(due))
    return Fault("a retention", "payable", told=True, allowed=(str(due),), harmless=True)


def no_invoice(title: str, label: str) -> Callable[[Bill, Page, Random], Fault]:
    """The same page, which calls itself something else."""

    def change(bill: Bill, page: Page, rng: Random) -> Fault:
        page["title"], page["number_label"] = title, label
        return Fault(f"it calls itself « {title} »", "type", told=False)

    return change


def two_bills(bill: Bill, page: Page, rng: Random) -> Fault:
    """Another invoice follows in the same file (`pages.py` adds it): neither's number is the file's."""
    return Fault("two invoices in one file", "number", told=False)


FAULTS: tuple[Callable[[Bill, Page, Random], Fault], ...] = (
    total_digit("ht", "total_excl_vat"), total_digit("ttc", "total_incl_vat"), vat_digit, price_digit, amount_digit,
    line_gone, two_totals, no_number, two_numbers, two_dates, open_date, iban_digit, two_ibans,
    old_balance, retention, no_invoice("DEVIS", "Devis n°"), no_invoice("FACTURE PROFORMA", "Proforma n°"),
    no_invoice("BON DE COMMANDE", "Commande n°"), two_bills,
)  # fmt: skip
LAYOUTS = ("classic", "framed", "modern", "wide", "dark", "leftward", "slip", "twocolumns")
"""Those that bear everything that a fault changes."""
