"""Publishing straight to a broker, for services that have no outbox."""

from collections.abc import Mapping
from typing import Any

from accord.bus.contract import EventContract
from accord.bus.envelope import EnvelopeBuilder
from accord.bus.messages import OutgoingRecord
from accord.bus.outgoing import find_contract, message_record
from accord.bus.ports import IMessagePublisher
from accord.bus.published import log_published
from accord.bus.transport import Acknowledged, RecordProducer

__all__ = ["DirectPublisher"]


class DirectPublisher(IMessagePublisher):
    """`publish` returns once the broker has the event; no rollback can undo it."""

    def __init__(self, producer: RecordProducer, contracts: Mapping[str, EventContract[Any]]) -> None:
        self._producer = producer
        self._contracts = contracts
        self._envelopes = EnvelopeBuilder(contracts)

    async def start(self) -> None:
        await self._producer.start()

    async def stop(self) -> None:
        await self._producer.stop()

    async def publish(self, event_type: str, data: dict[str, Any], correlation_id: str | None = None) -> None:
        await self._send(self._envelopes.record(event_type, data, correlation_id), event_type)

    async def send(self, name: str, payload: Any, **beside: Any) -> None:
        await self._send(message_record(find_contract(self._contracts, name), payload, **beside), name)

    async def _send(self, record: OutgoingRecord, name: str) -> None:
        outcome = (await self._producer.send([record]))[0]
        if not isinstance(outcome, Acknowledged):
            raise outcome
        log_published([(record, outcome)], name)
