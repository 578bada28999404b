"""The last states of deleted authors, so that deletions can be told once more.

What was deleted before this migration is in the stream alone.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deleted_authors",
        sa.Column("author_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("nationality", sa.Text),
        sa.Column("biography", sa.Text),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("created_at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("author_id", name="deleted_authors_pkey"),
    )
    op.create_index("deleted_authors_updated_at_idx", "deleted_authors", ["updated_at"])


def downgrade() -> None:
    op.drop_index("deleted_authors_updated_at_idx", "deleted_authors")
    op.drop_table("deleted_authors")
