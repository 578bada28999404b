"""The records of one call on their way through aiokafka, and what became of each."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTopicError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
)
from aiokafka.partitioner import DefaultPartitioner

from accord.bus.adapters.kafka_client import away
from accord.bus.errors import Refused, Unavailable
from accord.bus.messages import OutgoingRecord
from accord.bus.transport import Acknowledged, Blocked, Failure, Outcome, Partition

__all__ = ["Delivery"]

_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)
_REFUSALS = (*_TOO_LARGE, InvalidTopicError, PolicyViolationError)

_partition_of = DefaultPartitioner()


class Delivery:
    """Handed over, awaited and ended, each once and in this order; the end comes whatever else did not.

    Many records go as batches of their partitions, which takes a third of the time of aiokafka's `send`, with
    its future for each record. A single one goes by `send`: there it shares a batch with what others send.
    """

    def __init__(self, records: Sequence[OutgoingRecord], blocked: Blocked) -> None:
        self._records = records
        self._blocked = blocked
        self._outcomes: list[Outcome | None] = [None] * len(records)
        self.batches_too_large = False
        """The broker takes no batch of that size; whether it takes the records is seen in smaller ones."""
        # The places of records that are in one batch, as they follow each other there, and its answer.
        self._under_way: list[tuple[Sequence[int], asyncio.Future[Any]]] = []

    async def hand_over(self, producer: AIOKafkaProducer, max_record_bytes: int) -> None:
        """Give the client all records in order, but those that it or ``blocked`` keeps back."""
        if len(self._records) == 1:
            await self._hand_over_one(producer)
        else:
            await self._hand_over_batches(producer, max_record_bytes)

    async def answered(self) -> None:
        """Wait for the broker's answer to all that was handed over."""
        if self._under_way:
            await asyncio.wait([answer for _, answer in self._under_way])

    def end(self, otherwise: Failure | None) -> Failure | None:
        """Close the books; return the first failure that leaves the client unfit for more, if there is one.

        ``otherwise`` is what kept the broker from answering, and stands for the answers that are missing.
        """
        unfit = otherwise
        for places, answer in self._under_way:
            if not answer.done() or answer.cancelled():
                answer.cancel()
            elif (error := answer.exception()) is None:
                metadata = answer.result()
                for offset, place in enumerate(places, metadata.offset):
                    self._outcomes[place] = Acknowledged(metadata.partition, offset)
            else:
                failure = self._failure(error, len(places))
                unfit = unfit or failure
                for place in places:
                    self._fail(place, failure)
        if unfit is not None:
            for place, outcome in enumerate(self._outcomes):
                if outcome is None:
                    self._fail(place, Unavailable(str(unfit)))
        return unfit

    @property
    def outcomes(self) -> Sequence[Outcome]:
        """One for each record, after the end."""
        return [outcome for outcome in self._outcomes if outcome is not None]

    async def _hand_over_one(self, producer: AIOKafkaProducer) -> None:
        (record,) = self._records
        if self._is_blocked(0, record):
            return
        try:
            answer = await producer.send(
                record.topic, record.value, key=record.key, headers=list(record.headers)
            )
        except _REFUSALS as error:
            self._fail(0, _refused(error))
        else:
            self._under_way.append(((0,), answer))

    async def _hand_over_batches(self, producer: AIOKafkaProducer, max_record_bytes: int) -> None:
        partitions: dict[str, tuple[list[int], list[int]]] = {}
        filling: dict[Partition, tuple[Any, list[int]]] = {}
        for place, record in enumerate(self._records):
            if self._is_blocked(place, record):
                continue
            if record.topic not in partitions:
                try:
                    partitions[record.topic] = await _partitions(producer, record.topic)
                except _REFUSALS as error:
                    self._fail(place, _refused(error))
                    continue
            partition = record.topic, _partition_of(record.key, *partitions[record.topic])
            batch, places = filling.get(partition, (None, []))
            if batch is None or not _append(batch, record):
                if batch is not None:
                    await self._hand_over_batch(producer, partition, batch, places)
                batch, places = filling[partition] = producer.create_batch(), []
                # The first one is taken whatever its size, and none that is as large shares a batch.
                _append(batch, record)
                if batch.size() > max_record_bytes:
                    del filling[partition]
                    self._fail(place, _refused(MessageSizeTooLargeError(f"{batch.size()} bytes")))
                    continue
            places.append(place)
        for partition, (batch, places) in filling.items():
            await self._hand_over_batch(producer, partition, batch, places)

    async def _hand_over_batch(
        self, producer: AIOKafkaProducer, partition: Partition, batch: Any, places: Sequence[int]
    ) -> None:
        batch.close()  # or `send` would add to it
        topic, number = partition
        self._under_way.append((places, await producer.send_batch(batch, topic, partition=number)))

    def _is_blocked(self, place: int, record: OutgoingRecord) -> bool:
        if not self._blocked or (record.topic, record.key) not in self._blocked:
            return False
        self._outcomes[place] = Unavailable("waits behind a record of the same key that failed")
        return True

    def _failure(self, error: BaseException, records: int) -> Failure:
        if isinstance(error, _TOO_LARGE) and records > 1:
            self.batches_too_large = True
            return Unavailable(f"the broker takes no batch of {records} records as large as they are")
        return _refused(error) if isinstance(error, _REFUSALS) else away(error)

    def _fail(self, place: int, outcome: Failure) -> None:
        """Nothing of its key may overtake it from now on."""
        record = self._records[place]
        self._outcomes[place] = outcome
        self._blocked.setdefault((record.topic, record.key), outcome)


async def _partitions(producer: AIOKafkaProducer, topic: str) -> tuple[list[int], list[int]]:
    """Return all and those that have a leader, as aiokafka itself asks for them when it sends."""
    everyone = sorted(await producer.partitions_for(topic))
    return everyone, list(producer.client.cluster.available_partitions_for_topic(topic))


def _append(batch: Any, record: OutgoingRecord) -> bool:
    added = batch.append(timestamp=None, key=record.key, value=record.value, headers=list(record.headers))
    return added is not None


def _refused(error: BaseException) -> Refused:
    return Refused(f"the broker refuses the record: {type(error).__name__}: {error}")
