"""The commands of an operator, on the running system."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import click
import pytest
from click.testing import CliRunner

import authors_service.commands
import books_service.commands
from generated.authors.client import AuthorsClient
from generated.authors.schemas import AuthorCreate
from generated.books.client import BooksClient
from generated.books.schemas import AuthorIds, BookCreate
from scripts.stack import Stack
from tests.waiting import eventually

ROOT = Path(__file__).parents[3]


def run(stack: Stack, *command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "AUTHORS_DATABASE_URL": stack.addresses.authors_database_url,
        "AUTHORS_KAFKA_BOOTSTRAP_SERVERS": stack.addresses.kafka_bootstrap_servers,
        "BOOKS_DATABASE_URL": stack.addresses.books_database_url,
        "BOOKS_KAFKA_BOOTSTRAP_SERVERS": stack.addresses.kafka_bootstrap_servers,
    }
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


async def test_what_is_damaged_is_found_and_a_republication_of_it_alone_makes_it_whole(
    stack: Stack, authors: AuthorsClient, books: BooksClient
) -> None:
    author = (await authors.create_author(AuthorCreate(name="Tove Jansson"))).body
    book = (await books.create_book(BookCreate(title="The Summer Book"))).body

    async def is_linked() -> bool:
        await books.link_book_authors(book.book_id, AuthorIds(author_ids=[author.author_id]))
        return True

    await eventually(is_linked)
    database = await asyncpg.connect(stack.addresses.books_database_url.replace("+asyncpg", ""))
    try:
        await database.execute("DELETE FROM authors_cache WHERE author_id = $1", author.author_id)
        found = await asyncio.to_thread(
            run, stack, "accord", "verify", "--service", "books", "--format", "json"
        )
        assert found.returncode == 1, found.stderr
        sentences = [each["sentence"] for each in json.loads(found.stdout)["findings"]]
        assert f"author {author.author_id} is not in authors_cache" in sentences

        since = author.created_at.isoformat()
        done = await asyncio.to_thread(run, stack, "authors_service", "republish", "--since", since)
        assert done.returncode == 0, done.stderr

        async def is_back() -> bool:
            query = "SELECT EXISTS (SELECT 1 FROM authors_cache WHERE author_id = $1)"
            return bool(await database.fetchval(query, author.author_id))

        await eventually(is_back)
    finally:
        await database.close()
    found = await asyncio.to_thread(run, stack, "accord", "verify", "--service", "books")
    assert f"author {author.author_id} " not in found.stdout


@pytest.mark.parametrize("time", ["yesterday", "2026-01-05T09:30:00"])
@pytest.mark.parametrize("cli", [authors_service.commands.cli, books_service.commands.cli])
def test_a_time_that_is_none_is_refused_before_anything_is_done(cli: click.Group, time: str) -> None:
    done = CliRunner().invoke(cli, ["republish", "--since", time])
    assert done.exit_code == 2
    assert repr(time) in done.stderr


def test_a_service_that_is_told_to_end_ends_well_though_kafka_is_frozen(stack: Stack) -> None:
    service = stack.services["books"]
    stack.kafka.pause()
    try:
        assert service.process
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(21) == 0
    finally:
        stack.kafka.resume()
        service.start()
        service.wait_until_ready()
