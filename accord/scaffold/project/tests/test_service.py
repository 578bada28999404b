"""The whole service: requests come in, rows are written, events go out and come in."""

import asyncio

import httpx
from accord.bus.adapters.kafka import KafkaProducerService, KafkaSettings
from accord.testing.brokers import KafkaBroker
from accord.testing.plugin import CaptureEvents

from generated.sample import channels


async def test_a_note_that_is_written_can_be_read_and_is_told_of(
    client: httpx.AsyncClient, events: CaptureEvents
) -> None:
    heard = await events("sample.notes")

    answer = await client.post("/notes", json={"text": "Buy milk."})

    assert answer.status_code == 201, answer.text
    note = answer.json()
    assert (await client.get(f"/notes/{note['note_id']}")).json() == note
    told = await heard.event("note.created")
    assert told["data"]["text"] == "Buy milk."
    assert told["correlation_id"] == answer.headers["X-Correlation-ID"]


async def test_a_request_that_breaks_the_contract_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/notes", json={"text": ""})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["pointer"] == "#/text"


async def test_a_note_that_is_not_there_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/notes/4711")).status_code == 404


async def test_what_the_archive_tells_is_noted(client: httpx.AsyncClient, kafka: KafkaBroker) -> None:
    note_id = (await client.post("/notes", json={"text": "Buy milk."})).json()["note_id"]
    archive = KafkaProducerService(KafkaSettings(kafka.bootstrap_servers), channels.RECEIVES)
    await archive.start()
    await archive.publish("note.archived", {"note_id": note_id})
    await archive.stop()

    async with asyncio.timeout(30):
        while not (await client.get(f"/notes/{note_id}")).json()["archived"]:
            await asyncio.sleep(0.05)
