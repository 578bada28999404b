"""The single place where interfaces meet implementations."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from accord.bus.adapters.availability import poison_when_refused
from accord.bus.adapters.kafka import KafkaConsumerService, KafkaRecordProducer, KafkaSettings
from accord.bus.adapters.sql import OutboxPublisher
from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_outbox import SqlOutbox
from accord.bus.relay import OutboxRelay

from generated.sample import channels
from generated.sample.channels import SampleHandlers
from generated.sample.operations import SampleApi
from sample_service.api.routes import SampleRoutes
from sample_service.contracts.interfaces import IEventConsumer
from sample_service.domain.services import NoteService, NoteServiceFactory
from sample_service.infrastructure.database.tables import create_tables
from sample_service.infrastructure.database.unit_of_work import PostgreSQLUnitOfWork
from sample_service.infrastructure.kafka.handlers import SampleEventHandlers
from sample_service.settings import Settings

__all__ = ["Dependencies", "build"]


@dataclass(frozen=True)
class Dependencies:
    """What the application is made of; nothing in it is started yet."""

    api: SampleApi
    handlers: SampleHandlers
    consumer: IEventConsumer
    relay: OutboxRelay
    prepare: Callable[[], Awaitable[None]]
    close: Callable[[], Awaitable[None]]


def build(settings: Settings) -> Dependencies:
    """Wire the service to PostgreSQL and Kafka; connects to neither."""
    database = Database(settings.database_url.get_secret_value(), size=10)
    kafka = KafkaSettings(settings.kafka_bootstrap_servers, client_id=settings.consumer_group)
    producer = KafkaRecordProducer(kafka, channels.SENT_TOPICS)
    return Dependencies(
        api=SampleRoutes(_services(database)),
        handlers=SampleEventHandlers(_silent_services(database)),
        consumer=KafkaConsumerService(kafka, settings.consumer_group, channels.RECEIVED_TOPICS),
        relay=OutboxRelay(SqlOutbox(database), producer),
        prepare=lambda: create_tables(database.url),
        close=database.close,
    )


def _services(database: Database) -> NoteServiceFactory:
    @asynccontextmanager
    async def open_service() -> AsyncIterator[NoteService]:
        work = PostgreSQLUnitOfWork(database)
        yield NoteService(work, OutboxPublisher(channels.SENDS, work.session), _now)

    return open_service


def _silent_services(database: Database) -> NoteServiceFactory:
    @asynccontextmanager
    async def open_service() -> AsyncIterator[NoteService]:
        with poison_when_refused():
            yield NoteService(PostgreSQLUnitOfWork(database), None, _now)

    return open_service


def _now() -> datetime:
    return datetime.now(UTC)
