"""A few words with a database, between the rounds."""

import asyncio
from typing import Any

import asyncpg

__all__ = ["ask", "tell"]


def tell(url: str, *statements: str) -> None:
    """Carry the statements out one after the other; each is committed by itself."""

    async def work() -> None:
        connection = await _connect(url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(work())


def ask(url: str, query: str, *arguments: object) -> Any:
    """The first value of the first row, or None."""

    async def work() -> Any:
        connection = await _connect(url)
        try:
            return await connection.fetchval(query, *arguments)
        finally:
            await connection.close()

    return asyncio.run(work())


async def _connect(url: str) -> Any:
    return await asyncpg.connect(url.replace("+asyncpg", ""))
