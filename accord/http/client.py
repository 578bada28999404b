"""`RestClient`, on which generated clients stand: time-outs, retries, correlation id, credentials."""

import asyncio
import datetime
import random
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Final, Self, TypedDict, TypeVar

import httpx

from accord.boundary import ContractViolation
from accord.http.answers import Undeclared
from accord.http.content import UnreadableCharset
from accord.http.endpoint import Endpoint
from accord.http.failures import (
    CORRELATION_HEADER,
    ClientError,
    Failure,
    ServiceUnreachable,
    UnexpectedResponse,
)
from accord.http.raw import RawRequest
from accord.http.security import Credential, satisfied
from accord.identifiers import new_uuid
from accord.observability import current_correlation_id

__all__ = [
    "ClientError",
    "ClientOptions",
    "Failure",
    "RestClient",
    "ServiceUnreachable",
    "UnexpectedResponse",
]

Result = TypeVar("Result")

IDEMPOTENT: Final = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"})
"""What may be sent again when nobody knows whether the first try arrived (RFC 9110, section 9.2.2)."""

MAX_WAIT_SECONDS: Final = 30.0
"""The longest that one `Retry-After` is obeyed; a longer one is reported at once."""


class ClientOptions(TypedDict, total=False):
    """What every client takes beside its address and its credentials; see `RestClient`."""

    timeout: float
    retries: int
    transport: httpx.AsyncBaseTransport | None


class RestClient:
    """One service's REST API; an async context manager that closes its connections.

    ``timeout`` bounds each try, in seconds; ``retries`` how often a try is repeated after a 503 with
    `Retry-After`, or after a broken connection where the method is idempotent. ``credentials`` are by the
    name of the security scheme; what no operation asks for goes nowhere.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout: float = 10.0,
        retries: int = 3,
        transport: httpx.AsyncBaseTransport | None = None,
        credentials: Mapping[str, Credential | None] | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(base_url=base_url, timeout=timeout, transport=transport)
        self._retries = retries
        self._credentials = {name: given for name, given in (credentials or {}).items() if given is not None}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections; safe to call twice."""
        await self._http.aclose()

    async def call(self, endpoint: Endpoint[Result], /, **arguments: Any) -> Result:
        """Send what the arguments say, leaving out those that are None, and return the typed result.

        Raises the `Failure` that the service answered, `UnexpectedResponse`, `ServiceUnreachable`, or
        `accord.boundary.ContractViolation` for arguments or a result that the contract forbids.
        """
        response = await self._answer(self._request(endpoint, arguments))
        status, given = response.status_code, response.headers.get("Content-Type")
        try:
            return endpoint.read_answer(status, tuple(response.headers.items()), response.content, given)
        except (Undeclared, UnreadableCharset) as error:
            raise _unexpected(response) from error
        except ContractViolation as error:
            if response.is_success:
                raise
            raise _unexpected(response) from error

    async def send(self, method: str, path: str, *, expected: int = 200) -> httpx.Response:
        """Ask for something that no contract declares, such as the health of the service.

        Raises `UnexpectedResponse` for another status, and `ServiceUnreachable`.
        """
        headers = {CORRELATION_HEADER: current_correlation_id() or new_uuid()}
        response = await self._answer(self._http.build_request(method, path, headers=headers))
        if response.status_code != expected:
            raise _unexpected(response)
        return response

    def _request(self, endpoint: Endpoint[Any], arguments: dict[str, Any]) -> httpx.Request:
        body, media_type = arguments.pop("body", None), arguments.pop("media_type", None)
        raw = endpoint.parameters.write(arguments) if endpoint.parameters else RawRequest()
        content = None
        if endpoint.body is not None and (body is not None or endpoint.body.required):
            content, media_type = endpoint.body.write(body, media_type)
        secured = self._secured(endpoint)
        queries = [part for part in (raw.query, *(one.query for one in secured)) if part]
        cookies = [part for part in (raw.cookies, *(one.cookies for one in secured)) if part]
        path = (endpoint.server or "").rstrip("/") + endpoint.path.format_map(raw.path)
        headers = [
            ("Accept", endpoint.accepted),
            (CORRELATION_HEADER, current_correlation_id() or new_uuid()),
            *raw.headers,
            *(header for one in secured for header in one.headers),
            *([("Cookie", "; ".join(cookies))] if cookies else []),
            *([("Content-Type", media_type)] if content is not None else []),
        ]
        url = "?".join([path, "&".join(queries)]) if queries else path
        return self._http.build_request(endpoint.method, url, headers=headers, content=content)

    def _secured(self, endpoint: Endpoint[Any]) -> list[RawRequest]:
        """What the first alternative wants whose credentials are all here; nothing if there is none."""
        requirements = satisfied(endpoint.security, self._credentials) or ()
        return [one.scheme.write(self._credentials.get(one.scheme.name)) for one in requirements]

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
    if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
        return None
    if value.isascii() and value.isdigit():
        seconds = float(value) if len(value) < 10 else MAX_WAIT_SECONDS + 1
    else:
        try:
            until = parsedate_to_datetime(value)
            seconds = max(0.0, (until - datetime.datetime.now(datetime.UTC)).total_seconds())
        except (ValueError, TypeError):
            return None
    return seconds if seconds <= MAX_WAIT_SECONDS else None


def _unexpected(response: httpx.Response) -> UnexpectedResponse:
    return UnexpectedResponse(response.status_code, response.text, response.headers.get(CORRELATION_HEADER))
