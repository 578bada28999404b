"""The transactional outbox in PostgreSQL, over SQLAlchemy Core and asyncpg."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from typing import Any, Final

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Delete,
    Identity,
    LargeBinary,
    MetaData,
    Select,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    column,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from accord.bus.adapters.availability import unavailable_when_away
from accord.bus.contract import EventContract
from accord.bus.envelope import EnvelopeBuilder
from accord.bus.errors import Unavailable
from accord.bus.messages import OutgoingRecord
from accord.bus.outgoing import find_contract, message_record
from accord.bus.ports import IMessagePublisher
from accord.bus.transport import OutboxRow, OutboxStore, RecordKey

__all__ = ["OutboxPublisher", "SqlOutbox", "outbox_table", "unavailable_when_away"]

STATEMENT_TIMEOUT_S: Final = 30.0
"""A statement over a few hundred rows that takes longer is one that will not be answered."""

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


class SqlOutbox(OutboxStore):
    """The relay's side of the table.

    Keeps one connection of ``engine`` to itself: the advisory lock, the LISTEN and all statements are on it,
    so that whoever loses the connection has lost the lock and cannot delete anything any more.
    """

    def __init__(
        self, engine: AsyncEngine, table: Table, statement_timeout_s: float = STATEMENT_TIMEOUT_S
    ) -> None:
        self._engine = engine
        self._table = table
        self._timeout_s = statement_timeout_s
        self._connection: AsyncConnection | None = None
        self._woken = asyncio.Event()

    async def acquire(self) -> bool:
        await self.release()
        lock = func.pg_try_advisory_lock(func.hashtextextended(f"accord relay of {self._table.fullname}", 0))
        async with self._statements(connect=True) as connection:
            if not (await connection.execute(select(lock))).scalar_one():
                await self.release()
                return False
            driver: Any = (await connection.get_raw_connection()).driver_connection
            await driver.add_listener(self._table.name, self._wake)
            driver.add_termination_listener(self._wake)
        self._woken.set()
        return True

    async def release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # Closed for good, not given back to the pool: only its end frees lock and LISTEN for certain.
            with suppress(SQLAlchemyError, OSError):
                await connection.invalidate()
            with suppress(SQLAlchemyError, OSError):
                await connection.close()

    async def read(self, limit: int, without: Collection[RecordKey] = ()) -> Sequence[OutboxRow]:
        # Cleared before the read: what was committed and announced until now, this read sees.
        self._woken.clear()
        query = _first_rows(self._table)
        if without:
            query = query.where(_none_of(self._table, without))
        async with self._statements() as connection:
            rows = (await connection.execute(query, {"most": limit})).all()
        return [
            OutboxRow(
                row.id,
                OutgoingRecord(
                    topic=row.topic,
                    key=row.key,
                    value=row.value,
                    headers=tuple((name, text.encode()) for name, text in row.headers),
                ),
            )
            for row in rows
        ]

    async def delete(self, ids: Collection[int]) -> None:
        async with self._statements() as connection:
            await connection.execute(_deletion(self._table), {"ids": list(ids)})

    async def wait(self, timeout_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._woken.wait()

    def _wake(self, *_notification: object) -> None:
        self._woken.set()

    @asynccontextmanager
    async def _statements(self, *, connect: bool = False) -> AsyncIterator[AsyncConnection]:
        try:
            with unavailable_when_away():
                async with asyncio.timeout(self._timeout_s):
                    if connect:
                        autocommitting = self._engine.execution_options(isolation_level="AUTOCOMMIT")
                        self._connection = await autocommitting.connect()
                    if self._connection is None:
                        raise Unavailable("this relay has no connection to the database")
                    yield self._connection
        except BaseException:
            await self.release()
            raise


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


@lru_cache(maxsize=16)
def _first_rows(table: Table) -> Select[Any]:
    columns = (table.c.id, table.c.topic, table.c.key, table.c.value, table.c.headers)
    return select(*columns).order_by(table.c.id).limit(bindparam("most"))


def _none_of(table: Table, keys: Collection[RecordKey]) -> ColumnElement[bool]:
    """Rows of other keys; no key is a key like any other here, and to SQL it is equal to none."""
    topic, key = table.c.topic, table.c.key
    keyed = [each for each in keys if each[1] is not None]
    keyless = [name for name, of_topic in keys if of_topic is None]
    return or_(
        and_(key.is_(None), topic.not_in(keyless)), and_(key.is_not(None), tuple_(topic, key).not_in(keyed))
    )


@lru_cache(maxsize=16)
def _deletion(table: Table) -> Delete:
    return delete(table).where(table.c.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
