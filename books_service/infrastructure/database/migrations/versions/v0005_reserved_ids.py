"""The service takes the ids of books from their sequence itself, before it writes the rows."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column(
        "books",
        "book_id",
        existing_type=sa.BigInteger,
        existing_nullable=False,
        server_default=sa.Identity(),
        existing_server_default=sa.Identity(always=True),
    )


def downgrade() -> None:
    op.alter_column(
        "books",
        "book_id",
        existing_type=sa.BigInteger,
        existing_nullable=False,
        server_default=sa.Identity(always=True),
        existing_server_default=sa.Identity(),
    )
