"""The answer as a whole: the contract's keys, the one line, what is refused, and invoices of one run."""

import json
import pickle
import re
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import opqibi_rules as opqibi
from opqibi_rules.errors import AmountError, RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.check import InvoiceCheck
from opqibi_rules.invoice.dispute import dispute_letter
from opqibi_rules.invoice.model import Invoice, InvoiceLine, Party
from opqibi_rules.invoice.parties import Supplier
from opqibi_rules.invoice.reading.page.result import Difference
from opqibi_rules.invoice.run import check_run
from opqibi_rules.paper.language import Language
from opqibi_rules.price.structure import Structure, Turnover
from opqibi_rules.tables.library import Tables
from tests.invoice.bills import NEWER, ON, bill, check_invoice, control, first, line, totals

CODES = Tables().dispute_codes
FIRM = Party("Bureau d’études", siren="434717997")


def test_the_json_of_the_contract() -> None:
    answer = check_invoice(bill(line("Frais d’instruction", "1280.00", "1", "1280")), expected=first())
    content = json.loads(json.dumps(answer.to_dict()))
    assert content["schema_version"] == 1
    assert content["verdict"] == "discrepancy"
    assert content["verdicts"] == {
        "sums": "conform",
        "document": "conform",
        "vat": "conform",
        "price": "discrepancy",
        "parties": "conform",
        "payable": "conform",
    }
    nobody = dict.fromkeys(("name", "siren", "siret", "vat_id", "postcode", "country"))
    assert content["amount_due"] == "1536.00"
    assert content["invoice"] == {
        "number": "F1",
        "date": "2026-03-02",
        "type": None,
        "currency": None,
        "file": None,
        "preceding": [],
        "seller": {**nobody, "name": "OPQIBI"},
        "buyer": nobody,
        "lines": [
            {
                "id": "1",
                "name": "Frais d’instruction",
                "quantity": "1",
                "unit_price": "1280.00",
                "amount": "1280.00",
                "vat_rate": "0.2",
                "kind": "detail",
                **dict.fromkeys(
                    (
                        "description",
                        "vat_category",
                        "price_quantity",
                        "allowances",
                        "charges",
                        "unit",
                        "period",
                    )
                ),
                "remarks": [],
            }
        ],
        "total_excl_vat": "1280.00",
        "vat": "256.00",
        "total_incl_vat": "1536.00",
        "prepaid": None,
        "rounding": None,
        "payable": None,
        "due_date": None,
        "reading": None,
        "page_differs": [],
        "payee": None,
        "ibans": [],
        **dict.fromkeys(("syntax", "profile", "process", "period", "third_party", "advances")),
        **dict.fromkeys(("lines_total", "allowances", "charges")),
        **{
            name: []
            for name in ("means", "remarks", "payee_ids", "account_names", "vat_groups", "adjustments")
        },
        "is_test": False,
        "is_copy": False,
        "preceding_days": {},
    }
    assert content["expected"]["subtotals"]["instruction"] == "1160.00"
    assert content["findings"][0] == {
        "code": "fee_amount",
        "severity": "error",
        "about": "price",
        "line": "1",
        "fee": "instruction",
        "articles": ["II.1", "II.2"],
        "expected": "1160.00",
        "invoiced": "1280.00",
        "difference": "120.00",
        "message": "Instruction fee: 1280.00 € billed, 1160.00 € expected.",
        "values": {
            "fees": [{"fee": {"en": "Instruction fee", "fr": "Frais d’instruction"}}],
            "invoiced": "1280.00",
            "expected": "1160.00",
        },
        "dispute": {
            "code": "PU_ERR",
            "name": "wrong unit price",
            "statuses": [{"code": 206, "name": "partially approved"}, {"code": 207, "name": "disputed"}],
        },
    }
    assert content["explanations"][0] == {
        "cause": "count_off",
        "fee": "instruction",
        "about": "price",
        "effect": "120.00",
        "message": "one qualification at tariff 2 too many",
        "values": {"n": 1, "tariff": 2},
        "confidence": "possible",
        "articles": ["II.2"],
        "changes": [
            {
                "cause": "count_off",
                "fee": "instruction",
                "articles": ["II.2"],
                "effect": "120.00",
                "message": "one qualification at tariff 2 too many",
            }
        ],
    }
    assert content["comparison"] == [
        {
            "label": "Instruction fee",
            "fees": ["instruction"],
            "articles": ["II.1", "II.2"],
            "expected": "1160.00",
            "invoiced": "1280.00",
            "difference": "120.00",
            "lines": ["1"],
        }
    ]


