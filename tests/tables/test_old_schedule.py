"""A schedule in the form of before: refused with how to convert it, and converted to the same prices."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from opqibi_rules.errors import FileError
from opqibi_rules.price.quote import Quote, quote
from opqibi_rules.tables.check import checked_table
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.reading.conversion import converted
from tests.cli.running import asked, refused

OLD = (Path(__file__).parent / "old_bareme_2024.txt").read_text("utf-8")
DAY = date(2026, 3, 2)


def relabelled(**labels: str) -> str:
    """The old edition under another id, in force from 2026, with other article labels."""
    text = OLD.replace("id: bareme_2024", "id: own").replace("2024-02-08", "2026-01-01")
    for old, new in labels.items():
        text = text.replace(f'article: "{old.replace("_", ".")}"', f'article: "{new}"')
        text = text.replace(f"article: {old.replace('_', '.')}\n", f'article: "{new}"\n')
    return text


LABELS = [
    {},
    {"III_min": "III", "III_max": "III", "IV_2": "II.2"},
    {
        "III_min": "III",
        "III_max": "III",
        "IV_new": "IV",
        "IV_1": "IV",
        "IV_2": "IV",
        "II_1": "II",
        "II_2": "II",
    },
    {"IV_new": "IV.1"},
    {"I": "1°", "III": "frais d'usage", "IV_new": "Annexe « new »"},
]


def asked_of(tables: Tables) -> list[Quote]:
    return [
        quote(
            event=event,
            tariffs={1: 5, 2: 3, 4: 1, 7: 2},
            new_tariffs={3: 1, 6: 2} if event == "control" else {},
            turnover=None if event == "control" else turnover,
            on=DAY,
            tables=tables,
        )
        for event in ("first", "renewal", "control")
        for turnover in (0, 225_000, 800_000, "2 999 990", 90_000_000)
    ]


def test_what_the_shipped_edition_was_is_what_it_is() -> None:
    made = checked_table(converted(OLD.encode(), "old.yaml").text.encode(), "new.yaml")
    assert made == Tables().content("bareme_2024")


@pytest.mark.parametrize("labels", LABELS)
def test_converted_it_prices_the_same_whatever_its_labels(labels: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(converted(relabelled(**labels).encode(), "old.yaml").text, "utf-8")
    tables = Tables(tmp_path)
    assert tables.schedule(DAY).id == "own"
    for ours, own in zip(asked_of(Tables()), asked_of(tables), strict=True):
        assert own.subtotals == ours.subtotals
        assert [(line.part_id, line.amount) for line in own.lines] == [
            (line.part_id, line.amount) for line in ours.lines
        ]
        assert [item.id for item in own.assumptions] == [item.id for item in ours.assumptions]


def test_its_amounts_are_kept() -> None:
    text = (
        OLD.replace('"86.00"', '"87.50"')
        .replace('"5": "28.00"', '"5": "29.00"')
        .replace("years: 4", "years: 3")
    )
    made = checked_table(converted(text.encode(), "old.yaml").text.encode(), "new.yaml")
    dossier, _, usage, _ = made["fees"]
    assert dossier["parts"][0]["amount"] == "87.50"
    assert made["prices"][1]["by_tariff"]["5"] == "29.00"
    assert usage["years"] == 3


def test_before_it_is_converted_it_is_refused_with_what_to_do() -> None:
    with pytest.raises(FileError) as raised:
        checked_table(OLD.encode(), "old.yaml")
    (mistake,) = raised.value.mistakes
    assert (mistake.path, mistake.line) == ("$.kind", 3)
    assert "opqibi-fees tables convert" in str(mistake.message)


def test_its_mistakes_are_told_at_their_own_lines() -> None:
    text = OLD.replace('"86.00"', '"86,00"').replace('rate: "0.00080"', 'rate: "80"')
    text = text.replace("  years: 4\n", "  year: 4\n").replace("checked_by:", "checkd_by:")
    with pytest.raises(FileError) as raised:
        converted(text.encode(), "old.yaml")
    assert [(item.path, item.line) for item in raised.value.mistakes] == [
        ("$.brand_usage.years", 38),
        ("$.brand_usage.year", 40),
    ]
    with pytest.raises(FileError) as raised:
        converted(text.replace("  year: 4", "  years: 4").encode(), "old.yaml")
    lines = {item.line: str(item.message) for item in raised.value.mistakes}
    assert "« 86,00 »" in lines[25]
    assert "« 80 »" in lines[42]
    assert lines[3] == "missing; it must be given."


@pytest.mark.parametrize("text", ["kind: schedule\nfees: []\n", "[]", "kind: vat\n"])
def test_what_is_not_in_that_form(text: str) -> None:
    with pytest.raises(FileError, match="nothing to convert"):
        converted(text.encode(), "t.yaml")


def test_without_assumptions_and_with_what_is_no_list_of_them() -> None:
    head = OLD[: OLD.index("\nassumptions:")]
    made = checked_table(converted(head.encode(), "old.yaml").text.encode(), "new.yaml")
    assert made["assumptions"] == []
    for wrong, path in (("none", "$.assumptions"), ("[none]", "$.assumptions[0]")):
        with pytest.raises(FileError) as raised:
            converted(f"{head}\nassumptions: {wrong}\n".encode(), "old.yaml")
        assert [item.path for item in raised.value.mistakes] == [path]


def test_the_comments_at_its_head_are_kept_and_the_others_told() -> None:
    made = converted(OLD.encode(), "old.yaml")
    assert made.text.splitlines()[:2] == OLD.splitlines()[:2]
    assert made.loses_comments
    bare = "".join(f"{line.partition(' #')[0]}\n" for line in OLD.splitlines() if line[:1] != "#")
    assert not converted(bare.encode(), "old.yaml").loses_comments


def test_the_command(tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(OLD, "utf-8")
    outcome = asked("tables", "convert", str(old), "-o", str(new))
    assert (outcome.code, outcome.out) == (0, "")
    assert len(outcome.err.splitlines()) == 1, "its comments are not kept"
    assert asked("tables", "check", str(new)).code == 0
    assert asked("tables", "convert", str(old)).out == new.read_text("utf-8")
    assert "tables convert" in refused("tables", "check", str(old))
    assert "tables convert" in refused("quote", "-t", "1=1", "--tables", str(tmp_path))
    assert refused("tables", "convert", str(new))
    price = asked(
        "quote", "-t", "1=5", "-t", "2=3", "--date", "2026-03-02", "--tables", str(tmp_path / "none")
    )
    assert price.code == 2
    old.unlink()
    assert (
        Decimal("1803.50")
        == quote(tariffs={1: 5, 2: 3}, turnover=800_000, on=DAY, tables=Tables(tmp_path)).total_excl_vat
    )
