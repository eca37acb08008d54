"""Every command of the guides runs, in its order, on files that the page names; what the page says of it is so."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Self

import polars
import pypdf
import pytest

from tests.cli.running import Outcome, asked, plain
from tests.cli.test_check_certificates_command import certificate, save
from tests.editions.pinned_command import pinned
from tests.tables.reading.made_nomenclatures import ENTRIES, listed
from tests.tables.reading.made_schedules import Figures, by_headings, pdf
from tests.test_documents import ROOT, blocks, newer_tables

PAGES = sorted(ROOT.glob("docs/guide.*/*.md"))

ELSEWHERE = {
    "pip install": "fetches packages from the network",
    "echo $?": "the shell's, not ours: the exit code is asserted here",
    "export ": "the shell's",
    "umask ": "the same",
    "./dev page": "opens a server: tests/web",
    "curl ": "asks a server: tests/web",
    "opqibi-fees serve": "opens a server: tests/cli/test_serve_command.py",
    "psql ": "needs PostgreSQL: tests/price/test_sql.py",
    "opqibi-fees fetch-certificate": "asks API Entreprise: tests/cli/test_fetch_certificate_command.py",
    "opqibi-fees check-certificates firms.csv": "asks API Entreprise: tests/cli/test_check_certificates_live.py",
    "opqibi-fees check-certificates entreprises.csv": "the same, in French",
    "opqibi-fees batch hdfs:": "needs a Spark cluster: tests/price/test_spark_cluster.py",
    "opqibi-fees init": "asks its questions to a person: tests/cli/test_init_command.py",
}
"""What is not run here, by how it begins, and why."""

CODES = {"check-invoice F2026-118.csv": 1, "fees controls ": 1}
"""The exit codes other than 0, by what the command holds: the discrepancy that the page explains; of what was granted on
2023-03-01, the control of 2026 is none of those that the page's file names."""

SAID = {
    r"quote --event control": ("125", "212.50", "375", "1050", "1792.50"),
    r"plan -t 1=5 -t 2=3 --turnover 800000 --from 2026-03-02$": ("557.50", "290", "2673.50"),
    r"--control 2 .*--paid": ("429.66", "197.28"),
    r"--one-more$": ("225000", "149170000"),
}
"""The amounts that a page says of a command, found by what it holds: they stand in its answer too."""


def lines_of(page: Path) -> Iterator[str]:
    """What a page gives to be typed, each command on one line, its comment left out."""
    for block in (*blocks(page, "sh"), *blocks(page, "text")):
        for line in block.replace("\\\n", " ").splitlines():
            yield re.sub(r"\s+#.*| {2,}", lambda found: "" if "#" in found[0] else " ", line).strip()


def amounts_of(text: str) -> str:
    """A text whose amounts are written in one way, ``2673.50``, whatever its language."""
    joined = re.sub(r"(?<=\d)[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}](?=\d{3})", "", text)
    return re.sub(r",(?=\d{2}(?!\d))", ".", re.sub(r"(?<=\d),(?=\d{3})", "", joined))


def says(text: str, amount: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(amount)}(\.00)?(?![\d]|\.\d)", amounts_of(text)) is not None


def french(page: Path) -> bool:
    return page.parent.name == "guide.fr"


def answer_to(line: str, page: Path) -> Outcome:
    language = "fr" if french(page) else "en"
    with pinned():
        return asked(*shlex.split(line)[1:], env={"OPQIBI_LANG": language})


class Saturday(date):
    """The day on which the guides are read."""

    @classmethod
    def today(cls) -> Self:
        return cls(2026, 11, 21)


TABLE_OF_CERTIFICATES = polars.DataFrame({"issued": ["2026-03-01"], "qualifications_until": ["2028-03-01"]})

FIRM = """\
siren: "435054481"
name: Bureau d’études Exemple
qualifications: [{code: "1202", tariff: 1}, {code: "1203", tariff: 1}, {code: "1204", tariff: 1},
  {code: "1205", tariff: 1}, {code: "1206", tariff: 1},
  {code: "1301", tariff: 2}, {code: "1302", tariff: 2}, {code: "1303", tariff: 2}]
turnovers: [{year: 2025, engineering: 2400000}]
"""


def prepare(page: Path, place: Path) -> None:
    """The files that the page names: those that it shows, and ours where it shows none."""
    for name in ("firm.yaml", "bureau.yaml"):
        (place / name).write_text(FIRM, "utf-8")
    shown = blocks(page, "yaml")
    match page.stem:
        case "cases" | "cas":
            (place / ("mes-cas.yaml" if french(page) else "my-cases.yaml")).write_text(shown[0], "utf-8")
        case "certificate" | "certificat":
            _answers(page, place, *shown)
        case "invoices" | "factures":
            (place / "parties.yaml").write_text(shown[0], "utf-8")
        case "invoice" | "facture" | "accounting" | "comptabilite":
            _invoices(page, place)
        case "batch" | "lot":
            for name in ("structures.csv", "invoices.csv", "factures.csv"):
                (place / name).write_text(f"t1;t2;turnover;{'montant_ht' if french(page) else 'amount'}\n"
                                          "5;3;800 000;1 803,50\n", "utf-8")  # fmt: skip
        case "plan":
            newer_tables(place)
            (place / "clients").mkdir()
            (place / "clients" / "one.yaml").write_text(FIRM, "utf-8")
            (place / "clients.csv").write_text(
                "name;siren;turnover;t1;t2\nUn;435054481;800000;5;3\n", "utf-8"
            )
        case "tables":
            newer_tables(place)
            (place / ("bareme.pdf" if french(page) else "schedule.pdf")).write_bytes(
                pdf(by_headings(Figures()))
            )
            (place / "nomenclature.pdf").write_bytes(pdf(listed(ENTRIES)))


