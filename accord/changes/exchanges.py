"""Who writes a value and who reads it, before and after a change."""

from dataclasses import dataclass
from enum import StrEnum

from accord.changes.change import Party
from accord.findings import Location

__all__ = ["RECEIVED", "REQUEST", "RESPONSE", "SENT", "Exchange", "Flow", "Writer"]


class Writer(StrEnum):
    """Which version writes; the other one reads."""

    OLD = "old"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Flow:
    """One direction of an exchange; ``party`` is hurt where the reader refuses."""

    writer: Writer
    party: Party


REQUEST = (Flow(Writer.OLD, Party.CLIENTS),)
"""Old clients write, the new server reads."""
RESPONSE = (Flow(Writer.NEW, Party.CLIENTS),)
"""The new server writes, old clients read."""
SENT = (Flow(Writer.NEW, Party.READERS), Flow(Writer.OLD, Party.REPLAY))
"""What we send from now on meets old readers, and what lies in Kafka meets new ones."""
RECEIVED = (Flow(Writer.OLD, Party.SENDERS), Flow(Writer.OLD, Party.REPLAY))
"""What others send today, and what lies in Kafka, is read by us from now on."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A value that crosses a boundary in both versions; ``old`` and ``new`` are the keys of its schemas."""

    subject: str
    old: str
    new: str
    flows: tuple[Flow, ...]
    before: Location
    after: Location
