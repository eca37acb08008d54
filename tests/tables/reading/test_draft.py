"""A fee schedule on paper becomes a draft edition: the figures of the paper, each with its page, and none guessed."""

import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from opqibi_rules.errors import FileError
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.pages.reading_order import passages, rows_in_place, typed_pages
from opqibi_rules.tables.library import SHIPPED, Tables
from opqibi_rules.tables.reading.draft import Draft, drafted
from opqibi_rules.tables.reading.schedule_facts import Facts, Reader
from opqibi_rules.tables.reading.settling import Settling
from opqibi_rules.tables.schedule import Flat, Schedule, Tranches
from tests.tables.reading.made_schedules import LAYOUTS, OTHERS, Figures, by_headings, pdf

D = Decimal
ENGLISH = Language("en")
YEARS = {"quatre": 4, "cinq": 5}


class Then(Tables):
    """The tables of the day on which the schedule of 2024 is the last one."""

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        return tuple(item for item in super().schedules if item.id == "bareme_2024")


def draft_of(sheet: str, name: str = "schedule.pdf") -> Draft:
    return drafted(pdf(sheet), name, Then())


def edition(draft: Draft, folder: Path) -> Schedule:
    """The draft once a person has read the interpretations, found it right and signed it."""
    text = draft.text(ENGLISH.say)
    text = text.replace("checked_by: null", "checked_by: A. Person").replace(
        "checked_on: null", "checked_on: '2027-01-02'"
    )
    text = re.sub(r"\nunsettled:(.|\n)*", "\n", text)
    (folder / "signed.yaml").write_text(text, "utf-8")
    (found,) = (item for item in Tables(folder).schedules if item.checked_by == "A. Person")
    return found


def figures_in(schedule: Schedule) -> Figures:
    """An edition in the form of what the tests print."""
    parts = {(fee.id, part.id): part for fee in schedule.fees for part in fee.parts}
    amounts = {key: part.amount for key, part in parts.items() if isinstance(part, Flat)}
    (slices,) = (part for part in parts.values() if isinstance(part, Tranches))
    assert slices.floor is not None
    assert slices.cap is not None
    years = next(fee.years for fee in schedule.fees if fee.id == "brand_usage")
    return Figures(
        day=f"{schedule.in_force_from:%d/%m/%Y}",
        dossier=amounts["dossier", "file"],
        instruction=amounts["instruction", "flat"],
        asked=dict(schedule.price_list("instruction").by_tariff),
        tranches=tuple(
            (int(part.above), None if part.up_to is None else int(part.up_to), part.rate * 1000)
            for part in slices.tranches
        ),
        floor=slices.floor.amount,
        cap=slices.cap.amount,
        years=next(word for word, number in YEARS.items() if number == years),
        codes=slices.exceptions[0].held_only,
        control=amounts["annual_control", "flat"],
        held=dict(schedule.price_list("control").by_tariff),
        new=amounts["annual_control", "new_flat"],
    )


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("printed", [Figures(), OTHERS], ids=["2024", "others"])
def test_a_schedule_laid_out_in_any_way_comes_back_exactly(
    layout: str, printed: Figures, tmp_path: Path
) -> None:
    draft = draft_of(LAYOUTS[layout](printed))
    # A person reads again the interpretations that quote a figure which has changed; nothing else is left.
    assert [fact for fact, _ in draft.unsettled if not fact.startswith("assumptions")] == []
    assert bool(draft.unsettled) == (printed is OTHERS)
    assert figures_in(edition(draft, tmp_path)) == printed


def same_facts(one: Schedule, two: Schedule) -> bool:
    return all(
        getattr(one, name) == getattr(two, name)
        for name in (
            "id",
            "in_force_from",
            "title",
            "events",
            "turnovers",
            "prices",
            "fees",
            "rounding",
            "assumptions",
        )
    )


def test_the_schedule_of_2024_comes_back_as_it_is_shipped(tmp_path: Path) -> None:
    (known,) = Then().schedules
    assert same_facts(edition(draft_of(by_headings(Figures())), tmp_path), known)


SEEDS = sorted((Path(__file__).parents[4] / "shared" / "seeds").glob("bareme_2024-02-08.txt"))


def test_the_schedule_of_2024_comes_back_from_its_own_text_where_it_is_there(tmp_path: Path) -> None:
    """And as it is set here, so that something is read on every machine."""
    (known,) = Then().schedules
    assert same_facts(edition(draft_of(LAYOUTS["letter"](Figures())), tmp_path), known)
    for seed in SEEDS:
        draft = drafted(seed.read_bytes(), str(seed), Then())
        assert draft.unsettled == ()
        assert same_facts(edition(draft, tmp_path), known)


