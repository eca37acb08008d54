"""What the tests of editions share: each runs once for each of the four schedules."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from fastapi.testclient import TestClient

from tests.editions.doors import client_of
from tests.editions.worked import EDITIONS, Edition


@pytest.fixture(params=EDITIONS, ids=lambda edition: edition.name, scope="module")
def edition(request: pytest.FixtureRequest) -> Edition:
    chosen: Edition = request.param
    return chosen


@pytest.fixture(scope="session")
def clients() -> Iterator[dict[str, TestClient]]:
    """The page and the HTTP API, with each of the four schedules."""
    with ExitStack() as stack:
        yield {edition.name: stack.enter_context(client_of(edition)) for edition in EDITIONS}
