"""A malformed table: each mistake with its path and line, all of them at once."""

import pytest

from opqibi_rules.errors import FileError, RequestError, TableError
from opqibi_rules.messages import Message
from opqibi_rules.tables.check import checked_table
from opqibi_rules.tables.description import Like
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.together import checked_together
from tests.tables.editing import FACTS, SOURCE, edited, line_of, nomenclature, shipped, vat

SCHEDULE = "bareme_2024.yaml"
TRANCHE = '          - {{ above: "{}", up_to: {}, rate: "{}" }}\n'


def mistakes(text: str) -> list[tuple[str, int | None, str]]:
    with pytest.raises(FileError) as raised:
        checked_table(text.encode(), "t.yaml")
    return [(item.path, item.line, str(item.message)) for item in raised.value.mistakes]


def one_mistake(*changes: tuple[str, str], name: str = SCHEDULE) -> tuple[str, int | None, str]:
    (found,) = mistakes(edited(name, *changes))
    return found


@pytest.mark.parametrize("name", [SCHEDULE, "nomenclature.yaml", "validity.yaml", "vat.yaml"])
def test_ours_are_right(name: str) -> None:
    content = checked_table(shipped(name).encode(), name)
    assert content["id"] == name.removesuffix(".yaml")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a list",
        "[]",
        "kind: price",
        "kind:",
        "kind: [schedule]",
        "kind: {a: b}",
        "- kind: schedule",
        "id: x",
    ],
)
def test_a_table_says_its_kind(text: str) -> None:
    ((_, line, message),) = mistakes(text)
    assert message.startswith("kind: schedule, nomenclature, validity, vat")
    assert message.endswith(" expected; a table of facts says which kind it is.")
    assert line == (1 if text else None)


PRICE = 'expected an amount in euros with a point, such as "212.50".'
FIRST = '"1": "60.00"'


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('"1": "1,5"', f"« 1,5 »; {PRICE}"),
        ('"1": 1,5', f"« 1,5 »; {PRICE}"),
        ('"1": "60 €"', f"« 60 € »; {PRICE}"),
        ('"1": "-60"', f"« -60 »; {PRICE}"),
        ('"1": "60.001"', f"« 60.001 »; {PRICE}"),
        ('"1": 1e3', f"« 1e3 »; {PRICE}"),
        ('"1": .inf', f"« .inf »; {PRICE}"),
        ('"1": 1_000', f"« 1_000 »; {PRICE}"),
        ('"1": "1234567890123"', f"« 1234567890123 »; {PRICE}"),
        ('"1": null', f"« null »; {PRICE}"),
        ('"1": [60]', f"« ['60'] »; {PRICE}"),
        ('"1": true', f"« True »; {PRICE}"),
        ('"1": ١٢', f"« ١٢ »; {PRICE}"),
    ],
)
def test_an_amount_is_written_with_a_point(written: str, message: str) -> None:
    text = edited(SCHEDULE, (FIRST, written))
    expected = ("$.prices[0].by_tariff.1", line_of(text, written), message)
    assert mistakes(text) == [expected]


@pytest.mark.parametrize("key", ['"0"', '"01"', '"100"', '"one"', '"-1"', '"1.0"'])
def test_a_tariff_code_is_a_whole_number(key: str) -> None:
    text = edited(SCHEDULE, (FIRST, f'{key}: "60.00"'))
    (found,) = mistakes(text)
    word = key.strip('"')
    assert found == (
        f"$.prices[0].by_tariff.{word}",
        line_of(text, f'{key}: "60.00"'),
        f"« {word} »; expected a tariff code: a whole number from 1.",
    )


