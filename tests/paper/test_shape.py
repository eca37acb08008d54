"""A shape: each type written in its own way, a schema that says so, and what it refuses."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from threading import Thread
from typing import Literal, NamedTuple

import pytest
from jsonschema import Draft202012Validator

from opqibi_rules.messages import Message, Text
from opqibi_rules.paper import shape
from opqibi_rules.paper.json_schema import definitions, descriptions, document_of
from opqibi_rules.paper.shape import Figure, Rate, Shape, Share, Values, Voice, added, at, first_of, handed


class Kind(StrEnum):
    ONE = "one"
    TWO = "two"


class Part(NamedTuple):
    amount: Decimal
    rate: Decimal | None = None


class Whole(NamedTuple):
    name: Text
    said: Message
    day: date | None
    parts: tuple[Part, ...]
    by_name: Mapping[int, Decimal | None]
    kind: Kind = Kind.TWO


class Listed(NamedTuple):
    names: tuple[str, ...]
    counts: Mapping[str, int]


class Told(NamedTuple):
    sentence: Message


class RatedShape(Shape, of=Part):
    """A part at a rate."""

    rate: Rate

    @classmethod
    def fits(cls, value: object) -> bool:
        return isinstance(value, Part) and value.rate is not None


class AmountShape(Shape, of=Part):
    """A part of one amount."""

    amount: Decimal


class WholeShape(Shape, of=Whole):
    """A whole, and its parts."""

    schema_version: Literal[1] = 1
    title: Text = at("name")
    said: Message
    from_: date | None = at("day")
    """The first day."""
    parts: tuple[RatedShape | AmountShape, ...]
    by_name: Mapping[str, Decimal | None]
    kind: Kind
    share: Share = at("parts")
    count: int = at(lambda whole: len(whole.parts))
    later: str | None = added()


class ShareShape(WholeShape, of=Whole):
    """The same, with a share that can be written."""

    share: Share = at(lambda whole: whole.parts[0].amount)


WHOLE = Whole(
    Text("un", "one"),
    Message("{amount:euro}", amount=Decimal("1.5")),
    date(2026, 3, 2),
    (Part(Decimal("0.2")), Part(Decimal(1), Decimal("0.00080"))),
    {1: Decimal("212.5"), 2: None},
)


def test_each_type_is_written_in_its_own_way() -> None:
    assert ShareShape.written(WHOLE, Voice(language="fr")) == {
        "schema_version": 1,
        "title": "un",
        "said": "1.5 €",
        "from": "2026-03-02",
        "parts": [{"amount": "0.20"}, {"rate": "0.00080"}],
        "by_name": {"1": "212.50", "2": None},
        "kind": "two",
        "share": "0.20",
        "count": 2,
    }
    assert ShareShape.written(WHOLE._replace(day=None), Voice())["from"] is None


def test_the_schema_says_what_is_written() -> None:
    schema = document_of(ShareShape)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    written = ShareShape.written(WHOLE, Voice())
    validator.validate(written)
    validator.validate({**written, "later": None})
    wrongs: list[dict[str, object]] = [
        {"more": 1},
        {"kind": "three"},
        {"by_name": {"1": 2}},
        {"from": 3},
        {"parts": [{}]},
    ]
    for wrong in wrongs:
        assert not validator.is_valid({**written, **wrong}), wrong
    assert not validator.is_valid({key: value for key, value in written.items() if key != "from"})
    assert schema["properties"]["from"]["description"] == "The first day."
    assert schema["description"] == "The same, with a share that can be written."
    assert descriptions(ShareShape)["from_"] == "The first day."


def test_parts_are_described_once_wherever_they_are_referred_to() -> None:
    parts = definitions([ShareShape], "#/components/schemas/{}")
    assert set(parts) == {"Share", "Rated", "Amount"}
    assert parts["Share"]["properties"]["parts"]["items"]["anyOf"] == [
        {"$ref": "#/components/schemas/Rated"},
        {"$ref": "#/components/schemas/Amount"},
    ]


def test_a_figure_keeps_its_digits() -> None:
    class FigureShape(Shape, of=Part):
        amount: Figure

    assert FigureShape.written(Part(Decimal("5")), Voice()) == {"amount": "5"}


class Held(NamedTuple):
    whole: Whole | None
    amounts: tuple[Decimal | None, ...] = ()


def test_a_path_ends_at_the_first_null() -> None:
    class HeldShape(Shape, of=Held):
        day: date | None = at("whole.day")
        title: Text | None = at("whole.name")
        first: RatedShape | AmountShape | None = at(lambda held: held.whole and held.whole.parts[0])

    assert HeldShape.written(Held(None), Voice()) == {"day": None, "title": None, "first": None}
    assert HeldShape.written(Held(WHOLE), Voice()) == {
        "day": "2026-03-02",
        "title": "one",
        "first": {"amount": "0.20"},
    }
    assert HeldShape.written(Held(WHOLE._replace(day=None)), Voice())["day"] is None


def test_a_number_is_written_without_an_exponent() -> None:
    class ExactShape(Shape, of=Held):
        figures: tuple[Figure | None, ...] = at("amounts")
        amounts: tuple[Decimal | None, ...]

    # Its exponent, how many digits it has and its sign change nothing to how it is written.
    given = {
        "1E+3": ("1000", "1000.00"),
        "0E-8": ("0.00000000", "0.00"),
        "-1.50E-7": ("-0.000000150", "-0.00000015"),
        "0.000800": ("0.000800", "0.0008"),
        "12.3": ("12.3", "12.30"),
        "86.00": ("86.00", "86.00"),
        "-7": ("-7", "-7.00"),
    }
    written = ExactShape.written(Held(None, (*map(Decimal, given), None)), Voice())
    assert written["figures"] == [*(figure for figure, _ in given.values()), None]
    assert written["amounts"] == [*(amount for _, amount in given.values()), None]


def test_a_type_without_json_is_refused() -> None:
    class OddShape(Shape, of=Part):
        amount: complex

    with pytest.raises(TypeError, match="complex"):
        OddShape.written(Part(Decimal(1)), Voice())


def test_what_recurs_is_written_once_and_given_anew_each_time() -> None:
    class ListedShape(Shape, of=Listed, recurs=True):
        names: tuple[str, ...]
        counts: Mapping[str, int]

    listed = Listed(("one",), {"one": 1})
    first = ListedShape.written(listed, Voice())
    first["names"].append("two")
    first["counts"]["two"] = 2
    first["more"] = 3
    second = ListedShape.written(listed, Voice())
    assert second == {"names": ["one"], "counts": {"one": 1}}
    assert ListedShape.written(Listed((), {}), Voice()) == {"names": [], "counts": {}}


def test_what_a_sentence_names_is_given_anew_however_deep_it_stands() -> None:
    class NamedShape(Shape, of=Told):
        names: Values = at("sentence")

    told = Told(Message("{bases}", bases=(Text("un", "one"), Text("deux", "two"))))
    whole = {"names": {"bases": [{"fr": "un", "en": "one"}, {"fr": "deux", "en": "two"}]}}
    for _ in range(4):
        given = NamedShape.written(told, Voice())
        assert given == whole
        given["names"]["bases"][0]["fr"] = "changed"
        given["names"]["bases"].pop()


class Numbered(NamedTuple):
    parts: Mapping[str, Part]


def test_the_first_of_another_key_is_a_copy() -> None:
    class NumberedShape(Shape, of=Numbered):
        first: AmountShape | None = first_of("parts")
        parts: Mapping[str, AmountShape]

    given = NumberedShape.written(Numbered({"a": Part(Decimal(1)), "b": Part(Decimal(2))}), Voice())
    assert list(given) == ["first", "parts"]
    given["first"]["amount"] = "changed"
    assert given["parts"] == {"a": {"amount": "1.00"}, "b": {"amount": "2.00"}}
    assert NumberedShape.written(Numbered({}), Voice()) == {"first": None, "parts": {}}


def test_a_message_is_said_in_each_voice_it_is_asked_in() -> None:
    class ToldShape(Shape, of=Told):
        sentence: Message

    told = Told(Message("File of {amount:euro}", amount=Decimal("86")))
    spoken = [ToldShape.written(told, Voice(say))["sentence"] for say in (str, lambda m: m.text.upper(), str)]
    assert spoken == ["File of 86 €", "FILE OF {AMOUNT:EURO}", "File of 86 €"]
    # Others in great number do not change what is said again.
    many = [Told(Message("{n} files", n=n)) for n in range(10_000)]
    assert [ToldShape.written(item, Voice())["sentence"] for item in many] == [
        f"{n} files" for n in range(10_000)
    ]
    assert ToldShape.written(told, Voice())["sentence"] == "File of 86 €"
    # Nor do other voices, be there many; each is asked twice, then once more.
    voices = [Voice(lambda message, n=n: f"{n}: {message.text}") for n in range(50)]  # type: ignore[misc] # mypy: a default
    for voice, n in [*zip(voices, range(50), strict=True)] * 3:
        assert ToldShape.written(told, voice)["sentence"] == f"{n}: File of {{amount:euro}}"


class Owned(NamedTuple):
    parts: tuple[Part, ...]
    owner: str


def test_what_its_holder_knows_stands_in_each_item_even_one_written_before() -> None:
    class OwnedPartShape(Shape, of=Part, recurs=True):
        amount: Decimal
        owner: str = handed()

    class OwnedShape(Shape, of=Owned):
        parts: tuple[OwnedPartShape, ...] = at("parts", handing="owner")

    part = Part(Decimal(1))
    for owner in ("one", "two"):
        written = OwnedShape.written(Owned((part, part), owner), Voice())
        assert written == {"parts": [{"amount": "1.00", "owner": owner}] * 2}
    assert document_of(OwnedShape)["$defs"]["OwnedPart"]["required"] == ["amount", "owner"]


def test_several_threads_may_ask_for_the_first_one_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was half made was once another thread's to use, and called itself without end."""

    class AskedAtOnce(Shape, of=Part):
        amount: Decimal

    made, told = shape._compiled, list[object]()
    other = Thread(target=lambda: told.append(AskedAtOnce.written(Part(Decimal(1)), Voice())))

    def slowly(cls: type[Shape]) -> object:
        other.start()
        other.join(0.1)  # it waits, for this one
        return made(cls)

    monkeypatch.setattr(shape, "_compiled", slowly)
    assert AskedAtOnce.written(Part(Decimal(2)), Voice()) == {"amount": "2.00"}
    other.join(20)
    assert told == [{"amount": "1.00"}]
