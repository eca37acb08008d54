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

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opqibi_rules.errors import (
    AmountError,
    DateError,
    FetchError,
    FileError,
    OpqibiError,
    RequestError,
    TableError,
    UnknownCodeError,
    UnknownTariffError,
)
from opqibi_rules.fees.quote import Quote, quote, shipped_tables
from opqibi_rules.fees.structure import Qualification, Structure, Turnover
from opqibi_rules.formats.language import Language
from opqibi_rules.messages import Message
from opqibi_rules.money import parse_amount
from opqibi_rules.tables.library import Tables

if TYPE_CHECKING:
    from opqibi_rules.checks.check_certificate import Answer, CertificateReport

__version__ = "0.1.0"

__all__ = [
    "AmountError",
    "DateError",
    "FetchError",
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
    "check_certificate",
    "parse_amount",
    "quote",
]


def check_certificate(
    certificate: "Answer | Path | bytes | Mapping[str, Any] | list[Any]",
    *,
    on: date | str,
    siren: str | None = None,
    requires: Iterable[str] = (),
    requires_rge: Iterable[str] = (),
    accept_probationary: bool = False,
    tables: Tables | None = None,
) -> "CertificateReport":
    """Is a certificate valid on a day, part by part, and does it meet what a tender requires?

    ``certificate`` is what a register answered: a saved file, the bytes of a body, or the parsed JSON. The
    other arguments are those of :func:`opqibi_rules.checks.check_certificate.check_certificate`.

    >>> refusal = {"errors": [{"code": "11003", "title": "Entité non trouvée"}]}
    >>> check_certificate(refusal, on="2026-11-21").verdict
    'not_valid'

    Raises:
        FileError: the answer cannot be read, is none that we know, or holds several.
        RequestError: a malformed requirement or SIREN.
        DateError: ``on`` is no day.
    """
    from opqibi_rules.checks import check_certificate as checking
    from opqibi_rules.formats.certificate_answer import one_answer

    return checking.check_certificate(
        one_answer(certificate),
        on=on,
        siren=siren,
        requires=requires,
        requires_rge=requires_rge,
        accept_probationary=accept_probationary,
        tables=tables or shipped_tables(),
    )