@pytest.mark.parametrize("rate", ["1.5", "0,8", "80 %", "-0.1", "0.00000001", "2"])
def test_a_rate_is_from_0_to_1(rate: str) -> None:
    path, line, message = one_mistake(('rate: "0.00080"', f'rate: "{rate}"'))
    assert path == "$.fees[2].parts[0].tranches[0].rate"
    assert line == line_of(shipped(SCHEDULE), 'rate: "0.00080"')
    assert message == f'« {rate} »; expected a rate from 0 to 1 with a point, such as "0.00080".'


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        ("    billed: notification", "    biled: notification", "$.fees[2].biled", "not a known field; check its spelling or remove it."),
        ('id: file\n        article: "I"', 'id: file\n        article: ""', "$.fees[0].parts[0].article", "«  »; expected a text."),
        ('        amount: "86.00"\n', "", "$.fees[0].parts[0].amount", "missing; it must be given."),
        ('floor: { article: "III", amount: "180.00" }', 'floor: "180"', "$.fees[2].parts[0].floor", "a group of fields expected."),
        ('unit: "0.01"', 'unit: "0.1"', "$.rounding.unit", "'0.01' expected."),
        ("mode: half_up", "mode: half_even", "$.rounding.mode", "'half_up' expected."),
        ('in_force_from: "2024-02-08"', 'in_force_from: "08/02/2024"', "$.in_force_from",
         "« 08/02/2024 »; expected a day, as 2024-02-08."),
        ('in_force_from: "2024-02-08"', 'in_force_from: "2024-02-30"', "$.in_force_from",
         "not a day of the calendar."),
        ("in_force_until: null", 'in_force_until: "2024-02-07"', "$.in_force_until", "ends before it starts."),
        ("id: bareme_2024", "id: Barème 2024", "$.id",
         "« Barème 2024 »; expected small letters, digits, - and _."),
        ("reliability: opqibi", "reliability: sure", "$.sources[0].reliability",
         "'opqibi', 'law', 'administration', 'press', 'third_party', 'user' expected."),
        ('["0607", "1717", "1905", "1911"]', '["607", "1717", "1905", "1911"]',
         "$.fees[2].parts[0].exceptions[0].held_only[0]", '« 607 »; expected a code of four digits, such as "0607".'),
        ('["0607", "1717", "1905", "1911"]', '"0607"', "$.fees[2].parts[0].exceptions[0].held_only", "a list expected."),
        ("  years: 4", "  years: four", "$.fees[2].years", "« four »; expected a whole number."),
        ("  years: 4", "  years: 0", "$.fees[2].years", "at least one year is expected."),
        ('floor: { article: "III", amount: "180.00" }', 'floor: { article: "III", amount: "40000.01" }',
         "$.fees[2].parts[0].floor.amount", "the floor is over the cap."),
        ("id: continuous-tranches", "id: in-force-from-its-date", "$.assumptions[1].id", "given twice; keep one."),
        ("    tariffs: [5, 7]", "    tariffs: [5, 0]", "$.assumptions[9].tariffs[1]",
         "« 0 »; expected a tariff code: a whole number from 1."),
    ],
)  # fmt: skip
def test_one_wrong_word_in_a_schedule(old: str, new: str, path: str, message: str) -> None:
    found = mistakes(edited(SCHEDULE, (old, new)))
    assert (path, message) in [(item[0], item[2]) for item in found]
    assert all(item[1] is not None for item in found)


def test_no_source_is_a_mistake() -> None:
    ((path, _, message),) = mistakes(nomenclature('code: "1905"').replace(f"[{SOURCE}]", "[]"))
    assert (path, message) == ("$.sources", "empty; at least one is expected.")


def test_all_the_mistakes_are_said_together_in_the_order_of_the_file() -> None:
    text = edited(
        SCHEDULE,
        ('amount: "86.00"', 'amount: "86,00"'),
        ('"7": "265.00"', '"7": ""'),
        ('rate: "0.00025"', 'rate: "25"'),
        ('amount: "375.00"', 'amounts: "375.00"'),
    )
    assert [(path, line) for path, line, _ in mistakes(text)] == [
        ("$.prices[0].by_tariff.7", line_of(text, '"7": ""')),
        ("$.fees[0].parts[0].amount", line_of(text, "86,00")),
        ("$.fees[2].parts[0].tranches[4].rate", line_of(text, 'rate: "25"')),
        ("$.fees[3].parts[2].amount", line_of(text, "id: new_flat") - 1),
        ("$.fees[3].parts[2].amounts", line_of(text, "amounts:")),
    ]


