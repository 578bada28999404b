"""Received events, from the record on the broker to the row, over the in-memory bus."""

import asyncio
from typing import Any
from uuid import uuid4

import orjson

from tests.authors_service.application import Application
from tests.records import around

DEAD_LETTERS = "authors-service.dead-letters"
MOMENT = "2026-01-05T09:30:00.000000Z"


def book(book_id: int = 4, version: int = 1, **members: object) -> dict[str, object]:
    return {
        "book_id": book_id,
        "title": "A Wizard of Earthsea",
        "isbn": "9780547773742",
        "publication_year": 1968,
        "summary": None,
        "version": version,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        **members,
    }


def link(author_id: int, book_id: int = 4, version: int = 1) -> dict[str, object]:
    return {
        "author_id": author_id,
        "book_id": book_id,
        "version": version,
        "origin": "books",
        "changed_at": MOMENT,
    }


def envelope(event_type: str, data: object, **members: object) -> bytes:
    return orjson.dumps(
        {
            "event_type": event_type,
            "event_id": str(uuid4()),
            "timestamp": MOMENT,
            "correlation_id": "from-books",
            "data": data,
            **members,
        }
    )


async def send(application: Application, *values: bytes, topic: str = "library.books") -> None:
    """Send records under one key, and wait until the consumer is done with them."""
    last = max(
        (application.broker.append(around(topic, value)) for value in values),
        key=lambda acknowledged: acknowledged.offset,
    )
    await application.consumed(topic, last.partition, last.offset)


async def books_of(application: Application, author_id: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await application.client.get(f"/authors/{author_id}/books")).json()[
        "items"
    ]
    return items


async def test_a_book_that_was_told_of_can_be_linked(application: Application) -> None:
    author_id = await application.new_author()
    await send(application, envelope("book.created", book()))
    answer = await application.client.post(f"/authors/{author_id}/books", json={"book_ids": [4]})
    assert answer.status_code == 200
    assert (await books_of(application, author_id))[0]["title"] == "A Wizard of Earthsea"


async def test_late_and_repeated_events_change_nothing(application: Application) -> None:
    author_id = await application.new_author()
    newest = envelope("book.updated", book(version=3, title="Newest"))
    await send(application, newest, envelope("book.updated", book(version=2)), newest)
    await send(application, envelope("book.created", book()))
    await application.client.post(f"/authors/{author_id}/books", json={"book_ids": [4]})
    assert [(each["title"], each["version"]) for each in await books_of(application, author_id)] == [
        ("Newest", 3)
    ]


async def test_a_deleted_book_takes_its_links_along_for_good(application: Application) -> None:
    author_id = await application.new_author()
    await send(application, envelope("book.created", book()))
    await application.client.post(f"/authors/{author_id}/books", json={"book_ids": [4]})
    await send(
        application, envelope("book.deleted", book(version=3)), envelope("book.updated", book(version=2))
    )
    await send(
        application, envelope("book_author.linked", link(author_id, version=9)), topic="library.book-authors"
    )
    assert application.database.rows.links == {}
    assert await books_of(application, author_id) == []
    answer = await application.client.post(f"/authors/{author_id}/books", json={"book_ids": [4]})
    assert answer.status_code == 409


async def test_links_set_and_removed_by_the_other_side_are_taken_over(application: Application) -> None:
    author_id = await application.new_author()
    await send(application, envelope("book.created", book()))
    await send(application, envelope("book_author.linked", link(author_id)), topic="library.book-authors")
    assert len(await books_of(application, author_id)) == 1
    await send(
        application,
        envelope("book_author.unlinked", link(author_id, version=2)),
        envelope("book_author.linked", link(author_id)),
        topic="library.book-authors",
    )
    assert await books_of(application, author_id) == []


async def test_events_of_an_author_that_is_gone_or_never_was_change_nothing(application: Application) -> None:
    author_id = await application.new_author()
    await application.client.delete(f"/authors/{author_id}")
    await send(
        application,
        envelope("book_author.linked", link(author_id)),
        envelope("book_author.unlinked", link(4711)),
        topic="library.book-authors",
    )
    assert application.database.rows.links == {}
    assert application.broker.records(DEAD_LETTERS) == []


async def test_no_received_event_causes_another_one(application: Application) -> None:
    author_id = await application.new_author()
    await send(application, envelope("book.created", book()), envelope("book.updated", book(version=2)))
    await send(application, envelope("book_author.linked", link(author_id)), topic="library.book-authors")
    await send(
        application, envelope("book_author.unlinked", link(author_id, 4, 2)), topic="library.book-authors"
    )
    await send(application, envelope("book.deleted", book(version=3)))
    assert [event_type for event_type, _ in application.database.events] == ["author.created"]


async def test_members_that_nobody_knows_yet_are_passed_over(application: Application) -> None:
    author_id = await application.new_author()
    await send(application, envelope("book.created", book(translator="somebody"), trace="x"))
    answer = await application.client.post(f"/authors/{author_id}/books", json={"book_ids": [4]})
    assert answer.status_code == 200


async def test_what_breaks_the_contract_is_dead_lettered_and_the_next_event_goes_on(
    application: Application,
) -> None:
    broken = [
        b"no JSON",
        envelope("book.created", None),
        envelope("book.created", {**book(), "version": "one"}),
        envelope("book.created", {key: value for key, value in book().items() if key != "title"}),
        envelope("book.created", book(), event_id="no uuid"),
    ]
    await send(application, *broken, envelope("book.created", book()))
    letters = application.broker.records(DEAD_LETTERS)
    assert [letter.value for letter in letters] == broken
    assert all(dict(letter.headers)["dead_letter.reason"] for letter in letters)
    assert set(application.database.rows.books) == {4}


async def test_an_event_of_an_unknown_type_is_passed_over(application: Application) -> None:
    await send(application, envelope("book.printed", {}), envelope("book.created", book()))
    assert application.broker.records(DEAD_LETTERS) == []
    assert set(application.database.rows.books) == {4}


async def test_while_the_database_is_away_events_wait(application: Application) -> None:
    application.database.away = True
    application.broker.append(around("library.books", envelope("book.created", book())))
    await asyncio.sleep(0.1)
    assert application.database.rows.books == {}
    application.database.away = False
    await send(application, envelope("book.updated", book(version=2)))
    assert application.database.rows.books[4][0].version == 2
    assert application.broker.records(DEAD_LETTERS) == []
