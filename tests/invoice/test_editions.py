"""Invoices under schedules of other shapes: repeated articles, more fees, another body's; amounts worked by hand."""

from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from opqibi_rules.errors import RequestError, TableError
from opqibi_rules.invoice.booking import bill_of, entries, supplier_of
from opqibi_rules.invoice.check import InvoiceCheck
from opqibi_rules.invoice.issuing import invoice_of
from opqibi_rules.invoice.model import Invoice, Party
from opqibi_rules.invoice.run import check_run
from opqibi_rules.price.quote import Quote, quote
from opqibi_rules.tables.library import Tables
from tests.invoice.bills import ON, bill, check_invoice, codes, line, told, totals

D = Decimal
EDITIONS = Path(__file__).parents[1] / "editions"


@lru_cache
def tables(edition: str) -> Tables:
    return Tables(EDITIONS / edition)


def due(edition: str, **asked: Any) -> Quote:
    return quote(**{"on": ON, **asked}, tables=tables(edition))


def checked(edition: str, invoice: Invoice, expected: Quote, **options: Any) -> InvoiceCheck:
    if edition == "other_body":
        invoice = replace(invoice, seller=Party("Autre organisme"))
    return check_invoice(invoice, expected=expected, tables=tables(edition), **options)


def causes(answer: InvoiceCheck) -> list[tuple[str, str | None]]:
    return [(item.cause, item.fee) for item in answer.explanations]


AGAIN = """\
      - kind: per_qualification
        id: again
        article: "II"
        label: { fr: "Seconde lecture au tarif {tariff}", en: "Second reading at tariff {tariff}" }
        counts: asked
        prices: instruction
"""
"""A second part of the instruction fee, at the prices of the first."""


