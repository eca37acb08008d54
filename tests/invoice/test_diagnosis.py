"""Why an amount differs: cases worked by hand, one for each cause."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.why.billing import Billing
from opqibi_rules.invoice.why.causes import _prices_taken
from opqibi_rules.invoice.why.turnover_causes import misuses
from opqibi_rules.price.quote import Quote, quote
from opqibi_rules.price.structure import Structure, Turnover
from opqibi_rules.tables.library import SHIPPED, Tables
from opqibi_rules.tables.schedule import PerQualification, Tranches
from tests.editions.pinned import TABLES_2024
from tests.invoice.bills import (
    CONTROL_PRICES,
    INSTRUCTION_PRICES,
    NEWER,
    ON,
    bill,
    check_invoice,
    codes,
    control,
    first,
    line,
    told,
    totals,
)

INSTRUCTION, MARK, CONTROL = "Frais d’instruction", "Utilisation de la marque", "Contrôle annuel"


def renewal(turnover: str, **changes: Any) -> Quote:
    return quote(**{"on": ON, "event": "renewal", "tariffs": {1: 1}, "turnover": turnover, **changes})


class TestTheCaseOfTheIssue:
    """An instruction fee of 1 280,00 € for -t 1=5 -t 2=3 (1 160,00 €)."""

    CAUSES = (
        "one qualification at tariff 2 too many",
        "one qualification billed at tariff 3 instead of tariff 2",
        "2 qualifications at tariff 1 too many",
        "2 qualifications billed at tariff 2 instead of tariff 1",
    )

    @pytest.mark.parametrize("invoice", [bill(line(INSTRUCTION, "1280.00")), totals("1280.00")])
    def test_all_the_equally_small_causes_are_given(self, invoice: Any) -> None:
        answer = check_invoice(invoice, expected=first())
        assert answer.verdict == "discrepancy"
        assert answer.gap == Decimal("120.00")
        assert tuple(told(answer)) == self.CAUSES
        assert {item.confidence for item in answer.explanations} == {"possible"}
        assert {item.articles for item in answer.explanations} == {("II.2",)}
        assert str(answer.summary).startswith(
            "Discrepancy: 120.00 € excl. VAT too much: one qualification at tariff 2"
        )

    def test_detailed_lines_leave_one_cause(self) -> None:
        lines = (
            line(f"{INSTRUCTION}, forfait", "500.00", "1", "500"),
            line(f"{INSTRUCTION}, tarif 1", "300.00", "5", "60", 2),
            line(f"{INSTRUCTION}, tarif 2", "480.00", "4", "120", 3),
        )
        answer = check_invoice(bill(*lines), expected=first())
        (explanation,) = answer.explanations
        assert (explanation.cause, explanation.confidence) == ("count_off", "certain")
        assert codes(answer) == ["line_quantity"]
        (finding,) = (item for item in answer.findings if item.severity == "error")
        assert finding.dispute is not None
        assert (finding.line, finding.dispute.code) == ("3", "QTE_ERR")


@pytest.mark.parametrize(
    ("turnover", "billed", "words"),
    [
        ("2400000", "1657.50", "another turnover: from 2999990.00 € to 3000012.49 €"),
        ("2400000", "180.00", "another turnover: 225006.24 € or less"),
        ("2400000", "40000.00", "another turnover: 149169980.00 € or more"),
        ("2400000", "339.38", "the fee for 4 years billed for one"),
        ("2400000", "5430.00", "the fee for 4 years billed for each year"),
        ("2400000", "2715.00", "billed twice: Brand-usage fee (4 years)"),
        ("2400000", "1357.00", "rounded down to the euro"),
        ("2400000", "1358.00", "rounded to the euro"),
        ("100000", "80.00", "the floor of 180.00 € forgotten: the rate of 0.8 ‰ on 100000.00 € alone"),
        ("100000", "45.00", "the fee for 4 years billed for one"),
        ("100000", "720.00", "the floor of 180.00 € applied per year"),
        ("800000", "180.00", "one year billed of 4, at the floor of 180.00 €"),
        # 2 650 000 × 0,65 ‰, the middle rate of three.
        (
            "2650000",
            "1722.50",
            "the rate of a tranche, 0.65 ‰, on the whole turnover of 2650000.00 € (Tranche from 250000 € to 800000 €)",
        ),
        ("200000000", "52707.50", "the cap of 40000.00 € forgotten"),
        ("200000000", "10000.00", "the cap of 10000.00 € a year applied to the whole fee"),
        ("1000000000", "160000.00", "the cap of 40000.00 € applied per year"),
        ("2400000", "40000.00", "the turnover multiplied by a thousand: thousands taken for euros"),
        # 240 000 000 €: 6 457,50 + 225 000 000 × 0,25 ‰ = 62 707,50, the cap.
        ("24000", "1357.50", "the turnover multiplied by a hundred: cents taken for euros"),
        ("24000000", "192.00", "the turnover divided by a hundred: euros taken for cents"),
        ("800000000", "557.50", "the turnover taken in thousands of euros"),
        # 250 010 €: 200 + 10 × 0,65 ‰ = 200,0065.
        ("250007.77", "200.00", "rounded down to the cent"),
    ],
)
def test_the_brand_usage_fee(turnover: str, billed: str, words: str) -> None:
    answer = check_invoice(bill(line(MARK, billed)), expected=renewal(turnover))
    assert answer.verdict == "discrepancy"
    assert words in told(answer)[:3]
    assert all(item.fee == "brand_usage" for item in answer.explanations)


@pytest.mark.parametrize("billed", ["0.01", "44.99", "41000.00"])
def test_an_amount_that_nothing_gives(billed: str) -> None:
    answer = check_invoice(bill(line(MARK, billed)), expected=renewal("2400000"))
    assert answer.explanations == ()
    assert str(answer.summary).endswith(f"; nothing looked for explains it.{NEWER}")


def test_a_turnover_that_is_known_is_named() -> None:
    firm = Structure(
        turnovers=(Turnover(2024, Decimal("3000000")), Turnover(2025, Decimal("2400000"), Decimal(90000)))
    )
    answer = check_invoice(
        bill(line(MARK, "1657.50")),
        expected=renewal("2400000"),
        structure=firm,
        other_turnovers={"total": "7 000 000", "the same": "2400000"},
    )
    assert told(answer)[0] == "the turnover taken is « ingénierie », year 2024: 3000000.00 €"
    assert answer.explanations[0].confidence == "certain"
    total = check_invoice(
        bill(line(MARK, "3257.50")), expected=renewal("2400000"), other_turnovers={"total": 7_000_000}
    )
    assert told(total)[0] == "the turnover taken is total: 7000000.00 €"


class TestTheControl:
    """125,00 + 2 × 15,00 + 212,50 = 367,50 €; with one new at tariff 5: + 375,00 + 1 050,00 €."""

    @pytest.mark.parametrize(
        ("billed", "words"),
        [
            ("742.50", "the flat fee of 375.00 € added, without any new qualification (article IV)"),
            ("242.50", "the flat part of 125.00 € forgotten (article IV.1)"),
            ("1095.00", f"{INSTRUCTION_PRICES} (article II.2)"),
            ("457.50", f"at tariff 1: {INSTRUCTION_PRICES} (article II.2)"),
            ("155.00", "one qualification at tariff 4 not billed"),
            ("735.00", "billed twice: Annual-control fee"),
            ("395.50", "one qualification at tariff 5 too many"),
        ],
    )
    def test_without_new_requests(self, billed: str, words: str) -> None:
        answer = check_invoice(bill(line(CONTROL, billed)), expected=control())
        assert words in told(answer)[:3]

    @pytest.mark.parametrize(
        ("billed", "words"),
        [
            ("2467.50", "the flat fee of 375.00 € for new qualifications forgotten (article IV)"),
            (
                "3217.50",
                "the flat fee of 375.00 € billed for each new qualification instead of once (article IV)",
            ),
            (
                "3342.50",
                "the flat part of 500.00 € of an application added to new qualifications (article II.1)",
            ),
            ("367.50", "the new qualifications not billed"),
            ("798.50", f"{CONTROL_PRICES} (article IV.2)"),
            (
                "2898.50",
                "the new qualifications billed a price of those held on top of their own (article IV.2)",
            ),
            ("1792.50", "one new qualification at tariff 5 not billed"),
            ("3892.50", "one new qualification at tariff 5 too many"),
        ],
    )
    def test_with_two_new_requests(self, billed: str, words: str) -> None:
        # 367,50 + 375,00 + 2 × 1 050,00 = 2 842,50 €.
        answer = check_invoice(bill(line(CONTROL, billed)), expected=control(new_tariffs={5: 2}))
        assert words in told(answer)[:3]


class TestTheEvent:
    def test_a_first_application_billed_to_a_renewal(self) -> None:
        answer = check_invoice(
            totals("1846.00"), expected=quote(on=ON, event="renewal", tariffs={1: 1, 3: 5}, turnover=1)
        )
        # 86 + 500 + 60 + 1 200 = 1 846,00 against 1 760,00 + 180,00: the mark is not billed, the file is.
        assert answer.verdict == "discrepancy"
        whole = check_invoice(
            totals("2026.00"), expected=quote(on=ON, event="renewal", tariffs={1: 1, 3: 5}, turnover=1)
        )
        assert "billed as another event: first application instead of renewal" in told(whole)[:2]

    def test_a_control_billed_to_a_renewal(self) -> None:
        lines = (line(f"{CONTROL}, forfait", "125.00"), line(f"{CONTROL}, tarif 1", "15.00", "1", "15", 2))
        answer = check_invoice(bill(*lines), expected=renewal("2400000"))
        assert told(answer)[0] == "billed as another event: annual control instead of renewal"
        assert codes(answer) == ["fee_not_due"]

    def test_a_fee_that_the_event_does_not_bear(self) -> None:
        lines = (line(CONTROL, "367.50"), line("Dossier postulant", "86.00", number=2))
        answer = check_invoice(bill(*lines), expected=control())
        assert codes(answer) == ["fee_not_due"]
        assert told(answer) == ["not due at this event: Application file"]

    def test_a_control_with_new_requests_billed_as_an_application_for_all(self) -> None:
        # 500 + 2 × 60 + 850 + 1 050 = 2 520,00 €.
        answer = check_invoice(totals("2520.00"), expected=control(new_tariffs={5: 1}))
        assert answer.verdict == "discrepancy"

    def test_an_event_and_a_count(self) -> None:
        # A control of five at tariff 1 and three at tariff 2 is 290,00; with one more at tariff 2, 320,00.
        lines = (line(f"{CONTROL}, forfait", "125.00"), line(f"{CONTROL}, tarif 1", "75.00", "5", "15", 2))
        more = line(f"{CONTROL}, tarif 2", "120.00", "4", "30", 3)
        answer = check_invoice(bill(*lines, more), expected=first())
        assert told(answer)[0] == "not due at this event: Annual-control fee"
        assert answer.verdict == "discrepancy"


class TestSeveralErrors:
    def test_two_fees_are_explained_one_by_one(self) -> None:
        lines = (line(INSTRUCTION, "1280.00"), line(MARK, "339.38", number=2))
        answer = check_invoice(bill(*lines), expected=first())
        assert codes(answer) == ["fee_amount", "fee_amount"]
        causes = [item.cause for item in answer.explanations if item.fee == "brand_usage"]
        assert causes[:1] == ["billed_by_year"]
        assert "one qualification at tariff 2 too many" in told(answer)
        assert str(answer.summary) == (
            "Discrepancy: 898.12 € excl. VAT too little: Instruction fee 120.00 €, one qualification at tariff 2 too "
            "many; Brand-usage fee (4 years) -1018.12 €, the fee for 4 years billed for one." + NEWER
        )

    def test_two_changes_on_one_fee(self) -> None:
        # 1 160 + 265 + 850 = 2 275,00: no single change gives 1 115,00.
        answer = check_invoice(bill(line(INSTRUCTION, "2275.00")), expected=first())
        best = answer.explanations[0]
        assert best.cause == "combination"
        assert len(best.changes) == 2
        assert best.confidence == "possible"
        assert sum(sum(change.moves.values()) for change in best.changes) == 111_500

    def test_the_nearest_counts(self) -> None:
        # 500 + 850 + 265 + 1 050 = 2 665,00 for one at tariff 1: three tariffs too many, one too few.
        answer = check_invoice(
            bill(line(INSTRUCTION, "2665.00")), expected=quote(on=ON, tariffs={1: 1}, turnover=1)
        )
        assert answer.explanations
        for item in answer.explanations:
            assert sum(sum(change.moves.values()) for change in item.changes) == 266_500 - 56_000

    def test_a_detailed_fee_wrong_in_three_places(self) -> None:
        lines = (
            line(f"{INSTRUCTION}, forfait", "500.00", "1", "500"),
            line(f"{INSTRUCTION}, tarif 1", "360.00", "6", "60", 2),
            line(f"{INSTRUCTION}, tarif 2", "600.00", "5", "120", 3),
            line(f"{INSTRUCTION}, tarif 4", "850.00", "1", "850", 4),
        )
        answer = check_invoice(bill(*lines), expected=first())
        assert codes(answer) == ["line_quantity"] * 3
        assert told(answer) == [
            "one qualification at tariff 1 too many, and 2 qualifications at tariff 2 too many, "
            "and one qualification at tariff 4 too many"
        ]
        assert [change.cause for change in answer.explanations[0].changes] == ["count_off"] * 3

    def test_a_price_of_no_list(self) -> None:
        lines = (
            line(f"{INSTRUCTION}, forfait", "500.00", "1", "500"),
            line(f"{INSTRUCTION}, tarif 1", "300.00", "5", "60", 2),
            line(f"{INSTRUCTION}, tarif 2", "375.00", "3", "125", 3),
        )
        answer = check_invoice(bill(*lines), expected=first())
        assert codes(answer) == ["line_unit_price"]
        assert told(answer) == ["the unit price of 125.00 € instead of 120.00 € at tariff 2"]
        assert answer.explanations[0].confidence == "possible"


@pytest.fixture
def two_editions(tmp_path: Path) -> Tables:
    """Our schedule, and an older one of a user's: 50,00 € at tariff 1, and tranches that fall between cents."""
    text = (SHIPPED / "bareme_2024.yaml").read_text("utf-8")
    text = text.replace("id: bareme_2024", "id: bareme_2020").replace('"2024-02-08"', '"2020-01-01"')
    text = text.replace('"1": "60.00"', '"1": "50.00"').replace('"250000"', '"250003.07"')
    (tmp_path / "old.yaml").write_text(text, "utf-8")
    return Tables(tmp_path)


