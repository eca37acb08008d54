"""What the tests of invoices share: the schedule of 2024, whatever else is shipped."""

from collections.abc import Iterator

import pytest

from tests.editions.pinned_command import pinned


@pytest.fixture(autouse=True, scope="module")
def _the_schedule_of_2024() -> Iterator[None]:
    with pinned():
        yield
