"""Records without a key, which the outbox keeps beside the others."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("outbox", "key", nullable=True)


def downgrade() -> None:
    op.execute("UPDATE outbox SET key = '' WHERE key IS NULL")
    op.alter_column("outbox", "key", nullable=False)
