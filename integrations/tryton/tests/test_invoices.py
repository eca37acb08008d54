"""OPQIBI's invoices in a real Tryton: imported, checked, refused, corrected, posted; on SQLite and on PostgreSQL."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from xmlrpc.client import Fault

import pytest
from proteus import Model, Wizard
from proteus.config import XmlrpcConfig

import opqibi_rules as opqibi

D = Decimal
Bill = Callable[..., Path]
Sides = dict[str, Decimal]
RIGHT = ("-t", "1=5", "-t", "2=3", "--turnover", "800000")
WRONG = ("-t", "1=6", "-t", "2=3", "--turnover", "800000")
"""One qualification of tariff 1 too many: 60,00 € (article II.2)."""


def imported(user: XmlrpcConfig, path: Path, event: str = "first") -> Model:
    wizard = Wizard("opqibi.import", config=user)
    wizard.form.document, wizard.form.filename, wizard.form.event = path.read_bytes(), path.name, event
    wizard.execute("import_")
    (found,) = wizard.actions[0]
    return found


def posted(invoice: Model, user: XmlrpcConfig, *, saying: str) -> None:
    """Post in spite of the warning, which says so much, as the client does for one who has read it."""
    with pytest.raises(Fault, match=saying) as warned:
        invoice.click("post")
    assert warned.value.faultCode == 2  # a warning
    mark = hashlib.md5(f"account.invoice,{invoice.id}".encode()).hexdigest()
    name = f"{mark}.opqibi_{invoice.opqibi_verdict}"
    Model.get("res.user.warning", user)._proxy.skip(name, False, user.context)
    invoice.click("post")


def net(moves: Iterable[Model]) -> Sides:
    """Debit less credit by account; the supplier's own account, 4011 in this chart, is 401 in the table."""
    found: Sides = {}
    for line in (line for move in moves for line in move.lines):
        code = line.account.code.replace("4011", "401")
        found[code] = found.get(code, D(0)) + line.debit - line.credit
    return {code: amount for code, amount in found.items() if amount}


def said(entry: opqibi.Entry) -> Sides:
    found: Sides = {}
    for one in entry.postings:
        found[one.account.number] = found.get(one.account.number, D(0)) + one.debit - one.credit
    return found


def test_refused_explained_corrected_posted(firm: SimpleNamespace, billed: Bill) -> None:
    clerk = firm.clerk
    wrong = imported(clerk, billed("F-1", *WRONG))
    assert (wrong.reference, wrong.state, wrong.opqibi_verdict) == ("F-1", "draft", "discrepancy")
    assert (wrong.opqibi_gap, wrong.untaxed_amount, wrong.total_amount) == (
        D("60.00"),
        D("1863.50"),
        D("2236.20"),
    )
    assert "€60 excl. VAT too much: one qualification at tariff 1 too many" in wrong.opqibi_summary
    assert "one qualification at tariff 1 too many (II" in wrong.opqibi_causes
    assert "Subject: your invoice F-1" in wrong.opqibi_letter
    assert (
        "Please send us a corrected document" in wrong.opqibi_letter
        or "which schedule" in wrong.opqibi_letter
    )
    (row,) = [row for row in wrong.opqibi_rows if row.difference]
    assert (row.expected, row.invoiced, row.difference) == (D("300.00"), D("360.00"), D("60.00"))
    assert row.articles == "II.2"
    with pytest.raises(Fault, match="is not posted. Discrepancy: €60"):
        wrong.click("post")
    wrong.reload()
    assert (wrong.state, wrong.move) == ("draft", None)
    # To draft it anew and validate it does not help: it is posted by nobody without the right.
    wrong.click("validate_invoice")
    with pytest.raises(Fault, match="is not posted"):
        wrong.click("post")

    path = billed("F-2", *RIGHT)
    right = imported(clerk, path)
    assert (right.opqibi_verdict, right.opqibi_gap, right.opqibi_letter) == ("conform", 0, "")
    assert [line.account.code for line in right.lines] == ["6228"] * 4 + ["6511"]
    right.click("validate_invoice")
    right.click("post")
    assert right.state == "posted"

    expected = opqibi.quote(on="2026-03-02", tariffs={1: 5, 2: 3}, turnover=800_000)
    check = opqibi.check_invoice(opqibi.read_invoice(path), expected=expected)
    purchase, *later = opqibi.entries([check])
    assert right.move.date == purchase.day == date(2026, 3, 2)
    assert net([right.move]) == said(purchase)
    # 557,50 € for 1 461 days from 02/03/2026, 305 of them in 2026: 557,50 × 305 / 1 461 = 116,3843…
    assert net([right.move])["486"] == D("557.50") - D("116.38")
    releases = right.opqibi_releases
    assert [one.date for one in releases] == [entry.day for entry in later] == [
        date(year, 12, 31) for year in (2027, 2028, 2029, 2030)
    ]  # fmt: skip
    for one, entry in zip(releases, later, strict=True):
        one.click("book")
        assert net([one.move]) == said(entry)
        assert (one.move.state, one.move.journal.code, one.move.date) == ("posted", "OD", entry.day)
    right.reload()
    balance = net([right.move, *(one.move for one in right.opqibi_releases)])
    assert balance == {"6228": D("1246.00"), "6511": D("557.50"), "44566": D("360.70"), "401": D("-2164.20")}
    # What cancels the invoice cancels what was released of it.
    right.click("cancel")
    moves = [right.move, right.cancel_move, *right.additional_moves]
    assert len(moves) == 2 + 2 * 4
    assert net(moves) == {}


