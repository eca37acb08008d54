"""How each language writes amounts, rates and days: Babel says how, a hostile caller changes nothing."""

import copy
import decimal
import pickle
from datetime import date
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.messages import Message, Text, plural
from opqibi_rules.paper.language import LANGUAGES, Language, chosen_language
from opqibi_rules.paper.text import harmless

FR, EN = Language("fr"), Language("en")
CENTS = st.integers(0, 10**14).map(lambda cents: Decimal(cents).scaleb(-2))


def test_a_language_is_a_value() -> None:
    FR.say(Message("VAT"))  # its catalogue is read
    for same in (Language("fr"), pickle.loads(pickle.dumps(FR)), copy.copy(FR), copy.deepcopy(FR)):
        assert (same, hash(same), same.say(Message("VAT"))) == (FR, hash(FR), FR.say(Message("VAT")))
    assert FR != EN
    assert {FR: 1, EN: 2}[Language("en")] == 2
    with pytest.raises(AttributeError):
        EN.name = "fr"  # type: ignore[misc] # what a hostile caller does


@given(CENTS)
def test_an_amount_in_a_column_is_written_as_babel_writes_a_currency(amount: Decimal) -> None:
    assert FR.amount(amount) == format_currency(amount, "EUR", locale="fr_FR")
    assert EN.amount(amount) == format_currency(amount, "EUR", locale="en_GB")
    assert EN.amount(-amount - 1) == format_currency(-amount - 1, "EUR", locale="en_GB")


@given(CENTS)
def test_an_amount_in_a_sentence_leaves_out_cents_that_are_not_there(amount: Decimal) -> None:
    whole = amount == amount.to_integral_value()
    for language, locale in ((FR, "fr_FR"), (EN, "en_GB")):
        number = format_decimal(amount, "#,##0" if whole else "#,##0.00", locale=locale)
        assert number in language.euro(amount)


@given(st.dates(date(1000, 1, 1)))
def test_a_day_as_babel_writes_it_the_month_in_letters(day: date) -> None:
    french = format_date(day, "medium", locale="fr_FR")
    assert FR.day(day) == (french.replace("1 ", "1er ", 1) if day.day == 1 else french)
    assert EN.day(day) == format_date(day, "medium", locale="en_GB")


@given(st.integers(0, 10_000).map(lambda points: Decimal(points).scaleb(-4)))
def test_a_rate_as_babel_writes_a_percentage(rate: Decimal) -> None:
    assert FR.write(rate, "percent") == format_percent(
        rate, "#,##0.##\N{NARROW NO-BREAK SPACE}%", locale="fr_FR"
    )
    assert EN.write(rate, "percent") == format_percent(rate, "#,##0.##%", locale="en_GB")


@pytest.mark.parametrize(
    ("language", "message", "said"),
    [
        (FR, Message("{amount:euro}", amount=Decimal("1160.00")), "1 160 €"),
        (FR, Message("{amount:euro}", amount=Decimal("0.0049985")), "0,0049985 €"),
        (FR, Message("{rate:permille}", rate=Decimal("0.00080")), "0,80 ‰"),
        (FR, Message("{day:date}", day=date(2024, 2, 8)), "8 févr. 2024"),
        (EN, Message("{amount:euro}", amount=Decimal("1160.50")), "€1,160.50"),
        (EN, Message("{amount:euro}", amount=Decimal(-5)), "-€5"),
        (EN, Message("{rate:permille}", rate=Decimal("0.00065")), "0.65‰"),
        (EN, Message("{day:date}", day=date(2024, 2, 8)), "8 Feb 2024"),
        (FR, Message("{text}", text=Text("oui", "yes")), "oui"),
        (EN, Message("{text}", text=Text("oui", "yes")), "yes"),
        (FR, Message("{inner}", inner=Message("yes")), "oui"),
        (EN, plural("{n} code", "{n} codes", n=1), "1 code"),
        (EN, plural("{n} code", "{n} codes", n=2), "2 codes"),
        (FR, Message("no catalogue has this {n}", n=1), "no catalogue has this 1"),
    ],
)
def test_a_sentence(language: Language, message: Message, said: str) -> None:
    found = language.say(message).replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert found == said


def test_french_counts_zero_and_one_as_singular() -> None:
    message = [
        plural(
            "The tariff code of {codes} is not known. {ways}",
            "The tariff codes of {codes} are not known. {ways}",
            n=n,
            codes=(),
            ways="",
        )
        for n in (0, 1, 2)
    ]
    assert [FR.say(item).startswith("Le code") for item in message] == [True, True, False]


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_hostile_decimal_context_changes_no_amount(name: str) -> None:
    language = Language(name)
    amount, rate = Decimal("149170000.55"), Decimal("0.00065")
    expected = (language.amount(amount), language.euro(amount), language.write(rate, "permille"))
    with decimal.localcontext(decimal.Context(prec=3, rounding=decimal.ROUND_UP, traps=[decimal.Inexact])):
        found = (language.amount(amount), language.euro(amount), language.write(rate, "permille"))
    assert found == expected


@given(st.text())
def test_no_control_character_is_left(text: str) -> None:
    shown = harmless(text)
    assert all(char in "\t\n" or not (ord(char) < 32 or 127 <= ord(char) < 160) for char in shown)


@given(
    st.none() | st.sampled_from(["fr", "en", "de", ""]),
    st.dictionaries(st.sampled_from(["OPQIBI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]), st.text()),
)
def test_there_is_always_a_language(option: str | None, environment: dict[str, str]) -> None:
    assert chosen_language(option, environment) in LANGUAGES
    if option in LANGUAGES:
        assert chosen_language(option, environment) == option
