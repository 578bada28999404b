"""The client: what it sends, what it tries again, and what it raises."""

import json
import socket
from collections.abc import AsyncIterator, Callable
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.http.client import (
    ClientError,
    ProblemResponse,
    RestClient,
    ServiceUnreachable,
    UnexpectedResponse,
)
from accord.observability import correlation
from tests.toolkit.http.conftest import make_app, running

Answer = httpx.Response | Exception


class Service:
    """Answers with what it is given, in turn, and keeps what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def client_to(service: Service, retries: int = 2) -> RestClient:
    return RestClient("http://shop/api", retries=retries, transport=httpx.MockTransport(service))


def problem(status: int, headers: dict[str, str] | None = None) -> httpx.Response:
    content = {"title": "No", "detail": "Not so.", "status": status}
    headers = {
        "Content-Type": "application/problem+json; charset=utf-8",
        "X-Correlation-ID": "c-1",
        **(headers or {}),
    }
    return httpx.Response(status, content=json.dumps(content), headers=headers)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("accord.http.client.asyncio.sleep", sleep)
    return waited


async def test_what_is_none_is_left_out_and_the_rest_written_as_the_contract_wants() -> None:
    service = Service(httpx.Response(200))
    async with client_to(service) as client:
        query = {"limit": 5, "cursor": None, "deep": True, "ids": [1, 2], "q": "a&b é"}
        await client.send(
            "GET", "/books", query=query, headers={"If-Match": '"1"', "X-No": None}, expected=200
        )
    (request,) = service.requests
    assert str(request.url) == "http://shop/api/books?limit=5&deep=true&ids=1&ids=2&q=a%26b+%C3%A9"
    assert request.headers["If-Match"] == '"1"'
    assert "X-No" not in request.headers
    assert "Content-Type" not in request.headers


async def test_a_body_goes_out_as_its_media_type() -> None:
    service = Service(httpx.Response(200))
    async with client_to(service) as client:
        body = {"title": None}
        await client.send("PATCH", "/b", body=body, media_type="application/merge-patch+json", expected=200)
    assert service.requests[0].headers["Content-Type"] == "application/merge-patch+json"
    assert service.requests[0].content == b'{"title":null}'


async def test_the_current_correlation_id_goes_along_and_a_new_one_otherwise() -> None:
    service = Service(httpx.Response(200), httpx.Response(200))
    async with client_to(service) as client:
        with correlation("cause-3"):
            await client.send("GET", "/", expected=200)
        await client.send("GET", "/", expected=200)
    assert service.requests[0].headers["X-Correlation-ID"] == "cause-3"
    assert len(service.requests[1].headers["X-Correlation-ID"]) == 36


async def test_a_problem_is_raised_with_all_it_says() -> None:
    async with client_to(Service(problem(404))) as client:
        with pytest.raises(ProblemResponse, match=r"^404 No: Not so\.$") as caught:
            await client.send("GET", "/", expected=200)
    assert (caught.value.status, caught.value.correlation_id) == (404, "c-1")
    assert caught.value.problem["detail"] == "Not so."


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="fine"),
        httpx.Response(302, headers={"Location": "/elsewhere"}),
        httpx.Response(502, html="<h1>Bad Gateway</h1>" * 500),
        httpx.Response(500, content=b"{", headers={"Content-Type": "application/problem+json"}),
        httpx.Response(500, content=b"[]", headers={"Content-Type": "application/problem+json"}),
    ],
)
async def test_any_other_answer_is_unexpected_and_shown_in_short(answer: httpx.Response) -> None:
    async with client_to(Service(answer)) as client:
        with pytest.raises(UnexpectedResponse) as caught:
            await client.send("POST", "/", expected=201)
    assert caught.value.status == answer.status_code
    assert len(str(caught.value)) < 600


async def test_a_broken_connection_is_tried_again_where_that_is_safe(waits: list[float]) -> None:
    service = Service(httpx.ReadError("cut"), httpx.RemoteProtocolError("cut"), httpx.Response(200))
    async with client_to(service) as client:
        await client.send("PUT", "/", expected=200)
    assert len(waits) == 2
    assert len({request.headers["X-Correlation-ID"] for request in service.requests}) == 1


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_what_may_have_arrived_is_not_sent_twice(waits: list[float], method: str) -> None:
    service = Service(httpx.ReadError("cut"))
    async with client_to(service) as client:
        with pytest.raises(ServiceUnreachable, match=f"{method} http://shop/api/: cut"):
            await client.send(method, "/", expected=200)
    assert (len(service.requests), waits) == (1, [])


async def test_what_was_never_sent_is_tried_again_whatever_it_is(waits: list[float]) -> None:
    service = Service(httpx.ConnectError("refused"), httpx.ConnectTimeout("late"), httpx.Response(201))
    async with client_to(service) as client:
        await client.send("POST", "/", expected=201)
    assert len(waits) == 2


async def test_tries_are_counted(waits: list[float]) -> None:
    service = Service(*[httpx.ConnectError("refused")] * 3)
    async with client_to(service, retries=2) as client:
        with pytest.raises(ServiceUnreachable):
            await client.send("GET", "/", expected=200)
    assert service.answers == []


async def test_a_503_is_tried_again_after_the_time_it_names(waits: list[float]) -> None:
    service = Service(problem(503, {"Retry-After": "7"}), httpx.Response(201))
    async with client_to(service) as client:
        await client.send("POST", "/", expected=201)
    assert waits == [7.0]


@pytest.mark.parametrize("after", ["3600", "", "soon", "-1", "9" * 400, "Wed, 21 Oct 2026 07:28:00 GMT"])
async def test_a_503_without_a_bearable_time_is_reported_at_once(waits: list[float], after: str) -> None:
    async with client_to(Service(problem(503, {"Retry-After": after}))) as client:
        with pytest.raises(ProblemResponse, match=r"^503"):
            await client.send("GET", "/", expected=200)
    assert waits == []


async def test_a_503_that_stays_is_reported_as_the_problem_it_is(waits: list[float]) -> None:
    service = Service(*[problem(503, {"Retry-After": "0"}) for _ in range(3)])
    async with client_to(service) as client:
        with pytest.raises(ProblemResponse, match=r"^503"):
            await client.send("GET", "/", expected=200)
    assert len(waits) == 2
    assert all(wait > 0 for wait in waits)


async def test_a_promised_header_that_is_missing_is_an_unexpected_response() -> None:
    async with client_to(Service(httpx.Response(201))) as client:
        response = await client.send("POST", "/", expected=201)
        with pytest.raises(UnexpectedResponse, match="no header ETag"):
            client.header(response, "ETag")


async def test_all_errors_share_one_root() -> None:
    async with client_to(Service(problem(400))) as client:
        with pytest.raises(ClientError):
            await client.send("GET", "/", expected=200)


@given(st.text(min_size=1).filter(lambda text: text not in (".", "..")))
def test_any_text_is_one_segment_that_comes_back(text: str) -> None:
    segment = RestClient.segment(text)
    assert unquote(segment) == text
    assert httpx.URL(f"http://shop/a/{segment}/z").path == f"/a/{text}/z"
    assert not set(segment) & set("/?#")


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_what_would_become_another_path_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="cannot be a segment"):
        RestClient.segment(value)


def test_numbers_and_booleans_are_segments_too() -> None:
    assert (RestClient.segment(17), RestClient.segment(True)) == ("17", "true")


@pytest.fixture
async def live() -> AsyncIterator[Callable[[str], RestClient]]:
    with running(make_app()) as url:
        yield lambda path: RestClient(url + path)


async def test_client_and_service_agree_over_a_real_socket(live: Callable[[str], RestClient]) -> None:
    async with live("") as client:
        with correlation("cause-5"):
            response = await client.send("GET", f"/books/{client.segment(7)}", expected=200)
            assert response.json() == {"title": "7 cause-5"}
            with pytest.raises(ProblemResponse) as caught:
                await client.send("DELETE", "/books/2", expected=204)
    assert (caught.value.status, caught.value.correlation_id) == (404, "cause-5")


async def test_nobody_at_the_address_is_said_with_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with RestClient(f"http://127.0.0.1:{port}", retries=0) as client:
        with pytest.raises(ServiceUnreachable, match=f"GET http://127.0.0.1:{port}/books"):
            await client.send("GET", "/books", expected=200)
