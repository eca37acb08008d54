"""Days as a calendar file (iCalendar, RFC 5545), with reminders.

Each event keeps its identifier from one export to the next, whatever becomes of its day: importing the file
again moves what has moved, and duplicates nothing. Words come from strangers too: each is one line, without
control characters.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from opqibi_rules.messages import Message
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.text import one_line

if TYPE_CHECKING:
    import icalendar


class CalendarDay(NamedTuple):
    """A day to remember."""

    key: str
    """The same from one export to the next."""
    day: date
    summary: Message
    description: Sequence[Message] = ()
    """Its lines."""
    reminders: Sequence[int] = ()
    """How many days ahead it is recalled."""
    category: str | None = None
    """What a calendar may sort it under."""


def calendar_file(
    name: Message, days: Iterable[CalendarDay], language: Language, *, stamp: datetime
) -> bytes:
    """The file. ``stamp`` is when it is made, in UTC: of two exports, a calendar keeps the later.

    Raises:
        RequestError: the « calendar » extra is not installed.
    """
    icalendar = load("icalendar", extra="calendar")
    # A number that rises from one export to the next: at the same, the later stamp counts.
    sequence = max(0, (stamp - datetime(2026, 1, 1, tzinfo=stamp.tzinfo)) // timedelta(minutes=1))
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//opqibi-rules//opqibi-rules//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for key in ("name", "x-wr-calname"):  # RFC 7986, and what calendars read before it
        calendar[key] = icalendar.vText(_line(name, language))
    for item in days:
        event = _event(item, language)
        for field in ("dtstamp", "last-modified"):
            event.add(field, stamp.replace(microsecond=0))
        event.add("sequence", sequence)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _line(message: Message, language: Language) -> str:
    return one_line(" ".join(language.say(message).splitlines()))


def _event(item: CalendarDay, language: Language) -> "icalendar.Event":
    """A day with its reminders, whenever it is told."""
    import icalendar  # noqa: PLC0415 - of the « calendar » extra

    event, summary = icalendar.Event(), _line(item.summary, language)
    event.add("dtstart", item.day)
    event.add("dtend", item.day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", summary)
    if item.category:
        event.add("categories", [item.category])
    for ahead in item.reminders:
        alarm = icalendar.Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", timedelta(days=-ahead))
        alarm.add("description", summary)
        event.add_component(alarm)
    event.add("description", "\n".join(_line(told, language) for told in item.description))
    event.add("uid", one_line(f"{item.key}@opqibi-rules"))
    return event
