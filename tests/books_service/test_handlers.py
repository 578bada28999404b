"""Received events, from the record on the broker to the row, over the in-memory bus."""

import asyncio
from typing import Any
from uuid import uuid4

import orjson

from tests.books_service.application import Application
from tests.records import around

DEAD_LETTERS = "books-service.dead-letters"
MOMENT = "2026-01-05T09:30:00.000000Z"


def author(author_id: int = 4, version: int = 1, **members: object) -> dict[str, object]:
    return {
        "author_id": author_id,
        "name": "Ursula K. Le Guin",
        "nationality": "American",
        "biography": None,
        "version": version,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        **members,
    }


def link(book_id: int, author_id: int = 4, version: int = 1) -> dict[str, object]:
    return {
        "book_id": book_id,
        "author_id": author_id,
        "version": version,
        "origin": "authors",
        "changed_at": MOMENT,
    }


def envelope(event_type: str, data: object, **members: object) -> bytes:
    return orjson.dumps(
        {
            "event_type": event_type,
            "event_id": str(uuid4()),
            "timestamp": MOMENT,
            "correlation_id": "from-authors",
            "data": data,
            **members,
        }
    )


async def send(application: Application, *values: bytes, topic: str = "library.authors") -> None:
    """Send records under one key, and wait until the consumer is done with them."""
    last = max(
        (application.broker.append(around(topic, value)) for value in values),
        key=lambda acknowledged: acknowledged.offset,
    )
    await application.consumed(topic, last.partition, last.offset)


async def authors_of(application: Application, book_id: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await application.client.get(f"/books/{book_id}/authors")).json()["items"]
    return items


async def test_an_author_that_was_told_of_can_be_linked(application: Application) -> None:
    book_id = await application.new_book()
    await send(application, envelope("author.created", author()))
    answer = await application.client.post(f"/books/{book_id}/authors", json={"author_ids": [4]})
    assert answer.status_code == 200
    assert (await authors_of(application, book_id))[0]["name"] == "Ursula K. Le Guin"


async def test_late_and_repeated_events_change_nothing(application: Application) -> None:
    book_id = await application.new_book()
    newest = envelope("author.updated", author(version=3, name="Newest"))
    await send(application, newest, envelope("author.updated", author(version=2)), newest)
    await send(application, envelope("author.created", author()))
    await application.client.post(f"/books/{book_id}/authors", json={"author_ids": [4]})
    assert [(each["name"], each["version"]) for each in await authors_of(application, book_id)] == [
        ("Newest", 3)
    ]


async def test_a_deleted_author_takes_its_links_along_for_good(application: Application) -> None:
    book_id = await application.new_book()
    await send(application, envelope("author.created", author()))
    await application.client.post(f"/books/{book_id}/authors", json={"author_ids": [4]})
    await send(
        application,
        envelope("author.deleted", author(version=3)),
        envelope("author.updated", author(version=2)),
    )
    await send(
        application, envelope("author_book.linked", link(book_id, version=9)), topic="library.author-books"
    )
    assert application.database.rows.links == {}
    assert await authors_of(application, book_id) == []
    answer = await application.client.post(f"/books/{book_id}/authors", json={"author_ids": [4]})
    assert answer.status_code == 409


async def test_links_set_and_removed_by_the_other_side_are_taken_over(application: Application) -> None:
    book_id = await application.new_book()
    await send(application, envelope("author.created", author()))
    await send(application, envelope("author_book.linked", link(book_id)), topic="library.author-books")
    assert len(await authors_of(application, book_id)) == 1
    await send(
        application,
        envelope("author_book.unlinked", link(book_id, version=2)),
        envelope("author_book.linked", link(book_id)),
        topic="library.author-books",
    )
    assert await authors_of(application, book_id) == []


async def test_events_of_an_book_that_is_gone_or_never_was_change_nothing(application: Application) -> None:
    book_id = await application.new_book()
    await application.client.delete(f"/books/{book_id}")
    await send(
        application,
        envelope("author_book.linked", link(book_id)),
        envelope("author_book.unlinked", link(4711)),
        topic="library.author-books",
    )
    assert application.database.rows.links == {}
    assert application.broker.records(DEAD_LETTERS) == []


async def test_no_received_event_causes_another_one(application: Application) -> None:
    book_id = await application.new_book()
    await send(
        application, envelope("author.created", author()), envelope("author.updated", author(version=2))
    )
    await send(application, envelope("author_book.linked", link(book_id)), topic="library.author-books")
    await send(
        application, envelope("author_book.unlinked", link(book_id, 4, 2)), topic="library.author-books"
    )
    await send(application, envelope("author.deleted", author(version=3)))
    assert [event_type for event_type, _ in application.database.events] == ["book.created"]


async def test_members_that_nobody_knows_yet_are_passed_over(application: Application) -> None:
    book_id = await application.new_book()
    await send(application, envelope("author.created", author(pen_name="somebody"), trace="x"))
    answer = await application.client.post(f"/books/{book_id}/authors", json={"author_ids": [4]})
    assert answer.status_code == 200


async def test_what_breaks_the_contract_is_dead_lettered_and_the_next_event_goes_on(
    application: Application,
) -> None:
    broken = [
        b"no JSON",
        envelope("author.created", None),
        envelope("author.created", {**author(), "version": "one"}),
        envelope("author.created", {key: value for key, value in author().items() if key != "name"}),
        envelope("author.created", author(), event_id="no uuid"),
    ]
    await send(application, *broken, envelope("author.created", author()))
    letters = application.broker.records(DEAD_LETTERS)
    assert [letter.value for letter in letters] == broken
    assert all(dict(letter.headers)["dead_letter.reason"] for letter in letters)
    assert set(application.database.rows.authors) == {4}


async def test_an_event_of_an_unknown_type_is_passed_over(application: Application) -> None:
    await send(application, envelope("author.praised", {}), envelope("author.created", author()))
    assert application.broker.records(DEAD_LETTERS) == []
    assert set(application.database.rows.authors) == {4}


async def test_while_the_database_is_away_events_wait(application: Application) -> None:
    application.database.away = True
    application.broker.append(around("library.authors", envelope("author.created", author())))
    await asyncio.sleep(0.1)
    assert application.database.rows.authors == {}
    application.database.away = False
    await send(application, envelope("author.updated", author(version=2)))
    assert application.database.rows.authors[4][0].version == 2
    assert application.broker.records(DEAD_LETTERS) == []
