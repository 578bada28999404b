"""Every event type, caused through REST and read from Kafka, held against the AsyncAPI specs."""

import json
from typing import Any

from accord.bus.messages import Record
from accord.http.client import Failure
from accord.observability import correlation
from accord.testing.capture import EventCapture
from generated.authors import channels as authors_channels
from generated.authors import schemas as authors_schemas
from generated.authors.client import AuthorsClient
from generated.books import channels as books_channels
from generated.books import schemas as books_schemas
from generated.books.client import BooksClient
from scripts.stack import Stack
from tests.contract.test_schemathesis import CONTRACTS
from tests.stack import DEAD_LETTERS, STREAMS
from tests.waiting import eventually


def envelope(record: Record) -> dict[str, Any]:
    parsed = json.loads(record.value or b"null")
    assert isinstance(parsed, dict)
    return parsed


async def test_each_event_of_both_services_is_sent_and_keeps_to_its_spec(
    stack: Stack, authors: AuthorsClient, books: BooksClient
) -> None:
    async with EventCapture(stack.addresses.kafka_bootstrap_servers, (*STREAMS, *DEAD_LETTERS)) as capture:
        author = (await authors.create_author(authors_schemas.AuthorCreate(name="Ada"))).body
        book = (await books.create_book(books_schemas.BookCreate(title="Notes"))).body

        async def is_linked_from_authors() -> bool:
            await authors.link_author_books(
                author.author_id, authors_schemas.BookIds(book_ids=[book.book_id])
            )
            return True

        async def is_unlinked_from_books() -> bool:
            try:
                await books.unlink_book_author(book.book_id, author.author_id)
            except Failure:
                return False
            return True

        await eventually(is_linked_from_authors)
        await eventually(is_unlinked_from_books)
        await books.link_book_authors(book.book_id, books_schemas.AuthorIds(author_ids=[author.author_id]))

        async def is_unlinked_from_authors() -> bool:
            await authors.unlink_author_book(author.author_id, book.book_id)
            return True

        await eventually(is_unlinked_from_authors)
        await authors.update_author(author.author_id, authors_schemas.AuthorPatch(nationality="British"))
        await books.replace_book(
            book.book_id, books_schemas.BookReplace(title="Notes", summary="On an engine")
        )
        await authors.delete_author(author.author_id)
        await books.delete_book(book.book_id)
        expected = {*authors_channels.SENDS, *books_channels.SENDS}
        await capture.wait_for(lambda record: envelope(record)["event_type"] == "author.deleted")
        await capture.wait_for(lambda record: envelope(record)["event_type"] == "book.deleted")
        records = await capture.catch_up()

    assert {envelope(record)["event_type"] for record in records} == expected
    for contract in CONTRACTS.values():
        contract.check(record for record in records if record.topic in contract.topics)


async def test_events_carry_the_correlation_id_of_the_request(stack: Stack, authors: AuthorsClient) -> None:
    async with EventCapture(stack.addresses.kafka_bootstrap_servers, STREAMS) as capture:
        with correlation("one-cause.42"):
            await authors.create_author(authors_schemas.AuthorCreate(name="Grace"))
        record = await capture.wait_for(lambda record: b"one-cause.42" in (record.value or b""))
    assert envelope(record)["correlation_id"] == "one-cause.42"
    assert ("correlation_id", b"one-cause.42") in record.headers