class TestTwoPartsAtOnePrice:
    """86; 500 + 2 × 60 + 120, and 2 × 60 + 120 again = 980. A line that adds both up bills the same."""

    @pytest.fixture
    def twice(self, tmp_path: Path) -> Tables:
        text = (EDITIONS / "repeated" / "schedule.yaml").read_text("utf-8")
        text = text.replace("  - id: brand_usage\n", f"{AGAIN}  - id: brand_usage\n")
        (tmp_path / "schedule.yaml").write_text(text, "utf-8")
        return Tables(tmp_path)

    def check(self, twice: Tables, *counts: tuple[int, str, int]) -> InvoiceCheck:
        """The check of lines, each of a tariff, the price of one and how many are billed."""
        due = quote(on=ON, tariffs={1: 2, 2: 1}, tables=twice)
        each = [
            line(f"Qualifications au tarif {tariff}", str(n * D(price)), str(n), price, at)
            for at, (tariff, price, n) in enumerate(counts, 3)
        ]
        fixed = line("Dossier postulant", "86.00"), line("Partie forfaitaire", "500.00", "1", "500", 2)
        return check_invoice(bill(*fixed, *each), expected=due, fees=["dossier", "instruction"], tables=twice)

    @pytest.mark.parametrize(
        "counts",
        [
            [(1, "60", 4), (2, "120", 2)],
            [(1, "60", 3), (1, "60", 1), (2, "120", 2)],
            [(1, "60", 2), (1, "60", 2), (2, "120", 1), (2, "120", 1)],
        ],
    )
    def test_what_adds_up_is_in_conformity(self, twice: Tables, counts: list[tuple[int, str, int]]) -> None:
        answer = self.check(twice, *counts)
        assert (answer.verdicts["price"], str(answer.gap), answer.explanations) == ("conform", "0.00", ())
        rows = [(str(row.expected), str(row.invoiced)) for row in answer.rows]
        assert rows[1:] == [("500.00",) * 2, *[("120.00",) * 2] * 4]

    @pytest.mark.parametrize(
        ("number", "gap", "said"),
        [
            (5, "60.00", "one qualification at tariff 1 too many"),
            (3, "-60.00", "one qualification at tariff 1 not billed"),
        ],
    )
    def test_one_too_many_is_one(self, twice: Tables, number: int, gap: str, said: str) -> None:
        answer = self.check(twice, (1, "60", number), (2, "120", 2))
        assert (answer.verdicts["price"], str(answer.gap)) == ("discrepancy", gap)
        assert told(answer) == [said]

    def test_a_sum_that_says_no_number_is_taken_as_it_stands(self, twice: Tables) -> None:
        lines = line("Dossier postulant", "86.00"), line("Frais d’instruction", "740.00", None, None, 2)
        rest = line("Frais d’instruction, qualifications au tarif 1", "240.00", None, None, 3)
        due = quote(on=ON, tariffs={1: 2, 2: 1}, tables=twice)
        answer = check_invoice(
            bill(*lines, rest), expected=due, fees=["dossier", "instruction"], tables=twice
        )
        assert (answer.verdicts["price"], str(answer.gap)) == ("conform", "0.00")

    @pytest.mark.parametrize(
        ("name", "verdict"),
        [("Contrôle annuel, tarif 1", "conform"), ("Nouvelles qualifications au tarif 1", "discrepancy")],
    )
    def test_those_held_and_those_new_at_one_price(self, tmp_path: Path, name: str, verdict: str) -> None:
        """125, 2 × 15 held, 375, 1 × 15 new: 3 × 15 add up to both; three new ones are not what is due."""
        text = (EDITIONS / "repeated" / "schedule.yaml").read_text("utf-8")
        new = "        counts: new\n        prices: "
        assert text.count(f"{new}instruction") == 1
        (tmp_path / "schedule.yaml").write_text(text.replace(f"{new}instruction", f"{new}control"), "utf-8")
        tables = Tables(tmp_path)
        due = quote(on=ON, event="control", tariffs={1: 2}, new_tariffs={1: 1}, tables=tables)
        lines = (
            line("Contrôle annuel, partie forfaitaire", "125.00", "1", "125"),
            line("Forfait pour nouvelles qualifications", "375.00", "1", "375", 2),
            line(name, "45.00", "3", "15", 3),
        )
        answer = check_invoice(bill(*lines), expected=due, tables=tables)
        assert (answer.verdicts["price"], str(answer.gap)) == (verdict, "0.00"), told(answer)

    def test_another_price_is_another(self, twice: Tables) -> None:
        assert self.check(twice, (1, "61", 4), (2, "120", 2)).verdicts["price"] == "discrepancy"


class TestRepeatedArticles:
    """The amounts of 2024 under the articles I to IV alone: what a line bills cannot be told from its article."""

    DUE = due("repeated", event="control", tariffs={1: 2})  # 125 + 2 × 15 = 155,00

    def test_a_control_in_detail(self) -> None:
        lines = (
            line("Contrôle annuel, forfait", "125.00", "1", "125"),
            line("Contrôle annuel, tarif 1", "30.00", "2", "15", 2),
        )
        answer = checked("repeated", bill(*lines), self.DUE)
        assert (answer.verdict, answer.explanations) == ("conform", ())
        assert answer.gap == 0
        assert [(str(row.expected), str(row.invoiced), row.articles) for row in answer.rows] == [
            ("125.00", "125.00", ("IV",)),
            ("30.00", "30.00", ("IV",)),
        ]

    @pytest.mark.parametrize(
        ("billed", "cause", "words"),
        [
            ("30.00", "flat_forgotten", "the flat part of 125.00 € forgotten (article IV)"),
            (
                "530.00",
                "flat_added",
                "the flat fee of 375.00 € added, without any new qualification (article IV)",
            ),
            ("140.00", "count_off", "one qualification at tariff 1 not billed"),
            (
                "245.00",
                "instruction_prices",
                "the prices of « Instruction fee » instead of those of « Annual-control fee » (article II)",
            ),
        ],
    )
    def test_a_control_that_is_wrong(self, billed: str, cause: str, words: str) -> None:
        answer = checked("repeated", bill(line("Contrôle annuel", billed)), self.DUE)
        assert answer.verdict == "discrepancy"
        assert (cause, "annual_control") in causes(answer)[:3]
        assert words in told(answer)[:3]

    def test_the_floor_is_told_from_the_tranches(self) -> None:
        renewal = due("repeated", event="renewal", tariffs={1: 1}, turnover="100000")
        answer = checked("repeated", bill(line("Utilisation de la marque", "80.00")), renewal)
        assert told(answer)[0] == "the floor of 180.00 € forgotten: the rate of 0.8 ‰ on 100000.00 € alone"
        assert answer.explanations[0].articles == ("III",)

    def test_new_requests(self) -> None:
        # 125 + 15 + 375 + 2 × 60 = 635,00; without the flat of new requests, 260,00.
        new = due("repeated", event="control", tariffs={1: 1}, new_tariffs={1: 2})
        assert checked("repeated", totals("635.00"), new).verdict == "conform"
        answer = checked("repeated", totals("260.00"), new)
        assert causes(answer)[0] == ("flat_forgotten", "annual_control")


