"""The table of the outbox for services that declare theirs with SQLAlchemy, for Alembic say."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, LargeBinary, MetaData, Table, Text, func
from sqlalchemy.dialects.postgresql import JSONB

__all__ = ["outbox_table"]


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
