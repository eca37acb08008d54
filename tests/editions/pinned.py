"""Tables of one edition: what a newer one that is shipped cannot change."""

from pathlib import Path

from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Schedule


class Pinned(Tables):
    """The shipped tables with the schedule of 2024 alone, and those of a folder of the user's."""

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        return tuple(item for item in super().schedules if item.id == "bareme_2024" or self.is_users(item))


TABLES_2024 = Pinned()
_HERE = Path(__file__).parent
LATER, REPEATED, MORE_FEES, OTHER_BODY = (
    Pinned(_HERE / name) for name in ("later", "repeated", "more_fees", "other_body")
)
