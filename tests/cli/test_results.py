"""Where results go, in every command: the forms they take, the files they never cover, the faults they own."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

import opqibi_rules
from opqibi_rules.paper import forms
from opqibi_rules.paper.document import Document
from opqibi_rules.paper.forms import CATALOGUE, GENERAL, Form
from tests.cli.running import ON, Outcome, asked, refused

INVOICE = json.dumps(
    {
        "number": "F-1",
        "date": "2026-03-02",
        "lines": [{"name": "Dossier postulant", "quantity": 1, "amount": "86.00"}],
        "total_excl_vat": "86.00",
        "vat": "17.20",
        "total_incl_vat": "103.20",
    }
)
FIRM = "qualifications: [{code: '1905', tariff: 5}]\n"
CASES = (
    "cases: [{case: Un dossier., date: 2026-03-02, tariffs: {1: 1}, event: first, expected: {dossier: 86}}]\n"
)
PARTIES = Path(__file__).parents[1] / "invoice" / "papers" / "parties.yaml"
TABLE = Path(__file__).parents[2] / "data" / "accounts.yaml"
ANSWER = Path(__file__).parents[1] / "answers" / "v3_two_lists.json"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one file of each kind that a command reads."""
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "invoice.json": INVOICE,
        "firm.yaml": FIRM,
        "cases.yaml": CASES,
        "codes.csv": "code;tarif\n1905;5\n",
        "firms.csv": "turnover;t1\n800000;5\n",
        "token.txt": "abc",
    }.items():
        (tmp_path / name).write_text(text, "utf-8")
    shutil.copy(PARTIES, "parties.yaml")
    shutil.copy(ANSWER, "answer.json")
    (tmp_path / "own").mkdir()
    shutil.copy(TABLE, "own/accounts.yaml")
    return tmp_path


