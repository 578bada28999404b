"""Starting and dropping the clients of aiokafka, so that no connection of theirs stays open."""

import asyncio
import traceback
from collections.abc import Collection, Coroutine
from typing import Any, TypeAlias

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaError

from accord.observability import get_logger

__all__ = ["abandon_admin", "abandon_consumer", "abandon_producer", "connect"]

_LEAVE_TIMEOUT_S = 5.0

_Task: TypeAlias = asyncio.Task[Any]

_log = get_logger(__name__)


async def connect(client: AIOKafkaAdminClient | AIOKafkaConsumer | AIOKafkaProducer) -> None:
    """Start a client; whoever called it abandons it in the end, started or not.

    aiokafka keeps the first connection, over which it asks for the brokers, in a local variable, and closes
    it after its own errors only. After a cancellation it is found where the cancellation has come through.
    """
    try:
        await client.start()
    except BaseException as error:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            for value in frame.f_locals.values():
                if isinstance(value, AIOKafkaConnection):
                    value.close()
        raise


async def abandon_admin(admin: AIOKafkaAdminClient) -> None:
    """Drop a client of the administration."""
    await _end_of(_hang_up(admin._client))


async def abandon_producer(producer: AIOKafkaProducer) -> None:
    """Drop a producer with all that it has not delivered; its own stop would wait for the broker for ever.

    aiokafka has no public way to do so.
    """
    producer._closed = True
    await _end_of(_hang_up(producer.client, producer._sender.sender_task))


async def abandon_consumer(consumer: AIOKafkaConsumer) -> None:
    """Leave the group if the broker answers soon; otherwise hang up, and let the session expire."""
    try:
        trouble = await _trouble_of(consumer.stop())
    finally:
        tasks = _hang_up(consumer._client, *_tasks_of(consumer))
    if trouble is not None:
        _log.warning("consumer left without telling the broker", reason=trouble)
        await _end_of(tasks)


def _tasks_of(consumer: AIOKafkaConsumer) -> list[_Task | None]:
    """What stays when a closing fails, and would go on as a member of the group that reads nothing."""
    names = ("_coordination_task", "_heartbeat_task", "_commit_refresh_task", "_reset_committed_task")
    tasks = [getattr(consumer._coordinator, name, None) for name in names]
    if consumer._fetcher is not None:
        tasks += [consumer._fetcher._fetch_task, *consumer._fetcher._pending_tasks]
    return tasks


def _hang_up(client: AIOKafkaClient, *tasks: _Task | None) -> Collection[_Task]:
    """Close the connections, those that are still being opened as well; return which tasks are told to end.

    Without a wait, so that nobody can be cancelled in the middle of it.
    """
    client._conns = _ClosedConnections(client._conns)
    for connection in client._conns.values():
        connection.close()
    running = [task for task in (client._sync_task, *tasks) if task is not None and not task.done()]
    for task in running:
        task.cancel()
    return running


async def _end_of(tasks: Collection[_Task]) -> None:
    if tasks:
        await asyncio.wait(tasks, timeout=_LEAVE_TIMEOUT_S)


class _ClosedConnections(dict[Any, AIOKafkaConnection]):
    """What a client that is closed knows its connections by."""

    def __setitem__(self, key: Any, connection: AIOKafkaConnection) -> None:
        connection.close()
        super().__setitem__(key, connection)


async def _trouble_of(closing: Coroutine[Any, Any, None]) -> str | None:
    """Close a part of aiokafka within bounds; return why that failed, if it did.

    In a task of its own: aiokafka cancels its tasks and waits for them, and where one of them was still
    asking the broker, the cancellation comes out at whoever closes, who would end of it without a word.
    """
    task = asyncio.create_task(closing)
    try:
        await asyncio.wait([task], timeout=_LEAVE_TIMEOUT_S)
    finally:
        task.cancel()
    # What is cancelled just now gets the chance to say so; it is not waited for.
    await asyncio.sleep(0)
    if not task.done():
        return f"no end within {_LEAVE_TIMEOUT_S:g} s"
    if task.cancelled():
        return "cancelled by aiokafka itself"
    error = task.exception()
    if error is not None and not isinstance(error, KafkaError | OSError):
        raise error
    return None if error is None else repr(error)
