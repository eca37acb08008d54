"""A schedule that none of the code was written for, through the doors; each amount worked by hand from its YAML."""

import csv
import io
import json
import re
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from opqibi_rules.invoice.matching.line_words import words_of
from opqibi_rules.price.columns import to_sql
from opqibi_rules.web.app import create_app
from opqibi_rules.web.settings import Settings
from tests.cli.running import Outcome, plain
from tests.editions.doors import asked, text_of
from tests.editions.pinned import Pinned
from tests.price.papers.recalculated import change, read, recalculate

OWN = str(Path(__file__).parent / "unforeseen")
ON = ("--date", "2026-03-02")


def said(*arguments: str) -> Outcome:
    return asked(*arguments, "--tables", OWN, "--lang", "en")


# fees, total excl. VAT, VAT, total incl. VAT
WORKED = [
    # 39,90. 210 + 2 × 77,70 + 999,99 = 1 365,39. 350 000 × 1,23 ‰ = 430,50; 834 567,89 × 0,77 ‰ = 642,6172753: 1 073,12.
    # 2 483,46; VAT 496,692.
    (
        ("-t", "1=2", "-t", "12=1", "--turnover", "1234567.89"),
        {"ouverture": "39.90", "etude-technique": "1365.39", "droit-label": "1073.12", "archive": "5.05"},
        ("2483.46", "496.69", "2980.15"),
    ),
    # 50 000 is where the tranches begin: 0, raised to 95,50. 210 + 133,30 = 343,30. 483,75; VAT 96,75.
    (
        ("-t", "2=1", "--turnover", "50 000 €"),
        {"ouverture": "39.90", "etude-technique": "343.30", "droit-label": "95.50", "archive": "5.05"},
        ("483.75", "96.75", "580.50"),
    ),
    # 81 500 × 1,23 ‰ = 100,245: 100,25, once, half up. 39,90 + 287,70 + 100,25 + 5,05 = 432,90; VAT 86,58.
    (
        ("-t", "1=1", "--turnover", "131500"),
        {"ouverture": "39.90", "etude-technique": "287.70", "droit-label": "100.25", "archive": "5.05"},
        ("432.90", "86.58", "519.48"),
    ),
    # 2001 and 2002 alone: « audits seuls » is the base. 40 000 × 1,23 ‰ = 49,20, raised to 95,50.
    # 90 000 × 0,05 ‰ = 4,50. 210 + 77,70 + 133,30 = 421. 526,05; VAT 105,21.
    (
        ("--event", "reconduction", "-q", "2001:1", "-q", "2002:2", "--turnover", "audits-seuls=90000"),
        {"etude-technique": "421.00", "droit-label": "95.50", "solidarite": "4.50", "archive": "5.05"},
        ("526.05", "105.21", "631.26"),
    ),
    # 3003 beside them: « activité d'ensemble ». 2 500 000: 430,50 + 1 600 000 × 0,77 ‰ = 1 232 + 500 000 × 0,31 ‰ = 155:
    # 1 817,50. 300 000 × 0,05 ‰ = 15, brought down to 12,34. 210 + 410,05 = 620,05. 2 454,94; VAT 490,988.
    (
        (
            "--event",
            "reconduction",
            "-q",
            "3003:5",
            "--turnover",
            "2500000",
            "--turnover",
            "audits-seuls=300000",
        ),
        {"etude-technique": "620.05", "droit-label": "1817.50", "solidarite": "12.34", "archive": "5.05"},
        ("2454.94", "490.99", "2945.93"),
    ),
    # 64 + 4 × 11,10 + 2 × 0 = 108,40; nothing new: 0. VAT 21,68.
    (
        ("--event", "visite-annuelle", "-t", "1=4", "-t", "5=2"),
        {"visite": "108.40", "extension": "0.00"},
        ("108.40", "21.68", "130.08"),
    ),
    # 64 + 22,25 = 86,25; 88,80 + 2 × 999,99 = 2 088,78. 2 175,03; VAT 435,006.
    (
        ("--event", "visite-annuelle", "-t", "2=1", "--new-tariff", "12=2"),
        {"visite": "86.25", "extension": "2088.78"},
        ("2175.03", "435.01", "2610.04"),
    ),
    # 39,90 + 5,05; VAT 8,99.
    (
        ("--event", "mutation", "-t", "1=1"),
        {"ouverture": "39.90", "archive": "5.05"},
        ("44.95", "8.99", "53.94"),
    ),
    # No fee of it counts qualifications: none has to be given.
    (("--event", "mutation"), {"ouverture": "39.90", "archive": "5.05"}, ("44.95", "8.99", "53.94")),
]


