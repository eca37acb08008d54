"""The VAT of the customer's territory, as the document states it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from opqibi_rules.invoice.dispute import dispute_letter
from opqibi_rules.invoice.model import Adjustment, Invoice, InvoiceLine, Party, VatGroup
from opqibi_rules.invoice.papers.invoice_document import check_document
from opqibi_rules.paper.language import Language
from opqibi_rules.price.structure import Structure
from tests.invoice.bills import bill, check_invoice, codes, control, first, line, told, totals

REUNION = Party("Bureau d’études", postcode="97 410", country="FR")
FEE = line("Contrôle annuel", "367.50")


def test_twenty_percent_to_a_reunion_customer() -> None:
    answer = check_invoice(bill(FEE, buyer=REUNION), expected=control())
    assert [name for name, verdict in answer.verdicts.items() if verdict != "conform"] == ["vat"]
    (finding,) = (item for item in answer.findings if item.code == "vat_rate")
    # 367,50 × 8,5 % = 31,2375.
    assert (finding.expected, finding.invoiced) == (Decimal("31.24"), Decimal("73.50"))
    assert finding.dispute is not None
    assert finding.dispute.code == "TX_TVA_ERR"
    assert told(answer) == ["VAT at 20 %, the rate of another territory (mainland France), instead of 8.5 %"]
    assert answer.expected.vat == Decimal("31.24")
    assert str(answer.summary).startswith("Discrepancy: VAT is billed at 20 % instead of 8.5 % (Réunion;")


def test_the_right_rate_to_a_reunion_customer() -> None:
    answer = check_invoice(bill(FEE, rate="0.085", buyer=REUNION), expected=control())
    assert answer.verdict == "conform"
    assert [str(note) for note in answer.expected.notes[-1:]] == [
        "VAT of the buyer's territory, as the document states it: Réunion."
    ]
    assert answer.expected.notes[:-1] == control().notes
    assert answer.expected.total_incl_vat == D("398.74")  # 367,50 + 31,24


@pytest.mark.parametrize(
    ("buyer", "rate", "verdict"),
    [
        (Party(country="DE", vat_id="DE136695976"), "0", "conform"),
        (Party(country="GR", vat_id="EL094014201"), "0", "conform"),
        (Party(country="ES", postcode="28035", vat_id="ESB12345674"), "0", "conform"),
        (Party(country="DE", postcode="20095"), "0.20", "discrepancy"),
        (Party(country="GF"), "0", "conform"),
        (Party(country="FR", postcode="75011"), "0.20", "conform"),
        (Party(country="FR"), "0.20", "conform"),  # no place told: mainland France, as the quote says
        (Party(country="FR"), "0", "discrepancy"),
        (Party(postcode="97600"), "0", "conform"),
    ],
)
def test_the_buyer_s_address_tells_the_territory(buyer: Party, rate: str, verdict: str) -> None:
    assert check_invoice(bill(FEE, rate=rate, buyer=buyer), expected=control()).verdict == verdict


class TestAPlaceOfNoKnownRate:
    """Whatever is billed there is neither right nor wrong, and no mainland rate stands in for the one due."""

    @pytest.mark.parametrize("rate", ["0.20", "0.085", "0.055", "0"])
    @pytest.mark.parametrize("alone", [False, True])
    @pytest.mark.parametrize(
        ("country", "postcode", "named"),
        [
            ("CH", None, "(CH)"),
            ("US", "97410", "(US 97410)"),
            ("XX", None, "(XX)"),
            ("FR", "7501", "(FR 7501)"),
            ("RE", "75011", "(RE 75011)"),
            ("FR", "97500", "Saint Pierre and Miquelon"),
            ("FR", "97133", "Saint Barthélemy"),
            (None, "97150", "Saint Martin"),
            ("NC", None, "New Caledonia"),
            ("ES", "35001", "Canary Islands"),
            ("IT", "IT-23041", "Livigno"),
        ],
    )
    def test_whatever_is_billed(
        self, country: str | None, postcode: str | None, named: str, rate: str, alone: bool
    ) -> None:
        buyer = Party("Bureau", country=country, postcode=postcode)
        invoice = totals("367.50", rate, buyer=buyer) if alone else bill(FEE, rate=rate, buyer=buyer)
        for asked in ({}, {"vat": "eu"}, {"vat": "20 %"}, {"vat": "0 %"}):
            answer = check_invoice(invoice, expected=control(**asked))
            assert [name for name, said in answer.verdicts.items() if said != "conform"] == ["vat"]
            (finding,) = (item for item in answer.findings if item.about == "vat")
            assert (finding.code, finding.undetermined) == ("territory_unknown", True)
            assert named in str(finding.message)
            assert answer.explanations == ()

    def test_on_a_day_before_any_rate(self) -> None:
        old = date(1990, 1, 1)
        answer = check_invoice(bill(FEE, buyer=REUNION, issued=old), expected=control(), dated=True)
        assert codes(answer, "warning") == ["territory_unknown"]
        assert "for Réunion on 1990-01-01" in str(answer.findings[0].message)

    def test_what_is_wrong_in_itself_is_said_all_the_same(self) -> None:
        # 20 % of 367,50 is 73,50, and 83,50 is billed.
        wrong = bill(FEE, vat=D("83.50"), total_incl_vat=D("451.00"), buyer=Party(country="CH"))
        group = (VatGroup(D("0.2"), D("367.50"), D("83.50")),)
        assert codes(check_invoice(replace(wrong, vat_groups=group), expected=control())) == ["vat_amount"]

    def test_no_total_with_vat_is_expected_there(self) -> None:
        """The price is 367,50, and 467,50 is billed: the letter and the table say no more than that."""
        dear = bill(line("Contrôle annuel", "467.50"), buyer=Party(country="CH"))
        answer = check_invoice(dear, expected=control())
        home = check_invoice(replace(dear, buyer=Party()), expected=control())
        for check, taxed in ((answer, False), (home, True)):  # 367,50 and its 20 %: 441,00
            letter = " ".join(map(str, dispute_letter(check)))
            assert ("we expect 367.50 € excl. VAT, and not 467.50 € excl. VAT." in letter) is not taxed
            assert ("441.00" in letter) is taxed
            assert ("441.00" in check_document(check).as_text(Language("en"))) is taxed

    def test_nothing_is_expected_instead_of_a_right_price(self) -> None:
        """The VAT alone is wrong in itself: the letter sets no total beside it."""
        wrong = bill(FEE, vat=D("83.50"), total_incl_vat=D("451.00"), buyer=Party(country="CH"))
        answer = check_invoice(replace(wrong, total_incl_vat=D("999.00")), expected=control())
        assert "we expect" not in " ".join(map(str, dispute_letter(answer)))


class TestAnAddressThatContradictsWhatWasAsked:
    """Lyon, Réunion or Germany on the document; another territory, or another rate, with the quote."""

    @pytest.mark.parametrize("rate", ["0.20", "0.085", "0", "0.055"])
    @pytest.mark.parametrize(
        ("buyer", "asked", "said"),
        [
            (
                Party(country="DE"),
                "reunion",
                "The document places the buyer elsewhere (customer in another EU member state) than the quote "
                "(Réunion).",
            ),
            (
                Party(postcode="69003", country="FR"),
                "reunion",
                "The document places the buyer elsewhere (mainland France) than the quote (Réunion).",
            ),
            (
                REUNION,
                "20 %",
                "The document places the buyer where VAT is 8.5 % (Réunion); 20 % was asked for.",
            ),
        ],
    )
    def test_is_never_settled(self, buyer: Party, asked: str, said: str, rate: str) -> None:
        answer = check_invoice(bill(FEE, rate=rate, buyer=buyer), expected=control(vat=asked))
        assert (answer.verdict, answer.verdicts["vat"]) == ("undetermined", "undetermined")
        (finding,) = (item for item in answer.findings if item.about == "vat")
        assert (finding.code, finding.severity) == ("territory_differs", "warning")
        assert str(finding.message) == said
        assert answer.explanations == ()

    def test_a_structure_says_where_it_is(self) -> None:
        """Its own file, and no quote's default: 8,5 % to an address of La Réunion is 42,26 € less than 20 %."""
        reunion = bill(FEE, rate="0.085", buyer=REUNION)
        for territory, verdict in (
            ("metropolitan", "undetermined"),
            (None, "conform"),
            ("reunion", "conform"),
        ):
            structure = Structure("435054481", "BE Martin", territory, (), ())
            answer = check_invoice(reunion, expected=control(structure=structure))
            assert answer.verdicts["vat"] == verdict, territory

    def test_mainland_is_what_a_quote_takes_where_nothing_is_said(self) -> None:
        answer = check_invoice(bill(FEE, rate="0.085", buyer=REUNION), expected=control(vat="metropolitan"))
        assert answer.verdict == "conform"

    def test_mainland_said_outright_counts_as_any_other_place(self) -> None:
        """It counted as not said; a quote cannot tell it, for its own `request` always names mainland France."""
        due = control(vat="metropolitan")
        assert due == control()
        answer = check_invoice(bill(FEE, rate="0.085", buyer=REUNION), expected=due, vat_stated=True)
        assert (answer.verdict, answer.verdicts["vat"]) == ("undetermined", "undetermined")
        assert "elsewhere (Réunion) than the quote (mainland France)" in str(answer.summary)
        lyon = Party(postcode="69003", country="FR")
        right = check_invoice(bill(FEE, buyer=lyon), expected=due, vat_stated=True)
        assert right.verdict == "conform"
        unsaid = check_invoice(bill(FEE), expected=due, vat_stated=True)  # the document has no address
        assert unsaid.verdict == "conform"

    def test_a_rate_that_is_that_of_the_place(self) -> None:
        asked = control(vat="8.5 %")
        assert check_invoice(bill(FEE, rate="0.085", buyer=REUNION), expected=asked).verdict == "conform"
        answer = check_invoice(bill(FEE, buyer=REUNION), expected=asked)
        assert codes(answer) == ["vat_rate"]

    def test_without_an_address_a_rate_given_outright_stands(self) -> None:
        assert check_invoice(bill(FEE, rate="0.10"), expected=control(vat="10 %")).verdict == "conform"
        wrong = check_invoice(bill(FEE, vat=None), expected=control(vat="10 %"))
        assert [str(item.message) for item in wrong.findings if item.code == "vat_rate"] == [
            "VAT is billed at 20 % instead of 10 %."
        ]