def test_another_schedule(two_editions: Tables) -> None:
    due = first(tables=two_editions)
    answer = check_invoice(bill(line(INSTRUCTION, "1110.00")), expected=due, tables=two_editions)
    assert told(answer) == ["billed by another schedule: OPQIBI fee schedule of 08/02/2024, of 2020-01-01"]
    assert answer.explanations[0].cause == "other_schedule"


def test_each_tranche_rounded(two_editions: Tables) -> None:
    # 250 003,07 × 0,80 ‰ = 200,002456 and 1 000,08 × 0,65 ‰ = 0,650052: 200,00 + 0,65, and 200,65 together;
    # with 1 004,07 €: 0,6526455, together 200,6551 → 200,66, apart 200,00 + 0,65.
    due = quote(on="2021-01-01", event="renewal", tariffs={1: 1}, turnover="251007.14", tables=two_editions)
    answer = check_invoice(bill(line(MARK, "200.65"), issued=due.on), expected=due, tables=two_editions)
    assert "each tranche rounded instead of their sum" in told(answer)


def test_an_invoice_of_another_edition_s_day(two_editions: Tables) -> None:
    due = first(on="2021-01-01", tables=two_editions)
    answer = check_invoice(totals("1110.00"), expected=due, tables=two_editions)
    assert answer.verdict == "conform"
    assert codes(answer, "warning") == ["other_schedule"]


