"""The baselines over Kafka do the work that they are measured by: the same cache, every record."""

from collections.abc import Iterator

import pytest

from scripts.bench.bus.events import BookEvent, mixed
from scripts.bench.bus.projection import Projection
from scripts.bench.bus.stage import Stage
from scripts.bench.ground import Ground
from scripts.measure import add_rows

ROWS = 200


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Ground(tmp_path_factory.mktemp("bench") / "logs") as ground, Stage(ground) as found:
        yield found


def cache_after(stage: Stage, projection: Projection, events: list[BookEvent]) -> list[tuple[object, ...]]:
    stage.run(projection.clear())
    stage.run(projection.take_in(events))
    stage.run(projection.take_in(events[: ROWS // 4]))
    return stage.run(projection.content())


def test_the_service_and_the_baselines_make_the_same_cache_of_new_repeated_and_outdated_events(
    stage: Stage,
) -> None:
    events = mixed(ROWS)
    last = {event.book_id: event.version for event in events}
    service = cache_after(stage, stage.service_projection(), events)
    assert {row[0]: row[5] for row in service} == last
    for name in ("faststream", "bound"):
        assert cache_after(stage, stage.baseline_projection(name), events) == service, name


def test_the_producer_sends_every_row_and_leaves_it_there(stage: Stage) -> None:
    url = stage.database()
    database = stage.connect(url)
    stage.run(add_rows(database, ROWS))
    topic = stage.topic("library.authors", "test")
    before = topic.end()
    assert stage.figures_of("producer", database_url=url)["rate"] > 0
    assert topic.end() == before + ROWS
    assert stage.run(database.fetchval("SELECT count(*) FROM outbox")) == ROWS


def test_a_drained_outbox_is_empty_and_all_of_it_is_in_kafka(stage: Stage) -> None:
    outbox = stage.outbox()
    before = outbox.topic.end()
    for _ in range(2):
        assert stage.run(outbox.drain(ROWS))["rate"] > 0
    assert outbox.topic.end() == before + 2 * ROWS
