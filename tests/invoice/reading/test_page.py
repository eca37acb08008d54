"""Invoices read from their pages: every value exact or to confirm, in every layout; none guessed.

The truth is the bill that each page is made from; what a person confirms, and what data says otherwise, is set against it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import opqibi_rules as opqibi
from opqibi_rules.errors import FileError, RequestError
from opqibi_rules.invoice.model import Invoice, Party
from opqibi_rules.invoice.reading.page.against import difference_findings, differences
from opqibi_rules.invoice.reading.page.invoice import confirmed_invoice, invoice_of
from opqibi_rules.invoice.reading.page.reader import read_pages
from opqibi_rules.invoice.reading.page.result import PageReading, Value
from opqibi_rules.invoice.reading.pdf import read_pdf
from opqibi_rules.paper.pages.text_layer import text_pages
from tests.cli.running import asked
from tests.invoice.reading.made_pages import (
    LAYOUTS,
    Bill,
    BillLine,
    Layout,
    changed,
    in_letters,
    pdf_of,
    plain,
    source,
)

D = Decimal
BILL = Bill()
TWO_RATES = changed(
    BILL, lines=(*BILL.lines, BillLine("Formation", 2, D("235.50"), D("0.055"))), paid=D("500.00")
)
CREDIT = changed(BILL, is_credit=True, number="AV-26-7", day=date(2026, 2, 25))
LONG = changed(
    BILL, lines=tuple(BillLine(f"Qualification {1000 + at}", at % 7 + 1, D(60 + at)) for at in range(60))
)
ENGLISH = next(layout for layout in LAYOUTS if layout.words == "en")
FRENCH = LAYOUTS[0]


def reading_of(bill: Bill, layout: Layout = FRENCH) -> PageReading:
    return read_pages(text_pages(pdf_of(bill, layout), "f.pdf"))


def truth(bill: Bill) -> Iterator[tuple[str, Value]]:
    """What the page of a bill says, by key."""
    head: dict[str, Value] = {
        "number": bill.number,
        "date": bill.day,
        "type": "381" if bill.is_credit else "380",
        "seller": bill.seller[0],
        "buyer": bill.buyer[0],
        "iban": bill.iban,
        "total_excl_vat": bill.untaxed,
        "vat": bill.vat,
        "total_incl_vat": bill.taxed,
    }
    yield from head.items()
    for at, line in enumerate(bill.lines, 1):
        yield f"line.{at}.name", " ".join(filter(None, (line.name, line.more)))
        yield f"line.{at}.quantity", D(line.quantity)
        yield f"line.{at}.unit_price", line.price
        yield f"line.{at}.amount", line.amount


def wrong(reading: PageReading, bill: Bill) -> dict[str, object]:
    """The values that are believed, and are not those of the bill; amounts without their sign."""
    found: dict[str, object] = {}
    for key, right in truth(bill):
        value = reading.value(key)
        if value is not None and (abs(value) if isinstance(value, Decimal) else value) != right:
            found[key] = value
    return found


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@pytest.mark.parametrize("bill", [BILL, TWO_RATES, LONG], ids=["one rate", "two rates", "pages"])
def test_each_layout_is_read_exactly(bill: Bill, layout: Layout) -> None:
    reading = reading_of(bill, layout)
    assert wrong(reading, bill) == {}
    assert [field.key for field in reading.to_confirm] == []
    missing = {key for key, _ in truth(bill)} - set(reading.fields)
    assert {key.split(".")[-1] for key in missing} <= {"quantity", "unit_price"} - set(layout.columns)
    last = reading.fields[f"line.{len(bill.lines)}.amount"]
    assert last.place is not None
    assert last.place.page == (1 if bill is not LONG else len(reading.pages)) or bill is LONG


@pytest.mark.parametrize(
    "layout", [layout for layout in LAYOUTS if layout.words == "fr"], ids=lambda item: item.name
)
def test_a_credit_note_gives_back_positive_amounts(layout: Layout) -> None:
    reading = reading_of(CREDIT, layout)
    assert wrong(reading, CREDIT) == {}
    invoice = invoice_of(reading)
    assert invoice.is_credit_note
    assert (invoice.total_excl_vat, invoice.total_incl_vat) == (CREDIT.untaxed, CREDIT.taxed)
    assert [line.amount for line in invoice.lines] == [line.amount for line in CREDIT.lines]


def edited(bill: Bill, edits: Mapping[str, str], layout: Layout = FRENCH) -> PageReading:
    """A page where some of the text that Typst is given is another."""
    import typst

    text = source(bill, layout)
    for old, new in edits.items():
        assert old in text, old
        text = text.replace(old, new)
    return read_pages(text_pages(typst.compile(text.encode()), "f.pdf"))


def test_a_day_that_can_be_read_two_ways_is_to_confirm() -> None:
    """Points, English words, and no other day: nothing shows which comes first."""
    layout = replace(ENGLISH, money=plain, written_day=lambda day: f"{day:%m/%d/%Y}")
    bill = changed(BILL, day=date(2026, 3, 4), due=date(2026, 5, 6))
    field = reading_of(bill, layout).fields["date"]
    assert field.to_confirm
    assert [item.value for item in field.candidates] == [date(2026, 4, 3), date(2026, 3, 4)]
    assert field.why is not None
    assert "03/04/2026" in str(field.why)


def test_another_day_shows_which_comes_first_and_one_of_the_united_states_does_not() -> None:
    by_day = replace(ENGLISH, money=plain, written_day=lambda day: f"{day:%d/%m/%Y}")
    bill = changed(BILL, day=date(2026, 4, 3), due=date(2026, 4, 30))
    assert reading_of(bill, by_day).value("date") == date(2026, 4, 3)
    by_month = replace(by_day, written_day=lambda day: f"{day:%m/%d/%Y}")
    assert reading_of(bill, by_month).fields["date"].to_confirm


def test_french_words_and_commas_together_show_it() -> None:
    bill = changed(BILL, day=date(2026, 3, 4), due=date(2026, 5, 6))
    assert reading_of(bill).value("date") == date(2026, 3, 4)
    assert reading_of(bill, replace(FRENCH, money=plain)).fields["date"].to_confirm


@pytest.mark.parametrize(
    ("wrongly", "key"), [("2\u202f160,00", "total_excl_vat"), ("2\u202f592,00", "total_incl_vat")]
)
def test_a_total_that_the_sums_contradict_is_to_confirm(wrongly: str, key: str) -> None:
    """2 160 + 432 = 2 592: one digit off in a total, and it is shown, never reckoned with."""
    reading = edited(BILL, {f"[{wrongly} €]": f"[{wrongly[:-4]}9,00 €]"})
    field = reading.fields[key]
    assert field.to_confirm
    assert field.value == D(wrongly.replace("\u202f", "")[:-4] + "9.00")
    assert wrong(reading, BILL) == {}


def test_totals_that_one_sum_alone_confirms_are_to_confirm() -> None:
    """Excl. VAT, VAT and incl. VAT agree, the lines do not add up, and no rate is printed."""
    reading = edited(BILL, {"[300,00 €]": "[310,00 €]", "20 %": "", "[60,00 €]": "[62,00 €]"})
    assert {field.key for field in reading.to_confirm} >= {
        "total_excl_vat",
        "total_incl_vat",
        "line.1.amount",
    }
    assert reading.value("number") == BILL.number


def test_two_numbers_are_to_confirm() -> None:
    reading = edited(
        BILL, {f"Facture n° : {BILL.number}": f"Facture n° : {BILL.number} \\\nNuméro de facture : F99"}
    )
    field = reading.fields["number"]
    assert field.to_confirm
    assert {item.value for item in field.candidates} == {BILL.number, "F99"}


def test_an_account_whose_key_is_wrong_is_to_confirm() -> None:
    assert edited(BILL, {"FR76 3000": "FR77 3000"}).fields["iban"].to_confirm


def test_another_kind_of_document_is_no_invoice() -> None:
    field = edited(BILL, {"*Facture*": "*Devis*", "Facture n°": "Devis n°"}).fields["type"]
    assert field.to_confirm
    assert "Devis" in str(field.why)


def test_what_a_person_confirms_is_believed_and_the_rest_weighed_with_it() -> None:
    invoice = invoice_of(edited(BILL, {"[2\u202f592,00 €]": "[2\u202f599,00 €]"}))
    assert (invoice.total_excl_vat, invoice.total_incl_vat) == (BILL.untaxed, None)
    said = confirmed_invoice(invoice, {"total_incl_vat": "2599,00", "seller": "OPQIBI"})
    assert said.total_incl_vat == D("2599.00")
    assert said.reading is not None
    assert said.reading.to_confirm == ()


@pytest.mark.parametrize(
    ("key", "text", "told"),
    [
        ("total_excl_vat", "2161,00", "not settled otherwise"),
        ("price", "1", "one of number, type"),
        ("total_incl_vat", "1,234.56", "ambiguous"),
        ("date", "31/02/2026", "write 2026-03-21"),
        ("type", "facture", "no such code"),
    ],
)
def test_what_cannot_be_confirmed_says_why(key: str, text: str, told: str) -> None:
    with pytest.raises(RequestError, match=told):
        confirmed_invoice(invoice_of(reading_of(BILL)), {key: text})


def data_of(bill: Bill) -> Invoice:
    return Invoice(
        bill.number,
        bill.day,
        total_excl_vat=bill.untaxed,
        vat=bill.vat,
        total_incl_vat=bill.taxed,
        payable=bill.due_amount,
        ibans=(bill.iban,),
    )


OTHERS: Mapping[str, Mapping[str, object]] = {
    "number": {"number": "F2026-0119"},
    "date": {"issued": date(2026, 3, 18)},
    "total_excl_vat": {"total_excl_vat": D("2631.01")},
    "vat": {"vat": D("457.90")},
    "total_incl_vat": {"total_incl_vat": D("3088.00")},
    "payable": {"payable": D("0.00")},
    "type": {"type_code": "381"},
    "iban": {"ibans": ("FR1420041010050500013M02606",)},
}


@pytest.mark.parametrize("key", OTHERS)
@pytest.mark.parametrize("layout", LAYOUTS[:8:2], ids=lambda layout: layout.name)
def test_each_value_that_the_data_says_otherwise_is_found_alone(key: str, layout: Layout) -> None:
    reading, data = reading_of(TWO_RATES, layout), data_of(TWO_RATES)
    assert differences(reading, data) == ()
    other = replace(data, **OTHERS[key])  # type: ignore[arg-type] # a field of its own kind
    (found,) = differences(reading, other)
    assert found.key == key
    (finding,) = difference_findings(replace(other, page_differs=(found,)))
    assert (finding.code, finding.severity) == ("page_differs", "error")


@pytest.mark.parametrize(
    ("place", "buyer", "key"),
    [
        ("69008 Lyon", Party("Dupont SARL", postcode="69008", country="FR"), "buyer"),
        ("69008 Lyon \\ SIREN 435 054 481", Party(siren="341798254"), "buyer_siren"),
        ("97400 Saint-Denis", Party(postcode="69008", country="FR"), "buyer_postcode"),
        ("10117 Berlin \\ Allemagne", Party(postcode="10117", country="FR"), "buyer_country"),
        ("97400 Saint-Denis", Party("LUMIÈRE", postcode="97 400", country="FR"), None),
        ("D-10117 Berlin \\ Allemagne", Party(postcode="10117", country="DE"), None),
        ("97400 Saint-Denis", Party(), None),
    ],
)
def test_another_buyer_on_the_page_leaves_it_open(place: str, buyer: Party, key: str | None) -> None:
    bill = changed(BILL, buyer=(BILL.buyer[0], "12 avenue des Frères", *place.split(" \\ ")))
    data = replace(data_of(bill), buyer=buyer)
    told = differences(reading_of(bill), data)
    assert [item.key for item in told] == ([key] if key else [])
    for finding in difference_findings(replace(data, page_differs=told)):
        assert (finding.code, finding.undetermined) == ("page_differs", True)
        assert finding.about == ("parties" if key in {"buyer", "buyer_siren"} else "vat")


def test_what_gives_back_by_its_sign_is_a_credit_note() -> None:
    """Data of a negative invoice (380), and a page that is titled « Avoir »."""
    data = replace(data_of(CREDIT), type_code="380", total_excl_vat=-CREDIT.untaxed)
    assert differences(reading_of(CREDIT), data) == ()


def test_an_account_that_is_none_makes_no_difference() -> None:
    assert differences(reading_of(BILL), replace(data_of(BILL), ibans=("FR7700000000000000000000000",))) == ()


def test_what_is_to_confirm_makes_no_difference() -> None:
    reading = edited(BILL, {"[2\u202f592,00 €]": "[2\u202f599,00 €]"})
    assert differences(reading, data_of(BILL)) == ()


def test_a_pdf_without_data_is_checked_by_its_page(tmp_path: Path) -> None:
    file = tmp_path / "facture.pdf"
    file.write_bytes(pdf_of(BILL, FRENCH))
    outcome = asked("check-invoice", str(file), "-t", "1=5", "--format", "json")
    assert outcome.code == 1
    answer = json.loads(outcome.out)
    fields = {field["key"]: field for field in answer["invoice"]["reading"]}
    assert fields["total_excl_vat"]["value"] == "2160.00"
    assert fields["total_excl_vat"]["to_confirm"] is False
    assert fields["total_excl_vat"]["page"] == 1
    assert answer["verdicts"]["sums"] == "conform"
    assert opqibi.read_invoice(file).number == BILL.number


@pytest.mark.parametrize(
    ("layout", "place", "verdict"),
    [
        *((layout, "97400 Saint-Denis", "discrepancy") for layout in LAYOUTS[::4]),
        (FRENCH, "98 800 Nouméa", "undetermined"),
        (FRENCH, "CH-1003 Lausanne", "undetermined"),
        (FRENCH, "F-69008 Lyon", "conform"),
        (FRENCH, "98000 Monaco", "conform"),
        (FRENCH, "94410 Saint-Maurice", "conform"),
        (FRENCH, "94410 Saint Maurice", "conform"),
        (FRENCH, "31330 Grenade", "conform"),
        (FRENCH, "75002 Paris / France", "conform"),
        (FRENCH, "10117 Berlin / ALLEMAGNE", "discrepancy"),
        (FRENCH, "10117 Berlin, Germany", "discrepancy"),
        (FRENCH, "1010 Wien / Österreich", "discrepancy"),
        (FRENCH, "B-1000 Bruxelles (Belgique)", "discrepancy"),
        (FRENCH, "97410 Saint-Pierre / La Réunion", "discrepancy"),
        (FRENCH, "1204 Genève / Suisse", "undetermined"),
        (FRENCH, "1204 Genève", "undetermined"),
        (FRENCH, "10117 Berlin / TVA DE136695976", "undetermined"),
        (FRENCH, "75002 Paris / Italie", "discrepancy"),
        (FRENCH, "10117 Berlin / Allemagne / Autriche", "undetermined"),
    ],
    ids=lambda item: item.name if isinstance(item, Layout) else item,
)
def test_the_vat_is_that_of_the_buyer_s_postcode_on_the_page(
    layout: Layout, place: str, verdict: str
) -> None:
    """20 % is billed: wrong in Réunion and in the rest of the Union, of no known rate elsewhere."""
    bill = changed(BILL, buyer=(BILL.buyer[0], "12 avenue des Frères", *place.split(" / ")))
    expected = opqibi.quote(tariffs={1: 5, 2: 3, 7: 1}, on=BILL.day)
    answer = opqibi.check_invoice(invoice_of(reading_of(bill, layout)), expected=expected)
    assert answer.verdicts["vat"] == verdict


def test_an_address_overseas_that_no_words_give_to_anybody_is_to_confirm() -> None:
    """The seller's or the buyer's: nothing says; a person does."""
    import typst

    bill = changed(BILL, buyer=(BILL.buyer[0], "12 avenue des Frères", "97400 Saint-Denis"))
    page = typst.compile(source(bill, FRENCH).replace("Client", "").encode())
    expected = opqibi.quote(tariffs={1: 5, 2: 3, 7: 1}, on=BILL.day)
    invoice = invoice_of(read_pages(text_pages(page, "f.pdf")))
    answer = opqibi.check_invoice(invoice, expected=expected)
    assert answer.verdicts["vat"] == "undetermined"
    told = next(str(item.message) for item in answer.findings if item.about == "vat")
    assert told == (
        "buyer_postcode: « 97400 Saint-Denis », page 1, is to be confirmed. No words say whose address it is."
    )
    local = tuple(replace(item, rate=D("0.085")) for item in bill.lines)
    right = typst.compile(source(changed(bill, lines=local), FRENCH).replace("Client", "").encode())
    billed = invoice_of(read_pages(text_pages(right, "f.pdf")))
    undecided = opqibi.check_invoice(billed, expected=expected)  # 8,5 %, right in Réunion alone
    assert undecided.verdicts["vat"] == "undetermined"
    assert not any(item.of_vat for item in (*answer.explanations, *undecided.explanations))
    for said, verdict in (("97400", "discrepancy"), ("69008", "conform")):
        settled = opqibi.check_invoice(invoice, expected=expected, confirmed={"buyer_postcode": said})
        assert settled.verdicts["vat"] == verdict


def test_a_page_with_a_value_to_confirm_is_undetermined_until_it_is_confirmed(tmp_path: Path) -> None:
    """A file of one qualification at tariff 1, its instruction alone: 500,00 + 60,00."""
    lines = (
        BillLine("Frais d’instruction, partie forfaitaire", 1, D(500)),
        BillLine("Code tarif 1", 1, D(60)),
    )
    layout = replace(FRENCH, money=plain)
    file = tmp_path / "facture.pdf"
    file.write_bytes(pdf_of(changed(BILL, lines=lines, day=date(2026, 3, 4), due=date(2026, 4, 3)), layout))
    arguments = ("check-invoice", str(file), "-t", "1=1", "--fees", "instruction", "--format", "json")
    outcome = asked(*arguments)
    assert outcome.code == 3
    answer = json.loads(outcome.out)
    assert answer["verdict"] == "undetermined"
    assert answer["invoice"]["date"] is None
    assert "date" in next(item["message"] for item in answer["findings"] if item["code"] == "to_confirm")
    outcome = asked(*arguments, "--confirm", "date=04/03/2026", "--confirm", "due_date=03/04/2026")
    assert outcome.code == 0
    settled = json.loads(outcome.out)
    assert (settled["verdict"], settled["invoice"]["date"]) == ("conform", "2026-03-04")


def test_a_page_that_is_no_invoice_says_so() -> None:
    import typst

    with pytest.raises(FileError, match="show no invoice"):
        read_pdf(typst.compile(b"= Menu du jour\n\nPotage, 4,50"), "f.pdf")
    with pytest.raises(FileError, match="no text can be read"):
        read_pdf(typst.compile(b"#rect()"), "f.pdf")


def test_letters_say_the_day_in_words() -> None:
    layout = replace(FRENCH, head="letter", meta="sentence", written_day=in_letters)
    assert reading_of(changed(BILL, day=date(2026, 8, 1)), layout).value("date") == date(2026, 8, 1)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@pytest.mark.parametrize("price", [D(60), D(70)], ids=["right", "wrong"])
def test_the_verdict_on_a_page_is_that_on_its_data(price: Decimal, layout: Layout) -> None:
    lines = (
        BillLine("Frais d’instruction, partie forfaitaire", 1, D(500)),
        BillLine("Code tarif 1", 5, price),
    )
    bill = changed(BILL, lines=lines)
    data = replace(
        data_of(bill),
        seller=opqibi.Party("OPQIBI"),
        lines=tuple(
            opqibi.InvoiceLine(
                str(at),
                name=line.name,
                quantity=D(line.quantity) if "quantity" in layout.columns else None,
                unit_price=line.price if "price" in layout.columns else None,
                amount=line.amount,
            )
            for at, line in enumerate(lines, 1)
        ),
    )
    due = opqibi.quote(event="first", tariffs={1: 5}, on=bill.day)
    by_page, by_data = (
        opqibi.check_invoice(invoice, expected=due, fees=["instruction"])
        for invoice in (invoice_of(reading_of(bill, layout)), data)
    )
    assert by_data.verdict == ("conform" if price == D(60) else "discrepancy")
    assert by_page.verdicts == by_data.verdicts
    assert [str(item.message) for item in by_page.explanations] == [
        str(item.message) for item in by_data.explanations
    ]


def test_the_invoice_that_a_credit_note_names_is_not_its_own() -> None:
    told = f"Avoir n° {CREDIT.number} du 25/02/2026 sur facture n° F-1 du 02/02/2026"
    reading = edited(CREDIT, {f"Avoir n° : {CREDIT.number}": told, "Date : 25/02/2026": "Merci"})
    assert reading.value("number") == CREDIT.number
    assert reading.value("date") == CREDIT.day


def page(body: str) -> PageReading:
    import typst

    text = f"#set page(margin: 18mm)\nFacture n° 2026-12 du 17/03/2026\n\n{body}"
    return read_pages(text_pages(typst.compile(text.encode()), "f.pdf"))


LINES = "#table(columns: 4, stroke: none, [Désignation], [Qté], [P.U. HT], [Montant HT], {rows})\n\n"
TOTALS = "#align(right)[Total HT {0} € \\ TVA 20 % {1} € \\ Total TTC {2} €]\n\n"


def test_sums_carried_from_page_to_page_are_no_lines() -> None:
    """200 on the first page, carried to the second, where 800 stand: 1000 + 200 = 1200."""
    one = LINES.format(rows="[Câble], [2], [100,00], [200,00], [], [], [À reporter], [200,00]")
    two = LINES.format(rows="[], [], [Report], [200,00], [Pose], [1], [800,00], [800,00]")
    reading = page(f"{one}\n#pagebreak()\n{two}{TOTALS.format('1 000,00', '200,00', '1 200,00')}")
    assert reading.value("total_excl_vat") == D(1000)
    assert [reading.value(f"line.{at}.amount") for at in (1, 2)] == [D(200), D(800)]
    assert "line.3.amount" not in reading.fields


def test_two_invoices_in_one_file_are_to_confirm() -> None:
    one = LINES.format(rows="[Câble], [2], [100,00], [200,00]") + TOTALS.format("200,00", "40,00", "240,00")
    two = LINES.format(rows="[Pose], [1], [800,00], [800,00]") + TOTALS.format("800,00", "160,00", "960,00")
    reading = page(f"{one}\n#pagebreak()\nFacture n° 2026-13 du 18/03/2026\n\n{two}")
    assert {field.key for field in reading.to_confirm} >= {
        "number",
        "date",
        "total_excl_vat",
        "vat",
        "total_incl_vat",
    }


def test_an_amount_incl_vat_alone_says_nothing_of_the_rest() -> None:
    """Lines incl. VAT, « dont TVA »: no total excl. VAT is on the page, and none is made up."""
    rows = "[Câble], [2], [120,00], [240,00], [Pose], [1], [960,00], [960,00]"
    reading = page(
        LINES.replace(" HT", " TTC").format(rows=rows)
        + "#align(right)[Total TTC 1 200,00 € \\ dont TVA 20 % 200,00 €]"
    )
    assert reading.fields["total_excl_vat"].value is None
    assert {"total_excl_vat", "vat", "total_incl_vat"} <= {field.key for field in reading.to_confirm}


def test_a_market_and_what_is_billed_of_it_are_told_apart_by_a_person() -> None:
    market = "Marché : Total HT 10 000,00 € TVA 20 % 2 000,00 € Total TTC 12 000,00 €\n\n"
    rows = "[Lot 3], [1], [3 000,00], [3 000,00]"
    reading = page(market + LINES.format(rows=rows) + TOTALS.format("3 000,00", "600,00", "3 600,00"))
    assert reading.fields["total_incl_vat"].to_confirm


def test_what_is_paid_already_and_an_allowance_on_the_whole() -> None:
    """200 − 20 = 180; 180 + 36 = 216; 216 − 100 = 116."""
    rows = "[Câble], [2], [100,00], [200,00], [Remise 10 %], [], [], [-20,00]"
    paid = "#align(right)[Acompte du 01/02/2026 : 100,00 € \\ Reste à payer 116,00 €]"
    reading = page(LINES.format(rows=rows) + TOTALS.format("180,00", "36,00", "216,00") + paid)
    keys = ("total_excl_vat", "allowances", "prepaid", "payable", "date")
    assert [reading.value(key) for key in keys] == [D(180), D(20), D(100), D(116), date(2026, 3, 17)]
