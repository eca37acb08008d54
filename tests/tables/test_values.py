"""Facts are values: equal by what they say, hashable, and the same in another thread or process."""

import copy
import pickle
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import field
from datetime import date
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path

import pytest

from opqibi_rules.errors import DateError, FileError
from opqibi_rules.frozen import FrozenDict, kept
from opqibi_rules.price.quote import quote
from opqibi_rules.tables.description import fact
from opqibi_rules.tables.library import SHIPPED, Tables
from opqibi_rules.tables.schedule import Limit
from tests.editions.pinned import TABLES_2024
from tests.tables.editing import nomenclature

EDITIONS = Path(__file__).parents[1] / "editions"
KINDS = (
    "schedules",
    "nomenclature",
    "vat",
    "validity",
    "api_errors",
    "invoice_wording",
    "heading_wording",
    "dispute_codes",
    "accounts",
)
DAY = date(2026, 3, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_is_a_value(kind: str) -> None:
    table = getattr(Tables(), kind)
    for other in (getattr(Tables(), kind), pickle.loads(pickle.dumps(table)), copy.deepcopy(table)):
        assert (other, hash(other)) == (table, hash(table))


@pytest.mark.parametrize("folder", [None, EDITIONS / "more_fees", EDITIONS / "later"])
def test_the_tables_are_a_value(folder: Path | None) -> None:
    tables = Tables(folder)
    _ = [getattr(tables, kind) for kind in KINDS]
    for other in (
        Tables(folder),
        pickle.loads(pickle.dumps(tables)),
        copy.deepcopy(tables),
        copy.copy(tables),
    ):
        assert (other, hash(other)) == (tables, hash(tables))
        assert all(getattr(other, kind) == getattr(tables, kind) for kind in KINDS)
        assert other.contents() == tables.contents()
    assert (tables == Tables()) == (folder is None)
    assert tables != object()


def test_they_are_equal_by_what_their_files_hold(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "n.yaml").write_text(nomenclature('code: "9901"'), "utf-8")
    first, second = Tables(tmp_path / "a"), Tables(tmp_path / "b")
    assert (first, hash(first)) == (second, hash(second))
    (tmp_path / "b" / "n.yaml").write_text(nomenclature('code: "9902"'), "utf-8")
    assert second == first, "it was read when it was made"
    assert Tables(tmp_path / "b") != first
    assert "9901" in second.nomenclature.entries


def test_a_fact_says_what_it_is() -> None:
    rule = Tables().vat.rule("reunion", DAY)
    assert repr(rule).startswith(
        "VatRule(id='reunion', name=Text(fr='La Réunion', en='Réunion'), rate=Decimal("
    )
    assert rule != object()


def test_nothing_that_they_give_can_be_changed() -> None:
    tables = Tables()
    tables.contents()[0]["id"] = "another"
    assert tables.contents()[0]["id"] != "another"
    with pytest.raises(AttributeError):
        tables.shipped = Path()  # type: ignore[misc] # that it is refused is what is tested
    with pytest.raises(TypeError):
        tables.nomenclature.entries["1905"] = None  # type: ignore[index] # as above


def price(tables: Tables) -> str:
    return str(quote(tariffs={1: 2}, turnover=0, on=DAY, event="renewal", tables=tables).total_excl_vat)


def test_threads_and_processes_share_them() -> None:
    tables = Tables(EDITIONS / "more_fees")
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(price, [tables] * 20)) == {"950.00"}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        assert processes.submit(price, tables).result() == "950.00"


