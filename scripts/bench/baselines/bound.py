"""What PostgreSQL and Kafka can do: fetch, validate, coalesce, one upsert per batch, commit; all by hand."""

import os
from datetime import datetime
from itertools import chain
from operator import itemgetter
from typing import Any

import asyncpg
import orjson
import uvloop
from aiokafka import AIOKafkaConsumer
from jsonschema_rs import Draft202012Validator

MAX_BATCH = 5_000
COLUMNS = (
    "book_id",
    "title",
    "isbn",
    "publication_year",
    "summary",
    "version",
    "created_at",
    "updated_at",
)

VALID = Draft202012Validator(
    {
        "type": "object",
        "required": ["event_type", "event_id", "timestamp", "correlation_id", "data"],
        "properties": {
            "event_type": {"enum": ["book.created", "book.updated"]},
            "event_id": {"type": "string", "format": "uuid"},
            "timestamp": {"type": "string", "format": "date-time"},
            "correlation_id": {"type": "string", "minLength": 1},
            "data": {
                "type": "object",
                "required": list(COLUMNS),
                "properties": {
                    "book_id": {"type": "integer", "minimum": 1},
                    "title": {"type": "string", "minLength": 1},
                    "isbn": {"type": ["string", "null"]},
                    "publication_year": {"type": ["integer", "null"]},
                    "summary": {"type": ["string", "null"]},
                    "version": {"type": "integer", "minimum": 1},
                    "created_at": {"type": "string", "format": "date-time"},
                    "updated_at": {"type": "string", "format": "date-time"},
                },
            },
        },
    },
    validate_formats=True,
).is_valid

UPSERT = """
    INSERT INTO books_cache (book_id, title, isbn, publication_year, summary, version, created_at, updated_at)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::bigint[],
                         $7::timestamptz[], $8::timestamptz[])
    ON CONFLICT (book_id) DO UPDATE SET
        title = excluded.title, isbn = excluded.isbn, publication_year = excluded.publication_year,
        summary = excluded.summary, version = excluded.version, created_at = excluded.created_at,
        updated_at = excluded.updated_at, deleted_at = NULL
    WHERE books_cache.version < excluded.version
"""


async def main() -> None:
    """Consume until the process is ended."""
    database = await asyncpg.connect(os.environ["BENCH_DATABASE_URL"].replace("+asyncpg", ""))
    upsert = await database.prepare(UPSERT)
    consumer = AIOKafkaConsumer(
        os.environ["BENCH_TOPIC"],
        bootstrap_servers=os.environ["BENCH_KAFKA"],
        group_id=os.environ["BENCH_GROUP"],
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=50,
    )
    columns = itemgetter(*COLUMNS)
    async with consumer:
        while True:
            found = await consumer.getmany(timeout_ms=500, max_records=MAX_BATCH)
            newest: dict[int, dict[str, Any]] = {}
            for record in chain.from_iterable(found.values()):
                event = orjson.loads(record.value)
                if not VALID(event):
                    raise ValueError(f"{record.topic}/{record.partition}:{record.offset} breaks the contract")
                state = event["data"]
                former = newest.get(state["book_id"])
                if former is None or former["version"] < state["version"]:
                    newest[state["book_id"]] = state
            if newest:
                for state in newest.values():
                    state["created_at"] = datetime.fromisoformat(state["created_at"])
                    state["updated_at"] = datetime.fromisoformat(state["updated_at"])
                await upsert.fetch(*zip(*map(columns, newest.values()), strict=True))
                await consumer.commit()


if __name__ == "__main__":
    uvloop.run(main())
