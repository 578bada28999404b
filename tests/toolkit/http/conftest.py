"""A small service to send requests to: over ASGI in the process, or over a real socket."""

import asyncio
import json
import logging
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import jsonschema_rs
import pytest
import structlog
import yaml
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel

from accord.boundary import Boundary
from accord.bus.errors import Unavailable
from accord.http.answers import Answer
from accord.http.app import assemble
from accord.http.content import Json
from accord.http.endpoint import Body, Endpoint
from accord.http.failures import Failure
from accord.http.parameters import Parameter, Parameters
from accord.http.problems import ProblemError
from accord.http.routing import build_router
from accord.http.server import make_server
from accord.observability import configure_logging, current_correlation_id
from tests.toolkit.http.gallery_service import Gallery, generate

SPECS: Final = Path(__file__).parents[3] / "specs"

DEFINITIONS: Final[dict[str, Any]] = {
    "Id": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
    "CorrelationId": {"type": "string", "pattern": "^[A-Za-z0-9._:-]+$", "minLength": 1, "maxLength": 128},
    "Problem": {"type": "object", "required": ["title", "status"]},
    "Book": {
        "type": "object",
        "required": ["title"],
        "additionalProperties": False,
        "properties": {"title": {"type": "string", "minLength": 1}, "subtitle": {"type": "string"}},
    },
}


class Book(BaseModel):
    title: str
    subtitle: str | None = None


class BookNotFound(Exception):
    """A domain's error."""


class BookTaken(BookNotFound):
    """A more special one."""


BOOK: Final = Boundary(Book, "Book", DEFINITIONS)
UPDATED: Final = {"200": Answer((Json("application/json", BOOK),))}
ID: Final = Parameter("book_id", "path", {"$ref": "#/$defs/Id"}, required=True, type=int)
CORRELATION: Final = Parameter("X-Correlation-ID", "header", {"$ref": "#/$defs/CorrelationId"}, ambient=True)
PARAMETERS: Final = Parameters(ID, CORRELATION, definitions=DEFINITIONS)


@dataclass(frozen=True, slots=True)
class GetBookResponse:
    body: Book
    etag: str


class ProblemFailure(Failure[dict[str, Any]]):
    """A problem."""


PROBLEM: Final = Answer(
    (Json("application/problem+json", Boundary(dict[str, Any], "Problem", DEFINITIONS)),),
    failures=(ProblemFailure,),
)
ETAG: Final = Parameters(
    Parameter("ETag", "header", {"type": "string"}, required=True, type=str, argument="etag"),
    definitions={},
    subject="the answer",
)
GET_BOOK: Final[Endpoint[GetBookResponse]] = Endpoint(
    "getBook",
    "GET",
    "/books/{book_id}",
    {
        "200": Answer((Json("application/json", BOOK),), headers=ETAG, result=GetBookResponse),
        "404": PROBLEM,
    },
    parameters=PARAMETERS,
)
REPLACE_BOOK: Final[Endpoint[Book]] = Endpoint(
    "replaceBook", "PUT", "/books/{book_id}", UPDATED, PARAMETERS, Body((Json("application/json", BOOK),))
)
UPDATE_BOOK: Final[Endpoint[Book]] = Endpoint(
    "updateBook",
    "PATCH",
    "/books/{book_id}",
    UPDATED,
    PARAMETERS,
    Body((Json("application/merge-patch+json", BOOK),)),
)
DELETE_BOOK: Final[Endpoint[None]] = Endpoint(
    "deleteBook", "DELETE", "/books/{book_id}", {"204": Answer(), "4XX": PROBLEM, "503": PROBLEM}, PARAMETERS
)


def books_router() -> APIRouter:
    async def get_book(book_id: int) -> GetBookResponse:
        return GetBookResponse(Book(title=f"{book_id} {current_correlation_id()}"), '"1"')

    async def change_book(_book_id: int, body: Book) -> Book:
        return body

    async def delete_book(book_id: int) -> None:
        await asyncio.sleep(0)
        match book_id:
            case 1:
                return
            case 2:
                raise BookNotFound("There is no book 2.")
            case 3:
                raise BookTaken("Book 3 is taken.")
            case 4:
                raise Unavailable("connect to 10.0.0.7:5432 as accord failed")
            case 5:
                raise ProblemError(428, "Send If-Match.", headers={"X-Hint": "yes"})
            case 6:
                # Data of this side's own that breaks the contract.
                BOOK.check({"titel": "x"})
        raise RuntimeError("password=hunter2 is wrong")

    return build_router(
        GET_BOOK.served_by(get_book),
        REPLACE_BOOK.served_by(change_book),
        UPDATE_BOOK.served_by(change_book),
        DELETE_BOOK.served_by(delete_book),
    )


def make_app(**options: Any) -> FastAPI:
    defaults: dict[str, Any] = {
        "openapi": SPECS / "authors.openapi.yaml",
        "asyncapi": SPECS / "authors.asyncapi.yaml",
        "statuses": {BookNotFound: 404, BookTaken: 409},
        "checks": {},
    }
    return assemble(books_router(), **{**defaults, **options})


@contextmanager
def running(app: FastAPI, **options: Any) -> Iterator[str]:
    """Serve the app with uvicorn on a free port of the loopback interface; gives its base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = make_server(app, "127.0.0.1", 0, **options)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)


def client_of(app: FastAPI) -> httpx.AsyncClient:
    """Errors must come as answers, hence no exception of the app is let through."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://books")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(make_app()) as http:
        yield http


@pytest.fixture(scope="session")
def problem_schema() -> jsonschema_rs.Draft202012Validator:
    """ProblemDetails, straight from the spec."""
    common = yaml.safe_load((SPECS / "common.yaml").read_text())
    return jsonschema_rs.Draft202012Validator(
        {**common, "$ref": "#/components/schemas/ProblemDetails"}, validate_formats=True
    )


@pytest.fixture
def problem_of(problem_schema: jsonschema_rs.Draft202012Validator) -> Callable[..., dict[str, Any]]:
    def check(response: httpx.Response, status: int) -> dict[str, Any]:
        """The answer is this problem, well-formed in all its parts."""
        assert response.status_code == status, response.text
        assert response.headers["Content-Type"] == "application/problem+json"
        problem: dict[str, Any] = response.json()
        problem_schema.validate(problem)
        assert problem["status"] == status
        assert problem["correlation_id"] == response.headers["X-Correlation-ID"]
        return problem

    return check


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configure_logging("books")
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def log_lines(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return generate(tmp_path_factory.mktemp("gallery"))


@pytest.fixture
def gallery(code: Any) -> Gallery:
    return Gallery(code)


@pytest.fixture
def schemas(code: Any) -> Any:
    return code.schemas
