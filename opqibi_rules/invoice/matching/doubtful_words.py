"""The words by which a line says another thing than what its amount is right for, as they are looked for."""

import re

from opqibi_rules.frozen import kept
from opqibi_rules.tables.wording.invoices import DoubtWords, InvoiceWording
from opqibi_rules.tables.wording.phrases import Phrases

_SPACES = r"\W+"


class DoubtfulWords:
    """The patterns of such words, of a table; in plain words, unless it says another thing."""

    def __init__(self, wording: InvoiceWording) -> None:
        def of(kind: DoubtWords) -> Phrases:
            return wording.doubts.get(kind, Phrases())

        self.durations = tuple(
            (int(number), _within(phrases)) for number, phrases in wording.durations.items()
        )
        """Each number of years, and how a text says it."""
        self.bodies, self.reverses, self.instalments = map(
            _within, (of("bodies"), of("reverses"), of("instalments"))
        )
        """Other bodies, the reverse of a billing, and a part of what covers several years."""
        self.deposits = _within(of("deposits"))
        """What is taken off because it is billed, or paid, already."""
        self.accounts = _within(of("accounts"))
        """What says that the account to be paid is another than before."""
        self.events = {event: phrases.plain for event, phrases in wording.events.items()}
        """How the events of a schedule are called, beside their names."""
        self.until = re.compile(f"(?<![^ ])(?:{of('until').pattern}) $")
        """The end of what stands before an event of another day."""
        self.year_behind = re.compile(f" (?:(?:{of('year_of').pattern}) )*(20[0-9]{{2}})(?![^ ])")
        """The year of a yearly fee, right behind its name."""
        self.firms, self.marks, self.whom = (
            frozenset(phrase.split()[0] for phrase in phrases.plain)
            for phrases in (of("firms"), of("marks"), of("for"))
        )
        """The words that stand before the name of a firm, of a mark, of whom it is for."""
        self.refers = re.compile(
            f"(?<![^ ])(?:{of('references').pattern})(?: (?:n|no|num[a-z]*|du|de|[0-9]{{1,3}}))*$"
        )
        """The end of what stands before a number that is a reference."""
        self.edition = re.compile(
            f"(?<![^ ])(?:{of('editions').pattern})"
            "(?: (?:de|du|d|en|l|annee|of|the|for|[0-9]{1,2}))* (20[0-9]{2})(?![^ ])"
        )
        """A schedule and its year: « barème 2027 », « schedule of 08 02 2024 »."""
        words, between = (
            each.pattern.replace(" ", _SPACES) for each in (of("turnovers"), of("between_turnovers"))
        )
        self.turnover = re.compile(
            rf"\b(?:{words})\b(?:\W+(?:{between}|20[0-9]{{2}}))*\W+"
            r"([0-9]{1,3}(?:[ \u00a0\u202f.][0-9]{3})+|[0-9]+)(?:,([0-9]{1,2}))?\s*(k|m)?\s*(?:€|eur)"
        )
        """A turnover and its amount, as it is written but for accents and capitals: « CA HT 2025 : 150 000 € »."""
        self.tariff_ends = re.compile(f"(?<![^ ])(?:{wording.tariff.pattern})s? ?(?:n |no |numero )?$")
        """The end of what stands before a tariff code."""
        self.no_name = _no_name(wording)
        """A word by which such invoices speak: no firm's, no mark's."""


doubtful_words_of = kept(DoubtfulWords)
"""The patterns of such words, of a table: made once for it."""


def _within(phrases: Phrases) -> re.Pattern[str]:
    return re.compile(f"(?<![^ ])(?:{phrases.pattern})(?![^ ])")


def _no_name(wording: InvoiceWording) -> re.Pattern[str]:
    named = {word for phrases in wording.fees.values() for phrase in phrases.plain for word in phrase.split()}
    words = "|".join(word.replace("*", "[a-z0-9]*") for word in sorted(named))
    spoken = (each.pattern for each in (wording.about, wording.idle, wording.counted, wording.tariff))
    return re.compile("|".join([*spoken, words, "[a-z]", ".*[0-9].*"]))
