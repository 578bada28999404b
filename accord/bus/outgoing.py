"""Records of messages that are about to leave, held against the contract."""

from collections.abc import Mapping
from typing import Any

import orjson

from accord.boundary import Boundary, ContractViolation
from accord.bus.contract import EventContract
from accord.bus.errors import UnknownEvent
from accord.bus.headers import write_headers
from accord.bus.messages import OutgoingRecord
from accord.bus.texts import to_json, to_text, violation
from accord.observability import current_correlation_id

__all__ = ["find_contract", "message_record"]


def find_contract(contracts: Mapping[str, EventContract[Any]], name: str) -> EventContract[Any]:
    """Raises `UnknownEvent`."""
    try:
        return contracts[name]
    except KeyError:
        sentence = f"the contract sends no event {name!r}; it sends {', '.join(contracts)}"
        raise UnknownEvent(sentence) from None


def message_record(
    contract: EventContract[Any],
    payload: Any,
    *,
    key: Any = None,
    headers: Any = None,
    parameters: Mapping[str, Any] | None = None,
    correlation_id: Any = None,
) -> OutgoingRecord:
    """Build the record of a message; see `accord.bus.ports.IMessagePublisher.send`.

    Raises `ContractViolation` for what the contract forbids or JSON cannot say.
    """
    # What is checked is what the reader will see, dates and UUIDs as text.
    value = to_json(contract.payload.name, payload)
    said = {} if headers is None else to_json(f"the headers of {contract.event_type}", headers)
    _correlate(contract, value, said, correlation_id)
    contract.payload.check(value)
    if contract.headers is not None:
        contract.headers.boundary.check(said)
    return OutgoingRecord(
        topic=contract.topic.filled(_parameters(contract, value, said, parameters or {})),
        key=_key(contract, value, key),
        value=orjson.dumps(value),
        headers=write_headers(said),
    )


def _correlate(contract: EventContract[Any], value: Any, headers: dict[str, Any], given: Any) -> None:
    """Write the id where the spec wants it, if nothing stands there and the schema admits it there.

    An id that nobody gave, the current one, is for headers alone: in a payload it might mean anything.
    """
    location = contract.correlation
    boundary = contract.headers.boundary if contract.headers is not None else None
    found = current_correlation_id() if given is None else given
    if found is None:
        return
    if location is None:
        if contract.headers is None:
            headers.setdefault("correlation_id", str(found))
        return
    if location.source == "payload":
        if given is None:
            return
        boundary = contract.payload
    tried = to_json(contract.event_type, value), to_json(contract.event_type, headers)
    if not location.put(*tried, found):
        return
    try:
        if boundary is not None:
            boundary.check(tried[0] if location.source == "payload" else tried[1])
    except ContractViolation:
        return
    location.put(value, headers, found)


def _parameters(
    contract: EventContract[Any], value: Any, headers: Any, given: Mapping[str, Any]
) -> dict[str, Any]:
    located = {
        each.name: each.location.find(value, headers) for each in contract.topic.parameters if each.location
    }
    return {**given, **located}


def _key(contract: EventContract[Any], value: Any, given: Any) -> bytes | None:
    if isinstance(contract.key, Boundary):
        return to_text(contract.key, given).encode()
    if contract.key is not None:
        return contract.key(value).encode()
    if given is None:
        return None
    if not isinstance(given, str):
        raise violation(f"the key of {contract.event_type}", f"{given!r} is no text")
    return given.encode()
