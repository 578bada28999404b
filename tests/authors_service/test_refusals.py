"""What the service answers to requests that it cannot do: problem details, and nothing was changed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from accord.bus.errors import Unavailable
from authors_service.api.routes import AuthorsRoutes
from authors_service.domain.services import AuthorService
from tests.authors_service.application import Application
from tests.authors_service.examples import a_book, later

JSON = {"Content-Type": "application/json"}
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}
MEGABYTE = 1_048_576

BREACHES: list[tuple[str, str, str, dict[str, str], bytes, list[str]]] = [
    ("malformed JSON", "POST", "/authors", JSON, b'{"name": ', ["#"]),
    ("text that is no UTF-8", "POST", "/authors", JSON, b'{"name": "\xff"}', ["#"]),
    ("an empty body", "POST", "/authors", JSON, b"", ["#"]),
    ("a body that is no object", "POST", "/authors", JSON, b"[]", ["#"]),
    ("a missing member", "POST", "/authors", JSON, b"{}", ["#"]),
    ("an unknown member", "POST", "/authors", JSON, b'{"name": "U", "id": 1}', ["#"]),
    ("wrong types", "POST", "/authors", JSON, b'{"name": 1, "biography": []}', ["#/biography", "#/name"]),
    ("an empty name", "POST", "/authors", JSON, b'{"name": ""}', ["#/name"]),
    ("a name of control characters", "POST", "/authors", JSON, b'{"name": "a\\u0000"}', ["#/name"]),
    ("a name that is null", "PATCH", "/authors/1", MERGE_PATCH, b'{"name": null}', ["#/name"]),
    (
        "a NUL in the biography",
        "PUT",
        "/authors/1",
        JSON,
        b'{"name": "U", "biography": "\\u0000"}',
        ["#/biography"],
    ),
    ("no book ids", "POST", "/authors/1/books", JSON, b'{"book_ids": []}', ["#/book_ids"]),
    ("one book id twice", "POST", "/authors/1/books", JSON, b'{"book_ids": [4, 4]}', ["#/book_ids"]),
    ("a book id of 0", "POST", "/authors/1/books", JSON, b'{"book_ids": [0]}', ["#/book_ids/0"]),
    (
        "a book id of 2**63",
        "POST",
        "/authors/1/books",
        JSON,
        b'{"book_ids": [9223372036854775808]}',
        ["#/book_ids/0"],
    ),
    ("an id that is no number", "GET", "/authors/one", {}, b"", ["path/author_id"]),
    ("an id of 0", "DELETE", "/authors/0", {}, b"", ["path/author_id"]),
    ("an id of 2**63", "GET", "/authors/9223372036854775808", {}, b"", ["path/author_id"]),
    ("a book id that is no number", "DELETE", "/authors/1/books/x", {}, b"", ["path/book_id"]),
    ("a limit of 0", "GET", "/authors?limit=0", {}, b"", ["query/limit"]),
    ("a limit of 101", "GET", "/authors/1/books?limit=101", {}, b"", ["query/limit"]),
    ("a limit that is no number", "GET", "/authors?limit=many", {}, b"", ["query/limit"]),
    ("a cursor of another form", "GET", "/authors?cursor=abc", {}, b"", ["query/cursor"]),
    ("a cursor beyond all ids", "GET", "/authors?cursor=8000000000000000", {}, b"", ["query/cursor"]),
    ("an ETag without quotes", "DELETE", "/authors/1", {"If-Match": "1"}, b"", ["header/If-Match"]),
    ("a weak ETag", "DELETE", "/authors/1", {"If-Match": 'W/"1"'}, b"", ["header/If-Match"]),
    (
        "a bad correlation id",
        "GET",
        "/authors",
        {"X-Correlation-ID": "a b"},
        b"",
        ["header/X-Correlation-ID"],
    ),
]


def check_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Hold an answer against RFC 9457 and the contract; answers the problem."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["correlation_id"] == answer.headers["X-Correlation-ID"]
    assert problem["title"]
    assert problem["detail"]
    return problem


@pytest.mark.parametrize(
    ("method", "path", "headers", "content", "pointers"),
    [breach[1:] for breach in BREACHES],
    ids=[breach[0] for breach in BREACHES],
)
async def test_a_breach_of_the_contract_is_pointed_at(
    application: Application,
    method: str,
    path: str,
    headers: dict[str, str],
    content: bytes,
    pointers: list[str],
) -> None:
    await application.new_author()
    events = len(application.database.events)
    answer = await application.client.request(method, path, headers=headers, content=content)
    problem = check_problem(answer, 400)
    assert sorted({error["pointer"] for error in problem["errors"]}) == pointers
    assert all(error["detail"] for error in problem["errors"])
    assert len(application.database.events) == events


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/authors/9", None),
        ("PUT", "/authors/9", {"name": "U"}),
        ("PATCH", "/authors/9", {"name": "U"}),
        ("DELETE", "/authors/9", None),
        ("GET", "/authors/9/books", None),
        ("POST", "/authors/9/books", {"book_ids": [4711]}),
        ("DELETE", "/authors/9/books/4", None),
    ],
)
async def test_an_unknown_author_is_404_even_under_if_match(
    application: Application, method: str, path: str, body: dict[str, object] | None
) -> None:
    headers = {"If-Match": '"5"'} | (MERGE_PATCH if method == "PATCH" else {})
    answer = await application.client.request(method, path, json=body, headers=headers)
    assert check_problem(answer, 404)["detail"] == "There is no author 9."


async def test_what_is_not_linked_is_404(application: Application) -> None:
    author_id = await application.new_author()
    answer = await application.client.delete(f"/authors/{author_id}/books/4")
    assert check_problem(answer, 404)["detail"] == f"Book 4 is not linked to author {author_id}."


@pytest.mark.parametrize("if_match", ['"2"', '"01"', '"0", "9999999999999999999"'])
async def test_a_stale_etag_is_refused(application: Application, if_match: str) -> None:
    author_id = await application.new_author()
    path, stale = f"/authors/{author_id}", {"If-Match": if_match}
    for answer in (
        await application.client.put(path, json={"name": "U"}, headers=stale),
        await application.client.patch(path, content=b'{"name": "U"}', headers=stale | MERGE_PATCH),
        await application.client.delete(path, headers=stale),
    ):
        assert check_problem(answer, 412)["detail"] == "The author is at version 1."
    assert (await application.client.get(path)).headers["ETag"] == '"1"'


async def test_assigning_unknown_books_is_409_and_names_them_all(application: Application) -> None:
    author_id = await application.new_author()
    async with application.silent_services() as service:
        await service.take_over_books([a_book(4)])
        await service.take_over_books([a_book(5)])
    async with application.silent_services() as service:
        await service.take_over_books(gone=[later(a_book(5))])
    answer = await application.client.post(f"/authors/{author_id}/books", json={"book_ids": [4711, 4, 5]})
    assert check_problem(answer, 409)["detail"] == "There are no books 5, 4711."
    assert (await application.client.get(f"/authors/{author_id}/books")).json()["items"] == []


@pytest.mark.parametrize(
    ("method", "path", "media_type"),
    [
        ("POST", "/authors", "text/plain"),
        ("POST", "/authors/1/books", "application/x-www-form-urlencoded"),
        ("PUT", "/authors/1", "application/merge-patch+json"),
        ("PATCH", "/authors/1", "application/json"),
    ],
)
async def test_another_content_type_is_415(
    application: Application, method: str, path: str, media_type: str
) -> None:
    answer = await application.client.request(
        method, path, content=b'{"name": "U"}', headers={"Content-Type": media_type}
    )
    assert media_type in check_problem(answer, 415)["detail"]


async def test_a_body_of_10_megabytes_is_413(application: Application) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x" * MEGABYTE

    announced = await application.client.post("/authors", content=b"x" * 10 * MEGABYTE, headers=JSON)
    check_problem(announced, 413)
    check_problem(await application.client.post("/authors", content=chunks(), headers=JSON), 413)


async def test_an_unknown_path_is_404_and_a_wrong_method_405_with_the_right_ones(
    application: Application,
) -> None:
    check_problem(await application.client.get("/writers"), 404)
    answer = await application.client.put("/authors")
    check_problem(answer, 405)
    assert answer.headers["Allow"] == "GET, POST"


def failing_with(application: Application, error: Exception) -> None:
    """From now on no service can be had."""

    @asynccontextmanager
    async def open_service() -> AsyncIterator[AuthorService]:
        raise error
        yield

    api = application.dependencies.api
    assert isinstance(api, AuthorsRoutes)
    api._services = open_service


async def test_a_database_that_is_away_is_503_with_retry_after(application: Application) -> None:
    failing_with(application, Unavailable("postgresql://secret@db is away"))
    answer = await application.client.get("/authors")
    assert "secret" not in check_problem(answer, 503)["detail"]
    assert int(answer.headers["Retry-After"]) > 0


async def test_what_nobody_foresaw_is_500_without_internals(application: Application) -> None:
    failing_with(application, ZeroDivisionError("internals"))
    assert "internals" not in str(check_problem(await application.client.get("/authors/1"), 500))
