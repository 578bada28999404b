"""Embedded servers and the pytest fixtures over them; see the modules."""
