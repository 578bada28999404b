"""Judges links, which both sides write and the later write wins."""

from collections import Counter, defaultdict

from scripts.chaos.ledger import SIDES, Ledger, LinkWrite, Outcome
from scripts.chaos.snapshot import Link, LinkEvent, Snapshot
from scripts.chaos.verdict import Verdict

__all__ = ["judge_links"]

Pair = tuple[int, int]


def judge_links(ledger: Ledger, snapshot: Snapshot, verdict: Verdict) -> None:
    """Add what is lost, unasked for, or different on the two sides."""
    writes: dict[Pair, list[LinkWrite]] = defaultdict(list)
    for write in ledger.links:
        if write.outcome is not Outcome.REFUSED:
            writes[write.pair].append(write)
    events: dict[Pair, dict[str, LinkEvent]] = defaultdict(dict)
    for event in snapshot.link_events:
        events[event.pair][event.event_id] = event
    rows = snapshot.links["authors"].keys() | snapshot.links["books"].keys()
    for pair in sorted(writes.keys() | events.keys() | rows):
        told = list(events[pair].values())
        _judge_sides(pair, snapshot, verdict)
        _judge_writes(pair, writes[pair], snapshot, verdict)
        if snapshot.whole:
            _judge_events(pair, writes[pair], told, verdict)
            _judge_winner(pair, told, snapshot, verdict)


def _alive(pair: Pair, snapshot: Snapshot) -> bool:
    author_id, book_id = pair
    return author_id in snapshot.owners["authors"] and book_id in snapshot.owners["books"]


def _found(pair: Pair, snapshot: Snapshot) -> list[Link | None]:
    """The link on each side, None where it is not made or was unlinked."""
    rows = [snapshot.links[side].get(pair) for side in SIDES]
    return [row if row is not None and row.linked else None for row in rows]


def _judge_sides(pair: Pair, snapshot: Snapshot, verdict: Verdict) -> None:
    here, there = _found(pair, snapshot)
    if here != there:
        verdict.disagreements.append(f"link {pair}: the authors' side has {here}, the books' side {there}")
    elif here is not None and not _alive(pair, snapshot):
        verdict.disagreements.append(f"link {pair}: is there, though one of the two was deleted")


def _judge_writes(pair: Pair, writes: list[LinkWrite], snapshot: Snapshot, verdict: Verdict) -> None:
    """The end is what was acknowledged last on one of the sides, or what was never answered.

    A client may link here before the unlinking from there has arrived; which one is the later is then the
    services' to say, so with writes on both sides either end is right.
    """
    if not _alive(pair, snapshot):
        return
    ends = {
        side: write.linked
        for side in SIDES
        for write in writes
        if write.side == side and write.outcome is Outcome.ACKNOWLEDGED
    }
    allowed = set(ends.values()) | {w.linked for w in writes if w.outcome is Outcome.UNKNOWN}
    linked = any(_found(pair, snapshot))
    if linked and True not in allowed:
        kind = verdict.lost if ends else verdict.unasked
        kind.append(f"link {pair}: is there; asked for was {writes}")
    if not linked and ends and False not in allowed:
        verdict.lost.append(f"link {pair}: is not there; asked for was {writes}")


def _judge_events(pair: Pair, writes: list[LinkWrite], told: list[LinkEvent], verdict: Verdict) -> None:
    """Each unlinking is one event, as one that changes nothing is refused; a link that is there is none."""
    asked = Counter((write.side, write.linked) for write in writes)
    acknowledged = Counter(
        (write.side, write.linked) for write in writes if write.outcome is Outcome.ACKNOWLEDGED
    )
    events = Counter((event.side, event.link.linked) for event in told)
    for side in SIDES:
        for linked in (True, False):
            if events[side, linked] > asked[side, linked]:
                verdict.unasked.append(f"link {pair}: more events than requests, {told} for {writes}")
        if events[side, False] < acknowledged[side, False]:
            verdict.lost.append(f"link {pair}: an unlinking is in no stream, {told} for {writes}")
    if any(linked for _, linked in acknowledged) and not any(linked for _, linked in events):
        verdict.lost.append(f"link {pair}: no stream tells of it, {told} for {writes}")
    if any(event.side != event.link.origin for event in told):
        verdict.unasked.append(f"link {pair}: an event in the other's name, {told}")


def _judge_winner(pair: Pair, told: list[LinkEvent], snapshot: Snapshot, verdict: Verdict) -> None:
    """What both sides have is what the highest event says."""
    if not _alive(pair, snapshot):
        return
    winner = max((event.link for event in told), key=lambda link: (link.version, link.origin), default=None)
    expected = winner if winner is not None and winner.linked else None
    for side, found in zip(SIDES, _found(pair, snapshot), strict=True):
        if found != expected:
            verdict.disagreements.append(
                f"link {pair}: the {side}' side has {found}, the last word of the streams is {winner}"
            )
