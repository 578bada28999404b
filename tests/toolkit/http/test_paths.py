"""Which path is meant, and that the short way there leads where FastAPI's routes lead."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from fastapi import APIRouter, Depends, FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.trace import (
    INVALID_SPAN_CONTEXT,
    NonRecordingSpan,
    NoOpTracer,
    Tracer,
    TracerProvider,
)
from starlette.requests import Request
from starlette.responses import Response

from accord.http.answers import Answer
from accord.http.content import Json
from accord.http.endpoint import Endpoint
from accord.http.middleware import install_middleware
from accord.http.parameters import Parameter, Parameters
from accord.http.paths import TEMPLATE, PathTable
from accord.http.problems import ProblemError, install_problems, problem_response
from accord.http.routing import build_router
from accord.http.shortcut import include_operations
from tests.toolkit.http.conftest import client_of, make_app

# Of two that hold a template, one always has the longer literal.
SEGMENTS = ["a", "b", "ab.c", "{}", "a{}", "{}.c", "{}-{}b.c"]
contracts = st.sets(st.lists(st.sampled_from(SEGMENTS), max_size=3).map(tuple), min_size=1, max_size=12)
fitting = st.sampled_from(["a", "b", "ab.c", "a.c", "a-ab.c", "b.c"])
sent_segments = st.lists(st.text("ab.c-", max_size=5) | fitting, max_size=3)


def path_of(segments: tuple[str, ...]) -> str:
    names = iter("xyzuvw")
    return re.sub("{}", lambda _: f"{{{next(names)}}}", "/" + "/".join(segments))


def concreteness(path: str) -> list[tuple[bool, int]]:
    return [("{" in segment, -len(TEMPLATE.sub("", segment))) for segment in path.split("/")]


@given(contracts, sent_segments)
@settings(max_examples=500, deadline=None)
def test_the_most_concrete_path_that_fits_is_meant(contract: set[tuple[str, ...]], sent: list[str]) -> None:
    paths = [path_of(segments) for segments in contract]
    text = "/" + "/".join(sent)
    fits = {
        path: match
        for path in paths
        if (match := re.fullmatch("([^/]+)".join(map(re.escape, TEMPLATE.split(path)[::2])), text))
    }
    found = PathTable(paths).find(text)
    if not fits:
        assert found is None
        return
    meant = min(fits, key=concreteness)
    assert found == (meant, dict(zip(TEMPLATE.findall(meant), fits[meant].groups(), strict=True)))


def router_of(contract: set[tuple[str, ...]]) -> APIRouter:
    """Each operation answers which one it is and what it was given; one value is refused."""

    def served(path: str, method: str) -> Any:
        names = TEMPLATE.findall(path)
        parameters = [Parameter(name, "path", {"type": "string"}, required=True, type=str) for name in names]
        parameters.append(Parameter("q", "query", {"type": "string", "maxLength": 2}, type=str))

        async def answer(*texts: str, q: str = "") -> list[str]:
            if q == "no":
                raise ProblemError(409, "No.", headers={"X-Hint": "yes"})
            return [method, path, *texts, q]

        endpoint: Endpoint[Any] = Endpoint(
            f"{method}{path}",
            method,
            path,
            {"200": Answer((Json("application/json"),))},
            Parameters(*parameters, definitions={}),
        )
        return endpoint.served_by(answer)

    methods = ["GET", "PUT", "HEAD"]
    paths = [path_of(segments) for segments in sorted(contract)]
    return build_router(
        *(served(path, method) for i, path in enumerate(paths) for method in methods[i % 3 :])
    )


def app_of(router: APIRouter, *, short: bool = True, **options: Any) -> FastAPI:
    app = FastAPI(openapi_url=None, redirect_slashes=False, **options)
    install_problems(app, {})
    if short:
        include_operations(app, router)
    else:
        app.include_router(router)
    install_middleware(app)
    return app


escapes = st.sampled_from(["%61", "%2F", "%2e", "%C3%A4", "%e4", "%20", ":", "ab.c", "a", "-b"])
raw_paths = st.lists(st.lists(escapes, max_size=3).map("".join), max_size=3).map("/".join)


@given(
    contracts,
    raw_paths.map("/{}".format) | sent_segments.map(lambda segments: "/" + "/".join(segments)) | st.just(""),
    st.sampled_from(["GET", "HEAD", "PUT", "POST"]),
    st.sampled_from(["", "?q=ab", "?q=abc", "?q=no", "?q=%e4"]),
    st.sampled_from(["", "/base", "/b a", "/a"]),
)
@settings(deadline=None)
async def test_the_short_way_leads_where_the_routes_lead(
    contract: set[tuple[str, ...]], path: str, method: str, query: str, root_path: str
) -> None:
    router = router_of(contract)
    outcomes = []
    for short in (False, True):
        transport = httpx.ASGITransport(app_of(router, short=short), root_path=root_path)
        url = f"http://x{root_path}{path}{query}"
        async with httpx.AsyncClient(transport=transport, headers={"X-Correlation-ID": "c"}) as http:
            response = await http.request(method, url)
        headers = sorted(response.headers.multi_items())
        outcomes.append((response.status_code, headers, response.content))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] in (200, 400, 404, 405, 409)


async def test_a_dependency_of_the_application_is_not_passed_by() -> None:
    def refuse() -> None:
        raise ProblemError(403, "Not you.")

    router = router_of({("a",)})
    guarded = APIRouter(dependencies=[Depends(refuse)])
    guarded.include_router(router)
    for app in (app_of(router, dependencies=[Depends(refuse)]), app_of(guarded)):
        async with client_of(app) as http:
            assert (await http.get("/a")).status_code == 403
    async with client_of(app_of(router)) as http:
        assert (await http.get("/a")).status_code == 200


class Spans(TracerProvider):
    """A tracer whose spans keep what they are called."""

    def __init__(self) -> None:
        self.named: list[str] = []

    def get_tracer(self, *_: Any, **__: Any) -> Tracer:
        tracer, named = NoOpTracer(), self.named

        class Named(NonRecordingSpan):
            def update_name(self, name: str) -> None:
                named.append(name)

        tracer.start_span = lambda *_, **__: Named(INVALID_SPAN_CONTEXT)  # type: ignore[method-assign]
        return tracer


async def test_whoever_wants_traces_gets_them_with_the_paths_of_the_contract() -> None:
    spans = Spans()
    async with client_of(make_app(telemetry={"tracer_provider": spans})) as http:
        assert (await http.get("/books/7")).status_code == 200
    assert spans.named == ["GET /books/{book_id}"]


async def test_routes_handlers_and_middleware_that_were_added_later_are_used_on_the_short_way_too() -> None:
    app = make_app()

    @app.get("/books/{book_id}/cover")
    async def cover(book_id: int) -> int:
        return book_id

    @app.exception_handler(RuntimeError)
    async def answer(_request: Request, error: RuntimeError) -> Response:
        return problem_response(418, str(error))

    @app.middleware("http")
    async def mark(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        response.headers["X-Seen"] = request.scope["route"].path
        return response

    async with client_of(app) as http:
        assert (await http.get("/books/7/cover")).json() == 7
        failed = await http.delete("/books/7")
    assert (failed.status_code, failed.headers["X-Seen"]) == (418, "/books/{book_id}")
