"""Pages as others lay them out, one class of misreading a test: each was found by somebody who made pages apart.

The truth is what each page is made to say; a value that its page does not bear out is never believed.
"""

from datetime import date
from decimal import Decimal

import pytest
import typst

from opqibi_rules.invoice.check import check_invoice
from opqibi_rules.invoice.reading.page.invoice import invoice_of, to_confirm
from opqibi_rules.invoice.reading.page.reader import read_pages
from opqibi_rules.invoice.reading.page.result import PageReading
from opqibi_rules.paper.pages.figures import Notation, figures_of
from opqibi_rules.paper.pages.layout import rows_of
from opqibi_rules.paper.pages.text_layer import text_pages
from opqibi_rules.paper.pages.words import Box, Page, Word
from opqibi_rules.price.quote import quote

D = Decimal
NOTICE = "SARL au capital de 8 000 € - RCS Lyon 341 798 254 - APE 7112B - TVA FR14341798254"
SELLER = "SARL Deux Ponts 42 \\ 3 rue Haute \\ 69003 Lyon \\ SIRET 341 798 254 00049 \\ TVA FR14341798254"
BUYER = "Cabinet Durand \\ 8 quai Bas \\ 13006 Marseille"
HEAD = "#grid(columns: (1fr, 1fr), [{0}], [{1}])\n\n"
LINES = "#table(columns: 4, stroke: none, [Désignation], [Qté], [P.U. HT], [Montant HT], {0})\n\n"
SUMS = "#align(right)[Total HT {0} € \\ TVA 20 % {1} € \\ Total TTC {2} €]\n\n"
BODY = LINES.format("[Pose], [2], [100,00], [200,00]") + SUMS.format("200,00", "40,00", "240,00")


def read(body: str, setting: str = "") -> PageReading:
    text = f"#set page(margin: 18mm)\n{setting}\n{body.replace('@', chr(92) + '@')}"
    return read_pages(text_pages(typst.compile(text.encode()), "f.pdf"))


def foot(text: str) -> str:
    return f"#place(bottom + center, text(size: 7pt)[{text}])\n\n"


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f"])
def test_a_typewriter_sets_a_blank_as_wide_as_a_figure(space: str) -> None:
    """25 516,50 + 5 103,30 = 30 619,80; cut at its thousands, 516,50 + 103,30 = 619,80 holds as well."""
    amounts = [text.replace(" ", space) for text in ("25 516,50", "5 103,30", "30 619,80")]
    rows = f"[Étude], [1], [{amounts[0]}], [{amounts[0]}]"
    reading = read(
        "Facture n° 2026-12 du 17/03/2026\n\n" + LINES.format(rows) + SUMS.format(*amounts),
        '#set text(font: "DejaVu Sans Mono", size: 9pt)',
    )
    keys = ("total_excl_vat", "vat", "total_incl_vat", "line.1.amount")
    assert [reading.value(key) for key in keys] == [D("25516.50"), D("5103.30"), D("30619.80"), D("25516.50")]


def test_thousands_that_stand_too_far_off_leave_no_amount() -> None:
    """« 25   516,50 »: 516,50 is no more printed there than 25 516,50."""

    def figures(gap: float) -> list[Decimal]:
        words = (Word("25", Box(10, 10, 21, 20)), Word("516,50", Box(21 + gap, 10, 51 + gap, 20)))
        (row,) = rows_of(Page(1, 200, 200, words))
        return [figure.value for figure in figures_of(row, [], Notation(","))]

    assert figures(3) == [D("25516.50")]
    assert figures(7) == [D(25)]
    assert figures(30) == [D(25), D("516.50")]


def test_the_street_in_the_next_column_is_no_number() -> None:
    head = HEAD.format("Numéro de facture", "13006 Marseille")
    assert read("= Facture\n\n" + head + BODY).fields["number"].to_confirm
    under = HEAD.format("Numéro de facture \\ FA-118", "27, quai Bas \\ 13006 Marseille")
    assert read("= Facture\n\n" + under + BODY).value("number") == "FA-118"


