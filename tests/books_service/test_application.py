"""How the application starts, says how it is, and stops."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from accord.bus.health import State
from accord.interface import IncompleteImplementation
from books_service.api.routes import BooksRoutes
from books_service.dependencies import build
from books_service.infrastructure.kafka.handlers import BooksEventHandlers
from books_service.main import create_app
from generated.books.channels import BooksHandlers
from generated.books.operations import BooksApi
from tests.books_service.application import Application, run_application, some_settings


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://books")


async def test_the_bus_starts_and_stops_with_the_application() -> None:
    async with run_application() as application:
        relay = application.dependencies.relay
        async with asyncio.timeout(5):
            while relay.health.state is not State.RUNNING:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert not application.closed
    assert application.dependencies.relay.health.state is State.STOPPED
    assert application.closed


async def test_each_check_has_its_say_about_readiness() -> None:
    async def well() -> str | None:
        return None

    async def ill() -> str | None:
        return "the tide is out"

    application = Application(checks={"database": well, "broker": ill})
    answer = await application.client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {
        "database": {"status": "ok"},
        "broker": {"status": "failing", "detail": "the tide is out"},
    }
    assert (await application.client.get("/health/live")).status_code == 200


async def test_the_service_starts_while_database_and_broker_are_away_and_says_so() -> None:
    app = create_app(some_settings())
    async with asyncio.timeout(30), app.router.lifespan_context(app), client_of(app) as client:
        ready = await client.get("/health/ready")
        assert ready.status_code == 503
        checks = ready.json()["checks"]
        assert set(checks) == {"database", "broker", "consumer", "relay"}
        assert {check["status"] for check in checks.values()} == {"failing"}
        assert "secret" not in ready.text
        assert (await client.get("/health/live")).status_code == 200
        refused = await client.post("/books", json={"title": "U"})
        assert refused.status_code == 503
        assert refused.json()["correlation_id"]


async def test_a_database_that_lacks_a_migration_is_not_ready(
    engine: AsyncEngine, books_database_url: str
) -> None:
    settings = some_settings().model_copy(update={"database_url": SecretStr(books_database_url)})
    dependencies = build(settings)
    async with engine.connect() as connection:
        newest = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()
    try:
        assert await dependencies.checks["database"]() is None
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        assert "run `migrate`" in str(await dependencies.checks["database"]())
    finally:
        async with engine.begin() as connection:
            await connection.execute(
                text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest}
            )
        await dependencies.close()


def test_a_forgotten_operation_stops_the_start_and_is_named() -> None:
    class Forgetful(BooksRoutes):
        replace_book = BooksApi.replace_book

    with pytest.raises(IncompleteImplementation, match="operation replaceBook"):
        Forgetful(Application().services)


def test_a_forgotten_event_stops_the_start_and_is_named() -> None:
    class Forgetful(BooksEventHandlers):
        author_deleted = BooksHandlers.author_deleted

    with pytest.raises(IncompleteImplementation, match=r"event author\.deleted"):
        Forgetful(Application().silent_services)
