"""What a reader does with records that nobody should have sent."""

import asyncio
import json
import uuid
from typing import Any

import pytest
from confluent_kafka import Producer

from accord.bus.messages import Record
from accord.testing.capture import EventCapture
from generated.authors.client import AuthorsClient
from generated.authors.schemas import AuthorCreate, BookIds
from scripts.stack import Stack
from tests.records import around
from tests.stack import DEAD_LETTERS
from tests.waiting import eventually

TOPIC = "library.books"


def book_created(book_id: int, **changes: Any) -> dict[str, Any]:
    """An event as the Books Service sends it, for a book that it never had."""
    return {
        "event_type": "book.created",
        "event_id": str(uuid.uuid4()),
        "timestamp": "2026-01-05T09:30:00Z",
        "correlation_id": "by-hand",
        "data": {
            "book_id": book_id,
            "title": "By hand",
            "isbn": None,
            "publication_year": None,
            "summary": None,
            "version": 1,
            "created_at": "2026-01-05T09:30:00Z",
            "updated_at": "2026-01-05T09:30:00Z",
        },
        **changes,
    }


def without_data(book_id: int) -> dict[str, Any]:
    event = book_created(book_id)
    del event["data"]
    return event


def with_wrong_types(book_id: int) -> dict[str, Any]:
    event = book_created(book_id)
    event["data"]["title"] = 7
    return event


def send(stack: Stack, key: str, *values: bytes | None) -> None:
    """Send the values one after the other to one partition."""
    producer = Producer({"bootstrap.servers": stack.addresses.kafka_bootstrap_servers})
    for value in values:
        headers = around(TOPIC, value or b"").headers
        producer.produce(TOPIC, key=key.encode(), value=value, headers=list(headers))
    assert producer.flush(10) == 0


def reason(dead_letter: Record) -> str:
    return dict(dead_letter.headers)["dead_letter.reason"].decode()


async def is_known(authors: AuthorsClient, book_id: int) -> None:
    """Wait until the Authors Service has read the book."""
    author = (await authors.list_authors(limit=1)).items[0]

    async def linked() -> bool:
        await authors.link_author_books(author.author_id, BookIds(book_ids=[book_id]))
        return True

    await eventually(linked)


@pytest.fixture(autouse=True)
async def _an_author(authors: AuthorsClient) -> None:
    await authors.create_author(AuthorCreate(name="Ada"))


@pytest.mark.parametrize(
    ("broken", "expected_reason"),
    [
        pytest.param(b"\xff\xfe no JSON", "no JSON", id="bytes that are no JSON"),
        pytest.param(b"[1, 2]", "object", id="no object"),
        pytest.param(json.dumps(without_data(1)).encode(), "data", id="no data"),
        pytest.param(json.dumps(with_wrong_types(2)).encode(), "#/data/title", id="wrong types"),
        pytest.param(
            json.dumps(book_created(3, timestamp="yesterday")).encode(), "#/timestamp", id="no timestamp"
        ),
    ],
)
async def test_a_broken_record_is_a_dead_letter_with_its_reason_and_the_next_one_goes_on(
    broken: bytes, expected_reason: str, stack: Stack, authors: AuthorsClient
) -> None:
    good_id = uuid.uuid4().int % 10**15 + 10**15
    good = json.dumps(book_created(good_id)).encode()
    async with EventCapture(stack.addresses.kafka_bootstrap_servers, DEAD_LETTERS) as capture:
        await asyncio.to_thread(send, stack, str(good_id), broken, good)
        dead_letter = await capture.wait_for(lambda record: record.value == broken)
        await is_known(authors, good_id)
        dead_letters = await capture.catch_up()
    assert [record.value for record in dead_letters] == [broken]
    assert expected_reason in reason(dead_letter)
    assert dead_letter.topic == "authors-service.dead-letters"
    assert dead_letter.key == str(good_id).encode()
    assert dict(dead_letter.headers)["dead_letter.topic"] == TOPIC.encode()


async def test_unknown_events_unknown_members_and_kafka_tombstones_hold_nobody_up(
    stack: Stack, authors: AuthorsClient
) -> None:
    good_id = uuid.uuid4().int % 10**15 + 10**15
    unknown = book_created(good_id, event_type="book.reprinted")
    newer = book_created(good_id, colour="red")
    newer["data"]["weight"] = 300
    async with EventCapture(stack.addresses.kafka_bootstrap_servers, DEAD_LETTERS) as capture:
        values = (json.dumps(unknown).encode(), None, json.dumps(newer).encode())
        await asyncio.to_thread(send, stack, str(good_id), *values)
        await is_known(authors, good_id)
        assert await capture.catch_up() == []
    log = stack.services["authors"].log.read_text()
    assert any('"book.reprinted"' in line and '"warning"' in line for line in log.splitlines())
