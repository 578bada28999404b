"""Health as a supervisor asks for it."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.toolkit.http.conftest import client_of, make_app


async def well() -> None:
    return None


async def lagging() -> str:
    return "The consumer is 900 events behind."


async def broken() -> str | None:
    raise ConnectionError("postgresql://accord:hunter2@db does not answer")


async def silent() -> str | None:
    await asyncio.sleep(60)
    return None


async def get(path: str, **checks: Callable[..., Any]) -> httpx.Response:
    async with client_of(make_app(checks=checks)) as client:
        return await client.get(path)


async def test_a_process_that_answers_lives_whatever_its_checks_say() -> None:
    response = await get("/health/live", database=broken)
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_a_service_is_ready_when_all_checks_are_well() -> None:
    response = await get("/health/ready", database=well, broker=well)
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {"database": {"status": "ok"}, "broker": {"status": "ok"}},
    }
    assert response.headers["Cache-Control"] == "no-store"


async def test_one_failing_check_makes_it_unready_and_says_why() -> None:
    response = await get("/health/ready", database=well, consumer=lagging)
    assert response.status_code == 503
    assert response.json() == {
        "status": "failing",
        "checks": {
            "database": {"status": "ok"},
            "consumer": {"status": "failing", "detail": "The consumer is 900 events behind."},
        },
    }


async def test_a_check_that_raises_fails_without_telling_internals() -> None:
    response = await get("/health/ready", database=broken)
    assert response.status_code == 503
    assert response.json()["checks"]["database"]["status"] == "failing"
    assert "hunter2" not in response.text
    assert "ConnectionError" not in response.text


async def test_silent_checks_fail_together_after_their_time() -> None:
    started = time.perf_counter()
    response = await get("/health/ready", **{f"check{number}": silent for number in range(5)})
    assert response.status_code == 503
    assert {check["detail"] for check in response.json()["checks"].values()} == {"no answer within 2 s"}
    assert time.perf_counter() - started < 4
