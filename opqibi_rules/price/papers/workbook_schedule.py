"""The sheet of a schedule in a workbook: every amount a cell, with its article."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.tables.schedule import Price, Schedule

_FIRST_PRICE, _FIRST_TARIFF = 3, 12
"""The rows of the first single amount, and of the first tariff code."""

FROM, UP_TO, RATE = Message("Turnover from"), Message("up to"), Message("Rate")
_TARIFF, _ASKED, _HELD = (
    Message("Tariff code"),
    Message("Instruction (II.2)"),
    Message("Annual control (IV.2)"),
)


def tariff_name(tariff: int) -> Message:
    """A tariff code, for a reader."""
    return Message("Tariff {tariff}", tariff=tariff)


def write_schedule(
    sheet: Any, schedule: Schedule, tariffs: Sequence[int], language: Language, style: Mapping[str, Any]
) -> None:
    """Write the amounts where :func:`places` said they are."""
    say = language.say
    sheet.write_string(0, 0, language.said(schedule.title), style["title"])
    sheet.write_string(1, 0, f"{schedule.sources[0].document} ({schedule.sources[0].address})", style["grey"])
    row = _FIRST_PRICE
    for label, price in _prices(schedule):
        sheet.write_string(row, 0, say(label))
        sheet.write_number(row, 1, price.amount, style["in_euro"])
        sheet.write_string(row, 2, price.article, style["grey"])
        row += 1
    asked, held = schedule.instruction_prices, schedule.control_prices
    row = _FIRST_TARIFF
    for column, head in enumerate((_TARIFF, _ASKED, _HELD)):
        sheet.write_string(row - 1, column, say(head), style["head"])
    for index, tariff in enumerate(tariffs):
        sheet.write_string(row + index, 0, say(tariff_name(tariff)))
        sheet.write_number(row + index, 1, asked.by_tariff.get(tariff, 0), style["in_euro"])
        sheet.write_number(row + index, 2, held.by_tariff.get(tariff, 0), style["in_euro"])
    row = _FIRST_TARIFF + len(tariffs) + 2
    for column, head in enumerate((FROM, UP_TO, RATE)):
        sheet.write_string(row - 1, column, say(head), style["head"])
    for index, tranche in enumerate(schedule.brand_usage.tranches):
        sheet.write_number(row + index, 0, tranche.lower, style["in_euro"])
        if tranche.upper is not None:
            sheet.write_number(row + index, 1, tranche.upper, style["in_euro"])
        sheet.write_number(row + index, 2, tranche.rate, style["in_rate"])


def scale_of(schedule: Schedule) -> int:
    """The power of ten that makes every rate a whole number."""
    exponents = [tranche.rate.normalize().as_tuple().exponent for tranche in schedule.brand_usage.tranches]
    return int(10 ** max(5, *(-int(exponent) for exponent in exponents)))


def _prices(schedule: Schedule) -> list[tuple[Message, Price]]:
    """The single amounts of a schedule, in the order of their rows."""
    return [
        (Message("Application file"), schedule.dossier),
        (Message("Instruction, flat part"), schedule.instruction_flat),
        (Message("Annual control, flat part"), schedule.control_flat),
        (Message("New qualifications at a control, flat fee"), schedule.new_requests_flat),
        (Message("Brand usage, floor"), schedule.brand_usage.floor),
        (Message("Brand usage, cap"), schedule.brand_usage.cap),
    ]


def places(
    schedule: Schedule, tariffs: Sequence[int], sheet: str, cell: Callable[..., str]
) -> dict[str, str]:
    """Where each amount of a schedule stands, by a short name."""

    def at(row: int, column: int) -> str:
        return f"'{sheet}'!{cell(row, column, row_abs=True, col_abs=True)}"

    names = ("dossier", "instruction", "control", "new", "floor", "cap")
    places = {name: at(_FIRST_PRICE + index, 1) for index, name in enumerate(names)}
    last = _FIRST_TARIFF + len(tariffs) - 1
    for name, column in (("asked", 1), ("held", 2)):
        end = cell(last, column, row_abs=True, col_abs=True)
        places[name] = f"{at(_FIRST_TARIFF, column)}:{end}"
    first = last + 3
    for index in range(len(schedule.brand_usage.tranches)):
        places |= {
            f"{name} {index}": at(first + index, column) for column, name in enumerate(("from", "to", "rate"))
        }
    return places