def test_each_figure_bears_its_page_its_place_and_what_is_printed_there() -> None:
    draft = draft_of(LAYOUTS["several_pages"](Figures()))
    readings = {item["fact"]: item for item in draft.content["readings"]}
    # 1 date, 4 flats, 14 prices, 5 tranches, floor, cap, years, codes
    assert len(readings) == len(draft.content["readings"]) == 28
    assert readings["fees[0].parts[0].amount"]["page"] == 1
    assert readings["fees[3].parts[2].amount"]["page"] == max(item["page"] for item in readings.values()) > 2
    assert "86 € HT" in readings["fees[0].parts[0].amount"]["text"]
    assert "0,65 pour mille" in readings["fees[2].parts[0].tranches[1]"]["text"]
    # The margin is of 16 mm; the page, of 160 mm by 90.
    assert all(16 <= item["across"] <= 144 and 10 < item["down"] < 80 for item in readings.values())


def test_nobody_is_served_by_a_draft_that_nobody_has_signed(tmp_path: Path) -> None:
    (tmp_path / "draft.yaml").write_text(draft_of(by_headings(OTHERS)).text(ENGLISH.say), "utf-8")
    with pytest.raises(FileError) as refused:
        Tables(tmp_path).schedule(date(2030, 1, 1))
    said = [ENGLISH.say(item.message) for item in refused.value.mistakes]
    assert any("a draft that nobody has checked" in line for line in said)
    assert any("it quotes 250000 €" in line for line in said)


GONE = {
    "À l’achat du dossier, la structure règle 86 € HT.": {"fees[0].parts[0].amount"},
    "une partie forfaitaire de 500 € HT ;": {"fees[1].parts[0].amount"},
    "[Tarif 3],[240],": {"prices[0].by_tariff.3"},
    "[Tarif 6],[54],": {"prices[1].by_tariff.6"},
    "tous les quatre ans": {"fees[2].years"},
    "(0607, 1717, 1905 ou 1911)": {"fees[2].parts[0].exceptions[0].held_only"},
    "[De 250\N{NO-BREAK SPACE}001 € à 800\N{NO-BREAK SPACE}000 €],[0,65 pour mille],": {
        "fees[2].parts[0].tranches"
    },
    "Frais minimaux : 180 € HT.": {"fees[2].parts[0].floor.amount"},
    "Frais maximaux : 40\N{NO-BREAK SPACE}000 € HT.": {"fees[2].parts[0].cap.amount"},
    "+ Partie forfaitaire : 125 € HT": {"fees[3].parts[0].amount"},
    "un forfait de 375 € HT s’ajoute": {"fees[3].parts[2].amount"},
    "Édition du 08/02/2024": {"in_force_from"},
}


@pytest.mark.parametrize("printed", GONE)
def test_what_is_not_printed_is_left_to_a_person_and_nothing_stands_in_its_place(
    printed: str, tmp_path: Path
) -> None:
    sheet = by_headings(Figures())
    assert sheet.count(printed) == 1
    draft = draft_of(sheet.replace(printed, ""))
    left = {fact for fact, _ in draft.unsettled if not fact.startswith("assumptions")}
    assert left == GONE[printed]
    (fact,) = left
    content = yaml.safe_load(draft.text(ENGLISH.say))
    assert fact not in {item["fact"] for item in content["readings"]}
    found = content
    for step in re.findall(r"\w+", fact):
        found = found[int(step) if isinstance(found, list) else step]
    assert found is None
    (tmp_path / "draft.yaml").write_text(draft.text(ENGLISH.say), "utf-8")
    with pytest.raises(FileError, match=re.escape(fact)):
        _ = Tables(tmp_path).schedules


CHANGED = [
    ("[Tarif 3],[240],", "[Tarif 3],[240],[Tarif 3],[250],", "prices[0].by_tariff.3", "said in several ways"),
    ("Frais minimaux : 180 € HT.", "Frais minimaux : 180 € HT (soit 40 € HT par an).", "fees[2].parts[0].floor.amount", "40 € HT par an"),
    ("Frais minimaux : 180 €", "Frais minimaux : 180\N{NO-BREAK SPACE}000 €", "fees[2].parts[0].floor.amount", "over the cap"),
    ("0,50 pour mille", "0,70 pour mille", "fees[2].parts[0].tranches", "do not fall"),
    ("De 800\N{NO-BREAK SPACE}001", "De 900\N{NO-BREAK SPACE}001", "fees[2].parts[0].tranches", "do not follow"),
    ("tous les quatre ans", "tous les quatre ans, et non trois ans", "fees[2].years", "said in several ways"),
    ("s’ajoute ;", "s’ajoute, et une visite coûte 77 € HT ;", "page 2, 77", "no fact takes this amount"),
    ("Frais maximaux", "Les frais de déplacement sont de 99 € HT. Frais maximaux", "page 1, 99", "no fact takes this amount"),
    ("Édition du 08/02/2024", "Édition du 08/02/2024, révisée le 09/02/2024", "in_force_from", "said in several ways"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "fact", "why"), CHANGED, ids=[item[1] for item in CHANGED])
