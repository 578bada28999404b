"""Which dead letters a command is about, and deciding about them."""

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from accord.cli.broker import Refusal, at_broker, choose_topic
from accord.cli.safe import shortened, visible

__all__ = ["Choice", "decide", "selection_options"]

Command = TypeVar("Command", bound=Callable[..., Any])

_ID = re.compile(r"([0-9]{1,9}):([0-9]{1,18})")
_BATCH = 100
"""Letters that are in memory at once, at most: each may be as large as the broker allows."""

_BATCH_BYTES = 4_000_000


def selection_options(command: Command) -> Command:
    """Add the ids and the filters."""
    for add in (
        click.option("--all-open", is_flag=True, help="All that nobody decided about yet."),
        click.option("--event-type", metavar="TYPE", help="Those of this event type."),
        click.option("--reason-contains", metavar="TEXT", help="Those whose reason contains this."),
        click.argument("ids", nargs=-1),
    ):
        command = add(command)
    return command


@dataclass(frozen=True)
class Choice:
    """Named letters, or those that all filters admit; ``decided`` ones among them only if so said."""

    ids: tuple[str, ...]
    reason_contains: str | None
    event_type: str | None
    decided: bool
    again: bool = False
    """Whether those that were decided about are taken up once more."""

    @classmethod
    def of(
        cls,
        ids: tuple[str, ...],
        reason_contains: str | None,
        event_type: str | None,
        all_open: bool,
        again: bool,
    ) -> "Choice":
        """Either ids or filters; raises `click.UsageError`."""
        filtered = all_open or reason_contains is not None or event_type is not None
        if bool(ids) == filtered:
            raise click.UsageError(
                "Name dead letters by their ids, or choose them: --reason-contains, --event-type, --all-open."
            )
        # Of those that are named something is said in any case.
        return cls(tuple(dict.fromkeys(ids)), reason_contains, event_type, again or bool(ids), again)

    async def letters(self, settings: Any, topic: str, limit: int | None = None) -> AsyncGenerator[Any, None]:
        """Each chosen letter and its outcome, at most ``limit``; raises `Refusal` for what is no id."""
        from accord.bus.adapters.kafka import KafkaRecordProducer
        from accord.bus.adapters.kafka_reader import KafkaTopicReader
        from accord.bus.desk import Desk

        within = self._within()
        desk = Desk(KafkaTopicReader(settings), KafkaRecordProducer(settings), topic)
        count = 0
        async with aclosing(desk.letters(within)) as letters:
            async for letter, outcome in letters:
                if not self._admits(letter, outcome):
                    continue
                yield letter, outcome
                count += 1
                if count == limit:
                    return

    def _admits(self, letter: Any, outcome: Any) -> bool:
        if self.ids:
            return letter.id in self.ids
        return (
            (self.decided or outcome is None)
            and (self.reason_contains is None or self.reason_contains in letter.about.get("reason", ""))
            and (self.event_type is None or self.event_type == letter.event_type)
        )

    def _within(self) -> dict[int, tuple[int, int]] | None:
        if not self.ids:
            return None
        within: dict[int, tuple[int, int]] = {}
        for each in self.ids:
            if (match := _ID.fullmatch(each)) is None:
                raise Refusal(f"{visible(each)} is no id; an id is partition:offset, as `list` prints it.")
            number, offset = map(int, match.groups())
            first, end = within.get(number, (offset, offset + 1))
            within[number] = min(first, offset), max(end, offset + 1)
        return within


def decide(
    choice: Choice, topic: str | None, servers: str | None, yes: bool, discard_reason: str | None
) -> None:
    """Replay, or discard where there is a reason; exit status 1 if anything was not done."""
    verb = "replay" if discard_reason is None else "discard"

    async def count(settings: Any) -> tuple[str, int]:
        name = await choose_topic(topic, settings)
        number = 0
        async with aclosing(choice.letters(settings, name)) as letters:
            async for _ in letters:
                number += 1
        return name, number

    if yes or len(choice.ids) == 1:
        limit = None
    else:
        topic, limit = at_broker(servers, count)
        if limit > 1:
            click.confirm(f"{verb.capitalize()} {limit} dead letters of {topic}?", abort=True, err=True)
    work = _Work(choice, topic, discard_reason, limit)
    at_broker(servers, work.run)
    for each in work.missing():
        work.refused(each, "there is no such dead letter")
    past = "replayed" if discard_reason is None else "discarded"
    click.echo(f"{work.done} {past}, {work.already} done already, {work.undone} not done.", err=True)
    if work.undone:
        raise SystemExit(1)


class _Work:
    """Goes through the chosen letters in batches; not beyond ``limit``, the number that was agreed to."""

    def __init__(
        self, choice: Choice, topic: str | None, discard_reason: str | None, limit: int | None
    ) -> None:
        self.done = self.already = self.undone = 0
        self._choice = choice
        self._topic = topic
        self._discard_reason = discard_reason
        self._limit = limit
        self._seen: set[str] = set()

    def missing(self) -> list[str]:
        """The ids that no letter has."""
        return [each for each in self._choice.ids if each not in self._seen]

    def refused(self, letter_id: str, why: str) -> None:
        """Say what was not done."""
        self.undone += 1
        click.echo(f"{letter_id}: not done: {visible(why)}.")

    async def run(self, settings: Any) -> None:
        """Do it; raises `accord.bus.errors.Unavailable` if the broker goes away meanwhile."""
        from accord.bus.adapters.kafka import KafkaRecordProducer
        from accord.bus.adapters.kafka_reader import KafkaTopicReader
        from accord.bus.desk import Desk
        from accord.bus.letters import outcomes_topic

        if self._limit == 0:
            return
        topic = await choose_topic(self._topic, settings)
        producer = KafkaRecordProducer(settings, (outcomes_topic(topic),))
        desk = Desk(KafkaTopicReader(settings), producer, topic)
        await producer.start()
        try:
            batch: list[Any] = []
            size = 0
            async with aclosing(self._choice.letters(settings, topic, self._limit)) as letters:
                async for letter, outcome in letters:
                    self._seen.add(letter.id)
                    if self._is_decided(letter, outcome):
                        continue
                    batch.append(letter)
                    size += len(letter.record.value or b"")
                    if len(batch) == _BATCH or size > _BATCH_BYTES:
                        await self._settle(desk, batch)
                        batch, size = [], 0
            await self._settle(desk, batch)
        finally:
            await producer.stop()

    def _is_decided(self, letter: Any, outcome: Any) -> bool:
        """Whether the letter is left alone, because of what was decided earlier."""
        if outcome is None or self._choice.again:
            return False
        wanted = "replayed" if self._discard_reason is None else "discarded"
        if outcome.status == wanted:
            self.already += 1
            click.echo(f"{letter.id}: was {wanted} already, at {visible(outcome.at)}.")
        else:
            other = "; --again replays it" if self._discard_reason is None else ""
            self.refused(letter.id, f"it was {outcome.status} at {outcome.at}{other}")
        return True

    async def _settle(self, desk: Any, batch: list[Any]) -> None:
        if self._discard_reason is None:
            said = await desk.replay(batch)
        else:
            said = await desk.discard(batch, self._discard_reason)
        for letter, why in zip(batch, said, strict=True):
            if why is not None:
                self.refused(letter.id, why)
                continue
            self.done += 1
            to = f" to {letter.about['topic']}" if self._discard_reason is None else ""
            key = shortened(visible((letter.record.key or b"").decode(errors="replace")), 60)
            what = "replayed" if self._discard_reason is None else "discarded"
            click.echo(f"{letter.id}: {what}{visible(to)}, key {key}.")
