"""What is done to the data of the service beside serving them, wired to PostgreSQL and Kafka."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from accord.bus.adapters.kafka import KafkaSettings
from accord.bus.adapters.kafka_reader import KafkaTopicReader
from authors_service.dependencies import services
from authors_service.infrastructure.database.engine import open_database
from authors_service.infrastructure.database.migrate import create_engine, upgrade
from authors_service.infrastructure.database.republish import Republication
from authors_service.infrastructure.database.verify import Verification
from authors_service.settings import Settings

__all__ = ["migrate_database", "republication", "verification"]


async def migrate_database(settings: Settings) -> None:
    """Bring authors_db to the newest migration; raises `Unavailable` if it is away."""
    engine = create_engine(settings.database_url.get_secret_value())
    try:
        await upgrade(engine)
    finally:
        await engine.dispose()


@asynccontextmanager
async def republication(settings: Settings) -> AsyncIterator[Republication]:
    """What tells everything once more; a running service sends it."""
    database = open_database(settings.database_url.get_secret_value(), pool_size=1)
    try:
        yield Republication(database, services(database))
    finally:
        await database.close()


@asynccontextmanager
async def verification(settings: Settings) -> AsyncIterator[Verification]:
    """What holds the caches against the streams, and changes nothing."""
    database = open_database(settings.database_url.get_secret_value(), pool_size=1)
    reader = KafkaTopicReader(KafkaSettings(settings.kafka_bootstrap_servers))
    try:
        yield Verification(database, reader.read)
    finally:
        await database.close()