def test_a_turnover_too_large_for_thousands_to_be_taken_for_euros() -> None:
    answer = check_invoice(bill(line(MARK, "180.00")), expected=renewal("5000000000"))
    assert "another turnover: 225006.24 € or less" in told(answer)


def test_a_floor_and_no_cap_over_several_years() -> None:
    known = TABLES_2024.schedule(ON)
    fee = known.fees[2]
    part = fee.parts[0]
    assert isinstance(part, Tranches)
    open_part = replace(part, cap=None)
    fee = replace(fee, parts=(open_part,))
    schedule = replace(known, fees=(*known.fees[:2], fee, known.fees[3]))
    asked = first(turnover="100000")
    billing = Billing(schedule, asked.event, FrozenDict({1: 1}), FrozenDict(), asked.question)
    causes = {change.cause for change in misuses(billing, fee, open_part, ())}
    assert "floor_per_year" in causes
    assert "cap_per_year" not in causes


def test_a_part_without_a_floor_and_one_whose_floor_is_above_two_tranches() -> None:
    # On 800 000 €: 200,00 + 357,50 = 557,50, below a floor of 1 000,00.
    known = TABLES_2024.schedule(ON)
    fee = known.fees[2]
    part = fee.parts[0]
    assert isinstance(part, Tranches)
    assert part.floor is not None
    asked = first(turnover="800000")

    def ways(changed: Tranches) -> dict[str, str]:
        other = replace(fee, parts=(changed,))
        schedule = replace(known, fees=(*known.fees[:2], other, known.fees[3]))
        billing = Billing(schedule, asked.event, FrozenDict({1: 1}), FrozenDict(), asked.question)
        return {change.cause: str(change.message) for change in misuses(billing, other, changed, ())}

    assert "floor_per_year" not in ways(replace(part, floor=None))
    higher = replace(part, floor=replace(part.floor, amount=Decimal("1000.00")))
    assert ways(higher)["floor_forgotten"] == "the floor of 1000.00 € forgotten"


