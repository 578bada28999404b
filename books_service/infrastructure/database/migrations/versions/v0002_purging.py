"""Purging of tombstones: how to find them, and how high the versions of purged links were."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_floor",
        sa.Column("single", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("single", name="link_floor_pkey"),
        sa.CheckConstraint("single", name="link_floor_single_check"),
    )
    op.create_index(
        "book_authors_tombstones_idx",
        "book_authors",
        ["changed_at"],
        postgresql_where=sa.text("NOT linked"),
    )
    op.create_index(
        "authors_cache_tombstones_idx",
        "authors_cache",
        ["deleted_at"],
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("authors_cache_tombstones_idx", "authors_cache")
    op.drop_index("book_authors_tombstones_idx", "book_authors")
    op.drop_table("link_floor")