def test_an_invoice_that_says_nothing() -> None:
    content = check_invoice(Invoice(None, None, lines=(InvoiceLine("1"),)), expected=first()).to_dict()
    assert content["verdict"] == "undetermined"
    assert content["invoice"]["date"] is None
    assert content["invoice"]["lines"][0]["quantity"] is None
    assert content["comparison"] == []


def test_one_line_that_tells_two_causes_or_three() -> None:
    # 500 forgotten is also what no count gives: one cause; 60 more, two.
    one = check_invoice(bill(line("Frais d’instruction", "660.00")), expected=first())
    assert str(one.summary) == (
        "Discrepancy: 500.00 € excl. VAT too little: the flat part of 500.00 € forgotten (article II.1)."
        + NEWER
    )
    two = check_invoice(bill(line("Frais d’instruction", "1220.00")), expected=first())
    assert str(two.summary) == (
        "Discrepancy: 60.00 € excl. VAT too much: one qualification at tariff 1 too many, "
        "or one qualification billed at tariff 2 instead of tariff 1." + NEWER
    )


@pytest.mark.parametrize("fees", [["mark"], "instruction", ["instruction", "vat"]])
def test_a_fee_that_is_none_is_refused(fees: Any) -> None:
    with pytest.raises(RequestError, match="dossier, instruction, brand_usage, annual_control"):
        check_invoice(totals("1.00"), expected=first(), fees=fees)


def test_a_tolerance_that_is_no_amount_is_refused() -> None:
    with pytest.raises(AmountError):
        check_invoice(totals("1.00"), expected=first(), tolerance="-1")


def test_a_page_that_says_another_total_than_its_data_is_a_discrepancy() -> None:
    # 1 160,00 is the right instruction fee; what the page of the same file asks for is not.
    said = Difference("total_excl_vat", Decimal("1300.00"), Decimal("1160.00"))
    right = totals("1160.00")
    alone, answer = (
        check_invoice(item, expected=first(), fees=["instruction"])
        for item in (right, replace(right, page_differs=(said,)))
    )
    assert (alone.verdict, answer.verdict) == ("conform", "discrepancy")
    (finding,) = (item for item in answer.findings if item not in alone.findings)
    assert (finding.code, finding.expected, finding.invoiced) == (
        "page_differs",
        Decimal("1300.00"),
        Decimal("1160.00"),
    )
    assert "the page says 1300.00 €, and its data 1160.00 €" in str(finding.message)


def test_the_public_door() -> None:
    due = opqibi.quote(on="2026-03-02", tariffs={1: 5, 2: 3})
    answer = opqibi.check_invoice(opqibi.Invoice("F1", ON, total_excl_vat=Decimal("1160.00")), expected=due)
    assert answer.verdict == "undetermined"
    assert opqibi.turnovers_from_fee(1, on=ON) is None


def run(*bills: Invoice, **quoted: Any) -> list[list[str]]:
    """The findings about the run, invoice by invoice."""
    due = control(**quoted) if quoted else first()

    def judge(item: Invoice) -> InvoiceCheck:
        return check_invoice(item, expected=due)

    answers = check_run([judge(item) for item in bills], CODES, judge)
    return [[f.code for f in item.findings if f.about == "run"] for item in answers]


def fee(number: str | None, amount: str = "1160.00", **changes: Any) -> Invoice:
    given = {"number": number, "seller": Party("OPQIBI"), "buyer": FIRM, **changes}
    return totals(amount, **given)


