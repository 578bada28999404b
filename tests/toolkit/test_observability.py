"""Logs as an operator reads them: one JSON object a line, with the cause's id and without secrets."""

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.observability import (
    configure_logging,
    correlation,
    current_correlation_id,
    get_logger,
    log_each,
    redact,
)

log = get_logger("tests.catalogue")


@pytest.fixture(autouse=True)
def _configured() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configure_logging("catalogue")
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_says_when_who_what_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    with correlation("cause-1"):
        log.info("author created", author_id=17)
    (line,) = lines(capsys)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line.pop("timestamp"))
    assert line == {
        "level": "info",
        "logger": "tests.catalogue",
        "service": "catalogue",
        "event": "author created",
        "correlation_id": "cause-1",
        "author_id": 17,
    }


def test_libraries_that_use_logging_join_in(capsys: pytest.CaptureFixture[str]) -> None:
    with correlation("cause-2"):
        for name in ("uvicorn.error", "sqlalchemy.pool", "alembic.runtime"):
            logging.getLogger(name).warning("%s is %d", name, 7)
    found = lines(capsys)
    assert [line["event"] for line in found] == [f"{line['logger']} is 7" for line in found]
    assert {line["correlation_id"] for line in found} == {"cause-2"}
    assert len(found) == 3


def test_the_complaints_of_the_kafka_client_are_left_out_since_the_bus_says_them_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logging.getLogger("aiokafka.client").error("Unable to connect")
    assert lines(capsys) == []


def test_lines_below_the_level_are_silent(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("catalogue", "WARNING")
    log.info("quiet")
    logging.getLogger("alembic").info("quiet")
    logging.getLogger("alembic").error("loud")
    assert [line["event"] for line in lines(capsys)] == ["loud"]


def test_many_lines_are_what_one_by_one_they_would_be(capsys: pytest.CaptureFixture[str]) -> None:
    several: list[dict[str, Any]] = [
        {"correlation_id": "a", "key": "1"},
        {"key": "password=x", "cookie": "y"},
    ]
    log_each(log, "happened", several, batch=3)
    at_once = lines(capsys)
    for members in several:
        log.info("happened", batch=3, **members)
    for together, alone in zip(at_once, lines(capsys), strict=True):
        assert {**together, "timestamp": ""} == {**alone, "timestamp": ""}
    configure_logging("catalogue", "warning")
    log_each(log, "happened", several)
    assert lines(capsys) == []


WORDS = st.sampled_from(
    ["password", "Secret", "api_key", "Cookie", "key", "=", ": ", "://", "x", "ä", "ſ", '"']
)
TEXTS = st.lists(WORDS, max_size=5).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.dictionaries(TEXTS, TEXTS | st.integers(), min_size=1, max_size=3), min_size=1, max_size=4)
)
def test_secrets_are_found_among_many_lines_as_in_one(
    capsys: pytest.CaptureFixture[str], several: list[dict[str, Any]]
) -> None:
    log_each(log, "happened", ({"place": members} for members in several))
    together = [line["place"] for line in lines(capsys)]
    for members in several:
        log.info("happened", place=members)
    assert together == [line["place"] for line in lines(capsys)]


def test_an_unknown_level_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'loud' is none of debug, info"):
        configure_logging("catalogue", "loud")


@pytest.mark.parametrize("through", ["structlog", "logging"])
def test_an_exception_is_logged_with_its_traceback(through: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise LookupError("no such author")
    except LookupError:
        log.exception("failed") if through == "structlog" else logging.getLogger("x").exception("failed")
    (line,) = lines(capsys)
    assert line["exception"]["type"] == "builtins.LookupError"
    assert line["exception"]["message"] == "no such author"
    assert line["exception"]["traceback"].startswith("Traceback (most recent call last):\n")


def test_passwords_never_reach_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    url = "postgresql+asyncpg://accord:hunter2@db:5432/authors_db"
    log.info(
        f"connecting to {url}", url=url, nested={"urls": [url], "password": "hunter2"}, dsn="password=hunter2"
    )
    logging.getLogger("alembic").info("%s", url)
    log.info("objects", of=type("Engine", (), {"__repr__": lambda _: f"Engine({url})"})())
    try:
        raise ConnectionError(f"cannot reach {url}")
    except ConnectionError:
        log.exception("failed")
    text = capsys.readouterr().out
    assert "hunter2" not in text
    assert text.count("accord:***@db:5432/authors_db") >= 6


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_any_password_in_a_url_is_taken_out(password: str) -> None:
    assert redact(f"see postgres://me:{password}@host/db now") == "see postgres://me:***@host/db now"


@given(st.from_regex(r"https?://[a-z]{1,9}(:[0-9]{1,5}/[a-z]*|/[a-z]*\?[a-z]=[a-z]+@[a-z]+)", fullmatch=True))
def test_a_url_without_a_password_stays_as_it_is(url: str) -> None:
    assert redact(url) == url


@given(
    st.dictionaries(st.text(), st.recursive(st.none() | st.integers() | st.text() | st.binary(), st.lists))
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_logged_becomes_one_line_of_json(
    capsys: pytest.CaptureFixture[str], members: dict[str, Any]
) -> None:
    log.info("anything", members=members, surrogate="\ud800", huge=2**70)
    (line,) = lines(capsys)
    assert line["event"] == "anything"


def test_a_circle_is_logged_too(capsys: pytest.CaptureFixture[str]) -> None:
    circle: list[Any] = []
    circle.append(circle)
    log.info("circle", circle=circle)
    (line,) = lines(capsys)
    assert line["circle"] == "[[...]]"


def test_the_former_id_is_back_after_the_block() -> None:
    assert current_correlation_id() is None
    with correlation("outer"):
        with correlation(None) as made:
            assert current_correlation_id() == made != "outer"
        assert current_correlation_id() == "outer"
    assert current_correlation_id() is None


async def test_tasks_keep_the_id_of_whoever_started_them_and_do_not_mix() -> None:
    async def work() -> str | None:
        await asyncio.sleep(0)
        return current_correlation_id()

    async def request(name: str) -> str | None:
        with correlation(name):
            return await asyncio.create_task(work())

    assert list(await asyncio.gather(request("a"), request("b"))) == ["a", "b"]
