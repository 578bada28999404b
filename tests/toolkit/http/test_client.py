"""The client: what it sends, what it understands, and what it raises."""

import socket
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import httpx
import pytest

from accord.boundary import Boundary, ContractViolation
from accord.http.client import ClientError, RestClient, ServiceUnreachable, UnexpectedResponse
from accord.http.content import Json
from accord.http.endpoint import Body
from accord.http.parameters import Parameter, Parameters
from accord.http.security import ApiKey, Basic, Bearer, Requirement
from accord.observability import correlation
from tests.toolkit.http.conftest import (
    DELETE_BOOK,
    GET_BOOK,
    Book,
    GetBookResponse,
    ProblemFailure,
    make_app,
    running,
)
from tests.toolkit.http.services import Service, client_to, endpoint, problem

KEY, TOKEN, LOGIN = ApiKey("key", "query", "api key"), Bearer("token"), Basic("login")
PATCH: Final = Boundary(dict[str, Any], "Patch", {"Patch": {"type": "object"}})
LIST: Final = endpoint(
    path="/books",
    parameters=Parameters(
        Parameter("limit", "query", {"type": "integer", "maximum": 9}, type=int),
        Parameter("cursor", "query", {"type": "string"}, type=str),
        Parameter("deep", "query", {"type": "boolean"}, type=bool),
        Parameter("ids", "query", {"type": "array", "items": {"type": "integer"}}),
        Parameter("q", "query", {"type": "string"}, type=str),
        Parameter("If-Match", "header", {"type": "string"}, argument="if_match"),
        Parameter("X-No", "header", {"type": "string"}, argument="x_no"),
        definitions={},
    ),
)


async def test_what_is_none_is_left_out_and_the_rest_written_as_the_contract_wants() -> None:
    service = Service(httpx.Response(200))
    async with client_to(service) as client:
        await client.call(
            LIST, limit=5, cursor=None, deep=True, ids=[1, 2], q="a&b é", if_match='"1"', x_no=None
        )
    (request,) = service.requests
    assert str(request.url) == "http://shop/api/books?limit=5&deep=true&ids=1&ids=2&q=a%26b%20%C3%A9"
    assert request.headers["If-Match"] == '"1"'
    assert "X-No" not in request.headers
    assert "Content-Type" not in request.headers
    assert request.headers["Accept"] == "application/problem+json"


async def test_what_the_contract_forbids_is_not_sent() -> None:
    async with client_to(Service()) as client:
        with pytest.raises(ContractViolation, match="query/limit: 10 is greater"):
            await client.call(LIST, limit=10)


async def test_a_body_goes_out_as_its_media_type() -> None:
    service = Service(httpx.Response(200))
    body = Body((Json("application/merge-patch+json", PATCH),))
    async with client_to(service) as client:
        await client.call(endpoint("PATCH", "/b", body=body), body={"title": None})
    assert service.requests[0].headers["Content-Type"] == "application/merge-patch+json"
    assert service.requests[0].content == b'{"title":null}'


async def test_an_optional_body_that_is_none_is_none() -> None:
    service = Service(httpx.Response(200))
    body = Body((Json("application/json", PATCH),), required=False)
    async with client_to(service) as client:
        await client.call(endpoint("POST", body=body), body=None)
    assert "Content-Type" not in service.requests[0].headers
    assert service.requests[0].content == b""


async def test_a_required_body_that_may_be_null_is_sent() -> None:
    service = Service(httpx.Response(200))
    nothing = Boundary(Any, "Nothing", {"Nothing": {"type": "null"}})
    async with client_to(service) as client:
        await client.call(endpoint("POST", body=Body((Json("application/json", nothing),))), body=None)
        with pytest.raises(ContractViolation):
            await client.call(endpoint("POST", body=Body((Json("application/json", PATCH),))), body=None)
    assert [request.content for request in service.requests] == [b"null"]


async def test_an_integer_that_few_readers_hold_is_not_sent() -> None:
    body = Body((Json("application/json", PATCH),))
    async with client_to(Service()) as client:
        with pytest.raises(ContractViolation, match="64-bit"):
            await client.call(endpoint("POST", body=body), body={"id": 2**70})


async def test_a_segment_keeps_its_slash() -> None:
    service = Service(httpx.Response(200))
    parameters = Parameters(
        Parameter("name", "path", {"type": "string"}, required=True, type=str), definitions={}
    )
    async with client_to(service) as client:
        await client.call(endpoint(path="/a/{name}/z", parameters=parameters), name="x/y?z %")
    assert service.requests[0].url.raw_path == b"/api/a/x%2Fy%3Fz%20%25/z"


async def test_the_current_correlation_id_goes_along_and_a_new_one_otherwise() -> None:
    service = Service(httpx.Response(200), httpx.Response(200))
    async with client_to(service) as client:
        with correlation("cause-3"):
            await client.call(endpoint())
        await client.call(endpoint())
    assert service.requests[0].headers["X-Correlation-ID"] == "cause-3"
    assert len(service.requests[1].headers["X-Correlation-ID"]) == 36


