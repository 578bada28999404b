"""The clients of the services: generated ones without retries, taking the replicas in turn."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import httpx

from accord.http.client import ClientError, Failure, ServiceUnreachable
from generated.authors.client import AuthorsClient
from generated.books.client import BooksClient
from scripts.chaos.ledger import Outcome

__all__ = ["Clients", "outcome_of"]

TIMEOUT_S = 5.0
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class OutcomeHidden(httpx.ReadError):
    """A 503 without Retry-After: the service itself does not know whether the change was made."""


class _Transport(httpx.AsyncHTTPTransport):
    """Tells the two kinds of 503 apart, which the generated clients do not."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        if response.status_code == httpx.codes.SERVICE_UNAVAILABLE and "Retry-After" not in response.headers:
            await response.aread()
            await response.aclose()
            raise OutcomeHidden("503 without Retry-After", request=request)
        return response


def outcome_of(error: ClientError) -> Outcome:
    """Say whether what failed so may have been done all the same."""
    if isinstance(error, ServiceUnreachable):
        return Outcome.REFUSED if isinstance(error.__cause__, NEVER_SENT) else Outcome.UNKNOWN
    if isinstance(error, Failure) and (error.status < 500 or error.status == 503):
        return Outcome.REFUSED
    return Outcome.UNKNOWN


class Clients:
    """One caller's clients; ``urls`` answers where the replicas of a service listen at present."""

    def __init__(self, urls: Callable[[str], Sequence[str]], first: int = 0) -> None:
        self._urls = urls
        self._turn = first
        self._open = AsyncExitStack()
        self._authors: dict[str, AuthorsClient] = {}
        self._books: dict[str, BooksClient] = {}

    def authors(self) -> AuthorsClient:
        """The client of the Authors Service whose turn it is."""
        url = self._next("authors")
        if url not in self._authors:
            client = AuthorsClient(url, timeout=TIMEOUT_S, retries=0, transport=_Transport())
            self._authors[url] = client
            self._open.push_async_callback(client.close)
        return self._authors[url]

    def books(self) -> BooksClient:
        """The client of the Books Service whose turn it is."""
        url = self._next("books")
        if url not in self._books:
            client = BooksClient(url, timeout=TIMEOUT_S, retries=0, transport=_Transport())
            self._books[url] = client
            self._open.push_async_callback(client.close)
        return self._books[url]

    def _next(self, side: str) -> str:
        urls = self._urls(side)
        self._turn += 1
        return urls[self._turn % len(urls)]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What is under way was abandoned; closing must not wait for a frozen service.
        async with asyncio.timeout(TIMEOUT_S):
            await self._open.aclose()