def test_the_right_to_post_what_is_disputed(firm: SimpleNamespace, billed: Bill) -> None:
    wrong = imported(firm.chief, billed("F-3", *WRONG))
    posted(wrong, firm.chief, saying="is disputed. Discrepancy: €60")
    assert (wrong.state, wrong.opqibi_verdict) == ("posted", "discrepancy")
    # As it was billed, and nothing is spread of what is disputed.
    assert net([wrong.move]) == {
        "6228": D("1306.00"),
        "6511": D("557.50"),
        "44566": D("372.70"),
        "401": D("-2236.20"),
    }
    assert wrong.opqibi_releases == []


def test_a_verdict_lasts_as_long_as_what_was_judged(firm: SimpleNamespace, billed: Bill) -> None:
    invoice = imported(firm.clerk, billed("F-4", *RIGHT))
    line = invoice.lines[0]
    line.unit_price += 1
    invoice.save()
    assert invoice.opqibi_verdict == "stale"
    invoice.click("opqibi_check")
    assert invoice.opqibi_verdict == "discrepancy"
    assert "total excl. VAT €1,804.50, and €1,803.50 in the document" in invoice.opqibi_summary
    with pytest.raises(Fault, match="not what the document says"):
        invoice.click("post")
    line = invoice.lines[0]
    line.unit_price -= 1
    invoice.save()
    invoice.click("opqibi_check")
    assert invoice.opqibi_verdict == "conform"
    structure = firm.structure
    turnover = structure.turnovers[0]
    turnover.amount = D(900_000)
    structure.save()
    invoice.reload()
    assert invoice.opqibi_verdict == "stale"
    structure.turnovers[0].amount = D(800_000)
    structure.save()
    invoice.reload()
    assert invoice.opqibi_verdict == "conform"
    client = {"account.invoice.opqibi_document": "size"}  # as the web client asks for it
    (seen,) = Model.get("account.invoice", firm.clerk)._proxy.read([invoice.id], ["opqibi_verdict"], client)
    assert seen["opqibi_verdict"] == "conform"
    (copy,) = invoice.duplicate()
    assert (copy.opqibi_verdict, copy.opqibi_document, copy.opqibi_rows) == (None, None, [])