@pytest.mark.parametrize(("question", "fees", "sums"), WORKED, ids=range(len(WORKED)))
def test_a_quote(question: tuple[str, ...], fees: dict[str, str], sums: tuple[str, str, str]) -> None:
    outcome = said("quote", *question, *ON, "--format", "json")
    assert outcome.code == 0, outcome
    found = json.loads(outcome.out)
    assert {fee: amount for fee, amount in found["subtotals"].items() if amount is not None} == fees
    assert (found["total_excl_vat"], found["vat"], found["total_incl_vat"]) == sums


class TestWholeFiles:
    ROWS = """\
firm,event,t1,t2,t5,t12,new_t12,turnover,turnover_audits-seuls,qualification_codes
A,adhesion,2,,,1,,1234567.89,,
F,visite de l’année,,1,,,2,,,
H,reconduction,1,1,,,,,90000,"2001, 2002"
I,reconduction,1,,,,,60000,,
J,mutation,,,,,,,,
K,adhesion,,,,,,60000,,
"""

    @pytest.mark.parametrize("engine", ["polars", "duckdb"])
    def test_a_turnover_whose_id_has_a_hyphen(self, engine: str, tmp_path: Path) -> None:
        (tmp_path / "in.csv").write_text(self.ROWS, "utf-8")
        outcome = said(
            "batch", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"), "--engine", engine, *ON
        )
        assert outcome.code == 1, outcome  # one row lacks a turnover, another what is asked for
        rows = [*csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text("utf-8-sig")))]
        assert [row["total_excl_vat"] for row in rows] == ["2483.46", "2175.03", "526.05", "", "44.95", ""]
        assert [row["droit-label"] for row in rows] == ["1073.12", "", "95.50", "", "", ""]
        assert [row["error"] for row in rows[3:]] == ["turnover_audits-seuls_missing", "", "no_qualification"]

    def test_the_query(self) -> None:
        query = to_sql(
            "duckdb", turnovers="decimal", on=date(2026, 3, 2), tables=Pinned(Path(OWN)),
            columns=["event", "t1", "t12", "turnover", "turnover_audits-seuls"],
        )  # fmt: skip
        with duckdb.connect() as database:
            database.execute(
                """create table structures as select 'adhesion' as event, 2 as t1, 1 as t12,
                1234567.89::decimal(15, 2) as turnover, null::decimal(15, 2) as "turnover_audits-seuls" """
            )
            (row,) = database.execute(query).fetchall()
        assert Decimal("1073.12") in row or 107312 in row


class TestAnInvoice:
    VISIT = ("--event", "visite-annuelle", "-t", "2=1")

    @staticmethod
    def checked(tmp_path: Path, rows: str, total: str, *question: str) -> dict[str, Any]:
        vat = (Decimal(total) / 5).quantize(Decimal("0.01"))
        sums = f"{total};{vat};{Decimal(total) + vat}"
        lines = [f"F1;2026-03-02;Ôc Qualité;{row};{sums}" for row in rows.splitlines()]
        head = "number;date;seller;name;quantity;unit price;amount;total excl vat;vat;total incl vat"
        (tmp_path / "F1.csv").write_text("\n".join([head, *lines, ""]), "utf-8")
        outcome = said("check-invoice", str(tmp_path / "F1.csv"), *question, "--format", "json")
        found: dict[str, Any] = json.loads(outcome.out)
        return found

    def test_a_label_of_the_schedule_is_no_word_of_elsewhere(self, tmp_path: Path) -> None:
        """Travel is billed beside OPQIBI's schedule; here it is the flat part of a fee. 64 + 22,25 = 86,25."""
        rows = "Visite de l’année, déplacement;1;64.00;64.00\nVisite de l’année, catégorie 2;1;22.25;22.25"
        found = self.checked(tmp_path, rows, "86.25", *self.VISIT)
        assert found["verdict"] == "conform"
        codes = {item["code"] for item in found["findings"]}
        assert "line_wording" not in codes
        assert (
            "fee_not_billed" not in codes
        )  # nothing new was asked for: 0 is due of the extension, and 0 is billed

    def test_the_flat_part_of_new_requests_forgotten(self, tmp_path: Path) -> None:
        rows = (
            "Visite de l’année, forfait;1;64.00;64.00\nVisite de l’année, tarif 2;1;22.25;22.25\n"
            "Extension à l’occasion d’une visite, tarif 12;2;999.99;1999.98"
        )
        found = self.checked(tmp_path, rows, "2086.23", *self.VISIT, "--new-tariff", "12=2")
        assert found["verdict"] == "discrepancy"
        (why,) = found["explanations"]
        assert (why["cause"], why["fee"], why["effect"]) == ("flat_forgotten", "extension", "-88.80")

    def test_how_many_at_a_tariff_of_two_figures(self) -> None:
        tables = Pinned(Path(OWN))
        (schedule,) = (item for item in tables.schedules if item.id == "qualite_oc_2025")
        named = words_of(tables.invoice_wording.naming(schedule.fees)).read(
            "Étude technique de l’œuvre, 3 x tarif 12"
        )
        assert (named.counts, named.tariffs) == (((12, 3),), frozenset({12}))


