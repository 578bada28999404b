"""What a call has to show: each way that was enough before must still be enough."""

from accord.changes.change import Effect, Party
from accord.changes.gathering import Gathered
from accord.findings import Location
from accord.model.http import Operation, Requirement

__all__ = ["compare_security"]

Way = tuple[Requirement, ...]


def compare_security(
    gathered: Gathered, subject: str, before: Operation, after: Operation, places: tuple[Location, Location]
) -> None:
    """Compare the alternatives; no alternative at all is the one that demands nothing."""
    old, new = before.security or ((),), after.security or ((),)
    refused = [way for way in old if not any(_asks_no_more(other, way) for other in new)]
    if refused:
        sentence = f"{_told(refused[0])} is no longer enough; it takes {' or '.join(map(_told, new))}"
        gathered.say("security-tightened", Effect.BREAKING, subject, sentence, *places, Party.CLIENTS)
    elif not all(any(_asks_no_more(other, way) for other in old) for way in new):
        sentence = f"{' or '.join(map(_told, new))} is enough now"
        gathered.say("security-loosened", Effect.SAFE, subject, sentence, *places)


def _asks_no_more(new: Way, old: Way) -> bool:
    return all(
        any(_same(asked, shown) and set(asked.scopes) <= set(shown.scopes) for shown in old) for asked in new
    )


def _same(one: Requirement, other: Requirement) -> bool:
    """Whether both are shown in the same way; what a scheme is called is seen by nobody."""
    return (one.scheme.kind, one.scheme.place, one.scheme.parameter) == (
        other.scheme.kind,
        other.scheme.place,
        other.scheme.parameter,
    )


def _told(way: Way) -> str:
    parts = [
        f"{need.scheme.name}{f' with {chr(44).join(sorted(need.scopes))}' if need.scopes else ''}"
        for need in way
    ]
    return " and ".join(parts) or "nothing"
