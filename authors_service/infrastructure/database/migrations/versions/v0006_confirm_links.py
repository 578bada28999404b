"""Decisions about links are made without locks, and confirmed where they are written."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In a function each statement sees what is committed by then, so the last one what the locks waited for.
    # As parts of the statement that writes, they would all see what was there before.
    op.execute(
        """
        CREATE FUNCTION confirm_links(
            author bigint, locks integer[], books bigint[], alive boolean[], versions bigint[]
        ) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM FROM authors WHERE author_id = author FOR UPDATE;
            IF FOUND THEN
                PERFORM pg_advisory_xact_lock_shared(1, lock) FROM unnest(locks) AS lock;
                PERFORM FROM unnest(books, alive, versions) AS expected (book_id, alive, version)
                LEFT JOIN books_cache ON books_cache.book_id = expected.book_id
                LEFT JOIN author_books AS link ON link.author_id = author AND link.book_id = expected.book_id
                WHERE link.version IS DISTINCT FROM expected.version
                OR CASE WHEN books_cache.book_id IS NOT NULL THEN books_cache.deleted_at IS NULL END
                    IS DISTINCT FROM expected.alive;
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
