"""An invoice and the credit notes that correct it: the balance is what is judged."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from opqibi_rules.invoice.check import InvoiceCheck, check_invoice
from opqibi_rules.invoice.dispute import dispute_letter
from opqibi_rules.invoice.model import Adjustment, Invoice, InvoiceLine, Party
from opqibi_rules.invoice.papers.invoice_document import check_document, run_document, title_of
from opqibi_rules.invoice.run import check_run
from opqibi_rules.paper.language import Language
from tests.editions.pinned import TABLES_2024
from tests.invoice.bills import bill, first, line, totals

# The instruction fee of -t 1=5 -t 2=3 is 500 + 5 × 60 + 3 × 120 = 1 160,00 €.
SELLER, FIRM = Party("OPQIBI"), Party("BE", siren="434717997")
LATER = date(2026, 3, 10)


def judge(invoice: Invoice) -> InvoiceCheck:
    return check_invoice(invoice, expected=first(), tables=TABLES_2024)


def run(*bills: Invoice) -> tuple[InvoiceCheck, ...]:
    return check_run([judge(item) for item in bills], TABLES_2024.dispute_codes, judge)


def fee(number: str, amount: str = "1160.00", name: str = "Frais d’instruction", **more: Any) -> Invoice:
    given = {"number": number, "seller": SELLER, "buyer": FIRM, **more}
    return bill(line(name, amount), **given)


def back(number: str, amount: str, name: str = "Avoir", **more: Any) -> Invoice:
    return fee(number, amount, name, **{"type_code": "381", "issued": LATER, **more})


def verdicts(*bills: Invoice) -> list[str]:
    return [check.verdict for check in run(*bills)]


class TestCancelled:
    """F1 bills 120,00 too much; AV1 gives all of it back; F2 bills the right price."""

    @pytest.mark.parametrize(
        "note",
        [
            back("AV1", "1280.00", preceding=("F1",)),
            back("AV1", "1280.00", "Annulation facture F1 - Frais d'instruction"),
            back("AV1", "1280.00"),
            fee("AV1", "-1280.00", issued=LATER),
        ],
        ids=["by reference", "by the number in its words", "by amount", "a negative invoice"],
    )
    def test_the_three_are_settled(self, note: Invoice) -> None:
        wrong, credit, right = run(fee("F1", "1280.00"), note, fee("F2", issued=LATER))
        assert [item.verdict for item in (wrong, credit, right)] == ["conform"] * 3
        assert [item.amount_due for item in (wrong, credit)] == [0, 0]
        assert right.amount_due == Decimal("1392.00")
        assert wrong.series is not None
        assert wrong.series.cancelled
        assert wrong.series.documents == ("F1", "AV1")
        assert str(wrong.summary) == "Cancelled in full by AV1: nothing of it is left to pay."
        assert wrong.explanations == credit.explanations == ()

    def test_a_wrong_vat_is_given_back_with_it(self) -> None:
        wrong = bill(line("Frais d’instruction", "1160.00"), rate="0.055", number="F1", buyer=FIRM)
        note = replace(wrong, number="AV1", type_code="381", issued=LATER)
        assert verdicts(wrong) == ["discrepancy"]
        assert verdicts(wrong, note, fee("F2")) == ["conform"] * 3

    def test_another_firm_is_another_series(self) -> None:
        other = back("AV1", "1280.00", "Annulation facture F1", buyer=Party("Autre", siren="552100554"))
        assert verdicts(fee("F1", "1280.00"), other) == ["discrepancy", "undetermined"]

    def test_what_is_given_back_is_not_given_back_before_it_is_billed(self) -> None:
        early = back("AV1", "1280.00", issued=date(2026, 1, 5))
        assert verdicts(fee("F1", "1280.00"), early) == ["discrepancy", "undetermined"]

    def test_one_credit_note_cancels_one_invoice(self) -> None:
        # Two invoices of 1 280,00 and one credit note: one of them is left.
        found = run(fee("F1", "1280.00"), fee("F2", "1280.00", issued=LATER), back("AV1", "1280.00"))
        assert [item.verdict for item in found] == ["conform", "discrepancy", "conform"]


def owed(checks: Iterable[InvoiceCheck]) -> list[Decimal | None]:
    return [check.amount_due for check in checks]


class TestOfOneSellerAndOnce:
    """F1 bills 1 160,00, that is 1 392,00 with its VAT."""

    @pytest.mark.parametrize("told", [{"preceding": ("F1",)}, {}], ids=["by reference", "by amount"])
    @pytest.mark.parametrize(
        "seller", [Party("Qualibat", siren="123456782"), Party("Qualibat")], ids=["its number", "its name"]
    )
    def test_another_seller_gives_nothing_back(self, seller: Party, told: dict[str, Any]) -> None:
        """The numbers of one seller under the name of another, too."""
        bill = fee("F1", seller=Party("OPQIBI", siren="123456782"))
        ours, other = run(bill, back("AV1", "1160.00", seller=seller, **told))
        assert [ours.verdict, other.verdict] == ["conform", "discrepancy"]
        assert ours.series is other.series is None
        assert owed([ours]) == [Decimal("1392.00")]

    def test_a_corrected_invoice_of_another_seller_replaces_nothing(self) -> None:
        other = fee("F2", type_code="384", preceding=("F1",), seller=Party("Qualibat"))
        assert run(fee("F1"), other)[0].series is None

    def test_two_documents_of_another_seller_are_a_series(self) -> None:
        qualibat = Party("Qualibat", siren="123456782")
        found = run(fee("F1", seller=qualibat), back("AV1", "1160.00", seller=qualibat))
        assert owed(found) == [0, 0]
        assert [check.verdict for check in found] == ["discrepancy"] * 2  # neither is to be booked

    @pytest.mark.parametrize("first", [{"preceding": ("F1",)}, {}], ids=["by reference", "by amount"])
    def test_a_second_credit_note_that_names_nothing(self, first: dict[str, Any]) -> None:
        again = back("AV2", "1160.00", "Frais d’instruction")
        found = run(fee("F1"), back("AV1", "1160.00", "Frais d’instruction", **first), again)
        assert [check.verdict for check in found] == ["conform", "conform", "undetermined"]
        assert owed(found[:2]) == [0, 0]
        assert str(found[2].summary) == (
            "Undetermined: F1 is given back already by AV1: which invoice this one gives back is not known."
        )

    def test_a_second_credit_note_that_names_the_invoice(self) -> None:
        notes = [back(number, "1160.00", preceding=("F1",)) for number in ("AV1", "AV2")]
        assert verdicts(fee("F1"), *notes) == ["discrepancy"] * 3

    @pytest.mark.parametrize(
        ("name", "told"),
        [("Avoir", {"preceding": ("F999",)}), ("Annulation de la facture n° F-999", {})],
        ids=["by reference", "in its words"],
    )
    def test_a_credit_note_of_an_invoice_that_is_not_here(self, name: str, told: dict[str, Any]) -> None:
        """It says which one it is about, and that is not F1, whatever its amounts."""
        bill, note = run(fee("F1"), back("AV1", "1160.00", name, **told))
        assert bill.series is note.series is None
        assert owed([bill]) == [Decimal("1392.00")]

    def test_the_day_of_an_invoice_is_no_number(self) -> None:
        assert owed(run(fee("F1"), back("AV1", "1160.00", "Annulation de la facture du 2 mars 2026"))) == [
            0,
            0,
        ]

    def test_as_many_credit_notes_as_invoices(self) -> None:
        """Two invoices of the wrong fee, cancelled one by one; the third note came before either."""
        bills = [fee(number, "1280.00") for number in ("F1", "F2")]
        notes = [back(number, "1280.00") for number in ("AV1", "AV2")]
        early = back("AV0", "1160.00", "Frais d’instruction", issued=date(2026, 1, 5))
        assert verdicts(*bills, *notes, early) == ["conform"] * 5


class TestPartOfIt:
    def test_what_is_left_is_right(self) -> None:
        wrong, credit = run(fee("F1", "1280.00"), back("AV1", "120.00", "Avoir sur facture F1, tarif 2"))
        assert (wrong.verdict, credit.verdict) == ("conform", "conform")
        assert wrong.gap == 0
        assert wrong.amount_due == Decimal("1392.00")  # 1 160,00 and its VAT of 232,00
        assert str(wrong.summary) == (
            "With AV1, 1160.00 € excl. VAT are left of it: they are what is judged."
        )
        assert [row.invoiced for row in wrong.rows] == [Decimal("1280.00"), Decimal("-120.00")]

    def test_what_is_left_is_wrong(self) -> None:
        wrong, credit = run(fee("F1", "1280.00"), back("AV1", "60.00", "Avoir sur facture F1"))
        assert (wrong.verdict, credit.verdict) == ("discrepancy", "discrepancy")
        assert wrong.gap == Decimal("60.00")
        assert str(wrong.summary).startswith("Discrepancy: 60.00 € excl. VAT too much")

    def test_a_right_invoice_of_which_a_part_is_given_back(self) -> None:
        right, _ = run(fee("F1"), back("AV1", "120.00", "Avoir sur facture F1"))
        assert (right.verdict, right.gap) == ("discrepancy", Decimal("-120.00"))

    def test_more_given_back_than_billed(self) -> None:
        found = run(fee("F1"), back("AV1", "1280.00", "Avoir sur facture F1"))
        assert [item.verdict for item in found] == ["discrepancy", "discrepancy"]
        assert "credited_too_much" in [finding.code for finding in found[0].findings]

    def test_totals_alone(self) -> None:
        wrong = totals("1280.00", number="F1", buyer=FIRM)
        note = totals("120.00", number="AV1", type_code="381", preceding=("F1",), buyer=FIRM)
        assert verdicts(wrong, note) == ["conform", "conform"]


class TestACreditNoteAlone:
    def test_cannot_be_judged(self) -> None:
        (alone,) = run(back("AV1", "1280.00"))
        assert (alone.verdict, alone.explanations) == ("undetermined", ())
        assert alone.gap == 0
        assert alone.signed_total == Decimal("-1280.00")

    def test_is_right_where_it_gives_the_price_back(self) -> None:
        assert verdicts(back("AV1", "1160.00", "Frais d’instruction")) == ["conform"]


def test_a_corrected_invoice_takes_the_place_of_the_wrong_one() -> None:
    wrong, right = run(fee("F1", "1280.00"), fee("F2", type_code="384", preceding=("F1",)))
    assert (wrong.verdict, right.verdict) == ("conform", "conform")
    assert wrong.series is not None
    assert wrong.series.replaced
    assert wrong.amount_due == 0


@pytest.mark.parametrize("number", ["1", "2026", "F1"])
def test_a_number_in_other_words_is_not_that_of_an_invoice(number: str) -> None:
    # « tarif 1 », « 2026 » and « F12 » are no numbers of invoices.
    note = back("AV1", "120.00", "Une qualification de trop, tarif 1, année 2026, dossier F12")
    assert [item.series for item in run(fee(number, "1280.00"), note)] == [None, None]


def test_signs_in_every_output() -> None:
    english = Language("en")
    found = run(fee("F1", "1280.00"), back("AV1", "1280.00"), fee("F2", issued=LATER))
    note = found[1]
    assert str(title_of(note)) == "Credit note AV1 of 2026-03-10"
    assert "-€1,280.00" in check_document(note).as_text(english)
    rows = run_document(found).as_csv(english).splitlines()
    assert [("-1,280.00" in row or "-1280.00" in row) for row in rows[1:4]] == [False, True, False]
    shown = note.to_dict()
    assert shown["amount_due"] == "0.00"
    assert shown["comparison"][0]["invoiced"] == "-1280.00"
    assert shown["series"] == {
        "documents": ["F1", "AV1"],
        "balance_excl_vat": "0.00",
        "cancelled": True,
        "replaced": False,
    }
    assert shown["invoice"]["total_excl_vat"] == "1280.00"  # as the document signs it


class TestPartsOfASeries:
    def test_an_invoice_that_is_replaced_and_credited_is_judged_by_its_balance(self) -> None:
        """F1 bills 1 280,00, AV1 gives 120,00 back: 1 160,00 are left, whatever C1 says in its place."""
        wrong = fee("F1", "1280.00")
        note = back("AV1", "120.00", preceding=("F1",))
        corrected = fee("C1", type_code="384", preceding=("F1",), issued=LATER)
        answers = run(wrong, note, corrected)
        assert answers[0].series is not None
        assert (answers[0].series.balance, answers[0].series.replaced) == (Decimal("1160.00"), False)

    def test_the_vat_of_a_document_that_states_it_nowhere(self) -> None:
        # 1 280,00 and 1 536,00 incl. VAT given back whole, the VAT left unsaid on both sides.
        wrong = fee("F1", "1280.00", vat=None)
        note = back("AV1", "1280.00", preceding=("F1",), vat=None)
        assert verdicts(wrong, note) == ["conform", "conform"]
        unsaid = fee("F1", "1280.00", vat=None, total_incl_vat=None)
        unsaid = replace(unsaid, lines=tuple(replace(item, vat_rate=None) for item in unsaid.lines))
        series = run(unsaid, back("AV1", "1280.00", preceding=("F1",)))[
            0
        ].series  # 0,00 and −256,00 of VAT are left: it is not settled
        assert series is not None
        assert not series.cancelled

    def test_totals_alone_less_a_part(self) -> None:
        wrong = totals("1280.00", number="F1", seller=SELLER, buyer=FIRM)
        note = back("AV1", "120.00", preceding=("F1",))
        answer = run(wrong, note)[0]
        assert answer.series is not None
        assert answer.series.balance == Decimal("1160.00")

    def test_an_amount_that_no_line_of_the_invoice_shows(self) -> None:
        # 1 300,00 in its line, 20,00 off the whole, and 120,00 given back: 1 160,00.
        off = Adjustment(Decimal("-20.00"), reason="Remise")
        wrong = fee(
            "F1",
            "1300.00",
            adjustments=(off,),
            allowances=Decimal(20),
            total_excl_vat=Decimal("1280.00"),
            vat=Decimal("256.00"),
            total_incl_vat=Decimal("1536.00"),
        )
        answer = run(wrong, back("AV1", "120.00", preceding=("F1",)))[0]
        assert answer.series is not None
        assert answer.series.balance == Decimal("1160.00")
        bare = replace(wrong, adjustments=(replace(off, reason=None),))
        assert run(bare, back("AV1", "120.00", preceding=("F1",)))[0].series == answer.series

    def test_a_note_whose_lines_do_not_tell_their_amounts(self) -> None:
        note = back("AV1", "120.00", preceding=("F1",))
        silent = replace(note, lines=(replace(note.lines[0], amount=None),))
        answer = run(fee("F1", "1280.00"), silent)[0]
        assert answer.verdicts["price"] == "conform"


class TestLines:
    def test_a_line_of_a_credit_note_is_not_the_one_of_its_number_in_the_invoice(self) -> None:
        """86 + 500 + 6 × 60 + 3 × 120, and 50,00 given back where 60,00 was due: 10,00 too much."""
        detail = (
            line("Dossier postulant", "86.00", "1", "86"),
            line("Frais d’instruction, partie forfaitaire", "500.00", "1", "500", 2),
            line("Frais d’instruction, qualifications au tarif 1", "360.00", "6", "60", 3),
            line("Frais d’instruction, qualifications au tarif 2", "360.00", "3", "120", 4),
        )
        wrong = bill(*detail, number="F1", seller=SELLER, buyer=FIRM)
        of_fees, note = run(wrong, back("AV1", "50.00", preceding=("F1",)))
        assert (of_fees.verdict, note.verdict) == ("discrepancy", "discrepancy")
        errors = [item for item in of_fees.findings if item.severity == "error"]
        assert [(item.code, item.line) for item in errors] == [
            ("line_quantity", "3"),
            ("unexpected_line", "AV1, 1"),
        ]
        letter = " ".join(map(str, dispute_letter(of_fees)))
        assert "Dossier" not in letter
        assert "With AV1, 1256.00 € excl. VAT are left of it: they are what is judged." in letter
        assert dispute_letter(note) == ()  # it is right, and is told of with the invoice

    def test_the_vat_that_rates_alone_tell_counts(self) -> None:
        """Only the rates of lines say the VAT, as in a sheet: 20 % of what is left."""
        bare: dict[str, Any] = {"vat": None, "total_incl_vat": None}
        wrong, credit = run(fee("F1", "1280.00", **bare), back("AV1", "120.00", preceding=("F1",), **bare))
        assert (wrong.verdict, credit.verdict) == ("conform", "conform")
        assert wrong.explanations == ()
        assert wrong.amount_due == Decimal("1392.00")


def unsettled(check: InvoiceCheck) -> list[str]:
    return [str(item.message) for item in check.findings if item.undetermined]


class TestWhatDoesNotAgree:
    """F1 bills 1 280,00 where 1 160,00 is due; AV1 gives 120,00 of it back."""

    def test_at_another_rate_of_vat(self) -> None:
        note = replace(
            bill(line("Avoir", "120.00"), rate="0.00"), number="AV1", type_code="381", issued=LATER
        )
        own, credit = run(fee("F1", "1280.00"), replace(note, buyer=FIRM, preceding=("F1",)))
        assert (own.verdict, credit.verdict) == ("undetermined", "discrepancy")
        assert unsettled(own) == ["AV1 is not in order itself: what is left to pay of F1 is not known."]

    @pytest.mark.parametrize("amount", ["120.00", "1280.00"])
    def test_given_back_before_it_was_billed(self, amount: str) -> None:
        own, credit = run(
            fee("F1", "1280.00"), back("AV1", amount, preceding=("F1",), issued=date(2026, 1, 10))
        )
        assert (own.verdict, credit.verdict) == ("undetermined", "undetermined")
        assert unsettled(own) == [
            "AV1, of 2026-01-10, is said to correct F1, which is of 2026-03-02, after it."
        ]

    @pytest.mark.parametrize(
        ("day", "verdict"), [(date(2026, 3, 2), "conform"), (date(2025, 3, 2), "undetermined")]
    )
    def test_an_invoice_of_that_number_and_of_another_day(self, day: date, verdict: str) -> None:
        """Numbers may begin anew each year (BT-26)."""
        note = back("AV1", "120.00", preceding=("F1",), preceding_days={"F1": day})
        assert verdicts(fee("F1", "1280.00"), note) == [verdict, verdict]

    def test_a_corrected_invoice_older_than_the_one_it_replaces(self) -> None:
        corrected = fee("F2", type_code="384", preceding=("F1",), issued=date(2026, 1, 10))
        assert verdicts(fee("F1", "1280.00"), corrected) == ["undetermined", "undetermined"]


class TestNamed:
    """A right invoice that names another: what is paid of that one is not known, unless it is here."""

    def test_alone_it_is_undetermined(self) -> None:
        for code in ("380", "384"):
            named = fee("F2", type_code=code, preceding=("F1",))
            assert unsettled(run(named)[0]) == [
                "It corrects or completes F1 (BT-25), and deducts nothing as paid: give them to the same check."
            ]
        paid = fee("F2", preceding=("F1",), prepaid=Decimal("392.00"))
        assert verdicts(paid) == ["conform"]

    def test_with_what_cancelled_the_other_it_is_sure(self) -> None:
        named = fee("F2", preceding=("F1",), issued=LATER)
        wrong, note = fee("F1", "1280.00"), back("AV1", "1280.00", preceding=("F1",))
        assert verdicts(wrong, note, named) == ["conform"] * 3
        assert verdicts(wrong, named) == ["discrepancy", "undetermined"]


class TestDeposits:
    """The fee is 1 160,00, 1 392,00 incl. VAT; 30 % of it is 348,00, 417,60 incl. VAT."""

    @staticmethod
    def deposit(**more: Any) -> Invoice:
        return fee("AC1", "348.00", "Acompte de 30 %", type_code="386", **more)

    @staticmethod
    def final(**more: Any) -> Invoice:
        given = {"prepaid": Decimal("417.60"), "issued": LATER, **more}
        return fee("F1", **given)

    @pytest.mark.parametrize("preceding", [("AC1",), ()], ids=["named", "by what is deducted"])
    def test_a_deposit_that_the_final_invoice_deducts(self, preceding: tuple[str, ...]) -> None:
        deposit, final = run(self.deposit(), self.final(preceding=preceding))
        assert (deposit.verdict, final.verdict) == ("conform", "conform")
        assert (deposit.amount_due, final.amount_due) == (Decimal("417.60"), Decimal("974.40"))
        assert str(deposit.summary) == "A deposit on F1, which deducts it: the price is judged there."
        assert deposit.series is not None
        assert deposit.series.replaced  # booked with the final invoice

    def test_alone_it_is_no_fee(self) -> None:
        assert verdicts(self.deposit()) == ["discrepancy"]

    def test_a_final_invoice_that_deducts_less(self) -> None:
        deposit, final = run(self.deposit(), self.final(preceding=("AC1",), prepaid=Decimal("400.00")))
        assert (deposit.verdict, final.verdict) == ("discrepancy", "undetermined")
        assert unsettled(final) == [
            "AC1: 417.60 € of deposits on it are in this run, and it deducts 400.00 € (BT-113)."
        ]

    @pytest.mark.parametrize("preceding", [("AC1",), ()], ids=["named", "by what is deducted"])
    def test_what_was_given_back_is_deducted_no_more(self, preceding: tuple[str, ...]) -> None:
        note = back("AV1", "348.00", preceding=("AC1",))
        deposit, note_check, final = run(self.deposit(), note, self.final(preceding=preceding))
        assert deposit.series is not None
        assert (deposit.series.cancelled, note_check.verdict, final.verdict) == (
            True,
            "conform",
            "undetermined",
        )
        assert unsettled(final) == ["It deducts AC1, which AV1 gives back: one of them is wrong."]

    def test_all_of_it_billed_twice_is_not_conform_twice(self) -> None:
        whole = fee("AC1", type_code="386")
        assert verdicts(whole, self.final(prepaid=None)) == ["conform", "discrepancy"]
        assert verdicts(whole, self.final(prepaid=Decimal("1392.00"))) == ["conform", "conform"]

    def test_the_deposit_of_another_firm_or_of_a_later_day_is_another(self) -> None:
        other = self.deposit(buyer=Party("Autre", siren="552100554"))
        assert verdicts(other, self.final()) == ["discrepancy", "conform"]
        assert verdicts(self.deposit(issued=date(2026, 4, 1)), self.final()) == ["discrepancy", "conform"]

    def test_the_price_of_the_final_invoice_is_that_of_both(self) -> None:
        wrong = fee("F1", "1280.00", prepaid=Decimal("417.60"), issued=LATER, preceding=("AC1",))
        assert verdicts(self.deposit(), wrong) == ["discrepancy", "discrepancy"]

    TAKEN_OFF = (
        line("Frais d’instruction", "1160.00"),
        line("Acompte facture n° AC1 déduit", "-348.00", "1", "-348.00", 2),
    )
    """812,00 are left, 162,40 of VAT, 974,40 incl. VAT."""

    def by_a_line(self, *lines: InvoiceLine, **more: Any) -> Invoice:
        given = {"number": "F1", "seller": SELLER, "buyer": FIRM, "issued": LATER, **more}
        return bill(*(lines or self.TAKEN_OFF), **given)

    @pytest.mark.parametrize("preceding", [("AC1",), ()], ids=["named", "by what is deducted"])
    def test_a_deposit_that_a_line_takes_off(self, preceding: tuple[str, ...]) -> None:
        deposit, final = run(self.deposit(), self.by_a_line(preceding=preceding))
        assert (deposit.verdict, final.verdict) == ("conform", "conform")
        assert (deposit.amount_due, final.amount_due) == (Decimal("417.60"), Decimal("974.40"))
        assert deposit.series is not None
        assert not deposit.series.replaced  # each is booked as it stands: 348,00, then 1 160,00 less 348,00
        assert final.by_fee == {"instruction": Decimal("1160.00")}

    @pytest.mark.parametrize("preceding", [("AC1",), ()])
    @pytest.mark.parametrize(
        "name", ["Acompte facture n° AC1 déduit", "Déduction de l’acompte du 12/01/2026", "Arrhes versées"]
    )
    def test_alone_what_a_line_takes_off_is_open(self, name: str, preceding: tuple[str, ...]) -> None:
        lines = self.TAKEN_OFF[0], replace(self.TAKEN_OFF[1], name=name)
        (final,) = run(self.by_a_line(*lines, preceding=preceding))
        assert (final.verdict, final.verdicts["price"], final.gap) == ("undetermined", "conform", Decimal(0))
        assert unsettled(final) == [
            f"« {name} » takes a deposit of 348.00 € excl. VAT off: give the invoice of it to the same check."
        ]

    def test_the_price_that_a_deposit_is_taken_off_is_judged(self) -> None:
        wrong = line("Frais d’instruction", "1280.00"), self.TAKEN_OFF[1]
        (final,) = run(self.by_a_line(*wrong))
        assert (final.verdict, final.gap) == ("discrepancy", Decimal("120.00"))

    def test_what_is_no_deposit_is_none(self) -> None:
        lines = self.TAKEN_OFF[0], replace(self.TAKEN_OFF[1], name="Remise exceptionnelle")
        assert verdicts(self.by_a_line(*lines)) == ["discrepancy"]
        credit = self.by_a_line(line("Acompte", "-348.00"), type_code="381")
        assert "deposit_alone" not in [item.code for item in judge(credit).findings]


class TestOfSeveral:
    """A file of 86,00, right, and an instruction of 1 280,00, 120,00 too much; a credit note that names both."""

    FILE, WRONG = fee("F1", "86.00", "Dossier postulant"), fee("F2", "1280.00")

    @pytest.mark.parametrize("order", [("F1", "F2"), ("F2", "F1"), ("f1", "F2", "F2")])
    def test_it_corrects_the_one_that_is_right_without_what_it_gives_back(
        self, order: tuple[str, ...]
    ) -> None:
        right, wrong, note = run(self.FILE, self.WRONG, back("AV1", "120.00", preceding=order))
        assert [item.verdict for item in (right, wrong, note)] == ["conform"] * 3
        assert right.series is None
        assert wrong.series is not None
        assert wrong.series.documents == ("F2", "AV1")
        assert wrong.amount_due == Decimal("1392.00")

    def test_named_in_its_words(self) -> None:
        note = back("AV1", "120.00", "Avoir sur factures F1 et F2")
        assert verdicts(self.FILE, self.WRONG, note) == ["conform"] * 3

    def test_it_gives_back_the_whole_of_one(self) -> None:
        note = back("AV1", "1280.00", preceding=("F1", "F2"))
        _, wrong, _ = run(self.FILE, self.WRONG, note)
        assert wrong.series is not None
        assert wrong.series.cancelled

    def test_it_gives_back_all_of_both(self) -> None:
        answers = run(self.FILE, self.WRONG, back("AV1", "1366.00", preceding=("F1", "F2")))
        assert [(item.verdict, item.amount_due) for item in answers] == [("conform", Decimal(0))] * 3
        assert [item.series and item.series.documents for item in answers] == [("F1", "F2", "AV1")] * 3

    def test_nothing_tells_which(self) -> None:
        answers = run(self.FILE, fee("F2"), back("AV1", "50.00", preceding=("F1", "F2")))
        assert [item.verdict for item in answers] == ["undetermined"] * 3
        assert str(answers[0].summary) == (
            "Undetermined: AV1 names F1, F2, and nothing tells which of them it corrects: give all of them to the same "
            "check, or ask the seller."
        )

    def test_two_alike(self) -> None:
        one, two = self.FILE, replace(self.FILE, number="F2")
        assert verdicts(one, two, back("AV1", "86.00", preceding=("F1", "F2")))[0] == "undetermined"

    def test_one_of_them_is_not_here(self) -> None:
        assert verdicts(self.FILE, back("AV1", "86.00", preceding=("F1", "F9"))) == ["undetermined"] * 2

    def test_another_gives_a_part_of_one_back(self) -> None:
        part, both = back("AV1", "120.00", preceding=("F2",)), back("AV2", "1366.00", preceding=("F1", "F2"))
        answers = run(self.FILE, self.WRONG, part, both)
        assert [item.verdict for item in answers][:2] == ["undetermined"] * 2
        assert answers[3].verdict == "undetermined"
