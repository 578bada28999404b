"""Which of the messages of a channel a record is, where no envelope of ours says so."""

from collections.abc import Sequence
from typing import Any

from accord.boundary import ContractViolation, NotJson, read_json
from accord.bus.contract import EventContract, Topic
from accord.bus.errors import Poison
from accord.bus.headers import find_headers
from accord.bus.messages import ReceivedEvent, Record
from accord.bus.ports import IRecordReader

__all__ = ["Recognition"]

_SHOWN = 5
"""How many messages a reason says something about."""


class Recognition(IRecordReader):
    """Reads the records of one topic, which carries ``contracts``, in the order of the spec.

    A record is the only message there may be; else the one whose `Mark` it bears, a constant in a member or a
    header, such as the ``event_type`` of our envelope; else the first one whose schemas admit its payload and
    its headers. ``besides`` are topics that a topic of any name is not.
    """

    def __init__(
        self, topic: Topic, contracts: Sequence[EventContract[Any]], besides: Sequence[Topic] = ()
    ) -> None:
        self._topic = topic
        self._contracts = tuple(contracts)
        self._json = frozenset(name for each in contracts if each.headers for name in each.headers.json)
        self._besides = tuple(besides)

    def matches(self, topic: str) -> bool:
        return self._topic.matches(topic) and not any(other.matches(topic) for other in self._besides)

    def read(self, record: Record) -> ReceivedEvent:
        try:
            payload = read_json(record.value or b"")
        except NotJson as error:
            raise Poison(f"the value is no JSON: {error}") from None
        contract = self._recognised(record, payload)
        found = contract.read_correlation(record, payload)
        correlation_id = str(found) if isinstance(found, str | int) and found != "" else None
        return ReceivedEvent(contract.event_type, payload, record, correlation_id)

    def _recognised(self, record: Record, payload: Any) -> EventContract[Any]:
        if len(self._contracts) == 1:
            return self._contracts[0]
        headers = find_headers(record.headers, self._json)
        for contract in self._contracts:
            mark = contract.mark
            # Values of one type alone are equal: true is no 1.
            if mark and any(_same(mark.location.find(payload, headers), value) for value in mark.values):
                return contract
        refusals = []
        for contract in self._contracts:
            try:
                contract.payload.check(payload)
                if contract.headers is not None:
                    contract.headers.check(record.headers)
            except ContractViolation as error:
                refusals.append(f"{contract.event_type}: {_first(error)}")
            else:
                return contract
        more = f" (and {len(refusals) - _SHOWN} more)" if len(refusals) > _SHOWN else ""
        raise Poison(
            f"none of the messages of {self._topic.name} admits the record: "
            f"{'; '.join(refusals[:_SHOWN])}{more}"
        )


def _same(found: Any, value: Any) -> bool:
    return type(found) is type(value) and found == value


def _first(error: ContractViolation) -> str:
    return f"{error.violations[0].pointer}: {error.violations[0].detail}" if error.violations else str(error)