class TestMoreFees:
    """A fifth fee, 150,00 € at a renewal; a sixth, per qualification, at a control (10, 20, 30… by tariff)."""

    RENEWAL = due("more_fees", event="renewal", tariffs={1: 3}, turnover="800000")  # 680,00 + 557,50 + 150,00
    CONTROL = due(
        "more_fees", event="control", tariffs={1: 2, 3: 1}
    )  # 125 + 30 + 60 = 215,00; 20 + 30 = 50,00

    @pytest.mark.parametrize("amount", ["1387.50", "150.00", "830.00", "707.50"])
    def test_a_right_renewal(self, amount: str) -> None:
        answer = checked("more_fees", totals(amount), self.RENEWAL)
        assert (answer.verdict, answer.explanations) == ("conform", ())

    def test_a_right_control_in_detail(self) -> None:
        lines = (
            line("Contrôle annuel, forfait", "125.00", "1", "125"),
            line("Contrôle annuel, tarif 1", "30.00", "2", "15", 2),
            line("Contrôle annuel, tarif 3", "60.00", "1", "60", 3),
            line("Visite de site, tarif 1", "20.00", "2", "10", 4),
            line("Visite de site, tarif 3", "30.00", "1", "30", 5),
        )
        answer = checked("more_fees", bill(*lines), self.CONTROL)
        assert answer.verdict == "conform"
        assert answer.gap == 0
        assert answer.by_fee == {"annual_control": D("215.00"), "site_visit": D("50.00")}

    @pytest.mark.parametrize(
        ("name", "billed", "cause", "fee"),
        [
            ("Audit de renouvellement", "450.00", "flat_each", "renewal_audit"),
            ("Audit de renouvellement", "300.00", "fee_twice", "renewal_audit"),
            ("Instruction et audit de renouvellement", "680.00", "fee_missing", "renewal_audit"),
            ("Instruction et audit de renouvellement", "890.00", "count_off", "instruction"),
        ],
    )
    def test_a_wrong_renewal(self, name: str, billed: str, cause: str, fee: str) -> None:
        answer = checked("more_fees", bill(line(name, billed)), self.RENEWAL)
        assert answer.verdict == "discrepancy"
        assert (cause, fee) in causes(answer)[:3]

    @pytest.mark.parametrize(
        ("name", "billed", "cause", "words"),
        [
            ("Visite de site", "60.00", "count_off", "one qualification at tariff 1 too many"),
            (
                "Visite de site",
                "90.00",
                "control_prices",
                "the prices of « Annual-control fee » instead of those of « Site visit » (article IV.2)",
            ),
            (
                "Visite de site",
                "60.00",
                "tariff_swap",
                "one qualification billed at tariff 2 instead of tariff 1",
            ),
        ],
    )
    def test_a_wrong_visit(self, name: str, billed: str, cause: str, words: str) -> None:
        answer = checked("more_fees", bill(line(name, billed)), self.CONTROL)
        assert (cause, "site_visit") in causes(answer)
        assert words in told(answer)

    def test_visits_to_new_requests(self) -> None:
        # 125 + 15 + 375 + 850 and 10; a visit at tariff 4 (40,00) is not due for what is only asked for.
        new = due("more_fees", event="control", tariffs={1: 1}, new_tariffs={4: 1})
        answer = checked("more_fees", bill(line("Visite de site", "50.00")), new)
        assert ("new_controlled", "site_visit") in causes(answer)

    def test_a_fee_that_is_not_due(self) -> None:
        answer = checked("more_fees", bill(line("Visite de site", "35.00")), self.RENEWAL)
        assert codes(answer) == ["fee_not_due"]
        assert told(answer) == ["not due at this event: Site visit"]

    def test_the_same_audit_twice_within_the_four_years(self) -> None:
        firm = Party("BE", siren="434717997")
        checks = [
            checked("more_fees", totals("150.00", number=number, buyer=firm), self.RENEWAL)
            for number in ("A", "B")
        ]
        second = check_run(
            checks, tables("more_fees").dispute_codes, lambda bill: checked("more_fees", bill, self.RENEWAL)
        )[1]
        assert [item.fee for item in second.findings if item.code == "duplicate_fee"] == ["renewal_audit"]

    def test_it_is_booked(self) -> None:
        answer = checked(
            "more_fees", totals("707.50", currency="EUR"), self.RENEWAL, fees=["brand_usage", "renewal_audit"]
        )
        (entry,) = entries(
            [bill_of(answer.invoice, answer.by_fee, answer.expected.schedule)],
            tables("more_fees").accounts,
            prepaid=None,
        )
        sides = [(item.account.number, str(item.debit)) for item in entry.postings[:2]]
        assert sides == [("6511", "557.50"), ("6226", "150.00")]

    def test_a_fee_without_account_is_named(self) -> None:
        invoice = totals("150.00", currency="EUR")
        booked = bill_of(invoice, {"renewal_audit": D("150.00")}, self.RENEWAL.schedule)
        with pytest.raises(TableError, match="renewal_audit"):
            entries([booked], Tables().accounts)