def test_what_contradicts_itself_is_told_and_not_chosen(before: str, after: str, fact: str, why: str) -> None:
    sheet = by_headings(Figures())
    assert sheet.count(before) == 1
    left = {name: ENGLISH.say(message) for name, message in draft_of(sheet.replace(before, after)).unsettled}
    assert why in left[fact]
    assert {name for name in left if not name.startswith("assumptions")} == {fact}


def facts_of(text: str, *, by_place: bool = True) -> Facts:
    tables = Then()
    reader = Reader(
        tables.schedules[0], tables.schedule_wording, tables.page_wording.month_numbers, by_place=by_place
    )
    return reader.read(passages(row for page in typed_pages(text) for row in rows_in_place(page)))


def test_two_readings_that_differ_settle_nothing() -> None:
    one, other = (
        "Frais d’instruction\nTarif 1\t60\nTarif 2\t120\nTarif 3\t240",
        "Frais d’instruction\nTarif 1\t66\nTarif 2\t120",
    )
    tables = Then()
    found = Settling(tables.schedules[0], facts_of(one), facts_of(other), tables.schedule_wording)
    assert [str(path[-1]) for path in found.settled] == ["2"]
    told = {fact: ENGLISH.say(why) for fact, why in found.unsettled.items()}
    assert (
        told["prices[0].by_tariff.1"]
        == "two readings differ: « Tarif 1 60 » (page 1); « Tarif 1 66 » (page 1)."
    )
    assert told["prices[0].by_tariff.3"] == "one of two readings alone found it: « Tarif 3 240 » (page 1)."


def test_a_price_that_the_file_puts_elsewhere_than_the_eye_sees_it_is_not_read() -> None:
    # The file writes Tarif 1, then Tarif 2 and 120, then 60, which stands beside Tarif 1.
    placed = (
        "#place(dy: 0cm)[Tarif 1] #place(dy: 1cm)[Tarif 2 #h(3cm) 120] #place(dx: 4.3cm, dy: 0cm)[60] #v(2cm)"
    )
    at = "+ une partie selon le nombre de qualifications :\n"
    sheet = (
        by_headings(Figures())
        .replace("[Tarif 1],[60],[Tarif 2],[120],", "", 1)
        .replace(at, f"{at}\n{placed}\n")
    )
    draft = draft_of(sheet)
    assert [fact for fact, _ in draft.unsettled] == ["prices[0].by_tariff.1"]
    assert draft.content["prices"][0]["by_tariff"]["2"] == "120.00"


def test_a_fee_that_the_edition_before_does_not_have_is_told_and_lends_its_figures_to_no_other() -> None:
    more = "\n= V. Frais de suspension\nTous les dix ans.\n#table(columns: 2, [Code tarif],[Prix], [Tarif 1],[77], [Tarif 2],[88])\n"
    draft = draft_of(by_headings(Figures()) + more + "Un forfait de 99 € HT s’y ajoute.")
    assert [re.sub("page [0-9], ", "", fact) for fact, _ in draft.unsettled] == ["77", "88", "99"]
    assert draft.content["prices"][1]["by_tariff"]["1"] == "15.00"
    assert draft.content["fees"][2]["years"] == 4


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Frais d’instruction\nTarif 1\t60 €\nTarif 2\t144 € T.T.C.", {"1": "60"}),
        ("Frais d’instruction\nTarif 1\t60 € HT\t72 € TTC", {"1": "60"}),
        ("Frais d’instruction\nCode tarif\tPrix T.T.C.\nTarif 1\t72\nTarif 2\t144", {}),
        ("Frais d’instruction\nCode tarif\tPrix HT\tPrix TTC\nTarif 1\t60 €\t72 €", {"1": "60"}),
        ("Frais d’instruction\nTarif\tTarif 1\tTarif 2\nPrix TTC\t72\t144", {}),
    ],
)
def test_an_amount_including_vat_is_no_price_of_a_schedule(text: str, read: dict[str, str]) -> None:
    facts = facts_of(text, by_place=False)
    found = {path[-1]: [str(one.value) for one in seen] for path, seen in facts.seen.items()}
    assert found == {tariff: [price] for tariff, price in read.items()}
    assert {str(one.value) for one in facts.money} - {*read.values()} <= {"72", "144"}


