"""bare: FastAPI over a pool of asyncpg; the author and its outbox row in one statement, no contract, no logs.

Nobody sends what is in its outbox.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

__all__ = ["create_app"]

TABLES = """
CREATE TABLE IF NOT EXISTS authors (
    author_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, nationality text,
    biography text, version bigint NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text NOT NULL, key text NOT NULL,
    value json NOT NULL
)
"""
CREATE = """
WITH author AS (
    INSERT INTO authors (name, nationality, biography, version, created_at, updated_at)
    VALUES ($1, $2, $3, 1, now(), now()) RETURNING *
), event AS (
    INSERT INTO outbox (topic, key, value)
    SELECT 'bare.authors', author_id, json_build_object(
        'event_type', 'author.created', 'event_id', gen_random_uuid(), 'timestamp', now(),
        'data', row_to_json(author)
    ) FROM author
)
SELECT * FROM author
"""
GET = "SELECT * FROM authors WHERE author_id = $1"


class AuthorCreate(BaseModel):
    name: str
    nationality: str | None = None
    biography: str | None = None


class Author(AuthorCreate):
    author_id: int
    version: int
    created_at: datetime
    updated_at: datetime


def create_app() -> FastAPI:
    """Serve over DATABASE_URL."""
    pool: Any = asyncpg.create_pool(os.environ["DATABASE_URL"].replace("+asyncpg", ""), max_size=16)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with pool:
            await pool.execute(TABLES)
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/authors", status_code=201)
    async def create_author(body: AuthorCreate) -> Author:
        return Author(**await pool.fetchrow(CREATE, body.name, body.nationality, body.biography))

    @app.get("/authors/{author_id}")
    async def get_author(author_id: int) -> Author:
        row = await pool.fetchrow(GET, author_id)
        if row is None:
            raise HTTPException(404, "There is no such author.")
        return Author(**row)

    return app
