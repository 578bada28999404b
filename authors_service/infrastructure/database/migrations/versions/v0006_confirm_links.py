"""Decisions about links are made without locks, and confirmed where they are written."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("author_books_book_id_idx", table_name="author_books")
    op.create_index("author_books_book_id_idx", "author_books", ["book_id", "author_id"])
    # In a function each statement sees what is committed by then, so the last one what the locks waited for.
    # As parts of the statement that writes, they would all see what was there before.
    op.execute(
        """
        CREATE FUNCTION confirm_links(
            author bigint, locks integer[], books bigint[], alive boolean[], versions bigint[], floor bigint
        ) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM FROM authors WHERE author_id = author FOR UPDATE;
            IF FOUND THEN
                PERFORM pg_advisory_xact_lock_shared(1, lock) FROM unnest(locks) AS lock;
                PERFORM FROM unnest(books, alive, versions) AS expected (book_id, alive, version)
                WHERE expected.alive IS DISTINCT FROM
                    (SELECT deleted_at IS NULL FROM books_cache WHERE book_id = expected.book_id)
                OR expected.version IS DISTINCT FROM
                    (SELECT version FROM author_books WHERE author_id = author AND book_id = expected.book_id)
                OR floor <> (SELECT coalesce(max(version), 0) FROM link_floor);
                IF NOT FOUND THEN
                    RETURN;
                END IF;
            END IF;
            RAISE EXCEPTION 'the links of author % have changed', author
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'links_unchanged';
        END
        $$
        """
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION confirm_links")
    op.drop_index("author_books_book_id_idx", table_name="author_books")
    op.create_index("author_books_book_id_idx", "author_books", ["book_id"])