class TestWords:
    """Nothing says OPQIBI, nor names an event, where the schedule is another body's."""

    def test_titles(self, tmp_path: Path) -> None:
        quoted = plain(said("quote", "-t", "1=1", "--turnover", "60000", *ON).out)
        assert quoted.startswith("Quote: joining\n")
        planned = plain(
            said("plan", "-t", "1=1", "--turnover", "60000", "--from", "2026-03-02", "--years", "2").out
        )
        assert planned.startswith("Plan over 2 years\n")
        days = tmp_path / "days.ics"
        assert said("plan", "-t", "1=1", "--from", "2026-03-02", "-o", str(days)).code == 0
        assert "SUMMARY:Yearly visit 1 of 3" in days.read_text("utf-8")
        assert "OPQIBI" not in days.read_text("utf-8")

    def test_papers(self, tmp_path: Path) -> None:
        for form in ("pdf", "xlsx"):
            paper = tmp_path / f"price.{form}"
            assert said("quote", "-t", "1=1", "--turnover", "60000", *ON, "-o", str(paper)).code == 0
            whole = (
                "".join(page.extract_text() for page in PdfReader(paper).pages)
                if form == "pdf"
                else " ".join(
                    zipfile.ZipFile(paper).read(name).decode("utf-8", "replace")
                    for name in zipfile.ZipFile(paper).namelist()
                )
            )
            told = " ".join(whole.split())
            assert "not a document of the body that certifies" in told
            assert "OPQIBI" not in told

    def test_an_event_of_another_schedule(self) -> None:
        outcome = said("quote", "-t", "1=1", "--event", "first", *ON)
        assert (outcome.code, outcome.out) == (2, "")
        assert plain(outcome.err).strip() == (
            "event: « first » is not one of adhesion, reconduction, visite-annuelle, mutation. Option: --event."
        )

    def test_the_one_turnover_used_is_named_where_it_is_not_the_general_one(self) -> None:
        question = ("--event", "reconduction", "-q", "2001:1", "--turnover", "audits-seuls=90000")
        told = plain(said("plan", *question, "--from", "2026-03-02", "--years", "1").out)
        assert "Turnover excl. VAT: “audits alone”" in told

    def test_the_page_asks_for_both_turnovers(self) -> None:
        """« Audits seuls » is the base of the mutual-aid fund for all: no matter of some qualifications only."""
        settings = Settings(tables=Pinned(Path(OWN)), today=lambda: date(2026, 3, 2))
        with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
            page = client.get("/en?event=visite-annuelle&t2=1&n12=2").text
            flat = client.get("/en?event=mutation").text
        assert "€2,610.04" in text_of(page)
        assert "not a document of the body that certifies: “Ôc Qualité” price list" in text_of(page)
        assert "€53.94" in text_of(flat)  # nothing but flat fees: it needs no qualification
        assert "Only some qualifications" not in text_of(page)
        for told in (
            "an OPQIBI qualification",
            "OPQIBI nomenclature",
            "at OPQIBI",
            "document of OPQIBI",
            "control:",
        ):
            assert told not in text_of(page)
        assert len(re.findall(r'<input[^>]* name="turnover[^"]*"', page)) == 2


