"""Two databases of one's own for each test."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from accord.testing.postgres import EmbeddedPostgres
from tests.end_to_end.operations.pair import Pair, open_pair


@pytest.fixture
async def pair(postgres: EmbeddedPostgres) -> AsyncIterator[Pair]:
    """Both services, empty."""
    names = [f"{service}_{uuid4().hex}" for service in ("authors", "books")]
    async with open_pair(*map(postgres.create_database, names)) as opened:
        yield opened
    for name in names:
        postgres.drop_database(name)
