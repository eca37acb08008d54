"""``opqibi-fees invoice``: what lands in the file, and how a wrong call ends."""

from decimal import Decimal
from pathlib import Path

import pytest

from opqibi_rules.cli.main import run
from opqibi_rules.invoice.reading.invoice_file import read_invoices

PARTIES = str(Path(__file__).parents[1] / "invoice" / "papers" / "parties.yaml")
CALL = [
    "invoice",
    "-t",
    "1=5",
    "-t",
    "2=3",
    "--turnover",
    "800000",
    "--date",
    "2026-03-02",
    "--number",
    "F-2026-12",
]


@pytest.mark.parametrize("suffix", ["pdf", "xml"])
def test_the_file_s_name_says_the_form(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"F-2026-12.{suffix}"
    assert run([*CALL, "--parties", PARTIES, "-o", str(path)]) == 0
    (invoice,) = read_invoices(path)
    assert (invoice.number, invoice.total_excl_vat, invoice.total_incl_vat) == (
        "F-2026-12",
        Decimal("1803.50"),
        Decimal("2164.20"),
    )
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_without_a_file_the_xml_goes_to_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    assert run([*CALL, "--parties", PARTIES, "--fees", "dossier, instruction", "--lang", "fr"]) == 0
    out, err = capfd.readouterr()
    assert out.startswith("<?xml")
    assert "<ram:GrandTotalAmount>1495.20</ram:GrandTotalAmount>" in out
    assert "Frais d’instruction" in out
    assert err == ""


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (["--parties", "none.yaml"], "none.yaml: cannot be opened"),
        (["--parties", PARTIES, "--fees", "x"], "« x » is not a fee"),
        (["--parties", PARTIES, "--vat", "reunion"], "is in mainland France, and the VAT is that of Réunion"),
        (["--parties", PARTIES, "--vat", "eu"], "is in mainland France, and the VAT is that of "),
        (["--parties", PARTIES, "--vat", "0"], "An invoice without VAT says why"),
        (["--parties", PARTIES, "--format", "docx"], "« docx » is not one of xml, pdf"),
        (["--parties", PARTIES, "--number", "F 1"], "« F 1 » is no invoice number"),
        ([], "is missing"),
    ],
)
def test_a_wrong_call_writes_nothing(
    more: list[str], expected: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "F.pdf"
    number = CALL.index("--number")
    asked = [*CALL[:number], *CALL[number + 2 :]] if "--number" in more else CALL
    assert run([*asked, *more, "--lang", "en", "-o", str(path)]) == 2
    assert expected in capfd.readouterr().err
    assert not path.exists()


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_help_has_examples(lang: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["invoice", "--help", "--lang", lang]) == 0
    assert "opqibi-fees invoice -t 1=5" in capfd.readouterr().out


def test_the_vat_of_the_buyer_s_own_territory(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    there = tmp_path / "parties.yaml"
    there.write_text(Path(PARTIES).read_text("utf-8").replace('"69003"', '"97400"'), "utf-8")
    path = tmp_path / "F.xml"
    assert run([*CALL, "--parties", str(there), "--lang", "en", "-o", str(path)]) == 2
    assert "is in Réunion, and the VAT is that of mainland France" in capfd.readouterr().err
    assert run([*CALL, "--parties", str(there), "--vat", "reunion", "-o", str(path)]) == 0
    (invoice,) = read_invoices(path)
    assert invoice.total_incl_vat == Decimal("1956.80")  # 1 803,50 and 8,5 %: 153,2975
    assert run([*CALL, "--parties", str(there), "--vat", "20 %", "-o", str(path)]) == 0  # a rate stands


@pytest.mark.parametrize(
    ("said", "instead", "code", "expected"),
    [
        (
            "0112 3456 7890 189",
            "0112 3456 7890 188",
            2,
            "FR7630006000011234567890188 does not fit its digits",
        ),
        (
            "2026-04-01",
            "2025-12-21",
            0,
            "payment.due: 21 Dec 2025 is before the day of the invoice, 2 Mar 2026.",
        ),
    ],
)
def test_what_no_platform_would_take(
    said: str, instead: str, code: int, expected: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """An account that is none is refused; a day that has passed is told."""
    parties = tmp_path / "parties.yaml"
    parties.write_text(Path(PARTIES).read_text(encoding="utf-8").replace(said, instead), encoding="utf-8")
    assert run([*CALL, "--parties", str(parties), "--lang", "en"]) == code
    assert expected in capfd.readouterr().err


def test_a_siren_whose_key_is_wrong_is_told(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A few registered firms bear one: it is no mistake for sure."""
    parties = tmp_path / "parties.yaml"
    text = Path(PARTIES).read_text(encoding="utf-8").replace('"435054481"', '"435054482"')
    parties.write_text(text, encoding="utf-8")
    assert run([*CALL, "--parties", str(parties), "--lang", "en"]) == 0
    assert "the key of the SIREN 435054482 does not fit its digits" in capfd.readouterr().err
