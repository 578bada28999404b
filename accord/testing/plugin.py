"""Fixtures for tests that need real servers; pytest finds them by itself, see `accord.testing.entry`.

``--kafka=apache`` puts Apache Kafka in the place of the embedded broker. Tests that are about a trait of one
of the two are marked with ``mock_kafka`` or ``apache_kafka``, and left out, with the reason at the end of the
run, where the other one serves.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from uuid import uuid4

import pytest
import pytest_asyncio

from accord.testing.brokers import BROKERS, KafkaBroker
from accord.testing.capture import EventCapture
from accord.testing.kafka_distribution import KafkaNotAvailable, find_java, jars
from accord.testing.postgres import EmbeddedPostgres

__all__ = ["CaptureEvents", "MakeKafka", "database", "events", "kafka", "make_kafka", "module_database"]
__all__ += ["own_kafka", "postgres", "pytest_addoption", "pytest_collection_modifyitems", "pytest_configure"]
__all__ += ["pytest_terminal_summary"]

CaptureEvents = Callable[..., Awaitable[EventCapture]]
"""``await events("library.authors", ...)``: captures from then on, until the test ends."""

MakeKafka = Callable[..., KafkaBroker]
"""``make_kafka(log=None)``: a broker of the kind that this run is about, not started yet."""

MARKERS = {
    "mock_kafka": "mock_kafka(reason): about a trait of the embedded broker; left out with --kafka=apache",
    "apache_kafka": "apache_kafka(reason): what only Apache Kafka shows; left out without --kafka=apache",
}
LEFT_OUT = pytest.StashKey[dict[str, int]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("accord").addoption(
        "--kafka", choices=list(BROKERS), default="mock", help="the broker behind the fixtures (mock)"
    )


def pytest_configure(config: pytest.Config) -> None:
    for line in MARKERS.values():
        config.addinivalue_line("markers", line)
    if config.getoption("--kafka") == "apache":
        try:
            find_java()
            jars()
        except KafkaNotAvailable as error:
            pytest.exit(str(error), returncode=2)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    name = "mock_kafka" if config.getoption("--kafka") == "apache" else "apache_kafka"
    left_out = config.stash.setdefault(LEFT_OUT, {})
    gone = {item: marker for item in items if (marker := item.get_closest_marker(name))}
    for marker in gone.values():
        reason = str(marker.args[0])
        left_out[reason] = left_out.get(reason, 0) + 1
    if gone:
        config.hook.pytest_deselected(items=list(gone))
        items[:] = [item for item in items if item not in gone]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for reason, count in config.stash.get(LEFT_OUT, {}).items():
        kind = config.getoption("--kafka")
        terminalreporter.write_line(f"LEFT OUT with --kafka={kind} [{count}]: {reason}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One server for the whole run, started on first use."""
    with EmbeddedPostgres() as server:
        yield server


@pytest.fixture(scope="session")
def make_kafka(pytestconfig: pytest.Config) -> MakeKafka:
    """Make a broker as ``--kafka`` says; see `MakeKafka`."""
    return BROKERS[pytestconfig.getoption("--kafka")]


@pytest.fixture(scope="session")
def kafka(make_kafka: MakeKafka) -> Iterator[KafkaBroker]:
    """One broker for the whole run; tests keep apart by topics and groups of their own."""
    with make_kafka() as broker:
        yield broker


@pytest.fixture
def own_kafka(make_kafka: MakeKafka) -> Iterator[KafkaBroker]:
    """A broker that the test may freeze or kill."""
    with make_kafka() as broker:
        yield broker


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The asyncpg URL of an empty database for this test alone."""
    with _fresh_database(postgres) as url:
        yield url


@pytest.fixture(scope="module")
def module_database(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The asyncpg URL of a database that begins empty and that the tests of one module share."""
    with _fresh_database(postgres) as url:
        yield url


@pytest_asyncio.fixture
async def events(kafka: KafkaBroker) -> AsyncIterator[CaptureEvents]:
    """Begin to capture topics of the broker; see `CaptureEvents`."""
    async with AsyncExitStack() as captures:

        async def capture(*topics: str) -> EventCapture:
            return await captures.enter_async_context(EventCapture(kafka.bootstrap_servers, topics))

        yield capture


@contextmanager
def _fresh_database(server: EmbeddedPostgres) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    yield server.create_database(name)
    server.drop_database(name)
