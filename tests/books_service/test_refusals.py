"""What the service answers to requests that it cannot do: problem details, and nothing was changed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from accord.bus.errors import Unavailable
from books_service.api.routes import BooksRoutes
from books_service.domain.services import BookService
from tests.books_service.application import Application
from tests.books_service.examples import an_author, later

JSON = {"Content-Type": "application/json"}
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}
MEGABYTE = 1_048_576

BREACHES: list[tuple[str, str, str, dict[str, str], bytes, list[str]]] = [
    ("malformed JSON", "POST", "/books", JSON, b'{"title": ', ["#"]),
    ("text that is no UTF-8", "POST", "/books", JSON, b'{"title": "\xff"}', ["#"]),
    ("an empty body", "POST", "/books", JSON, b"", ["#"]),
    ("a body that is no object", "POST", "/books", JSON, b"[]", ["#"]),
    ("a missing member", "POST", "/books", JSON, b"{}", ["#"]),
    ("an unknown member", "POST", "/books", JSON, b'{"title": "U", "id": 1}', ["#"]),
    (
        "wrong types",
        "POST",
        "/books",
        JSON,
        b'{"title": 1, "isbn": 9780547773742, "publication_year": "1968"}',
        ["#/isbn", "#/publication_year", "#/title"],
    ),
    (
        "a year of the future",
        "POST",
        "/books",
        JSON,
        b'{"title": "U", "publication_year": 3001}',
        ["#/publication_year"],
    ),
    ("an ISBN with hyphens", "POST", "/books", JSON, b'{"title": "U", "isbn": "978-0547773742"}', ["#/isbn"]),
    ("an empty title", "POST", "/books", JSON, b'{"title": ""}', ["#/title"]),
    ("a title of control characters", "POST", "/books", JSON, b'{"title": "a\\u0000"}', ["#/title"]),
    ("a title that is null", "PATCH", "/books/1", MERGE_PATCH, b'{"title": null}', ["#/title"]),
    (
        "a NUL in the summary",
        "PUT",
        "/books/1",
        JSON,
        b'{"title": "U", "summary": "\\u0000"}',
        ["#/summary"],
    ),
    ("no author ids", "POST", "/books/1/authors", JSON, b'{"author_ids": []}', ["#/author_ids"]),
    ("one author id twice", "POST", "/books/1/authors", JSON, b'{"author_ids": [4, 4]}', ["#/author_ids"]),
    ("an author id of 0", "POST", "/books/1/authors", JSON, b'{"author_ids": [0]}', ["#/author_ids/0"]),
    (
        "an author id of 2**63",
        "POST",
        "/books/1/authors",
        JSON,
        b'{"author_ids": [9223372036854775808]}',
        ["#/author_ids/0"],
    ),
    ("an id that is no number", "GET", "/books/one", {}, b"", ["path/book_id"]),
    ("an id of 0", "DELETE", "/books/0", {}, b"", ["path/book_id"]),
    ("an id of 2**63", "GET", "/books/9223372036854775808", {}, b"", ["path/book_id"]),
    ("an author id that is no number", "DELETE", "/books/1/authors/x", {}, b"", ["path/author_id"]),
    ("a limit of 0", "GET", "/books?limit=0", {}, b"", ["query/limit"]),
    ("a limit of 101", "GET", "/books/1/authors?limit=101", {}, b"", ["query/limit"]),
    ("a limit that is no number", "GET", "/books?limit=many", {}, b"", ["query/limit"]),
    ("a cursor of another form", "GET", "/books?cursor=abc", {}, b"", ["query/cursor"]),
    ("a cursor beyond all ids", "GET", "/books?cursor=8000000000000000", {}, b"", ["query/cursor"]),
    ("an ETag without quotes", "DELETE", "/books/1", {"If-Match": "1"}, b"", ["header/If-Match"]),
    ("a weak ETag", "DELETE", "/books/1", {"If-Match": 'W/"1"'}, b"", ["header/If-Match"]),
    (
        "a bad correlation id",
        "GET",
        "/books",
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
    await application.new_book()
    events = len(application.database.events)
    answer = await application.client.request(method, path, headers=headers, content=content)
    problem = check_problem(answer, 400)
    assert sorted({error["pointer"] for error in problem["errors"]}) == pointers
    assert all(error["detail"] for error in problem["errors"])
    assert len(application.database.events) == events


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/books/9", None),
        ("PUT", "/books/9", {"title": "U"}),
        ("PATCH", "/books/9", {"title": "U"}),
        ("DELETE", "/books/9", None),
        ("GET", "/books/9/authors", None),
        ("POST", "/books/9/authors", {"author_ids": [4711]}),
        ("DELETE", "/books/9/authors/4", None),
    ],
)
async def test_an_unknown_book_is_404_even_under_if_match(
    application: Application, method: str, path: str, body: dict[str, object] | None
) -> None:
    headers = {"If-Match": '"5"'} | (MERGE_PATCH if method == "PATCH" else {})
    answer = await application.client.request(method, path, json=body, headers=headers)
    assert check_problem(answer, 404)["detail"] == "There is no book 9."


async def test_what_is_not_linked_is_404(application: Application) -> None:
    book_id = await application.new_book()
    answer = await application.client.delete(f"/books/{book_id}/authors/4")
    assert check_problem(answer, 404)["detail"] == f"Author 4 is not linked to book {book_id}."


@pytest.mark.parametrize("if_match", ['"2"', '"01"', '"0", "9999999999999999999"'])
async def test_a_stale_etag_is_refused(application: Application, if_match: str) -> None:
    book_id = await application.new_book()
    path, stale = f"/books/{book_id}", {"If-Match": if_match}
    for answer in (
        await application.client.put(path, json={"title": "U"}, headers=stale),
        await application.client.patch(path, content=b'{"title": "U"}', headers=stale | MERGE_PATCH),
        await application.client.delete(path, headers=stale),
    ):
        assert check_problem(answer, 412)["detail"] == "The book is at version 1."
    assert (await application.client.get(path)).headers["ETag"] == '"1"'


async def test_assigning_unknown_authors_is_409_and_names_them_all(application: Application) -> None:
    book_id = await application.new_book()
    async with application.silent_services() as service:
        await service.take_over_authors([an_author(4)])
        await service.take_over_authors([an_author(5)])
    async with application.silent_services() as service:
        await service.take_over_authors(gone=[later(an_author(5))])
    answer = await application.client.post(f"/books/{book_id}/authors", json={"author_ids": [4711, 4, 5]})
    assert check_problem(answer, 409)["detail"] == "There are no authors 5, 4711."
    assert (await application.client.get(f"/books/{book_id}/authors")).json()["items"] == []


async def test_an_isbn_that_another_book_has_is_409_and_named(application: Application) -> None:
    isbn = "9780547773742"
    first = await application.new_book(isbn=isbn)
    second = await application.new_book()
    for answer in (
        await application.client.post("/books", json={"title": "U", "isbn": isbn}),
        await application.client.put(f"/books/{second}", json={"title": "U", "isbn": isbn}),
        await application.client.patch(
            f"/books/{second}", content=b'{"isbn": "9780547773742"}', headers=MERGE_PATCH
        ),
    ):
        assert check_problem(answer, 409)["detail"] == f"There is a book with the ISBN {isbn} already."
    again = await application.client.put(f"/books/{first}", json={"title": "U", "isbn": isbn})
    assert again.status_code == 200
    assert (await application.client.get(f"/books/{second}")).json()["isbn"] is None


@pytest.mark.parametrize(
    ("method", "path", "media_type"),
    [
        ("POST", "/books", "text/plain"),
        ("POST", "/books/1/authors", "application/x-www-form-urlencoded"),
        ("PUT", "/books/1", "application/merge-patch+json"),
        ("PATCH", "/books/1", "application/json"),
    ],
)
async def test_another_content_type_is_415(
    application: Application, method: str, path: str, media_type: str
) -> None:
    answer = await application.client.request(
        method, path, content=b'{"title": "U"}', headers={"Content-Type": media_type}
    )
    assert media_type in check_problem(answer, 415)["detail"]


async def test_a_body_of_10_megabytes_is_413(application: Application) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x" * MEGABYTE

    announced = await application.client.post("/books", content=b"x" * 10 * MEGABYTE, headers=JSON)
    check_problem(announced, 413)
    check_problem(await application.client.post("/books", content=chunks(), headers=JSON), 413)


async def test_an_unknown_path_is_404_and_a_wrong_method_405_with_the_right_ones(
    application: Application,
) -> None:
    check_problem(await application.client.get("/writers"), 404)
    answer = await application.client.put("/books")
    check_problem(answer, 405)
    assert answer.headers["Allow"] == "GET, POST"


def failing_with(application: Application, error: Exception) -> None:
    """From now on no service can be had."""

    @asynccontextmanager
    async def open_service() -> AsyncIterator[BookService]:
        raise error
        yield

    api = application.dependencies.api
    assert isinstance(api, BooksRoutes)
    api._services = open_service


async def test_a_database_that_is_away_is_503_with_retry_after(application: Application) -> None:
    failing_with(application, Unavailable("postgresql://secret@db is away"))
    answer = await application.client.get("/books")
    assert "secret" not in check_problem(answer, 503)["detail"]
    assert int(answer.headers["Retry-After"]) > 0


async def test_what_nobody_foresaw_is_500_without_internals(application: Application) -> None:
    failing_with(application, ZeroDivisionError("internals"))
    assert "internals" not in str(check_problem(await application.client.get("/books/1"), 500))