def test_a_number_beside_its_label_and_another_under_it_are_two() -> None:
    head = HEAD.format("Numéro de facture \\ FA-118", "FA-119")
    assert read("= Facture\n\n" + head + BODY).fields["number"].to_confirm


@pytest.mark.parametrize(
    "label",
    ["Numéro / Number : FA-118", "Note d’honoraires - N° de facture FA-118", "Numéro de facture FA-118"],
)
def test_a_number_after_two_labels(label: str) -> None:
    reading = read(f"= Facture / Invoice\n\n{label}\n\n{BODY}")
    assert (reading.value("number"), reading.value("type")) == ("FA-118", "380")


def test_a_number_under_a_row_of_headings_of_which_one_takes_two_lines() -> None:
    cells = "[N° de facture], [Date], [Date limite de \\ paiement], [FA-118], [17/03/2026], [16/04/2026]"
    reading = read(f"= Facture\n\n#table(columns: 3, stroke: none, {cells})\n\n{BODY}")
    assert (reading.value("number"), reading.value("date")) == ("FA-118", date(2026, 3, 17))


def test_a_bare_number_far_from_any_title_is_shown_and_not_believed() -> None:
    found = read(f"Numéro 2026118\n\n{BODY}").fields["number"]
    assert (found.value, found.to_confirm) == ("2026118", True)


@pytest.mark.parametrize("sign", ["", "-", "− "])
def test_an_acompte_is_taken_from_the_total_however_it_is_signed(sign: str) -> None:
    """240 − 100 = 140."""
    paid = f"#align(right)[Acomptes reçus {sign}100,00 € \\ Net à payer 140,00 €]"
    reading = read("Facture n° FA-118 du 17/03/2026\n\n" + BODY + paid)
    assert [reading.value(key) for key in ("prepaid", "payable")] == [D(100), D(140)]


def test_lines_that_do_not_come_to_the_total_leave_the_sums_open() -> None:
    """1 000 HT; one line of 200 alone is there."""
    body = LINES.format("[Pose], [2], [100,00], [200,00]") + SUMS.format("1 000,00", "200,00", "1 200,00")
    invoice = invoice_of(read("Facture n° FA-118 du 17/03/2026\n\n" + body))
    told = [item.about for item in to_confirm(invoice) if item.message.values["key"] == "line.1.amount"]
    assert told == ["document"]
    expected = quote(on=date(2026, 3, 17), tariffs={1: 5}, turnover=800_000)
    assert check_invoice(invoice, expected=expected).verdicts["sums"] == "undetermined"


@pytest.mark.parametrize(
    ("more", "key"),
    [("Total net HT 208,00 €", "total_excl_vat"), ("Montant total TTC 246,00 €", "total_incl_vat")],
)
def test_another_total_in_as_many_words_is_told(more: str, key: str) -> None:
    """200 + 40 = 240, and the page says something else further down."""
    found = read("Facture n° FA-118 du 17/03/2026\n\n" + BODY + f"\n\n#align(right)[{more}]").fields[key]
    assert found.to_confirm
    assert found.why is not None
    assert "elsewhere" in found.why.text


def test_totals_of_a_part_contradict_nothing() -> None:
    """Two chapters of 200 and 300, each with its subtotal, and a rate's base: 500 + 100 = 600."""
    rows = "[Pose], [2], [100,00], [200,00], [Dépose], [3], [100,00], [300,00]"
    rates = "#table(columns: 3, stroke: none, [20 %], [500,00], [100,00])\n\n"
    parts = "Montant HT 200,00 €\n\nMontant HT 300,00 €\n\n"
    reading = read(
        "Facture n° FA-118 du 17/03/2026\n\n"
        + LINES.format(rows) + parts + rates + SUMS.format("500,00", "100,00", "600,00")
    )  # fmt: skip
    assert reading.value("total_excl_vat") == D(500)


