"""A sentence: its template, its values, its neutral form, and what it shares with its equals."""

import copy
import pickle
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from opqibi_rules.messages import Formatter, Message, Text, in_currency, marked, plural
from opqibi_rules.paper.language import Language


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (Message("Nothing to fill in."), "Nothing to fill in."),
        (Message("{amount:euro}", amount=Decimal("12.50")), "12.50 €"),
        (Message("{rate:percent}", rate=Decimal("0.20")), "20 %"),
        (Message("{rate:percent}", rate=Decimal("0.085")), "8.5 %"),
        (Message("{rate:permille}", rate=Decimal("0.00080")), "0.8 ‰"),
        (Message("{rate:permille}", rate=Decimal("0.1")), "100 ‰"),
        (Message("{count:number}", count=Decimal("20.000")), "20"),
        (Message("{count:number}", count=Decimal("2.50")), "2.5"),
        (Message("{count:number}", count=3), "3"),
        (Message("{day:date}", day=date(2024, 2, 8)), "2024-02-08"),
        (Message("{what}", what=None), "None"),
        (Message("{codes}", codes=("1905", "1911")), "1905, 1911"),
        (Message("{codes:euro}", codes=[1, 2]), "1 €, 2 €"),
        (Message("{text}", text=Text("en français", "in English")), "in English"),
        (Message("Because: {why}", why=Message("{n} is odd.", n=3)), "Because: 3 is odd."),
        (Message("{{literal}} {n}", n=1), "{literal} 1"),
    ],
)
def test_the_neutral_form(message: Message, said: str) -> None:
    assert str(message) == said
    assert repr(message) == f"Message({said!r})"


@pytest.mark.parametrize(("n", "said"), [(0, "0 codes"), (1, "1 code"), (2, "2 codes")])
def test_the_form_follows_the_number(n: int, said: str) -> None:
    assert str(plural("{n} code", "{n} codes", n=n)) == said


def test_a_table_s_text_is_said_in_the_language_asked() -> None:
    text = Text(fr="barème", en="schedule")
    assert [text.said(language) for language in ("fr", "en", "de")] == ["barème", "schedule", "schedule"]


def test_equal_by_content() -> None:
    one = Message("{n} codes", n=1)
    assert one == Message("{n} codes", n=1)
    assert hash(one) == hash(Message("{n} codes", n=1))
    others: list[Any] = [
        Message("{n} codes", n=2),
        Message("{n} code", n=1),
        plural("{n} codes", "x", n=1),
        "1 codes",
    ]
    for other in others:
        assert one != other


@pytest.mark.parametrize(
    "message", [Message("{amount:euro}", amount=Decimal("12.50")), plural("{n} code", "{n} codes", n=2)]
)
def test_copied_and_pickled_it_is_the_same(message: Message) -> None:
    for other in (pickle.loads(pickle.dumps(message)), copy.copy(message), copy.deepcopy(message)):
        assert other == message
        assert str(other) == str(message)


def test_it_cannot_be_changed() -> None:
    message: Any = Message("{n}", n=1)
    with pytest.raises(AttributeError):
        message.text = "other"
    with pytest.raises(AttributeError):
        del message.many
    with pytest.raises(TypeError):
        message.values["n"] = 2
    assert str(message) == "1"


def test_a_voice_of_one_s_own() -> None:
    class Loud(Formatter):
        def say(self, message: Message) -> str:
            return self.vformat(message.text, (), message.values).upper()

        def said(self, text: Text) -> str:
            return text.fr

        def write(self, value: Any, kind: str) -> str:
            return f"<{kind}:{value}>"

    message = Message("{a:euro} {b} {c}", a=1, b=Message("so {x}", x=2), c=Text("oui", "yes"))
    assert Loud().vformat(message.text, (), message.values) == "<euro:1> SO <:2> oui"


def test_a_marked_text_stands_as_it_is() -> None:
    assert marked("The day.") == "The day."


class TestAnotherCurrency:
    TOLD = Message(
        "{what}: {n} at {price:euro}, {day:date}",
        what=Message("{due:euro} due", due=Decimal("1200.50")),
        n=Decimal(2),
        price=Decimal("3.00"),
        day=date(2026, 3, 2),
    )

    def test_amounts_and_nothing_else(self) -> None:
        told = in_currency(self.TOLD, "HUF")
        assert str(told) == "1200.50 HUF due: 2 at 3.00 HUF, 2026-03-02"
        assert told.text == self.TOLD.text
        assert Language("en").say(told) == "1,200.50\u00a0HUF due: 2 at 3.00\u00a0HUF, 2 Mar 2026"

    def test_a_plural_stays_one(self) -> None:
        told = in_currency(plural("{n} line of {x:euro}", "{n} lines of {x:euro}", n=2, x=Decimal(5)), "DKK")
        assert str(told) == "2 lines of 5 DKK"

    @pytest.mark.parametrize("currency", [None, "", "EUR"])
    def test_the_euro_changes_nothing(self, currency: str | None) -> None:
        assert in_currency(self.TOLD, currency) is self.TOLD


def test_a_number_as_each_language_writes_it() -> None:
    told = Message("{count:number}", count=Decimal("1234.50"))
    assert Language("en").say(told) == "1,234.5"
    assert Language("fr").say(told) == "1\u202f234,5"
