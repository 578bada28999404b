"""A broker that fails as told, and what reached it."""

import asyncio
from collections.abc import Sequence

import orjson

from accord.bus.adapters.memory import MemoryBroker, MemoryRecordProducer
from accord.bus.messages import OutgoingRecord, Record
from accord.bus.transport import Blocked, Failure, Outcome

__all__ = ["Broker", "number_of", "sent"]


class Broker(MemoryRecordProducer):
    """Refuses or loses the records of some numbers, and remembers how many were under way at once."""

    def __init__(self, broker: MemoryBroker) -> None:
        super().__init__(broker)
        self.failing: dict[int, Failure] = {}
        self.batches: list[int] = []
        self.answer = asyncio.Event()
        self.answer.set()
        self._in_turn = asyncio.Lock()

    async def send(
        self, records: Sequence[OutgoingRecord], blocked: Blocked | None = None
    ) -> Sequence[Outcome]:
        blocked = {} if blocked is None else blocked
        async with self._in_turn:
            self.batches.append(len(records))
            await self.answer.wait()
            outcomes: list[Outcome] = []
            for record in records:
                failure = self.failing.get(number_of(record))
                if failure is not None and (record.topic, record.key) not in blocked:
                    blocked[record.topic, record.key] = failure
                    outcomes.append(failure)
                else:
                    outcomes += await super().send([record], blocked)
            return outcomes


def number_of(record: OutgoingRecord | Record) -> int:
    number: int = orjson.loads(record.value or b"")["data"]["number"]
    return number


def sent(memory: MemoryBroker) -> list[tuple[str, int]]:
    found = [orjson.loads(record.value or b"")["data"] for record in memory.records("things")]
    return [(data["id"], data["number"]) for data in found]
