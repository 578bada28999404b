"""Topics: partitions, replicas and settings, and what a change of them does to records that are there."""

from typing import Final

from accord.changes.change import Effect, Party
from accord.changes.gathering import Gathered
from accord.findings import Location
from accord.model.events import Topic

__all__ = ["compare_topics"]

_KEEPING: Final = frozenset({"retention.ms", "retention.bytes", "delete.retention.ms"})
"""Settings that say for how long, or how much of it, a record is kept; -1 is for ever."""


def compare_topics(gathered: Gathered, before: Topic, after: Topic) -> None:
    """Compare two descriptions of what is the same stream."""
    places = gathered.old.place(before.location), gathered.new.place(after.location)
    subject = f"topic {before.name}"
    if before.partitions != after.partitions:
        sentence = f"it has {_count(after.partitions)} instead of {_count(before.partitions)}"
        reason = "what the broker chooses is not known here"
        both = before.partitions is not None and after.partitions is not None
        effect = Effect.BREAKING if both else Effect.UNPROVEN
        gathered.say(
            "partition-count-changed",
            effect,
            subject,
            f"{sentence}, so keys go to other partitions",
            *places,
            *(Party.READERS, Party.REPLAY),
            reason="" if both else reason,
        )
    if before.replicas != after.replicas:
        sentence = f"its replicas are {after.replicas or 'up to the broker'} instead of {before.replicas}"
        gathered.say("replica-count-changed", Effect.SAFE, subject, sentence, *places)
    for name in sorted(before.config.keys() | after.config.keys()):
        was, is_ = before.config.get(name), after.config.get(name)
        if was != is_:
            _setting(gathered, subject, name, (was, is_), places)


def _count(partitions: int | None) -> str:
    if partitions is None:
        return "as many partitions as the broker gives"
    return f"{partitions} partition{'' if partitions == 1 else 's'}"


def _setting(
    gathered: Gathered,
    subject: str,
    name: str,
    values: tuple[str | None, str | None],
    places: tuple[Location, Location],
) -> None:
    was, is_ = values
    sentence = f"{name} is {is_ or 'up to the broker'} instead of {was or 'up to the broker'}"
    effect, reason = Effect.SAFE, ""
    if name == "cleanup.policy":
        effect, reason = _cleanup(was, is_)
    elif name in _KEEPING and not _keeps_longer(was, is_):
        effect, reason = (
            Effect.UNPROVEN,
            "a reader that begins later may find less",
        )
    gathered.say("setting-changed", effect, subject, sentence, *places, Party.REPLAY, reason=reason)


def _cleanup(was: str | None, is_: str | None) -> tuple[Effect, str]:
    """The last record of each key stays for ever only where nothing but compaction cleans up."""
    old, new = (set((value or "delete").replace(" ", "").split(",")) for value in (was, is_))
    if "delete" in new and "delete" not in old:
        return Effect.BREAKING, ""
    if "compact" in new and "compact" not in old:
        return Effect.UNPROVEN, "a reader that needs more than the last record of each key loses them"
    return Effect.SAFE, ""


def _keeps_longer(was: str | None, is_: str | None) -> bool:
    try:
        old, new = int(was or ""), int(is_ or "")
    except ValueError:
        return False
    return new == -1 or (old != -1 and new >= old)
