"""`Desk`: where an operator works through a dead-letter stream."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime

from accord.bus.errors import UnknownTopic
from accord.bus.letters import DeadLetter, Outcome, Status, outcomes_topic, read_letter, read_outcome
from accord.bus.transport import Acknowledged, RecordProducer, TopicReader

__all__ = ["Desk"]


def _now() -> datetime:
    return datetime.now(UTC)


class Desk:
    """Decisions are kept in the stream's companion (`outcomes_topic`), after their effect.

    A crash between the two leaves a letter open; handlers bear that it is replayed twice. The owner starts
    the producer. Memory grows with the decisions about letters that exist, not with the letters.
    """

    def __init__(
        self, reader: TopicReader, producer: RecordProducer, topic: str, clock: Callable[[], datetime] = _now
    ) -> None:
        self._reader = reader
        self._producer = producer
        self._topic = topic
        self._outcomes_topic = outcomes_topic(topic).name
        self._clock = clock

    async def letters(
        self, within: Mapping[int, tuple[int, int]] | None = None
    ) -> AsyncGenerator[tuple[DeadLetter, Outcome | None], None]:
        """Each letter that is there now with its last outcome; see `TopicReader.read`.

        Raises `Unavailable` and `UnknownTopic`.
        """
        outcomes = await self._outcomes()
        async with aclosing(self._reader.read(self._topic, within)) as records:
            async for record in records:
                letter = read_letter(record)
                outcome = outcomes.get(letter.id)
                yield letter, outcome if outcome is not None and outcome.concerns(letter) else None

    async def replay(self, letters: Sequence[DeadLetter]) -> Sequence[str | None]:
        """Send the records to where they came from; for each None, or why that was not done."""
        said: list[str | None] = [letter.obstacle for letter in letters]
        ready = [index for index, obstacle in enumerate(said) if obstacle is None]
        sent = await self._producer.send([letters[index].original() for index in ready])
        done = []
        for index, outcome in zip(ready, sent, strict=True):
            if isinstance(outcome, Acknowledged):
                done.append(index)
            else:
                said[index] = str(outcome)
        noted = await self._note([letters[index] for index in done], Status.REPLAYED)
        for index, trouble in zip(done, noted, strict=True):
            said[index] = trouble and f"it was replayed, and that could not be noted: {trouble}"
        return said

    async def discard(self, letters: Sequence[DeadLetter], reason: str) -> Sequence[str | None]:
        """Note that nothing is to be done about them; for each None, or why that was not done."""
        return await self._note(letters, Status.DISCARDED, reason)

    async def _note(
        self, letters: Sequence[DeadLetter], status: Status, reason: str = ""
    ) -> list[str | None]:
        at = self._clock().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        outcomes = [
            Outcome(letter.id, status, at, letter.about.get("time", ""), reason) for letter in letters
        ]
        sent = await self._producer.send([outcome.record(self._outcomes_topic) for outcome in outcomes])
        return [None if isinstance(outcome, Acknowledged) else str(outcome) for outcome in sent]

    async def _outcomes(self) -> dict[str, Outcome]:
        found: dict[str, Outcome] = {}
        try:
            async for record in self._reader.read(self._outcomes_topic):
                if (outcome := read_outcome(record)) is not None:
                    found[outcome.id] = outcome
        except UnknownTopic:
            return {}
        return found
