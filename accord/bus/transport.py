"""What the bus itself needs from a broker and a database: the ports that adapters implement."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass

from accord.bus.errors import Refused, Unavailable
from accord.bus.messages import OutgoingRecord, Record

__all__ = [
    "Acknowledged",
    "Blocked",
    "Failure",
    "Fetched",
    "Offsets",
    "OutboxRow",
    "OutboxStore",
    "Outcome",
    "Partition",
    "RecordKey",
    "RecordProducer",
    "RecordSource",
    "TopicReader",
]

Partition = tuple[str, int]
"""A topic's name and the number of one of its partitions."""

Offsets = Mapping[Partition, int]
"""For each partition the offset of the next record to read, as Kafka counts."""

RecordKey = tuple[str, bytes | None]
"""A topic's name and a key; records that share both keep their order."""


@dataclass(slots=True)  # as records are, and for the same reason
class Acknowledged:
    """Where the broker keeps a record; with replicas, all that are in sync have it."""

    partition: int
    offset: int


Failure = Refused | Unavailable
"""Why a record was not acknowledged."""

Outcome = Acknowledged | Failure
"""What became of one record that was sent."""

Blocked = MutableMapping[RecordKey, Failure]
"""Keys of which a record was not acknowledged, and why: nothing that comes later may overtake it."""


class RecordProducer(ABC):
    """Sends records as they are."""

    @abstractmethod
    async def start(self) -> None:
        """Begin to connect; returns at once, whether the broker is there or not."""

    @abstractmethod
    async def stop(self) -> None:
        """Disconnect; safe to call twice."""

    @abstractmethod
    async def send(
        self, records: Sequence[OutgoingRecord], blocked: Blocked | None = None
    ) -> Sequence[Outcome]:
        """Send in order, pipelined, and wait until the fate of each record is known; one outcome per record.

        Calls may overlap: they send one after the other, as they were made, and wait for the broker together.
        The key of a record that is not acknowledged is entered into ``blocked``, and no record of a key in it
        is accepted any more; calls that share it are like a single one in that.
        `Unavailable` as an outcome leaves open whether the broker has the record: sent again it may double.
        """

    @abstractmethod
    async def check(self) -> None:
        """Raise `Unavailable` unless the broker answers now."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Records in the order of their partitions, and the epoch of the assignment that they were read under.

    ``trouble`` says why nothing may have come although there is something: the broker does not answer, say.
    """

    epoch: int
    records: Sequence[Record] = ()
    trouble: str | None = None


class RecordSource(ABC):
    """One member of a consumer group."""

    @property
    @abstractmethod
    def epoch(self) -> int:
        """Grows when partitions are taken away: records of an earlier epoch belong to others now."""

    @property
    @abstractmethod
    def assigned(self) -> frozenset[Partition]:
        """What this member reads at present."""

    @abstractmethod
    async def open(self, on_revoked: Callable[[], Awaitable[None]]) -> None:
        """Connect and begin to join the group; raises `Unavailable`. The assignment may come later.

        ``on_revoked`` is awaited while the partitions are still this member's, after ``epoch`` has grown.
        """

    @abstractmethod
    async def fetch(self) -> Fetched:
        """Wait a moment for records, and return what came, if anything.

        Raises `Unavailable` if only closing and opening the source again can help.
        """

    @abstractmethod
    async def commit(self, offsets: Offsets) -> None:
        """Store where the group goes on after a restart; raises `Unavailable` if that is not certain."""

    @abstractmethod
    async def close(self) -> None:
        """Leave the group without committing; may be opened again; safe to call twice."""


class TopicReader(ABC):
    """Looks at a topic without being a member of any group."""

    @abstractmethod
    def read(
        self, topic: str, within: Mapping[int, tuple[int, int]] | None = None
    ) -> AsyncGenerator[Record, None]:
        """Yield what the topic holds as the reading begins, in the order of each partition, and end.

        ``within`` restricts it to these partitions, from an offset to below another. Raises `Unavailable`,
        and `UnknownTopic` without making the topic.
        """


@dataclass(slots=True)
class OutboxRow:
    """A record that waits for its sending; ids grow, yet may have gaps that are filled later."""

    id: int
    record: OutgoingRecord


class OutboxStore(ABC):
    """The rows that committed transactions left for the relay. Every method raises `Unavailable`."""

    @abstractmethod
    async def acquire(self, wake: Callable[[], None]) -> bool:
        """Connect and become the only relay over these rows; False while another one is.

        From then on ``wake`` is called when rows have come, or this relay may have lost the lead.
        """

    @abstractmethod
    async def release(self) -> None:
        """Let another relay take over; safe to call twice, never raises."""

    @abstractmethod
    def batches(
        self, limit: int, without: Collection[RecordKey] = ()
    ) -> AsyncGenerator[Sequence[OutboxRow], None]:
        """Yield what is committed as the reading begins, in the order of the ids, at most ``limit`` at once.

        Of keys that are in ``without`` when a batch is read it holds none. What is committed meanwhile may be
        found or not, since ids become visible out of order; yet of a key never a row without those before it.
        (Whoever writes a row of a key holds a lock on it from before the id is given until it is committed.)
        """

    @abstractmethod
    async def delete(self, ids: Collection[int]) -> None:
        """Remove exactly these rows."""
