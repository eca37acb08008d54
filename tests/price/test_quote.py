"""What a quote answers besides its amounts: lines and articles, notes, assumptions; and what it refuses."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest

from opqibi_rules.errors import (
    AmountError,
    DateError,
    OpqibiError,
    RequestError,
    TableError,
    UnknownCodeError,
    UnknownTariffError,
)
from opqibi_rules.price.planning.plan import plan
from opqibi_rules.price.question import MOST_OF_A_TARIFF
from opqibi_rules.price.quote import Quote, answer, quote
from opqibi_rules.price.structure import Qualification, Structure, Turnover
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Tranches
from tests.asking import ON
from tests.editions.pinned import LATER, MORE_FEES, OTHER_BODY, REPEATED, TABLES_2024
from tests.tables.editing import nomenclature

HUGE = pytest.param(10**5000, id="huge")
"""An integer that Python refuses to write."""


def ask(**arguments: Any) -> Quote:
    return quote(**{"on": ON, "tables": TABLES_2024, **arguments})


def notes(answer: Quote) -> list[str]:
    return [str(note) for note in answer.notes]


def refusal(kind: type[OpqibiError], **arguments: Any) -> str:
    with pytest.raises(kind) as raised:
        ask(**arguments)
    assert type(raised.value) is kind
    return str(raised.value)


class TestTheAnswer:
    def test_the_json_of_the_issue(self) -> None:
        found = ask(tariffs={1: 5, 2: 3}, turnover=800_000).to_dict()
        assert found["lines"] == [
            {"fee": "dossier", "part": "file", "article": "I", "label": "Application file, first application",
             "quantity": 1, "unit_price": "86.00", "tariff": None, "codes": [], "amount": "86.00",
             "vat_category": "S"},
            {"fee": "instruction", "part": "flat", "article": "II.1", "label": "Flat part",
             "quantity": 1, "unit_price": "500.00", "tariff": None, "codes": [], "amount": "500.00",
             "vat_category": "S"},
            {"fee": "instruction", "part": "each", "article": "II.2", "label": "Qualifications at tariff 1",
             "quantity": 5, "unit_price": "60.00", "tariff": 1, "codes": [], "amount": "300.00",
             "vat_category": "S"},
            {"fee": "instruction", "part": "each", "article": "II.2", "label": "Qualifications at tariff 2",
             "quantity": 3, "unit_price": "120.00", "tariff": 2, "codes": [], "amount": "360.00",
             "vat_category": "S"},
            {"fee": "brand_usage", "part": "tranches", "article": "III", "label": "Tranche from 0 € to 250000 €",
             "base": "250000.00", "rate": "0.00080", "amount": "200.00",
             "vat_category": "S"},
            {"fee": "brand_usage", "part": "tranches", "article": "III",
             "label": "Tranche from 250000 € to 800000 €",
             "base": "550000.00", "rate": "0.00065", "amount": "357.50",
             "vat_category": "S"},
        ]  # fmt: skip
        assert found["subtotals"] == {
            "dossier": "86.00", "instruction": "1160.00", "brand_usage": "557.50", "annual_control": None,
        }  # fmt: skip
        assert found["schema_version"] == 1
        assert (found["event"], found["date"]) == ("first", "2026-03-02")
        assert (found["total_excl_vat"], found["vat_rate"], found["vat"], found["total_incl_vat"]) == (
            "1803.50", "0.20", "360.70", "2164.20",
        )  # fmt: skip
        assert found["schedule"] == {
            "id": "bareme_2024",
            "title": "OPQIBI fee schedule of 08/02/2024",
            "in_force_from": "2024-02-08",
            "source": "OPQIBI, « Barème de tarification - 08/02/24 » (https://www.opqibi.com/)",
            "checked_on": "2026-11-21",
        }
        assert found["turnover_base"] == {
            "kind": "engineering",
            "turnover": "800000.00",
            "reason": "Brand-usage fee: on the turnover given, taken as the « ingénierie » one "
            "(article III, general rule).",
            "year": None,
            "closed_on": None,
            "document": None,
        }
        assert found["turnover_bases"] == {"brand_usage": found["turnover_base"]}
        assert (found["complete"], found["missing"]) == (True, [])
        assert found["request"] == {
            "event": "first", "on": "2026-03-02", "tariffs": {"1": 5, "2": 3}, "qualifications": [],
            "probationary": [], "new_tariffs": {}, "new_qualifications": [], "turnover": "800000.00",
            "audit_turnover": None, "vat": "metropolitan",
        }  # fmt: skip

    def test_the_json_in_french(self) -> None:
        found = ask(tariffs={1: 1}).to_dict(lambda message: "!", language="fr")
        assert found["schedule"]["title"] == "Barème de tarification de l’OPQIBI du 08/02/2024"
        assert {line["label"] for line in found["lines"]} == {"!"}
        assert set(found["notes"]) == {"!"}
        assert found["turnover_base"]["reason"] == "!"
        assert found["assumptions"][0]["text"] == "Le barème s’applique à partir du jour dont il est daté."
        assert found["assumptions"][0]["reason"].startswith("Il porte la date du 08/02/24")

    def test_the_notes_and_the_assumptions_in_json(self) -> None:
        answer = ask(tariffs={1: 1}, turnover=0)
        found = answer.to_dict()
        assert found["notes"] == [str(note) for note in answer.notes]
        assert found["assumptions"][1] == {
            "id": "floor-and-cap-for-four-years",
            "article": "III",
            "text": "The floor of 180\u00a0€ and the cap of 40\u202f000\u00a0€ hold for the four years, after rounding, "
            "never per year.",
            "reason": "The fee is paid every four years; “soit 45\u00a0€ par an” is only an equivalence.",
        }

    def test_a_tranche_line_is_exact_to_its_last_digit(self) -> None:
        line = ask(tariffs={1: 1}, turnover="250 007,70").to_dict()["lines"][-1]
        assert (line["base"], line["rate"], line["amount"]) == ("7.70", "0.00065", "0.005005")

    def test_the_line_of_the_floor_says_what_it_added(self) -> None:
        *_, tranche, floor = ask(tariffs={1: 1}, turnover=100_000).lines
        assert (floor.part_id, floor.article, floor.amount) == ("floor", "III", Decimal(100))
        assert tranche.amount == Decimal(80)

    def test_the_line_of_the_cap_says_what_it_removed(self) -> None:
        cap = ask(tariffs={1: 1}, turnover=200_000_000).lines[-1]
        assert (cap.part_id, cap.article) == ("cap", "III")
        assert cap.amount == Decimal("-12707.50")

    def test_the_codes_asked_for_stand_in_the_label_of_their_line(self) -> None:
        first = ask(qualifications=["1905:5", "0607:5"])
        assert [str(line.label) for line in first.lines][-1] == "Qualifications at tariff 5: 0607, 1905"

    def test_the_codes_held_stand_in_the_label_of_their_line(self) -> None:
        answer = ask(
            event="control",
            qualifications=["1905:5", "0103:1"],
            probationary=["0607:5"],
            new_qualifications=["1911:7"],
            new_tariffs={2: 1},
        )
        assert [str(line.label) for line in answer.lines] == [
            "Flat part",
            "Qualifications held at tariff 1: 0103",
            "Qualifications held at tariff 5: 0607, 1905",
            "Flat fee for new qualifications asked for at the control",
            "New qualifications at tariff 2, instruction price",
            "New qualifications at tariff 7, instruction price: 1911",
        ]
        assert [line.tariff for line in answer.lines] == [None, 1, 5, None, 2, 7]
        assert (answer.event.id, answer.on, answer.base) == ("control", ON, None)
        assert [line.part_id for line in answer.lines] == [
            "flat", "each", "each", "new_flat", "new_each", "new_each",
        ]  # fmt: skip
        assert answer.to_dict()["turnover_base"] is None

    def test_a_quote_without_turnover_says_what_is_missing(self) -> None:
        answer = ask(tariffs={1: 1})
        assert answer.subtotals.brand_usage is None
        assert not answer.undetermined
        assert answer.missing == ("brand_usage",)
        assert re.match(r"Brand-usage fee: .*« ingénierie », « audit énergétique »", notes(answer)[1])
        assert not any("--" in note for note in notes(answer))

    def test_a_day_may_be_a_text(self) -> None:
        assert ask(tariffs={1: 1}, on="2026-03-02").on == ON


class TestTheBase:
    """Article III: the « ingénierie » turnover, or the « audit énergétique » one; or neither, and why."""

    AUDITS: Mapping[str, Any] = {"qualifications": ["1905:5", "1911:7"]}

    def base(self, says: str, **arguments: Any) -> tuple[str | None, bool]:
        answer = ask(**arguments)
        assert answer.base is not None
        assert str(answer.base.reason) in notes(answer)
        assert answer.undetermined == answer.base.undetermined
        assert (answer.subtotals.brand_usage is None) == (answer.base.kind is None)
        assert re.search(says, str(answer.base.reason))
        return answer.base.kind, answer.base.undetermined

    def test_only_audits(self) -> None:
        says = "« audit énergétique » .*III.*1905, 1911"
        assert self.base(says, **self.AUDITS, turnover=500_000, audit_turnover=90_000) == (
            "energy_audit",
            False,
        )

    def test_only_audits_without_their_turnover(self) -> None:
        says = "undetermined: .*1905, 1911.*III.*« audit énergétique » .*not given"
        assert self.base(says, **self.AUDITS, turnover=500_000) == (None, True)

    def test_another_qualification(self) -> None:
        found = self.base(
            "« ingénierie » .*III.*0103",
            qualifications=["1905:5", "0103:1"],
            turnover=500_000,
            audit_turnover=1,
        )
        assert found == ("engineering", False)

    def test_another_qualification_without_its_turnover(self) -> None:
        says = "undetermined: 0103 .*III.*« ingénierie » .*not given"
        assert self.base(says, qualifications=["1905:5", "0103:1"], audit_turnover=90_000) == (None, True)

    @pytest.mark.parametrize("turnover", [None, 500_000])
    @pytest.mark.parametrize("codes", [[], ["1905:5"]])
    def test_counts_without_codes_and_an_audit_turnover(self, turnover: int | None, codes: list[str]) -> None:
        says = "undetermined: without the codes .*0607, 1717, 1905, 1911"
        asked = {"tariffs": {5: 1}, "qualifications": codes, "turnover": turnover, "audit_turnover": 90_000}
        assert self.base(says, **asked) == (None, True)

    @pytest.mark.parametrize("codes", [[], ["1905:5"]])
    def test_counts_and_a_turnover_follow_the_general_rule(self, codes: list[str]) -> None:
        found = self.base("general rule", tariffs={5: 1}, qualifications=codes, turnover=500_000)
        assert found == ("engineering", False)

    def test_counts_of_zero_beside_audits_count_for_nothing(self) -> None:
        assert self.base("", **self.AUDITS, tariffs={1: 0}, audit_turnover=1)[0] == "energy_audit"

    def test_another_qualification_beside_counts_decides(self) -> None:
        found = self.base("", tariffs={5: 1}, qualifications=["0103:1"], turnover=500_000, audit_turnover=1)
        assert found[0] == "engineering"


class TestAssumptions:
    """The interpretations that an answer used, and no other."""

    def used(self, **arguments: Any) -> list[str]:
        return [assumption.id for assumption in ask(**{"vat": "0.20", **arguments}).assumptions]

    FIRST = "in-force-from-its-date"
    GENERAL = "engineering-turnover-in-general"

    def test_a_quote_without_turnover(self) -> None:
        assert self.used(tariffs={1: 1}) == [self.FIRST]

    def test_one_tranche(self) -> None:
        assert self.used(tariffs={1: 1}, turnover=250_000) == [self.FIRST, self.GENERAL]

    def test_two_tranches(self) -> None:
        assert self.used(tariffs={1: 1}, turnover=800_000) == [
            self.FIRST,
            "continuous-tranches",
            self.GENERAL,
        ]

    def test_a_fee_between_two_cents(self) -> None:
        expected = [self.FIRST, "continuous-tranches", "round-once-half-up", self.GENERAL]
        assert self.used(tariffs={1: 1}, turnover=800_010) == expected

    def test_the_floor(self) -> None:
        assert self.used(tariffs={1: 1}, turnover=1000) == [
            self.FIRST,
            "floor-and-cap-for-four-years",
            self.GENERAL,
        ]

    def test_the_cap(self) -> None:
        expected = [self.FIRST, "continuous-tranches", "floor-and-cap-for-four-years", self.GENERAL]
        assert self.used(tariffs={1: 1}, turnover=200_000_000) == expected

    def test_a_turnover_of_zero(self) -> None:
        expected = [self.FIRST, "floor-and-cap-for-four-years", "zero-turnover-pays-the-floor", self.GENERAL]
        assert self.used(tariffs={1: 1}, turnover=0) == expected

    def test_a_probationary_qualification(self) -> None:
        probationary = "probationary-counts-for-the-base"
        assert self.used(probationary=["1905:5"], audit_turnover=250_000) == [self.FIRST, probationary]
        assert self.used(qualifications=["1905:5"], audit_turnover=250_000) == [self.FIRST]
        found = self.used(qualifications=["1905:5"], probationary=["0103:1"], turnover=250_000)
        assert found == [self.FIRST, probationary]

    def test_counts_beside_audits_follow_the_general_rule(self) -> None:
        found = self.used(tariffs={5: 1}, qualifications=["1905:5"], turnover=250_000)
        assert found == [self.FIRST, self.GENERAL]

    def test_new_requests(self) -> None:
        new = ["new-requests-flat-once", "new-requests-at-instruction-prices-only"]
        assert self.used(event="control", tariffs={1: 1}, new_tariffs={5: 1}) == [self.FIRST, *new]
        assert self.used(event="control", tariffs={1: 1}, new_tariffs={5: 0}) == [self.FIRST]

    @pytest.mark.parametrize("tariff", range(1, 8))
    def test_the_row_of_tariffs_5_and_7(self, tariff: int) -> None:
        shared = ["tariffs-5-and-7-each"] if tariff in {5, 7} else []
        assert self.used(event="control", tariffs={tariff: 1}) == [self.FIRST, *shared]
        assert self.used(event="renewal", tariffs={tariff: 1}) == [self.FIRST]

    def test_a_territory_brings_those_of_the_vat_table(self) -> None:
        assert self.used(tariffs={1: 1}, vat=None) == [self.FIRST, "customer-is-a-business"]

    def test_each_of_the_schedule_is_used_by_some_answer(self) -> None:
        answers: list[dict[str, Any]] = [
            {"probationary": ["1905:5"], "audit_turnover": 0},
            {"tariffs": {1: 1}, "turnover": 800_010},
            {"event": "control", "tariffs": {5: 1}, "new_tariffs": {1: 1}},
        ]
        used = {name for arguments in answers for name in self.used(**arguments)}
        assert used == {item.id for item in TABLES_2024.schedule(ON).assumptions}

    def test_a_user_s_schedule_without_them_uses_none(self, tmp_path: Path) -> None:
        text = (Tables().shipped / "bareme_2024.yaml").read_text("utf-8")
        (tmp_path / "b.yaml").write_text(text[: text.index("assumptions:")], "utf-8")
        answer = ask(tariffs={1: 1}, turnover=0, vat="0.20", tables=Tables(tmp_path))
        assert answer.assumptions == ()


class TestNotes:
    def test_a_code_that_the_extract_does_not_hold(self) -> None:
        said = "9901 is not in the nomenclature at hand, an extract; check it."
        assert said in notes(ask(qualifications=["9901:1"]))
        assert not any("nomenclature" in note for note in notes(ask(qualifications=["1905:1"])))

    def test_a_tariff_other_than_the_nomenclature_s(self, tmp_path: Path) -> None:
        (tmp_path / "n.yaml").write_text(nomenclature('code: "1905", tariff: 5'), "utf-8")
        tables = Tables(tmp_path)
        said = "1905: tariff 6 was given, the nomenclature says 5; 6 is used."
        assert said in notes(ask(qualifications=["1905:6"], tables=tables))
        assert not any("tariff" in note for note in notes(ask(qualifications=["1905:5"], tables=tables)))

    def test_a_code_that_entails_another(self, tmp_path: Path) -> None:
        entries = ('code: "9901", tariff: 1, entails: ["9902", "9903"]', 'code: "9902", tariff: 2')
        (tmp_path / "n.yaml").write_text(nomenclature(*entries), "utf-8")
        said = (
            "9901 entails 9902; the schedule does not say whether the latter is then billed. "
            "Both are priced here."
        )
        tables = Tables(tmp_path)
        both = ask(event="renewal", qualifications=["9901", "9902"], tables=tables)
        assert [note for note in notes(both) if "entails" in note] == [said]
        assert both.subtotals.instruction == Decimal(680)
        assert not any("entails" in note for note in notes(ask(qualifications=["9901"], tables=tables)))

    def test_a_schedule_over_a_year_old(self) -> None:
        said = (
            "The schedule is of 2024-02-08, the latest known here: over a year old, it may have been replaced. "
            "Check with the body that publishes it."
        )
        assert said in notes(ask(tariffs={1: 1}, on=date(2025, 2, 9)))
        assert said not in notes(ask(tariffs={1: 1}, on=date(2025, 2, 8)))

    def test_a_schedule_of_one_s_own(self, tmp_path: Path) -> None:
        text = (Tables().shipped / "bareme_2024.yaml").read_text("utf-8").replace("0.00025", "0.0000001")
        (tmp_path / "b.yaml").write_text(text, "utf-8")
        answer = ask(tariffs={1: 1}, turnover=16_000_000, tables=Tables(tmp_path))
        assert "The schedule bareme_2024 comes from your own tables." in notes(answer)
        assert answer.to_dict()["lines"][-1]["rate"] == "0.0000001"

    def test_a_territory_without_french_vat(self) -> None:
        assert notes(ask(event="control", tariffs={1: 1}, vat="mayotte"))[0] == (
            "VAT is provisionally not applicable in French Guiana and Mayotte (article 294, 1 of the CGI)."
        )
        assert notes(ask(event="control", tariffs={1: 1}, on=date(2024, 3, 1))) == []


class TestVat:
    @pytest.mark.parametrize(
        ("given", "rate"),
        [
            ("20 %", "0.2"), ("20%", "0.2"), ("8,5 %", "0.085"), ("8.5 %", "0.085"), ("5,50\u202f%", "0.055"),
            ("0.20", "0.2"), ("0.085", "0.085"), ("0", "0"), ("0.0001", "0.0001"), (" 0.2 ", "0.2"),
            (Decimal("0.2"), "0.2"), (Decimal("2E-1"), "0.2"), (Decimal("0E+1"), "0"), (0, "0"), ("0 %", "0"), ("99,99 %", "0.9999"),
        ],
    )  # fmt: skip
    def test_a_rate(self, given: Any, rate: str) -> None:
        answer = ask(tariffs={1: 1}, vat=given)
        assert answer.vat_rate == Decimal(rate)
        assert answer.vat_rule is None

    @pytest.mark.parametrize(
        "given", ["20", "1.5", "-20 %", "100 %", "8,555 %", "0.00001", 20, Decimal("1.2"), "²"]
    )
    def test_what_is_not_a_rate(self, given: Any) -> None:
        assert refusal(RequestError, tariffs={1: 1}, vat=given) == (
            f"vat: « {given} » is not a rate. Write 20 % or 0.20, or the customer's territory: metropolitan, "
            "guadeloupe, martinique, reunion, guyane, mayotte, eu."
        )

    @pytest.mark.parametrize("given", [0.2, True, ["reunion"]])
    def test_what_is_neither_a_rate_nor_a_territory(self, given: Any) -> None:
        assert refusal(RequestError, tariffs={1: 1}, vat=given) == (
            f"vat: {given} is neither a rate nor a territory; give a text or a Decimal, never a float."
        )

    @pytest.mark.parametrize("given", ["", "Atlantide", "NaN"])
    def test_an_unknown_territory(self, given: str) -> None:
        assert refusal(TableError, tariffs={1: 1}, vat=given).startswith(
            f"VAT: « {given} » is not a territory of the table"
        )


class TestTheStructure:
    FIRM = Structure(
        siren="732829320",
        territory="reunion",
        qualifications=(Qualification("1905", 5), Qualification("1911", 7, probationary=True)),
        turnovers=(
            Turnover(2023, Decimal(1), Decimal(1)),
            Turnover(2025, Decimal(800_000), Decimal(300_000)),
            Turnover(2027, Decimal(5), Decimal(5)),
        ),
    )

    def test_it_stands_for_the_arguments(self) -> None:
        answer = ask(event="renewal", structure=self.FIRM)
        assert answer.subtotals.instruction == Decimal(1815)
        assert answer.base is not None
        assert (answer.base.kind, answer.base.turnover) == ("energy_audit", Decimal(300_000))
        assert answer.vat_rate == Decimal("0.085")
        again = quote(**answer.to_dict()["request"], tables=TABLES_2024)
        assert again.to_dict() == answer.to_dict()

    def test_an_argument_comes_before_it(self) -> None:
        answer = ask(event="renewal", structure=self.FIRM, tariffs={1: 1}, turnover=250_000, vat=Decimal(0))
        assert answer.subtotals.instruction == Decimal(560)
        assert answer.subtotals.brand_usage == Decimal(200)
        assert answer.vat == 0
        named = ask(event="renewal", structure=self.FIRM, qualifications=["0103:1"], audit_turnover=1)
        assert named.undetermined
        assert named.question.turnovers == {"energy_audit": Decimal(1)}

    def test_one_without_turnovers_nor_territory(self) -> None:
        answer = ask(structure=Structure(qualifications=(Qualification("1905", 5),)))
        assert answer.subtotals.brand_usage is None
        assert answer.vat_rate == Decimal("0.20")

    def test_an_empty_one_is_no_question(self) -> None:
        assert refusal(RequestError, structure=Structure()).startswith("No qualification is given")


class TestUnknownTariff:
    WAYS = r".*\(1905:5\).* counts .* structure file.* nomenclature table"

    def test_one_code(self) -> None:
        said = refusal(UnknownTariffError, qualifications=["1905"], turnover=100_000)
        assert re.match("The tariff code of 1905 is not known" + self.WAYS, said)

    def test_several_codes_at_once(self) -> None:
        said = refusal(UnknownTariffError, qualifications=["1905", "0607:5"], probationary=["1911"])
        assert re.match("The tariff codes of 1905, 1911 are not known" + self.WAYS, said)

    def test_a_new_request(self) -> None:
        said = refusal(UnknownTariffError, event="control", tariffs={1: 1}, new_qualifications=["0607"])
        assert said.startswith("The tariff code of 0607 is not known.")

    def test_a_code_that_no_table_knows(self) -> None:
        said = refusal(UnknownCodeError, qualifications=["1905", "9901", "9902"])
        assert re.match("Not in the nomenclature at hand, .*: 9901, 9902" + self.WAYS, said)

    def test_each_of_the_four_ways_works(self, tmp_path: Path) -> None:
        (tmp_path / "n.yaml").write_text(nomenclature('code: "1905", tariff: 5'), "utf-8")
        ways: list[dict[str, Any]] = [
            {"qualifications": ["1905:5"]},
            {"tariffs": {5: 1}},
            {"structure": Structure(qualifications=(Qualification("1905", 5),))},
            {"qualifications": ["1905"], "tables": Tables(tmp_path)},
        ]
        for way in ways:
            assert ask(event="renewal", **way).subtotals.instruction == Decimal(1550)


class TestRefusals:
    @pytest.mark.parametrize("tariff", [0, 8, -1, 10**9, "8", "0", "x", "", "1.0", " 1", "9" * 5000, HUGE])
    def test_a_tariff_outside_the_schedule(self, tariff: Any) -> None:
        said = refusal(RequestError, tariffs={tariff: 1})
        assert said.endswith(
            " » is not a tariff code of the schedule bareme_2024; its codes: 1, 2, 3, 4, 5, 6, 7."
        )
        assert len(said) < 150

    @pytest.mark.parametrize("tariff", [1.0, True, None, (1,), Decimal(1)])
    def test_a_tariff_that_is_no_whole_number(self, tariff: Any) -> None:
        assert refusal(RequestError, tariffs={tariff: 1}).startswith(f"« {tariff} » is not a tariff code")

    def test_a_tariff_outside_the_schedule_by_code(self) -> None:
        said = "« 8 » is not a tariff code of the schedule bareme_2024; its codes: 1, 2, 3, 4, 5, 6, 7."
        assert refusal(RequestError, qualifications=["1905:8"]) == said
        assert refusal(RequestError, event="control", tariffs={1: 1}, new_qualifications=["1905:8"]) == said
        assert refusal(RequestError, structure=Structure(qualifications=(Qualification("1905", 8),))) == said

    @pytest.mark.parametrize("name", ["tariffs", "new_tariffs"])
    @pytest.mark.parametrize("count", [-1, MOST_OF_A_TARIFF + 1, 10**9, HUGE])
    def test_a_count_that_cannot_be(self, name: str, count: int) -> None:
        said = refusal(RequestError, **{"event": "control", "tariffs": {1: 1}, name: {1: count}})
        shown = "1" + "0" * 39 if count == 10**5000 else str(count)
        assert said == f"{name}: {shown} qualifications at tariff 1; from 0 to 1000 are accepted."

    def test_the_largest_count(self) -> None:
        assert ask(event="renewal", tariffs={1: MOST_OF_A_TARIFF}).subtotals.instruction == Decimal(60_500)

    @pytest.mark.parametrize("count", ["5", 2.0, None, True, Decimal(1)])
    def test_a_count_that_is_no_whole_number(self, count: Any) -> None:
        assert refusal(RequestError, tariffs={3: count}) == (
            f"tariffs: the count of tariff 3 is {count}; a whole number is expected."
        )

    def test_a_tariff_counted_twice(self) -> None:
        said = "tariffs: tariff 1 is given twice; give one count."
        assert refusal(RequestError, tariffs={1: 5, "1": 3}) == said
        assert refusal(RequestError, tariffs={"01": 5, "1": 3}) == said

    def test_a_turnover_given_twice(self) -> None:
        base = TABLES_2024.schedule(ON).turnovers[0].id
        said = f"turnover {base}: given twice; give one."
        assert refusal(RequestError, tariffs={1: 1}, turnover=1, turnovers={base: 2}) == said

    @pytest.mark.parametrize(
        ("turnover", "problem"),
        [
            (-1, "turnover: -1 is negative; zero or more is expected."),
            ("-0,01", "turnover: -0.01 is negative; zero or more is expected."),
            (10**18, "turnover: 1000000000000000000 is over 1000000000000 €, the largest amount accepted; "
                     "check the unit."),
            ("1,234.56", "« 1,234.56 » is ambiguous: is the comma or the point a thousands separator? "
                         "Write 350000.50 or 350 000,50."),
            ("", "«  » is not an amount in euros. Write 350000, 350000.50 or 350 000,50 €."),
            ("1e6", "« 1e6 » is not an amount in euros. Write 350000, 350000.50 or 350 000,50 €."),
        ],
    )  # fmt: skip
    def test_a_turnover_that_cannot_be(self, turnover: Any, problem: str) -> None:
        assert refusal(AmountError, tariffs={1: 1}, turnover=turnover) == problem
        audit = refusal(AmountError, tariffs={1: 1}, audit_turnover=turnover)
        assert audit == problem.replace("turnover:", "audit_turnover:")

    @pytest.mark.parametrize("on", [date(2024, 2, 7), "2024-02-07", date.min])
    def test_a_day_before_the_first_schedule(self, on: Any) -> None:
        assert "no fee schedule is known on that day; the first one known is of 2024-02-08." in refusal(
            DateError, tariffs={1: 1}, on=on
        )

    @pytest.mark.parametrize("on", ["02/03/2026", "2026-02-30", "", "hier"])
    def test_a_text_that_is_no_day(self, on: str) -> None:
        assert refusal(DateError, tariffs={1: 1}, on=on) == f"« {on} » is not a day; write it as 2026-03-02."

    @pytest.mark.parametrize("on", [20260302, None, datetime(2026, 3, 2, 12, 0)])  # noqa: DTZ001 - refused anyway
    def test_a_value_that_is_no_day(self, on: Any) -> None:
        assert refusal(DateError, tariffs={1: 1}, on=on) == (
            f"{on!r} is not a day; give a date, or text as 2026-03-02."
        )

    @pytest.mark.parametrize("event", ["zzz", "", "audit", ["first"]])
    def test_an_unknown_event(self, event: Any) -> None:
        said = f"event: « {event} » is not one of first, renewal, control."
        assert refusal(RequestError, tariffs={1: 1}, event=event) == said

    def test_no_event_is_the_schedule_s_first(self) -> None:
        assert ask(tariffs={1: 1}, event=None) == ask(tariffs={1: 1}, event="first")

    @pytest.mark.parametrize("arguments", [{}, {"tariffs": {}}, {"tariffs": {1: 0}}])
    def test_no_qualification(self, arguments: dict[str, Any]) -> None:
        assert refusal(RequestError, event="control", **arguments).startswith("No qualification is given")

    @pytest.mark.parametrize(("event", "named"), [("first", "first application"), ("renewal", "renewal")])
    @pytest.mark.parametrize("new", [{"new_tariffs": {1: 1}}, {"new_qualifications": ["1905:5"]}])
    def test_new_requests_outside_a_control(self, event: str, named: str, new: dict[str, Any]) -> None:
        assert refusal(RequestError, event=event, tariffs={1: 1}, **new) == (
            f"New qualifications on top of those held: not for this event ({named}), where all "
            "the qualifications asked for are given alike. Events that price them apart: control."
        )

    @pytest.mark.parametrize(
        "arguments",
        [
            {"qualifications": ["1905:5", "1905:5"]},
            {"qualifications": ["1905:5", "1905:6"]},
            {"qualifications": ["1905:5"], "probationary": ["1905:5"]},
            {"qualifications": ["1905", "1905"]},
            {"event": "control", "qualifications": ["1905:5"], "new_qualifications": ["1905:5"]},
        ],
    )
    def test_a_code_given_twice(self, arguments: dict[str, Any]) -> None:
        assert refusal(RequestError, **arguments) == "Qualification 1905 is given twice; each is priced once."

    def test_a_text_where_a_list_is_expected(self) -> None:
        said = "A list of qualifications is expected, not the text « 1905:5 »."
        for name in ("qualifications", "probationary", "new_qualifications"):
            assert refusal(RequestError, **{"event": "control", "tariffs": {1: 1}, name: "1905:5"}) == said

    @pytest.mark.parametrize("item", [1905, None, 607.0, ("1905", 5), HUGE])
    def test_a_code_that_is_no_text(self, item: Any) -> None:
        said = refusal(RequestError, qualifications=[item])
        assert said.endswith(
            " is not a qualification; give a text, as 1905 or 1905:5 with its leading zero, or a Qualification."
        )

    def test_a_code_may_be_a_qualification(self) -> None:
        held = Qualification("1905", 5, granted_on=date(2023, 3, 1))
        asked = ask(qualifications=[held], probationary=[Qualification("1911", 7)]).question
        assert asked.qualifications == (held, Qualification("1911", 7, probationary=True))
        new = ask(event="control", tariffs={1: 1}, new_qualifications=["1905:5"]).question
        assert new.new_qualifications == (Qualification("1905", 5, probationary=False, granted_on=None),)
        read = ask(qualifications=["1905:5"], probationary=["1911:7"]).question
        assert [item.probationary for item in read.qualifications] == [False, True]
        assert new.new_qualifications[0].probationary is False
        both = ask(qualifications=[Qualification("1911", 7, probationary=True)]).question
        assert both.qualifications[0].probationary

    @pytest.mark.parametrize(
        ("kind", "arguments", "beginning"),
        [
            (RequestError, {"event": "x" * 50}, f"event: « {'x' * 40} » is not"),
            (RequestError, {"qualifications": "x" * 50}, "A list of qualifications is expected, not the text "
             f"« {'x' * 40} »."),
            (RequestError, {"qualifications": [("x" * 50,)]}, f"('{'x' * 38} is not a qualification;"),
            (RequestError, {"qualifications": [1905]}, "1905 is not a qualification;"),
            (RequestError, {"vat": "1" * 50}, f"vat: « {'1' * 40} » is not a rate."),
            (RequestError, {"tariffs": {"x" * 50: 1}}, f"« {'x' * 40} » is not a tariff code"),
            (RequestError, {"tariffs": {1: "x" * 50}}, f"tariffs: the count of tariff 1 is {'x' * 40}; a whole"),
            (DateError, {"on": "x" * 50}, f"« {'x' * 40} » is not a day;"),
        ],
    )  # fmt: skip
    def test_a_long_value_is_shown_by_its_beginning(
        self, kind: type[OpqibiError], arguments: dict[str, Any], beginning: str
    ) -> None:
        assert refusal(kind, **{"tariffs": {1: 1}, **arguments}).startswith(beginning)

    def test_an_iterator_of_codes_is_read_once(self) -> None:
        answer = ask(event="renewal", qualifications=iter(["1905:5"]), probationary=(c for c in ["1911:7"]))
        assert answer.subtotals.instruction == Decimal(1815)


class TestOtherSchedules:
    """Schedules that ship nowhere, worked by hand."""

    def amounts(self, tables: Tables, **arguments: Any) -> dict[str, str | None]:
        return ask(tables=tables, **arguments).subtotals.to_dict()

    def test_other_prices_from_2027_on_and_nothing_of_them_before(self) -> None:
        asked: dict[str, Any] = {"tariffs": {1: 5, 2: 3}, "turnover": 60_000_000, "tables": LATER}
        # 90; 520 + 5 × 63 + 3 × 125; 212,50 + 385 + 1 100 + 4 800 + 8 750 + 10 000 000 × 0,15 per mille.
        assert ask(on="2027-01-01", **asked).subtotals.to_dict() == {
            "dossier": "90.00", "instruction": "1210.00", "brand_usage": "16747.50", "annual_control": None,
        }  # fmt: skip
        assert ask(on="2026-12-31", **asked).to_dict()["schedule"]["id"] == "bareme_2024"
        assert self.amounts(LATER, on="2027-03-02", tariffs={8: 2})["instruction"] == "1340.00"
        assert "1, 2, 3, 4, 5, 6, 7." in refusal(RequestError, tables=LATER, on="2026-12-31", tariffs={8: 2})

    def test_articles_that_repeat(self) -> None:
        control: dict[str, Any] = {"event": "control", "tariffs": {1: 2}, "new_tariffs": {5: 1}}
        answer = ask(tables=REPEATED, **control)
        # 125 + 2 × 15 + 375 + 1 050
        assert answer.total_excl_vat == Decimal(1580)
        assert [line.part_id for line in answer.lines] == ["flat", "each", "new_flat", "new_each"]
        assert {line.article for line in answer.lines} <= {"II", "IV"}

    def test_a_fifth_and_a_sixth_fee(self) -> None:
        renewal = ask(tables=MORE_FEES, event="renewal", tariffs={1: 5, 2: 3}, turnover=800_000)
        assert (renewal.subtotals.renewal_audit, renewal.total_excl_vat) == (Decimal(150), Decimal("1867.50"))
        control = ask(tables=MORE_FEES, event="control", tariffs={7: 2})
        # 125 + 2 × 28, and 2 × 70,50.
        assert (control.subtotals.annual_control, control.subtotals.site_visit) == (
            Decimal(181),
            Decimal(141),
        )
        assert control.missing == ()

    def test_another_body(self) -> None:
        entry = ask(tables=OTHER_BODY, tariffs={1: 2, 3: 1}, turnovers={"france": 600_000, "export": 5})
        assert entry.undetermined
        entry = ask(tables=OTHER_BODY, tariffs={1: 2, 3: 1}, turnovers={"france": 600_000})
        # 50 + 2 × 100 + 220; 400 000 at 1 per mille and 100 000 at 0,50.
        assert entry.subtotals == {
            "expertise": Decimal(470), "cotisation": Decimal(450), "passage": None,
        }  # fmt: skip
        abroad = ask(
            tables=OTHER_BODY, qualifications=["9001:2"], turnovers={"france": 1, "export": 20_000_000}
        )
        assert abroad.base is not None
        assert (abroad.base.kind, abroad.subtotals.cotisation) == ("export", Decimal(5000))
        copy = ask(tables=OTHER_BODY, event="duplicata", tariffs={2: 3})
        assert (copy.event.id, copy.total_excl_vat) == ("duplicata", Decimal("55.50"))
        again = quote(tables=OTHER_BODY, **abroad.to_dict()["request"])
        assert again == abroad
        for arguments in ({"audit_turnover": 5}, {"turnovers": {"energy_audit": 5}}, {"event": "first"}):
            with pytest.raises(RequestError):
                ask(tables=OTHER_BODY, tariffs={1: 1}, **arguments)


@pytest.mark.parametrize(
    ("vat", "category"),
    [("metropolitan", "S"), ("reunion", "S"), ("mayotte", "E"), ("eu", "AE"), ("8,5 %", "S"), ("0", None)],
)
def test_each_line_says_its_vat_category(vat: str, category: str | None) -> None:
    what: dict[str, Any] = {"tariffs": {1: 5}, "turnover": 800_000, "vat": vat, "tables": TABLES_2024}
    of_the_quote = quote(on=ON, **what).to_dict()["lines"]
    of_the_plan = [line for paid in plan(start=ON, **what).to_dict()["payments"] for line in paid["lines"]]
    assert (len(of_the_quote), len(of_the_plan)) == (
        5,
        5 + 3 * 2,
    )  # file, flat, tariff 1, two tranches; the controls
    assert {line["vat_category"] for line in (*of_the_quote, *of_the_plan)} == {category}


def test_a_fee_that_the_schedule_does_not_have() -> None:
    found = quote(on=date(2026, 3, 2), tariffs={1: 1}, tables=TABLES_2024).subtotals
    with pytest.raises(AttributeError, match="no fee « audit »; the schedule has dossier, instruction"):
        _ = found.audit


def test_a_fee_by_tranches_without_exceptions_takes_its_turnover_whatever_is_held() -> None:
    known = TABLES_2024.schedule(date(2026, 3, 2))
    fee = known.fees[2]
    part = fee.parts[0]
    assert isinstance(part, Tranches)
    plainer = replace(fee, parts=(replace(part, exceptions=()),))
    schedule = replace(known, fees=(*known.fees[:2], plainer, known.fees[3]))
    asked = quote(on=date(2026, 3, 2), qualifications=["1905:1"], turnover=800_000, tables=TABLES_2024)
    assert asked.subtotals.brand_usage is None  # audits alone: it takes the other turnover
    found = answer(asked.question, schedule, TABLES_2024)
    assert (str(found.subtotals.brand_usage), found.bases["brand_usage"].kind) == ("557.50", "engineering")


def test_a_qualification_as_a_structure_file_has_it() -> None:
    # 86 + 500 + 850 at tariff 4; without a turnover, no brand-usage fee.
    found = quote(on=ON, qualifications=[{"code": "1905", "tariff": 4}], tables=TABLES_2024)  # type: ignore[list-item] # as JSON has it
    assert found.total_excl_vat == Decimal("1436.00")


@pytest.mark.parametrize("name", ["enginering", "france"])
def test_a_turnover_of_a_structure_that_no_schedule_declares_is_refused(name: str) -> None:
    """Misspelt, it would be passed over, and the fee on it left out."""
    year = {"year": 2025, name: "800000"}
    firms: list[Any] = [  # as JSON has it, and as Python does
        {"turnovers": [year]},
        Structure(turnovers=(Turnover(2025, others={name: Decimal(800_000)}),)),
    ]
    for firm in firms:
        for price in (partial(quote, on=ON), partial(plan, start=ON)):
            with pytest.raises(RequestError, match=f"« {name} » is not one of engineering") as refused:
                price(tariffs={1: 1}, structure=firm, tables=TABLES_2024)
            assert refused.value.field == f"structure.turnovers[0].{name}"
    with pytest.raises(RequestError) as refused:
        plan(start=ON, tariffs={1: 1}, turnovers_by_year=[year], tables=TABLES_2024)  # type: ignore[list-item] # as JSON has it
    assert refused.value.field == f"turnovers_by_year[0].{name}"


@pytest.mark.parametrize(
    ("firm", "field", "told"),
    [
        ({"turnovers": [{"year": 2025, "engineering": "a"}]}, "structure.turnovers[0].engineering", "« a »"),
        ({"qualifications": [{"code": "12"}]}, "structure.qualifications[0].code", "« 12 »"),
        ({"qualificatons": []}, "structure.qualificatons", "not a known field"),
        ({("a",): 1}, "structure", "plain data expected"),
    ],
)
def test_a_mistake_in_a_structure_given_as_data_stands_at_its_field(firm: Any, field: str, told: str) -> None:
    """No text was written: no line and column are told, and the field is that of the other doors."""
    for price in (partial(quote, on=ON), partial(plan, start=ON)):
        with pytest.raises(RequestError, match=told) as refused:
            price(tariffs={1: 1}, structure=firm, tables=TABLES_2024)
        assert refused.value.field == field
        assert str(refused.value).startswith(f"{field}: ")
        assert "column" not in str(refused.value)


def test_a_mistake_in_an_item_given_as_data_stands_at_its_field_and_all_are_told() -> None:
    wrong: Any = ["1905:5", {"code": "12", "tariff": "x"}]
    with pytest.raises(RequestError) as refused:
        quote(on=ON, probationary=wrong, tables=TABLES_2024)
    assert refused.value.field == "probationary[1].code"
    assert " probationary[1].tariff: « x »; expected a tariff code" in str(refused.value)
    with pytest.raises(RequestError) as refused:
        plan(start=ON, tariffs={1: 1}, paid=[{"day": "2025-13-01", "amount": "5"}], tables=TABLES_2024)  # type: ignore[list-item] # as JSON has it
    assert refused.value.field == "paid[0].day"


def test_a_control_counts_what_the_file_says_is_granted_later_and_says_so() -> None:
    # 125 + 28 + 30: 1202 is granted nine months after that day.
    firm = Structure(
        qualifications=(
            Qualification("1202", 2, granted_on=date(2027, 1, 1)),
            Qualification("1905", 5, granted_on=date(2024, 1, 1)),
        )
    )
    found = quote(on=date(2026, 4, 1), event="control", structure=firm, tables=TABLES_2024)
    assert found.total_excl_vat == Decimal("183.00")
    said = [str(note) for note in found.notes if "granted after" in str(note)]
    assert said == ["Counted as held, though granted after 2026-04-01 only: 1202."]
    assert not [
        note
        for note in quote(on=date(2027, 4, 1), event="control", structure=firm, tables=TABLES_2024).notes
        if "granted after" in str(note)
    ]


def test_a_control_counts_what_is_over_by_the_files_own_dates_and_says_so() -> None:
    # 125 + 28 + 28: a probationary one ends three years after it was granted, its last day included, a full one
    # four years after it was granted or last renewed.
    trial = Qualification("0607", 5, True, date(2026, 6, 2), (date(2027, 6, 2), date(2028, 6, 2)))
    for full, day, over in [
        (Qualification("1905", 5, False, date(2026, 6, 2)), date(2029, 6, 2), None),
        (Qualification("1905", 5, False, date(2026, 6, 2)), date(2029, 6, 3), "0607"),
        (Qualification("1905", 5, False, date(2026, 6, 2)), date(2030, 6, 3), "1905, 0607"),
        (Qualification("1905", 5, False, date(2026, 6, 2), (date(2030, 6, 2),)), date(2030, 6, 3), "0607"),
        (Qualification("1905", 5), date(2030, 6, 3), "0607"),
    ]:
        firm = Structure(qualifications=(full, trial))
        found = quote(on=day, event="control", structure=firm, tables=TABLES_2024)
        assert found.total_excl_vat == Decimal("181.00")
        said = [str(note) for note in found.notes if "over before" in str(note)]
        assert [text.partition(": ")[2].partition(".")[0] for text in said] == ([over] if over else [])


def test_new_qualifications_alone_are_refused_for_want_of_those_held() -> None:
    with pytest.raises(RequestError, match="None but new qualifications is given") as refused:
        quote(on=ON, event="control", new_tariffs={5: 1}, tables=TABLES_2024)
    assert refused.value.field == "tariffs"
    with pytest.raises(RequestError, match="No qualification is given"):
        quote(on=ON, event="control", new_tariffs={5: 0}, tables=TABLES_2024)


@pytest.mark.parametrize(
    ("asked", "bases"),
    [
        ({"qualifications": ["1905:5"]}, "« audit énergétique »"),
        ({"qualifications": ["1202:2", "1905:5"]}, "« ingénierie »"),
        ({"qualifications": ["1905:5"], "tariffs": {1: 1}}, "« ingénierie », « audit énergétique »"),
        ({"tariffs": {1: 1}}, "« ingénierie », « audit énergétique »"),
    ],
)
def test_the_turnover_that_is_wanted_is_named_where_the_codes_say_which(asked: Any, bases: str) -> None:
    found = quote(on=ON, **asked, tables=TABLES_2024)
    (said,) = [str(note) for note in found.notes if "needs the last known turnover" in str(note)]
    assert said.endswith(f"({bases}).")


def _changed(written: object) -> None:
    """Everything in it is changed, however deep it stands."""
    if isinstance(written, dict):
        for item in written.values():
            _changed(item)
        written.clear()
    elif isinstance(written, list):
        for item in written:
            _changed(item)
        written.append("changed")


@pytest.mark.parametrize(
    "asked",
    [
        {"tariffs": {1: 5, 2: 3}, "turnover": "800000.07"},
        {"tariffs": {1: 5}},
        {"event": "control", "qualifications": ["1905:5", "1911:3"], "new_tariffs": {2: 1}, "turnover": 5000},
        {"qualifications": ["1905:5"], "turnover": 350_000, "audit_turnover": 12_000, "vat": "guyane"},
    ],
)
def test_an_answer_is_its_readers_to_change(asked: dict[str, Any]) -> None:
    answer = ask(**asked)
    text = json.dumps(answer.to_dict())
    for again in (answer, answer, answer, ask(**asked), ask(**asked)):
        found = again.to_dict()
        assert json.dumps(found) == text
        _changed(found)


@pytest.mark.parametrize("event", ["control", "renewal"])
def test_what_the_file_says_is_over_is_told_at_a_renewal_as_at_a_control(
    event: Literal["control", "renewal"],
) -> None:
    firm = Structure(
        qualifications=(
            Qualification("1202", 2, probationary=True, granted_on=date(2024, 6, 1)),  # a year, not renewed
            Qualification("1905", 5, granted_on=date(2024, 6, 1)),
        )
    )
    found = quote(on=date(2028, 5, 1), event=event, structure=firm, tables=TABLES_2024)
    said = [str(note) for note in found.notes if "though over" in str(note)]
    assert len(said) == 1
    assert "by the dates given: 1202. Give" in said[0]
