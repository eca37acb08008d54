"""The question that a command prices: its options, stated once for every command.

Each parameter bears the name of the field of :class:`~opqibi_rules.price.question.Asked` that it fills, so that
an error of the core, which names a field, leads to the option (:func:`~opqibi_rules.cli.takes.with_option`).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from opqibi_rules.cli.options import TablesFolder, day_of, tables_of
from opqibi_rules.cli.takes import takes
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message, marked
from opqibi_rules.price.question import Amount, Asked
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.library import Tables

_Event = Annotated[
    str | None,
    typer.Option(
        "--event",
        metavar="first|renewal|control",
        help=marked("What is priced (default: first), or another event of your own schedule."),
    ),
]
_Qualifications = Annotated[
    list[str],
    typer.Option(
        "-q",
        "--qualification",
        metavar="CODE[:T]",
        help=marked("A qualification, by code; repeat for several."),
    ),
]
_Probationary = Annotated[
    list[str],
    typer.Option("-p", "--probationary", metavar="CODE[:T]", help=marked("A probationary qualification.")),
]
_Tariffs = Annotated[
    list[str],
    typer.Option(
        "-t", "--tariff", metavar="T=N", help=marked("N qualifications at tariff T; repeat for several.")
    ),
]
_New = Annotated[
    list[str],
    typer.Option("--new", metavar="CODE[:T]", help=marked("At a control: a new qualification asked for.")),
]
_NewTariffs = Annotated[
    list[str],
    typer.Option("--new-tariff", metavar="T=N", help=marked("At a control: N new ones at tariff T.")),
]
_Turnover = Annotated[
    list[str],
    typer.Option(
        "--turnover",
        metavar="[BASE=]EUR",
        help=marked("Last « ingénierie » turnover, excl. VAT; BASE=: another that your schedule declares."),
    ),
]
_AuditTurnover = Annotated[
    str | None,
    typer.Option(
        "--audit-turnover", metavar="EUR", help=marked("Last « audit énergétique » turnover, excl. VAT.")
    ),
]
_Vat = Annotated[
    str | None,
    typer.Option(
        "--vat", metavar="RATE|TERRITORY", help=marked("20 %, 0.20, reunion… (default: mainland France).")
    ),
]
_StructureFile = Annotated[
    str | None, typer.Option("--structure", metavar="FILE", help=marked("A structure file, YAML or JSON."))
]
_Day = Annotated[
    str | None, typer.Option("--date", metavar="YYYY-MM-DD", help=marked("The day (default: today)."))
]


def firm(
    event: _Event = None,
    qualifications: _Qualifications = [],
    probationary: _Probationary = [],
    tariffs: _Tariffs = [],
    turnover: _Turnover = [],
    audit_turnover: _AuditTurnover = None,
    vat: _Vat = None,
) -> Asked:
    """What a firm holds or asks for, and its turnovers.

    Raises:
        RequestError: counts or turnovers that are not well written.
    """
    general, others = _turnovers(turnover)
    asked: Asked = {
        "event": event,
        "qualifications": qualifications,
        "probationary": probationary,
        "tariffs": counts_of(tariffs, "--tariff"),
        "turnover": general,
        "audit_turnover": audit_turnover,
        "vat": vat,
    }
    return {**asked, "turnovers": others} if others else asked


def structure_of(structure: _StructureFile = None, tables: TablesFolder = None) -> Structure | None:
    """The structure of ``--structure``, if it is given.

    Raises:
        FileError: all that is wrong in the file.
    """
    return None if structure is None else structure_in(structure, tables_of(tables))


def structure_in(file: str, tables: Tables) -> Structure:
    """The structure of a file, with turnovers that the schedules at hand declare.

    Raises:
        FileError: all that is wrong in the file.
    """
    from opqibi_rules.price.files.structure_file import read_structure

    return read_structure(Path(file), tables)


@takes(firm, structure_of)
def question(
    asked: Asked, structure: Structure | None, new_qualifications: _New = [], new_tariffs: _NewTariffs = []
) -> Asked:
    """All that may be asked of a price, but for its day.

    Raises:
        RequestError: counts or turnovers that are not well written.
        FileError: all that is wrong in the structure file.
    """
    return {
        **asked,
        "structure": structure,
        "new_qualifications": new_qualifications,
        "new_tariffs": counts_of(new_tariffs, "--new-tariff"),
    }


def on_day(on: _Day = None) -> date:
    """The day of ``--date``, today by default.

    Raises:
        DateError: not a day.
    """
    return day_of(on)


def facts(tables: TablesFolder = None) -> Tables:
    """The facts, with the user's own laid over ours.

    Raises:
        RequestError: an empty option.
        TableError: no such folder.
    """
    return tables_of(tables)


def counts_of(given: Iterable[str], option: str) -> dict[str, int]:
    """``T=N`` options as counts; the same tariff twice is refused, for nobody can say which was meant.

    Raises:
        RequestError: anything that is no ``T=N``, or a tariff given twice.
    """
    counts: dict[str, int] = {}
    for text in given:
        tariff, equals, count = (part.strip() for part in text.partition("="))
        digits = count.removeprefix("-")
        if not equals or not tariff or not (digits.isascii() and digits.isdigit()):
            raise RequestError(
                Message(
                    "{option}: « {text} » is not TARIFF=COUNT; for five at tariff 1, write 1=5.",
                    option=option,
                    text=text[:40],
                )
            )
        if tariff in counts:
            raise RequestError(
                Message(
                    "{option}: tariff {tariff} is given twice; add the counts.", option=option, tariff=tariff
                )
            )
        # A count of thousands of digits is cut: it is refused all the same, and Python does not read it.
        counts[tariff] = int(count.removesuffix(digits) + (digits.lstrip("0") or "0")[:12])
    return counts


def _turnovers(given: Sequence[str]) -> tuple[str | None, dict[str, Amount | None]]:
    """``[BASE=]EUR`` options: the turnover that names no base, and the others by base.

    Raises:
        RequestError: a base given twice.
    """
    general: str | None = None
    others: dict[str, Amount | None] = {}
    for text in given:
        base, equals, amount = (part.strip() for part in text.rpartition("="))
        if base in others or (not equals and general is not None):
            message = Message(
                "--turnover: « {text} » is one more for the same base; give one.", text=text[:40]
            )
            raise RequestError(message)
        if equals:
            others[base] = amount
        else:
            general = text
    return general, others
