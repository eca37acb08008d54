"""What was once found wrong with schedules of one's own (findings on simplicity, 1 to 5, 8 and 9), asked again."""

import io
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import opqibi_rules as opqibi
from tests.cli.running import plain
from tests.editions.doors import BY_NAME, asked, client_of, command, json_of, text_of
from tests.editions.pinned import Pinned
from tests.price.papers.recalculated import change, read, recalculate

LATER, REPEATED, MORE_FEES = (BY_NAME[name] for name in ("later", "repeated", "more_fees"))
INV5 = """\
number;date;seller;name;quantity;unit price;amount;total excl vat;vat;total incl vat
F5;2026-03-02;OPQIBI;Contrôle annuel, forfait;1;125.00;125.00;155.00;31.00;186.00
F5;2026-03-02;OPQIBI;Contrôle annuel, tarif 1;2;15.00;30.00;155.00;31.00;186.00
"""
OLD_FORM = """\
kind: schedule
id: bareme_2027
title: {fr: Barème, en: Schedule}
in_force_from: "2026-01-01"
in_force_until: null
checked_on: "2026-11-21"
checked_by: me
sources: [{document: mine, address: none}]
rounding: {unit: "0.01", mode: half_up, where: {fr: à la fin, en: at the end}}
dossier: {article: "I", amount: "86.00"}
instruction:
  flat: {article: "II", amount: "500.00"}
  per_qualification:
    article: "II"
    prices: {"1": "60.00", "2": "120.00"}
brand_usage:
  article: "III"
  years: 4
  tranches:
    - {above: "0", up_to: "250000", rate: "0.00080"}
    - {above: "250000", up_to: null, rate: "0.00065"}
  floor: {article: "III", amount: "180.00"}
  cap: {article: "III", amount: "40000.00"}
  energy_audit_codes: ["0607", "1717", "1905", "1911"]
annual_control:
  flat: {article: "IV", amount: "125.00"}
  per_qualification:
    article: "IV"
    prices: {"1": "15.00", "2": "30.00"}
  new_requests: {article: "IV", amount: "375.00"}
"""


@pytest.fixture
def inv5(tmp_path: Path) -> Path:
    path = tmp_path / "inv5.csv"
    path.write_text(INV5, "utf-8")
    return path


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """The server whose schedule has articles that repeat."""
    with client_of(REPEATED) as client:
        yield client


class Test1ALineKnowsWhatItIs:
    """BLOCKER 1, with a schedule whose articles repeat. Two at tariff 1, at a control: 125 + 2 × 15 = 155."""

    ASKED = ("--event", "control", "-t", "1=2")

    def test_the_table_is_right(self) -> None:
        outcome = asked("tables", "check", f"{REPEATED.folder}/schedule.yaml")
        assert outcome.code == 0, outcome

    def test_a_right_invoice_conforms_and_needs_no_explanation(self, inv5: Path) -> None:
        found = json_of(REPEATED, "check-invoice", str(inv5), *self.ASKED)
        assert (found["verdict"], found["explanations"]) == ("conform", [])

    def test_the_api_gives_the_same_answer(self, inv5: Path, client: TestClient) -> None:
        answer = client.post(
            "/api/invoices/check?lang=en",
            files={"file": ("inv5.csv", inv5.read_bytes())},
            data={"question": json.dumps({"expected": {"event": "control", "tariffs": {"1": 2}}})},
        )
        assert (answer.status_code, answer.json()["verdict"]) == (200, "conform")

    def test_the_floor_is_explained_as_a_floor(self) -> None:
        # 100 000 × 0,80 ‰ = 80, raised by 100 to 180.
        question = ("-t", "1=1", "--event", "renewal", "--turnover", "100000", "--date", REPEATED.on)
        said = plain(command(REPEATED, "quote", *question, "--explain", "--format", "table").out)
        assert "€100.00" in said
        assert "floor" in said
        assert "cap" not in said.replace("floor and cap", "").replace("floor and the cap", "")
        (line,) = [line for line in json_of(REPEATED, "quote", *question)["lines"] if line["part"] == "floor"]
        assert (line["article"], line["amount"]) == ("III", "100.00")

    @pytest.mark.parametrize("shared", ["IV.2", "II.2"])
    def test_the_workbook_recalculates_to_155(self, shared: str, tmp_path: Path) -> None:
        # One article for both lists of prices: the two held stood as « Nouvelles », and LibreOffice found 620.
        own = tmp_path / "own"
        own.mkdir()
        text = Path(f"{MORE_FEES.folder}/schedule.yaml").read_text("utf-8")
        text = re.sub(r'article: "(II\.2|IV\.2)"', f'article: "{shared}"', text)
        text = re.sub(r"  - id: renewal_audit\n.*", "", text, flags=re.DOTALL)
        text = re.sub(r"  - id: visit\n.*?(?=fees:)", "", text, flags=re.DOTALL)
        (own / "schedule.yaml").write_text(text, "utf-8")
        path, bare = tmp_path / "quote.xlsx", tmp_path / "bare"
        on = ("--date", "2026-03-02", "--tables", str(own), "--lang", "en")
        assert asked("quote", *self.ASKED, *on, "-o", str(path)).code == 0
        bare.mkdir()
        change(path.read_bytes(), bare / "quote.xlsx", {})
        (found,) = recalculate([bare / "quote.xlsx"], tmp_path / "found")
        totals = {row[0]: row[1] for row in read(found)["Payments"] if str(row[0]).startswith("Total ")}
        assert totals == {"Total excl. VAT": 155.0, "Total incl. VAT": 186.0}

    def test_a_schedule_in_the_form_of_before_is_refused_with_what_to_do(self, tmp_path: Path) -> None:
        own = tmp_path / "own"
        own.mkdir()
        (own / "b.yaml").write_text(OLD_FORM, "utf-8")
        question = (
            "-t",
            "1=1",
            "--event",
            "renewal",
            "--turnover",
            "100000",
            "--date",
            "2026-03-02",
            "--lang",
            "en",
        )
        outcome = asked("quote", *question, "--tables", str(own))
        assert (outcome.code, outcome.out) == (2, "")
        assert "tables convert" in outcome.err
        assert asked("tables", "check", str(own / "b.yaml")).code == 2
        new = tmp_path / "new"
        new.mkdir()
        assert asked("tables", "convert", str(own / "b.yaml"), "-o", str(new / "b.yaml")).code == 0
        assert asked("tables", "check", str(new / "b.yaml")).code == 0
        found = json.loads(asked("quote", *question, "--tables", str(new), "--format", "json").out)
        assert found["total_excl_vat"] == "740.00"  # 500 + 60 + 180


