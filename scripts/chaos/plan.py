"""Which faults come when: drawn from the seed alone, before anything runs."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Blow", "Fault", "draw"]

EVERY_S = 4.5
"""Seconds between the beginnings of two faults, on average."""

QUIET_S = 2.0
"""At the beginning and at the end, so that load is there before, and recovery begins with the last write."""

DRAWN = 10_000


class Blow(StrEnum):
    """What is done."""

    KILL = "kill"
    PAUSE = "pause"
    CUT = "cut"
    SILENCE = "silence"
    DELAY = "delay"
    KILL_OPEN = "kill in transaction"
    """Kill a service whose transaction is open and complete but for its COMMIT."""

    KILL_DONE = "kill after commit"
    """Kill a service whose transaction was committed before it could hear so."""

    CUT_OPEN = "cut in transaction"
    CUT_DONE = "cut after commit"
    """The same for the connection alone, again and again: the service lives, and does not know."""

    REPEAT = "repeat"
    """Append old records of the streams once more, as they were."""

    REWIND = "rewind"
    """End all replicas of a service in order, and let them begin again at older offsets."""


@dataclass(frozen=True)
class Fault:
    """``target`` is a process, a connection as ``authors-1/postgres``, or a service as ``authors``.

    Seconds since the beginning.
    """

    blow: Blow
    target: str
    at_s: float
    hold_s: float
    delay_s: float = 0.0

    @property
    def kind(self) -> str:
        """What the table counts it under."""
        process, _, end = self.target.partition("/")
        what = "service" if "-" in process else process
        return f"{self.blow} {what}-{end}" if end else f"{self.blow} {what}"


WEIGHTS = {
    (Blow.KILL, "service"): 22,
    (Blow.KILL, "kafka"): 6,
    (Blow.KILL, "postgres"): 8,
    (Blow.PAUSE, "service"): 14,
    (Blow.PAUSE, "kafka"): 6,
    (Blow.PAUSE, "postgres"): 6,
    (Blow.CUT, "link"): 18,
    (Blow.SILENCE, "link"): 10,
    (Blow.DELAY, "link"): 10,
    (Blow.KILL_OPEN, "service"): 6,
    (Blow.KILL_DONE, "service"): 6,
    (Blow.CUT_OPEN, "database"): 6,
    (Blow.CUT_DONE, "database"): 6,
    (Blow.REPEAT, "kafka"): 10,
    (Blow.REWIND, "side"): 3,
}
HOLDS = {
    Blow.KILL: (0.2, 2.0),
    Blow.PAUSE: (0.3, 5.0),
    Blow.CUT: (0.0, 3.0),
    Blow.SILENCE: (0.5, 5.0),
    Blow.DELAY: (1.0, 5.0),
    Blow.KILL_OPEN: (0.2, 2.0),
    Blow.KILL_DONE: (0.2, 2.0),
    Blow.CUT_OPEN: (0.5, 2.0),
    Blow.CUT_DONE: (0.5, 2.0),
    Blow.REPEAT: (0.0, 0.0),
    Blow.REWIND: (0.0, 1.0),
}


def draw(
    seed: int, seconds: float, services: Sequence[str], links: Sequence[str], *, real: bool
) -> list[Fault]:
    """Return the faults of a run in their order.

    A broker that is not ``real`` is not killed, as it keeps nothing, and remembers members that have left.
    """
    dice = random.Random(seed)
    choices = dict(WEIGHTS)
    if not real:
        del choices[Blow.KILL, "kafka"], choices[Blow.REWIND, "side"]
    targets = {
        "service": services,
        "link": links,
        "database": [link for link in links if link.endswith("/postgres")],
        "side": sorted({service.partition("-")[0] for service in services}),
        "kafka": ("kafka",),
        "postgres": ("postgres",),
    }
    faults: list[Fault] = []
    at_s = QUIET_S
    # Every kind once, then by weight: a short run is no game of chance.
    order = list(choices)
    dice.shuffle(order)
    order += dice.choices(list(choices), list(choices.values()), k=DRAWN)
    for blow, what in order:
        hold_s = dice.uniform(*HOLDS[blow])
        if at_s + hold_s > seconds - QUIET_S:
            break
        faults.append(Fault(blow, dice.choice(targets[what]), at_s, hold_s, dice.uniform(0.02, 0.4)))
        at_s += EVERY_S * dice.uniform(0.4, 1.6)
    return faults
