"""Tables found, dated, and laid over one another: a user changes facts, never code."""

import json
import os
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from opqibi_rules.errors import DateError, FileError, TableError, UnknownTariffError
from opqibi_rules.paper.files import MAX_BYTES
from opqibi_rules.price.quote import quote
from opqibi_rules.tables.library import SHIPPED, Tables, generate, table_files
from tests.asking import ON
from tests.tables.editing import edited, nomenclature, shipped, vat

EDITION_2027 = edited(
    "bareme_2024.yaml",
    ("id: bareme_2024", "id: bareme_2027"),
    ('in_force_from: "2024-02-08"', 'in_force_from: "2027-01-01"'),
    ('"1": "60.00"', '"1": "63.00"'),
    ('floor: { article: "III", amount: "180.00" }', 'floor: { article: "III", amount: "190.00" }'),
)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped folder, to edit."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "data"))


class TestEditions:
    def test_the_schedule_is_chosen_by_the_day(self, own: Path) -> None:
        (own / "bareme_2027.yaml").write_text(EDITION_2027, "utf-8")
        tables = Tables(own)
        assert [edition.id for edition in tables.schedules] == ["bareme_2024", "bareme_2027"]
        for day, edition in (
            (date(2024, 2, 8), "bareme_2024"),
            (date(2026, 12, 31), "bareme_2024"),
            (date(2027, 1, 1), "bareme_2027"),
            (date(9999, 12, 31), "bareme_2027"),
        ):
            assert tables.schedule(day).id == edition

    def test_a_new_edition_needs_no_change_of_code(self, own: Path) -> None:
        (own / "bareme_2027.yaml").write_text(EDITION_2027, "utf-8")
        answer = quote(event="renewal", tariffs={1: 2}, turnover=0, on="2027-03-01", tables=Tables(own))
        assert answer.subtotals.instruction == Decimal(500 + 2 * 63)
        assert answer.subtotals.brand_usage == Decimal(190)
        assert answer.to_dict()["schedule"]["id"] == "bareme_2027"
        assert "The schedule bareme_2027 comes from your own tables." in [str(note) for note in answer.notes]

    def test_ours_answers_still_before_it(self, own: Path) -> None:
        (own / "bareme_2027.yaml").write_text(EDITION_2027, "utf-8")
        answer = quote(event="renewal", tariffs={1: 2}, on=ON, tables=Tables(own))
        assert answer.subtotals.instruction == Decimal(620)
        # A later edition is known: nothing says that one may exist.
        assert not any("may have been replaced" in str(note) for note in answer.notes)

    def test_the_same_id_replaces_ours(self, own: Path) -> None:
        (own / "mine.yml").write_text(
            edited("bareme_2024.yaml", ('amount: "86.00"', 'amount: "90.00"')), "utf-8"
        )
        tables = Tables(own)
        (edition,) = (each for each in tables.schedules if each.id == "bareme_2024")
        price = quote(tariffs={1: 1}, on=ON, tables=tables).subtotals.dossier
        assert (price, tables.is_users(edition)) == (Decimal(90), True)

    def test_the_same_id_twice_in_one_folder_is_refused(self, own: Path) -> None:
        (own / "a.yaml").write_text(EDITION_2027, "utf-8")
        (own / "b.yaml").write_text(EDITION_2027.replace('"2027-01-01"', '"2028-01-01"'), "utf-8")
        with pytest.raises(TableError, match="two of your tables bear the id bareme_2027"):
            _ = Tables(own).schedules

    def test_two_that_start_on_the_same_day_are_refused(self, own: Path) -> None:
        (own / "a.yaml").write_text(EDITION_2027.replace('"2027-01-01"', '"2024-02-08"'), "utf-8")
        with pytest.raises(
            TableError, match="bareme_2024 and bareme_2027 both start on 2024-02-08; which one holds"
        ):
            _ = Tables(own).schedules

    def test_before_the_first_there_is_no_price(self) -> None:
        with pytest.raises(DateError) as raised:
            Tables().schedule(date(2024, 2, 7))
        assert str(raised.value) == (
            "2024-02-07: no fee schedule is known on that day; the first one known is of 2024-02-08."
        )

    def test_after_the_stated_end_of_the_last_there_is_no_price(self, own: Path) -> None:
        text = EDITION_2027.replace("in_force_until: null", 'in_force_until: "2029-12-31"')
        (own / "bareme_2027.yaml").write_text(text, "utf-8")
        tables = Tables(own)
        assert tables.schedule(date(2029, 12, 31)).id == "bareme_2027"
        with pytest.raises(DateError) as raised:
            tables.schedule(date(2030, 1, 1))
        assert str(raised.value) == (
            "2030-01-01: the schedule bareme_2027 ended on 2029-12-31 and no later one is known. "
            "Add the new one to your own tables."
        )

    def test_between_two_the_next_one_is_said_to_be_known(self, own: Path) -> None:
        ended = EDITION_2027.replace("in_force_until: null", 'in_force_until: "2029-12-31"')
        (own / "bareme_2027.yaml").write_text(ended, "utf-8")
        next_one = EDITION_2027.replace("bareme_2027", "bareme_2031").replace("2027-01-01", "2031-01-01")
        (own / "bareme_2031.yaml").write_text(next_one, "utf-8")
        tables = Tables(own)
        assert tables.schedule(date(2031, 1, 1)).id == "bareme_2031"
        with pytest.raises(DateError) as raised:
            tables.schedule(date(2030, 12, 31))
        assert str(raised.value) == (
            "2030-12-31: the schedule bareme_2027 ended on 2029-12-31, and the next one known is in force from "
            "2031-01-01 only. Add the one between to your own tables."
        )

    def test_more_than_nine_tariffs_stay_in_order(self, own: Path) -> None:
        text = EDITION_2027.replace('"7": "265.00"', '"7": "265.00"\n      "11": "1.00"')
        text = text.replace('"7": "28.00"', '"7": "28.00"\n      "11": "2.00"')
        (own / "bareme_2027.yaml").write_text(text, "utf-8")
        tables = Tables(own)
        assert tables.schedule(date(2027, 1, 1)).tariffs == (1, 2, 3, 4, 5, 6, 7, 11)
        answer = quote(event="control", tariffs={"11": 3}, on="2027-01-01", tables=tables)
        assert answer.subtotals.annual_control == Decimal(131)


