"""Decisions about links are made without locks, and confirmed where they are written."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("book_authors_author_id_idx", table_name="book_authors")
    op.create_index("book_authors_author_id_idx", "book_authors", ["author_id", "book_id"])
    # In a function each statement sees what is committed by then, so the last one what the locks waited for.
    # As parts of the statement that writes, they would all see what was there before.
    op.execute(
        """
        CREATE FUNCTION confirm_links(
            book bigint, locks integer[], authors bigint[], alive boolean[], versions bigint[], floor bigint
        ) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM FROM books WHERE book_id = book FOR UPDATE;
            IF FOUND THEN
                PERFORM pg_advisory_xact_lock_shared(1, lock) FROM unnest(locks) AS lock;
                PERFORM FROM unnest(authors, alive, versions) AS expected (author_id, alive, version)
                WHERE expected.alive IS DISTINCT FROM
                    (SELECT deleted_at IS NULL FROM authors_cache WHERE author_id = expected.author_id)
                OR expected.version IS DISTINCT FROM
                    (SELECT version FROM book_authors WHERE book_id = book AND author_id = expected.author_id)
                OR floor <> (SELECT coalesce(max(version), 0) FROM link_floor);
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
    op.drop_index("book_authors_author_id_idx", table_name="book_authors")
    op.create_index("book_authors_author_id_idx", "book_authors", ["author_id"])
