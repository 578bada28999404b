"""Schemathesis against both services; every event that it causes is held against the AsyncAPI specs."""

import asyncio
import sys
from pathlib import Path

import pytest

from accord.testing.capture import EventCapture
from accord.testing.conformance import Conformance
from generated.authors import channels as authors_channels
from generated.authors import schemas as authors_schemas
from generated.authors.client import AuthorsClient
from generated.books import channels as books_channels
from generated.books import schemas as books_schemas
from generated.books.client import BooksClient
from scripts.stack import Stack
from tests.stack import DEAD_LETTERS, STREAMS
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "specs"
CONTRACTS = {
    "authors": Conformance(authors_channels.SENDS, SPECS / "authors.asyncapi.yaml"),
    "books": Conformance(books_channels.SENDS, SPECS / "books.asyncapi.yaml"),
}
EXAMPLES = 40
"""Per operation; a run by hand may take more, see the README."""


async def fuzz(service: str, url: str) -> str:
    """Run all phases and all checks; return what was printed, or fail with it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", str(SPECS / f"{service}.openapi.yaml")),
        *("--url", url, "--phases", "examples,coverage,fuzzing,stateful", "--checks", "all"),
        *("--max-examples", str(EXAMPLES), "--seed", "1", "--no-color"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed = (await process.communicate())[0].decode()
    assert process.returncode == 0, printed
    return printed


async def populate(authors: AuthorsClient, books: BooksClient) -> None:
    """Give the fuzzer small ids that exist on both sides, so that links can be made."""
    for number in range(1, 11):
        author = await authors.create_author(authors_schemas.AuthorCreate(name=f"Author {number}"))
        book = await books.create_book(books_schemas.BookCreate(title=f"Book {number}"))

    async def is_known() -> bool:
        await authors.link_author_books(
            author.body.author_id, authors_schemas.BookIds(book_ids=[book.body.book_id])
        )
        return True

    await eventually(is_known)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("service", ["authors", "books"])
async def test_a_fuzzer_finds_no_difference_between_service_and_spec(
    service: str, stack: Stack, authors: AuthorsClient, books: BooksClient
) -> None:
    await populate(authors, books)
    urls = {"authors": stack.addresses.authors_url, "books": stack.addresses.books_url}
    async with EventCapture(stack.addresses.kafka_bootstrap_servers, (*STREAMS, *DEAD_LETTERS)) as capture:
        printed = await fuzz(service, urls[service])
        await authors.create_author(authors_schemas.AuthorCreate(name="The last one"))
        await capture.wait_for(lambda record: b"The last one" in (record.value or b""))
        records = await capture.catch_up()
    assert "9 selected / 9 total" in printed
    assert not [record for record in records if record.topic in DEAD_LETTERS]
    for contract in CONTRACTS.values():
        contract.check(record for record in records if record.topic in contract.topics)
    assert len(records) > 30, "the fuzzer changed next to nothing"
