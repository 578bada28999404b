"""`RestClient`, on which generated clients stand: time-outs, retries, correlation id, errors as types.

ClientError
├── ServiceUnreachable    no answer came: nobody listens, or not in time
├── ProblemResponse       the service answered with a problem (RFC 9457)
└── UnexpectedResponse    the service answered something that the contract does not declare
"""

import asyncio
import random
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import httpx
import orjson

from accord.observability import current_correlation_id, new_correlation_id

__all__ = ["ClientError", "ProblemResponse", "RestClient", "ServiceUnreachable", "UnexpectedResponse"]

CORRELATION_HEADER: Final = "X-Correlation-ID"
IDEMPOTENT: Final = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
"""What may be sent again when nobody knows whether the first try arrived (RFC 9110, section 9.2.2)."""

MAX_WAIT_SECONDS: Final = 30.0
"""The longest that one `Retry-After` is obeyed; a longer one is reported at once."""

MAX_SHOWN: Final = 500
"""Characters of an undeclared body that an error shows."""


class ClientError(Exception):
    """Root of the tree."""


class ServiceUnreachable(ClientError):
    """No answer came; for a method that is not idempotent nobody knows whether the change was made."""


class ProblemResponse(ClientError):
    """The service refused; ``problem`` is its problem details document."""

    def __init__(self, status: int, problem: Mapping[str, Any], correlation_id: str | None) -> None:
        self.status = status
        self.problem = problem
        self.correlation_id = correlation_id
        super().__init__(f"{status} {problem.get('title', '')}: {problem.get('detail', '')}")


class UnexpectedResponse(ClientError):
    """The answer is none that the contract declares; ``body`` is shortened."""

    def __init__(self, status: int, body: str, correlation_id: str | None) -> None:
        self.status = status
        self.body = body
        self.correlation_id = correlation_id
        super().__init__(f"undeclared answer {status}: {body}")


class RestClient:
    """One service's REST API; an async context manager that closes its connections.

    ``timeout`` bounds each try, in seconds; ``retries`` how often a try is repeated after a 503 with
    `Retry-After`, or after a broken connection where the method is idempotent.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout: float = 10.0,
        retries: int = 3,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url, timeout=timeout, transport=transport, headers={"Accept": "application/json"}
        )
        self._retries = retries

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections; safe to call twice."""
        await self._http.aclose()

    @staticmethod
    def segment(value: object) -> str:
        """Percent-encode a value as one segment of a path (RFC 3986, section 3.3).

        Raises ValueError for the empty text and for dots alone: they would make it another path.
        """
        text = _text(value)
        if text in ("", ".", ".."):
            raise ValueError(f"{text!r} cannot be a segment of a path")
        return quote(text, safe="")

    @staticmethod
    def header(response: httpx.Response, name: str) -> str:
        """Return a header that the contract promises; raises `UnexpectedResponse` where it is missing."""
        value = response.headers.get(name)
        if value is None:
            raise UnexpectedResponse(
                response.status_code, f"no header {name}", response.headers.get(CORRELATION_HEADER)
            )
        return str(value)

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, object] | None = None,
        body: object = None,
        media_type: str | None = None,
        expected: int,
    ) -> httpx.Response:
        """Return the answer if its status is ``expected``; entries that are None are left out.

        Raises `ProblemResponse`, `UnexpectedResponse` or `ServiceUnreachable`.
        """
        request = self._http.build_request(
            method,
            path,
            params={name: _texts(value) for name, value in (query or {}).items() if value is not None},
            headers={
                CORRELATION_HEADER: current_correlation_id() or new_correlation_id(),
                **{name: _text(value) for name, value in (headers or {}).items() if value is not None},
                **({"Content-Type": media_type} if media_type else {}),
            },
            content=orjson.dumps(body) if media_type else None,
        )
        response = await self._answer(request)
        if response.status_code != expected:
            raise _error(response)
        return response

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        for left in range(self._retries, -1, -1):
            try:
                response = await self._http.send(request)
            except httpx.TransportError as error:
                # A connection that was never made has carried nothing, whatever the method.
                never_sent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
                harmless = request.method in IDEMPOTENT or never_sent
                if not left or not harmless:
                    raise ServiceUnreachable(
                        f"{request.method} {request.url}: {error or type(error).__name__}"
                    ) from error
                await asyncio.sleep(self._backoff(left))
                continue
            wait = _retry_after(response)
            if wait is None or not left:
                return response
            await asyncio.sleep(wait or self._backoff(left))
        raise AssertionError("the last try returns or raises")

    def _backoff(self, left: int) -> float:
        longest = min(MAX_WAIT_SECONDS, 0.1 * 2.0 ** (self._retries - left))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311


def _retry_after(response: httpx.Response) -> float | None:
    """Tell how many seconds a 503 asks to wait (RFC 9110, section 10.2.3); None: do not try again."""
    value = response.headers.get("Retry-After", "")
    if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or not (value.isascii() and value.isdigit()):
        return None
    return float(value) if len(value) < 10 and float(value) <= MAX_WAIT_SECONDS else None


def _error(response: httpx.Response) -> ClientError:
    correlation_id = response.headers.get(CORRELATION_HEADER)
    if response.headers.get("Content-Type", "").partition(";")[0].strip() == "application/problem+json":
        try:
            problem = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            problem = None
        if isinstance(problem, dict):
            return ProblemResponse(response.status_code, problem, correlation_id)
    shown = response.text if len(response.text) <= MAX_SHOWN else f"{response.text[:MAX_SHOWN]}…"
    return UnexpectedResponse(response.status_code, shown, correlation_id)


def _texts(value: object) -> str | list[str]:
    return [_text(item) for item in value] if isinstance(value, list | tuple) else _text(value)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
