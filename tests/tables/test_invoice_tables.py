"""The words of invoices and the official dispute codes: what they read, and how a user adds to them."""

from datetime import date
from pathlib import Path

import pytest

from opqibi_rules.errors import FileError
from opqibi_rules.invoice.matching.line_words import words_of
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.check import checked_table
from opqibi_rules.tables.library import SHIPPED, Tables

EDITIONS = Path(__file__).parents[1] / "editions"
WORDING = Tables().invoice_wording
HEAD = """
id: ours
title: {fr: Nos mots, en: Our words}
in_force_from: "2026-01-01"
checked_on: "2026-01-01"
checked_by: us
sources: [{document: our invoices, address: https://example.org/}]
"""


@pytest.mark.parametrize(
    ("text", "fees", "parts", "tariffs"),
    [
        ("Frais d'instruction : code-tarif n° 5", {"instruction"}, set(), {5}),
        ("INSTRUCTION DU DOSSIER POSTULANT", {"instruction"}, set(), set()),
        ("Dossier postulant et frais d’instruction", {"dossier", "instruction"}, set(), set()),
        ("Droit d’usage de la marque OPQIBI 2026-2030", {"brand_usage"}, set(), set()),
        ("Contrôle annuel, tarifs 5 et 7", {"annual_control"}, set(), {5, 7}),
        ("Nouvelles qualifications : forfait", set(), {"new_requests", "flat"}, set()),
        ("Qualification 1905 (tariff 3), 12/03/2026", set(), set(), {3}),
        ("Annual control fee", {"annual_control"}, set(), set()),
        ("Prestation", set(), set(), set()),
        ("tarif 100", set(), set(), set()),
        ("", set(), set(), set()),
    ],
)
def test_what_a_line_names(text: str, fees: set[str], parts: set[str], tariffs: set[int]) -> None:
    named = words_of(WORDING).read(text)
    assert (set(named.fees), set(named.parts), set(named.tariffs)) == (fees, parts, tariffs)


def test_accents_case_and_punctuation_do_not_count() -> None:
    assert plain_words("  Frais d’INSTRUCTION – œuvre n°\u00a02 ") == "frais d instruction oeuvre n 2"


def test_a_user_adds_words(tmp_path: Path) -> None:
    text = f"kind: invoice_wording{HEAD}fees: {{instruction: {{fr: [Étude de recevabilité]}}}}\ntariff: {{fr: [niveau]}}\n"
    (tmp_path / "words.yaml").write_text(text, "utf-8")
    wording = Tables(tmp_path).invoice_wording
    named = words_of(wording).read("Etude de recevabilite, niveau 4")
    assert (set(named.fees), set(named.tariffs)) == ({"instruction"}, {4})
    assert words_of(wording).read("Dossier postulant").fees == {"dossier"}


def test_a_fee_s_own_name_counts_and_only_those_of_the_schedule() -> None:
    tables = Tables(EDITIONS / "other_body")
    fees = tables.schedule(date(2026, 3, 2)).fees
    wording = Tables().invoice_wording.naming(fees)
    assert words_of(wording).read("Frais d'expertise 2026").fees == {"expertise"}
    assert (
        words_of(wording).read("COTISATION").fees
        == words_of(wording).read("subscription").fees
        == {"cotisation"}
    )
    assert words_of(wording).read("Dossier postulant").fees == frozenset()
    assert words_of(tables.invoice_wording.naming(fees)).read("passages, frais de passage").fees == {
        "passage"
    }
    assert words_of(WORDING).read("Cotisation").fees == frozenset()


def test_words_of_parts_are_added_too(tmp_path: Path) -> None:
    text = f"kind: invoice_wording{HEAD}parts: {{flat: {{fr: [socle]}}, new_requests: {{en: [add-on]}}}}\n"
    (tmp_path / "words.yaml").write_text(text, "utf-8")
    wording = Tables(tmp_path).invoice_wording
    assert words_of(wording).read("Socle").parts == words_of(wording).read("forfait").parts == {"flat"}
    assert (
        words_of(wording).read("1 add on").parts
        == words_of(wording).read("extension").parts
        == {"new_requests"}
    )


