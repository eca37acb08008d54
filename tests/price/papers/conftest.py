"""These papers are worked by hand from the schedule of 2024, whatever else is shipped."""

from collections.abc import Iterator

import pytest

from tests.editions.pinned_command import pinned


@pytest.fixture(autouse=True)
def _the_schedule_of_2024() -> Iterator[None]:
    with pinned():
        yield