def test_each_group_has_the_rate_of_the_territory() -> None:
    groups = (
        VatGroup(Decimal("0.2"), Decimal("300.00"), Decimal("60.00")),
        VatGroup(Decimal("0"), Decimal("67.50"), Decimal("0.00")),
        VatGroup(Decimal("0.055"), Decimal("0.00"), Decimal("0.00")),
    )
    lines = (
        line("Contrôle annuel", "300.00"),
        replace(line("Contrôle annuel, suite", "67.50"), vat_rate=Decimal(0)),
    )
    whole = bill(FEE, vat=Decimal("60.00"), total_incl_vat=None, vat_groups=groups)
    answer = check_invoice(replace(whole, lines=lines), expected=control())
    (finding,) = (item for item in answer.findings if item.severity == "error")
    assert (finding.code, finding.expected, finding.invoiced) == (
        "vat_rate",
        Decimal("13.50"),
        Decimal("0.00"),
    )


def test_rates_on_the_lines_serve_where_no_amount_is_written() -> None:
    answer = check_invoice(bill(FEE, rate="0.055", vat=None, total_incl_vat=None), expected=control())
    (finding,) = (item for item in answer.findings if item.severity == "error")
    assert (finding.code, finding.invoiced) == ("vat_rate", Decimal("20.21"))
    right = check_invoice(bill(FEE, vat=None, total_incl_vat=None), expected=control())
    assert right.verdict == "conform"