def test_two_price_lists_of_one_fee_are_named_by_their_ids() -> None:
    known = TABLES_2024.schedule(ON)
    fee = known.fees[1]
    part = fee.parts[1]
    assert isinstance(part, PerQualification)
    both = replace(fee, parts=(*fee.parts, replace(part, id="more", prices="control")))
    schedule = replace(known, fees=(known.fees[0], both, *known.fees[2:]))
    said = _prices_taken(schedule, schedule.price_list("control"), part)
    assert (said.values["wrong"], said.values["right"]) == ("control", "instruction")


class TestSlips:
    """Renewal of 1 × tariff 1 and 3 × tariff 2: 500 + 60 + 360 = 920,00 €; the mark on 800 000 € is 557,50 €."""

    DUE: ClassVar[dict[str, Any]] = {"tariffs": {1: 1, 2: 3}, "turnover": "800000"}

    @pytest.mark.parametrize(
        ("billed", "cause", "words"),
        [
            ("575.50", "digits_swapped", "two digits of 557.50 € swapped: 575.50 €"),
            ("55.75", "zero_too_few", "a zero too few: 55.75 € instead of 557.50 €"),
            # 200,00 + 550 000 × 0,65 ‰ = 557,50; each tranche aside; 0,80 ‰ or 0,65 ‰ on the whole.
            ("357.50", "tranche_left_out", "a tranche left out: Tranche from 0 € to 250000 €"),
            ("200.00", "tranche_left_out", "a tranche left out: Tranche from 250000 € to 800000 €"),
            (
                "640.00",
                "one_rate",
                "the rate of the first tranche, 0.8 ‰, on the whole turnover of 800000.00 €",
            ),
            (
                "520.00",
                "one_rate",
                "the rate of the last tranche, 0.65 ‰, on the whole turnover of 800000.00 €",
            ),
            ("5575.00", "rate_unit", "per cent taken for per mille: ten times the rate"),
            # 960 000 €: 557,50 + 160 000 × 0,50 ‰ = 637,50.
            ("637.50", "turnover_incl_vat", "the turnover taken with its VAT (20 %)"),
            ("558.00", "rounding", "rounded to the euro"),
        ],
    )
    def test_of_the_mark(self, billed: str, cause: str, words: str) -> None:
        answer = check_invoice(bill(line(MARK, billed)), expected=renewal(**self.DUE))
        assert words in told(answer)[:3]
        assert cause in [item.cause for item in answer.explanations]
        assert "turnover" not in {item.cause for item in answer.explanations}

    @pytest.mark.parametrize(
        ("quantity", "price", "words"),
        [
            ("3", "210", "two digits of the unit price swapped at tariff 2: 210.00 € instead of 120.00 €"),
            ("3", "1200", "a zero too many in the unit price at tariff 2: 1200.00 € instead of 120.00 €"),
            ("3", "12", "a zero too few in the unit price at tariff 2: 12.00 € instead of 120.00 €"),
            ("3", "131", "the unit price of 131.00 € instead of 120.00 € at tariff 2"),
            ("5", "120", "2 qualifications at tariff 2 too many"),
        ],
    )
    def test_of_a_price_that_the_line_shows(self, quantity: str, price: str, words: str) -> None:
        lines = (
            line(f"{INSTRUCTION}, partie forfaitaire", "500.00", "1", "500"),
            line(f"{INSTRUCTION}, tarif 1", "60.00", "1", "60", 2),
            line(f"{INSTRUCTION}, tarif 2", f"{int(quantity) * int(price)}.00", quantity, price, 3),
        )
        answer = check_invoice(bill(*lines), expected=renewal(**self.DUE))
        assert told(answer)[0] == words
        assert answer.gap == int(quantity) * int(price) - 360

    def test_a_half_price(self) -> None:
        lines = (
            line(f"{INSTRUCTION}, partie forfaitaire", "500.00", "1", "500"),
            line(f"{INSTRUCTION}, tarif 1", "60.00", "1", "60", 2),
            line(f"{INSTRUCTION}, tarif 2", "240.00", "2", "120", 3),
            line(f"{INSTRUCTION}, tarif 2", "60.00", "1", "60", 4),
        )
        answer = check_invoice(bill(*lines), expected=renewal(**self.DUE))
        assert (
            told(answer)[0] == "one qualification at tariff 2 at half its price: 60.00 € instead of 120.00 €"
        )


