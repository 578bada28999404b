"""`Client`: one connection to a server over HTTP, which is kept, for one request at a time."""

import asyncio
import json
from typing import Any, Self

from scripts.bench.http.load import HOST, WrongAnswer, request

__all__ = ["Client"]


class Client:
    """Costs little: what is measured is the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, port: int) -> Self:
        """Connect to a server of this machine."""
        return cls(*await asyncio.open_connection(HOST, port))

    async def create(self, path: str, body: object) -> Any:
        """Return what was created, as JSON; raises `scripts.bench.http.load.WrongAnswer`."""
        self._writer.write(request("POST", path, json.dumps(body).encode()))
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
        found = await self._reader.readexactly(int(length.partition(":")[2]))
        if head[9:12] != "201":
            raise WrongAnswer(f"expected status 201: {head[:60]} {found[:600].decode(errors='replace')}")
        return json.loads(found)

    def close(self) -> None:
        """Hang up."""
        self._writer.close()