def test_without_any_vat_the_answer_is_undetermined() -> None:
    answer = check_invoice(totals("367.50", vat=None, total_incl_vat=None), expected=control())
    assert answer.verdict == "undetermined"
    assert str(answer.summary) == "Undetermined: The document shows no VAT: neither an amount nor a rate."


def test_no_vat_billed_where_some_is_due() -> None:
    answer = check_invoice(bill(FEE, rate="0"), expected=control())
    assert codes(answer) == ["vat_rate"]
    assert told(answer) == ["no VAT billed, where 20 % is due"]


def test_vat_rounded_on_each_line() -> None:
    # 125,00 + 15,00 + 212,50 at 8,5 %: 10,63 + 1,28 + 18,06 = 29,97; on the sum, 29,96.
    lines = (
        line("Contrôle annuel, forfait", "125.00"),
        line("tarif 1", "15.00", "1", "15", number=2),
        line("tarif 4", "212.50", "1", "212.50", number=3),
    )
    whole = {"vat": Decimal("29.97"), "total_incl_vat": Decimal("382.47")}
    invoice = bill(*lines, rate="0.085", buyer=REUNION, **whole)
    answer = check_invoice(invoice, expected=control(tariffs={1: 1, 4: 1}))
    assert answer.verdict == "conform"
    assert codes(answer, "info") == ["vat_rounding"]
    assert told(answer) == ["VAT rounded on each line instead of once on their sum"]


@pytest.mark.parametrize(
    ("vat", "words"),
    [
        # 352,50 × 8,5 % = 29,9625.
        ("30.00", ["VAT rounded to the euro"]),
        ("29.90", []),
        ("29.95", []),
    ],
)
def test_other_roundings_of_vat(vat: str, words: list[str]) -> None:
    invoice = totals("352.50", vat=Decimal(vat), total_incl_vat=None, buyer=REUNION)
    answer = check_invoice(invoice, expected=control(tariffs={1: 1, 4: 1}))
    assert told(answer) == words


def test_halves_of_a_cent() -> None:
    # 125 + 28 + 30 = 183,00 at 8,5 % is 15,555: half up 15,56, to the even cent 15,56, down 15,55.
    invoice = totals("183.00", vat=Decimal("15.55"), total_incl_vat=None, buyer=REUNION)
    answer = check_invoice(invoice, expected=control(tariffs={1: 2, 5: 1}))
    assert told(answer) == ["VAT rounded down to the cent"]


def test_nothing_to_explain_without_amounts() -> None:
    lines = (InvoiceLine("1", "Contrôle annuel", vat_rate=Decimal("0.2")),)
    answer = check_invoice(
        bill(*lines, total_excl_vat=None, vat=None, total_incl_vat=None), expected=control()
    )
    assert answer.verdict == "undetermined"
    assert answer.explanations == ()


def test_a_first_application_with_the_buyer_s_vat_in_the_quote() -> None:
    answer = check_invoice(totals("2603.50", rate="0.085", buyer=REUNION), expected=first())
    assert answer.verdict == "conform"
    assert answer.expected.total_incl_vat == Decimal("2603.50") + Decimal("221.30")


D = Decimal
GROUP = VatGroup(D("0.2"), D("367.50"), D("73.50"), "S")
# A control of 367,50; VAT at 20 % 73,50; in all 441,00.
ITEM = replace(line("Contrôle annuel", "367.50"), vat_category="S")


def grouped(*groups: VatGroup, **changes: Any) -> Invoice:
    whole = bill(FEE, syntax="cii", vat_groups=groups, currency="EUR")
    return replace(whole, **{"lines": (ITEM,), **changes})


def of_vat(invoice: Invoice, **asked: Any) -> list[tuple[str, str]]:
    answer = check_invoice(invoice, expected=control(**asked))
    return [(item.code, str(item.severity)) for item in answer.findings if item.about == "vat"]


