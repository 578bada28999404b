"""Publishing straight to a broker, for services that have no outbox."""

from collections.abc import Mapping
from typing import Any

from accord.bus.contract import EventContract
from accord.bus.envelope import EnvelopeBuilder
from accord.bus.ports import IEventPublisher
from accord.bus.published import log_published
from accord.bus.transport import Acknowledged, RecordProducer

__all__ = ["DirectPublisher"]


class DirectPublisher(IEventPublisher):
    """`publish` returns once the broker has the event; no rollback can undo it."""

    def __init__(self, producer: RecordProducer, contracts: Mapping[str, EventContract[Any]]) -> None:
        self._producer = producer
        self._envelopes = EnvelopeBuilder(contracts)

    async def start(self) -> None:
        await self._producer.start()

    async def stop(self) -> None:
        await self._producer.stop()

    async def publish(self, event_type: str, data: dict[str, Any], correlation_id: str | None = None) -> None:
        record = self._envelopes.record(event_type, data, correlation_id)
        outcome = (await self._producer.send([record]))[0]
        if not isinstance(outcome, Acknowledged):
            raise outcome
        log_published(record, outcome)