class TestNomenclature:
    def test_tariffs_of_one_s_own_price_the_codes(self, own: Path) -> None:
        with pytest.raises(UnknownTariffError):
            quote(qualifications=["1905"], on=ON)
        (own / "n.yaml").write_text(
            nomenclature('code: "1905", tariff: 5', 'code: "9901", tariff: 1'), "utf-8"
        )
        answer = quote(event="renewal", qualifications=["1905", "9901"], on=ON, tables=Tables(own))
        assert answer.subtotals.instruction == Decimal(500 + 1050 + 60)

    def test_entries_are_laid_over_ours_one_by_one(self, own: Path) -> None:
        (own / "n.yaml").write_text(nomenclature('code: "1905", tariff: 5', 'code: "0001"'), "utf-8")
        ours, both = Tables().nomenclature, Tables(own).nomenclature
        assert list(both.entries) == sorted([*ours.entries, "0001"])
        assert (both.tariff("1905"), both.tariff("0607"), both.tariff("none")) == (5, None, None)
        assert both.name("1905") == ours.name("1905")
        assert both.entries["1905"].rge == ours.entries["1905"].rge
        assert both.entries["1905"].source.reliability == "user"
        assert both.entries["0607"] == ours.entries["0607"]
        assert both.sources == (*both.sources[:1], *ours.sources)
        assert both.named.items() >= ours.named.items()

    def test_what_is_written_above_replaces_what_is_below(self, own: Path) -> None:
        entry = (
            'code: "1905", name: Audit, rubric: R, tariff: 6, rge: false, rge_as_of: "2026-01-01", '
            'entails: ["0607"], note: N'
        )
        (own / "n.yaml").write_text(nomenclature(entry), "utf-8")
        found = Tables(own).nomenclature.entries["1905"]
        assert (found.name, found.rubric, found.tariff, found.note) == ("Audit", "R", 6, "N")
        assert (found.rge, found.rge_as_of, found.entails) == (False, date(2026, 1, 1), ("0607",))

    def test_two_of_one_s_own_are_laid_in_the_order_of_their_names(self, own: Path) -> None:
        (own / "a.yaml").write_text(nomenclature('code: "1905", tariff: 5, name: First'), "utf-8")
        (own / "b.yaml").write_text(nomenclature('code: "1905", tariff: 6'), "utf-8")
        found = Tables(own).nomenclature.entries["1905"]
        assert (found.tariff, found.name) == (6, "First")

    @pytest.mark.parametrize(
        ("words", "code"),
        [("1905", "1905"), ("AUDIT energetique", "1905"), ("énergétique  audit", "1905"), ("amo", "0103")],
    )
    def test_words_are_found_whatever_their_accents_and_case(self, words: str, code: str) -> None:
        assert code in [entry.code for entry in Tables().nomenclature.search(words)]

    def test_every_word_must_be_there(self) -> None:
        assert Tables().nomenclature.search("audit zzzz") == ()
        assert len(Tables().nomenclature.search("")) == len(Tables().nomenclature.entries)

    def test_a_ligature_is_found_by_its_letters(self, own: Path) -> None:
        (own / "n.yaml").write_text(nomenclature('code: "9901", name: "Maîtrise d’ŒUVRE"'), "utf-8")
        assert [entry.code for entry in Tables(own).nomenclature.search("maitrise oeuvre")][-1:] == ["9901"]
        assert [entry.code for entry in Tables(own).nomenclature.search("œuvre")][-1:] == ["9901"]