class TestTheWholeInvoice:
    """500 + 5 × 60 + 3 × 120 = 1 160,00 € of instruction; 86,00 € of file."""

    FILE = "Dossier postulant"

    def of_two(self, dossier: str, instruction: str) -> Any:
        lines = (line(self.FILE, dossier), line(INSTRUCTION, instruction, number=2))
        return check_invoice(bill(*lines), expected=first())

    def test_amounts_incl_vat(self) -> None:
        assert told(self.of_two("103.20", "1392.00")) == ["amounts incl. VAT taken as excl. VAT"]

    def test_the_vat_taken_off(self) -> None:
        # 86 / 1,2 = 71,666… and 1 160 / 1,2 = 966,666…
        said = told(self.of_two("71.67", "966.67"))
        assert said == ["the VAT taken off amounts that are excl. VAT already"]

    def test_prices_raised(self) -> None:
        assert told(self.of_two("88.15", "1189.00")) == ["all the prices raised by 2.5 %"]

    def test_a_deposit(self) -> None:
        answer = check_invoice(totals("373.80"), expected=first(), fees=["dossier", "instruction"])
        assert told(answer)[0] == "30 % of the price: a deposit"  # of 1 246,00

    def test_a_part_of_the_year(self) -> None:
        # 367,50 × 6 / 12.
        answer = check_invoice(bill(line(CONTROL, "183.75")), expected=control())
        assert told(answer)[0].startswith("6 months of twelve billed")

    def test_two_structures(self) -> None:
        lines = (
            line(self.FILE, "86.00"),
            line(INSTRUCTION, "1160.00", number=2),
            line(self.FILE, "86.00", number=3),
            line(INSTRUCTION, "620.00", number=4),
        )
        answer = check_invoice(bill(*lines), expected=first())
        assert told(answer)[0].startswith("a second structure on the same invoice: 706.00 €")
        assert answer.explanations[0].confidence != "certain"

    def test_one_too_many_and_a_line_that_is_unknown_are_told_together(self) -> None:
        """Each has its own amount: neither is an alternative of the other."""
        lines = (line(INSTRUCTION, "1220.00"), line("Abonnement au journal", "75.00", number=2))
        answer = check_invoice(bill(*lines), expected=first())
        assert [item.effect for item in answer.explanations if item.fee is None] == [Decimal(75)]
        assert answer.gap == Decimal(135)
        assert str(answer.summary).startswith(
            "Discrepancy: 135.00 € excl. VAT too much: Instruction fee 60.00 €, "
        )
        assert "; 75.00 € billed that the schedule does not know: « Abonnement au journal »." in str(
            answer.summary
        )

    def test_an_event_that_the_lines_mix(self) -> None:
        # 500 + 2 × 60 + 850 = 1 470,00, as an application for what is controlled.
        lines = (
            line("Frais d’instruction, partie forfaitaire", "500.00"),
            line("Qualifications tarif 1", "120.00", "2", "60", 2),
            line("Qualifications tarif 4", "850.00", "1", "850", 3),
        )
        answer = check_invoice(bill(*lines), expected=control())
        assert told(answer)[0].startswith("billed as another event")