class TestARun:
    def test_the_same_number_of_the_same_seller(self) -> None:
        twice = fee("F-1", "86.00", buyer=Party())
        assert run(twice, fee("f 1", buyer=Party()), fee("F-2", "500.00", buyer=Party())) == [
            [],
            ["duplicate_invoice"],
            [],
        ]
        assert run(twice, fee("F-1", seller=Party("Other"), buyer=Party())) == [[], []]
        assert run(fee(None, buyer=Party()), fee(None, buyer=Party())) == [[], []]

    @pytest.mark.parametrize(
        ("one", "other", "severity"),
        [
            (Party("OPQIBI", siren="123456782"), Party("OPQIBI"), "error"),
            (Party("OPQIBI"), Party("OPQIBI", vat_id="FR11123456782"), "error"),
            (Party("OPQIBI"), Party("Organisme de Qualification de l'Ingénierie"), "warning"),
            (Party("OPQIBI", siren="123456782"), Party(), "warning"),
            (Party("OPQIBI", siren="123456782"), Party("OPQIBI", siren="404833048"), None),
            (Party("OPQIBI", siren="123456782"), Party("Other"), None),
        ],
    )
    def test_a_number_that_one_document_alone_says_tells_no_two_sellers_apart(
        self, one: Party, other: Party, severity: str | None
    ) -> None:
        """The register and its document: the same number, of a seller whose SIREN one of them leaves out."""

        def judge(item: Invoice) -> InvoiceCheck:
            return check_invoice(item, expected=first())

        first_one, again = check_run(
            [judge(fee("A", seller=one)), judge(fee("a", seller=other))], CODES, judge
        )
        found = [(f.code, f.severity.value) for f in again.findings if f.code == "duplicate_invoice"]
        assert found == ([("duplicate_invoice", severity)] if severity else [])
        assert not [f for f in first_one.findings if f.about == "run"]

    def test_an_invoice_given_twice_is_one_bill_for_the_next(self) -> None:
        assert run(fee("A"), fee("a"), fee("B")) == [[], ["duplicate_invoice"], ["duplicate_fee"]]

    def test_the_same_fee_for_the_same_structure(self) -> None:
        by_siret = Party(siret="434 717 997 00019")
        by_vat = Party(vat_id="FR 12 434717997")
        assert run(fee("A"), fee("B", buyer=by_siret), fee("C", buyer=by_vat)) == [
            [],
            ["duplicate_fee"],
            ["duplicate_fee"],
        ]
        assert run(fee("A"), fee("B", buyer=Party("Other")), fee("C", "86.00")) == [[], [], []]
        assert run(fee("A", buyer=Party(vat_id="DE123")), fee("B", buyer=Party(vat_id="DE123"))) == [
            [],
            ["duplicate_fee"],
        ]

    @pytest.mark.parametrize(
        ("one", "other", "verdict"),
        [
            (FIRM, Party("BE Martin"), "conform"),  # nothing says that they are one, nor that they are two
            (replace(FIRM, name="BE Martin"), Party("BE MARTIN"), "discrepancy"),
            (Party("BE Martin"), replace(FIRM, name="BE Martin"), "discrepancy"),
            (replace(FIRM, name="BE Martin"), Party("BE Martin", siren="732829320"), "conform"),
            (FIRM, Party(), "undetermined"),
            (Party(), FIRM, "undetermined"),
            (Party(), Party(), "undetermined"),
        ],
    )
    def test_the_same_fee_where_a_document_does_not_say_for_whom(
        self, one: Party, other: Party, verdict: str
    ) -> None:
        def judge(item: Invoice) -> InvoiceCheck:
            return check_invoice(item, expected=first())

        checks = [judge(fee("A", buyer=one)), judge(fee("B", buyer=other))]
        assert [item.verdict for item in check_run(checks, CODES, judge)] == ["conform", verdict]

    @pytest.mark.parametrize("buyer", [Party(), Party("BE Martin"), replace(FIRM, name="Martin")])
    def test_the_same_fee_where_all_are_of_one_structure(self, buyer: Party) -> None:
        """A sheet or a page says no SIREN; who asks says whose they are."""
        firm = Structure(name="BE Martin", siren="434717997")

        def judge(item: Invoice) -> InvoiceCheck:
            return check_invoice(item, expected=first(), structure=firm)

        checks = [
            judge(fee("A")),
            judge(fee("B", buyer=buyer)),
            judge(fee("C", buyer=Party("Other", "732829320"))),
        ]
        found = check_run(checks, CODES, judge)
        assert [[f.code for f in item.findings if f.about == "run"] for item in found] == [
            [],
            ["duplicate_fee"],
            [],
        ]

    def test_a_fee_of_four_years_comes_back_after_them(self) -> None:
        later = fee("B", issued=date(2030, 2, 1))
        soon = fee("C", issued=date(2028, 2, 1))
        assert run(fee("A"), later) == [[], []]
        assert run(fee("A"), soon) == [[], ["duplicate_fee"]]
        assert run(fee("A"), fee("B", issued=None)) == [[], ["duplicate_fee"]]

    def test_a_control_comes_back_every_year(self) -> None:
        def control_of(number: str, day: date) -> Invoice:
            return fee(number, "367.50", issued=day)

        quoted = {"tariffs": {1: 2, 4: 1}}
        assert run(control_of("A", ON), control_of("B", date(2027, 3, 2)), **quoted) == [[], []]
        assert run(control_of("A", ON), control_of("B", date(2026, 6, 2)), **quoted) == [
            [],
            ["duplicate_fee"],
        ]

    def test_a_control_within_a_year_may_be_a_late_one_and_the_next(self) -> None:
        """Two in a year, six months apart or more; three in twelve months, each of them with the one before."""
        due = control(tariffs={1: 2, 4: 1})
        days = [date(2026, 3, 2), date(2026, 9, 1), date(2027, 3, 2)]
        bills = [fee(f"K{day}", "367.50", issued=day) for day in days]
        answers = check_run(
            [check_invoice(item, expected=due) for item in bills],
            CODES,
            lambda item: check_invoice(item, expected=due),
        )
        assert [item.verdict for item in answers] == ["conform", "undetermined", "undetermined"]
        (finding,) = (item for item in answers[1].findings if item.about == "run")
        assert (finding.code, finding.severity) == ("duplicate_fee", "warning")
        assert str(finding.message).endswith(
            "It is due once a year: nothing tells whether the first of the two came late."
        )

    def test_a_credit_note_makes_room(self) -> None:
        back = fee("N", type_code="381")
        assert run(fee("A"), replace(back, seller=Party("Qualibat")), fee("B")) == [[], [], ["duplicate_fee"]]
        assert run(fee("A"), back, fee("B")) == [[], [], []]
        minus = fee("N", "-1160.00")
        assert run(fee("A"), minus, fee("B")) == [[], [], []]

    def test_a_verdict_counts_the_run(self) -> None:
        checks = [check_invoice(fee(number), expected=first()) for number in ("A", "B")]
        answers = check_run(checks, CODES, lambda bill: check_invoice(bill, expected=first()))
        assert [item.verdict for item in answers] == ["conform", "discrepancy"]
        assert str(answers[1].summary) == (
            "Discrepancy: Instruction fee: the same amount was billed to the same structure by invoice A (—)."
        )


