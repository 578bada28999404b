"""What is kept of the other side is held against its streams."""

from collections.abc import AsyncIterator

from accord.bus.messages import OutgoingRecord, Record
from authors_service.domain.entities import AuthorDetails
from authors_service.infrastructure.database.verify import Verification as AuthorsVerification
from books_service.infrastructure.database.verify import Verification as BooksVerification
from tests.end_to_end.operations.pair import Pair, some_history


async def findings(pair: Pair) -> tuple[list[str], list[str]]:
    """What the authors' side finds, and what the books' side finds."""

    async def read(topic: str) -> AsyncIterator[Record]:
        for record in pair.broker.records(topic):
            yield record

    return (
        [str(each) async for each in AuthorsVerification(pair.authors, read).differences()],
        [str(each) async for each in BooksVerification(pair.books, read).differences()],
    )


async def test_after_an_eventful_history_nothing_differs(pair: Pair) -> None:
    await some_history(pair)
    pair.broker.append(OutgoingRecord("library.books", b"1", b"no event"))
    assert await findings(pair) == ([], [])


async def test_what_has_not_arrived_yet_is_behind_or_missing(pair: Pair) -> None:
    await some_history(pair)
    async with pair.books.pool.lend() as connection:
        await connection.execute("UPDATE authors_cache SET version = 1 WHERE author_id = 3")
        await connection.execute("DELETE FROM authors_cache WHERE author_id = 7")
        await connection.execute("DELETE FROM book_authors WHERE author_id = 1 AND book_id = 4")
    nothing, found = await findings(pair)
    assert nothing == []
    assert [each.split(": ", 1)[1] for each in found] == [
        "author 3 is at version 2, in authors_cache it is at 1 [behind]",
        "author 7 is not in authors_cache [missing]",
        "link 1:4 is not in book_authors [missing]",
    ]
    assert found[0].startswith("library.authors/")


async def test_a_damaged_cache_is_found_out(pair: Pair) -> None:
    await some_history(pair)
    async with pair.authors.pool.lend() as connection:
        for damage in (
            "UPDATE books_cache SET title = 'X' WHERE book_id = 2",
            "UPDATE books_cache SET deleted_at = NULL WHERE book_id = 5",
            "UPDATE books_cache SET book_id = 99 WHERE book_id = 12",
            "UPDATE author_books SET linked = NOT linked WHERE author_id = 1 AND book_id = 10",
        ):
            await connection.execute(damage)
    found, nothing = await findings(pair)
    assert nothing == []
    assert [each.split(": ", 1)[1] for each in found] == [
        "book 2 differs from books_cache in title [differs]",
        "book 5 is deleted, in books_cache it is alive [differs]",
        "book 99 is kept here, and the stream knows of none [unknown]",
        "book 12 is not in books_cache [missing]",
        "link 1:10: book_author.linked, but author_books has linked = False [differs]",
    ]


async def test_what_is_later_here_than_in_the_stream_is_no_difference(pair: Pair) -> None:
    await some_history(pair)
    async with pair.author_services() as authors:
        await authors.create_author(AuthorDetails("Late", None, None))
    async with pair.author_services() as authors:
        await authors.unlink_book(1, 10)
    assert await findings(pair) == ([], [])
