"""French or English: sentences through the catalogue, amounts and dates as the language writes them.

English is the language of the source, so that its catalogue is the code itself; ``locale/fr.po`` holds the
French, compiled to ``fr.mo``. A test checks that both say the same things.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any

from opqibi_rules.messages import Formatter, InCurrency, Message, Text
from opqibi_rules.money import EXACT
from opqibi_rules.paper.files import of_the_package

if TYPE_CHECKING:
    from gettext import NullTranslations

LANGUAGES = ("fr", "en")
_LOCALES = {"fr": "fr_FR", "en": "en_GB"}


def chosen_language(option: str | None, environment: Mapping[str, str]) -> str:
    """The language of the reader: the option, else ``OPQIBI_LANG``, else the locale, else French."""
    for wanted in (option, environment.get("OPQIBI_LANG")):
        if wanted in LANGUAGES:
            return str(wanted)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name, ""):
            return "en" if value.lower().startswith("en") else "fr"
    return "fr"


@dataclass(frozen=True)
class Language(Formatter):
    """One language, as a voice for messages: ``Language("fr").say(message)``; equal to another of the same name."""

    name: str

    def __getstate__(self) -> dict[str, object]:
        return {"name": self.name}  # its catalogue is read again where it arrives

    @cached_property
    def _catalogue(self) -> "NullTranslations":
        import gettext  # noqa: PLC0415 - only who is answered in words

        if self.name == "en":
            return gettext.NullTranslations()
        with (of_the_package("locale") / f"{self.name}.mo").open("rb") as file:
            return gettext.GNUTranslations(file)

    def say(self, message: Message) -> str:
        """The sentence in this language."""
        if message.many is None:
            template = self._catalogue.gettext(message.text)
        else:
            template = self._catalogue.ngettext(message.text, message.many, message.count)
        return self.vformat(template, (), message.values)

    def letter(self, paragraphs: Iterable[Message]) -> list[str]:
        """The paragraphs of a letter, in the quotation marks of its language: our sentences have the French ones."""
        said = map(self.say, paragraphs)
        return [text.replace("« ", "“").replace(" »", "”") if self.name == "en" else text for text in said]

    def said(self, text: Text) -> str:
        """A table's own text in this language."""
        said = text.said(self.name)
        return (
            said.replace("« ", "«\N{NO-BREAK SPACE}").replace(" »", "\N{NO-BREAK SPACE}»")
            if self.name == "fr"
            else said
        )

    def write(self, value: Any, kind: str) -> str:
        """An amount, a rate or a day as this language writes it."""
        if not kind:
            return super().write(value, kind)
        if kind in {"date", "long_date"}:
            return self.day(value, in_full=kind == "long_date")
        if kind == "euro":
            return self.euro(value)
        if kind == "number":
            return self.number(value)
        scale, sign = (1000, "‰") if kind == "permille" else (100, "%")
        space = "\N{NARROW NO-BREAK SPACE}" if self.name == "fr" else ""
        number = self.number(EXACT.multiply(value, Decimal(scale)), decimals=2 * (scale == 1000))
        return f"{number}{space}{sign}"

    def number(self, value: Decimal | int, *, decimals: int = 0, most: int = 10) -> str:
        """A number with at least ``decimals`` and at most ``most`` decimals."""
        from babel.numbers import format_decimal  # noqa: PLC0415 - 60 ms that a result without a sentence does not pay

        pattern = f"#,##0.{'0' * decimals}{'#' * (most - decimals)}"
        with localcontext(EXACT):  # Babel computes in the caller's context, which may round to three digits
            return str(format_decimal(value, format=pattern, locale=_LOCALES[self.name]))

    def euro(self, amount: Decimal | int | InCurrency) -> str:
        """An amount: two decimals, more where it has more, none where it is whole thousands in a sentence."""
        if isinstance(amount, InCurrency):
            return f"{self.number(amount.amount, decimals=2)}\N{NO-BREAK SPACE}{amount.currency}"
        whole = amount == int(amount)
        return self._with_currency(self.number(amount, decimals=0 if whole else 2))

    def amount(self, amount: Decimal) -> str:
        """An amount in a column: two decimals, or more where it has more."""
        return self._with_currency(self.number(amount, decimals=2))

    def _with_currency(self, text: str) -> str:
        return f"{text}\N{NO-BREAK SPACE}€" if self.name == "fr" else f"€{text}".replace("€-", "-€")

    def day(self, day: date, *, in_full: bool = False) -> str:
        """A day, the month in letters: no reader can take the month for the day; ``in_full``, as a letter has it."""
        from babel.dates import format_date  # noqa: PLC0415 - as above

        text = str(format_date(day, format="long" if in_full else "medium", locale=_LOCALES[self.name]))
        return text.replace("1", "1er", 1) if self.name == "fr" and day.day == 1 else text
