"""The facts we ship: sourced, dated, valid against their JSON Schemas, generated files current, editions unedited."""

import hashlib
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from opqibi_rules.tables.library import SHIPPED, Tables, generate, table_files
from tests import oracle
from tests.asking import ON

NAMES = sorted(path.name for path in SHIPPED.glob("*.yaml"))
RELEASED = Path(__file__).parent / "released.txt"


def as_an_editor_sees_it(name: str) -> Any:
    """The content by an ordinary YAML reader."""
    return yaml.safe_load((SHIPPED / name).read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_each_table_validates_against_its_json_schema(name: str) -> None:
    content = as_an_editor_sees_it(name)
    schema = json.loads((SHIPPED / "schemas" / f"{content['kind']}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(content)


@pytest.mark.parametrize("name", NAMES)
def test_each_table_tells_an_editor_where_its_schema_is(name: str) -> None:
    first, _, _ = (SHIPPED / name).read_text("utf-8").partition("\n")
    address = first.removeprefix("# yaml-language-server: $schema=")
    assert (SHIPPED / address).is_file()


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("schedule", ("fees", 0, "parts", 0, "amount"), "86,00"),
        ("schedule", ("fees", 0, "parts", 0, "amount"), 86.0),
        ("schedule", ("id",), None),
        ("schedule", ("surprise",), 1),
        ("schedule", ("fees", 2, "parts", 0, "tranches"), []),
        ("schedule", ("prices", 0, "by_tariff"), {"one": "60.00"}),
        ("vat", ("territories", 0, "rate"), "20"),
        ("nomenclature", ("entries", 0, "code"), "607"),
        ("validity", ("certificate", "years"), -1),
    ],
)
def test_the_json_schemas_see_what_is_wrong(kind: str, path: tuple[Any, ...], value: Any) -> None:
    name = next(name for name in NAMES if as_an_editor_sees_it(name)["kind"] == kind)
    content = as_an_editor_sees_it(name)
    part = content
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    schema = json.loads((SHIPPED / "schemas" / f"{kind}.schema.json").read_text("utf-8"))
    assert not jsonschema.Draft202012Validator(schema).is_valid(content)


@pytest.mark.parametrize(
    ("path", "text"), generate(SHIPPED).items(), ids=lambda item: getattr(item, "name", "")
)
def test_each_generated_file_is_current(path: Path, text: str) -> None:
    # Else: python -m opqibi_rules.tables
    assert path.read_text("utf-8") == text


def sources(content: Any, place: str = "$") -> Iterator[tuple[str, Any]]:
    """Every source, with its place."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key == "source":
                yield f"{place}.source", value
            if key == "sources":
                yield from ((f"{place}.sources", source) for source in value)
            yield from sources(value, f"{place}.{key}")
    if isinstance(content, list):
        for index, value in enumerate(content):
            yield from sources(value, f"{place}[{index}]")


def read_table(path: Path) -> dict[str, Any]:
    (file,) = table_files([path])
    return file.checked()


@pytest.mark.parametrize("name", NAMES)
def test_every_source_names_a_document_and_an_address(name: str) -> None:
    found = list(sources(read_table(SHIPPED / name)))
    assert found
    for place, source in found:
        assert len(source["document"]) > 5, place
        assert source["address"].startswith(("https://", "http://")), place
        assert source["reliability"] != "user", place


@pytest.mark.parametrize(
    ("name", "entries", "number"),
    [("nomenclature.yaml", "entries", 31), ("vat.yaml", "territories", 7), ("validity.yaml", None, 3)],
)
def test_every_entry_has_a_source(name: str, entries: str | None, number: int) -> None:
    content = read_table(SHIPPED / name)
    kinds = ("certificate", "qualification", "probationary")
    items = content[entries] if entries else [content[kind] for kind in kinds]
    assert len(items) == number
    assert all(item["source"]["document"] for item in items)


@pytest.mark.parametrize("name", NAMES)
def test_every_table_says_who_checked_it_and_why_it_assumes_what_it_does(name: str) -> None:
    content = read_table(SHIPPED / name)
    assert content["checked_by"]
    for assumption in content["assumptions"]:
        assert assumption["reason"]["fr"]
        assert assumption["reason"]["en"]


def test_no_tariff_code_is_invented() -> None:
    assert {entry.tariff for entry in Tables().nomenclature.entries.values()} == {None}


def test_an_rge_flag_says_of_when_it_is() -> None:
    for entry in Tables().nomenclature.entries.values():
        assert (entry.rge is None) == (entry.rge_as_of is None), entry.code


def test_what_a_code_entails_is_a_code_of_four_digits_other_than_itself() -> None:
    for entry in Tables().nomenclature.entries.values():
        assert entry.code not in entry.entails
        assert all(re.fullmatch("[0-9]{4}", code) for code in entry.entails)


def part(fee: str, name: str) -> Any:
    found = Tables().schedule(ON).fee(fee)
    assert found is not None
    return found.part(name)


def test_the_schedule_states_the_amounts_of_the_text() -> None:
    schedule, usage = Tables().schedule(ON), part("brand_usage", "tranches")
    amounts = {
        "dossier": part("dossier", "file").amount,
        "asked": part("instruction", "flat").amount,
        "held": part("annual_control", "flat").amount,
        "new": part("annual_control", "new_flat").amount,
        "floor": usage.floor.amount,
        "cap": usage.cap.amount,
    }
    assert {name: int(amount * 100) for name, amount in amounts.items()} == {
        "dossier": oracle.DOSSIER,
        "asked": oracle.ASKED_FLAT,
        "held": oracle.HELD_FLAT,
        "new": oracle.NEW_REQUESTS_FLAT,
        "floor": oracle.FLOOR,
        "cap": oracle.CAP,
    }
    for name, prices in (("instruction", oracle.ASKED), ("control", oracle.HELD)):
        assert {t: int(p * 100) for t, p in schedule.price_list(name).by_tariff.items()} == prices
    assert schedule.tariffs == (1, 2, 3, 4, 5, 6, 7)
    assert [(t.above, t.up_to, t.rate) for t in usage.tranches] == [
        (Decimal(0), Decimal(250_000), Decimal("0.0008")),
        (Decimal(250_000), Decimal(800_000), Decimal("0.00065")),
        (Decimal(800_000), Decimal(3_000_000), Decimal("0.0005")),
        (Decimal(3_000_000), Decimal(15_000_000), Decimal("0.0004")),
        (Decimal(15_000_000), None, Decimal("0.00025")),
    ]
    assert [(fee.id, fee.years) for fee in schedule.fees if fee.years] == [("brand_usage", 4)]
    assert [(item.turnover, set(item.held_only)) for item in usage.exceptions] == [
        ("energy_audit", {"0607", "1717", "1905", "1911"})
    ]
    assert schedule.in_force_until is None
    assert not Tables().is_users(schedule)


def test_a_released_edition_is_never_edited() -> None:
    # A correction is a new file. An edition is a draft until it has its line here; lines are added, never changed.
    listed = dict(line.split()[::-1] for line in RELEASED.read_text("utf-8").splitlines() if line[:1] != "#")
    assert listed
    for name, digest in listed.items():
        assert hashlib.sha256((SHIPPED / name).read_bytes()).hexdigest() == digest, f"{name} was edited"


def test_what_was_not_read_is_not_said_to_be_silent() -> None:
    # The manual of procedures exists (its table of contents was seen) and could not be opened: no interpretation that it
    # may settle says « the sources do not say », each names it; and its rules on sanctions have their place, empty.
    validity = Tables().validity
    (manual,) = validity.unread
    assert set(manual.sections) == {"2.6", "2.7", "2.8", "5", "6.4"}
    assert manual.source.dated == "03/02/22"
    for name in manual.may_settle:
        assert "Manuel des procédures" in validity.named[name].reason.fr
        assert "manual of procedures" in validity.named[name].reason.en
    named = [item.id for item in validity.assumptions if "Manuel des procédures" in item.reason.fr]
    assert sorted(named) == sorted(manual.may_settle)
    silent = [item.id for item in validity.assumptions if "sources ne " in item.reason.fr]
    assert silent == []
    sanctions = validity.sanctions
    assert (sanctions.warning, sanctions.suspension, sanctions.withdrawal) == (None, None, None)
