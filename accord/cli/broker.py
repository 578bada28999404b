"""Which broker and which dead-letter stream a command works at, and how it says that it cannot."""

import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

__all__ = ["Refusal", "at_broker", "broker_options", "choose_topic"]

Result = TypeVar("Result")
Command = TypeVar("Command", bound=Callable[..., Any])

_VARIABLE = "KAFKA_BOOTSTRAP_SERVERS"
_SERVERS = re.compile(r"[^\s:,]+:[0-9]{1,5}(,[^\s:,]+:[0-9]{1,5})*")
_SUFFIX = ".dead-letters"
_SECONDS = 10.0
"""For one answer of the broker."""


class Refusal(Exception):
    """The command cannot do its work; the message is a sentence that says why."""


def broker_options(command: Command) -> Command:
    """Add ``--topic`` and ``--bootstrap-servers``."""
    topic = click.option(
        "--topic",
        envvar="DEAD_LETTER_TOPIC",
        show_envvar=True,
        help="The dead-letter stream; may be left out where the broker has one only.",
    )
    servers = click.option(
        "--bootstrap-servers",
        metavar="HOST:PORT",
        envvar=_VARIABLE,
        show_envvar=True,
        help="The broker; if not given, the one that `make up` has started here (.accord/stack.env).",
    )
    return topic(servers(command))


def at_broker(servers: str | None, work: Callable[[Any], Awaitable[Result]]) -> Result:
    """Give ``work`` the `KafkaSettings` of the broker; what cannot be done becomes exit status 2."""
    import asyncio

    from aiokafka.errors import KafkaConnectionError

    from accord.bus.adapters.kafka import KafkaSettings
    from accord.bus.errors import Unavailable, UnknownTopic

    try:
        address = _address(servers)
        settings = KafkaSettings(
            address,
            client_id="accord",
            request_timeout_s=_SECONDS,
            delivery_timeout_s=_SECONDS - 1,
            rebalance_timeout_s=_SECONDS - 1,
        )
        with _quiet():
            return asyncio.run(_awaited(work(settings)))
    except Refusal as refusal:
        sentence = str(refusal)
    except UnknownTopic as error:
        sentence = f"{_capital(str(error))} at {address}."
    except Unavailable as error:
        away = isinstance(error.__cause__, KafkaConnectionError | OSError)
        sentence = f"No broker answers at {address}." if away else f"{_capital(str(error))}."
    click.echo(sentence, err=True)
    raise SystemExit(2)


async def choose_topic(topic: str | None, settings: Any) -> str:
    """The stream that was named, or the only one that is there; raises `Refusal`."""
    from accord.bus.adapters.kafka_reader import KafkaTopicReader

    if topic is not None:
        return topic
    names = sorted(name for name in await KafkaTopicReader(settings).topics() if name.endswith(_SUFFIX))
    if len(names) == 1:
        return names[0]
    if not names:
        raise Refusal(f"No topic there ends with {_SUFFIX}; name the dead-letter stream with --topic.")
    raise Refusal(f"Name one of the dead-letter streams with --topic: {', '.join(names)}.")


def _address(servers: str | None) -> str:
    found = servers or _from_stack()
    if found is None:
        raise Refusal(f"Name the broker with --bootstrap-servers, or in {_VARIABLE}.")
    if not _SERVERS.fullmatch(found):
        raise Refusal("A broker is named as host:port, several with commas between.")
    return found


def _from_stack() -> str | None:
    """What the stack that runs in this folder, or in one above, has written for shells."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        try:
            lines = (folder / ".accord" / "stack.env").read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, value = line.partition("=")
            if name == _VARIABLE:
                return value
    return None


@contextmanager
def _quiet() -> Iterator[None]:
    """The bus logs for services; here its errors become sentences."""
    import structlog

    former = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    clients = logging.getLogger("aiokafka")
    level = clients.level
    clients.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        clients.setLevel(level)
        structlog.configure(**former)


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


async def _awaited(work: Awaitable[Result]) -> Result:
    return await work