def test_the_legal_notice_says_which_address_is_the_seller_s() -> None:
    """To the right of the buyer's, and announced by nothing."""
    reading = read(HEAD.format(BUYER, SELLER) + "Facture n° FA-118 du 17/03/2026\n\n" + BODY + foot(NOTICE))
    assert reading.value("seller") == "SARL Deux Ponts 42"
    assert reading.value("buyer") == "Cabinet Durand"
    assert reading.value("seller_siret") == "34179825400049"
    assert not {"buyer_siren", "buyer_siret", "buyer_vat_id"} & reading.fields.keys()


def test_the_number_of_the_seller_is_never_the_buyer_s() -> None:
    """A notice in the middle of the page, in the buyer's column, and no other number of the seller's."""
    seller = "SARL Deux Ponts 42 \\ 3 rue Haute \\ 69003 Lyon"
    body = BODY + "#pad(left: 90mm)[" + NOTICE.replace(" - ", " \\ ") + "]"
    reading = read(HEAD.format(seller, "Client : \\ " + BUYER) + "Facture n° FA-118 du 17/03/2026\n\n" + body)
    assert reading.value("seller_vat_id") == "FR14341798254"
    assert all(reading.value(key) is None for key in ("buyer_siren", "buyer_siret", "buyer_vat_id"))


def test_both_parties_under_one_number_is_to_confirm() -> None:
    one = SELLER.replace("SARL", "Vendeur : \\ SARL")
    reading = read(HEAD.format(one, f"Client : \\ {BUYER} \\ SIRET 341 798 254 00049") + BODY)
    assert reading.fields["buyer_siret"].to_confirm


def test_two_notices_say_nothing() -> None:
    other = "SAS au capital de 1 000 € - RCS Paris 552 100 554"
    seller = SELLER.replace("SARL Deux Ponts 42", "Deux Ponts")
    reading = read(HEAD.format(seller, BUYER) + BODY + other + foot(NOTICE))
    assert reading.fields["seller"].to_confirm


def test_a_site_named_after_the_firm_names_it() -> None:
    block = "OPQIBI \\ 104 rue Réaumur \\ 75002 Paris \\ www.opqibi.com"
    assert read(HEAD.format(block, BUYER) + BODY).value("seller") == "OPQIBI"
    other = block.replace("opqibi.com", "imprimeur.fr")
    assert read(HEAD.format(other, BUYER) + BODY).fields["seller"].to_confirm


def test_an_address_on_one_row() -> None:
    block = "SCOP Atelier Sarrazin - 5 impasse du Port - 67100 Strasbourg\n\n"
    buyer = "#pad(left: 90mm)[Client \\ Cabinet Durand \\ 8 quai Bas \\ 13006 Marseille]\n\n"
    notice = NOTICE.replace("SARL", "SCOP").replace("Lyon", "Strasbourg")
    reading = read(block + buyer + "Facture n° FA-118 du 17/03/2026\n\n" + BODY + foot(notice))
    assert (reading.value("seller"), reading.value("buyer")) == ("SCOP Atelier Sarrazin", "Cabinet Durand")


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("N° de facture : FA-118", "380"),
        ("N° d’avoir : AV-118", "381"),
        ("= Facture d’acompte\n\nFacture n° FA-118", "386"),
        ("= Facture\n\nN° de facture : FA-118\n\nDevis n° D2026-014", "380"),
        ("= Facture\n\nN° de facture : FA-118\n\nBon de commande 4500123987", "380"),
    ],
)
def test_what_a_page_calls_itself(told: str, kind: str) -> None:
    assert read(f"{told}\n\nDate de facture : 17/03/2026\n\n{BODY}").value("type") == kind


@pytest.mark.parametrize(
    "title",
    [
        "= Devis\n\nN° de facture : FA-118",
        "= Bon de commande\n\n= Facture",
        "Proforma n° : AV-118\n\nAvoir sur facture n° : 2025/673",
    ],
)
def test_what_is_no_invoice_stays_to_confirm(title: str) -> None:
    assert read(f"{title}\n\n{BODY}").fields["type"].to_confirm


