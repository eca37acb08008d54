"""What the tests of editions share: each runs once for each of the four schedules."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.editions.doors import client_of
from tests.editions.worked import EDITIONS, Edition


@pytest.fixture(scope="module", params=EDITIONS, ids=lambda edition: edition.name)
def edition(request: pytest.FixtureRequest) -> Edition:
    chosen: Edition = request.param
    return chosen


@pytest.fixture(scope="module")
def client(edition: Edition) -> Iterator[TestClient]:
    with client_of(edition) as talking:
        yield talking