class TestTranches:
    """They follow one another, without gap nor overlap, and only the last has no limit."""

    def with_tranches(self, *tranches: tuple[str, str, str]) -> list[tuple[str, str]]:
        text = shipped(SCHEDULE)
        start, end = text.index('          - { above: "0"'), text.index("        floor:")
        lines = "".join(TRANCHE.format(*tranche) for tranche in tranches)
        found = mistakes(text[:start] + lines + text[end:])
        assert all(line is not None and line >= line_of(text, "        tranches:") for _, line, _ in found)
        return [(path.removeprefix("$.fees[2].parts[0].tranches"), message) for path, _, message in found]

    def test_a_missing_one_leaves_a_gap(self) -> None:
        assert self.with_tranches(
            ("0", '"250000"', "0.0008"), ("800000", '"3000000"', "0.0005"), ("3000000", "null", "0.0004")
        ) == [
            (
                "[1].above",
                "starts above 800000 € where the tranche before ends at 250000 €; "
                "tranches follow one another, without gap nor overlap.",
            )
        ]

    def test_the_first_may_start_above_zero(self) -> None:
        text = edited(SCHEDULE, ('above: "0"', 'above: "100"'))
        assert checked_table(text.encode(), "t.yaml")

    def test_overlapping_ones(self) -> None:
        ((path, message),) = self.with_tranches(("0", '"250000"', "0.0008"), ("249999", "null", "0.0005"))
        assert path == "[1].above"
        assert message.startswith("starts above 249999 € where the tranche before ends at 250000 €")

    def test_the_french_writing_of_whole_euros_leaves_a_gap_too(self) -> None:
        ((path, _),) = self.with_tranches(("0", '"250000"', "0.0008"), ("250001", "null", "0.0005"))
        assert path == "[1].above"

    def test_unordered_ones(self) -> None:
        found = self.with_tranches(
            ("250000", '"800000"', "0.00065"), ("0", '"250000"', "0.0008"), ("800000", "null", "0.0005")
        )
        assert [path for path, _ in found] == ["[1].above", "[2].above"]

    @pytest.mark.parametrize("end", ['"250000"', '"0"'])
    def test_one_that_ends_where_it_starts_or_before(self, end: str) -> None:
        found = self.with_tranches(
            ("0", '"250000"', "0.0008"), ("250000", end, "0.0006"), ("250000", "null", "0")
        )
        assert ("[1].up_to", "ends where it starts, or before.") in found

    def test_the_last_has_no_limit(self) -> None:
        assert self.with_tranches(("0", '"250000"', "0.0008"), ("250000", '"800000"', "0.00065")) == [
            ("[1].up_to", "the last tranche has a limit; without « up_to: null », no fee is known above.")
        ]

    def test_only_the_last_has_no_limit(self) -> None:
        assert self.with_tranches(("0", "null", "0.0008"), ("250000", "null", "0.00065")) == [
            ("[1]", "a tranche after the one without limit; only the last has none.")
        ]

    def test_a_schedule_has_at_least_one(self) -> None:
        text = shipped(SCHEDULE)
        start, end = text.index("        tranches:"), text.index("        floor:")
        assert mistakes(text[:start] + "        tranches: []\n" + text[end:]) == [
            (
                "$.fees[2].parts[0].tranches",
                line_of(text, "        tranches:"),
                "empty; at least one is expected.",
            )
        ]

    def test_one_alone_is_enough(self) -> None:
        text = shipped(SCHEDULE)
        start, end = text.index('          - { above: "0"'), text.index("        floor:")
        text = text[:start] + TRANCHE.format("0", "null", "0.001") + text[end:]
        content = checked_table(text.encode(), "t.yaml")
        assert len(content["fees"][2]["parts"][0]["tranches"]) == 1

    def test_a_floor_equal_to_the_cap_is_possible(self) -> None:
        text = edited(SCHEDULE, ('amount: "180.00"', 'amount: "40000.00"'))
        assert checked_table(text.encode(), "t.yaml")


