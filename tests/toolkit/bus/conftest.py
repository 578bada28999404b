"""The two brokers that the bus suite runs on, and the log lines."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
import structlog
from structlog.testing import LogCapture
from structlog.typing import EventDict

from accord.observability import current_correlation_id
from tests.toolkit.bus.harness import Harness, KafkaHarness, MemoryHarness


@pytest.fixture(params=["memory", "kafka"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    on_kafka = request.param == "kafka"
    harness: Harness = KafkaHarness(request.getfixturevalue("kafka")) if on_kafka else MemoryHarness()
    await harness.start()
    yield harness
    await harness.back()
    await harness.stop()


@pytest.fixture(autouse=True, scope="package")
def _silence() -> Iterator[None]:
    """Structlog's own set-up paints every traceback, which takes longer than the tests."""
    with _logging_to(LogCapture()):
        yield


@pytest.fixture
def logs() -> Iterator[LogCapture]:
    """What is logged during the test, with the correlation id that was bound."""
    capture = LogCapture()
    with _logging_to(capture):
        yield capture


def _with_correlation_id(_logger: object, _method: str, event: EventDict) -> EventDict:
    event.setdefault("correlation_id", current_correlation_id())
    return event


@contextmanager
def _logging_to(capture: LogCapture) -> Iterator[None]:
    former = structlog.get_config()
    structlog.configure(
        processors=[_with_correlation_id, capture],
        wrapper_class=structlog.BoundLogger,
        cache_logger_on_first_use=False,
    )
    yield
    structlog.configure(**former)
