"""The price and the validity of an OPQIBI qualification.

>>> from datetime import date
>>> from decimal import Decimal
>>> import opqibi_rules as opqibi
>>> quote = opqibi.quote(
...     event="first", tariffs={1: 5, 2: 3}, turnover=Decimal("800000"), on=date(2026, 3, 2)
... )
>>> quote.subtotals.instruction, quote.total_excl_vat
(Decimal('1160.00'), Decimal('1803.50'))

All results are immutable, typed, and give ``to_dict()`` for JSON. Nothing here reads the clock, the locale,
the environment or the network; the only files read are the tables of facts.
"""

from opqibi_rules.errors import (
    AmountError,
    DateError,
    FileError,
    OpqibiError,
    RequestError,
    TableError,
    UnknownCodeError,
    UnknownTariffError,
)
from opqibi_rules.fees.quote import Quote, quote
from opqibi_rules.fees.structure import Qualification, Structure, Turnover
from opqibi_rules.formats.language import Language
from opqibi_rules.messages import Message
from opqibi_rules.money import parse_amount
from opqibi_rules.tables.library import Tables

__version__ = "0.1.0"

__all__ = [
    "AmountError",
    "DateError",
    "FileError",
    "Language",
    "Message",
    "OpqibiError",
    "Qualification",
    "Quote",
    "RequestError",
    "Structure",
    "TableError",
    "Tables",
    "Turnover",
    "UnknownCodeError",
    "UnknownTariffError",
    "__version__",
    "parse_amount",
    "quote",
]
