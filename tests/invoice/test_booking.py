"""Booking an invoice: worked by hand, and balanced whatever is billed."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_UP, Context, Decimal, Inexact, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.errors import AmountError, RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.booking import OTHER, Bill, Entry, bill_of, entries, supplier_of
from opqibi_rules.invoice.findings import About, missing
from opqibi_rules.invoice.model import Invoice, InvoiceLine, Party, VatGroup
from opqibi_rules.messages import Message, Text
from opqibi_rules.price.financial_year import YearEnd
from opqibi_rules.tables.accounts import Account, NamedCode
from opqibi_rules.tables.library import shipped_tables

D = Decimal
ACCOUNTS = shipped_tables().accounts
DAY = date(2026, 11, 21)
SCHEDULE = shipped_tables().schedule(DAY)


def bill(**changes: object) -> Bill:
    parts: dict[str, object] = {
        "number": "F-1",
        "issued": DAY,
        "schedule": SCHEDULE,
        "fees": {"instruction": D("1160.00"), "brand_usage": D("657.50")},
        "vat": D("363.50"),
        "total_incl_vat": D("2181.00"),
        "usage_from": DAY,
        "supplier": ACCOUNTS.auxiliary,
    }
    return Bill(**(parts | changes))  # type: ignore[arg-type] # the fields by name


def sides(entry: Entry) -> list[tuple[str, str, str]]:
    return [(item.account.number, str(item.debit), str(item.credit)) for item in entry.postings]


def test_as_worked_by_hand_by_days() -> None:
    # 657,50 € for 1 461 days from 21/11/2026, 41 of them in 2026: 657,50 × 41 / 1461 = 18,4514…
    entry, *_ = entries([bill()], ACCOUNTS)
    assert sides(entry) == [
        ("6228", "1160.00", "0"),
        ("486", "639.05", "0"),
        ("6511", "18.45", "0"),
        ("44566", "363.50", "0"),
        ("401", "0", "2181.00"),
    ]
    assert (entry.number, entry.journal.code, entry.day, entry.piece) == (1, "ACH", DAY, "F-1")
    assert entry.postings[-1].auxiliary == ACCOUNTS.auxiliary
    assert str(entry.postings[1].label) == "OPQIBI F-1, Brand-usage fee (4 years), 2027 to 2030"


def test_by_months_or_at_once() -> None:
    # November and December 2026 are 2 of 48 months: 657,50 × 2 / 48 = 27,3958…
    by_months, *_ = entries([bill()], ACCOUNTS, prepaid="months")
    assert ("486", "630.10", "0") in sides(by_months)
    assert ("6511", "27.40", "0") in sides(by_months)
    (at_once,) = entries([bill()], ACCOUNTS, prepaid=None)
    assert ("6511", "657.50", "0") in sides(at_once)
    assert "486" not in [number for number, *_ in sides(at_once)]


def test_what_one_year_alone_bears_is_not_said_to_be_of_two() -> None:
    # A use of one year from 21/11/2026, 365 days, 41 of them in 2026: 657,50 × 41 / 365 = 73,856…
    fees = [replace(fee, years=1) if fee.id == "brand_usage" else fee for fee in SCHEDULE.fees]
    entry, *later = entries([bill(schedule=replace(SCHEDULE, fees=tuple(fees)))], ACCOUNTS)
    assert ("486", "583.64", "0") in sides(entry)
    assert str(entry.postings[1].label).endswith(", financial year 2027")
    assert [str(one.day) for one in later] == ["2027-12-31"]


def test_use_that_starts_next_year_is_prepaid_as_a_whole() -> None:
    entry, *_ = entries([bill(usage_from=date(2027, 1, 1))], ACCOUNTS)
    assert ("486", "657.50", "0") in sides(entry)
    assert "6511" not in [number for number, *_ in sides(entry)]


def test_what_later_years_take_worked_by_hand() -> None:
    # 657,50 € from 21/11/2026, 1 461 days: 41, 365, 366, 365, 324. The calendar years take the rest of 639,05.
    _, *later = entries([bill()], ACCOUNTS)
    assert [(str(entry.day), entry.number, entry.journal.code, sides(entry)) for entry in later] == [
        (f"{year}-12-31", number, "OD", [("6511", share, "0"), ("486", "0", share)])
        for number, (year, share) in enumerate(
            [(2027, "164.26"), (2028, "164.72"), (2029, "164.26"), (2030, "145.81")], 2
        )
    ]
    assert {(entry.piece, entry.piece_day) for entry in later} == {("F-1", DAY)}
    assert str(later[0].postings[0].label) == "OPQIBI F-1, Brand-usage fee (4 years), financial year 2027"


def test_a_financial_year_that_closes_in_june() -> None:
    # 222 days to 30/06/2027: 657,50 × 222 / 1 461 = 99,907…; then 588, 953, 1 318: 264,620…; 428,883…; 593,145…
    entry, *later = entries([bill()], ACCOUNTS, year_end=YearEnd(6, 30))
    assert ("486", "557.59", "0") in sides(entry)
    assert str(entry.postings[1].label) == "OPQIBI F-1, Brand-usage fee (4 years), 2027-2028 to 2030-2031"
    assert [(str(one.day), str(one.postings[0].debit)) for one in later] == [
        ("2028-06-30", "164.71"),
        ("2029-06-30", "164.26"),
        ("2030-06-30", "164.27"),
        ("2031-06-30", "64.35"),
    ]


def test_no_vat_no_line() -> None:
    entry, *_ = entries([bill(vat=D(0), total_incl_vat=D("1817.50"))], ACCOUNTS)
    assert "44566" not in [number for number, *_ in sides(entry)]


@pytest.mark.parametrize(
    ("total", "account", "side"), [("2181.02", "658", "debit"), ("2180.97", "758", "credit")]
)
def test_a_rounding_of_the_document(total: str, account: str, side: str) -> None:
    entry, *_ = entries([bill(total_incl_vat=D(total))], ACCOUNTS)
    (rounding,) = [item for item in entry.postings if item.account.number == account]
    assert getattr(rounding, side) == abs(D(total) - D("2181.00"))


def test_beyond_a_rounding_nothing_is_booked() -> None:
    with pytest.raises(RequestError, match=r"F-1: the total incl\. VAT differs by 0\.06 €"):
        entries([bill(total_incl_vat=D("2181.06"))], ACCOUNTS)
    with pytest.raises(AmountError, match="not in whole cents"):
        entries([bill(vat=D("363.501"), total_incl_vat=D("2181.001"))], ACCOUNTS)


def test_entries_are_numbered_by_date() -> None:
    later, sooner = bill(number="B"), bill(number="A", issued=date(2026, 1, 1), usage_from=date(2026, 1, 1))
    found = entries([later, sooner], ACCOUNTS, first=7)
    assert [(entry.number, entry.piece, entry.journal.code) for entry in found[:2]] == [
        (7, "A", "ACH"),
        (8, "B", "ACH"),
    ]
    assert [entry.number for entry in found] == list(range(7, 7 + len(found)))
    assert [entry.day for entry in found] == sorted(entry.day for entry in found)


@pytest.mark.parametrize(
    ("seller", "found"),
    [
        ("OPQIBI", ("OPQIBI", "OPQIBI")),
        ("Association OPQIBI", ("OPQIBI", "OPQIBI")),
        (None, ("OPQIBI", "OPQIBI")),  # the body of the schedule
        ("Qualibat", ("QUALIBAT", "Qualibat")),
        ("L’Étude & Cie", ("LETUDECIE", "L’Étude & Cie")),
    ],
)
def test_who_sold_is_named_and_no_other(seller: str | None, found: tuple[str, str]) -> None:
    known = shipped_tables()
    supplier = supplier_of(replace(INVOICE, seller=Party(seller)), SCHEDULE, ACCOUNTS, known.invoice_wording)
    assert supplier is not None
    assert (supplier.code, supplier.name) == found
    entry, *_ = entries([bill(supplier=supplier)], ACCOUNTS)
    assert all(str(item.label).startswith(f"{found[1]} F-1, ") for item in entry.postings)
    assert entry.postings[-1].auxiliary == supplier


def test_nobody_is_named_where_nobody_is_known() -> None:
    nobody = replace(SCHEDULE, title=Text("Barème", "Schedule"), sources=SCHEDULE.sources[:0])
    wording = shipped_tables().invoice_wording
    assert supplier_of(INVOICE, nobody, ACCOUNTS, wording) is None
    own = replace(ACCOUNTS, auxiliary=NamedCode(code="F042", name="Fournisseur Opqibi"))
    assert supplier_of(INVOICE, SCHEDULE, own, wording) == own.auxiliary
    entry, *_ = entries([bill(supplier=None)], ACCOUNTS)
    assert str(entry.postings[-1].label) == "F-1, invoice"
    assert entry.postings[-1].auxiliary is None


def test_ones_own_accounts() -> None:
    own = {"brand_usage": Account(number="651100", name="M"), "supplier": Account(number="401OPQ", name="F")}
    accounts = replace(ACCOUNTS, accounts=FrozenDict({**ACCOUNTS.accounts, **own}))
    entry, *_ = entries([bill()], accounts)
    assert {"651100", "401OPQ"} <= {number for number, *_ in sides(entry)}


def test_the_defaults_are_those_documented() -> None:
    numbers = {purpose: account.number for purpose, account in ACCOUNTS.by_purpose.items()}
    assert numbers == {
        "supplier": "401",
        **dict.fromkeys(("dossier", "instruction", "annual_control", "other"), "6228"),
        "brand_usage": "6511",
        "prepaid": "486",
        "vat": "44566",
        "loss": "658",
        "gain": "758",
    }
    assert ACCOUNTS.sources
    assert "default-accounts" in ACCOUNTS.named


INVOICE = Invoice(
    number="F-1",
    issued=DAY,
    type_code="380",
    currency="EUR",
    total_excl_vat=D("190.00"),
    vat=D("38.00"),
    total_incl_vat=D("228.00"),
)


def test_what_an_invoice_bills() -> None:
    found = bill_of(INVOICE, {"brand_usage": D("180.00")}, SCHEDULE)
    fees = {"brand_usage": D("180.00"), OTHER: D("10.00")}
    assert found == bill(fees=fees, vat=D("38.00"), total_incl_vat=D("228.00"), supplier=None)
    assert bill_of(
        INVOICE, {"brand_usage": D("190.00")}, SCHEDULE, usage_from=date(2027, 1, 1)
    ).usage_from == date(2027, 1, 1)


def test_a_credit_note_swaps_the_sides() -> None:
    from dataclasses import replace

    back = bill_of(replace(INVOICE, type_code="381", vat=None), {"brand_usage": D("190.00")}, SCHEDULE)
    negative = replace(INVOICE, total_excl_vat=D("-190.00"), vat=D("-38.00"), total_incl_vat=D("-228.00"))
    assert back == bill_of(negative, {"brand_usage": D("-190.00")}, SCHEDULE)
    (entry,) = entries([back], ACCOUNTS, prepaid=None)
    assert sides(entry) == [("6511", "0", "190.00"), ("44566", "0", "38.00"), ("401", "228.00", "0")]


@pytest.mark.parametrize(
    ("stated", "total", "vat"),
    [
        # a register of purchases: its amount stands as a line
        ({"vat": D("38.00"), "total_incl_vat": D("228.00")}, "190.00", "38.00"),
        ({"total_incl_vat": D("228.00")}, "190.00", "38.00"),
        ({}, "190.00", "38.00"),  # lines with their rate alone: 190 × 20 %
        ({"vat": D("38.00")}, "190.00", "38.00"),
        ({"vat_groups": (VatGroup(D("0.2"), None, D("38.00")),)}, "190.00", "38.00"),
    ],
)
def test_what_is_not_stated_follows_from_the_rest(stated: dict[str, object], total: str, vat: str) -> None:
    line = InvoiceLine("1", "Frais d’utilisation de la marque", amount=D("190.00"), vat_rate=D("0.2"))
    bare = Invoice("F-1", DAY, currency="EUR", lines=(line,), **stated)  # type: ignore[arg-type] # by name
    found = bill_of(bare, {"brand_usage": D("190.00")}, SCHEDULE)
    assert (sum(found.fees.values()), found.vat, found.total_incl_vat) == (D(total), D(vat), D("228.00"))
    # what its sums or its VAT leave open makes no total
    unsure = missing("to_confirm", About.DOCUMENT, Message("the total is to be confirmed"))
    with pytest.raises(RequestError, match="F-1: its total excl"):
        bill_of(bare, {}, SCHEDULE, findings=[unsure])
    assert bill_of(INVOICE, {}, SCHEDULE, findings=[unsure]).vat == D("38.00")


@pytest.mark.parametrize(
    ("type_code", "rounding", "posted", "owed"),
    [
        ("380", "0.05", ("658", "0.05", "0"), ("401", "0", "228.05")),
        ("380", "-0.02", ("758", "0", "0.02"), ("401", "0", "227.98")),
        ("381", "0.05", ("758", "0", "0.05"), ("401", "228.05", "0")),  # given back more than it comes to
    ],
)
def test_what_is_owed_is_what_the_document_rounds_it_to(
    type_code: str, rounding: str, posted: tuple[str, str, str], owed: tuple[str, str, str]
) -> None:
    rounded = replace(INVOICE, type_code=type_code, rounding=D(rounding))
    (entry,) = entries([bill_of(rounded, {"dossier": D("190.00")}, SCHEDULE)], ACCOUNTS)
    assert sides(entry)[-2:] == [posted, owed]


def test_more_than_a_rounding_is_not_booked() -> None:
    with pytest.raises(RequestError, match="differs by 0.06"):
        entries([bill_of(replace(INVOICE, rounding=D("0.06")), {}, SCHEDULE)], ACCOUNTS)


@pytest.mark.parametrize(
    "unstated",
    [
        {"number": None},
        {"issued": None},
        {"total_excl_vat": None, "vat": None},
        {"total_incl_vat": None, "vat": None},
        {"currency": "DKK"},
    ],
)
def test_what_cannot_be_booked(unstated: dict[str, object]) -> None:
    from dataclasses import replace

    with pytest.raises(RequestError):
        bill_of(replace(INVOICE, **unstated), {}, SCHEDULE)  # type: ignore[arg-type] # one field, by its name


CENTS = st.integers(-(10**9), 10**9).map(lambda cents: D(cents) / 100)


@given(
    fees=st.dictionaries(st.sampled_from([*(fee.id for fee in SCHEDULE.fees), OTHER]), CENTS, min_size=1),
    vat=CENTS,
    rounding=st.integers(-5, 5).map(lambda cents: D(cents) / 100),
    issued=st.dates(date(2020, 1, 1), date(2080, 1, 1)),
    start=st.dates(date(2020, 1, 1), date(2080, 1, 1)),
    prepaid=st.sampled_from(["days", "months", None]),
    year_end=st.sampled_from(["31/12", "30/06", "29/02", "31/01"]),
)
def test_debits_equal_credits_and_what_is_prepaid_comes_to_zero(
    fees: dict[str, Decimal],
    vat: Decimal,
    rounding: Decimal,
    issued: date,
    start: date,
    prepaid: str | None,
    year_end: str,
) -> None:
    total = sum(fees.values()) + vat + rounding
    of = {
        "number": "F",
        "issued": issued,
        "fees": fees,
        "vat": vat,
        "total_incl_vat": total,
        "usage_from": start,
    }
    found = entries([bill(**of)], ACCOUNTS, prepaid=prepaid, year_end=YearEnd.parse(year_end))  # type: ignore[arg-type] # sampled
    for entry in found:
        assert sum(item.debit for item in entry.postings) == sum(item.credit for item in entry.postings)
        for item in entry.postings:
            assert (item.debit == 0) != (item.credit == 0)
            assert item.debit >= 0
            assert item.credit >= 0
    balances = dict.fromkeys(("486", "6511"), D(0))
    for item in (item for entry in found for item in entry.postings if item.account.number in balances):
        balances[item.account.number] += item.debit - item.credit
    assert balances == {"486": 0, "6511": fees.get("brand_usage", D(0))}


def test_a_caller_s_decimal_context_changes_nothing() -> None:
    right = entries([bill()], ACCOUNTS)
    with localcontext(Context(prec=2, rounding=ROUND_UP, traps=[Inexact])):
        assert entries([bill()], ACCOUNTS) == right
        assert bill_of(INVOICE, {"brand_usage": D("180.00")}, SCHEDULE).fees[OTHER] == D("10.00")