def test_an_application_file_that_costs_so_much_including_vat_is_left_to_a_person() -> None:
    sheet = by_headings(Figures())
    assert sheet.count("86 € HT") == 1
    left = dict(draft_of(sheet.replace("86 € HT", "86 € T.T.C.")).unsettled)
    assert {name for name in left if not name.startswith("assumptions")} == {
        "fees[0].parts[0].amount",
        "page 1, 86",
    }


def test_a_year_is_no_code() -> None:
    sheet = by_headings(Figures()).replace("(0607, 1717, 1905 ou 1911)", "(depuis 2019)")
    draft = draft_of(sheet)
    assert [fact for fact, _ in draft.unsettled] == ["fees[2].parts[0].exceptions[0].held_only"]
    kept = by_headings(Figures()).replace("les calculent sur", "les calculent, depuis 2019, sur")
    assert draft_of(kept).unsettled == ()


def test_a_rate_in_per_cent_on_a_picture_is_left_as_it_may_be_per_mille() -> None:
    said = (
        "Utilisation de la marque\nTranche\tTaux{}\nJusqu’à 250 000 €\t0,80 {}\nAu-delà de 250 000 €\t0,65 {}"
    )
    in_cells, in_heading, per_mille = (
        said.format("", "%", "%"),
        said.format(" (%)", "", ""),
        said.format("", "‰", "‰"),
    )
    tables = Then()
    for text, pictures, found in (
        (in_cells, (), 2), (in_heading, (), 2), (in_cells, (1,), 0), (in_heading, (1,), 0), (per_mille, (1,), 2),
    ):  # fmt: skip
        reader = Reader(
            tables.schedules[0], tables.schedule_wording, tables.page_wording.month_numbers,
            by_place=False, pictures=pictures,
        )  # fmt: skip
        rows = [row for page in typed_pages(text) for row in rows_in_place(page)]
        seen = reader.read(passages(rows)).seen
        assert (
            len([item for path, items in seen.items() if path[-1] == "tranches" for item in items]) == found
        )


def test_a_scan_gives_no_other_figure_than_the_one_printed() -> None:
    image = (
        load("pypdfium2", extra="page")
        .PdfDocument(pdf(LAYOUTS["without_rules"](Figures())))[0]
        .render(scale=150 / 72)
        .to_pil()
    )
    picture = io.BytesIO()
    image.convert("L").save(picture, "PNG", dpi=(150, 150))
    content = drafted(picture.getvalue(), "scan.png", Then()).content
    read = [(by_tariff["by_tariff"][str(code)], price) for by_tariff, wanted in
            zip(content["prices"], (Figures().asked, Figures().held), strict=True) for code, price in wanted.items()]  # fmt: skip
    read.append((content["fees"][0]["parts"][0]["amount"], Figures().dossier))
    assert [(found, wanted) for found, wanted in read if found is not None and D(found) != wanted] == []
    assert sum(found is not None for found, _ in read) >= 5


prices = st.integers(1, 999_999).map(lambda cents: D(cents) / 100)


@given(
    data=st.builds(
        lambda flats, asked, held, layout: (
            replace(
                Figures(),
                dossier=flats[0], instruction=flats[1], control=flats[2], new=flats[3],
                asked=dict(enumerate(asked, 1)), held=dict(enumerate(held, 1)),
            ),
            layout,
        ),
        st.lists(prices, min_size=4, max_size=4),
        st.lists(prices, min_size=7, max_size=7),
        st.lists(prices, min_size=7, max_size=7),
        st.sampled_from(sorted(LAYOUTS)),
    )
)  # fmt: skip
@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.generate])  # shrinking takes minutes
def test_no_figure_of_a_draft_is_another_than_the_one_printed(data: tuple[Figures, str]) -> None:
    printed, layout = data
    content = draft_of(LAYOUTS[layout](printed)).content
    amounts = [(fees[0]["amount"], wanted) for fees, wanted in (
        (content["fees"][0]["parts"], printed.dossier),
        (content["fees"][1]["parts"], printed.instruction),
        (content["fees"][3]["parts"], printed.control),
        (content["fees"][3]["parts"][2:], printed.new),
    )]  # fmt: skip
    for index, wanted in ((0, printed.asked), (1, printed.held)):
        amounts += [
            (content["prices"][index]["by_tariff"][str(code)], price) for code, price in wanted.items()
        ]
    assert [(found, wanted) for found, wanted in amounts if found is not None and D(found) != wanted] == []


def test_the_drafts_of_the_shipped_folder_are_none() -> None:
    for path in SHIPPED.glob("*.yaml"):
        assert "unsettled:" not in path.read_text("utf-8")
