"""What Alembic runs around the migrations; it is given a connection and never makes one."""

from alembic import context

from books_service.infrastructure.database.tables import metadata

# The statements of all missing migrations run in the transaction of whoever gave the connection.
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
