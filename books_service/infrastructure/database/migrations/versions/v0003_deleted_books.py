"""The last states of deleted books, so that deletions can be told once more.

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
        "deleted_books",
        sa.Column("book_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("isbn", sa.Text),
        sa.Column("publication_year", sa.Integer),
        sa.Column("summary", sa.Text),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("created_at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("book_id", name="deleted_books_pkey"),
    )
    op.create_index("deleted_books_updated_at_idx", "deleted_books", ["updated_at"])


def downgrade() -> None:
    op.drop_index("deleted_books_updated_at_idx", "deleted_books")
    op.drop_table("deleted_books")