async def test_a_declared_failure_is_raised_as_its_type_with_all_it_says() -> None:
    async with client_to(Service(problem(404))) as client:
        with pytest.raises(ProblemFailure, match=r"^404 No: Not so\.$") as caught:
            await client.call(endpoint())
    assert (caught.value.status, caught.value.correlation_id) == (404, "c-1")
    assert caught.value.body["detail"] == "Not so."


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(299, text="fine"),
        httpx.Response(302, headers={"Location": "/elsewhere"}),
        httpx.Response(502, html="<h1>Bad Gateway</h1>" * 500),
        httpx.Response(500, content=b"{", headers={"Content-Type": "application/problem+json"}),
        httpx.Response(500, content=b"[]", headers={"Content-Type": "application/problem+json"}),
    ],
)
async def test_any_other_answer_is_unexpected_with_its_body_which_is_shown_in_short(
    answer: httpx.Response,
) -> None:
    async with client_to(Service(answer)) as client:
        with pytest.raises(UnexpectedResponse) as caught:
            await client.call(endpoint("POST"))
    assert (caught.value.status, caught.value.body) == (answer.status_code, answer.text)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ("answer", "pointer"),
    [
        (httpx.Response(200, json={"title": ""}, headers={"ETag": "x"}), "#/title"),
        (httpx.Response(200, json={"title": "x"}), "header/ETag"),
    ],
)
async def test_a_success_that_breaks_the_contract_is_a_violation(
    answer: httpx.Response, pointer: str
) -> None:
    async with client_to(Service(answer)) as client:
        with pytest.raises(ContractViolation) as caught:
            await client.call(GET_BOOK, book_id=1)
    assert [violation.pointer for violation in caught.value.violations] == [pointer]


async def test_headers_of_an_answer_are_part_of_the_result() -> None:
    answer = httpx.Response(200, json={"title": "x"}, headers={"ETag": '"3"'})
    async with client_to(Service(answer)) as client:
        assert await client.call(GET_BOOK, book_id=1) == GetBookResponse(Book(title="x"), '"3"')


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"key": "a&b"}, {"query": b"api%20key=a%26b"}),
        ({"token": "t"}, {"Authorization": "Bearer t"}),
        ({"login": ("Ada", "p:w")}, {"Authorization": "Basic QWRhOnA6dw=="}),
        ({"login": ("Ada", "p"), "token": "t", "key": "k"}, {"query": b"api%20key=k"}),
        ({}, {}),
    ],
)
async def test_the_first_scheme_with_credentials_is_used(given: Any, sent: dict[str, Any]) -> None:
    service = Service(httpx.Response(200))
    secured = endpoint(security=((Requirement(KEY),), (Requirement(TOKEN),), (Requirement(LOGIN),)))
    async with RestClient("http://shop", credentials=given, transport=httpx.MockTransport(service)) as client:
        await client.call(secured)
    (request,) = service.requests
    assert request.url.query == sent.pop("query", b"")
    assert request.headers.get("Authorization") == sent.get("Authorization")


async def test_an_operation_with_a_server_of_its_own_is_asked_there() -> None:
    service = Service(httpx.Response(200))
    async with client_to(service) as client:
        await client.call(endpoint(path="/x", server="https://files.example/v2"))
    assert str(service.requests[0].url) == "https://files.example/v2/x"


async def test_all_errors_share_one_root() -> None:
    async with client_to(Service(problem(400))) as client:
        with pytest.raises(ClientError):
            await client.call(endpoint())


async def test_what_no_contract_declares_can_be_asked_for_too() -> None:
    async with client_to(Service(httpx.Response(200, text="up"), httpx.Response(503))) as client:
        assert (await client.send("GET", "/health")).text == "up"
        with pytest.raises(UnexpectedResponse):
            await client.send("GET", "/health")


@pytest.fixture
async def live() -> AsyncIterator[Callable[[str], RestClient]]:
    with running(make_app()) as url:
        yield lambda path: RestClient(url + path)


async def test_client_and_service_agree_over_a_real_socket(live: Callable[[str], RestClient]) -> None:
    async with live("") as client:
        with correlation("cause-5"):
            assert (await client.call(GET_BOOK, book_id=7)).body.title == "7 cause-5"
            with pytest.raises(ProblemFailure) as caught:
                await client.call(DELETE_BOOK, book_id=2)
    assert (caught.value.status, caught.value.correlation_id) == (404, "cause-5")


async def test_nobody_at_the_address_is_said_with_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with RestClient(f"http://127.0.0.1:{port}", retries=0) as client:
        with pytest.raises(ServiceUnreachable, match=f"GET http://127.0.0.1:{port}/books"):
            await client.call(LIST)
