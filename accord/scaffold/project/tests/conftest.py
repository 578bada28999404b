"""The service on a PostgreSQL database and a broker; accord's pytest plugin brings both."""

from collections.abc import AsyncIterator

import httpx
import pytest
from accord.testing.brokers import KafkaBroker
from pydantic import SecretStr

from sample_service.main import create_app
from sample_service.settings import Settings


@pytest.fixture(scope="module")
async def client(module_database: str, kafka: KafkaBroker) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service, which is started before the first test of a module."""
    settings = Settings(
        database_url=SecretStr(module_database),
        kafka_bootstrap_servers=kafka.bootstrap_servers,
    )
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://sample") as client,
    ):
        yield client