def test_the_workbook_recalculates(tmp_path: Path) -> None:
    """64 + 11,10 + 22,25 = 97,35; 88,80 + 2 × 999,99 = 2 088,78. 2 186,13; VAT 437,226."""
    path, bare = tmp_path / "quote.xlsx", tmp_path / "bare"
    question = ("--event", "visite-annuelle", "-q", "2001:1", "-q", "2002:2", "--new-tariff", "12=2")
    assert said("quote", *question, *ON, "-o", str(path)).code == 0
    bare.mkdir()
    change(path.read_bytes(), bare / "quote.xlsx", {})
    (found,) = recalculate([bare / "quote.xlsx"], tmp_path / "found")
    totals = {row[0]: row[1] for row in read(found)["Payments"] if str(row[0]).startswith("Total ")}
    assert totals == {"Total excl. VAT": 2186.13, "Total incl. VAT": 2623.36}


class TestOneFlatFee:
    """The least that a schedule can say: one event without a role, no turnover, one fee."""

    @pytest.fixture
    def own(self, tmp_path: Path) -> Path:
        own = tmp_path / "own"
        own.mkdir()
        text = (Path(OWN) / "schedule.yaml").read_text("utf-8")
        head = text[: text.index("events:")]
        fee = text[text.index("  - id: archive") :].replace(
            "[adhesion, reconduction, mutation]", "[mutation]"
        )
        prices = 'prices: [{ id: each, article: "2", by_tariff: { "3": "10.00" } }]\n'
        each = """\
      - { kind: per_qualification, id: each, article: "2", label: { fr: "Au tarif {tariff}", en: "At tariff {tariff}" },
          counts: asked, prices: each }
"""
        events = "events: [{ id: mutation, name: { fr: mutation, en: change of firm } }]\n"
        (own / "schedule.yaml").write_text(f"{head}{events}{prices}fees:\n{fee}{each}", "utf-8")
        return own

    def said(self, own: Path, *arguments: str) -> Outcome:
        return asked(*arguments, "--tables", str(own), "--lang", "en")

    def test_a_price(self, own: Path) -> None:
        outcome = self.said(own, "quote", "-t", "3=2", *ON, "--format", "json")
        assert json.loads(outcome.out)["total_incl_vat"] == "30.06"  # 5,05 + 2 × 10 = 25,05; VAT 5,01

    def test_the_pages(self, own: Path) -> None:
        settings = Settings(tables=Pinned(own), today=lambda: date(2026, 3, 2))
        with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
            for page in ("/en?t3=2", "/en/plan?t3=2", "/en/compare?t3=2", "/en/invoice", "/en/embed?t3=2"):
                assert client.get(page).status_code == 200, page
            assert "€30.06" in text_of(client.get("/en?t3=2").text)

    @pytest.mark.parametrize(
        ("question", "told"),
        [
            (
                ("plan", "-t", "3=1", "--from", "2026-03-02"),
                "event: no plan is made under the schedule qualite_oc_2025: none of its events has a role. "
                "Option: --event.",
            ),
            (
                ("turnover-from-fee", "120", *ON),
                "The schedule qualite_oc_2025 has no fee from which that is found.",
            ),
        ],
    )
    def test_what_it_does_not_say(self, own: Path, question: tuple[str, ...], told: str) -> None:
        outcome = self.said(own, *question)
        assert (outcome.code, outcome.out, " ".join(plain(outcome.err).split())) == (2, "", told)

    def test_without_a_list_of_prices_it_is_refused(self, own: Path) -> None:
        """Each page of the site failed under such a schedule, as a question says its qualifications by tariff code."""
        path = own / "schedule.yaml"
        lines = path.read_text("utf-8").splitlines()
        kept = [
            line
            for line in lines
            if not line.startswith(("prices:", "      - { kind: per_", "          counts"))
        ]
        path.write_text("\n".join([*kept, ""]), "utf-8")
        outcome = asked("tables", "check", str(path), "--lang", "en")
        assert outcome.code == 2
        assert "$.prices: missing; it must be given." in outcome.err