def test_an_invoice_of_a_negative_total_may_be_a_credit_note() -> None:
    body = LINES.format("[Pose], [-2], [100,00], [-200,00]") + SUMS.format("-200,00", "-40,00", "-240,00")
    assert read("= Facture\n\nFacture n° FA-118 du 17/03/2026\n\n" + body).fields["type"].to_confirm


def test_the_only_day_of_a_page_beside_its_number() -> None:
    row = "#grid(columns: (1fr, 1fr), [Numéro de facture FA-118], [17/03/2026])\n\n"
    assert read(row + BODY).value("date") == date(2026, 3, 17)
    assert read(row + "Chantier du 02/03/2026\n\n" + BODY).fields["date"].value is None
    folded = row.replace("17/03/2026", "16/04/2026") + "Date de facture : 17 \\ mars 2026\n\n"
    assert read(folded + BODY).fields["date"].value is None
    assert read(row + "À régler avant le 16/04/2026\n\n" + BODY).value("date") == date(2026, 3, 17)


def test_an_account_folded_in_a_narrow_column() -> None:
    block = "#box(width: 42mm)[IBAN : FR76 3000 6000 0112 \\ 3456 7890 189]\n\n"
    assert (
        read("Facture n° FA-118 du 17/03/2026\n\n" + block + BODY).value("iban")
        == "FR7630006000011234567890189"
    )
    two = block + "IBAN : FR14 2004 1010 0505 0001 3M02 606\n\n"
    assert read(two + BODY).fields["iban"].to_confirm


def test_no_vat_where_the_page_says_so_and_bears_its_total_twice() -> None:
    lines = LINES.format("[Pose], [2], [100,00], [200,00]")
    totals = "#align(right)[Total HT 200,00 € \\ Net à payer 200,00 €]\n\n"
    said = read(lines + totals + "TVA non applicable, art. 293 B du CGI")
    assert [said.value(key) for key in ("total_excl_vat", "vat", "total_incl_vat")] == [D(200), D(0), D(200)]
    assert read("[Pose]\n\n" + totals).fields["vat"].to_confirm


def test_a_street_named_after_a_day_is_no_day() -> None:
    head = HEAD.format("Date : 17/03/2026", "5 impasse du 8 Mai 1945 \\ 13006 Marseille")
    assert read("Facture n° FA-118\n\n" + head + BODY).value("date") == date(2026, 3, 17)
    alone = HEAD.format("Date", "5 impasse du 8 Mai 1945 \\ 13006 Marseille")
    assert read("Facture n° FA-118\n\n" + alone + BODY).fields["date"].value is None


def test_a_bare_number_further_on_is_another() -> None:
    two = "Numéro de facture : FA-118\n\n" + BODY + "#pagebreak()\n= Facture\n\nNuméro : FA-119\n\n" + BODY
    assert read(two).fields["number"].to_confirm


def test_vat_by_rate_and_the_heading_of_a_column_contradict_no_total() -> None:
    """100 at 20 % and 200 at 5,5 %: 20 + 11 = 31; « Montant HT » heads the lines."""
    rows = "[Pose], [1], [100,00], [100,00], [Guide], [2], [100,00], [200,00]"
    totals = "#align(right)[Total HT 300,00 € \\ Montant TVA 5,5 % 11,00 € \\ Montant TVA 20 % 20,00 € \\ Total TTC 331,00 €]"
    reading = read("Facture n° FA-118 du 17/03/2026\n\n" + LINES.format(rows) + totals)
    assert [reading.value(key) for key in ("total_excl_vat", "vat", "total_incl_vat")] == [
        D(300),
        D(31),
        D(331),
    ]


def test_totals_in_two_languages() -> None:
    totals = (
        "#align(right)[Total HT / Total excl. VAT 200,00 € \\ TVA 20 % / VAT 20 % 40,00 € \\ "
        "Total TTC / Total incl. VAT 240,00 €]"
    )
    rows = LINES.format("[Pose], [2], [100,00], [200,00]")
    reading = read("Facture n° FA-118 du 17/03/2026\n\n" + rows + totals)
    assert [reading.value(key) for key in ("total_excl_vat", "vat", "total_incl_vat")] == [
        D(200),
        D(40),
        D(240),
    ]