QUOTE = ("quote", "-t", "1=5", *ON)
FORMAT = ("--format",)
READ: dict[str, tuple[tuple[str, ...], str]] = {
    "quote, its structure": (("quote", "--structure", "firm.yaml", "--format", "json"), "firm.yaml"),
    "quote, a table": ((*QUOTE, "--tables", "own", "--format", "json"), "own/accounts.yaml"),
    "plan": (("plan", "--structure", "firm.yaml", "--format", "json"), "firm.yaml"),
    "compare": (("compare", "firm.yaml", "--one-more", "--format", "json"), "firm.yaml"),
    "compare, a CSV": (("compare", "firms.csv", "--against", "own"), "firms.csv"),
    "init": (("init", "--from", "answer.json", "--tables", "own"), "own/accounts.yaml"),
    "check-certificate": (("check-certificate", "answer.json"), "answer.json"),
    "check-certificate, a folder": (("check-certificate", "."), "answer.json"),
    "controls": (("controls", "firm.yaml", "--format", "json"), "firm.yaml"),
    "check-invoice": (("check-invoice", "invoice.json", "-t", "1=1"), "invoice.json"),
    "cases": (("cases", "run", "cases.yaml", "--format", "json"), "cases.yaml"),
    "invoice": (
        ("invoice", "-t", "1=1", "--number", "F", "--parties", "parties.yaml", "--fees", "dossier",
         "--format", "xml"),
        "parties.yaml",
    ),
    "tables check": (("tables", "check", "own/accounts.yaml", "--format", "csv"), "own/accounts.yaml"),
    "tables list": (("tables", "list", "--tables", "own", "--format", "csv"), "own/accounts.yaml"),
    "batch": (("batch", "firms.csv"), "firms.csv"),
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
@pytest.mark.parametrize("way", ["same", "symbolic", "hard"])
def test_no_command_writes_over_what_it_reads(folder: Path, case: str, way: str) -> None:
    arguments, read = READ[case]
    path = folder / read
    before = path.read_bytes()
    target = path if way == "same" else folder / f"other{path.suffix}"
    if way == "symbolic":
        target.symlink_to(path)
    elif way == "hard":
        os.link(path, target)
    said = refused(*arguments, "-o", str(target))
    assert "cette commande lit ou écrit déjà ce fichier" in said.splitlines()[-1]
    assert path.read_bytes() == before


@pytest.mark.parametrize("target", ["invoice.json", "firm.yaml"])
def test_nor_do_its_entries(folder: Path, target: str) -> None:
    call = ("check-invoice", "invoice.json", "--structure", "firm.yaml", *FORMAT, "json", "-o", "out.json")
    (folder / "journal.txt").hardlink_to(folder / target)
    assert "lit ou écrit déjà" in refused(*call, "--entries", "journal.txt")
    assert not (folder / "out.json").exists()


def test_two_results_of_one_command_are_two_files(folder: Path) -> None:
    call = ("check-invoice", "invoice.json", "-t", "1=1", "--entries", "same.csv", "-o", "same.csv")
    assert "deux résultats" in refused(*call)
    assert not (folder / "same.csv").exists()


COMMANDS: dict[str, tuple[str, ...]] = {
    "quote": QUOTE,
    "plan": ("plan", "-t", "1=5", "--from", "2026-03-02"),
    "compare": ("compare", "-t", "1=5", "--from", "2026-03-02", "--one-more"),
    "check-certificate": ("check-certificate", "answer.json"),
    "controls": ("controls", "firm.yaml"),
    "check-invoice": ("check-invoice", "invoice.json", "-t", "1=1"),
    "cases run": ("cases", "run", "cases.yaml"),
    "invoice": ("invoice", "-t", "1=1", "--number", "F", "--parties", "parties.yaml", "--fees", "dossier"),
    "turnover-from-fee": ("turnover-from-fee", "557.50"),
    "counts-from-fee": ("counts-from-fee", "560"),
    "tables list": ("tables", "list"),
    "tables show": ("tables", "show", "vat"),
    "tables check": ("tables", "check", "own/accounts.yaml"),
    "nomenclature search": ("nomenclature", "search", "audit"),
    "nomenclature show": ("nomenclature", "show", "1905"),
}


def named_in_help(command: str) -> list[str]:
    lines = asked(*command.split(), "--help").out.splitlines()
    return next(line.split()[1] for line in lines if line.lstrip().startswith("--format ")).split("|")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_names_the_forms_that_are_written(folder: Path, command: str) -> None:
    said = refused(*COMMANDS[command], "--format", "docx")
    assert said.endswith(f"n’est pas un de ceux-ci : {', '.join(named_in_help(command))}.")
    assert ".docx" in refused(*COMMANDS[command], "-o", "result.docx")
    for name in named_in_help(command):
        for suffix in CATALOGUE[name].suffixes if name in CATALOGUE else ():
            if name in {"png", "svg", "pdf"}:
                continue  # slow, and looked at elsewhere
            assert asked(*COMMANDS[command], "-o", f"result{suffix}").code in {0, 1, 3}
            assert (folder / f"result{suffix}").stat().st_size


@pytest.mark.parametrize("command", [("init",), ("nomenclature", "import", "codes.csv")])
def test_a_table_is_written_as_a_table(folder: Path, command: tuple[str, ...]) -> None:
    assert "celles qu’elle écrit : .yaml, .yml." in refused(*command, "-o", "result.csv")
    assert not (folder / "result.csv").exists()


def test_a_form_written_down_once_serves_every_command(folder: Path) -> None:
    def html(document: Document, *_: Any) -> str:
        return f"<title>{document.title.text}</title>"

    with patch.dict(CATALOGUE, {"html": Form("html", (".html",), prose=html)}):
        names = tuple(form.name for form in forms.CATALOGUE.values() if form.general)
        assert names == (*GENERAL, "html")
        with patch("opqibi_rules.cli.result.GENERAL", names):
            for command, arguments in COMMANDS.items():
                if command != "invoice":
                    assert asked(*arguments, "-o", "result.html").code in {0, 1, 3}
                    assert (folder / "result.html").read_text("utf-8").startswith("<title>")


def broken(*_: Any, **__: Any) -> Any:
    raise KeyError("what the caller gave")


def faulty(*arguments: str, env: dict[str, str] | None = None) -> Outcome:
    with patch("opqibi_rules.cli.commands.prices.quote.price", broken):
        return asked(*arguments, env=env)


def test_a_fault_of_ours_has_a_sentence_and_a_code_of_its_own() -> None:
    outcome = faulty(*QUOTE)
    assert (outcome.code, outcome.out) == (4, "")
    assert len(outcome.err.splitlines()) == 1
    for word in ("KeyError in broken", "la version", opqibi_rules.__version__, "OPQIBI_DEBUG=1"):
        assert word in outcome.err
    assert "what the caller gave" not in outcome.err
    told = faulty(*QUOTE, env={"OPQIBI_DEBUG": "1"})
    assert told.code == 4
    assert "Traceback" in told.err


@pytest.mark.parametrize(
    ("command", "work", "good"),
    [
        (
            ("check-invoice", "-t", "1=1"),
            "opqibi_rules.cli.commands.invoices.check_invoice.check_invoice",
            "invoice.json",
        ),
        (
            ("check-certificate", "--on", "2026-03-02"),
            "opqibi_rules.cli.commands.certificates.check_certificate.check_certificate",
            "answer.json",
        ),
    ],
)
def test_a_fault_on_one_file_keeps_no_other_from_its_answer(
    folder: Path, command: tuple[str, ...], work: str, good: str
) -> None:
    shutil.copy(folder / good, folder / f"second-{good}")
    files = [good, f"second-{good}", "none.json"]
    module, _, name = work.rpartition(".")
    real = getattr(__import__(module, fromlist=[name]), name)
    calls = iter([True, False, False])
    with patch(work, lambda *args, **more: broken() if next(calls) else real(*args, **more)):
        outcome = asked(*command, *files, "--format", "json")
    assert outcome.code == 4
    answers = json.loads(outcome.out)
    assert len(answers) == 3
    assert [("error" in answer) for answer in answers] == [False, True, True]
    assert re.search(rf"^{re.escape(good)}(, F-1)?\s?: Une faute de notre fait", outcome.err, re.MULTILINE)
    assert "none.json" in outcome.err
    assert asked(*command, *files).code == 2
    with patch(work, broken):
        assert asked(*command, good).code == 4