def test_a_tariff_has_a_price_in_every_list() -> None:
    for_control = edited(SCHEDULE, ('      "4": "212.50"\n', ""))
    message = "tariff 4 has no price here, and has one elsewhere."
    assert mistakes(for_control)[0][0::2] == ("$.prices[1].by_tariff", message)
    for_instruction = edited(SCHEDULE, ('      "4": "850.00"\n', ""))
    assert mistakes(for_instruction)[0][0::2] == ("$.prices[0].by_tariff", message)


def test_a_code_stands_once_in_a_nomenclature() -> None:
    text = nomenclature('code: "1905"', 'code: "0607"', 'code: "1905", tariff: 5')
    assert mistakes(text) == [("$.entries[2].code", 12, "given twice; keep one.")]


@pytest.mark.parametrize(
    ("entry", "path", "message"),
    [
        ("code: 607", "code", '« 607 »; expected a code of four digits, such as "0607".'),
        ('code: "0607", tariff: five', "tariff", "« five »; expected a tariff code: a whole number from 1."),
        ('code: "0607", rge: maybe', "rge", "true or false expected."),
        ('code: "0607", rge: [true]', "rge", "true or false expected."),
        (
            'code: "0607", entails: ["60"]',
            "entails[0]",
            '« 60 »; expected a code of four digits, such as "0607".',
        ),
        ('code: "0607", name: ""', "name", "«  »; expected a text."),
        ("name: no code", "code", "missing; it must be given."),
    ],
)
def test_a_wrong_entry_of_a_nomenclature(entry: str, path: str, message: str) -> None:
    assert mistakes(nomenclature('code: "1905"', entry)) == [(f"$.entries[1].{path}", 11, message)]


def test_a_code_keeps_its_leading_zero_quoted_or_not() -> None:
    text = nomenclature("code: 0607, tariff: 5")
    content = checked_table(text.encode(), "t.yaml")
    assert (content["entries"][0]["code"], content["entries"][0]["tariff"]) == ("0607", 5)


def test_a_wrong_territory() -> None:
    text = vat(
        'id: here, name: {fr: Ici, en: Here}, rate: "20", treatment: usual, in_force_from: "2024-01-01"'
    )
    assert [(path, message) for path, _, message in mistakes(text)] == [
        ("$.territories[0].rate", '« 20 »; expected a rate from 0 to 1 with a point, such as "0.00080".'),
        ("$.territories[0].treatment", "'standard', 'no_vat', 'reverse_charge' expected."),
    ]


def test_what_a_territory_cannot_be() -> None:
    start = "id: here, name: {fr: Ici, en: Here}, treatment: "
    text = vat(
        start + 'standard, rate: "0.2", in_force_from: "2024-01-01", in_force_until: "2023-12-31"',
        start + 'standard, rate: "0.1", in_force_from: "2024-01-01", in_force_until: "2024-01-01"',
        start + 'no_vat, rate: "0.1", in_force_from: "2025-01-01"',
        start + 'reverse_charge, rate: "0.0", in_force_from: "2026-01-01"',
    )
    assert [(path, message) for path, _, message in mistakes(text)] == [
        ("$.territories[0].in_force_until", "ends before it starts."),
        ("$.territories[1].id", "given twice; keep one."),
        ("$.territories[2].rate", "a rate where no VAT is billed; write 0."),
    ]


def test_an_end_on_the_first_day_is_possible() -> None:
    text = nomenclature('code: "1905"').replace(FACTS, FACTS + 'in_force_until: "2025-01-01"\n')
    assert checked_table(text.encode(), "t.yaml")["in_force_until"] == "2025-01-01"


def test_no_file_at_all_is_nothing_to_check() -> None:
    with pytest.raises(TableError, match="No table to check"):
        checked_together([], Tables())


def test_a_whole_number_is_a_number_or_its_text() -> None:
    whole = Like("[0-9]{1,4}", Message("a whole number"), {"type": "integer"})
    assert whole.check("28") == "28"
    assert whole.check(28) == "28"
    with pytest.raises(RequestError):
        whole.check(-1)
