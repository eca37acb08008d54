"""What nothing settles of a price: counted and not held, entailed by another, on the turnover of one year or another.

The prices are those of 2024: a control is 125 € and 28 € at tariff 5, 30 € at tariff 2, 54 € at tariff 6.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from opqibi_rules.invoice.check import InvoiceCheck, check_invoice
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.price.financial_year import YearEnd
from opqibi_rules.price.quote import quote
from opqibi_rules.price.structure import Qualification, Structure, Turnover
from tests.invoice.bills import bill, codes, line, totals

GRANTED = date(2024, 5, 20)
FIRM = Structure(
    name="BE Martin",
    qualifications=(
        Qualification("1905", 5, granted_on=GRANTED),
        Qualification("1911", 5, granted_on=GRANTED),
        Qualification("1331", 2, granted_on=GRANTED),
        Qualification("0607", 6, probationary=True, granted_on=date(2025, 5, 20)),
    ),
)
FLAT = line("Contrôle annuel - partie forfaitaire", "125.00")
HELD = (
    FLAT,
    line("Qualifications tarif 5", "56.00", "2", "28", 2),
    line("Qualifications tarif 2", "30.00", "1", "30", 3),
)
PROBATIONARY = line("Qualifications tarif 6", "54.00", "1", "54", 4)


def controlled(invoice: Invoice) -> InvoiceCheck:
    assert invoice.issued is not None
    due = quote(on=invoice.issued, event="control", structure=FIRM)
    return check_invoice(invoice, expected=due)


def told(answer: InvoiceCheck) -> list[str]:
    return [str(item.message) for item in answer.findings if item.code == "price_open" and item.undetermined]


class TestNotHeldThatDay:
    """0607 is granted on 20/05/2025: on the 12th the price counts it, 265 €, and 211 € are due without it."""

    @pytest.mark.parametrize(
        "lines",
        [
            HELD,
            (*HELD, PROBATIONARY),
            (line("Contrôle annuel", "211.00"),),
            (line("Contrôle annuel", "265.00"),),
        ],
    )
    def test_billed_or_not_nothing_tells(self, lines: Any) -> None:
        answer = controlled(bill(*lines, issued=date(2025, 5, 12)))
        assert answer.verdicts["price"] == "undetermined"
        assert told(answer)[0] == "Counted as held, though granted after 2025-05-12 only: 0607."
        assert not [item for item in answer.explanations if item.confidence != "possible"]

    def test_all_of_them_over(self) -> None:
        answer = controlled(bill(*HELD, PROBATIONARY, issued=date(2028, 5, 22)))
        assert answer.verdicts["price"] == "undetermined"
        assert "though over before 2028-05-22" in told(answer)[0]

    @pytest.mark.parametrize(("left", "verdict"), [("235.00", "discrepancy"), ("237.00", "undetermined")])
    def test_some_of_them_and_nothing_else(self, left: str, verdict: str) -> None:
        """On 20/05/2024 nothing but 0607 is still to come: 265 - 30 is of 1331, which is held; on the eve, of none.

        265 - 28 is 237, one at tariff 5 that 1905 entails.
        """
        assert controlled(totals(left, issued=date(2025, 6, 2))).verdicts["price"] == verdict
        assert controlled(totals(left, issued=date(2024, 5, 19))).verdicts["price"] == "undetermined"

    def test_another_line_that_is_wrong_stays_so(self) -> None:
        """The flat part is 125 €, whatever is held: 100 € is 25 € short."""
        short = line("Contrôle annuel - partie forfaitaire", "100.00")
        answer = controlled(bill(short, *HELD[1:], issued=date(2025, 5, 12)))
        assert codes(answer) == ["fee_amount"]
        assert told(answer)

    def test_held_that_day(self) -> None:
        answer = controlled(bill(*HELD, PROBATIONARY, issued=date(2025, 6, 2)))
        assert (answer.verdicts["price"], told(answer)) == ("conform", [])


class TestEntailed:
    """1905 entails 1911: the schedule does not say whether that one is billed."""

    def test_not_billed(self) -> None:
        lines = (FLAT, line("Qualification 1905", "28.00", "1", "28", 2), HELD[2], PROBATIONARY)
        answer = controlled(bill(*lines, issued=date(2025, 6, 2)))
        assert answer.verdicts["price"] == "undetermined"
        assert told(answer)[0].startswith("1905 entails 1911; the schedule does not say whether")

    def test_billed(self) -> None:
        answer = controlled(bill(*HELD, PROBATIONARY, issued=date(2025, 6, 2)))
        (note,) = (item for item in answer.findings if item.code == "price_open")
        assert (note.severity.value, note.undetermined) == ("info", False)

    def test_two_of_the_tariff_are_not(self) -> None:
        lines = (FLAT, HELD[2], PROBATIONARY)
        assert codes(controlled(bill(*lines, issued=date(2025, 6, 2)))) == ["line_quantity"]


class TestTheYearOfTheTurnover:
    """The year closes on 30/06: 0.8 ‰ to 250 000 €, 0.65 ‰ to 800 000 €, 0.5 ‰ above.

    On 910 000 €, 200 + 357.50 + 55 = 612.50 €; on 1 250 000 €, 200 + 357.50 + 225 = 782.50 €."""

    FIRM = Structure(
        name="BE Martin",
        year_end=YearEnd(6, 30),
        qualifications=(Qualification("1331", 2), Qualification("1407", 1)),
        turnovers=(Turnover(2024, Decimal(910_000)), Turnover(2025, Decimal(1_250_000))),
    )

    def judged(self, amount: str, day: date, **more: Any) -> InvoiceCheck:
        due = quote(on=day, event="renewal", structure=more.pop("firm", self.FIRM))
        invoice = bill(line("Utilisation de la marque OPQIBI", amount), issued=more.pop("issued", day))
        return check_invoice(invoice, expected=due, **more)

    @pytest.mark.parametrize("amount", ["612.50", "782.50"])
    def test_a_close_since_the_request(self, amount: str) -> None:
        answer = self.judged(amount, date(2025, 8, 10))
        assert answer.verdicts["price"] == "undetermined"
        (reason,) = told(answer)
        assert (
            "after 2025-06-30, it comes to 782.50 € (year 2025); by that day, to 612.50 € (year 2024)"
            in reason
        )

    def test_a_close_long_before(self) -> None:
        """Over the three months that a plan assumes: the year before may still be that of the request."""
        assert self.judged("782.50", date(2026, 1, 15)).verdicts["price"] == "conform"
        assert self.judged("612.50", date(2026, 1, 15)).verdicts["price"] == "undetermined"
        assert codes(self.judged("612.50", date(2026, 7, 2))) == ["fee_amount"]

    def test_the_day_of_the_request_tells(self) -> None:
        issued = date(2025, 8, 10)
        answer = self.judged("612.50", date(2025, 5, 20), issued=issued, dated=True)
        assert (answer.verdicts["price"], told(answer)) == ("conform", [])
        assert codes(self.judged("612.50", date(2025, 7, 20), issued=issued, dated=True)) == ["fee_amount"]

    def test_another_amount_is_a_discrepancy(self) -> None:
        assert codes(self.judged("600.00", date(2025, 8, 10))) == ["fee_amount"]

    def test_one_year_known(self) -> None:
        firm = Structure(
            name="BE Martin", qualifications=self.FIRM.qualifications, turnovers=self.FIRM.turnovers[1:]
        )
        assert self.judged("782.50", date(2026, 3, 2), firm=firm).verdicts["price"] == "conform"

    def test_an_invoice_without_that_fee(self) -> None:
        """The instruction of one at tariff 2 and one at tariff 1 takes no turnover: 500 + 120 + 60 = 680 €."""
        day = date(2025, 8, 10)
        due = quote(on=day, event="renewal", structure=self.FIRM)
        answer = check_invoice(bill(line("Frais d’instruction", "680.00"), issued=day), expected=due)
        assert (answer.verdicts["price"], told(answer)) == ("conform", [])
