"""What needs a PostgreSQL server: one for the session, a fresh database for each test."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from server import Server, found, running


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if found() is None:
        pytest.fail("there is no PostgreSQL server: scripts/bootstrap installs it")
    with running() as made:
        yield made


@pytest.fixture
def url(server: Server, request: pytest.FixtureRequest) -> str:
    """The URL of an empty database."""
    return server.fresh("t" + re.sub(r"\W", "_", request.node.name.lower())[:50])
