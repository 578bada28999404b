"""Judges authors and books: the owner's table, its stream, and the cache on the other side."""

from collections import defaultdict

from scripts.chaos.ledger import SIDES, EntityWrite, Kind, Ledger, Outcome
from scripts.chaos.snapshot import Entity, EntityEvent, Snapshot
from scripts.chaos.verdict import Verdict

__all__ = ["judge_entities"]

Key = tuple[str, int]


def judge_entities(ledger: Ledger, snapshot: Snapshot, verdict: Verdict) -> None:
    """Add what is lost, unasked for, or different on the two sides."""
    asked = _Asked(ledger)
    for key, acknowledged in asked.acknowledged.items():
        _judge_acknowledged(key, acknowledged, asked, snapshot, verdict)
    for side in SIDES:
        for entity_id, row in snapshot.owners[side].items():
            if (side, entity_id) not in asked.acknowledged and not asked.maybe_created(side, row.token):
                verdict.unasked.append(f"{side} {entity_id} {row}: nobody asked for it")
        _judge_tokens(side, snapshot, verdict)
        _judge_cache(side, snapshot, verdict)
    _judge_events(asked, snapshot, verdict)


class _Asked:
    """The ledger, by what it is about."""

    def __init__(self, ledger: Ledger) -> None:
        self.acknowledged: dict[Key, list[EntityWrite]] = defaultdict(list)
        self.unknown: dict[Key, list[EntityWrite]] = defaultdict(list)
        self._created: set[tuple[str, str]] = set()
        for write in ledger.entities:
            if write.outcome is Outcome.REFUSED:
                continue
            if write.entity_id is None:
                self._created.add((write.side, write.token))
                continue
            known = self.acknowledged if write.outcome is Outcome.ACKNOWLEDGED else self.unknown
            known[write.side, write.entity_id].append(write)

    def maybe_created(self, side: str, token: str) -> bool:
        """Tell whether a request to create it was never answered."""
        return (side, token) in self._created

    def explains(self, event: EntityEvent) -> bool:
        """Tell whether somebody asked for what the event says, and was not refused."""
        key = (event.side, event.entity_id)
        if event.kind == Kind.CREATED and event.version == 1 and self.maybe_created(event.side, event.token):
            return True
        return any(
            write.kind == event.kind
            and write.version == event.version
            and (write.kind is Kind.DELETED or write.token == event.token)
            for write in (*self.acknowledged.get(key, ()), *self.unknown.get(key, ()))
        )


def _judge_acknowledged(
    key: Key, acknowledged: list[EntityWrite], asked: _Asked, snapshot: Snapshot, verdict: Verdict
) -> None:
    """Follow one entity: its last state is the last acknowledged one, or an unanswered one after that."""
    name = f"{key[0]} {key[1]}"
    versions = {write.version: write for write in acknowledged}
    if len(versions) < len(acknowledged):
        verdict.lost.append(f"{name}: a version was acknowledged twice, so one of the two is overwritten")
    last = versions[max(versions)]
    later = [write for write in asked.unknown.get(key, ()) if write.version > last.version]
    row = snapshot.owners[key[0]].get(key[1])
    if last.kind is Kind.DELETED:
        if row is not None:
            verdict.lost.append(f"{name}: was deleted as version {last.version}, and is there: {row}")
    elif row is None:
        if not any(write.kind is Kind.DELETED for write in later):
            verdict.lost.append(f"{name}: version {last.version} {last.token!r} is not there")
    elif row.version < last.version or (row.version == last.version and row.token != last.token):
        verdict.lost.append(f"{name}: version {last.version} {last.token!r} is not there, but {row}")
    elif row.version > last.version and not any(
        write.version == row.version and write.token == row.token for write in later
    ):
        verdict.unasked.append(f"{name}: {row} is there, the last that was asked for is {last}")


def _judge_tokens(side: str, snapshot: Snapshot, verdict: Verdict) -> None:
    """Each request made one entity at most."""
    seen: dict[str, int] = {}
    for entity_id, row in snapshot.owners[side].items():
        if row.token in seen:
            verdict.unasked.append(f"{side} {entity_id}: {row.token!r} is {side} {seen[row.token]} already")
        seen[row.token] = entity_id


def _judge_cache(side: str, snapshot: Snapshot, verdict: Verdict) -> None:
    owner, cache = snapshot.owners[side], snapshot.caches[side]
    for entity_id in sorted(owner.keys() | cache.keys()):
        own, cached = owner.get(entity_id), cache.get(entity_id)
        if own != cached:
            verdict.disagreements.append(f"{side} {entity_id}: the owner has {own}, the cache {cached}")


def _judge_events(asked: _Asked, snapshot: Snapshot, verdict: Verdict) -> None:
    """Each event was asked for and is told once; each acknowledged change is told; the last word is true."""
    told: dict[tuple[str, int, int], EntityEvent] = {}
    for event in snapshot.entity_events:
        place = (event.side, event.entity_id, event.version)
        first = told.setdefault(place, event)
        if first.event_id != event.event_id:
            verdict.unasked.append(f"two different events about one version: {first} and {event}")
        elif first is event and not asked.explains(event) and snapshot.whole:
            verdict.unasked.append(f"an event that nobody asked for: {event}")
    if not snapshot.whole:
        return
    for key, writes in asked.acknowledged.items():
        for write in writes:
            found = told.get((*key, write.version))
            if found is None or found.kind != write.kind or (write.token and found.token != write.token):
                verdict.lost.append(f"no stream tells of {write}, but {found}")
    last: dict[Key, EntityEvent] = {}
    for event in told.values():
        known = last.get((event.side, event.entity_id))
        if known is None or event.version > known.version:
            last[event.side, event.entity_id] = event
    for (side, entity_id), event in last.items():
        row = snapshot.owners[side].get(entity_id)
        if not _agrees(event, row):
            verdict.disagreements.append(f"{side} {entity_id}: the owner has {row}, the stream says {event}")


def _agrees(event: EntityEvent, row: Entity | None) -> bool:
    if row is None:
        return event.kind == Kind.DELETED
    return event.kind != Kind.DELETED and (row.version, row.token) == (event.version, event.token)
