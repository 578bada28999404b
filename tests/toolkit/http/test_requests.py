"""Bodies read into models, and answers written from them."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

ProblemOf = Callable[[httpx.Response, int], dict[str, Any]]


async def put(
    client: httpx.AsyncClient, content: bytes, content_type: str | None = "application/json"
) -> httpx.Response:
    headers = {"Content-Type": content_type} if content_type else {}
    return await client.put("/books/1", content=content, headers=headers)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/json; indent=2",
    ],
)
async def test_the_media_type_is_compared_without_case_and_parameters(
    client: httpx.AsyncClient, content_type: str
) -> None:
    response = await put(client, b'{"title": "x"}', content_type)
    assert (response.status_code, response.json()) == (200, {"title": "x"})
    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/json; charset=latin-1", "application/jsonp", ";", "json"],
)
async def test_another_media_type_is_415_with_the_right_one(
    client: httpx.AsyncClient, problem_of: ProblemOf, content_type: str | None
) -> None:
    response = await put(client, b'{"title": "x"}', content_type)
    assert problem_of(response, 415)["detail"].startswith("Send application/json in UTF-8 instead of ")
    assert response.headers["Accept"] == "application/json"


async def test_a_patch_of_another_media_type_is_told_the_patch_format(
    client: httpx.AsyncClient, problem_of: ProblemOf
) -> None:
    response = await client.patch("/books/1", json={"title": "x"})
    problem_of(response, 415)
    assert response.headers["Accept-Patch"] == "application/merge-patch+json"


@pytest.mark.parametrize("content_type", ["application/json", None])
async def test_an_empty_body_is_400(
    client: httpx.AsyncClient, problem_of: ProblemOf, content_type: str | None
) -> None:
    problem = problem_of(await put(client, b"", content_type), 400)
    assert problem["errors"] == [{"pointer": "#", "detail": "the body is empty; it is required"}]


@pytest.mark.parametrize("text", [b"{", b"\xff", b'{"title": NaN}', b"[" * 5000, b'{"title": "\\ud800"}'])
async def test_malformed_json_is_400(client: httpx.AsyncClient, problem_of: ProblemOf, text: bytes) -> None:
    (error,) = problem_of(await put(client, text), 400)["errors"]
    assert error["pointer"] == "#"
    assert error["detail"].startswith("not JSON: ")


async def test_a_body_against_the_contract_is_400_with_every_bad_member(
    client: httpx.AsyncClient, problem_of: ProblemOf
) -> None:
    problem = problem_of(await put(client, b'{"title": "", "subtitle": null}'), 400)
    assert {error["pointer"] for error in problem["errors"]} == {"#/title", "#/subtitle"}


async def test_an_optional_member_that_was_never_set_is_not_answered_as_null(
    client: httpx.AsyncClient,
) -> None:
    assert (await put(client, b'{"title": "x"}')).json() == {"title": "x"}
    assert (await put(client, b'{"title": "x", "subtitle": "y"}')).json() == {"title": "x", "subtitle": "y"}


async def test_an_answer_without_content_has_none(client: httpx.AsyncClient) -> None:
    response = await client.delete("/books/1")
    assert (response.status_code, response.content) == (204, b"")
    assert "Content-Type" not in response.headers
