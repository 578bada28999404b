"""`fuzz`: cases through the consumer and the handlers of the Authors Service, and what became of each."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.typing import EventDict

from accord.bus.messages import Record
from accord.testing.capture import EventCapture
from authors_service.dependencies import build
from authors_service.infrastructure.database.migrate import create_engine
from authors_service.settings import Settings
from authors_service.upkeep import migrate_database
from scripts.fuzz_judge import Evidence, judge
from scripts.fuzzed import AUTHORS, Case, Fate

__all__ = ["Stuck", "Tally", "fuzz"]

WAVE_RECORDS: Final = 1_000
WAVE_BYTES: Final = 2_000_000
"""The embedded broker keeps about 5 MB a partition; a wave fits in even if one partition takes it all."""

PATIENCE_SECONDS: Final = 60.0
"""Without any progress of the consumer."""

Place = tuple[str, int, int]
"""Topic, partition and offset."""


class Stuck(AssertionError):
    """The consumer went no further; the message says where."""


@dataclass
class Tally:
    """What went in and what came out, per kind of case; ``wrong`` says which cases fared ill, and how."""

    fates: dict[str, Counter[Fate]] = field(default_factory=lambda: defaultdict(Counter))
    sent: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    retries: int = 0
    letters: int = 0
    seconds: float = 0.0

    @property
    def records(self) -> int:
        """How many records went in."""
        return self.sent.total()

    def count(self, fate: Fate) -> int:
        """How many records had this fate."""
        return sum(fates[fate] for fates in self.fates.values())

    @property
    def adds_up(self) -> bool:
        """Whether each record had exactly one fate, and each dead letter is of one of them."""
        return self.records == sum(map(self.count, Fate)) and self.letters == self.count(Fate.DEAD)


async def fuzz(
    cases: Iterable[Case],
    database_url: str,
    bootstrap_servers: str,
    progress: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """Feed ``cases`` in waves to a service over an empty database and broker; raises `Stuck`."""
    settings = Settings(database_url=SecretStr(database_url), kafka_bootstrap_servers=bootstrap_servers)
    await migrate_database(settings)
    tally = Tally()
    began = time.monotonic()
    with _listening() as heard:
        async with _engine(database_url) as engine, _consuming(settings) as capture:
            for wave in _waves(cases):
                places = await asyncio.to_thread(_send, bootstrap_servers, wave)
                await asyncio.to_thread(_wait, settings, places)
                letters = _by_origin(await capture.catch_up(within=PATIENCE_SECONDS))
                capture.records.clear()
                tally.letters += sum(map(len, letters.values()))
                await _settle(wave, places, letters, engine, heard, tally)
                tally.seconds = time.monotonic() - began
                tally.retries = heard.retries
                progress(tally)
                heard.ignored.clear()
                heard.consumed.clear()
    return tally


@asynccontextmanager
async def _engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    async with engine.begin() as connection:
        insert = "INSERT INTO authors (name, version, created_at, updated_at) SELECT 'Ada', 1, now(), now()"
        await connection.execute(text(f"{insert} FROM generate_series(1, {AUTHORS})"))
    yield engine
    await engine.dispose()


@asynccontextmanager
async def _consuming(settings: Settings) -> AsyncIterator[EventCapture]:
    """The consumer and its handlers, wired as the service wires them."""
    service = build(settings)
    service.handlers.register(service.consumer)
    async with EventCapture(settings.kafka_bootstrap_servers, [settings.dead_letter_topic]) as capture:
        await service.consumer.start()
        try:
            yield capture
        finally:
            await service.consumer.stop()
            await service.close()


async def _settle(
    wave: Sequence[Case],
    places: Sequence[Place],
    letters: dict[Place, list[Record]],
    engine: AsyncEngine,
    heard: "_Heard",
    tally: Tally,
) -> None:
    rows = await _rows(engine, [case.target for case in wave])
    for case, place in zip(wave, places, strict=True):
        evidence = Evidence(
            rows.get(case.target), letters.pop(place, []), place in heard.ignored, place in heard.consumed
        )
        fate, complaint = judge(case, evidence)
        tally.sent[case.kind] += 1
        if fate is not None:
            tally.fates[case.kind][fate] += 1
        if evidence.letters:
            tally.reasons.setdefault(case.kind, evidence.reason)
        if complaint:
            tally.wrong.append(f"{case.kind} at {place}: {complaint}; value {case.value!r:.200}")
    tally.wrong += [f"a dead letter of no record that was sent: {place}" for place in letters]


async def _rows(engine: AsyncEngine, targets: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What the database knows of each target, as a book or as a link."""
    books = "SELECT book_id, title, deleted_at IS NOT NULL AS deleted FROM books_cache"
    links = "SELECT book_id, author_id, linked FROM author_books"
    found: dict[int, dict[str, Any]] = {}
    async with engine.connect() as connection:
        for query in (books, links):
            rows = await connection.execute(
                text(f"{query} WHERE book_id = ANY(:targets)"), {"targets": list(targets)}
            )
            found |= {row.book_id: dict(row._mapping) for row in rows}
    return found