class TestWhatItDoesNotKnow:
    def test_a_flat_part_billed_twice_and_one_more(self) -> None:
        lines = (
            line(f"{INSTRUCTION} - part fixe", "500.00", "1", "500"),
            line(f"{INSTRUCTION} - part fixe", "500.00", "1", "500", 2),
            line("Qualifications tarif 1", "300.00", "5", "60", 3),
            line("Qualifications tarif 2", "480.00", "4", "120", 4),
        )
        answer = check_invoice(bill(*lines), expected=first())
        assert told(answer) == [
            "the flat part of 500.00 € billed twice (article II.1), and one qualification at tariff 2 too many"
        ]
        assert answer.explanations[0].confidence == "possible"

    @pytest.mark.parametrize("amount", ["15.00", "60.00", "120.00"])
    def test_an_unknown_line_is_named_with_its_amount_and_explained_by_nothing(self, amount: str) -> None:
        lines = (line(CONTROL, "367.50"), line("Frais de gestion", amount, number=2))
        answer = check_invoice(bill(*lines), expected=control())
        assert told(answer) == [f"{amount} € billed that the schedule does not know: « Frais de gestion »"]
        assert answer.gap == Decimal(amount)

    def test_another_turnover_only_where_the_words_bear_it(self) -> None:
        due = quote(on=ON, event="renewal", tariffs={1: 9}, turnover="800000")
        answer = check_invoice(bill(line("Frais d’instruction", "1126.00")), expected=due)
        assert "turnover" not in {item.cause for item in answer.explanations}
        assert answer.gap == Decimal("86.00")  # 500 + 9 × 60 = 1 040,00

    def test_digits_swapped_are_no_qualifications_for_certain(self) -> None:
        # 500 + 5 × 60 + 3 × 120 = 1 160,00; written 1 610,00.
        answer = check_invoice(bill(line(INSTRUCTION, "1610.00")), expected=first())
        assert "two digits of 1160.00 € swapped: 1610.00 €" in told(answer)
        assert "certain" not in {item.confidence for item in answer.explanations}


