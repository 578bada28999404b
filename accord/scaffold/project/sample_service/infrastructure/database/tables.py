"""The tables, as SQLAlchemy Core sees them."""

from typing import Final

from accord.bus.adapters.sql_tables import outbox_table
from sqlalchemy import BigInteger, Boolean, Column, Identity, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

__all__ = ["create_tables", "metadata", "notes", "outbox"]

metadata: Final = MetaData()

notes: Final = Table(
    "notes",
    metadata,
    Column("note_id", BigInteger, Identity(), primary_key=True),
    Column("text", Text, nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("written_at", TIMESTAMP(timezone=True), nullable=False),
)

outbox: Final = outbox_table(metadata)
"""Events that were committed here and not yet acknowledged by the broker."""


async def create_tables(url: str) -> None:
    """Create what is missing. A service that has been released changes its tables by migrations."""
    engine = create_async_engine(url, poolclass=NullPool, hide_parameters=True)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
