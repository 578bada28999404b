"""What a part of the bus that runs in the background says about itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

__all__ = ["Health", "State"]


class State(StrEnum):
    """A standby does nothing on purpose: it takes over when the instance that is at work ends."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STANDBY = "standby"
    WAITING = "waiting"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Health:
    """The present state, why, and since when; changed by its owner only."""

    state: State = State.STOPPED
    reason: str | None = None
    since: datetime = field(default_factory=_now)
    clock: Callable[[], datetime] = field(default=_now, repr=False, compare=False)

    @property
    def ready(self) -> bool:
        """Whether work that comes now is done now, here or by the instance that this one stands by for."""
        return self.state in (State.RUNNING, State.STANDBY)

    def become(self, state: State, reason: str | None = None) -> bool:
        """Note the state; True if it differs from the one before, so that a change is logged once."""
        changed = state is not self.state
        if changed:
            self.since = self.clock()
        self.state, self.reason = state, reason
        return changed