class TestAnotherBody:
    """Three fees, two turnovers, no floor, tranches from 100 000 €, a cap of 5 000 €, two years."""

    # Expertise 50 + 2 × 100 + 150 = 400,00; cotisation 400 000 × 1 ‰ + 300 000 × 0,5 ‰ = 550,00.
    ASKED = ("9003:1", "9004:1", "9005:2")  # not among those that take the export turnover
    ENTRY = due("other_body", qualifications=ASKED, turnovers={"france": "800000", "export": "300000"})
    FOLLOW_UP = due("other_body", event="suivi", tariffs={1: 2, 3: 1})  # 24,00 + 25,00 = 49,00

    @pytest.mark.parametrize("amount", ["950.00", "400.00", "550.00"])
    def test_a_right_entry(self, amount: str) -> None:
        assert checked("other_body", totals(amount), self.ENTRY).verdict == "conform"

    def test_tranche_by_tranche(self) -> None:
        lines = (line("Cotisation", "400.00"), line("Cotisation", "150.00", number=2))
        answer = checked("other_body", bill(*lines), self.ENTRY)
        assert answer.verdict == "conform"
        assert answer.by_fee == {"cotisation": D("550.00")}

    @pytest.mark.parametrize(
        ("billed", "cause", "words"),
        [
            ("275.00", "billed_by_year", "the fee for 2 years billed for one"),
            ("1100.00", "billed_each_year", "the fee for 2 years billed for each year"),
            ("200.00", "turnover_base", "the turnover taken is « export »: 300000.00 €"),
            ("2500.00", "cap_per_year", "the cap of 2500.00 € a year applied to the whole fee"),
            ("5000.00", "turnover_unit", "the turnover multiplied by a thousand: thousands taken for euros"),
            ("650.00", "turnover", "another turnover: from 999990.00 € to 1000009.99 €"),
        ],
    )
    def test_a_wrong_subscription(self, billed: str, cause: str, words: str) -> None:
        turnovers = (
            {"france": "20000000"} if cause == "cap_per_year" else {"france": "800000", "export": "300000"}
        )
        entry = due("other_body", qualifications=self.ASKED, turnovers=turnovers)
        answer = checked("other_body", bill(line("Cotisation", billed)), entry)
        assert answer.verdict == "discrepancy"
        assert cause in [item.cause for item in answer.explanations[:3]]
        assert words in told(answer)[:3]
        assert {item.fee for item in answer.explanations} == {"cotisation"}

    def test_nothing_is_said_of_a_floor(self) -> None:
        small = due("other_body", tariffs={1: 1}, turnovers={"france": "50000"})
        assert small.subtotals["cotisation"] == 0
        answer = checked("other_body", bill(line("Cotisation", "100.00")), small)
        assert answer.verdict == "discrepancy"
        assert not [item for item in answer.explanations if "floor" in item.cause]

    def test_a_follow_up(self) -> None:
        assert checked("other_body", totals("49.00"), self.FOLLOW_UP).verdict == "conform"
        answer = checked("other_body", bill(line("Frais de passage", "61.00")), self.FOLLOW_UP)
        assert causes(answer)[0] == ("count_off", "passage")
        assert told(answer)[0] == "one qualification at tariff 1 too many"

    def test_another_event_of_its_own(self) -> None:
        answer = checked("other_body", bill(line("Expertise", "450.00")), self.FOLLOW_UP)
        assert told(answer)[0] == "not due at this event: Expertise fee"

    def test_two_years_are_spread(self) -> None:
        answer = checked("other_body", totals("550.00", currency="EUR"), self.ENTRY)
        known = tables("other_body")
        schedule = answer.expected.schedule
        seller = supplier_of(
            replace(answer.invoice, seller=Party("Bureau Veritas")),
            schedule,
            known.accounts,
            known.invoice_wording,
        )
        booked = bill_of(answer.invoice, answer.by_fee, schedule, supplier=seller)
        entry, *later = entries([booked], known.accounts, prepaid="months")
        # March to December are 10 of 24 months: 550 × 10 / 24 = 229,17.
        assert [(item.account.number, str(item.debit)) for item in entry.postings[:2]] == [
            ("486", "320.83"),
            ("6281", "229.17"),
        ]
        assert str(entry.postings[0].label) == "Bureau Veritas F1, Subscription (2 years), 2027 to 2028"
        assert [str(one.postings[1].credit) for one in later] == ["275.00", "45.83"]

    def test_it_is_issued_and_right(self) -> None:
        invoice = invoice_of(self.ENTRY, "F-1", seller=Party("B"), buyer=Party("BE"))
        assert [(str(item.name), str(item.amount)) for item in invoice.lines] == [
            ("Expertise fee: Fixed part", "50.00"),
            ("Expertise fee: Expertises at tariff 1: 9003, 9004", "200.00"),
            ("Expertise fee: Expertises at tariff 2: 9005", "150.00"),
            ("Subscription (2 years)", "550.00"),
        ]
        answer = checked("other_body", invoice, self.ENTRY)
        assert answer.verdict == "conform"
        assert answer.gap == 0

    def test_a_fee_of_another_schedule_is_refused(self) -> None:
        with pytest.raises(RequestError, match="expertise, cotisation, passage"):
            checked("other_body", totals("1.00"), self.ENTRY, fees=["instruction"])
