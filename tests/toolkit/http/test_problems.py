"""Everything that goes wrong, as the problem that the contract describes."""

from collections.abc import Callable
from typing import Any

import httpx
import jsonschema_rs
import orjson
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from accord.boundary import Violation
from accord.bus.errors import OutcomeUnknown, Unavailable
from accord.http.middleware import install_middleware
from accord.http.problems import ProblemError, RequestViolation, install_problems, problem_response
from tests.toolkit.http.conftest import client_of, make_app, running

ProblemOf = Callable[[httpx.Response, int], dict[str, Any]]
LogLines = Callable[[], list[dict[str, Any]]]


async def test_an_error_of_the_domain_has_the_status_of_the_table(
    client: httpx.AsyncClient, problem_of: ProblemOf
) -> None:
    problem = problem_of(await client.delete("/books/2"), 404)
    assert (problem["title"], problem["detail"]) == ("Not Found", "There is no book 2.")


async def test_the_most_special_class_of_the_table_decides(
    client: httpx.AsyncClient, problem_of: ProblemOf
) -> None:
    assert problem_of(await client.delete("/books/3"), 409)["detail"] == "Book 3 is taken."


async def test_a_server_that_is_away_is_503_without_its_address(
    client: httpx.AsyncClient, problem_of: ProblemOf
) -> None:
    response = await client.delete("/books/4")
    assert "10.0.0.7" not in problem_of(response, 503)["detail"]
    assert 0 < int(response.headers["Retry-After"]) <= 3600


async def test_a_change_that_may_have_been_made_is_503_that_asks_for_no_second_try(
    problem_of: ProblemOf,
) -> None:
    app = make_app()

    @app.post("/commits")
    async def commit() -> None:
        raise OutcomeUnknown("connection lost to 10.0.0.7")

    async with client_of(app) as client:
        response = await client.post("/commits")
    assert "10.0.0.7" not in problem_of(response, 503)["detail"]
    assert "Retry-After" not in response.headers


async def test_a_problem_may_carry_headers(client: httpx.AsyncClient, problem_of: ProblemOf) -> None:
    response = await client.delete("/books/5")
    assert problem_of(response, 428)["detail"] == "Send If-Match."
    assert response.headers["X-Hint"] == "yes"


@pytest.mark.parametrize("book_id", ["6", "7"])
async def test_what_nobody_foresaw_is_500_that_tells_nothing_and_is_logged_once(
    log_lines: LogLines, problem_of: ProblemOf, book_id: str
) -> None:
    async with client_of(make_app()) as client:
        response = await client.delete(f"/books/{book_id}", headers={"X-Correlation-ID": "cause-7"})
    problem = problem_of(response, 500)
    assert problem["detail"] == "Something unforeseen happened. The correlation id finds it in the log."
    assert "errors" not in problem
    failed, request = log_lines()
    assert (failed["event"], failed["correlation_id"]) == ("request failed", "cause-7")
    assert "delete_book" in failed["exception"]["traceback"]
    assert (request["event"], request["status"]) == ("request", 500)


def test_a_500_is_logged_once_under_a_real_server_too(log_lines: LogLines, problem_of: ProblemOf) -> None:
    with running(make_app()) as url:
        problem_of(httpx.delete(f"{url}/books/7"), 500)
    assert [line["event"] for line in log_lines() if line["level"] == "error"] == [
        "request failed",
        "request",
    ]


async def test_an_unknown_path_is_404(client: httpx.AsyncClient, problem_of: ProblemOf) -> None:
    assert problem_of(await client.get("/bookz/1"), 404)["detail"] == "Nothing is served at /bookz/1."
    problem_of(await client.get("/books/1/"), 404)


async def test_control_characters_of_a_path_do_not_come_back(
    client: httpx.AsyncClient, problem_of: ProblemOf
) -> None:
    detail = problem_of(await client.get("/a%0d%0a%1b%5b31m%E2%80%A8"), 404)["detail"]
    assert detail.isprintable()


@pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS", "TRACE", "BREW"])
async def test_a_wrong_method_is_405_with_all_methods_of_the_path(method: str) -> None:
    async with client_of(make_app()) as client:
        response = await client.request(method, "/books/1")
        assert response.status_code == 405
        assert response.headers["Allow"] == "DELETE, GET, PATCH, PUT"
        assert (await client.post("/health/live")).headers["Allow"] == "GET"


def test_a_wrong_method_is_405_under_a_real_server_too(problem_of: ProblemOf) -> None:
    with running(make_app()) as url:
        response = httpx.post(f"{url}/books/1", json={})
        assert httpx.head(f"{url}/books/1").status_code == 405
    problem_of(response, 405)
    assert response.headers["Allow"] == "DELETE, GET, PATCH, PUT"


async def test_the_checks_of_fastapi_itself_become_problems(problem_of: ProblemOf) -> None:
    class Body(BaseModel):
        tags: list[int]

    app = FastAPI()

    @app.post("/plain")
    async def plain(body: Body, limit: int = 1) -> None: ...

    install_problems(app, {})
    install_middleware(app)
    async with client_of(app) as client:
        problem = problem_of(await client.post("/plain?limit=x", json={"tags": ["y"]}), 400)
    assert {error["pointer"] for error in problem["errors"]} == {"query/limit", "#/tags/0"}


async def test_the_order_of_installing_does_not_matter(problem_of: ProblemOf) -> None:
    app = FastAPI()

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError

    install_middleware(app)
    install_problems(app, {})
    async with client_of(app) as client:
        problem_of(await client.get("/broken"), 500)


def test_a_table_with_a_status_that_is_no_error_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="200 is no status of an error"):
        install_problems(FastAPI(), {KeyError: 200})
    with pytest.raises(ValueError, match="600 is no status of an error"):
        ProblemError(600, "x")


violations = st.lists(
    st.builds(Violation, st.text(), st.text()) | st.just(Violation("#/x" * 900, "y" * 9000)), max_size=120
)
texts = st.text() | st.text(min_size=1).map(lambda text: text * 3000) | st.just("\ud800\x00\u2028")
errors = (
    st.builds(ProblemError, st.integers(400, 599), texts, errors=violations)
    | st.builds(HTTPException, st.integers(400, 599), texts)
    | st.builds(RequestViolation, texts, violations.map(tuple))
    | st.builds(Unavailable, texts)
    | st.builds(KeyError, texts)
    | st.builds(LookupError, texts)
    | st.builds(OSError, st.integers(), texts)
    | st.sampled_from(
        [RuntimeError(), ExceptionGroup("many", [ValueError(1)]), RecursionError(), AssertionError()]
    )
)


@given(errors)
async def test_any_exception_becomes_a_problem_as_the_contract_describes_it(
    problem_schema: jsonschema_rs.Draft202012Validator, error: Exception
) -> None:
    app = FastAPI()

    @app.get("/")
    async def fail() -> None:
        raise error

    install_problems(app, {LookupError: 404, KeyError: 409})
    install_middleware(app)
    async with client_of(app) as client:
        response = await client.get("/")
    assert response.headers["Content-Type"] == "application/problem+json"
    problem_schema.validate(response.json())
    assert response.json()["status"] == response.status_code


@given(texts, violations)
def test_no_text_breaks_the_bounds_of_a_problem(detail: str, errors: list[Violation]) -> None:
    problem = orjson.loads(bytes(problem_response(400, detail, errors=errors).body))
    assert len(problem["detail"]) <= 2000
    assert not any(ord(character) < 32 for character in problem["detail"])
    assert len(problem.get("errors", [])) == min(len(errors), 100)
