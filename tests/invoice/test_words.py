"""What the words of a line change where its amount is right: no bill of something else passes for a right one.

2 × 60 + 1 × 120 + 500 = 740,00 € of instruction; 86,00 € of dossier; 500 000 € give 200 + 162,50 = 362,50 € of marque.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from opqibi_rules.invoice.check import InvoiceCheck
from opqibi_rules.invoice.findings import About
from opqibi_rules.invoice.model import Adjustment, Party, Period
from opqibi_rules.paper.text import plain_words
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.library import Tables
from opqibi_rules.verdict import Verdict
from tests.invoice.bills import bill, check_invoice, codes, control, first, line

DUE = first(tariffs={1: 2, 2: 1}, turnover="500000")
D = Decimal


def checked(*lines: tuple[str, str], **changes: Any) -> InvoiceCheck:
    made = (line(name, amount, number=number) for number, (name, amount) in enumerate(lines, 1))
    return check_invoice(bill(*made, **changes), expected=DUE)


@pytest.mark.parametrize(
    "lines",
    [
        [("Votre qualification OPQIBI", "1188.50")],
        [("Facture selon barème", "1188.50")],
        [("QUALIF OPQIBI : DOSSIER, INSTR. ET MARQUE", "1188.50")],
        [("Doss. et frais d'instr.", "826.00"), ("Red. marque 4 ans", "362.50")],
        [("Prestation", "740.00")],
        [("Instruction, dossier n° 26-118", "740.00")],
        [("Fourniture du dossier de 1ère demande", "86.00"), ("DROIT D USAGE DU LOGO", "362.50")],
        [("Part fixe", "500.00"), ("Qualif. T1", "120.00"), ("Qualif. T2", "120.00")],
        [
            ("Part fixe", "500.00"),
            ("1905 - Audit", "60.00"),
            ("0607 - Autre", "60.00"),
            ("2111 - Génie", "120.00"),
        ],
        [("Première demande de qualif. (2 T1, 1 T2)", "1188.50")],
        [("", "740.00")],
        [("Acompte déduit : dossier", "86.00")],
    ],
)
def test_natural_words_of_a_right_bill(lines: list[tuple[str, str]]) -> None:
    answer = checked(*lines)
    assert (answer.verdict, answer.gap) == ("conform", D(0))


@pytest.mark.parametrize(
    ("name", "amount"),
    [
        ("Abonnement annuel logiciel", "1188.50"),
        ("Abonnement annuel logiciel", "86.00"),
        ("Formation qualification OPQIBI", "740.00"),
        ("Duplicata de certificat", "86.00"),
        ("Pénalités de retard", "120.00"),
        ("Frais de gestion", "86.00"),
        ("Training seminar", "740.00"),
    ],
)
def test_what_no_schedule_bills_is_wrong_at_any_price(name: str, amount: str) -> None:
    answer = checked((name, amount))
    assert answer.verdict == "discrepancy"
    assert codes(answer) == ["unexpected_line"]
    (finding,) = (item for item in answer.findings if item.severity == "error")
    assert (finding.invoiced, finding.expected, finding.line) == (D(amount), D(0), "1")


@pytest.mark.parametrize(
    ("lines", "open_ones"),
    [
        ([("Nougat de Montélimar", "86.00")], ["1"]),
        ([("Nougat de Montélimar", "86.00"), ("Huile d'olive", "362.50")], ["1", "2"]),
        ([("Nougat", "640.00"), ("Huile", "100.00")], ["1", "2"]),
        ([("Frais d'instruction", "740.00"), ("Nougat de Montélimar", "86.00")], ["2"]),
        ([("Frais d'instruction : pénalités de retard", "740.00")], ["1"]),
    ],
)
def test_words_that_say_nothing_of_it_leave_it_open(
    lines: list[tuple[str, str]], open_ones: list[str]
) -> None:
    answer = checked(*lines)
    assert answer.verdict == "undetermined"
    assert [item.line for item in answer.findings if item.code == "line_wording"] == open_ones
    assert answer.gap == 0


@pytest.mark.parametrize(
    "name",
    [
        "Contrôle annuel",
        "Vérification annuelle des qualifications",
        "Licence de marque",
        "Instruction, réf. dossier 3",
    ],
)
def test_the_name_of_another_fee_is_no_match(name: str) -> None:
    """86,00 € is the price of the dossier."""
    assert checked((name, "86.00")).verdict == "discrepancy"


@pytest.mark.parametrize(
    "name",
    [
        "Traitement du dossier de qualification",
        "GESTION DU DOSSIER DE CANDIDATURE",
        "Étude du dossier de demande",
        "Instr. du dossier postulant",
        "Examination of the application file",
    ],
)
class TestAComplement:
    """« Dossier de qualification » is the name of a fee, and here what another one handles: the instruction."""

    RENEWAL = first(event="renewal", tariffs={1: 2, 2: 1}, turnover="500000")

    @pytest.mark.parametrize("due", [DUE, RENEWAL])
    def test_the_exact_amount_of_the_other_fee_is_right(self, name: str, due: Quote) -> None:
        answer = check_invoice(bill(line(name, "740.00")), expected=due)
        assert (answer.verdict, answer.gap) == ("conform", D(0))
        assert dict(answer.by_fee) == {"instruction": D("740.00")}
        beside = bill(line("Droits de marque", "362.50"), line(name, "740.00", number=2))
        assert check_invoice(beside, expected=due).verdict == "conform"

    def test_a_wrong_amount_is_compared_with_the_other_fee(self, name: str) -> None:
        assert checked((name, "700.00")).gap == D(-40)

    def test_no_fee_is_billed_twice(self, name: str) -> None:
        answer = checked(("Frais d’instruction", "740.00"), (name, "740.00"))
        assert (answer.verdict, answer.gap) == ("discrepancy", D(740))

    def test_the_fees_said_to_be_billed_rule(self, name: str) -> None:
        answer = check_invoice(bill(line(name, "740.00")), expected=DUE, fees=["dossier"])
        assert answer.verdict == "discrepancy"

    def test_the_price_of_the_mark_is_not_that_of_the_instruction(self, name: str) -> None:
        assert checked((name, "362.50")).verdict == "discrepancy"

    @pytest.mark.parametrize("amount", ["740.00", "86.00"])
    def test_another_service_is_never_right(self, name: str, amount: str) -> None:
        assert checked((f"Formation : {name}", amount)).verdict != "conform"


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        # the words buy the file
        ("Achat du dossier de qualification", "discrepancy"),
        ("Remise du dossier de candidature", "discrepancy"),
        ("Frais du dossier de candidature", "discrepancy"),
        ("Dossier de qualification", "discrepancy"),
        # nothing known is done with it
        ("Montgolfière du dossier de qualification", "undetermined"),
        ("Prise en charge du dossier de qualification", "undetermined"),
    ],
)
def test_the_file_at_the_price_of_the_instruction(name: str, verdict: str) -> None:
    assert checked((name, "740.00")).verdict == verdict
    assert checked((name, "86.00")).verdict == "conform"


@pytest.mark.parametrize(
    "name",
    [
        "Dossier et frais d'instruction",
        "Instruction et dossier",
        "DOSSIER + INSTRUCTION",
        "Frais d’instruction & dossier",
    ],
)
class TestOneLineForTwoFees:
    """86 + 740 = 826,00 €."""

    # 500,00 is the flat part of one of them.
    @pytest.mark.parametrize(
        ("amount", "gap"), [("800.00", "-26"), ("836.00", "10"), ("500.00", "-326"), ("1652.00", "826")]
    )
    def test_a_wrong_amount_is_compared_with_their_sum(self, name: str, amount: str, gap: str) -> None:
        answer = checked((name, amount))
        assert (answer.verdict, answer.gap) == ("discrepancy", D(gap))
        assert [row.fees for row in answer.rows] == [("dossier", "instruction")]

    def test_the_right_one_is(self, name: str) -> None:
        assert dict(checked((name, "826.00")).by_fee) == {"dossier": D("86.00"), "instruction": D("740.00")}


def test_three_fees_on_one_line() -> None:
    """86 + 740 + 362,50 = 1 188,50 €."""
    answer = checked(("Dossier, instruction et marque", "1180.00"))
    assert answer.gap == D("-8.50")


@pytest.mark.parametrize("name", ["Instruction, réf. dossier 3", "Instruction du dossier et suites"])
def test_a_reference_is_no_second_fee(name: str) -> None:
    assert checked((name, "800.00")).gap == D(60)


def test_a_licence_does_not_make_up_for_a_tariff() -> None:
    """Tariff 2 billed 60,00 € and a licence of 60,00 €: together 120,00 €, the price of the tariff."""
    lines = [
        ("Frais d'instruction, part fixe", "500.00"),
        ("Qualif. tarif 1", "120.00"),
        ("Qualif. tarif 2", "60.00"),
    ]
    answer = checked(*lines, ("Licence de marque", "60.00"))
    assert answer.verdict == "discrepancy"


def test_a_line_that_is_not_known_is_named_with_its_amount() -> None:
    """15,00 € is a control price: the schedule explains nothing of a line that says what it is."""
    due = control(tariffs={1: 2})
    lines = (line("Contrôle annuel", "155.00"), line("Frais de gestion", "15.00", number=2))
    answer = check_invoice(bill(*lines), expected=due)
    assert answer.gap == 15
    (finding,) = (item for item in answer.findings if item.severity == "error")
    assert str(finding.message) == "Nothing of the schedule corresponds to this line: Frais de gestion."
    assert [(row.fees, row.invoiced) for row in answer.rows if row.difference] == [((), D(15))]
    unknown = (line("Contrôle annuel", "155.00"), line("Nougat", "15.00", number=2))
    assert codes(check_invoice(bill(*unknown), expected=due)) == ["unexpected_line"]


class TestOneByOne:
    """Tariffs 5 and 7 are both controlled at 28,00 €; new requests at tariff 4 cost as much as four held at it."""

    def test_each_fills_what_is_due(self) -> None:
        due = control(tariffs={5: 3, 7: 1})
        lines = [line(f"Ctrl 10{number} - Étude", "28.00", number=number) for number in range(10, 14)]
        answer = check_invoice(bill(line("Forfait de contrôle", "125.00"), *lines), expected=due)
        assert (answer.verdict, [str(row.difference) for row in answer.rows]) == ("conform", ["0.00"] * 3)
        more = check_invoice(bill(line("Forfait de contrôle", "125.00"), *lines, lines[0]), expected=due)
        assert (more.verdict, more.gap) == ("discrepancy", D(28))

    def test_a_code_says_which(self) -> None:
        due = control(tariffs=None, qualifications=["1905:5", "1911:7"])
        lines = (
            line("Forfait de contrôle", "125.00"),
            line("Ctrl 1911", "28.00", number=2),
            line("Ctrl 1905", "28.00", number=3),
        )
        answer = check_invoice(bill(*lines), expected=due)
        assert answer.verdict == "conform"
        assert [row.lines for row in answer.rows] == [("1",), ("3",), ("2",)]

    def test_one_at_the_price_of_two_at_another_tariff(self) -> None:
        # 125 + 2 × 15 + 3 × 30 = 245,00: one at tariff 2 costs as much as both at tariff 1.
        due = control(tariffs={1: 2, 2: 3})
        amounts = ("125.00", "15.00", "15.00", "30.00", "30.00", "30.00")
        lines = [
            line("Forfait" if n == 1 else "Ctrl qualif.", a, "1", a, n) for n, a in enumerate(amounts, 1)
        ]
        answer = check_invoice(bill(*lines), expected=due)
        assert (answer.verdict, [row.lines for row in answer.rows]) == (
            "conform",
            [("1",), ("2", "3"), ("4", "5", "6")],
        )

    def test_a_line_that_says_new_comes_first(self) -> None:
        # 4 × 60 held at tariff 3, and 1 × 240 new at it: two lines of 1 × 240,00.
        due = control(tariffs={3: 4}, new_tariffs={3: 1})
        lines = (
            line("Forfait ctrl", "125.00"),
            line("Contrôle annuel, tarif 3", "240.00", "1", "240", 2),
            line("Forfait extension", "375.00", number=3),
            line("Extension tarif 3", "240.00", "1", "240", 4),
        )
        answer = check_invoice(bill(*lines), expected=due)
        assert (answer.verdict, [row.lines for row in answer.rows]) == (
            "conform",
            [("1",), ("2",), ("3",), ("4",)],
        )

    def test_new_ones_are_not_those_held(self) -> None:
        # 125 + 4 × 212,50 + 375 + 850 = 2 200,00.
        due = control(tariffs={4: 4}, new_tariffs={4: 1})
        lines = [line("Ctrl qualif. tarif 4", "212.50", number=number) for number in range(4)]
        new = (
            line("Forfait extension", "375.00", number=5),
            line("Qualif. nouvelle, tarif 4", "850.00", number=6),
        )
        answer = check_invoice(bill(line("Forfait ctrl", "125.00", number=7), *lines, *new), expected=due)
        assert (answer.verdict, answer.gap) == ("conform", D(0))


class TestAnAllowance:
    """It enters the price once, where the total excl. VAT takes it off."""

    LINES = (line("Frais d’instruction", "740.00"), line("Frais de gestion", "100.00", number=2))
    LISTED = (Adjustment(D("-100.00"), reason="Remise"),)

    def test_listed_and_not_deducted_it_hides_nothing(self) -> None:
        wrong = bill(*self.LINES, adjustments=self.LISTED, allowances=D("100.00"))
        answer = check_invoice(wrong, expected=DUE)
        assert (answer.verdicts["price"], answer.gap) == ("discrepancy", D(100))

    @pytest.mark.parametrize("adjustments", [LISTED, ()])
    def test_deducted_it_counts_once(self, adjustments: tuple[Adjustment, ...]) -> None:
        taken_off = bill(
            line("Frais d’instruction", "840.00"),
            adjustments=adjustments,
            allowances=D("100.00"),
            total_excl_vat=D("740.00"),
            vat=D("148.00"),
            total_incl_vat=D("888.00"),
        )
        assert check_invoice(taken_off, expected=DUE).gap == 0

    def test_a_total_that_is_not_that_of_its_lines_is_an_error_of_sums(self) -> None:
        more = bill(line("Frais d’instruction", "740.00"), total_excl_vat=D("790.00"))
        answer = check_invoice(more, expected=DUE)
        assert (answer.verdicts["sums"], answer.verdicts["price"], answer.gap) == (
            "discrepancy",
            "conform",
            D(0),
        )


@pytest.mark.parametrize(
    "words", ["Étude de sol", "Audit sécurité applicative", "Suivi de chantier", "Study of the soil"]
)
def test_what_is_done_does_not_say_on_what(words: str) -> None:
    """An audit, a study of something else, at exactly what is due: once « Conforme »."""
    assert checked((words, "1188.50")).verdict == "undetermined"


@pytest.mark.parametrize(
    "words", ["Audit énergétique du siège", "Étude thermique", "Analyse de votre candidature"]
)
def test_an_audit_or_a_study_of_what_is_qualified(words: str) -> None:
    assert checked((words, "1188.50")).verdict == "conform"


@pytest.mark.parametrize(
    ("words", "is_said"),
    [("TVA non applicable, art. 293 B du CGI", True), ("Reverse charge", True), ("TVA à 20 %", False)],
)
def test_a_page_says_that_no_vat_is_due(words: str, is_said: bool) -> None:
    book = Tables().page_wording.untaxed_book
    assert any(book.found(plain_words(words).split())) is is_said


# 800 000 € give 250 000 × 0,8 ‰ + 550 000 × 0,65 ‰ = 557,50 € of marque, for four years (article III).
BILLED = (
    ("Dossier postulant", "86.00", None, None),
    ("Partie forfaitaire", "500.00", None, None),
    ("Qualifications au tarif 1", "300.00", "5", "60.00"),
    ("Qualifications au tarif 2", "360.00", "3", "120.00"),
    ("Utilisation de la marque (4 ans)", "557.50", None, None),
)
WHOLE = first(turnover="800000")


def renamed(place: int, name: str, **changes: Any) -> InvoiceCheck:
    """The whole bill, one of its lines under another name."""
    rows = [(name if at == place else row[0], *row[1:]) for at, row in enumerate(BILLED)]
    lines = (line(*row, number=at) for at, row in enumerate(rows, 1))
    return check_invoice(bill(*lines, buyer=Party("Bureau d’études Exemple"), **changes), expected=WHOLE)


@pytest.mark.parametrize(
    ("place", "name", "words"),
    [
        (4, "Utilisation de la marque (1 an)", "1 an"),
        (4, "Utilisation de la marque, du 18/05/2026 au 17/05/2029", "18/05/2026 au 17/05/2029"),
        (4, "Utilisation de la marque (1/4)", "1/4"),
        (4, "Utilisation de la marque, 50 %", "50 %"),
        (4, "Utilisation de la marque 3e année", "3e année"),
        (4, "Utilisation de la marque, mensualité", "mensualité"),
        (4, "Utilisation de la marque, 1re échéance", "1re échéance"),
        (4, "Utilisation de la marque - provision", "provision"),
        (4, "Utilisation de la marque - estimation, CA à confirmer", "estimation"),
        (4, "Utilisation de la marque, CA 500 000 €", "ca 500 000 €"),
        (4, "Utilisation de la marque (CA HT 2025 : 500 k€)", "ca ht 2025 : 500 k€"),
        (4, "Utilisation de la marque, soit 100,00 € par an", "par an"),
        (1, "Partie forfaitaire (barème 2027)", "barème 2027"),
        (4, "Utilisation de la marque - année 2026", "année 2026"),
        (4, "Cotisation annuelle", "annuelle"),
        (4, "Utilisation de la marque 2022-2026", "2022-2026"),  # four years, and not those to come
        (4, "Utilisation de la marque 2026 à 2027", "2026 à 2027"),
        (4, "Utilisation de la marque, 2e versement", "versement"),
        (4, "Remboursement utilisation de la marque", "Remboursement"),
        (4, "Utilisation de la marque OPQTECC", "OPQTECC"),
        (4, "Utilisation du logo QUALIBAT", "QUALIBAT"),
        (4, "Utilisation de la marque Nouvelabel", "marque Nouvelabel"),
        (4, "Utilisation de la marque pour Bureau Dupont", "pour Bureau Dupont"),
        (1, "Annulation", "Annulation"),
        (2, "Qualifications Qualibat", "Qualibat"),
        (2, "Qualifications refusées", "refusées"),
        (2, "6 qualifications au tarif 1", "6 qualifications"),
        (2, "QUALIFICATIONS TARIF 1 SOCIETE DURAND", "SOCIETE DURAND"),
    ],
)
def test_words_of_another_thing_at_the_fee_s_price_leave_it_open(place: int, name: str, words: str) -> None:
    answer = renamed(place, name)
    assert answer.verdict == "undetermined"
    (found,) = (item for item in answer.findings if item.undetermined)
    assert (found.code, found.line, found.message.values["words"]) == ("line_wording", str(place + 1), words)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (4, "Redevance quadriennale"),
        (4, "Utilisation de la marque 2026-2030"),
        (4, "Utilisation de la marque (soit 139,375 € HT par an)"),
        (4, "Utilisation de la marque, CA ingénierie HT 2025 : 800 000 €"),
        (4, "Utilisation de la marque (CA 800 k€), TVA 20 %"),
        (4, "Utilisation de la marque (0,8 ‰ de 250 000 €, 0,065 % de 550 000 €)"),
        (4, "Utilisation de la marque du 31/02/2026 au 01/03/2030"),
        (1, "Partie forfaitaire, barème du 08/02/2024"),
        (1, "Partie forfaitaire, barème 2026"),
        (1, "Frais d’instruction, partie forfaitaire, page 1/2"),
        (4, "Utilisation de la marque du 02/03/2026 au 01/03/2030"),
        (4, "Redevance de marque, années 2026 à 2029"),
        (4, "Utilisation de la marque 4 ans (soit 139,38 € par an)"),
        (4, "Utilisation de la marque OPQIBI pour Bureau d’études Exemple"),
        (4, "Utilisation de la marque Partie proportionnelle"),
        (4, "Frais d’utilisation de la marque (III)"),
        (4, "Droit d’usage de la Marque – art. III"),
        (4, "UTILISATION DE LA MARQUE POUR LA PERIODE"),
        (4, "Utilisation du logo OPQIBI pour"),
        (1, "Frais d’instruction pour Renouvellement : forfait"),
        (2, "5 qualifications au tarif 1"),
        (2, "Qualifications tarif 1, société candidate Exemple"),
    ],
)
def test_words_of_the_same_thing_do_not(place: int, name: str) -> None:
    assert renamed(place, name).verdict == "conform"


def test_what_comes_every_year_says_which_year_it_is() -> None:
    lines = line("Contrôle annuel, 2e année", "125.00"), line("Qualifications, 2e semestre 2026", "242.50")
    assert check_invoice(bill(*lines), expected=control()).verdict == "conform"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Frais de renouvellement", "renouvellement"),  # which bears no control
        ("Première demande de qualification", "Première demande"),
        ("Contrôle annuel 2031", "2031"),
        ("Contrôle annuel, au titre de l’année 2019", "2019"),
        ("Contrôle annuel avant renouvellement", None),
        ("Contrôle annuel, prochain renouvellement en 2029", None),
        ("Contrôle annuel 2027", None),  # billed within a year of it
        ("Contrôle annuel (certificat du 12/03/2022)", None),
    ],
)
def test_a_control_of_another_event_or_of_a_year_that_cannot_be(name: str, words: str | None) -> None:
    """125,00 + 30,00 + 212,50 = 367,50 €, billed on 2 March 2026: the amount is right."""
    answer = check_invoice(bill(line(name, "367.50")), expected=control())
    assert answer.gap == 0
    told = [item.message.values["words"] for item in answer.findings if item.code == "line_wording"]
    assert told == [words] * (words is not None)
    assert answer.verdict == ("conform" if words is None else "undetermined")


def test_a_period_of_a_control_that_cannot_be() -> None:
    for year, verdict in ((2026, "conform"), (2031, "undetermined")):
        period = Period(date(year, 1, 1), date(year, 12, 31))
        one = bill(line("Contrôle annuel", "367.50"), period=period)
        assert check_invoice(one, expected=control()).verdict == verdict


@pytest.mark.parametrize(
    ("note", "verdict"),
    [
        ("Barème 2027", "undetermined"),
        ("Prix du barème de tarification 2024", "conform"),
        ("Merci", "conform"),
    ],
)
def test_a_note_that_names_another_schedule(note: str, verdict: str) -> None:
    assert renamed(1, "Partie forfaitaire", remarks=(note,)).verdict == verdict


def test_the_mark_of_the_body_itself_is_its_own_and_so_is_the_reverse_of_a_billing_on_a_credit_note() -> None:
    assert renamed(4, "Utilisation de la marque Qualibat", seller=Party("OPQIBI Qualibat")).outcomes[
        About.PRICE
    ] is (Verdict.YES)
    assert renamed(1, "Annulation partie forfaitaire", type_code="381").verdict == "conform"


def test_a_fee_of_no_declared_years_may_be_of_any() -> None:
    lines = line("Contrôle annuel 2026", "125.00"), line("Qualifications", "242.50")
    assert not [
        item
        for item in check_invoice(bill(*lines), expected=control()).findings
        if item.code == "line_wording"
    ]


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("Frais de contrôle annuel (3 qualifications)", "conform"),
        ("Frais de contrôle annuel 2026", "conform"),
        ("Frais de contrôle annuel (2 qualifications)", "undetermined"),
        ("Frais de contrôle annuel (prorata 6/12)", "undetermined"),
        ("Contrôle semestriel", "undetermined"),
        ("Frais de contrôle annuel offerts", "undetermined"),
        ("Contrôle annuel déjà facturé", "undetermined"),
        ("Contrôle annuel - rappel", "undetermined"),
        ("Contrôle annuel CINOV", "undetermined"),
    ],
)
def test_words_of_a_whole_fee_that_contradict_its_price(words: str, verdict: str) -> None:
    """125,00 + 2 × 15,00 + 212,50 = 367,50 € for three qualifications."""
    one = line(words, "367.50", "1", "367.50")
    assert check_invoice(bill(one), expected=control()).verdict == verdict


@pytest.mark.parametrize(
    ("number", "verdict"), [(3, "conform"), (2, "conform"), (1, "conform"), (4, "undetermined")]
)
def test_those_held_those_new_or_all_may_be_said(number: int, verdict: str) -> None:
    # 125 + 2 × 15 held, 375 + 60 new: 590,00 €.
    due = control(tariffs={1: 2}, new_tariffs={1: 1})
    one = line(f"Contrôle annuel, {number} qualifications", "590.00", "1", "590.00")
    assert check_invoice(bill(one), expected=due).verdict == verdict
