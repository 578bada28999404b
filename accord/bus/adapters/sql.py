"""The writing side of the transactional outbox in PostgreSQL."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
    insert,
)
from sqlalchemy.dialects.postgresql import JSONB

from accord.bus.adapters.availability import unavailable_when_away
from accord.bus.adapters.sql_session import Session
from accord.bus.adapters.sql_statement import Statement, given, rows_given
from accord.bus.contract import EventContract
from accord.bus.envelope import EnvelopeBuilder
from accord.bus.messages import OutgoingRecord
from accord.bus.outgoing import find_contract, message_record
from accord.bus.ports import IMessagePublisher

__all__ = ["OutboxPublisher", "outbox_table", "unavailable_when_away"]

_INSERTED: Final = ("topic", "key", "value", "headers")


def outbox_table(metadata: MetaData) -> Table:
    """Declare the table ``outbox``; ``headers`` is a JSON list of [name, text] pairs."""
    return Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("topic", Text, nullable=False),
        Column("key", LargeBinary),
        Column("value", LargeBinary, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


class OutboxPublisher(IMessagePublisher):
    """Publishes by a row among what the session writes: the event is sent if that commits, and only then."""

    def __init__(self, contracts: Mapping[str, EventContract[Any]], session: Session, table: Table) -> None:
        self._contracts = contracts
        self._envelopes = EnvelopeBuilder(contracts)
        self._session = session
        self._table = table

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
        if records:
            rows = [_row(record) for record in records]
            columns = {name: [row[name] for row in rows] for name in _INSERTED}
            one = len(records) == 1
            await self._session.write(_insertion(self._table, one), rows[0] if one else columns)
            self._session.announce(self._table.name)


@lru_cache(maxsize=32)
def _insertion(table: Table, one: bool) -> Statement[Any]:
    """Of one row, or of many, whose ids are given in their order."""
    if one:
        return Statement(insert(table).values(given(*(table.c[name] for name in _INSERTED))).inline())
    return Statement(insert(table).from_select(list(_INSERTED), rows_given(table, *_INSERTED)))


def _row(record: OutgoingRecord) -> dict[str, Any]:
    headers = [[name, value.decode()] for name, value in record.headers]
    return {
        "topic": record.topic,
        "key": record.key,
        "value": record.value,
        "headers": orjson.dumps(headers).decode(),
    }