def letter(answer: InvoiceCheck, language: str = "en") -> str:
    return "\n".join(Language(language).letter(dispute_letter(answer)))


class TestTheLetter:
    def test_nothing_to_dispute(self) -> None:
        assert dispute_letter(check_invoice(totals("1160.00"), expected=first())) == ()

    def test_one_cause(self) -> None:
        lines = (
            line("Frais d’instruction, tarif 1", "300.00", "5", "60"),
            line("Frais d’instruction, tarif 2", "360.00", "3", "120", 2),
        )
        answer = check_invoice(bill(*lines), expected=first())
        text = letter(answer)
        assert "Subject: your invoice F1 of 2 March 2026" in text
        assert "accounted for, to the cent, by this: the flat part of €500 forgotten (article II.1)." in text
        # 1 160,00 × 1,2 = 1 392,00; 660,00 × 1,2 = 792,00.
        assert (
            "we expect €1,160 excl. VAT, that is €1,392 incl. VAT; it states €660 excl. VAT and €792 incl."
            in text
        )
        assert "PU_ERR, wrong unit price; status: 206 partially approved, 207 disputed." in text

    def test_of_several_causes_none_is_told(self) -> None:
        answer = check_invoice(bill(line("Frais d’instruction", "1280.00")), expected=first())
        assert len(answer.explanations) > 1
        text = letter(answer)
        assert "Instruction fee: €1,280 billed, €1,160 expected." in text
        assert "tariff 2" not in text
        assert "accounted for" not in text

    def test_a_cause_of_the_vat_is_none_of_the_price(self) -> None:
        """A flat part twice and one qualification more, at 20 % in Réunion: only the rate is accounted for."""
        lines = (
            line("Frais d'instruction - part fixe", "500.00", "1", "500"),
            line("Frais d'instruction - part fixe", "500.00", "1", "500", 2),
            line("Qualifications tarif 1", "300.00", "5", "60", 3),
            line("Qualifications tarif 2", "480.00", "4", "120", 4),
        )
        invoice = bill(*lines, buyer=Party("BE", postcode="97400", country="FR"))
        text = letter(check_invoice(invoice, expected=first()))
        # 1 780,00 × 20 % − 1 780,00 × 8,5 % = 356,00 − 151,30.
        assert "The difference of €204.70 of VAT is accounted for, to the cent, by this: VAT at 20%" in text
        assert "excl. VAT is accounted for" not in text
        # 1 160,00 × 1,085 = 1 258,60.
        assert (
            "€1,160 excl. VAT, that is €1,258.60 incl. VAT; it states €1,780 excl. VAT and €2,136 incl."
            in text
        )

    def test_two_errors_are_both_told_and_neither_for_the_other(self) -> None:
        lines = (line("Dossier postulant", "172.00"), line("Frais d'instruction", "2320.00", number=2))
        text = letter(check_invoice(bill(*lines), expected=first()))
        assert (
            "the difference of €86 excl. VAT is accounted for, to the cent, by this: billed twice: Appl"
            in text
        )
        assert (
            "the difference of €1,160 excl. VAT is accounted for, to the cent, by this: billed twice: Inst"
            in text
        )
        assert "; or " not in text

    def test_an_old_schedule_may_have_been_replaced(self) -> None:
        """The schedule is of 08/02/2024: a year later at most, it is disputed; then, it is asked about."""
        for day, old in ((date(2025, 2, 8), False), (date(2025, 2, 9), True)):
            invoice = bill(line("Frais d’instruction", "660.00"), issued=day)
            answer = check_invoice(invoice, expected=first(on=day))
            text = letter(answer)
            assert ("cannot approve" in text) is not old
            assert (
                "fee schedule of 8 February 2024, the latest that we know. Unless a newer one" in text
            ) is old
            assert ("Please tell us which schedule was applied" in text) is old
            assert str(answer.summary).endswith(NEWER) is old
            assert answer.verdict == "discrepancy"

    def test_what_no_schedule_mends_is_disputed_all_the_same(self) -> None:
        invoice = bill(line("Frais d’instruction", "660.00"), seller=Party("Qualibat"))
        text = letter(check_invoice(invoice, expected=first()))
        assert text.index("cannot approve this document") < text.index("The seller is Qualibat")
        assert text.index("Unless a newer one applies") < text.index("€660 billed")

    def test_a_credit_note_and_its_day_in_full(self) -> None:
        wrong = bill(line("Frais d’instruction", "1160.00"), rate="0.1", type_code="381")
        answer = check_invoice(wrong, expected=first())
        assert letter(answer).startswith("Subject: your credit note F1 of 2 March 2026")
        assert Language("fr").day(ON, in_full=True) == "2 mars 2026"
        assert Language("fr").day(date(2024, 2, 1), in_full=True) == "1er février 2024"

    def test_vat_alone_and_no_number(self) -> None:
        invoice = bill(line("Contrôle annuel", "367.50"), rate="0", number=None, issued=None)
        text = letter(check_invoice(invoice, expected=control()))
        assert text.startswith("Subject: your invoice (no number)\n")
        # 367,50 × 1,2 = 441,00.
        assert (
            "we expect €367.50 excl. VAT, that is €441 incl. VAT; it states €367.50 excl. VAT and €367.50"
            in text
        )
        assert "TX_TVA_ERR" in text

    def test_no_sum_is_told_where_nothing_is_known_of_it(self) -> None:
        """Without the turnover, nobody knows what was expected in all; without any total, what is billed."""
        for invoice, asked in (
            (bill(line("Utilisation de la marque", "660.00"), seller=Party("Qualibat")), {"turnover": None}),
            (totals("660.00", total_excl_vat=None, vat=None, seller=Party("Qualibat")), {}),
        ):
            text = letter(check_invoice(invoice, expected=first(**asked)))
            assert "The seller is Qualibat" in text
            assert "we expect" not in text

    def test_a_total_excl_vat_alone(self) -> None:
        alone = {"vat": None, "total_incl_vat": None}
        rated = bill(line("Frais d’instruction", "660.00"), rate="0.2", **alone)
        unrated = replace(rated, lines=tuple(replace(item, vat_rate=None) for item in rated.lines))
        assert (
            "we expect €1,160 excl. VAT, that is €1,392 incl. VAT; it comes to €660 excl. VAT and €792 incl. VAT."
            in letter(check_invoice(rated, expected=first()))
        )
        assert "we expect €1,160 excl. VAT, that is €1,392 incl. VAT, and not €660 excl. VAT." in letter(
            check_invoice(unrated, expected=first())
        )

    def test_a_wrong_rate_on_lines_alone(self) -> None:
        """No total is stated: 1 160,00 at 10 % comes to 1 276,00, and 1 392,00 is due; 116,00 too little."""
        unsaid = {"total_excl_vat": None, "vat": None, "total_incl_vat": None}
        text = letter(
            check_invoice(
                bill(line("Frais d’instruction", "1160.00"), rate="0.1", **unsaid), expected=first()
            )
        )
        assert (
            "we expect €1,160 excl. VAT, that is €1,392 incl. VAT; it comes to €1,160 excl. VAT and €1,276 incl."
            in text
        )
        assert "The difference of €116 of VAT is accounted for" in text

    def test_no_file_of_ours_and_no_advice_to_who_pays(self) -> None:
        known = Supplier(name="OPQIBI", ibans=("FR7630006000011234567890189",))
        asked, other = line("Frais d’instruction", "1160.00"), "FR1420041010050500013M02606"
        bills = [
            bill(asked, number="F1", file="/home/me/inbox/a.xml"),
            bill(asked, number="F2", file="/home/me/inbox/b.xml"),
            bill(asked, number="F1", file="/home/me/inbox/c.xml", ibans=(other,)),
        ]

        def check(invoice: Invoice) -> InvoiceCheck:
            return check_invoice(invoice, expected=first(), structure=Structure(name="BE"), supplier=known)

        bills = [replace(each, buyer=Party("BE")) for each in bills]
        _, again, moved = map(letter, check_run(list(map(check, bills)), CODES, check))
        assert "Instruction fee: the same amount was billed to the same structure by invoice F1." in again
        assert "We have received your invoice F1 already." in moved
        assert f"the account {other}, which the invoices accepted before do not show." in moved
        assert "AUTRE, other reason (a note is needed); status" in moved
        for text in (again, moved):
            assert not re.search("inbox|FR76|a way that you know", text)

    def test_sums_that_are_right_are_not_told(self) -> None:
        """The seller is another: nothing is said of sums that nobody disputes."""
        invoice = bill(line("Frais d’instruction", "1160.00"), seller=Party("Qualibat"))
        assert "we expect" not in letter(check_invoice(invoice, expected=first()))

    def test_its_quotation_marks_are_those_of_its_language(self) -> None:
        """On 3 000 000, the turnover of the year before: 200,00 + 357,50 + 1 100,00."""
        firm = Structure(
            turnovers=(Turnover(2024, Decimal(3000000)), Turnover(2025, Decimal(2400000), Decimal(90000)))
        )
        invoice = bill(line("Utilisation de la marque", "1657.50"))
        answer = check_invoice(invoice, expected=first(), structure=firm)
        assert "the turnover taken is “ingénierie”, year 2024: €3,000,000" in letter(answer)
        assert "« ingénierie »" in str([str(item) for item in dispute_letter(answer)])
        assert "“" not in letter(answer, "fr")

    def test_an_unexplained_gap(self) -> None:
        text = letter(check_invoice(bill(line("Frais d’instruction", "0.07")), expected=first()))
        assert "accounted for" not in text
        assert "may come" not in text