class TestWhateverOfTheGroupsIsMissing:
    def test_nothing(self) -> None:
        assert of_vat(grouped(GROUP)) == []
        assert check_invoice(grouped(GROUP), expected=control()).verdict == "conform"

    @pytest.mark.parametrize("lacking", ["rate", "taxable", "amount", "category"])
    def test_one_figure_of_a_right_group(self, lacking: str) -> None:
        assert of_vat(grouped(replace(GROUP, **{lacking: None}))) == []

    @pytest.mark.parametrize("lacking", ["rate", "taxable", "amount", "category"])
    def test_one_figure_of_a_wrong_group(self, lacking: str) -> None:
        more = {"vat": D("93.50"), "total_incl_vat": D("461.00")}
        group = replace(replace(GROUP, amount=D("93.50")), **{lacking: None})
        assert of_vat(grouped(group, **more)) == [("vat_amount", "error")]

    def test_the_total_of_vat(self) -> None:
        assert of_vat(grouped(GROUP, vat=None)) == [("vat_derived", "info")]
        answer = check_invoice(grouped(GROUP, vat=None, total_incl_vat=D("541.00")), expected=control())
        assert codes(answer) == ["total_incl_vat"]

    def test_the_total_of_vat_and_the_group_s(self) -> None:
        lacking = replace(GROUP, amount=None)
        assert of_vat(grouped(lacking, vat=None)) == [("vat_derived", "info")]
        assert of_vat(grouped(lacking, vat=None, total_incl_vat=D("541.00"))) == [
            ("vat_amount", "error"),
            ("vat_derived", "info"),
        ]

    def test_the_groups_themselves(self) -> None:
        assert of_vat(grouped()) == []
        assert of_vat(grouped(vat=D("93.50"), total_incl_vat=D("461.00"))) == [("vat_amount", "error")]

    def test_the_groups_and_the_lines(self) -> None:
        assert of_vat(grouped(lines=())) == []
        assert of_vat(grouped(lines=(), vat=D("0.00"), total_incl_vat=D("367.50"))) == [("vat_rate", "error")]
        assert of_vat(grouped(lines=(), vat=None)) == [("vat_derived", "info")]
        assert of_vat(grouped(lines=(), vat=None, total_incl_vat=D("441.02"))) == [
            ("vat_rate", "error"),
            ("vat_derived", "info"),
        ]

    def test_what_a_derived_vat_says(self) -> None:
        answer = check_invoice(totals("367.50", vat=None), expected=control())
        (finding,) = (item for item in answer.findings if item.code == "vat_derived")
        assert answer.verdict == "conform"
        assert (
            str(finding.message)
            == "The document states no total VAT; 73.50 € follows from its other figures."
        )
        assert finding.expected == D("73.50")

    def test_too_little_to_tell(self) -> None:
        half = replace(ITEM, amount=D("300.00"))
        rest = replace(ITEM, amount=D("67.50"), vat_rate=None, vat_category=None)
        lacking = grouped(lines=(half, rest), vat=None, total_incl_vat=None)
        answer = check_invoice(lacking, expected=control())
        (finding,) = (item for item in answer.findings if item.code == "vat_missing")
        assert str(finding.message) == "The VAT cannot be checked: not all that it is computed on is known."
        assert answer.verdicts["vat"] == "undetermined"
        assert of_vat(totals("367.50", vat=None, total_incl_vat=None)) == [("vat_missing", "warning")]
        assert of_vat(totals("1.00", total_excl_vat=None, total_incl_vat=None)) == [
            ("vat_missing", "warning")
        ]