class TestVat:
    MONACO = 'id: monaco, name: {fr: Monaco, en: Monaco}, rate: "0.20", treatment: standard, in_force_from: '

    def test_a_territory_of_one_s_own(self, own: Path) -> None:
        (own / "v.yaml").write_text(vat(self.MONACO + '"2020-01-01"'), "utf-8")
        tables = Tables(own)
        assert quote(tariffs={1: 1}, on=ON, vat="monaco", tables=tables).vat_rate == Decimal("0.20")
        assert quote(tariffs={1: 1}, on=ON, vat="reunion", tables=tables).vat_rate == Decimal("0.085")

    def test_a_territory_s_rates_follow_their_dates(self, own: Path) -> None:
        low = self.MONACO.replace("0.20", "0.196") + '"2020-01-01", in_force_until: "2026-03-01"'
        (own / "v.yaml").write_text(vat(low, self.MONACO + '"2026-03-02"'), "utf-8")
        table = Tables(own).vat
        assert table.rule("monaco", date(2026, 3, 1)).rate == Decimal("0.196")
        assert table.rule("monaco", date(2026, 3, 2)).rate == Decimal("0.20")
        with pytest.raises(
            TableError,
            match="VAT: no rate is known for monaco on 2019-12-31; the first known is of 2020-01-01",
        ):
            table.rule("monaco", date(2019, 12, 31))

    def test_the_last_day_of_a_rate_is_part_of_it(self, own: Path) -> None:
        (own / "v.yaml").write_text(vat(self.MONACO + '"2020-01-01", in_force_until: "2020-12-31"'), "utf-8")
        table = Tables(own).vat
        assert table.rule("monaco", date(2020, 12, 31))
        with pytest.raises(TableError, match="no rate is known for monaco on 2021-01-01"):
            table.rule("monaco", date(2021, 1, 1))

    @pytest.mark.parametrize(
        ("name", "territory"),
        [
            ("reunion", "reunion"),
            ("La Réunion", "reunion"),
            ("RÉUNION", "reunion"),
            ("la reunion", "reunion"),
            ("France métropolitaine", "metropolitan"),
            ("mainland France", "metropolitan"),
            ("French Guiana", "guyane"),
            ("Mayotte", "mayotte"),
        ],
    )
    def test_a_territory_is_known_by_its_name_in_either_language(self, name: str, territory: str) -> None:
        assert Tables().vat.rule(name, ON).territory == territory

    @pytest.mark.parametrize("name", ["", "Atlantide", "la", "x" * 500])
    def test_an_unknown_territory_is_refused_with_those_known(self, name: str) -> None:
        with pytest.raises(TableError) as raised:
            Tables().vat.rule(name, ON)
        assert str(raised.value) == (
            f"VAT: « {name[:40]} » is not a territory of the table; known: metropolitan, guadeloupe, martinique, "
            "reunion, guyane, mayotte, eu. A rate can be given too: 20 % or 0.20."
        )

    @pytest.mark.parametrize(
        ("country", "postcode", "territory"),
        [
            (None, "75001", "metropolitan"),
            ("fr", "97 400", "reunion"),
            ("", "97110", "guadeloupe"),
            ("GP", None, "guadeloupe"),
            ("DE", "97110", "eu"),
            ("MC", "98000", "metropolitan"),
            ("FR", "99999", None),
            ("FR", "7500", None),
            ("FR", None, None),
            ("US", "97110", None),
            ("La Réunion", "97400", "reunion"),
            ("France", "F-75 001", "metropolitan"),
            ("FR", "97133", None),
            ("", "97150", None),
            ("GP", "97133", None),  # the country and the postcode contradict each other
            ("RE", "75001", None),
            ("eu", None, None),
            ("NC", "98800", None),
            ("", "\u0661\u0662\u0663\u0664\u0665", None),  # digits of another script
        ],
    )
    def test_an_address_tells_its_territory(
        self, country: str | None, postcode: str | None, territory: str | None
    ) -> None:
        place = Tables().vat.place(country, postcode)
        assert (place and place.territory) == territory

    @pytest.mark.parametrize("country", [None, "", " fr ", "France"])
    def test_an_address_that_names_france_alone_or_nothing_says_no_place(self, country: str | None) -> None:
        assert Tables().vat.place(country, " ") is None

    @pytest.mark.parametrize(
        ("postcode", "country", "name"),
        [
            ("97133", "BL", "Saint-Barthélemy"),
            ("97150", "MF", "Saint-Martin"),
            ("97500", "PM", "Saint-Pierre-et-Miquelon"),
            ("98413", "TF", "Terres australes et antarctiques françaises"),
            ("98600", "WF", "Wallis-et-Futuna"),
            ("98714", "PF", "Polynésie française"),
            ("98800", "NC", "Nouvelle-Calédonie"),
        ],
    )
    def test_french_places_that_the_french_vat_does_not_reach(
        self, postcode: str, country: str, name: str
    ) -> None:
        table = Tables().vat
        for address in ((None, postcode), ("FR", postcode), (country, None), (country, postcode)):
            place = table.place(*address)
            assert place is not None
            assert place.entry is not None
            assert (place.territory, place.entry.name.fr) == (None, name)
        with pytest.raises(TableError, match="is outside the French VAT territory"):
            table.rule(name, ON)

    def test_an_own_rate_of_a_place_outside(self, own: Path) -> None:
        there = 'id: saint-martin, name: {fr: Saint-Martin, en: Saint Martin}, rate: "0", treatment: no_vat, '
        (own / "v.yaml").write_text(vat(there + 'postcodes: ["97150"], in_force_from: "2020-01-01"'), "utf-8")
        table = Tables(own).vat
        place = table.place("FR", "97150")
        assert place is not None
        assert place.territory == "saint-martin"
        assert "saint-martin" not in {item.id for item in table.outside}
        assert len(table.outside) == len(Tables().vat.outside) - 1
        assert table.rule("Saint Martin", ON).rate == 0

    def test_the_longest_beginning_of_a_postcode_tells(self, own: Path) -> None:
        here = 'id: here, name: {fr: Ici, en: Here}, rate: "0.1", treatment: standard, postcodes: ["9740"], '
        (own / "v.yaml").write_text(vat(here + 'in_force_from: "2020-01-01"'), "utf-8")
        table = Tables(own).vat
        told = [table.place(None, postcode) for postcode in ("97400", "97410")]
        assert [place and place.territory for place in told] == ["here", "reunion"]
        assert [item.id for item in table.rule("reunion", ON).assumptions] == ["customer-is-a-business"]
        assert table.rule("here", ON).assumptions == ()

    def test_a_rule_says_its_source_and_its_table_s_assumptions(self) -> None:
        rule = Tables().vat.rule("reunion", ON)
        assert "article 296" in rule.source.document
        assert [assumption.id for assumption in rule.assumptions] == ["customer-is-a-business"]
        assert rule.postcodes == ("974",)


