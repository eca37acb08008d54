"""A quote laid out for people: its lines under their fees, and nothing left unsaid."""

from pathlib import Path
from typing import Any

import pytest

from opqibi_rules import DeclaredEvent
from opqibi_rules.paper.language import Language
from opqibi_rules.price.papers.quote_document import quote_document
from opqibi_rules.price.quote import quote
from tests.price.papers.editions import edition

FR, EN = Language("fr"), Language("en")


def text(language: Language = EN, *, explain: bool = False, **question: Any) -> str:
    return quote_document(quote(on="2026-03-02", **question), explain=explain).as_text(language)


def test_a_first_application_to_the_letter() -> None:
    shown = text(FR, tariffs={1: 5, 2: 3}, turnover="800000").replace("\N{NO-BREAK SPACE}", " ")
    tables, *notes = shown.replace("\N{NARROW NO-BREAK SPACE}", " ").split("\n• ")
    assert len(notes) == 2
    assert tables == (
        """\
Devis OPQIBI : première demande

Date    2 mars 2026
Barème  Barème de tarification de l’OPQIBI du 08/02/2024

Article  Désignation                       Nombre, base  Prix, taux  Montant HT
───────────────────────────────────────────────────────────────────────────────
I        Dossier de première demande                  1     86,00 €     86,00 €

II.1     Partie forfaitaire                           1    500,00 €    500,00 €
II.2     Qualifications au tarif 1                    5     60,00 €    300,00 €
II.2     Qualifications au tarif 2                    3    120,00 €    360,00 €
         Frais d’instruction                                         1 160,00 €

III      Tranche de 0 € à 250 000 €        250 000,00 €      0,80 ‰    200,00 €
III      Tranche de 250 000 € à 800 000 €  550 000,00 €      0,65 ‰    357,50 €
         Utilisation de la marque (4 ans)                              557,50 €

         Total HT                                                    1 803,50 €
         TVA                                                   20 %    360,70 €
         Total TTC                                                   2 164,20 €
"""
    )


@pytest.mark.parametrize(
    ("event", "name"),
    [("first", "first application"), ("renewal", "renewal"), ("control", "annual control")],
)
def test_the_title_names_the_event(event: str, name: str) -> None:
    assert text(event=DeclaredEvent(event), tariffs={1: 1}).startswith(f"OPQIBI quote: {name}\n")


@pytest.mark.parametrize(
    ("question", "state"),
    [
        ({"tariffs": {1: 1}}, "not computed"),
        ({"qualifications": ["1905:5"], "turnover": 1}, "undetermined"),
        ({"tariffs": {1: 1}, "turnover": 1}, None),
        ({"event": "control", "tariffs": {1: 1}}, None),
    ],
)
def test_a_fee_without_amount_has_its_line_with_its_article(
    question: dict[str, Any], state: str | None
) -> None:
    lines = text(**question).splitlines()
    found = [line for line in lines if line.endswith(("not computed", "undetermined"))]
    if state is None:
        assert not found
    else:
        assert len(found) == 1
        assert found[0].startswith("III      Brand-usage fee (4 years)")
        assert found[0].endswith(state)


def test_a_schedule_of_another_shape_has_its_own_fees_and_subtotals(tmp_path: Path) -> None:
    def rows(event: str, **asked: Any) -> list[str]:
        answer = quote(on="2026-03-02", event=DeclaredEvent(event), tables=tables, **asked)
        shown = quote_document(answer).as_text(EN, width=120).split("─\n")[1].split("\n\n•")[0]
        return [" ".join(line.split()) for line in shown.splitlines() if line]

    tables = edition("more_fees", tmp_path)
    assert rows("renewal", tariffs={1: 1}, turnover=100_000) == [
        "II.1 Flat part 1 €500.00 €500.00",
        "II.2 Qualifications at tariff 1 1 €60.00 €60.00",
        "Instruction fee €560.00",
        "III Tranche from €0 to €250,000 €100,000.00 0.80‰ €80.00",
        "III Raised to the floor €100.00",
        "Brand-usage fee (4 years) €180.00",
        "V Renewal audit, flat 1 €150.00 €150.00",  # a fee of one amount is its own subtotal
        "Total excl. VAT €890.00",
        "VAT 20% €178.00",
        "Total incl. VAT €1,068.00",
    ]
    assert rows("control", tariffs={1: 1})[2:5] == [
        "Annual-control fee €140.00",
        "VI Visits for qualifications at tariff 1 1 €10.00 €10.00",
        "Site visit €10.00",
    ]


def test_every_interpretation_used_is_told_with_the_calculation() -> None:
    asked = quote(on="2026-03-02", tariffs={1: 5}, turnover="250007.70")
    shown = quote_document(asked, explain=True).as_text(EN)
    assert asked.assumptions
    for item in asked.assumptions:
        assert f"Interpretation {item.id}:" in shown
    assert "Interpretation" not in quote_document(asked).as_text(EN)