class TestTheBaseOfAGroup:
    """BR-S-08 and its like: the lines, allowances and charges of its category and rate."""

    def test_lines_of_another_rate(self) -> None:
        answer = check_invoice(
            grouped(GROUP, lines=(replace(ITEM, vat_rate=D("0.055")),)), expected=control()
        )
        assert answer.verdict == "discrepancy"
        assert [str(item.message) for item in answer.findings if item.code == "vat_base"] == [
            "VAT at 20 % is computed on 367.50 €; the lines, charges and allowances that bear it come to 0 € (BT-116).",
            "VAT at 5.5 % is computed on 0 €; the lines, charges and allowances that bear it come to 367.50 € (BT-116).",
        ]

    def test_lines_of_another_category(self) -> None:
        assert of_vat(grouped(GROUP, lines=(replace(ITEM, vat_category="L"),))) == [
            *[("vat_base", "error")] * 2,
            ("vat_category", "warning"),  # a tax of the Canary Islands
        ]
        assert of_vat(grouped(GROUP, lines=(replace(ITEM, vat_category=None),))) == []

    def test_two_rates_the_wrong_way_round(self) -> None:
        lines = (
            replace(ITEM, amount=D("300.00")),
            replace(ITEM, amount=D("67.50"), vat_rate=D("0.1")),
        )
        right = (
            VatGroup(D("0.2"), D("300.00"), D("60.00"), "S"),
            VatGroup(D("0.1"), D("67.50"), D("6.75"), "S"),
        )
        more = {"vat": D("66.75"), "total_incl_vat": D("434.25")}
        assert of_vat(grouped(*right, lines=lines, **more)) == [("vat_rate", "error")]
        wrong = (
            VatGroup(D("0.2"), D("67.50"), D("13.50"), "S"),
            VatGroup(D("0.1"), D("300.00"), D("30.00"), "S"),
        )
        found = of_vat(grouped(*wrong, lines=lines, vat=D("43.50"), total_incl_vat=D("411.00")))
        assert found == [("vat_base", "error"), ("vat_base", "error"), ("vat_rate", "error")]

    def test_an_allowance_comes_off_the_base_of_its_rate(self) -> None:
        lines = (replace(ITEM, amount=D("377.50")),)
        less = (Adjustment(D("-10.00"), D("0.2"), "S"),)
        more = {"lines": lines, "adjustments": less, "allowances": D("10.00")}
        assert of_vat(grouped(GROUP, **more)) == []
        other = (Adjustment(D("-10.00"), D("0.1"), "S"),)
        assert of_vat(grouped(GROUP, **{**more, "adjustments": other})) == [("vat_base", "error")] * 2

    def test_all_bases_where_the_lines_do_not_tell_them_apart(self) -> None:
        unrated = (replace(ITEM, vat_rate=None, vat_category=None),)
        assert of_vat(grouped(GROUP, lines=unrated)) == []
        low = replace(GROUP, taxable=D("367.00"), amount=D("73.40"))
        wrong = grouped(low, lines=unrated, vat=D("73.40"), total_incl_vat=D("440.90"))
        answer = check_invoice(wrong, expected=control())
        (finding,) = (item for item in answer.findings if item.about == "vat")
        assert (finding.code, finding.difference) == ("vat_base", D("-0.50"))
        assert str(finding.message) == (
            "VAT is computed on 367.00 €; the total excl. VAT is 367.50 € (BT-116)."
        )
        assert of_vat(grouped(low, lines=(), vat=D("73.40"), total_incl_vat=D("440.90"))) == [
            ("vat_base", "error")
        ]

    def test_a_rate_of_some_lines_that_no_group_has(self) -> None:
        lines = (
            replace(ITEM, amount=D("300.00"), vat_rate=D("0.055")),
            replace(ITEM, amount=D("67.50"), vat_rate=None, vat_category=None),
        )
        answer = check_invoice(grouped(GROUP, lines=lines), expected=control())
        assert of_vat(grouped(GROUP, lines=lines)) == [("vat_base", "error")]
        assert [str(item.message) for item in answer.findings if item.about == "vat"] == [
            "Lines bear VAT at 5.5 %, and no VAT group does (BG-23)."
        ]

    def test_no_base_is_added_up_where_a_group_states_none(self) -> None:
        lines = (replace(ITEM, vat_rate=None, vat_category=None),)
        assert of_vat(grouped(replace(GROUP, taxable=None), lines=lines)) == []

    def test_a_group_without_vat_hides_no_rate_of_the_lines(self) -> None:
        lines = (
            replace(ITEM, amount=D("300.00"), vat_rate=D("0.055")),
            replace(ITEM, amount=D("67.50"), vat_rate=None, vat_category=None),
        )
        free = VatGroup(None, D("0.00"), D("0.00"), "O")
        assert of_vat(grouped(GROUP, free, lines=lines)) == [("vat_base", "error")]

    def test_no_rate_is_missed_where_a_group_states_none(self) -> None:
        lines = tuple(replace(ITEM, vat_category=None, amount=D(text)) for text in ("300.00", "67.50"))
        some = (lines[0], replace(lines[1], vat_rate=None))
        bare = VatGroup(None, D("367.50"), None)
        assert of_vat(grouped(bare, lines=some)) == []

    def test_lines_and_groups_that_bear_no_vat(self) -> None:
        """« Not subject to VAT » has no rate, and is told apart all the same."""
        lines = (
            replace(ITEM, amount=D("300.00")),
            replace(ITEM, amount=D("67.50"), vat_category="O", vat_rate=None),
        )
        taxed = VatGroup(D("0.2"), D("300.00"), D("60.00"), "S")
        free = VatGroup(None, D("67.50"), D("0.00"), "O")
        more = {"lines": lines, "vat": D("60.00"), "total_incl_vat": D("427.50")}
        assert of_vat(grouped(taxed, free, **more)) == [("vat_rate", "error")]
        moved = (replace(taxed, taxable=D("200.00"), amount=D("40.00")), replace(free, taxable=D("167.50")))
        more = {**more, "vat": D("40.00"), "total_incl_vat": D("407.50")}
        assert of_vat(grouped(*moved, **more))[:2] == [("vat_base", "error")] * 2
        # Where the sums are wrong already, the rates of the lines are those of the groups.
        short = {**more, "lines": (lines[0], replace(lines[1], amount=D("60.00")))}
        assert of_vat(grouped(*moved, **short)) == [("vat_rate", "error")]

    @pytest.mark.parametrize(
        ("syntax", "category", "rate", "off", "severity"),
        [
            # BR-S-08 accepts less than one unit in UBL, nothing in CII; BR-E-08 the other way round.
            ("ubl", "S", "0.2", "0.99", "info"),
            ("ubl", "S", "0.2", "-0.99", "info"),
            ("ubl", "S", "0.2", "1.00", "error"),
            ("cii", "S", "0.2", "0.01", "error"),
            ("cii", "E", "0", "0.99", "info"),
            ("cii", "E", "0", "1.00", "error"),
            ("ubl", "E", "0", "0.01", "error"),
            ("csv", "S", "0.2", "0.01", "error"),
        ],
    )
    def test_the_official_slack(self, syntax: str, category: str, rate: str, off: str, severity: str) -> None:
        base = D("367.50") + D(off)
        vat = (base * D(rate)).quantize(D("0.01"))
        item = replace(ITEM, vat_category=category, vat_rate=D(rate))
        invoice = grouped(
            VatGroup(D(rate), base, vat, category),
            lines=(item,),
            syntax=syntax,
            vat=vat,
            total_incl_vat=D("367.50") + vat,
        )
        answer = check_invoice(invoice, expected=control(vat=f"{D(rate) * 100:f} %"))
        (finding,) = (item for item in answer.findings if item.code in {"vat_base", "rounding_accepted"})
        assert finding.severity == severity
        assert finding.difference == D(off)
        if severity == "info":
            assert str(finding.message).endswith("(BT-116). The official rules accept it.")
        # Accepted or not, VAT that is billed on more than what is billed is an error.
        assert (answer.verdicts["vat"] == "conform") == (severity == "info" and rate == "0")

    def test_the_slack_of_the_extended_profiles(self) -> None:
        """One cent for each line, allowance and charge."""
        lines = (replace(ITEM, amount=D("300.00")), replace(ITEM, amount=D("67.50")))
        profile = "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended"
        two = grouped(replace(GROUP, taxable=D("367.52")), lines=lines, profile=profile)
        assert of_vat(two) == [("rounding_accepted", "info")]
        three = grouped(replace(GROUP, taxable=D("367.53")), lines=lines, profile=profile)
        assert ("vat_base", "error") in of_vat(three)