def of(answer: Any) -> list[tuple[str, str]]:
    return [(item.cause, str(item.confidence)) for item in answer.explanations]


class TestACauseThatExplainsNothingStandsBesideNoOther:
    """A cap does not lower what lies below it, nor a floor raise what lies above."""

    def test_a_floor_forgotten_is_certain(self) -> None:
        # 150 000 × 0,8 ‰ = 120,00, raised to 180,00
        found = of(check_invoice(bill(line(MARK, "120.00", "1", "120")), expected=renewal("150000")))
        assert found == [("floor_forgotten", "certain")]

    def test_a_cap_forgotten_is_no_floor(self) -> None:
        # 187,50 + … on 150 million: 40 207,50, which a cap of four times 40 000,00 leaves as well
        answer = check_invoice(bill(line(MARK, "40207.50", "1", "40207.50")), expected=renewal("150000000"))
        assert {cause for cause, _ in of(answer)} == {"cap_forgotten", "cap_per_year"}

    def test_a_fee_that_is_not_due_at_its_own_price_is_no_less_sure_than_another_event(self) -> None:
        lines = (
            line("Dossier postulant", "86.00", "1", "86"),
            line(f"{INSTRUCTION}, forfait", "500.00", "1", "500", 2),
            line(f"{INSTRUCTION}, tarif 1", "60.00", "1", "60", 3),
            line(MARK, "180.00", "1", "180", 4),
        )
        assert of(check_invoice(bill(*lines), expected=renewal("200000"))) == [
            ("fee_not_due", "possible"),
            ("wrong_event", "possible"),
        ]


