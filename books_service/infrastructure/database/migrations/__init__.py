"""Alembic's environment and the migrations of books_db."""