def test_what_bears_a_currency_is_no_quantity() -> None:
    body = LINES.format("[Pose], [28,44 €], [], [28,44 €]") + SUMS.format("28,44", "5,69", "34,13")
    assert read("Facture n° FA-118 du 17/03/2026\n\n" + body).value("line.1.quantity") is None


def test_a_name_is_never_the_rest_of_a_line() -> None:
    """A justified address whose building stands apart, over the town and the SIREN of the notice."""
    street = "ZA de la Plaine#h(12pt)Bât."
    block = SELLER.replace("SARL Deux Ponts 42 \\ 3 rue Haute", f"{street}")
    reading = read(HEAD.format(block, BUYER) + BODY + foot(NOTICE))
    assert reading.value("seller") is None


def test_a_name_on_the_row_of_its_heading() -> None:
    assert read("Émetteur : Deux Ponts\n\nClient : Durand\n\n" + BODY).value("seller") == "Deux Ponts"


def test_a_day_cut_by_the_end_of_its_row_is_not_the_one_below() -> None:
    text = "Date d’émission : 26 septembre \\ 2025 \\ Échéance : 26 octobre 2025\n\n"
    assert read("Facture n° FA-118\n\n" + text + BODY).value("date") is None
    assert read("Facture n° FA-118\n\nDate : 26 sept. 20 \\ 26 octobre 2025\n\n" + BODY).value("date") is None


def test_words_and_an_amount_a_row_are_lines_where_they_add_up() -> None:
    """120 + 80 = 200; with a row left out, what is there is to confirm, and the sums with it."""
    sums = SUMS.format("200,00", "40,00", "240,00")
    head = "Facture n° FA-118 du 17/03/2026\n\n"
    whole = read(head + "Pose d’un appareil ..... 120,00 €\n\nDépose ..... 80,00 €\n\n" + sums)
    assert [whole.value(f"line.{at}.amount") for at in (1, 2)] == [D(120), D(80)]
    assert whole.fields["line.2.name"].value == "Dépose"
    short = read(head + "Pose d’un appareil ..... 120,00 €\n\n" + sums)
    assert short.fields["line.1.amount"].to_confirm
    assert "line.2.amount" not in short.fields


def test_headings_in_two_languages_cut_no_name() -> None:
    table = (
        "#table(columns: (60mm, auto, auto, auto), stroke: none, [Désignation / Description], [Qté / Qty], "
    )
    table += "[PU HT / Unit price], [Montant HT / Amount], [Toner noir], [2], [100,00], [200,00])\n\n"
    setting = '#set text(font: "DejaVu Sans Mono", size: 8pt)'
    reading = read(
        "Facture n° FA-118 du 17/03/2026\n\n" + table + SUMS.format("200,00", "40,00", "240,00"), setting
    )
    assert [reading.value(f"line.1.{key}") for key in ("name", "quantity", "amount")] == [
        "Toner noir",
        D(2),
        D(200),
    ]


def test_what_stands_to_the_left_of_a_table_is_no_name() -> None:
    """An account beside the lines, at the height of the third, as near to its name as a word to the next."""
    rows = "[Pose], [2], [100,00], [200,00], [Dépose], [1], [50,00], [50,00], [Tri], [1], [30,00], [30,00]"
    beside = "#v(35.5pt)#align(right)[FR76 8733 7731 4351]"
    grid = f"#grid(columns: (50mm, 1fr), [{beside}], [{LINES.format(rows).strip()}])\n\n"
    reading = read("Facture n° FA-118 du 17/03/2026\n\n" + grid + SUMS.format("280,00", "56,00", "336,00"))
    names = [reading.value(f"line.{at}.name") for at in (1, 2, 3)]
    assert all(name in {None, whole} for name, whole in zip(names, ("Pose", "Dépose", "Tri"), strict=True))
    assert names.count(None) <= 1
    assert [reading.value(f"line.{at}.amount") for at in (1, 2, 3)] == [D(200), D(50), D(30)]
