"""Embedded PostgreSQL and Kafka start, serve and go."""

import asyncio
import os
import socket
import tempfile
from contextlib import closing
from pathlib import Path

import asyncpg
import psutil
import pytest
from confluent_kafka import Producer

from accord.testing import installation
from accord.testing import postgres as postgres_module
from accord.testing.kafka import EmbeddedKafka
from accord.testing.postgres import EmbeddedPostgres
from accord.testing.process import ProcessFailed


async def ask(url: str, query: str) -> object:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of this test's own, to see what is left in it."""
    folder = Path(tempfile.mkdtemp(prefix="test-"))
    folder.chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


async def test_a_created_database_takes_connections(postgres: EmbeddedPostgres) -> None:
    url = postgres.create_database("library of möbius")

    assert await ask(url, "SELECT current_database()") == "library of möbius"
    assert str(await ask(url, "SHOW server_version")).startswith("18")


async def test_a_database_can_be_the_copy_of_another(postgres: EmbeddedPostgres) -> None:
    await ask(postgres.create_database("original"), "CREATE TABLE authors (name text)")

    copy = postgres.create_database("copy", template="original")

    assert await ask(copy, "SELECT count(*) FROM authors") == 0


def test_a_database_that_exists_is_not_created_again(postgres: EmbeddedPostgres) -> None:
    postgres.create_database("once")

    with pytest.raises(ProcessFailed, match='"once" already exists'):
        postgres.create_database("once")


async def test_nobody_gets_in_without_the_password(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(postgres.url("postgres").replace(postgres.password, "guess"), "SELECT 1")


@pytest.mark.parametrize(("durable", "fsync"), [(False, "off"), (True, "on")])
async def test_commits_reach_the_disk_only_where_they_shall(durable: bool, fsync: str) -> None:
    with EmbeddedPostgres(durable=durable) as server:
        assert await ask(server.url("postgres"), "SHOW fsync") == fsync


def test_postgres_leaves_nothing_behind(temporary: Path) -> None:
    with EmbeddedPostgres() as server:
        processes = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
        assert len(processes) > 1
    assert [process for process in processes if process.is_running()] == []
    assert list(temporary.iterdir()) == []


def test_kafka_leaves_nothing_behind(temporary: Path) -> None:
    with EmbeddedKafka() as broker:
        pid = broker.pid
    assert not psutil.pid_exists(pid)
    assert list(temporary.iterdir()) == []


async def test_data_is_there_again_after_the_database_was_away() -> None:
    with EmbeddedPostgres() as server:
        await ask(server.url("postgres"), "CREATE TABLE authors (name text)")
        server.halt()
        with pytest.raises(OSError, match="Connect call failed"):
            await ask(server.url("postgres"), "SELECT 1")
        server.resume()
        assert await ask(server.url("postgres"), "SELECT count(*) FROM authors") == 0


async def test_what_was_committed_is_there_again_after_a_crash_of_a_durable_database() -> None:
    with EmbeddedPostgres(durable=True) as server:
        await ask(server.url("postgres"), "CREATE TABLE authors (name text)")
        processes = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
        server.crash()
        assert [process for process in processes if process.is_running()] == []
        server.resume()
        assert await ask(server.url("postgres"), "SELECT count(*) FROM authors") == 0


async def test_another_port_is_tried_where_somebody_took_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        ports = iter([taken.getsockname()[1], 0])
        find = installation.free_port
        monkeypatch.setattr(postgres_module, "free_port", lambda host: next(ports) or find(host))
        with EmbeddedPostgres() as server:
            assert server.port != taken.getsockname()[1]
            assert await ask(server.url("postgres"), "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a folder that another user may not enter")
def test_root_may_keep_the_wheel_where_nobody_else_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accord.testing.installation._is_open", lambda path: path.name != "postgres")
    with EmbeddedPostgres() as server:
        server.create_database("reachable")


def test_a_server_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(postgres_module.DISPOSABLE, "max_connections", "none")
    with pytest.raises(ProcessFailed, match='invalid value for parameter "max_connections"'):
        EmbeddedPostgres().start()


def test_topics_that_were_asked_for_exist_from_the_start() -> None:
    with EmbeddedKafka(["library.authors", "library.books"]) as broker:
        topics = Producer({"bootstrap.servers": broker.bootstrap_servers}).list_topics(timeout=10).topics

    assert {name: len(topic.partitions) for name, topic in topics.items()} == {
        "library.authors": 4,
        "library.books": 4,
    }


async def test_a_paused_broker_answers_once_it_goes_on() -> None:
    with EmbeddedKafka() as broker:
        producer = Producer({"bootstrap.servers": broker.bootstrap_servers, "linger.ms": 0})
        producer.produce("paused", value=b"before")
        assert producer.flush(10) == 0

        broker.pause()
        producer.produce("paused", value=b"meanwhile")
        assert await asyncio.to_thread(producer.flush, 0.5) == 1

        broker.resume()
        assert await asyncio.to_thread(producer.flush, 10) == 0
