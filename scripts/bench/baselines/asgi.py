"""asgi: a function that answers a constant, which is the most that server and load can do."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

__all__ = ["app"]

Message = MutableMapping[str, Any]

BODY = (
    b'{"author_id":17,"name":"Ursula K. Le Guin","nationality":"American",'
    b'"biography":"Wrote of Earthsea and the Hainish worlds.","version":1,'
    b'"created_at":"2026-01-05T09:30:00.000000Z","updated_at":"2026-01-05T09:30:00.000000Z"}'
)
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]


async def app(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Answer 201 to a POST and 200 to everything else."""
    status = 201 if scope["method"] == "POST" else 200
    await send({"type": "http.response.start", "status": status, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})
