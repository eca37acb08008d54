"""``--paid FILE.json``: what was paid before a plan, from invoices that ``check-invoice`` found conform."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import asked, refused

FIRM = ("-t", "1=5", "-t", "2=3", "--turnover", "800000")
PLAN = ("plan", *FIRM, "--event", "control", "--control", "2", "--from", "2028-06-02", "--years", "2")
EN = {"OPQIBI_LANG": "en"}
ROWS = [("dossier", "86.00"), ("instruction", "500.00"), ("instruction", "300.00"), ("instruction", "360.00"),
        ("brand_usage", "557.50")]  # fmt: skip

INVOICE = """\
Numéro;Date;Libellé;Montant HT;Taux TVA;Vendeur
F1;2026-06-02;Dossier de première demande;86;20 %;OPQIBI
F1;2026-06-02;Frais d’instruction;1160;20 %;OPQIBI
F1;2026-06-02;Utilisation de la marque;557,50;20 %;OPQIBI
;;Total HT;1803,50;;
;;TVA 20 %;360,70;;
;;Total TTC;2164,20;;
"""


def planned(*paid: str) -> Any:
    outcome = asked(*PLAN, *(word for one in paid for word in ("--paid", one)), "--format", "json")
    assert outcome.code == 0, outcome
    found = json.loads(outcome.out)
    return found["by_year"], found["paid_before"]


def a_check(**changed: Any) -> dict[str, Any]:
    invoice = {"number": "F1", "date": "2026-06-02", "currency": "EUR", "total_excl_vat": "1803.50"}
    rows = [{"fees": [fee], "invoiced": amount} for fee, amount in ROWS]
    check = {"verdict": "conform", "invoice": invoice, "comparison": rows, "series": None}
    return {**check, **{key: value for key, value in changed.items() if key in check},
            "invoice": {**invoice, **{key: value for key, value in changed.items() if key in invoice}}}  # fmt: skip


def test_the_fees_of_a_checked_invoice_are_those_given_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.csv").write_text(INVOICE, "utf-8")
    checked = asked("check-invoice", "f.csv", *FIRM, "--format", "json", "-o", "f.json")
    assert checked.code == 0, checked
    by_hand = ("2026-06-02=dossier=86", "2026-06-02=instruction=1160", "2026-06-02=brand_usage=557,50")
    assert planned("f.json") == planned(*by_hand)
    years, before = planned("f.json")
    assert (years[0]["prepaid"], len(before)) == ("197.28", 3)  # as docs/guide.en/plan.md works it


def test_lines_of_one_fee_are_added(tmp_path: Path) -> None:
    path = tmp_path / "two.json"
    path.write_text(json.dumps([a_check()]), "utf-8")
    _, before = planned(str(path))
    assert {one["fee"]: one["amount"] for one in before} == {
        "dossier": "86.00", "instruction": "1160.00", "brand_usage": "557.50"}  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "discrepancy"},
        {"verdict": "undetermined"},
        {"currency": "USD"},
        {"series": {"documents": ["F1", "A1"]}},
        {"total_excl_vat": "1803.49"},
        {"total_excl_vat": None},
        {"comparison": []},
        {"comparison": [{"fees": ["dossier", "instruction"], "invoiced": "1803.50"}]},
        {"comparison": [{"fees": [], "invoiced": "1803.50"}]},
    ],
    ids=str,
)
def test_what_is_not_wholly_conform_is_never_taken(wrong: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text(json.dumps([a_check(), a_check(**wrong)]), "utf-8")
    assert "f.json: the invoice F1 is not a conform one" in refused(*PLAN, "--paid", str(path), env=EN)


@pytest.mark.parametrize(
    "text", ["[]", "3", "[3]", "{}", '{"verdict": "conform"}', '{"invoice": 1, "comparison": 2}']
)
def test_another_json_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text(text, "utf-8")
    assert "is not what check-invoice --format json writes" in refused(*PLAN, "--paid", str(path), env=EN)


def test_it_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text(json.dumps(a_check()), "utf-8")
    refused(*PLAN, "--paid", str(path), "-o", str(path))
    assert json.loads(path.read_text("utf-8")) == a_check()