def _answers(page: Path, place: Path, tender: str, structure: str) -> None:
    folder = place / ("reponses" if french(page) else "answers")
    held = certificate("1905", "1326", "1202", "1203", issued="2026-03-01", until="2028-03-01")
    held["data"]["qualifications"][1]["rge"] = True
    save(folder, "732829320", held, fetched_on="2026-11-21")
    answer = {"fetched_on": "2026-11-21", "siren": "732829320", "http_status": 200, "answer": held}
    (place / ("reponse.json" if french(page) else "answer.json")).write_text(json.dumps(answer), "utf-8")
    (place / ("marche.yaml" if french(page) else "tender.yaml")).write_text(tender, "utf-8")
    listed = "siren;nom;groupement\n732829320;Alpha;Ensemble\n"
    (place / ("groupement.csv" if french(page) else "consortium.csv")).write_text(listed, "utf-8")
    for name in ("firm.yaml", "bureau.yaml"):
        (place / name).write_text(structure, "utf-8")


def _invoices(page: Path, place: Path) -> None:
    (parties,) = blocks(page.with_stem("factures" if french(page) else "invoices"), "yaml")
    (place / "parties.yaml").write_text(parties, "utf-8")
    folder = place / ("factures" if french(page) else "invoices")
    folder.mkdir()
    for number, path in (("F2026-118", "."), ("F2027-031", "."), ("F2026-119", folder.name)):
        made = f"opqibi-fees invoice --structure firm.yaml --number {number} --parties parties.yaml -o {path}/{number}.pdf"
        assert answer_to(made, page).code == 0
    (place / "F2026-118.csv").write_text(
        "Numéro;Date;Libellé;Montant HT\nF2026-118;2026-11-21;Frais d’instruction;1280,00\n", "utf-8"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_every_command_of_the_page_runs_and_answers_what_the_page_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("opqibi_rules.cli.options.date", Saturday)
    prepare(page, tmp_path)
    text = page.read_text("utf-8")
    for line in lines_of(page):
        if line.startswith(tuple(ELSEWHERE)):
            continue
        assert line.startswith("opqibi-fees "), line
        outcome = answer_to(line, page)
        expected = next((code for part, code in CODES.items() if part in line), 0)
        assert (outcome.code, "Traceback" in outcome.err) == (expected, False), (line, outcome)
        for written in re.findall(r"-o (\S+)", line):
            assert (tmp_path / written).stat().st_size > 0, line
        for amount in (amount for part, said in SAID.items() if re.search(part, line) for amount in said):
            assert (says(text, amount), says(outcome.out, amount)) == (True, True), (
                line,
                amount,
                outcome.out,
            )
        if "check-invoice F2026-118.csv" in line:
            (shown,) = re.findall(r"\n\n```\n(.*?)```", text, re.DOTALL)
            assert plain(f"─\n{shown}\n•") in plain(outcome.out)  # the whole of the explanation, and no more


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.stem == "plan"], ids=lambda page: page.parent.name
)
def test_what_the_page_of_the_plan_says_beside_its_commands(page: Path, tmp_path: Path) -> None:
    first = next(lines_of(page))
    text = page.read_text("utf-8")
    longer = answer_to(f"{first} --years 5", page).out  # « `--years 5` adds the renewal, 1 717.50 € »
    assert (says(text, "1717.50"), says(longer, "1717.50")) == (True, True)
    assert answer_to(f"{first} -o {tmp_path / 'plan.pdf'}", page).code == 0
    pages = len(pypdf.PdfReader(tmp_path / "plan.pdf").pages)
    assert (pages, bool(re.search(r"\*\*PDF\*\*\s*: (two|deux) pages", text))) == (2, True)


SNIPPETS = [
    (page, number)
    for page in PAGES
    if page.stem != "plan"  # tests/test_stability.py
    for number, snippet in enumerate(blocks(page, "python"))
    if "spark" not in snippet  # a session of theirs: tests/price/test_spark_cluster.py
]


@pytest.mark.parametrize(
    ("page", "number"), SNIPPETS, ids=[f"{page.stem} {number}" for page, number in SNIPPETS]
)
def test_each_snippet_runs_and_gives_what_it_says(page: Path, number: int) -> None:
    snippet = blocks(page, "python")[number]
    held = certificate("1905", issued="2026-03-01", until="2028-03-01")
    names: dict[str, object] = dict.fromkeys(("answer", "reponse"), held) | dict.fromkeys(
        ("certificates", "certificats"), TABLE_OF_CERTIFICATES
    )
    exec(compile(snippet, page.name, "exec"), names)  # our own page
    for line in snippet.splitlines():
        expression, _, said = line.partition("  # ")
        if re.match(r"Decimal|\[|'", said):
            assert repr(eval(expression, names)) in said, line


def test_what_is_not_run_stands_in_a_page() -> None:
    given = [line for page in PAGES for line in lines_of(page)]
    assert len([line for line in given if not line.startswith(tuple(ELSEWHERE))]) > 60
    for beginning in ELSEWHERE:
        assert any(line.startswith(beginning) for line in given), beginning
    for part in SAID:
        assert sum(bool(re.search(part, line)) for line in given) >= 2, part
