"""The words of a firm's name: those that tell it from another, and its legal form, its trade, that do not."""

import re

from opqibi_rules.frozen import kept
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.wording.invoices import InvoiceWording


class FirmNames:
    """How the words of a table part the names of firms."""

    def __init__(self, wording: InvoiceWording) -> None:
        self._idle, self._legal_form, self._trade, self._beside_bodies = (
            re.compile(phrases.pattern)
            for phrases in (wording.forms, wording.legal_forms, wording.trades, wording.beside_bodies)
        )

    def telling(self, name: str | None) -> tuple[str, ...]:
        """The words of a name, plain, that tell it from another."""
        return tuple(word for word in plain_words(name or "").split() if not self.is_idle(word))

    def is_idle(self, word: str) -> bool:
        """Whether a plain word tells no firm from another."""
        return self._idle.fullmatch(word) is not None

    def is_beside_a_body(self, word: str) -> bool:
        """Whether it may stand beside the name of a body, which remains the same."""
        return self._beside_bodies.fullmatch(word) is not None

    def of_one_kind(self, one: str | None, other: str | None) -> bool:
        """Whether no two legal forms tell two names apart, and both say a trade, or none does."""
        forms, trades = [], []
        for name in (one, other):
            words = plain_words(name or "").split()
            forms.append(set(filter(self._legal_form.fullmatch, words)))
            trades.append(any(map(self._trade.fullmatch, words)))
        return trades[0] == trades[1] and (not all(forms) or forms[0] == forms[1])


firm_names_of = kept(FirmNames)
"""How the words of a table part the names of firms: made once for it."""