class TestWhereTheBuyerIsEstablished:
    """Its address and its numbers say one state, or nobody knows which VAT is due."""

    @pytest.mark.parametrize("rate", ["0.20", "0.085", "0"])
    @pytest.mark.parametrize(
        "buyer",
        [
            Party(country="DE", siren="435054481"),
            Party(country="DE", vat_id="FR35435054481"),
            Party(country="DE", vat_id="CHE123456789"),
            Party(country="IE", vat_id="XI123456789"),
            Party(country="FR", postcode="97400", vat_id="DE136695976"),
            Party(country="FR", postcode="75011", vat_id="ESB12345674"),
            Party(vat_id="ATU12345678"),
        ],
    )
    def test_a_number_of_another_state_settles_nothing(self, buyer: Party, rate: str) -> None:
        answer = check_invoice(bill(FEE, rate=rate, buyer=buyer), expected=control())
        (finding,) = (item for item in answer.findings if item.about == "vat")
        assert (finding.code, finding.undetermined) == ("territory_differs", True)
        assert answer.verdicts["vat"] == "undetermined"
        assert answer.explanations == ()

    @pytest.mark.parametrize(
        "buyer",
        [
            Party(country="FR", postcode="75011", siren="435054481", vat_id="FR35435054481"),
            Party(country="MC", vat_id="FR12000012345"),
            Party(siren="435054481"),
            Party(vat_id="12345"),
        ],
    )
    def test_a_number_of_its_own_state_does_not_trouble(self, buyer: Party) -> None:
        assert check_invoice(bill(FEE, buyer=buyer), expected=control()).verdicts["vat"] == "conform"

    def test_the_territory_asked_for_is_where_it_is(self) -> None:
        german = bill(FEE, rate="0", buyer=Party(vat_id="DE136695976"))
        assert check_invoice(german, expected=control(vat="eu")).verdicts["vat"] == "conform"
        assert check_invoice(german, expected=control(vat="0 %")).verdicts["vat"] == "conform"

    def test_nobody_declares_what_bears_no_number(self) -> None:
        """Reverse charge, to a buyer of no VAT number: EN 16931 refuses it as well (BR-AE-02)."""
        answer = check_invoice(bill(FEE, rate="0", buyer=Party(country="DE")), expected=control())
        assert codes(answer, "warning") == ["buyer_unnumbered"]
        assert answer.verdicts["vat"] == "undetermined"
        declared = bill(replace(FEE, vat_category="AE"), rate="0")
        assert codes(check_invoice(declared, expected=control(vat="eu")), "warning") == ["buyer_unnumbered"]
        silent = check_invoice(bill(FEE, rate="0"), expected=control(vat="eu"))  # no address, no code
        assert silent.verdicts["vat"] == "conform"
        taxed = check_invoice(bill(FEE, buyer=Party(country="DE")), expected=control())
        assert codes(taxed, "error", "warning") == ["vat_rate"]