class Test2ThePageShowsTheScheduleInForce:
    """MAJOR 2: on 2026-11-21, a schedule of 2027 is no schedule yet."""

    def test_a_page_of_2026(self) -> None:
        with client_of(LATER, date(2026, 11, 21)) as client:
            page = client.get("/en?t1=1&turnover=100000").text
        said = text_of(page)
        assert "1 × €60" in said
        assert 'name="t8"' not in page
        assert not re.search(r"€(63|410)(?![\d,.])", said)
        # 86 + 560 + 180 = 826; VAT 165,20.
        assert "€991.20" in said


class Test3ARefusalNamesItsField:
    """MAJOR 3: the field is where the fault is, never guessed."""

    PLAN: dict[str, Any] = {"tariffs": {"1": 1}, "start": "2026-03-02", "turnover": "100000"}

    @pytest.mark.parametrize(
        ("address", "question", "field"),
        [
            ("/api/plan", {**PLAN, "notified": "2025-01-01"}, "notified"),
            ("/api/quote", {"qualifications": ["1905:9"]}, "qualifications[0]"),
            ("/api/quote", {"qualifications": ["0607:5", "1905:9"]}, "qualifications[1]"),
            (
                "/api/plan",
                {**PLAN, "changes": [{"event": "control", "number": 1, "add_tariffs": {"9": 1}}]},
                "changes",
            ),
            ("/api/quote", {"event": "control", "tariffs": {"1": 1}, "new_tariffs": {"9": 1}}, "new_tariffs"),
            (
                "/api/quote",
                {"event": "control", "tariffs": {"1": 1}, "new_qualifications": ["1905:9"]},
                "new_qualifications[0]",
            ),
            ("/api/quote", {"tariffs": {"1": 1}, "vat": "mars"}, "vat"),
            ("/api/quote", {"tariffs": {"1": 1}, "turnovers": {"moon": "1"}}, "turnovers"),
            ("/api/quote", {"tariffs": {"1": 1}, "event": "party"}, "event"),
        ],
    )
    def test_of_the_api(self, client: TestClient, address: str, question: dict[str, Any], field: str) -> None:
        answer = client.post(f"{address}?lang=en", json=question)
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert (error["field"] or "").split(".")[0] == field

    @pytest.mark.parametrize(
        ("address", "field"),
        [
            ("/en/plan?t1=1&start=2026-03-02&notified=2025-01-01&turnover=100000", "notified"),
            ("/en?q=1905:9&on=2026-03-02", "code-0"),
            ("/en?event=control&t1=1&n9=1", "n1"),  # no box for 9: the first of theirs
        ],
    )
    def test_of_the_page(self, client: TestClient, address: str, field: str) -> None:
        page = client.get(address).text
        marked = re.findall(r'id="([a-z0-9_-]+)-wrong"', page)
        assert marked in (
            [field],
            ["n1"],
        )  # there is no box for a tariff that the schedule lacks: the first one
        assert "vat" not in marked

    def test_no_sentence_of_the_api_names_an_option(self, client: TestClient) -> None:
        for question in ({}, {"qualifications": ["1905"]}, {"tariffs": {"1": 1}}):
            for lang in ("fr", "en"):
                told = client.post(f"/api/quote?lang={lang}", json=question).text
                assert not re.search(r"--[a-z]|(?<!\w)-[a-z] ", told), told


