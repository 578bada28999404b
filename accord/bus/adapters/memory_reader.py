"""Reading what a topic of a `MemoryBroker` holds at present."""

from collections.abc import AsyncGenerator, Mapping

from accord.bus.adapters.memory import MemoryBroker
from accord.bus.errors import UnknownTopic
from accord.bus.messages import Record
from accord.bus.transport import TopicReader

__all__ = ["MemoryTopicReader"]


class MemoryTopicReader(TopicReader):
    """A topic without records counts as unknown."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker

    async def read(
        self, topic: str, within: Mapping[int, tuple[int, int]] | None = None
    ) -> AsyncGenerator[Record, None]:
        self._broker.answer()
        records = self._broker.records(topic)
        if not records:
            raise UnknownTopic(f"there is no topic {topic}")
        for record in records:
            first, end = (0, record.offset + 1) if within is None else within.get(record.partition, (0, 0))
            if first <= record.offset < end:
                yield record