class TestACategoryAgainstItsRate:
    @pytest.mark.parametrize("category", ["AE", "E", "G", "K", "O", "Z"])
    def test_one_that_bears_no_vat(self, category: str) -> None:
        item = replace(ITEM, vat_category=category)
        answer = check_invoice(grouped(replace(GROUP, category=category), lines=(item,)), expected=control())
        (finding,) = (item for item in answer.findings if item.severity == "error")
        assert str(finding.message) == (
            f"VAT category {category} bears no VAT, and 20 % is stated (BT-118, BT-151)."
        )
        assert finding.dispute is not None
        assert finding.dispute.code == "TX_TVA_ERR"

    def test_one_that_bears_some(self) -> None:
        item = replace(ITEM, vat_rate=D(0))
        none = grouped(
            VatGroup(D(0), D("367.50"), D("0.00"), "S"),
            lines=(item,),
            vat=D("0.00"),
            total_incl_vat=D("367.50"),
        )
        answer = check_invoice(none, expected=control(vat="guyane"))
        assert codes(answer) == ["vat_category"]
        assert str(answer.summary) == (
            "Discrepancy: VAT category S bears VAT, and 0 % is stated (BT-118, BT-151)."
        )

    @pytest.mark.parametrize(
        ("territory", "right", "told"),
        [("guyane", "E O", "G Z"), ("mayotte", "E O", "G Z"), ("eu", "AE", "")],
    )
    def test_of_the_territory(self, territory: str, right: str, told: str) -> None:
        """A service to a business of the Union is reverse charged (AE); K is for goods, as G and Z are."""
        for category in ("AE", "E", "G", "K", "O", "Z"):
            item = replace(ITEM, vat_category=category, vat_rate=None if category == "O" else D(0))
            group = VatGroup(item.vat_rate, D("367.50"), D("0.00"), category)
            buyer = Party(vat_id="DE136695976" if territory == "eu" else None)
            none = grouped(group, lines=(item,), vat=D("0.00"), total_incl_vat=D("367.50"), buyer=buyer)
            answer = check_invoice(none, expected=control(vat=territory))
            settled = category in right.split() or category in told.split()
            assert answer.verdict == ("conform" if settled else "undetermined")
            found = [str(item.message) for item in answer.findings if item.code == "vat_category"]
            assert len(found) == (category not in right.split())
            if found and territory == "eu":
                assert found[0] == (
                    f"VAT category {category} is stated, where AE is expected "
                    "(customer in another EU member state; BT-118, BT-151)."
                )

    def test_of_no_territory(self) -> None:
        item = replace(ITEM, vat_category="Z", vat_rate=D(0))
        none = grouped(
            VatGroup(D(0), D("367.50"), D("0.00"), "Z"),
            lines=(item,),
            vat=D("0.00"),
            total_incl_vat=D("367.50"),
        )
        assert check_invoice(none, expected=control(vat="0 %")).verdict == "conform"

    def test_words_are_no_code(self) -> None:
        item = replace(ITEM, vat_category="Taux normal")
        assert check_invoice(grouped(lines=(item,)), expected=control()).verdict == "conform"

    def test_an_amount_without_a_rate(self) -> None:
        """A second group « not subject to VAT », of nothing, that bills 50,00."""
        added = grouped(
            GROUP,
            VatGroup(None, D("0.00"), D("50.00"), "O"),
            vat=D("123.50"),
            total_incl_vat=D("491.00"),
        )
        assert of_vat(added) == [("vat_amount", "error")]

    def test_of_an_allowance(self) -> None:
        less = (Adjustment(D("-10.00"), D("0.2"), "E"),)
        lines = (replace(ITEM, amount=D("377.50")),)
        found = of_vat(grouped(GROUP, lines=lines, adjustments=less, allowances=D("10.00")))
        assert found[0] == ("vat_category", "error")


class TestTheAmountOfVat:
    @pytest.mark.parametrize(
        ("amount", "found"),
        [
            ("73.50", []),
            ("73.51", [("vat_rounding", "info")]),
            ("73.49", [("vat_rounding", "info")]),
            ("73.52", [("vat_amount", "error")]),
            ("73.48", [("vat_amount", "error")]),
            ("0.00", [("vat_amount", "error")]),
        ],
    )
    def test_to_the_cent(self, amount: str, found: list[tuple[str, str]]) -> None:
        """The official rules accept one euro (BR-CO-17)."""
        vat = D(amount)
        more = {"vat": vat, "total_incl_vat": D("367.50") + vat}
        invoice = grouped(replace(GROUP, amount=vat), **more)
        assert of_vat(invoice) == found
        for finding in check_invoice(invoice, expected=control()).findings:
            if finding.about == "vat":
                assert (finding.expected, finding.invoiced) == (D("73.50"), vat)
                said = (
                    f"{vat} € is billed." if finding.severity == "error" else f"{vat} € instead of 73.50 €;"
                )
                assert said in str(finding.message)
                assert "VAT at 20 % on 367.50 €" in str(finding.message)

    def test_rounded_on_each_line(self) -> None:
        # 5,5 % of 0,10 is 0,0055: 0,01 on each of ten lines, 0,06 on their sum.
        lines = tuple(
            replace(ITEM, id=str(number), amount=D("0.10"), vat_rate=D("0.055")) for number in range(10)
        )
        group = VatGroup(D("0.055"), D("1.00"), D("0.10"), "S")
        more = {"total_excl_vat": D("1.00"), "total_incl_vat": D("1.10"), "vat": D("0.10")}
        assert ("vat_amount", "error") not in of_vat(grouped(group, lines=lines, **more), vat="5.5 %")
        wrong = replace(group, amount=D("0.09"))
        more = {**more, "vat": D("0.09"), "total_incl_vat": D("1.09")}
        assert ("vat_amount", "error") in of_vat(grouped(wrong, lines=lines, **more), vat="5.5 %")

    def test_of_lines_without_groups(self) -> None:
        wrong = grouped(vat=None, total_incl_vat=D("541.00"))
        answer = check_invoice(wrong, expected=control())
        assert str(answer.summary) == "Discrepancy: VAT at 20 % on 367.50 € is 73.50 €; 173.50 € is billed."

    def test_of_several_rates(self) -> None:
        lines = (
            replace(ITEM, amount=D("300.00")),
            replace(ITEM, amount=D("67.50"), vat_rate=D("0.1")),
        )
        right = grouped(lines=lines, vat=D("66.75"), total_incl_vat=D("434.25"))
        assert of_vat(right) == [("vat_rate", "error")]
        for vat, cents in (
            ("66.76", []),
            ("66.74", []),
            ("66.77", ["vat_amount"]),
            ("66.73", ["vat_amount"]),
        ):
            wrong = grouped(lines=lines, vat=D(vat), total_incl_vat=D("367.50") + D(vat))
            answer = check_invoice(wrong, expected=control())
            assert codes(answer) == [*cents, "vat_rate"]
            for finding in answer.findings:
                if finding.code == "vat_amount":
                    assert (
                        str(finding.message) == f"The VAT of all rates comes to 66.75 €; {vat} € is billed."
                    )
                    assert (finding.about, finding.expected, finding.invoiced) == ("vat", D("66.75"), D(vat))

    def test_no_explanation_in_another_currency(self) -> None:
        abroad = bill(FEE, rate="0.085", currency="DKK")
        assert check_invoice(abroad, expected=control()).explanations == ()

    @pytest.mark.parametrize(
        ("vat", "wrong"), [("60.06", 0), ("60.10", 0), ("60.08", 1), ("60.04", 1), ("60.12", 1)]
    )
    def test_of_several_rates_rounded_once_or_on_each_line(self, vat: str, wrong: int) -> None:
        # 300,00 at 20 %: 60,00; ten times 0,10 at 5,5 %: 0,06 on their sum, 0,10 line by line.
        low = tuple(replace(ITEM, id=str(each), amount=D("0.10"), vat_rate=D("0.055")) for each in range(10))
        lines = (replace(ITEM, amount=D("300.00")), *low)
        whole = {"total_excl_vat": D("301.00"), "total_incl_vat": D("301.00") + D(vat)}
        found = of_vat(grouped(lines=lines, vat=D(vat), **whole))
        assert found.count(("vat_amount", "error")) == wrong

    def test_a_wrong_rate_tells_what_is_billed(self) -> None:
        group = VatGroup(D("0.055"), D("367.50"), D("20.22"), "S")
        item = replace(ITEM, vat_rate=D("0.055"))
        answer = check_invoice(
            grouped(group, lines=(item,), vat=D("20.22"), total_incl_vat=D("387.72")), expected=control()
        )
        (finding,) = (each for each in answer.findings if each.code == "vat_rate")
        assert (finding.expected, finding.invoiced) == (D("73.50"), D("20.22"))  # not the 20,21 of its rate
        assert "(mainland France; Code général des impôts, article 278" in str(finding.message)