def test_words_of_headings_are_added_for_invoices_and_files_of_structures_alike(tmp_path: Path) -> None:
    text = f"kind: invoice_wording{HEAD}columns: {{turnover: {{fr: [recettes]}}}}\ntariff: {{fr: [niveau]}}\n"
    (tmp_path / "words.yaml").write_text(text, "utf-8")
    tables = Tables(tmp_path)
    for wording in (tables.heading_wording, tables.invoice_wording):
        assert {"recettes", "CA"} <= {*wording.columns["turnover"].fr}
        assert wording.columns["event"] == WORDING.columns["event"]
        assert {"niveau", "tarif"} <= {*wording.tariff.fr}
        assert wording.title.fr == "Nos mots"


CODES = Tables().dispute_codes


def test_a_user_s_codes_replace_ours(tmp_path: Path) -> None:
    text = (
        f"kind: dispute_codes{HEAD}statuses: [{{code: 207, name: {{fr: x, en: y}}}}]\n"
        "reasons: [{code: TOUT, name: {fr: x, en: y}, statuses: [207], findings: []}]\n"
    )
    (tmp_path / "codes.yaml").write_text(text, "utf-8")
    assert Tables(tmp_path).dispute_codes.reason("line_quantity").code == "TOUT"


@pytest.mark.parametrize(
    ("names", "code", "statuses"),
    [
        (("line_unit_price",), "PU_ERR", [206, 207]),
        (("count_off", "fee_amount"), "QTE_ERR", [206, 207]),
        (("unheard_of", "vat_rate"), "TX_TVA_ERR", [207, 210]),
        (("total_incl_vat",), "MONTANTTOTAL_ERR", [207, 210]),
        (("vat_amount",), "CALCUL_ERR", [207, 210]),
        (("duplicate_fee",), "DOUBLE_FACT", [207, 210]),
        (("duplicate_invoice",), "DOUBLON", [207, 210]),
        (("unheard_of",), "AUTRE", [206, 207]),
        ((), "AUTRE", [206, 207]),
    ],
)
def test_the_official_reason_of_a_finding(names: tuple[str, ...], code: str, statuses: list[int]) -> None:
    reason = CODES.reason(*names)
    assert (reason.code, [status.code for status in reason.statuses]) == (code, statuses)


def test_a_reason_is_named_in_both_languages() -> None:
    reason = CODES.reason("line_quantity")
    assert (reason.name.fr, reason.statuses[1].code, reason.statuses[1].name.en) == (
        "quantité erronée",
        207,
        "disputed",
    )


def mistakes(text: str) -> list[tuple[str, str]]:
    with pytest.raises(FileError) as raised:
        checked_table(text.encode(), "t.yaml")
    return [(item.path, str(item.message)) for item in raised.value.mistakes]


def test_a_status_that_the_file_does_not_have() -> None:
    text = (
        (SHIPPED / "dispute_codes.yaml")
        .read_text("utf-8")
        .replace("statuses: [207, 210]", "statuses: [207, 299]", 1)
    )
    ((path, message),) = mistakes(text)
    assert path.endswith(".statuses[1]")
    assert message == "status 299 is not among those of this file: 206, 207, 210, 213."


@pytest.mark.parametrize(
    "change", [("findings: []", "findings: [x]"), ("findings: [vat_rate, vat_category]", "findings: []")]
)
def test_one_reason_serves_all_the_others(change: tuple[str, str]) -> None:
    text = (SHIPPED / "dispute_codes.yaml").read_text("utf-8").replace(*change)
    ((path, message),) = mistakes(text)
    assert path == "$.reasons"
    assert message.startswith("one reason, and one only")
