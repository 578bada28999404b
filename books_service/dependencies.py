"""The single place where interfaces meet implementations."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from accord.bus.adapters.availability import poison_when_refused
from accord.bus.adapters.kafka import KafkaConsumerService, KafkaRecordProducer, KafkaSettings
from accord.bus.adapters.sql import OutboxPublisher
from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_outbox import SqlOutbox
from accord.bus.errors import Unavailable
from accord.bus.health import Health
from accord.bus.relay import OutboxRelay
from accord.http.health import Check
from accord.http.shutdown import ShutdownTime
from books_service.api.routes import BooksRoutes
from books_service.contracts.interfaces import IEventConsumer
from books_service.domain.services import BookService, BookServiceFactory
from books_service.infrastructure.database.engine import open_database
from books_service.infrastructure.database.purge import TombstonePurge
from books_service.infrastructure.database.schema import SchemaOutdated, check_schema
from books_service.infrastructure.database.unit_of_work import PostgreSQLUnitOfWork
from books_service.infrastructure.kafka.handlers import BooksEventHandlers
from books_service.settings import Settings
from generated.books import channels
from generated.books.channels import BooksHandlers
from generated.books.operations import BooksApi

__all__ = ["Dependencies", "build", "is_migrated", "services"]


@dataclass(frozen=True)
class Dependencies:
    """What the application is made of; nothing in it is started yet."""

    api: BooksApi
    handlers: BooksHandlers
    consumer: IEventConsumer
    relay: OutboxRelay
    purge: TombstonePurge
    checks: Mapping[str, Check]
    close: Callable[[], Awaitable[None]]
    """Gives back what the others used; called when all are stopped."""


def build(settings: Settings) -> Dependencies:
    """Wire the service to PostgreSQL and Kafka; connects to neither."""
    database = open_database(settings.database_url.get_secret_value(), settings.database_pool_size)
    kafka = KafkaSettings(
        settings.kafka_bootstrap_servers,
        client_id=settings.consumer_group,
        session_timeout_s=settings.session_timeout,
    )
    producer = KafkaRecordProducer(kafka, channels.SENT_TOPICS)
    time = ShutdownTime(settings.shutdown_timeout)
    # What is stopped shall end by itself in half of its share, so that the other half is for hanging up.
    relay = OutboxRelay(SqlOutbox(database), producer, stop_timeout_s=time.relay_s / 2)
    consumer = KafkaConsumerService(
        kafka,
        settings.consumer_group,
        channels.RECEIVED_TOPICS,
        dead_letters=replace(channels.BOOKS_SERVICE_DEAD_LETTERS, name=settings.dead_letter_topic),
        stop_timeout_s=time.consumer_s / 2,
    )
    return Dependencies(
        api=BooksRoutes(services(database)),
        handlers=BooksEventHandlers(_silent_services(database)),
        consumer=consumer,
        relay=relay,
        purge=TombstonePurge(services(database), timedelta(days=settings.tombstone_retention)),
        checks={
            "database": lambda: _check_database(database),
            "broker": lambda: _check_broker(producer),
            "consumer": lambda: _check_health(consumer.health),
            "relay": lambda: _check_health(relay.health),
        },
        close=database.close,
    )


async def is_migrated(settings: Settings) -> bool:
    """Whether books_db is at the newest migration; raises `Unavailable` if it is away."""
    database = open_database(settings.database_url.get_secret_value(), pool_size=1)
    try:
        await check_schema(database)
    except SchemaOutdated:
        return False
    finally:
        await database.close()
    return True


def services(database: Database) -> BookServiceFactory:
    def open_service() -> AbstractAsyncContextManager[BookService]:
        work = PostgreSQLUnitOfWork(database)
        return nullcontext(BookService(work, OutboxPublisher(channels.SENDS, work.session), _now))

    return open_service


def _silent_services(database: Database) -> BookServiceFactory:
    @asynccontextmanager
    async def open_service() -> AsyncIterator[BookService]:
        with poison_when_refused():
            yield BookService(PostgreSQLUnitOfWork(database), None, _now)

    return open_service


def _now() -> datetime:
    return datetime.now(UTC)


async def _check_database(database: Database) -> str | None:
    try:
        await check_schema(database)
    except (SchemaOutdated, Unavailable) as error:
        return str(error)
    return None


async def _check_broker(producer: KafkaRecordProducer) -> str | None:
    try:
        await producer.check()
    except Unavailable as error:
        return str(error)
    return None


async def _check_health(health: Health) -> str | None:
    return None if health.ready else f"{health.state}: {health.reason or 'no reason given'}"
