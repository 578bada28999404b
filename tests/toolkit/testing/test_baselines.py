"""The baselines over HTTP do the work that they are measured by: same answers, rows and events."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from accord.testing.brokers import KafkaBroker
from accord.testing.plugin import CaptureEvents
from generated.authors import schemas as contract
from scripts.bench.baselines import asgi, bare, plain
from scripts.bench.workloads.serving import AUTHOR


@asynccontextmanager
async def client_of(create_app: Callable[[], FastAPI]) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app()
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://baseline") as client,
    ):
        yield client


@pytest.fixture
def environment(database: str, kafka: KafkaBroker, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)
    return database


async def rows(database: str, query: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(database.replace("+asyncpg", ""))
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


@pytest.mark.parametrize("create_app", [plain.create_app, bare.create_app], ids=["plain", "bare"])
async def test_an_author_is_answered_with_the_members_of_the_contract(
    create_app: Callable[[], FastAPI], environment: str
) -> None:
    async with client_of(create_app) as client:
        made = await client.post("/authors", json=AUTHOR)
        found = await client.get("/authors/1")
        missing = await client.get("/authors/2")
    assert [made.status_code, found.status_code, missing.status_code] == [201, 200, 404]
    assert made.json() == found.json()
    assert made.json().keys() == contract.Author.model_fields.keys()
    assert contract.Author.model_validate(made.json()).model_dump(include=set(AUTHOR)) == AUTHOR


async def test_plain_sends_the_event_before_it_answers(environment: str, events: CaptureEvents) -> None:
    heard = await events("plain.authors")
    async with client_of(plain.create_app) as client:
        made = await client.post("/authors", json=AUTHOR)
    assert (await heard.event("author.created"))["data"] == made.json()


async def test_plain_links_each_book_once_and_sends_an_event_for_each_new_link(
    environment: str, events: CaptureEvents
) -> None:
    heard = await events("plain.author-books")
    async with client_of(plain.create_app) as client:
        await client.post("/authors", json=AUTHOR)
        await rows(environment, "INSERT INTO books (title) VALUES ('One'), ('Two'), ('Three')")
        answers = [
            await client.post("/authors/1/books", json={"book_ids": book_ids})
            for book_ids in ([2, 1], [1, 2, 3], [4])
        ]
        nobody = await client.post("/authors/9/books", json={"book_ids": [1]})
    assert [answer.status_code for answer in (*answers, nobody)] == [200, 200, 409, 404]
    assert answers[0].json() == {"author_id": 1, "book_ids": [1, 2]}
    assert await rows(environment, "SELECT * FROM author_books ORDER BY 2") == [(1, 1), (1, 2), (1, 3)]
    sent = await heard.wait_for_all(lambda _: True, 3)
    assert sorted(bytes(record.key or b"") for record in sent) == [b"1:1", b"1:2", b"1:3"]


async def test_plain_pages_by_the_last_id(environment: str) -> None:
    async with client_of(plain.create_app) as client:
        for _ in range(3):
            await client.post("/authors", json=AUTHOR)
        first = (await client.get("/authors?limit=2")).json()
        last = (await client.get(f"/authors?limit=2&after={first['next_cursor']}")).json()
    assert [author["author_id"] for author in first["items"] + last["items"]] == [1, 2, 3]
    assert last["next_cursor"] is None


async def test_bare_writes_the_event_with_the_author(environment: str) -> None:
    async with client_of(bare.create_app) as client:
        made = (await client.post("/authors", json=AUTHOR)).json()
    found = await rows(
        environment, "SELECT topic, key, value->>'event_type', value->'data'->>'name' FROM outbox"
    )
    assert found == [("bare.authors", str(made["author_id"]), "author.created", AUTHOR["name"])]


async def test_the_constant_answer_is_an_author_too() -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(asgi.app), base_url="http://baseline"
    ) as client:
        answers = [await client.post("/authors", json=AUTHOR), await client.get("/authors/17")]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert contract.Author.model_validate_json(answers[0].content).author_id == 17
