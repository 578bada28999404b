"""The client: what it tries again, how long it waits, and when it gives up."""

import datetime
from email.utils import format_datetime

import httpx
import pytest

from accord.http.client import Failure, ServiceUnreachable
from tests.toolkit.http.services import Service, client_to, endpoint, problem


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("accord.http.client.asyncio.sleep", sleep)
    return waited


async def test_a_broken_connection_is_tried_again_where_that_is_safe(waits: list[float]) -> None:
    service = Service(httpx.ReadError("cut"), httpx.RemoteProtocolError("cut"), httpx.Response(200))
    async with client_to(service) as client:
        await client.call(endpoint("PUT"))
    assert len(waits) == 2
    assert len({request.headers["X-Correlation-ID"] for request in service.requests}) == 1


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_what_may_have_arrived_is_not_sent_twice(waits: list[float], method: str) -> None:
    service = Service(httpx.ReadError("cut"))
    async with client_to(service) as client:
        with pytest.raises(ServiceUnreachable, match=f"{method} http://shop/api/: cut"):
            await client.call(endpoint(method))
    assert (len(service.requests), waits) == (1, [])


async def test_what_was_never_sent_is_tried_again_whatever_it_is(waits: list[float]) -> None:
    service = Service(httpx.ConnectError("refused"), httpx.ConnectTimeout("late"), httpx.Response(201))
    async with client_to(service) as client:
        await client.call(endpoint("POST"))
    assert len(waits) == 2


async def test_tries_are_counted(waits: list[float]) -> None:
    service = Service(*[httpx.ConnectError("refused")] * 3)
    async with client_to(service, retries=2) as client:
        with pytest.raises(ServiceUnreachable):
            await client.call(endpoint())
    assert service.answers == []


async def test_a_503_is_tried_again_after_the_time_it_names(waits: list[float]) -> None:
    service = Service(problem(503, {"Retry-After": "7"}), httpx.Response(201))
    async with client_to(service) as client:
        await client.call(endpoint("POST"))
    assert waits == [7.0]


@pytest.mark.parametrize("after", ["3600", "", "soon", "-1", "9" * 400, "Wed, 21 Oct 2099 07:28:00 GMT"])
async def test_a_503_without_a_bearable_time_is_reported_at_once(waits: list[float], after: str) -> None:
    async with client_to(Service(problem(503, {"Retry-After": after}))) as client:
        with pytest.raises(Failure, match=r"^503"):
            await client.call(endpoint())
    assert waits == []


async def test_a_503_may_name_a_date(waits: list[float]) -> None:
    soon = format_datetime(datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=9), usegmt=True)
    async with client_to(Service(problem(503, {"Retry-After": soon}), httpx.Response(200))) as client:
        await client.call(endpoint())
    assert 5 < waits[0] <= 9


async def test_a_503_that_stays_is_reported_as_the_problem_it_is(waits: list[float]) -> None:
    service = Service(*[problem(503, {"Retry-After": "0"}) for _ in range(3)])
    async with client_to(service) as client:
        with pytest.raises(Failure, match=r"^503"):
            await client.call(endpoint())
    assert len(waits) == 2
    assert all(wait > 0 for wait in waits)