def test_what_cannot_be_judged_is_said(firm: SimpleNamespace, billed: Bill) -> None:
    invoice = imported(firm.clerk, billed("F-5", *RIGHT))
    invoice.opqibi_event = None
    invoice.save()
    invoice.click("opqibi_check")
    assert invoice.opqibi_verdict == "undetermined"
    assert "Say which event" in invoice.opqibi_summary
    firm.structure.undetermined = "refuse"
    firm.structure.save()
    with pytest.raises(Fault, match="is not posted. Say which event"):
        invoice.click("post")
    firm.structure.undetermined = "warn"
    firm.structure.save()
    posted(invoice, firm.clerk, saying="could not be judged. Say which event")
    assert invoice.state == "posted"


def test_an_invoice_entered_by_hand(firm: SimpleNamespace) -> None:
    """No document: what was entered is what is judged, and other suppliers are left alone."""
    Invoice = Model.get("account.invoice", firm.clerk)
    other = Model.get("party.party", firm.clerk)(name="Qualibat")
    other.save()
    for party in (firm.party.id, other.id):
        invoice = Invoice(
            type="in", reference=f"H-{party}", invoice_date=date(2026, 3, 2), opqibi_event="control"
        )
        invoice.party = Model.get("party.party", firm.clerk)(party)
        line = invoice.lines.new(description="Frais de contrôle annuel", quantity=8, unit_price=D(13))
        line.account = Model.get("account.account", firm.clerk)(firm.account("account", "6228").id)
        line.taxes.append(Model.get("account.tax", firm.clerk)(firm.structure.tax.id))
        invoice.save()
        if party == other.id:
            invoice.click("post")
            assert (invoice.state, invoice.opqibi_verdict) == ("posted", None)
        else:
            with pytest.raises(Fault, match="is not posted. Discrepancy"):
                invoice.click("post")


def test_a_page_is_read_too(firm: SimpleNamespace, billed: Bill) -> None:
    invoice = imported(firm.clerk, billed("F-6", *RIGHT, name="invoice.pdf"))
    assert (invoice.opqibi_verdict, invoice.total_amount) == ("conform", D("2164.20"))
    assert invoice.opqibi_filename == "invoice.pdf"
    wizard = Wizard("opqibi.import", config=firm.clerk)
    wizard.form.document, wizard.form.filename, wizard.form.event = b"%PDF-1.4 no", "no.pdf", "first"
    with pytest.raises(Fault, match=r"no\.pdf"):
        wizard.execute("import_")


def test_the_controls_due_are_activities(firm: SimpleNamespace) -> None:
    structure = Model.get("opqibi.structure", firm.clerk)(firm.structure.id)
    today = date.today()
    granted = date(today.year - 1, 1, 1)  # the first control was due on the 1st of January of this year
    structure.controls.new(day=date(today.year, 1, 1))
    for item in structure.qualifications:
        item.granted_on = granted
    structure.save()
    structure.click("plan_controls")
    structure.click("plan_controls")  # once
    assert [one.date for one in structure.activities] == [date(today.year + 1, 1, 1)]
    (activity,) = structure.activities
    due = date(today.year + 1, 1, 1)
    assert (activity.date, activity.state, activity.late, activity.subject) == (
        due, "planned", False, "Annual control",
    )  # fmt: skip
    assert activity.amount == opqibi.quote(on=today, event="control", tariffs={1: 5, 2: 3}).total_excl_vat
    for item in structure.qualifications:
        item.granted_on = None
    structure.controls.remove(structure.controls[0])
    structure.save()
    structure.click("plan_controls")
    assert [one.state for one in structure.activities] == ["dropped"]


def test_labels_in_two_languages(firm: SimpleNamespace) -> None:
    View = Model.get("account.invoice", firm.clerk)._proxy
    labels = {
        language: View.fields_get(
            ["opqibi_verdict", "opqibi_gap", "opqibi_letter"], 0, {"language": language}
        )
        for language in ("en", "fr")
    }
    assert [labels["en"][name]["string"] for name in labels["en"]] != [
        labels["fr"][name]["string"] for name in labels["fr"]
    ]
    assert labels["fr"]["opqibi_gap"]["string"] == "Écart HT"
