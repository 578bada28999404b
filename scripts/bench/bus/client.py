"""`Client`: one connection to a server over HTTP, which is kept, for one request at a time."""

import asyncio
import json
from typing import Any

from scripts.bench.http.load import HOST, WrongAnswer, request

__all__ = ["Client"]


class Client:
    """Connects when first used, and again where the server hung up while nobody asked; costs little."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def create(self, path: str, body: object) -> Any:
        """Return what was created, as JSON; raises `scripts.bench.http.load.WrongAnswer`, or OSError."""
        if self._streams is None or self._streams[0].at_eof():
            await self.close()
            self._streams = await asyncio.open_connection(HOST, self._port)
        reader, writer = self._streams
        writer.write(request("POST", path, json.dumps(body).encode()))
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
        found = await reader.readexactly(int(length.partition(":")[2]))
        if head[9:12] != "201":
            raise WrongAnswer(f"expected status 201: {head[:60]} {found[:600].decode(errors='replace')}")
        return json.loads(found)

    async def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