def test_validity_is_replaced_as_a_whole(own: Path) -> None:
    ours = Tables().validity
    assert (ours.certificate.years, ours.qualification.years, ours.qualification.controls) == (1, 4, 3)
    text = edited(
        "validity.yaml",
        ("id: validity", "id: mine"),
        ("certificate:\n  years: 1", "certificate:\n  years: 2"),
    )
    (own / "v.yaml").write_text(text, "utf-8")
    assert (Tables(own).validity.id, Tables(own).validity.certificate.years) == ("mine", 2)
    assert Tables(own).validity.certificate.wording == ("valable un an",)


class TestFolders:
    def test_a_folder_that_does_not_exist(self, tmp_path: Path) -> None:
        with pytest.raises(TableError, match="absent is not a folder; give the folder of your tables"):
            Tables(tmp_path / "absent")
        (tmp_path / "file.yaml").write_text("", "utf-8")
        with pytest.raises(TableError, match="is not a folder"):
            Tables(str(tmp_path / "file.yaml"))

    def test_an_empty_folder_changes_nothing(self, own: Path) -> None:
        (own / "notes.txt").write_text("not a table", "utf-8")
        assert Tables(str(own)).schedules == Tables().schedules

    def test_a_malformed_table_is_named_with_its_line(self, own: Path) -> None:
        (own / "n.yaml").write_text(nomenclature("code: 607"), "utf-8")
        with pytest.raises(FileError) as raised:
            _ = Tables(own).nomenclature
        assert str(raised.value) == (
            f"{own / 'n.yaml'}: line 10, column 6, $.entries[0].code: « 607 »; "
            'expected a code of four digits, such as "0607".'
        )

    def test_the_mistakes_of_all_the_files_are_said_together(self, own: Path) -> None:
        (own / "b.yaml").write_text(nomenclature("code: 607"), "utf-8")
        (own / "a.yaml").write_text(nomenclature('code: "0607"', "code: x"), "utf-8")
        (own / "c.yaml").write_text("kind: odd", "utf-8")
        (own / "good.yaml").write_text(nomenclature('code: "0607"'), "utf-8")
        with pytest.raises(FileError) as raised:
            _ = Tables(own).schedules
        assert [line.split(", column")[0] for line in str(raised.value).splitlines()] == [
            f"{own / 'a.yaml'}: line 11",
            f"{own / 'b.yaml'}: line 10",
            f"{own / 'c.yaml'}: line 1",
        ]
        assert (
            str(raised.value.message)
            == f"{own / 'a.yaml'}, {own / 'b.yaml'}, {own / 'c.yaml'} cannot be read."
        )

    def test_what_cannot_be_opened_says_so(self, own: Path) -> None:
        (own / "folder.yaml").mkdir()
        with pytest.raises(FileError, match=r"folder\.yaml: cannot be opened: it is a folder, not a file\."):
            _ = Tables(own).vat
        with pytest.raises(FileError, match="cannot be opened: no such file or folder"):
            table_files([own / "absent.yaml"])

    def test_a_huge_file_is_not_read_to_its_end(self, own: Path) -> None:
        with (own / "huge.yaml").open("wb") as file:
            os.truncate(file.fileno(), 1_000 * MAX_BYTES)
        with pytest.raises(FileError, match="such a file is not read"):
            _ = Tables(own).vat

    def test_a_package_without_one_of_its_tables_says_so(self, copy: Path) -> None:
        (copy / "vat.yaml").unlink()
        with pytest.raises(TableError, match="No table of kind vat in .*: the package is not whole"):
            _ = Tables(shipped=copy).vat

    def test_a_package_without_its_tables_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(TableError, match="No table of kind schedule in .*: the package is not whole"):
            quote(tariffs={1: 1}, on=ON, tables=Tables(shipped=tmp_path))