class TestHeldAndNew:
    """Two held at tariff 2 and one at tariff 5: 125 + 60 + 28; a new one at tariff 5: 375 + 1 050."""

    BASE = (
        line("Contrôle annuel, partie forfaitaire", "125.00", "1", "125"),
        line("Contrôle annuel, qualifications tarif 2", "60.00", "2", "30", 2),
    )
    CONTROLLED = line("Contrôle annuel, qualification tarif 5", "28.00", "1", "28", 3)
    ASKED = (
        line("Forfait nouvelle demande", "375.00", "1", "375", 4),
        line("Nouvelle qualification au tarif 5", "1050.00", "1", "1050", 5),
    )

    def test_one_held_billed_as_new(self) -> None:
        due = control(tariffs={2: 2, 5: 1})
        answer = check_invoice(bill(*self.BASE, *self.ASKED), expected=due)
        assert of(answer) == [("held_as_new", "certain")]
        assert answer.gap == Decimal("1397.00")
        in_one = check_invoice(bill(*self.BASE, line("Nouvelle demande", "1425.00")), expected=due)
        assert of(in_one) == [("held_as_new", "possible")]

    def test_the_new_counted_among_those_held(self) -> None:
        due = control(tariffs={2: 2}, new_tariffs={5: 1})
        answer = check_invoice(bill(*self.BASE, self.CONTROLLED), expected=due)
        assert of(answer) == [("new_as_held", "certain")]
        assert answer.gap == Decimal("-1397.00")

    def test_the_new_billed_the_control_as_well_is_no_certain_count(self) -> None:
        due = control(tariffs={2: 2}, new_tariffs={5: 1})
        answer = check_invoice(bill(*self.BASE, self.CONTROLLED, *self.ASKED), expected=due)
        assert of(answer) == [("new_controlled", "possible"), ("count_off", "possible")]


class TestNames:
    def test_the_price_of_another_tariff_than_the_one_named(self) -> None:
        lines = (
            line("Contrôle annuel, partie forfaitaire", "125.00", "1", "125"),
            line("Contrôle annuel, qualifications tarif 5", "108.00", "2", "54", 2),
        )
        answer = check_invoice(bill(*lines), expected=control(tariffs={5: 2}))  # 54,00 is tariff 6's
        assert of(answer) == [("tariff_swap", "likely")]
        assert told(answer) == ["2 qualifications billed at tariff 6 instead of tariff 5"]

    def test_what_is_due_at_two_tariffs_each_under_the_name_of_the_other(self) -> None:
        lines = (
            line(f"{INSTRUCTION}, forfait", "500.00", "1", "500"),
            line(f"{INSTRUCTION}, tarif 2", "300.00", "5", "60", 2),
            line(f"{INSTRUCTION}, tarif 1", "360.00", "3", "120", 3),
        )
        answer = check_invoice(bill(*lines), expected=first())
        assert (answer.verdict, of(answer)) == ("discrepancy", [("labels_exchanged", "certain")])
        assert "nothing looked for" not in str(answer.summary)

    def test_both_turnovers_added(self) -> None:
        # 1 200 000 gives 757,50 where 900 000, what is not audit, gives 607,50
        due = renewal("900000", tariffs=None, qualifications=["1905:5", "1202:2"], audit_turnover="300000")
        assert due.subtotals["brand_usage"] == Decimal("607.50")
        answer = check_invoice(bill(line(MARK, "757.50", "1", "757.50")), expected=due)
        assert of(answer)[0] == ("turnover_base", "certain")
        assert "the sum of" in told(answer)[0]

    def test_one_fee_with_its_vat(self) -> None:
        # 1 357,50 × 1,2 = 1 629,00; the dossier is right
        lines = (line("Dossier postulant", "86.00", "1", "86"), line(MARK, "1629.00", "1", "1629", 2))
        assert of(check_invoice(bill(*lines), expected=first())) == [("incl_vat_as_excl", "likely")]
        alone = check_invoice(bill(lines[1]), expected=first())
        assert [cause for cause, _ in of(alone)].count("incl_vat_as_excl") == 1
