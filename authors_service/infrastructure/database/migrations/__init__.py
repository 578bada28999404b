"""Alembic's environment and the migrations of authors_db."""