class TestContents:
    """The tables as their files state them, for whoever wants to look at them."""

    def test_ours_then_the_user_s(self, own: Path) -> None:
        (own / "n.yaml").write_text(nomenclature('code: "1905", tariff: 5'), "utf-8")
        tables = Tables(own)
        ids = [table["id"] for table in tables.contents()]
        assert ids == [*sorted(path.stem for path in SHIPPED.glob("*.yaml")), "ours"]
        assert [table["id"] for table in tables.contents(own=True)] == ["ours"]
        assert tables.contents() == [*tables.contents(own=False), *tables.contents(own=True)]
        assert tables.content("ours")["entries"][0]["tariff"] == 5

    def test_the_user_s_comes_first_where_both_have_it(self, own: Path) -> None:
        (own / "n.yaml").write_text(nomenclature('code: "9901"', id="nomenclature"), "utf-8")
        assert [entry["code"] for entry in Tables(own).content("nomenclature")["entries"]] == ["9901"]

    def test_an_unknown_table_is_refused_with_those_known(self) -> None:
        with pytest.raises(TableError) as raised:
            Tables().content("x" * 100)
        known = ", ".join(sorted(path.stem for path in SHIPPED.glob("*.yaml")))
        assert str(raised.value) == f"« {'x' * 40} » is not a table; known: {known}."


