"""Where a running stack can be reached, for people and for programs."""

import os
from dataclasses import dataclass, fields
from pathlib import Path

__all__ = ["Addresses"]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Each field is a variable of ``stack.env``, in capitals."""

    authors_url: str
    books_url: str
    authors_database_url: str
    books_database_url: str
    kafka_bootstrap_servers: str

    def write(self, path: Path) -> None:
        """Write a file that a shell can source, all at once, for its owner alone: it holds a password."""
        lines = [f"{field.name.upper()}={getattr(self, field.name)}\n" for field in fields(self)]
        unfinished = path.with_name(f"{path.name}.{os.getpid()}")
        unfinished.touch(mode=0o600)
        unfinished.write_text("".join(lines))
        unfinished.rename(path)
