"""Wires put together as people draw them: what one service sends to one topic, what another takes from it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from accord.wiring.wires import Wire, Wiring

__all__ = ["Route", "arriving", "leaving", "routes", "state"]


@dataclass(frozen=True, slots=True)
class Route:
    """All events of one topic between two services; a name is empty where nobody is at that end."""

    sender: str
    topic: str
    reader: str
    wires: tuple[Wire, ...]

    @property
    def events(self) -> tuple[str, ...]:
        """Their types, each once."""
        return tuple(dict.fromkeys(wire.event for wire in self.wires))


def routes(wiring: Wiring) -> list[Route]:
    """By sender, reader and topic; what nobody sends or reads comes last."""
    found: dict[tuple[str, str, str], list[Wire]] = {}
    for wire in wiring.wires:
        sender = wire.sender.service if wire.sender else ""
        reader = wire.reader.service if wire.reader else ""
        found.setdefault((sender, reader, wire.topic), []).append(wire)
    order = sorted(found, key=lambda ends: (not ends[0] or not ends[1], ends))
    return [
        Route(sender, topic, reader, tuple(found[sender, reader, topic])) for sender, reader, topic in order
    ]


def leaving(wiring: Wiring) -> Iterator[Route]:
    """What each service sends to each topic, whoever reads it."""
    for (service, topic), wires in _grouped((w.sender.service, w.topic, w) for w in wiring.wires if w.sender):
        yield Route(service, topic, "", wires)


def arriving(wiring: Wiring) -> Iterator[Route]:
    """What each service takes from each topic, whoever sends it."""
    for (service, topic), wires in _grouped((w.reader.service, w.topic, w) for w in wiring.wires if w.reader):
        yield Route("", topic, service, wires)


def state(wires: Iterable[Wire]) -> str:
    """``bad`` if one of them does not work, ``doubtful`` if something is to be said of one, else ``good``."""
    troubles = [trouble for wire in wires for trouble in wire.troubles]
    return "bad" if any(trouble.fails for trouble in troubles) else "doubtful" if troubles else "good"


def _grouped(
    wires: Iterable[tuple[str, str, Wire]],
) -> Iterator[tuple[tuple[str, str], tuple[Wire, ...]]]:
    found: dict[tuple[str, str], list[Wire]] = {}
    for service, topic, wire in wires:
        found.setdefault((service, topic), []).append(wire)
    for ends, group in sorted(found.items()):
        yield ends, tuple(group)
