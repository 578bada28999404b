"""The relay, over the in-memory outbox and over PostgreSQL, towards a broker that fails as told."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any

import pytest
from structlog.testing import LogCapture

from accord.bus.adapters.memory import MemoryBroker
from accord.bus.errors import Refused, Unavailable
from accord.bus.health import State
from accord.bus.relay import OutboxRelay
from accord.bus.retry import Backoff
from accord.bus.transport import Failure, OutboxRow, RecordProducer
from tests.toolkit.bus.harness import eventually
from tests.toolkit.bus.outboxes import MemoryBox, Outbox, SqlBox
from tests.toolkit.bus.relaying import Broker, sent

FAST = Backoff(0.01, 0.05)
NEVER = 1000.0


@pytest.fixture
def memory() -> MemoryBroker:
    return MemoryBroker(partitions=1)


@pytest.fixture
def broker(memory: MemoryBroker) -> Broker:
    return Broker(memory)


@pytest.fixture(params=["memory", "postgres"])
async def outbox(request: pytest.FixtureRequest) -> AsyncIterator[Outbox]:
    if request.param == "memory":
        yield MemoryBox()
        return
    box = SqlBox(request.getfixturevalue("database"))
    await box.create()
    yield box
    await box.close()


@pytest.fixture
async def relays(outbox: Outbox, broker: Broker) -> AsyncIterator["Relays"]:
    made = Relays(outbox, broker)
    yield made
    broker.answer.set()
    for relay in made.relays:
        await relay.stop()


class Relays:
    def __init__(self, outbox: Outbox, broker: RecordProducer) -> None:
        self._outbox = outbox
        self._broker = broker
        self.relays: list[OutboxRelay] = []

    async def start(self, poll_interval_s: float = NEVER, batch_size: int = 500) -> OutboxRelay:
        relay = OutboxRelay(
            self._outbox.store(),
            self._broker,
            poll_interval_s=poll_interval_s,
            batch_size=batch_size,
            outage=FAST,
            stop_timeout_s=5.0,
        )
        self.relays.append(relay)
        await relay.start()
        return relay


async def test_rows_are_sent_in_order_in_batches_and_then_removed(
    outbox: Outbox, memory: MemoryBroker, broker: Broker, relays: Relays
) -> None:
    await outbox.commit(*range(25))
    await relays.start(batch_size=10)
    await eventually(lambda: len(memory.records("things")), 25)
    assert sent(memory) == [("a", number) for number in range(25)]
    await eventually(lambda: _empty(outbox))
    assert broker.batches == [10, 10, 5]


async def test_a_row_goes_only_after_the_broker_acknowledged_it(
    outbox: Outbox, broker: Broker, relays: Relays
) -> None:
    broker.answer.clear()
    await outbox.commit(1, 2)
    await relays.start()
    await eventually(lambda: len(broker.batches))
    assert await outbox.size() == 2
    broker.answer.set()
    await eventually(lambda: _empty(outbox))


async def test_a_commit_wakes_the_relay_without_polling(
    outbox: Outbox, memory: MemoryBroker, relays: Relays
) -> None:
    relay = await relays.start()
    await eventually(lambda: relay.health.ready)
    delays = []
    for number in range(5):
        began = time.monotonic()
        await outbox.commit(number)
        await eventually(lambda: len(memory.records("things")), number + 1, within=5)
        delays.append(time.monotonic() - began)
    assert min(delays) < 0.5


async def test_a_relay_without_work_asks_only_as_often_as_it_polls(
    outbox: Outbox, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, reads = outbox.store(), 0
    batches = store.batches

    def counted(*arguments: Any, **named: Any) -> AsyncGenerator[Sequence[OutboxRow], None]:
        nonlocal reads
        reads += 1
        return batches(*arguments, **named)

    monkeypatch.setattr(store, "batches", counted)
    relay = OutboxRelay(store, broker, poll_interval_s=0.1, outage=FAST)
    await relay.start()
    await outbox.commit(1)
    await eventually(lambda: _empty(outbox))
    before = reads
    await asyncio.sleep(0.5)
    await relay.stop()
    assert 3 <= reads - before <= 8


async def test_a_relay_is_ready_once_it_sends_however_many_rows_wait(
    outbox: Outbox, broker: Broker, relays: Relays
) -> None:
    await outbox.commit(1, 2, 3)
    broker.answer.clear()
    relay = await relays.start(batch_size=1)
    await eventually(lambda: len(broker.batches), 1)
    assert not relay.health.ready
    broker.answer.set()
    broker.answer.clear()  # whoever waited goes on, the next one waits again
    await eventually(lambda: len(broker.batches), 2)
    await eventually(lambda: relay.health.ready)
    assert await outbox.size() == 2


async def test_while_the_broker_is_away_rows_stay_and_afterwards_go_in_order(
    outbox: Outbox, memory: MemoryBroker, relays: Relays, logs: LogCapture
) -> None:
    memory.away = True
    await outbox.commit(1, 2, 3)
    relay = await relays.start()
    await eventually(lambda: relay.health.state is State.WAITING)
    assert relay.health.reason == "the broker is away"
    assert await outbox.size() == 3
    await outbox.commit(4)
    memory.away = False
    await eventually(lambda: _empty(outbox))
    assert sent(memory) == [("a", 1), ("a", 2), ("a", 3), ("a", 4)]
    assert relay.health.ready
    assert len([line for line in logs.entries if line["event"] == "relay waits"]) == 1


@pytest.mark.parametrize("failure", [Refused("too large"), Unavailable("no leader")])
async def test_nothing_overtakes_a_failed_record_of_the_same_key(
    outbox: Outbox, memory: MemoryBroker, broker: Broker, relays: Relays, failure: Failure
) -> None:
    broker.failing[2] = failure
    await outbox.commit(1, 2, 3, key="a")
    await outbox.commit(4, 5, key="b")
    await relays.start(poll_interval_s=0.05)
    await eventually(lambda: len(memory.records("things")), 3)
    await outbox.commit(6, key="a")
    await outbox.commit(7, key="b")
    await eventually(lambda: len(memory.records("things")), 4)
    assert sent(memory) == [("a", 1), ("b", 4), ("b", 5), ("b", 7)]
    assert await outbox.size() == 3
    broker.failing.clear()
    await eventually(lambda: _empty(outbox))
    assert sent(memory)[4:] == [("a", 2), ("a", 3), ("a", 6)]


async def test_a_refused_row_does_not_keep_other_keys_waiting_behind_it(
    outbox: Outbox, memory: MemoryBroker, broker: Broker, relays: Relays, logs: LogCapture
) -> None:
    broker.failing = {number: Refused("too large") for number in range(10)}
    await outbox.commit(*range(10), key="a")
    await outbox.commit(10, 11, key="b")
    relay = await relays.start(poll_interval_s=0.02, batch_size=4)
    await eventually(lambda: len(memory.records("things")), 2)
    await eventually(lambda: relay.health.reason is not None)
    assert relay.health.ready
    await eventually(lambda: len(broker.batches), 6)
    assert [line["row"] for line in logs.entries if line["event"] == "outbox row refused by the broker"] == [
        1
    ]


async def test_of_two_relays_one_is_active_and_the_other_takes_over(
    outbox: Outbox, memory: MemoryBroker, relays: Relays
) -> None:
    first = await relays.start()
    await eventually(lambda: first.health.state is State.RUNNING)
    second = await relays.start(poll_interval_s=0.05)
    await eventually(lambda: second.health.state is State.STANDBY)
    assert second.health.ready
    await outbox.commit(*range(10))
    await eventually(lambda: _empty(outbox))
    await first.stop()
    await eventually(lambda: second.health.state is State.RUNNING)
    await outbox.commit(10)
    await eventually(lambda: _empty(outbox))
    assert sent(memory) == [("a", number) for number in range(11)]


async def test_a_stop_sends_what_is_committed_by_then(
    outbox: Outbox, memory: MemoryBroker, relays: Relays
) -> None:
    relay = await relays.start()
    await eventually(lambda: relay.health.ready)
    await outbox.commit(*range(700))
    await relay.stop()
    assert await outbox.size() == 0
    assert len(memory.records("things")) == 700
    assert relay.health.state is State.STOPPED


async def test_a_stop_does_not_wait_for_ever_and_leaves_the_rows(
    outbox: Outbox, memory: MemoryBroker, broker: Broker
) -> None:
    broker.answer.clear()
    await outbox.commit(1)
    relay = OutboxRelay(outbox.store(), broker, stop_timeout_s=0.05)
    await relay.start()
    await eventually(lambda: len(broker.batches))
    await asyncio.wait_for(relay.stop(), 5)
    assert await outbox.size() == 1
    assert memory.records("things") == []


async def test_each_published_event_is_logged_under_its_own_correlation_id(
    outbox: Outbox, relays: Relays, logs: LogCapture
) -> None:
    await outbox.commit(1, key="k", correlation_id="cause-1")
    await relays.start()
    await eventually(lambda: _empty(outbox))
    (line,) = [line for line in logs.entries if line["event"] == "event published"]
    named = ("event_type", "topic", "partition", "offset", "key", "correlation_id")
    assert {name: line[name] for name in named} == {
        "event_type": "thing.made",
        "topic": "things",
        "partition": 0,
        "offset": 0,
        "key": "k",
        "correlation_id": "cause-1",
    }


async def _empty(outbox: Outbox) -> bool:
    return await outbox.size() == 0