def test_a_quote_by_counts_loads_only_what_it_needs() -> None:
    code = (
        "import sys; from datetime import date; import opqibi_rules as o; "
        "o.quote(tariffs={1: 5}, turnover=800000, on=date(2026, 3, 2)); "
        "print(*sorted(sys.modules), sep='\\n')"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    unwanted = {
        "pydantic",
        "pydantic_core",
        "yaml",
        "opqibi_rules.paper.checked",
        "opqibi_rules.tables.check",
    }
    assert unwanted.isdisjoint(loaded)
    tables = {name for name in loaded if name.startswith("opqibi_rules.tables.")}
    assert {name.rpartition(".")[2] for name in tables} == {
        "description", "facts", "library", "schedule", "vat",
    }  # fmt: skip


def test_a_file_of_structures_needs_no_words_of_invoices() -> None:
    code = (
        "import sys, polars; from datetime import date; import opqibi_rules as o; "
        "o.with_fees(polars.DataFrame({'t1': [5], 'CA': ['800000']}), on=date(2026, 3, 2)); "
        "print(*sorted(sys.modules), sep='\\n')"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "opqibi_rules.tables.wording.headings" in ran.stdout.split()
    assert "opqibi_rules.tables.wording.invoices" not in ran.stdout.split()


class TestAnEditionOfLater:
    """Nothing of it holds before its first day."""

    @pytest.fixture
    def tables(self) -> Tables:
        return Tables(EDITIONS / "later")

    def test_until_its_eve_all_is_as_before(self, tables: Tables) -> None:
        eve = date(2026, 12, 31)
        assert tables.schedule(eve) == Tables().schedule(eve)
        assert tables.schedule(eve).tariffs == (1, 2, 3, 4, 5, 6, 7)
        ours, theirs = (
            quote(tariffs={1: 5, 7: 1}, turnover=60_000_000, on=eve, tables=each)
            for each in (Tables(), tables)
        )
        assert theirs.lines == ours.lines
        assert theirs.subtotals == ours.subtotals

    def test_from_its_day_it_holds(self, tables: Tables) -> None:
        # 520 + 5 x 63 + 410
        found = quote(event="renewal", tariffs={1: 5, 8: 1}, on=date(2027, 1, 1), tables=tables)
        assert str(found.subtotals.instruction) == "1245.00"

    def test_only_the_last_known_may_be_out_of_date(self, tables: Tables) -> None:
        before, after = tables.schedules
        assert (tables.is_latest(before), tables.is_latest(after)) == (False, True)
        assert TABLES_2024.is_latest(before)

    def test_it_serves_shipped_as_laid_over(self, tmp_path: Path) -> None:
        for path in (*SHIPPED.glob("*.yaml"), *(EDITIONS / "later").glob("*.yaml")):
            (tmp_path / path.name).write_bytes(path.read_bytes())
        tables = Tables(shipped=tmp_path)
        assert [each.id for each in tables.schedules] == ["bareme_2024", "bareme_2027"]
        assert price(tables) == "800.00"  # 500 + 2 x 60 + the floor, 180
        with pytest.raises(DateError):
            tables.schedule(date(2024, 2, 7))


def test_all_the_files_that_cannot_be_opened_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").mkdir()
    (tmp_path / "b.yml").mkdir()
    with pytest.raises(FileError) as raised:
        Tables(tmp_path)
    assert [mistake.file for mistake in raised.value.mistakes] == [
        str(tmp_path / "a.yaml"),
        str(tmp_path / "b.yml"),
    ]


@fact
class Sample:
    """A fact of the tests."""

    words: Mapping[str, str] = field(default_factory=FrozenDict)


def test_a_fact_is_described_whole() -> None:
    assert Sample().words == {}
    with pytest.raises(TypeError, match="Limit: amount is missing"):
        Limit(article="III")  # type: ignore[call-arg] # what the types refuse, seen at run time
    with pytest.raises(TypeError, match="Limit: years unknown"):
        Limit(article="III", amount=Decimal(1), years=4)  # type: ignore[call-arg] # the same


def test_tables_that_say_the_same_are_not_compared_at_each_question(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [
        quote(on=date(2026, 3, 2), tariffs={1: 2}, turnover=count, tables=tables)
        for tables in (Tables(), Tables())
        for count in (800_000, 900_000)
    ]
    assert answers[0].total_excl_vat == answers[2].total_excl_vat
    first, second = Tables(), Tables()
    for tables in (first, second):
        quote(on=date(2026, 3, 2), tariffs={1: 2}, turnover=1, tables=tables)

    def compared(one: object, other: object) -> bool:
        raise AssertionError((one, other))

    monkeypatch.setattr(Tables, "__eq__", compared)
    monkeypatch.setattr(type(first.schedules[0]), "__eq__", compared)
    again = [
        quote(on=date(2026, 3, 2), tariffs={1: 2}, turnover=800_000, tables=tables)
        for tables in (first, second, first)
    ]
    assert {answer.total_excl_vat for answer in again} == {answers[0].total_excl_vat}


def test_what_is_made_of_a_value_is_kept_for_that_very_one_and_not_for_ever() -> None:
    made: list[object] = []

    @kept
    def length(value: list[int]) -> int:
        made.append(value)
        return len(value)

    one, equal = [1], [1]
    assert [length(one), length(equal), length(one)] == [1, 1, 1]
    assert [value is one for value in made] == [True, False]
    many = [[number] for number in range(1000)]
    for value in many:
        length(value)
    length(one)
    assert made[-1] is one  # forgotten meanwhile: a thousand others were kept
    length.cache_clear()
    length(one)
    assert len(made) == 1004
