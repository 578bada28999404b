"""Generated handlers of streams, at work over the in-memory broker: together where a service says so."""

import importlib
from collections.abc import AsyncIterator, Iterator, Sequence
from types import ModuleType
from typing import Any

import orjson
import pytest

from accord.bus.adapters.memory import MemoryBroker, MemoryConsumer
from accord.bus.messages import OutgoingRecord
from accord.observability import current_correlation_id
from tests.toolkit.bus.harness import FAST, eventually
from tests.toolkit.golden.harness import CASES


@pytest.fixture(scope="module")
def depot() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(CASES / "streams" / "expected"))
        yield importlib.import_module("golden_streams.depot.channels")


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker(partitions=1)


@pytest.fixture
async def calls(depot: ModuleType, broker: MemoryBroker) -> AsyncIterator[list[tuple[Any, ...]]]:
    """What each method was called with; the stream of parcels alone is handled together."""
    found: list[tuple[Any, ...]] = []

    class Handlers(depot.DepotHandlers):  # type: ignore[misc, name-defined]
        async def depot_parcels_topic(self, received: Sequence[Any]) -> None:
            found.append(("parcels", [(event.event_type, event.data.number) for event in received]))

        async def parcel_arrived(self, event: Any) -> None:
            raise AssertionError("its stream is handled together")

        depot_parcels = parcel_arrived

        async def register_opened(self, event: Any) -> None:
            found.append(("opened", event.data.number, current_correlation_id()))

        async def van_parked(self, event: Any) -> None:
            found.append(("parked", event.data.number))

        async def ping(self, payload: int) -> None:
            found.append(("ping", payload))

    consumer = MemoryConsumer(broker, "depot", depot.RECEIVED_TOPICS, policy=FAST)
    Handlers().register(consumer)
    await consumer.start()
    yield found
    await consumer.stop()


def put(broker: MemoryBroker, topic: str, event_type: str, number: int) -> None:
    value = {"event_type": event_type, "data": {"number": number}, "correlation_id": f"cause-{number}"}
    broker.append(OutgoingRecord(topic, str(number).encode(), orjson.dumps(value)))


async def test_a_stream_whose_method_is_overridden_comes_together(
    broker: MemoryBroker, calls: list[tuple[Any, ...]]
) -> None:
    for number, name in enumerate(["parcel.arrived", "depot.parcels", "parcel.arrived"]):
        put(broker, "depot.parcels", name, number)
    await eventually(lambda: len(calls))
    assert calls == [("parcels", [("parcel.arrived", 0), ("depot.parcels", 1), ("parcel.arrived", 2)])]


async def test_any_other_goes_on_to_the_methods_of_its_events_one_by_one(
    broker: MemoryBroker, calls: list[tuple[Any, ...]]
) -> None:
    for number in range(3):
        put(broker, "register", "register.opened", number)
    await eventually(lambda: len(calls), at_least=3)
    assert calls == [("opened", number, f"cause-{number}") for number in range(3)]


async def test_a_stream_may_carry_messages_without_the_envelope_too(
    broker: MemoryBroker, calls: list[tuple[Any, ...]]
) -> None:
    put(broker, "depot.vans", "van.parked", 1)
    broker.append(OutgoingRecord("depot.vans", None, b"2"))
    put(broker, "depot.vans", "van.parked", 3)
    await eventually(lambda: len(calls), at_least=3)
    assert calls == [("parked", 1), ("ping", 2), ("parked", 3)]
