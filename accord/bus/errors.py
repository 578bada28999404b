"""What can go wrong on the bus, each class a decision that the caller can take.

BusError
├── Poison         this record will never be right: dead letter at once
├── Unavailable    the database or the broker is away: wait and try again, lose nothing
│   └── OutcomeUnknown   it went away while it committed: find out before trying again
├── Refused        the broker answers, but will never take this record
├── UnknownEvent   publish() was asked for an event that the contract does not send
└── UnknownTopic   there is no such topic to read
"""

__all__ = ["BusError", "OutcomeUnknown", "Poison", "Refused", "Unavailable", "UnknownEvent", "UnknownTopic"]


class BusError(Exception):
    """Root of the tree."""


class Poison(BusError):
    """The record breaks the contract; no retry can help."""


class Unavailable(BusError):
    """A server that is needed does not answer; the work is undone and may be tried again."""


class OutcomeUnknown(Unavailable):
    """The server went away while it committed; only work that may be done twice is safe to try again."""


class Refused(BusError):
    """The broker will not take this record however often it is sent, because of its size for example."""


class UnknownEvent(BusError):
    """The contract sends no event of this type."""


class UnknownTopic(BusError):
    """The broker has no topic of this name."""