class TestTheCheckedCopy:
    """The copy of the checked content spares a parse; it must never hide an edit."""

    def test_it_holds_every_shipped_table(self) -> None:
        copies = json.loads((SHIPPED / "checked.json").read_text("utf-8"))
        assert {name: copy["text"] for name, copy in copies.items()} == {
            path.name: shipped(path.name) for path in SHIPPED.glob("*.yaml")
        }

    def test_it_gives_the_same_tables_as_a_parse(self, copy: Path) -> None:
        def content(folder: Path) -> dict[str, object]:
            tables = Tables(shipped=folder)
            answer = quote(
                tariffs={1: 5, 2: 3},
                qualifications=["1905:5"],
                turnover=10**7,
                on=ON,
                vat="guyane",
                tables=tables,
            )
            return answer.to_dict()

        with_copy = content(copy)
        (copy / "checked.json").unlink()
        assert content(copy) == with_copy
        assert Tables(shipped=copy).nomenclature == Tables().nomenclature
        assert Tables(shipped=copy).validity == Tables().validity

    @pytest.mark.parametrize("stale", [True, False])
    def test_an_edited_table_is_always_seen(self, copy: Path, stale: bool) -> None:
        def dossier() -> Decimal | None:
            return quote(tariffs={1: 1}, on=ON, tables=Tables(shipped=copy)).subtotals.dossier

        assert dossier() == Decimal(86)
        path = copy / "bareme_2024.yaml"
        before = path.stat()
        path.write_text(path.read_text("utf-8").replace('"86.00"', '"87.00"'), "utf-8")
        # The same size and the same date: only the words differ.
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        if not stale:
            for target, text in generate(copy).items():
                target.write_text(text, "utf-8")
        assert dossier() == Decimal(87)

    def test_an_edit_that_breaks_a_table_is_seen(self, copy: Path) -> None:
        path = copy / "vat.yaml"
        path.write_text(path.read_text("utf-8").replace('rate: "0.20"', 'rate: "20"'), "utf-8")
        with pytest.raises(FileError, match=r"\$\.territories\[0\]\.rate"):
            quote(tariffs={1: 1}, on=ON, tables=Tables(shipped=copy))

    def test_a_new_file_in_the_shipped_folder_is_seen(self, copy: Path) -> None:
        (copy / "bareme_2027.yaml").write_text(EDITION_2027, "utf-8")
        assert [edition.id for edition in Tables(shipped=copy).schedules] == ["bareme_2024", "bareme_2027"]

    @pytest.mark.parametrize("text", ["", "{", "not json"])
    def test_a_broken_copy_is_passed_over(self, copy: Path, text: str) -> None:
        (copy / "checked.json").write_text(text, "utf-8")
        assert Tables(shipped=copy).vat.rules == Tables().vat.rules


def test_generating_reads_the_folder_as_it_is(copy: Path) -> None:
    (copy / "bareme_2027.yaml").write_text(EDITION_2027, "utf-8")
    files = generate(copy)
    schemas = {path.name for path in (SHIPPED / "schemas").iterdir()}
    assert {path.name for path in files} == {"checked.json", *schemas}
    assert json.loads(files[copy / "checked.json"])["bareme_2027.yaml"]["content"]["id"] == "bareme_2027"
    assert files[copy / "schemas" / "vat.schema.json"] == (SHIPPED / "schemas" / "vat.schema.json").read_text(
        "utf-8"
    )