class TestWhyVatDiffers:
    def test_the_rate_of_another_territory_whatever_the_day(self) -> None:
        undated = bill(FEE, rate="0.085", issued=None)
        (explanation,) = check_invoice(undated, expected=control()).explanations
        assert [change.cause for change in explanation.changes] == ["vat_rate"]
        assert "8.5 %, the rate of another territory" in str(explanation.message)
        old = bill(FEE, rate="0.085", issued=date(1990, 1, 1))
        assert told(check_invoice(old, expected=control(), dated=True)) == ["VAT at 8.5 % instead of 20 %"]

    def test_none_billed(self) -> None:
        (explanation,) = check_invoice(bill(FEE, rate="0"), expected=control()).explanations
        assert [change.cause for change in explanation.changes] == ["vat_missing"]
        assert explanation.confidence == "certain"

    def test_a_rounding(self) -> None:
        # 8,5 % of 1,00 is 0,085: 0,09; rounded down, or to the even cent, 0,08.
        cents = bill(line("?", "1.00"), rate="0.085", vat=D("0.08"), total_incl_vat=D("1.08"))
        answer = check_invoice(cents, expected=control(vat="reunion"))
        of_rounding = [item for item in answer.explanations if item.of_vat]
        assert [str(item.message) for item in of_rounding] == [
            "VAT rounded down to the cent",
            "VAT rounded to the even cent",
        ]
        assert {change.cause for item in of_rounding for change in item.changes} == {"vat_rounding"}
        assert {item.effect for item in of_rounding} == {D("-0.01")}
        assert {item.confidence for item in of_rounding} == {"possible"}
        # 367,50 × 8,5 % = 31,2375: neither 31,23 rounded to the even cent, nor 31 to the euro.
        down = bill(FEE, rate="0.085", vat=D("31.23"), total_incl_vat=D("398.73"))
        assert told(check_invoice(down, expected=control(vat="reunion"))) == ["VAT rounded down to the cent"]
        euro = bill(FEE, rate="0.085", vat=D("31.00"), total_incl_vat=D("398.50"))
        assert told(check_invoice(euro, expected=control(vat="reunion"))) == ["VAT rounded to the euro"]

    @pytest.mark.parametrize(
        ("rate", "vat", "cause"),
        [
            ("0.1", "36.75", "VAT at 10 % instead of 20 %"),
            ("0.196", "72.03", "VAT at 19.6 % instead of 20 %"),
            ("0.2", "88.20", "VAT computed on the total incl. VAT"),  # 367,50 × 1,2 × 20 %
        ],
    )
    def test_a_rate_of_no_territory_and_a_base_that_bears_it_already(
        self, rate: str, vat: str, cause: str
    ) -> None:
        wrong = bill(FEE, rate=rate, vat=D(vat), total_incl_vat=D("367.50") + D(vat))
        assert told(check_invoice(wrong, expected=control())) == [cause]