@pytest.mark.parametrize(
    "answer",
    [
        check_invoice(bill(line("Frais d’instruction", "1280.00")), expected=first()),
        check_invoice(totals("2842.50"), expected=control(new_tariffs={5: 2})),
        check_invoice(bill(line("Utilisation de la marque", "1657.50")), expected=first(turnover=None)),
    ],
    ids=["one fee", "a control", "no turnover"],
)
def test_an_answer_is_a_value(answer: InvoiceCheck) -> None:
    for copy in (pickle.loads(pickle.dumps(answer)), deepcopy(answer)):
        assert copy == answer
        assert hash(copy) == hash(answer)
        assert copy.to_dict() == answer.to_dict()
    assert len({answer, deepcopy(answer)}) == 1
    with pytest.raises(AttributeError):
        answer.findings = ()  # type: ignore[misc] # it cannot be changed
    for explanation in answer.explanations:
        for change in explanation.changes:
            with pytest.raises(TypeError):
                change.moves.clear()


def test_a_turnover_that_the_schedule_does_not_know_explains_nothing() -> None:
    years = (Turnover(2025, Decimal(100_000), others=FrozenDict(france=Decimal(5))),)
    answer = check_invoice(totals("1.00"), expected=first(), structure=Structure(turnovers=years))
    assert answer.verdict == "discrepancy"


def test_an_invoice_as_json() -> None:
    written = totals("1160.00").to_dict()
    assert (written["total_excl_vat"], written["total_incl_vat"]) == ("1160.00", "1392.00")
