"""The two brokers that the bus suite runs on, and the log lines."""

from collections.abc import AsyncIterator, Iterator

import pytest
import structlog
from structlog.testing import LogCapture

from accord.testing.kafka import EmbeddedKafka
from tests.toolkit.bus.harness import Harness, KafkaHarness, MemoryHarness


@pytest.fixture(params=["memory", "kafka"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    on_kafka = request.param == "kafka"
    harness: Harness = KafkaHarness(request.getfixturevalue("kafka")) if on_kafka else MemoryHarness()
    await harness.start()
    yield harness
    await harness.back()
    await harness.stop()


@pytest.fixture
def own_kafka() -> Iterator[EmbeddedKafka]:
    """A broker that the test may freeze or kill."""
    with EmbeddedKafka() as broker:
        yield broker


@pytest.fixture
def logs() -> Iterator[LogCapture]:
    """What is logged during the test."""
    capture = LogCapture()
    former = structlog.get_config()
    structlog.configure(
        processors=[capture], wrapper_class=structlog.BoundLogger, cache_logger_on_first_use=False
    )
    yield capture
    structlog.configure(**former)
