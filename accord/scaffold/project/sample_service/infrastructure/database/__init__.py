"""The notes in PostgreSQL."""
