"""The writing side of the transactional outbox in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from accord.bus.adapters.availability import unavailable_when_away
from accord.bus.adapters.sql_session import Session
from accord.bus.adapters.sql_statement import BEFORE, Statement, names, rows_given
from accord.bus.contract import EventContract
from accord.bus.envelope import EnvelopeBuilder
from accord.bus.messages import OutgoingRecord
from accord.bus.outgoing import find_contract, message_record
from accord.bus.ports import IMessagePublisher

__all__ = ["OUTBOX", "OutboxPublisher", "unavailable_when_away"]

OUTBOX: Final = "outbox"
"""The name of the table, and of the channel on which relays hear of news."""


@dataclass(frozen=True, slots=True)
class _Row:
    topic: str
    key: bytes | None
    value: bytes
    headers: str


# Ids are given in the order of the rows, and behind what else is written, which may have to wait for another
# transaction: the one that comes second says so second.
_INSERT: Final = f"INSERT INTO {OUTBOX} ({names(_Row)}) SELECT"
_ONE: Final = Statement(f"{_INSERT} :topic, :key, :value, CAST(:headers AS jsonb) FROM {BEFORE}")
_MANY: Final = Statement(
    f"{_INSERT} topic, key, value, CAST(headers AS jsonb) FROM ({rows_given(_Row)}) AS rows, {BEFORE}"
)


class OutboxPublisher(IMessagePublisher):
    """Publishes by a row among what the session writes: the event is sent if that commits, and only then."""

    def __init__(self, contracts: Mapping[str, EventContract[Any]], session: Session) -> None:
        self._contracts = contracts
        self._envelopes = EnvelopeBuilder(contracts)
        self._session = session

    async def start(self) -> None:
        """The session is the caller's."""

    async def stop(self) -> None:
        """The commit is the caller's."""

    async def publish(self, event_type: str, data: dict[str, Any], correlation_id: str | None = None) -> None:
        await self._insert(self._envelopes.record(event_type, data, correlation_id))

    async def send(self, name: str, payload: Any, **beside: Any) -> None:
        await self._insert(message_record(find_contract(self._contracts, name), payload, **beside))

    async def publish_many(self, events: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """All of them, or none if one breaks the contract."""
        await self._insert(*(self._envelopes.record(event_type, data) for event_type, data in events))

    async def _insert(self, *records: OutgoingRecord) -> None:
        rows = [_row(record) for record in records]
        if len(rows) == 1:
            await self._session.write(_ONE, rows[0])
        elif rows:
            await self._session.write(_MANY, {name: [row[name] for row in rows] for name in rows[0]})
        if rows:
            self._session.announce(OUTBOX)


def _row(record: OutgoingRecord) -> dict[str, Any]:
    headers = [[name, value.decode()] for name, value in record.headers]
    return {
        "topic": record.topic,
        "key": record.key,
        "value": record.value,
        "headers": orjson.dumps(headers).decode(),
    }
