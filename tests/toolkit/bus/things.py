"""A small contract to test the bus with: things, which are made and changed."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from pydantic import BaseModel

from accord.boundary import Boundary
from accord.bus.contract import EventContract, Topic
from accord.bus.messages import OutgoingRecord, ReceivedEvent

DEFINITIONS: Final[Mapping[str, Any]] = {
    "ThingEvent": {
        "type": "object",
        "required": ["event_type", "event_id", "timestamp", "correlation_id", "data"],
        "properties": {
            "event_type": {"type": "string"},
            "event_id": {"type": "string", "format": "uuid"},
            "timestamp": {"type": "string", "format": "date-time"},
            "correlation_id": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"},
            "data": {
                "type": "object",
                "required": ["id", "number"],
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "number": {"type": "integer", "minimum": 0},
                    "at": {"type": "string", "format": "date-time"},
                    "tag": {"type": "string", "format": "uuid"},
                },
            },
        },
    }
}


class ThingEvent(BaseModel):
    """The envelope; a model is needed only where an event is read."""

    event_type: str
    correlation_id: str
    data: dict[str, Any]


def contracts(topic: Topic) -> dict[str, EventContract[Any]]:
    """What may be published: ``thing.made`` and ``thing.changed``."""
    boundary = Boundary(ThingEvent, "ThingEvent", DEFINITIONS)
    return {
        name: EventContract(name, topic, lambda envelope: str(envelope["data"]["id"]), boundary)
        for name in ("thing.made", "thing.changed")
    }


def thing(
    topic: str, number: int, key: str = "a", event_type: str = "thing.made", **envelope: Any
) -> OutgoingRecord:
    """A record as some producer may send it; its envelope is incomplete on purpose."""
    value = {"event_type": event_type, "data": {"id": key, "number": number}, **envelope}
    return OutgoingRecord(topic, key.encode(), orjson.dumps(value))


def numbers(events: list[ReceivedEvent]) -> list[int]:
    return [event.payload["data"]["number"] for event in events]
