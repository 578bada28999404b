"""A contract without our envelope: lamps that report and take orders, on one topic for each street."""

from typing import Any, Final

import orjson
from pydantic import BaseModel, Field

from accord.boundary import Boundary
from accord.bus.contract import EventContract, Mark, Parameter, Topic
from accord.bus.headers import Headers
from accord.bus.locations import Location
from accord.bus.messages import Record

DEFINITIONS: Final[dict[str, Any]] = {
    "street": {"type": "string", "pattern": "^[a-z]+$"},
    "LampId": {"type": "integer", "minimum": 1},
    "Measured": {"type": "object", "required": ["lumens"], "properties": {"lumens": {"type": "integer"}}},
    "Broken": {"type": "object", "required": ["fault"], "properties": {"fault": {"type": "string"}}},
    "Ping": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "ping"}}},
    "Pong": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "pong"}}},
    "Meta": {
        "type": "object",
        "required": ["app"],
        "properties": {
            "app": {"type": "string"},
            "hops": {"type": "integer", "maximum": 9},
            "cause": {"type": "string", "format": "uuid"},
        },
    },
    "Address": {"type": "string"},
}


class Measured(BaseModel):
    lumens: int


class Broken(BaseModel):
    fault: str


class Kind(BaseModel):
    kind: str
    request: int | None = None


class Pong(Kind):
    """Of a class of its own, as the generator makes one for each schema."""


class Meta(BaseModel):
    app: str
    hops: int | None = None
    cause: str | None = Field(default=None)


def boundary(model: type[Any], name: str) -> Boundary[Any]:
    return Boundary(model, name, DEFINITIONS)


STREET: Final = Topic(
    "lamps.{street}.state", parameters=(Parameter("street", boundary(str, "street"), "street"),)
)
ORDERS: Final = Topic("lamps.orders", partitions=2)
REPLIES: Final = Topic("{address}", parameters=(Parameter("address", boundary(str, "Address"), "address"),))

MEASURED: Final = EventContract(
    "measured",
    STREET,
    boundary(int, "LampId"),
    boundary(Measured, "Measured"),
    Headers(boundary(Meta, "Meta"), json=("hops",)),
    Location("header", ("cause",)),
)
BROKEN: Final = EventContract("broken", STREET, None, boundary(Broken, "Broken"))
KIND: Final = Location("payload", ("kind",))
REQUEST: Final = Location("payload", ("request",))
PING: Final = EventContract(
    "ping", ORDERS, None, boundary(Kind, "Ping"), correlation=REQUEST, mark=Mark(KIND, ("ping",))
)
PONG: Final = EventContract(
    "pong", REPLIES, None, boundary(Pong, "Pong"), correlation=REQUEST, mark=Mark(KIND, ("pong",))
)
CONTRACTS: Final[dict[str, EventContract[Any]]] = {
    contract.event_type: contract for contract in (MEASURED, BROKEN, PING, PONG)
}
META: Final = (("app", b"lamps"), ("hops", b"3"))


def raw(
    value: Any, *, key: bytes | None = b"7", headers: Any = META, topic: str = "lamps.main.state"
) -> Record:
    """What somebody sent, whether the contract admits it or not."""
    return Record(topic, 0, 0, key, value if isinstance(value, bytes) else orjson.dumps(value), headers)
