"""What the fee schedules at hand declare together: the names that files and questions may hold."""

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property

from opqibi_rules.errors import Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.strict_yaml import Document, Path
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


def undeclared(
    document: Document, names: Iterable[tuple[Path, str]], known: Collection[str]
) -> Iterator[Mistake]:
    """A mistake for each name of a file, given with its place, that is not known."""
    for path, name in names:
        if name not in known:
            message = Message("« {name} » is not one of {known}.", name=name[:40], known=tuple(known))
            yield document.mistake(path, message)
