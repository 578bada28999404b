"""Who sends what to whom over Kafka, and whether every reader takes what its senders send."""

from accord.wiring.wires import End, Wire, Wiring
from accord.wiring.wiring import wire

__all__ = ["End", "Wire", "Wiring", "wire"]
