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
            book bigint, locks integer[], authors bigint[], alive boolean[], versions bigint[]
        ) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM FROM books WHERE book_id = book FOR UPDATE;
            IF FOUND THEN
                PERFORM pg_advisory_xact_lock_shared(1, lock) FROM unnest(locks) AS lock;
                PERFORM FROM unnest(authors, alive, versions) AS expected (author_id, alive, version)
                LEFT JOIN authors_cache ON authors_cache.author_id = expected.author_id
                LEFT JOIN book_authors AS link ON link.book_id = book AND link.author_id = expected.author_id
                WHERE link.version IS DISTINCT FROM expected.version
                OR CASE WHEN authors_cache.author_id IS NOT NULL THEN authors_cache.deleted_at IS NULL END
                    IS DISTINCT FROM expected.alive;
                IF NOT FOUND THEN
                    RETURN;
                END IF;
            END IF;
            RAISE EXCEPTION 'the links of book % have changed', book
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'links_unchanged';
        END
        $$
        """
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION confirm_links")
