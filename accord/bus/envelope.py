"""Envelopes around what a service has to say, held against the contract before they leave."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson

from accord.boundary import ContractViolation, Violation
from accord.bus.contract import EventContract
from accord.bus.errors import UnknownEvent
from accord.bus.messages import OutgoingRecord
from accord.observability import current_correlation_id, new_correlation_id

__all__ = ["EnvelopeBuilder"]


def _now() -> datetime:
    return datetime.now(UTC)


class EnvelopeBuilder:
    """Makes records of what ``contracts``, by event type, allow; time and ids come in as functions."""

    def __init__(
        self,
        contracts: Mapping[str, EventContract[Any]],
        clock: Callable[[], datetime] = _now,
        new_id: Callable[[], UUID] = uuid4,
    ) -> None:
        self._contracts = contracts
        self._clock = clock
        self._new_id = new_id

    def record(
        self, event_type: str, data: Mapping[str, Any], correlation_id: str | None = None
    ) -> OutgoingRecord:
        """Wrap ``data``; without ``correlation_id`` the one bound here is taken, or a new one.

        Raises `UnknownEvent`, and `ContractViolation` for what the contract forbids or JSON cannot say.
        """
        contract = self._contracts.get(event_type)
        if contract is None:
            raise UnknownEvent(
                f"the contract sends no event {event_type!r}; it sends {', '.join(self._contracts)}"
            )
        correlation_id = correlation_id or current_correlation_id() or new_correlation_id()
        event_id = str(self._new_id())
        value = _to_json(
            contract.envelope.name,
            {
                "event_type": event_type,
                "event_id": event_id,
                "timestamp": self._clock().astimezone(UTC),
                "correlation_id": correlation_id,
                "data": data,
            },
        )
        # What is checked is what the reader will see, dates and UUIDs as text.
        envelope = orjson.loads(value)
        contract.envelope.check(envelope)
        return OutgoingRecord(
            topic=contract.topic.name,
            key=contract.key(envelope).encode(),
            value=value,
            headers=(
                ("event_type", event_type.encode()),
                ("event_id", event_id.encode()),
                ("correlation_id", correlation_id.encode()),
            ),
        )


def _to_json(subject: str, envelope: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(envelope, option=orjson.OPT_UTC_Z)
    except orjson.JSONEncodeError as error:
        raise ContractViolation(subject, (Violation("#", f"not JSON: {error}"),)) from None