def _waves(cases: Iterable[Case]) -> Iterator[list[Case]]:
    wave: list[Case] = []
    size = 0
    for case in cases:
        weight = len(case.value or b"") + len(case.key or b"") + sum(len(v or b"") for _, v in case.headers)
        if wave and (len(wave) == WAVE_RECORDS or size + weight > WAVE_BYTES):
            yield wave
            wave, size = [], 0
        wave.append(case)
        size += weight
    if wave:
        yield wave


def _send(bootstrap_servers: str, wave: Sequence[Case]) -> list[Place]:
    """Where the broker put each record."""
    places: dict[int, Place] = {}
    # The limit counts key and headers; the broker's own is 1 MiB.
    producer = Producer(
        {
            "bootstrap.servers": bootstrap_servers,
            "message.max.bytes": 1_048_000,
            "log_level": 0,
            "linger.ms": 5,
        }
    )
    for number, case in enumerate(wave):

        def delivered(error: KafkaError | None, message: Message, number: int = number) -> None:
            if error is None:
                places[number] = (str(message.topic()), message.partition() or 0, message.offset() or 0)

        producer.produce(
            case.topic,
            key=case.key,
            value=case.value,
            headers=list(case.headers),
            timestamp=case.timestamp,
            on_delivery=delivered,
        )
        producer.poll(0)
    producer.flush(PATIENCE_SECONDS)
    missing = [case.kind for number, case in enumerate(wave) if number not in places]
    if missing:
        raise Stuck(f"the broker did not take {len(missing)} records: {sorted(set(missing))}")
    return [places[number] for number in range(len(wave))]


def _wait(settings: Settings, places: Sequence[Place]) -> None:
    """Return when the group has committed everything up to ``places``."""
    ends: dict[tuple[str, int], int] = {}
    for topic, number, offset in places:
        ends[topic, number] = max(ends.get((topic, number), 0), offset + 1)
    client = Consumer(
        {"bootstrap.servers": settings.kafka_bootstrap_servers, "group.id": settings.consumer_group}
    )
    try:
        moved = time.monotonic()
        last: dict[tuple[str, int], int] = {}
        while True:
            asked = [TopicPartition(topic, number) for topic, number in ends]
            now = {(each.topic, each.partition): each.offset for each in client.committed(asked, timeout=10)}
            if all(now[where] >= end for where, end in ends.items()):
                return
            if now != last:
                moved, last = time.monotonic(), now
            if time.monotonic() - moved > PATIENCE_SECONDS:
                raise Stuck(f"the consumer went no further than {now}; the ends are {ends}")
            time.sleep(0.02)
    finally:
        client.close()


def _by_origin(letters: Sequence[Record]) -> dict[Place, list[Record]]:
    found: dict[Place, list[Record]] = defaultdict(list)
    for letter in letters:
        said = {
            name: value.decode(errors="replace")
            for name, value in letter.headers[-11:]
            if name.startswith("dead_letter.")
        }
        origin = said["dead_letter.topic"], said["dead_letter.partition"], said["dead_letter.offset"]
        found[origin[0], int(origin[1]), int(origin[2])].append(letter)
    return found


@dataclass
class _Heard:
    ignored: set[Place] = field(default_factory=set)
    consumed: set[Place] = field(default_factory=set)
    retries: int = 0

    def __call__(self, _logger: object, _method: str, event: EventDict) -> EventDict:
        if event["event"] == "event ignored: unknown type":
            self.ignored.add((event["topic"], event["partition"], event["offset"]))
        elif event["event"] == "event consumed":
            self.consumed.add((event["topic"], event["partition"], event["offset"]))
        elif event["event"] == "event failed, retried":
            self.retries += 1
        raise structlog.DropEvent


@contextmanager
def _listening() -> Iterator[_Heard]:
    """Hear what the bus logs, instead of a hundred thousand lines."""
    heard = _Heard()
    former = structlog.get_config()
    structlog.configure(
        processors=[heard], wrapper_class=structlog.BoundLogger, cache_logger_on_first_use=False
    )
    try:
        yield heard
    finally:
        structlog.configure(**former)
