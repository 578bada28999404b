"""Envelopes around what a service has to say, held against the contract before they leave."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from accord.bus.contract import EventContract
from accord.bus.messages import OutgoingRecord
from accord.bus.outgoing import find_contract, message_record
from accord.identifiers import new_uuid
from accord.observability import current_correlation_id

__all__ = ["EnvelopeBuilder"]


def _now() -> datetime:
    return datetime.now(UTC)


class EnvelopeBuilder:
    """Makes records of what ``contracts``, by event type, allow; time and ids come in as functions."""

    def __init__(
        self,
        contracts: Mapping[str, EventContract[Any]],
        clock: Callable[[], datetime] = _now,
        new_id: Callable[[], str] = new_uuid,
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
        contract = find_contract(self._contracts, event_type)
        correlation_id = correlation_id or current_correlation_id() or new_uuid()
        event_id = self._new_id()
        envelope = {
            "event_type": event_type,
            "event_id": event_id,
            "timestamp": self._clock().astimezone(UTC),
            "correlation_id": correlation_id,
            "data": data,
        }
        headers = {"event_type": event_type, "event_id": event_id, "correlation_id": correlation_id}
        return message_record(contract, envelope, headers=headers)
