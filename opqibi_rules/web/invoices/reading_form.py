"""The form beside the picture of a document: each value that was read, where it stands, what is to be confirmed."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from opqibi_rules.desk.value_names import label_of
from opqibi_rules.messages import Message
from opqibi_rules.money import plain
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.paper.text import one_line

VALUE = re.compile(r"value-([0-9]{1,3})-([a-z_]{1,40}(?:[.][0-9]{1,3}[.][a-z_]{1,40})?)")
"""The name of an input: the place of the document in the parcel, and the key of the value."""

_TEXTS = frozenset({"number", "type", "currency", "iban", "name"})
_MARGIN = (48.0, 4.0)
"""Points shown beside a value, and above and below it, where it is shown alone."""


class Frame(NamedTuple):
    """A rectangle of a page, in points."""

    left: float
    top: float
    width: float
    height: float

    @property
    def around(self) -> "Frame":
        """The same with what stands round it."""
        across, down = _MARGIN
        return Frame(self.left - across, self.top - down, self.width + 2 * across, self.height + 2 * down)


class Value(NamedTuple):
    """One value, as the form shows it."""

    id: str
    label: str
    text: str
    """As it was read, or as the reader has typed it."""
    to_confirm: bool
    why: str | None
    others: Sequence[str]
    """What else it may be."""
    right: bool
    """The reader says so."""
    said: bool
    """The reader has said it before."""
    page: int | None
    number: int
    """Of its place on the picture; values that stand at one place share it; 0: it has none."""
    frame: Frame | None


class PagePicture(NamedTuple):
    """A page, with the places of its values: each once, for the first that stands there."""

    number: int
    width: float
    height: float
    picture: str
    """A JPEG, in base 64."""
    places: Sequence[Value]


class ReadingForm(NamedTuple):
    """A document that was read from its pages."""

    place: int
    """In the parcel."""
    file: str
    to_confirm: Sequence[Value]
    read: Sequence[Value]
    pages: Sequence[PagePicture]


def reading_form(
    reading: Json,
    typed: Mapping[int, Mapping[str, str]],
    right: Mapping[int, Sequence[str]],
    mistaken: Sequence[Json],
    voice: Language,
) -> ReadingForm:
    """The form of what the desk says of a document; what the reader typed wrong stands there as typed."""
    place = reading["place"]
    wrong = {item["key"] for item in mistaken if item["place"] == place}
    numbers: dict[tuple[object, ...], int] = {}
    values = []
    for field in sorted(reading["fields"], key=lambda field: not field["to_confirm"]):
        key = field["key"]
        frame, page = _frame(field["box"]), field["page"]
        values.append(
            Value(
                id=f"value-{place}-{key}",
                label=voice.say(label_of(key)),
                text=typed[place][key] if key in wrong else written(key, field["value"], voice.name),
                to_confirm=field["to_confirm"],
                why=field["why"],
                others=_others(field, voice),
                right=key in right.get(place, ()),
                said=key in reading["confirmed"],
                page=page,
                number=numbers.setdefault((page, frame), len(numbers) + 1) if frame else 0,
                frame=frame,
            )
        )
    return ReadingForm(
        place,
        reading["file"],
        [value for value in values if value.to_confirm],
        [value for value in values if not value.to_confirm],
        [PagePicture(**page, places=_places(values, page["number"])) for page in reading["pages"]],
    )


def _places(values: Sequence[Value], page: int) -> list[Value]:
    found: dict[int, Value] = {}
    for value in values:
        if value.page == page and value.frame:
            found.setdefault(value.number, value)
    return list(found.values())


def _frame(box: Json | None) -> Frame | None:
    if box is None:
        return None
    left, top = box["left"], box["top"]
    return Frame(left, top, round(box["right"] - left, 1), round(box["bottom"] - top, 1))


def _others(field: Json, voice: Language) -> list[str]:
    """The other values that it may have, each once."""
    found = (written(field["key"], item["value"], voice.name) for item in field["candidates"])
    return [
        text for text in dict.fromkeys(found) if text != written(field["key"], field["value"], voice.name)
    ]


def mistake_of(mistaken: Json, voice: Language) -> dict[str, str | None]:
    """What is wrong with a value, for its field and for the list of all that is wrong."""
    place, key, reason = mistaken["place"], mistaken["key"], mistaken["reason"]
    told = Message("{first}: {part}", first=label_of(key), part=reason)
    return {"input": f"value-{place}-{key}", "reason": voice.say(told)}


def written(key: str, value: str | None, language: str) -> str:
    """A value of a JSON answer as its reader types it: « 1246,00 », « 21/03/2026 », « 20 % »."""
    name = key.rpartition(".")[2]
    if value is None or name in _TEXTS or name.startswith(("seller", "buyer")):
        return one_line(value or "")
    if name in {"date", "due_date"}:
        return date.fromisoformat(value).strftime("%d/%m/%Y") if language == "fr" else value
    if name in {"rate", "vat_rate"}:
        value = f"{plain(Decimal(value) * 100).removesuffix('.00')} %"
    if name == "quantity":
        value = value.removesuffix(".00")
    return value.replace(".", ",") if language == "fr" else value
