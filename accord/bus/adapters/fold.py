"""What a stream says in the end: the last state of each key, folded on disk, since streams have no bound."""

import sqlite3
from collections.abc import AsyncIterable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from accord.boundary import ContractViolation, load_json
from accord.bus.contract import EventContract
from accord.bus.messages import Record

__all__ = ["Difference", "Order", "StreamFold", "StreamState"]

Order = tuple[int, str]
"""A version and an origin; of two states of one key the one with the higher pair is the later."""

_BATCH: Final = 500
_TABLE: Final = """
    CREATE TABLE states (
        key TEXT PRIMARY KEY, version INTEGER, origin TEXT, event_type TEXT, data BLOB,
        partition INTEGER, offset INTEGER, seen INTEGER DEFAULT 0
    ) WITHOUT ROWID
"""
_KEEP: Final = """
    INSERT INTO states (key, version, origin, event_type, data, partition, offset)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET
        version = excluded.version, origin = excluded.origin, event_type = excluded.event_type,
        data = excluded.data, partition = excluded.partition, offset = excluded.offset
    WHERE (excluded.version, excluded.origin) > (version, origin)
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """One line that a comparison prints, in the form of all checks: `path:line:col: sentence [rule]`."""

    path: str
    line: int
    rule: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:1: {self.sentence} [{self.rule}]"

    def as_json(self) -> dict[str, Any]:
        """Flat, with the members that each check of Accord prints."""
        return {
            "path": self.path,
            "line": self.line,
            "column": 1,
            "sentence": self.sentence,
            "rule": self.rule,
            "severity": "error",
        }


@dataclass(frozen=True, slots=True)
class StreamState:
    """The winning record of a key."""

    topic: str
    key: str
    order: Order
    event_type: str
    data: Mapping[str, Any]
    partition: int
    offset: int

    def difference(self, rule: str, sentence: str) -> Difference:
        """A difference whose place is the record: partition as path, offset as line, counted from 1."""
        return Difference(f"{self.topic}/{self.partition}", self.offset + 1, rule, sentence)


class StreamFold:
    """A context manager around a temporary file, which nobody else sees and which goes with it."""

    def __init__(self, topic: str, contracts: Mapping[str, EventContract[Any]]) -> None:
        self._topic = topic
        self._contracts = contracts
        self.broken = 0
        """Records that break the contract: readers bury them, so they say nothing here."""

    def __enter__(self) -> "StreamFold":
        # An empty name is a file that SQLite removes; it holds a few megabytes of it in memory.
        self._states = sqlite3.connect("", isolation_level=None)
        self._states.execute(_TABLE)
        return self

    def __exit__(self, *_error: object) -> None:
        self._states.close()

    async def fill(self, records: AsyncIterable[Record], order: Callable[[Mapping[str, Any]], Order]) -> None:
        """Fold all records; ``order`` tells it of an event's data."""
        batch: list[tuple[Any, ...]] = []
        async for record in records:
            try:
                event_type, key, data = self._parse(record)
            except ContractViolation:
                self.broken += 1
                continue
            batch.append((key, *order(data), event_type, orjson.dumps(data), record.partition, record.offset))
            if len(batch) == _BATCH:
                self._keep(batch)
        self._keep(batch)

    def take(self, keys: Collection[str]) -> Mapping[str, StreamState]:
        """The states of these keys, which are noted as seen."""
        marks = ",".join("?" * len(keys))
        found = self._states.execute(f"SELECT * FROM states WHERE key IN ({marks})", tuple(keys))  # noqa: S608
        states = {state.key: state for state in map(self._state, found)}
        self._states.execute(f"UPDATE states SET seen = 1 WHERE key IN ({marks})", tuple(keys))  # noqa: S608
        return states

    def unseen(self) -> Iterator[list[StreamState]]:
        """The states that nobody took, in batches."""
        rows = self._states.execute("SELECT * FROM states WHERE NOT seen ORDER BY key")
        while batch := rows.fetchmany(_BATCH):
            yield [self._state(row) for row in batch]

    def _keep(self, batch: list[tuple[Any, ...]]) -> None:
        self._states.execute("BEGIN")
        self._states.executemany(_KEEP, batch)
        self._states.execute("COMMIT")
        batch.clear()

    def _parse(self, record: Record) -> tuple[str, str, Mapping[str, Any]]:
        envelope = load_json(record.value or b"", "envelope")
        event_type = envelope.get("event_type") if isinstance(envelope, dict) else None
        contract = self._contracts.get(event_type) if isinstance(event_type, str) else None
        if contract is None:
            raise ContractViolation("envelope", ())
        contract.payload.check(envelope)
        return contract.event_type, contract.computed_key(envelope) or "", envelope["data"]

    def _state(self, row: tuple[Any, ...]) -> StreamState:
        key, version, origin, event_type, data, partition, offset, _ = row
        return StreamState(
            self._topic, key, (version, origin), event_type, orjson.loads(data), partition, offset
        )
