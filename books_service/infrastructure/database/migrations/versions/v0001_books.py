"""Books, their links to authors, the cache of authors and the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "books",
        sa.Column("book_id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("isbn", sa.Text),
        sa.Column("publication_year", sa.Integer),
        sa.Column("summary", sa.Text),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("created_at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("book_id", name="books_pkey"),
        sa.UniqueConstraint("isbn", name="books_isbn_key"),
    )
    op.create_table(
        "book_authors",
        sa.Column("book_id", sa.BigInteger, nullable=False),
        sa.Column("author_id", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("linked", sa.Boolean, nullable=False),
        sa.Column("changed_at", TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "author_id", name="book_authors_pkey"),
        sa.ForeignKeyConstraint(
            ["book_id"], ["books.book_id"], name="book_authors_book_id_fkey", ondelete="CASCADE"
        ),
        sa.CheckConstraint("origin IN ('authors', 'books')", name="book_authors_origin_check"),
    )
    op.create_index("book_authors_author_id_idx", "book_authors", ["author_id"])
    op.create_table(
        "authors_cache",
        sa.Column("author_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("nationality", sa.Text),
        sa.Column("biography", sa.Text),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("created_at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("deleted_at", TIMESTAMP(timezone=True)),
        sa.PrimaryKeyConstraint("author_id", name="authors_cache_pkey"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("headers", JSONB, nullable=False),
        sa.Column("created_at", TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name="outbox_pkey"),
    )


def downgrade() -> None:
    op.drop_table("outbox")
    op.drop_table("authors_cache")
    op.drop_table("book_authors")
    op.drop_table("books")
