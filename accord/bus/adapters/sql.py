"""The writing side of the transactional outbox in PostgreSQL, over SQLAlchemy Core."""

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
    Select,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from accord.bus.adapters.availability import unavailable_when_away
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
    """Publishes by a row in the caller's transaction: the event is sent if that commits, and only then."""

    def __init__(
        self, contracts: Mapping[str, EventContract[Any]], connection: AsyncConnection, table: Table
    ) -> None:
        self._contracts = contracts
        self._envelopes = EnvelopeBuilder(contracts)
        self._connection = connection
        self._table = table

    async def start(self) -> None:
        """The connection is the caller's."""

    async def stop(self) -> None:
        """The transaction is the caller's."""

    async def publish(self, event_type: str, data: dict[str, Any], correlation_id: str | None = None) -> None:
        await self._insert(self._envelopes.record(event_type, data, correlation_id))

    async def send(self, name: str, payload: Any, **beside: Any) -> None:
        await self._insert(message_record(find_contract(self._contracts, name), payload, **beside))

    async def _insert(self, record: OutgoingRecord) -> None:
        with unavailable_when_away():
            await self._connection.execute(_insertion(self._table), _row(record))

    async def publish_many(self, events: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """All in one statement, or none if one of them breaks the contract."""
        rows = [_row(self._envelopes.record(event_type, data)) for event_type, data in events]
        if rows:
            values = {name: [row[name] for row in rows] for name in _INSERTED}
            # As text: an array of lists would be taken for an array of more dimensions.
            values["headers"] = [orjson.dumps(headers).decode() for headers in values["headers"]]
            with unavailable_when_away():
                await self._connection.execute(_insertion_of_many(self._table), values)


@lru_cache(maxsize=16)
def _insertion(table: Table) -> Select[Any]:
    """One round trip for the row and its announcement, which goes out when the transaction commits."""
    added = (
        insert(table)
        .values({name: bindparam(name, type_=table.c[name].type) for name in _INSERTED})
        .returning(table.c.id)
        .cte("added")
    )
    return select(func.pg_notify(table.name, "")).select_from(added)


@lru_cache(maxsize=16)
def _insertion_of_many(table: Table) -> Select[Any]:
    """The same for columns of values; ids are given in the order of the lists."""
    types = {name: Text() if name == "headers" else table.c[name].type for name in _INSERTED}
    new = (
        func.unnest(*(bindparam(name, type_=ARRAY(each)) for name, each in types.items()))
        .table_valued(*(column(name, each) for name, each in types.items()), with_ordinality="place")
        .render_derived("new")
    )
    rows = select(*(cast(new.c[name], table.c[name].type) for name in _INSERTED)).order_by(new.c.place)
    added = insert(table).from_select(list(_INSERTED), rows).returning(table.c.id).cte("added")
    # A statement in WITH is carried out to its end, however few of its rows are asked for.
    return select(func.pg_notify(table.name, "")).select_from(added).limit(1)


def _row(record: OutgoingRecord) -> dict[str, Any]:
    headers = [[name, value.decode()] for name, value in record.headers]
    return {"topic": record.topic, "key": record.key, "value": record.value, "headers": headers}
