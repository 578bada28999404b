"""The whole system, once for all tests that talk to it from outside."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from accord.testing.plugin import MakeKafka
from generated.authors.client import AuthorsClient
from generated.books.client import BooksClient
from scripts.stack import Stack

__all__ = ["DEAD_LETTERS", "STREAMS", "authors", "books", "stack"]

STREAMS = ("library.authors", "library.author-books", "library.books", "library.book-authors")
DEAD_LETTERS = ("authors-service.dead-letters", "books-service.dead-letters")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, make_kafka: MakeKafka, worker_id: str) -> Iterator[Stack]:
    """PostgreSQL, Kafka and both services, as `make up` starts them; whoever stops a part starts it again."""
    folder = tmp_path_factory.mktemp("stack")
    # Ports that nobody else takes while a service is down: another worker has others, and no connection gets
    # one of these by chance.
    first = 18_000 + 10 * int(worker_id.removeprefix("gw").replace("master", "99"))
    ports = {"authors": first, "books": first + 1}
    with Stack(folder, kafka=make_kafka(log=folder / "logs" / "kafka.log"), ports=ports) as running:
        yield running


@pytest_asyncio.fixture
async def authors(stack: Stack) -> AsyncIterator[AuthorsClient]:
    """A client of the Authors Service."""
    async with AuthorsClient(stack.addresses.authors_url) as client:
        yield client


@pytest_asyncio.fixture
async def books(stack: Stack) -> AsyncIterator[BooksClient]:
    """A client of the Books Service."""
    async with BooksClient(stack.addresses.books_url) as client:
        yield client
