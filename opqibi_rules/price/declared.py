"""What the fee schedules at hand declare together: the names that files and questions may hold."""

from collections.abc import Iterable
from functools import cached_property

from opqibi_rules.tables.schedule import Base, Event, Fee, Schedule


class Declared:
    """The events, turnovers, fees and tariff codes of several schedules, each once, in the order of the documents.

    What several declare is as the newest does.
    """

    def __init__(self, schedules: Iterable[Schedule]) -> None:
        self.schedules = tuple(schedules)

    @cached_property
    def events(self) -> dict[str, Event]:
        """By id."""
        return {event.id: event for schedule in self.schedules for event in schedule.events}

    @cached_property
    def turnovers(self) -> dict[str, Base]:
        """By id."""
        return {base.id: base for schedule in self.schedules for base in schedule.turnovers}

    @cached_property
    def fees(self) -> dict[str, Fee]:
        """By id."""
        return {fee.id: fee for schedule in self.schedules for fee in schedule.fees}

    @cached_property
    def tariffs(self) -> tuple[int, ...]:
        """In order."""
        return tuple(sorted({tariff for schedule in self.schedules for tariff in schedule.tariffs}))
