"""What a generated ``channels`` module says of its messages: where they go, their keys and their shapes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from accord.boundary import Boundary
from accord.bus.headers import Headers, find_headers
from accord.bus.locations import Location
from accord.bus.messages import ReceivedEvent, Record
from accord.bus.texts import decoded, from_text, violation
from accord.bus.topics import Parameter, Topic

__all__ = ["EventContract", "Mark", "Parameter", "Topic"]

Payload = TypeVar("Payload")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place where each message of a channel has values of its own, by which it is told from the others."""

    location: Location
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class EventContract(Generic[Payload]):
    """One message of a channel; ``payload`` is the whole value of the record, the envelope where it has ours.

    ``key`` computes the record's key from the payload, or is what a given key must be; None admits any key.
    ``correlation`` is where the message carries its correlation id.
    """

    event_type: str
    topic: Topic
    key: Callable[[Any], str] | Boundary[Any] | None
    payload: Boundary[Payload]
    headers: Headers[Any] | None = None
    correlation: Location | None = None
    mark: Mark | None = None

    def parse(self, event: ReceivedEvent) -> Payload:
        """The payload as its model; raises `accord.boundary.ContractViolation`.

        Key and headers are held against the spec as well.
        """
        payload = self.payload.parse(event.payload)
        self.check_around(event.record, event.payload)
        return payload

    def check_around(self, record: Record, payload: Any) -> None:
        """Hold key and headers of a record, whose payload is right, against the spec.

        Raises `accord.boundary.ContractViolation`.
        """
        self.read_key(record, payload)
        if self.headers is not None:
            self.headers.check(record.headers)

    def read_key(self, record: Record, payload: Any) -> Any:
        """The key, as the payload or the schema of keys demands it; None where neither says anything."""
        subject = f"the key of {self.event_type}"
        if isinstance(self.key, Boundary):
            if record.key is None:
                raise violation(subject, "there is none")
            return from_text(self.key, decoded(subject, record.key))
        expected = self.computed_key(payload)
        if expected is not None and record.key != expected.encode():
            found = None if record.key is None else record.key[:100].decode(errors="replace")
            raise violation(subject, f"it is {found!r} instead of {expected!r}")
        return expected

    def computed_key(self, payload: Any) -> str | None:
        """The key that belongs to the payload, which is right; None where the spec computes none."""
        return None if self.key is None or isinstance(self.key, Boundary) else self.key(payload)

    def read_headers(self, record: Record) -> Any:
        """The headers as the model of their schema; None where the spec has none."""
        if self.headers is None:
            return None
        return self.headers.read(record.headers)

    def read_correlation(self, record: Record, payload: Any) -> Any:
        """The correlation id where the spec says that it is, of any JSON type; None where there is none."""
        if self.correlation is None:
            return None
        json = self.headers.json if self.headers is not None else ()
        return self.correlation.find(payload, find_headers(record.headers, json))