class Test4NoChangeOfCode:
    """MAJOR 4: a later schedule is a new file; what it declares is asked for and read."""

    def test_init_takes_the_eighth_tariff(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        firm = tmp_path / "firm.yaml"
        monkeypatch.setattr("sys.stdin", io.StringIO("\n\n\n9901\nn\n8\n\n\n\n\n\n"))
        outcome = command(LATER, "init", "-o", str(firm))
        assert outcome.code == 0, outcome
        assert 'code: "9901", tariff: 8' in firm.read_text("utf-8")
        on = ("--event", "control", "--date", "2027-03-01")
        # 130 + 41
        assert json_of(LATER, "quote", "--structure", str(firm), *on)["total_excl_vat"] == "171.00"
        assert json_of(LATER, "quote", "-q", "9901:8", *on)["total_excl_vat"] == "171.00"

    def test_a_file_of_structures_has_a_column_for_it(self, tmp_path: Path) -> None:
        source = tmp_path / "structures.csv"
        source.write_text("turnover,t1,t8,event\n800000,0,2,renewal\n", "utf-8")
        target = tmp_path / "out.csv"
        on = ("--date", "2027-03-01")
        assert command(LATER, "batch", str(source), "-o", str(target), *on).code == 0
        assert ",1340.00,597.50," in target.read_text("utf-8")


class Test5AFeeAddedInYamlIsNowhereForgotten:
    """MAJOR 5: with the fifth and sixth fees, nothing crashes, and nothing leaves them out in silence."""

    def test_a_plan_adds_them(self) -> None:
        planned = MORE_FEES.plans[0]
        found = json_of(MORE_FEES, "plan", *planned.options())
        assert found["subtotals"] == {
            "dossier": None, "instruction": "1160.00", "brand_usage": "557.50", "annual_control": "870.00",
            "renewal_audit": "150.00", "site_visit": "330.00",
        }  # fmt: skip

    def test_a_comparison_adds_them(self) -> None:
        # Two at tariff 1: an audit of 150 at each of the two renewals of five years, three visits of 2 × 10.
        found = json_of(
            MORE_FEES, "compare", "-t", "1=2", "--turnover", "800000", "--event", "renewal",
            "--from", "2026-03-02", "--keep-or-drop", "1=1",
        )  # fmt: skip
        kept = found["choices"][0]
        assert (kept["subtotals"]["renewal_audit"], kept["subtotals"]["site_visit"]) == ("300.00", "60.00")

    def test_the_chart_of_a_control_has_them(self, tmp_path: Path) -> None:
        for door, options in (
            ("quote", (*MORE_FEES.prices[1].options(), "--date", MORE_FEES.on)),
            ("plan", tuple(MORE_FEES.plans[0].options())),
        ):
            outcome = command(MORE_FEES, door, *options, "-o", str(tmp_path / f"{door}.svg"))
            assert outcome.code == 0, outcome

    def test_the_audit_is_not_another_turnover(self, tmp_path: Path) -> None:
        path = tmp_path / "F1.csv"
        path.write_bytes(MORE_FEES.invoices[2].csv())  # the audit, billed twice
        found = json_of(MORE_FEES, "check-invoice", str(path), *MORE_FEES.invoices[2].options(), code=1)
        assert {item["fee"] for item in found["explanations"]} == {"renewal_audit"}
        assert not any("turnover" in item["message"] for item in found["explanations"])

    def test_a_missing_account_is_told_before_it_is_needed(self, tmp_path: Path) -> None:
        """Without its accounts and its wording, the schedule is refused, or what is missing is named."""
        (tmp_path / "schedule.yaml").write_bytes(Path(f"{MORE_FEES.folder}/schedule.yaml").read_bytes())
        outcome = asked("tables", "check", str(tmp_path / "schedule.yaml"), "--lang", "en")
        assert outcome.code == 2, outcome
        for fee in ("renewal_audit", "site_visit"):
            assert fee in outcome.err


class Test8OneReaderOfCsv:
    """MINOR 8: the columns of « batch », in the encoding of Excel, are those of « compare » too."""

    def test_a_list_saved_by_excel(self, tmp_path: Path) -> None:
        # 86 + 500 + 2 × 60 + 180 = 886; over four years, three controls of 125 + 2 × 15 more.
        source, priced = tmp_path / "firms.csv", tmp_path / "priced.csv"
        source.write_bytes("nom;turnover;t1\nSociété;100000;2\n".encode("cp1252"))
        outcome = asked("batch", str(source), "-o", str(priced), "--date", "2026-03-02")
        assert outcome.code == 0, outcome
        assert ";886.00;" in priced.read_text("utf-8-sig")
        options = ("--from", "2026-03-02", "--against", REPEATED.folder, "--format", "json")
        found = json.loads(asked("compare", str(source), *options).out)
        assert (found["before_excl_vat"], found["not_counted"]) == ("1351.00", 0)


class Test9YearsAreData:
    """MINOR 9: a fee of three years is prepaid over three, as the plan spreads it."""

    @pytest.fixture
    def tables(self, tmp_path: Path) -> str:
        own = tmp_path / "own"
        own.mkdir()
        text = Path(f"{REPEATED.folder}/schedule.yaml").read_text("utf-8")
        (own / "schedule.yaml").write_text(text.replace("years: 4", "years: 3"), "utf-8")
        return str(own)

    # 557,50 from 02/03/2026 to 01/03/2029, 1 096 days (29/02/2028), 305 of them in 2026:
    # 557,50 × 305 / 1 096 = 155,144…: 155,14, and 402,36 prepaid for 2027 to 2029.
    def test_the_journal(self, tables: str, tmp_path: Path) -> None:
        invoice = REPEATED.invoices[0]
        source, target = tmp_path / "F1.csv", tmp_path / "journal.txt"
        source.write_bytes(invoice.csv())
        outcome = asked(
            "check-invoice", str(source), *invoice.options(), "--tables", tables, "--lang", "en",
            "--entries", str(target),
        )  # fmt: skip
        assert outcome.code == 0, outcome
        prepaid, *later = [line for line in target.read_text("utf-8").splitlines() if "\t486\t" in line]
        cells = prepaid.split("\t")
        assert cells[11] == "402,36"
        assert re.findall(r"20\d\d", cells[10]) == ["2027", "2029"]
        # 557,50 × 670, 1 036 / 1 096 = 340,806…; 526,979…: so 185,67 in 2027, 186,17 in 2028, 30,52 in 2029.
        assert [line.split("\t")[12] for line in later] == ["185,67", "186,17", "30,52"]

    def test_the_plan(self, tables: str) -> None:
        options = ("-t", "1=5", "-t", "2=3", "--turnover", "800000", "--from", "2026-03-02")
        outcome = asked(
            "plan",
            *options,
            "--notified",
            "2026-03-02",
            "--tables",
            tables,
            "--format",
            "json",
            "--lang",
            "en",
        )
        borne = {
            year["year"]: year["expense_by_fee"]["brand_usage"]
            for year in json.loads(outcome.out)["by_year"]
            if year["expense_by_fee"].get("brand_usage") not in {None, "0.00"}
        }
        # Up to 31/12/2027, 670 days: 340,808…; up to 31/12/2028, 1 036: 526,980…
        assert borne == {2026: "155.14", 2027: "185.67", 2028: "186.17", 2029: "30.52"}

    def test_words_say_three_years(self, tables: str) -> None:
        options = ("-t", "1=1", "--turnover", "800000", "--date", "2026-03-02", "--tables", tables)
        said = plain(asked("quote", *options, "--lang", "en").out)
        assert "(3 years)" in said
        assert "4 years" not in said

    def test_a_bill_for_one_year_of_three(self, tables: str) -> None:
        # 557,50 / 3 = 185,833…, so 185,83.
        due = opqibi.quote(on="2026-03-02", tariffs={1: 1}, turnover=800_000, tables=Pinned(Path(tables)))
        bill = opqibi.Invoice(
            "F1", date(2026, 3, 2), total_excl_vat=opqibi.parse_amount("185.83"),
            vat=opqibi.parse_amount("37.17"),
        )  # fmt: skip
        answer = opqibi.check_invoice(bill, expected=due, fees=["brand_usage"], tables=Pinned(Path(tables)))
        assert "the fee for 3 years billed for one" in [str(item.message) for item in answer.explanations]
