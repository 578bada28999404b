"""A topic with parameters is every topic of such a name, on the in-memory twin and on Kafka."""

from uuid import uuid4

import orjson

from accord.bus.contract import Parameter, Topic
from accord.bus.messages import OutgoingRecord
from accord.bus.recognition import Recognition
from tests.toolkit.bus.harness import Harness, Witness
from tests.toolkit.bus.lamps import BROKEN, boundary
from tests.toolkit.bus.things import numbers


async def test_topics_of_the_pattern_are_read_also_those_that_come_later(bus: Harness) -> None:
    prefix = f"lamps-{uuid4().hex[:8]}"
    parameter = Parameter("street", boundary(str, "street"), "street")
    bus.topic = Topic(f"{prefix}.{{street}}.state", parameters=(parameter,))

    def state(street: str, number: int) -> OutgoingRecord:
        value = orjson.dumps({"fault": "dark", "data": {"number": number}})
        return OutgoingRecord(f"{prefix}.{street}.state", b"k", value)

    witness = Witness()
    await bus.put(state("elm", 1))
    consumer = bus.consumer()
    consumer.register_reader(Recognition(bus.topic, [BROKEN]))
    consumer.register_handler("broken", witness.one)
    await consumer.start()
    assert numbers(await witness.saw(1)) == [1]
    await bus.put(state("main", 2), OutgoingRecord(f"{prefix}.main.other", b"k", b"nobody's"))
    assert sorted(numbers(await witness.saw(2))) == [1, 2]
    assert {topic for topic, _ in consumer.assigned} == {f"{prefix}.elm.state", f"{prefix}.main.state"}
