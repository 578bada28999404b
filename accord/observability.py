"""JSON logs on stdout in which every line carries the correlation id of its cause."""

import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, cast

import orjson

# structlog loads these where it finds them, for terminals and gevent: as much as half of FastAPI.
_unneeded = [name for name in ("greenlet", "rich") if sys.modules.setdefault(name, None) is None]  # type: ignore[arg-type]
import structlog  # noqa: E402
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger  # noqa: E402

from accord.identifiers import new_uuid  # noqa: E402

for _name in _unneeded:
    del sys.modules[_name]

__all__ = [
    "LEVELS",
    "configure_logging",
    "correlation",
    "current_correlation_id",
    "get_logger",
    "log_each",
    "redact",
]

LEVELS: Final = ("debug", "info", "warning", "error", "critical")

# At "info" the first two write a line per request, as accord.http does. With its broker away aiokafka writes
# twenty lines a second, where accord.bus says each change of state once.
_QUIETER: Final = {"httpx": logging.WARNING, "httpcore": logging.WARNING, "aiokafka": logging.CRITICAL}
_FORMER_HANDLERS: Final = ("uvicorn", "uvicorn.error", "uvicorn.access", "aiokafka", "sqlalchemy", "alembic")

# Up to the last "@" of the word: passwords hold "@" and "/" more often than such an address holds an "@"
# elsewhere.
_URL_PASSWORD: Final = re.compile(r"(://[^\s/:@]*):\S+@")
_NAMED_PASSWORD: Final = re.compile(
    r"""(?i)((?:password|passwd|pwd|secret)["']?\s*[=:]\s*["']?)[^\s&"',;)}]+"""
)
_SECRET_KEYS: Final = re.compile(r"(?i)password|passwd|secret|authorization|cookie|api_?key|credential")
# One of them is in whatever these find, each behind a byte of it: most lines lack some of these bytes, which
# is found out fifty times as fast.
_TELLTALES: Final = (
    *((b"/", b"://"), (b"w", b"passw"), (b"w", b"pwd"), (b"s", b"secret"), (b"z", b"authorization")),
    *((b"k", b"cookie"), (b"k", b"api_key"), (b"k", b"apikey"), (b"l", b"credential")),
)
# What cannot hold a text.
_TEXTLESS: Final = frozenset({int, float, bool, type(None)})

_correlation_id: ContextVar[str | None] = ContextVar("correlation_id", default=None)


def current_correlation_id() -> str | None:
    """Tell the id that is bound here, if any."""
    return _correlation_id.get()


class correlation:  # noqa: N801  # used as a function, and an object of its own costs half of a generator
    """Bind the id, or a new one for None, to this task and those it starts; afterwards the former is back."""

    __slots__ = ("_bound", "_token")

    def __init__(self, correlation_id: str | None) -> None:
        self._bound = correlation_id or new_uuid()

    def __enter__(self) -> str:
        self._token = _correlation_id.set(self._bound)
        return self._bound

    def __exit__(self, *_: object) -> None:
        _correlation_id.reset(self._token)


def get_logger(name: str) -> FilteringBoundLogger:
    """Name a logger; it is set up when it is first used, so a module may call this at import."""
    return cast(FilteringBoundLogger, structlog.get_logger(logger_name=name))


def log_each(
    logger: FilteringBoundLogger, event: str, several: Iterable[Mapping[str, Any]], **shared: Any
) -> None:
    """Log ``event`` with the members of each of ``several``, as `info` would, at a fraction of the cost.

    The lines are of one moment, and written at once; each has the members ``shared``, which hold no text.
    Each of ``several`` has members, under names that no line begins with.
    """
    bound = logger.bind()
    finish = structlog.get_config()["processors"][-1]
    if not isinstance(finish, _Finish):  # whoever catches lines, in a test say
        for members in several:
            bound.info(event, **shared, **members)
    elif bound.is_enabled_for(logging.INFO) and (lines := list(several)):
        head = finish.head("info", structlog.get_context(bound).get("logger_name"))
        head |= {"event": event, **shared}
        _STDOUT.msg(_render_each(head, lines))


def redact(text: str) -> str:
    """Take the passwords out of URLs and of `password=…` pairs, wherever they stand in ``text``."""
    if ":" not in text and "=" not in text:
        return text
    if "://" in text:
        text = _URL_PASSWORD.sub(r"\1:***@", text)
    return _NAMED_PASSWORD.sub(r"\1***", text)


def configure_logging(service: str, level: str = "info") -> None:
    """Send everything that this process logs, whoever logs it, to stdout as one JSON object a line.

    Members: timestamp (ISO 8601, UTC), level, logger, service, event, correlation_id where one is bound,
    exception (type, message, traceback) where there is one, and what the call adds. May be called again.
    Raises ValueError for a level that is none of `LEVELS`.
    """
    if level.lower() not in LEVELS:
        raise ValueError(f"log level {level!r} is none of {', '.join(LEVELS)}")
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[_Finish(service)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: _STDOUT,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_StandardLibraryHandler(service)]
    root.setLevel(number)
    for name in _FORMER_HANDLERS:
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    for name, quieter in _QUIETER.items():
        logging.getLogger(name).setLevel(max(number, quieter))


class _Stdout:
    """Writes lines to what is stdout by then: whoever exchanges it gets them."""

    def msg(self, line: bytes) -> None:
        # One call a line, so that those of several threads do not mix; flushed, so that it outlives a crash.
        stdout = sys.stdout.buffer
        stdout.write(line + b"\n")
        stdout.flush()

    debug = info = warning = error = critical = msg


_STDOUT: Final = _Stdout()


class _Finish:
    """The last processor: completes the event and renders it."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __call__(self, _logger: WrappedLogger, level: str, event: EventDict) -> bytes:
        head = self.head(level, event.pop("logger_name", None))
        members: dict[str, Any] = {"event": event.pop("event", "")}
        correlation_id = event.pop("correlation_id", None) or _correlation_id.get()
        if correlation_id is not None:
            members["correlation_id"] = correlation_id
        exception = _exception(event.pop("exc_info", None))
        members.update(event)
        if exception is not None:
            members["exception"] = exception
        return _render(head, members)

    def head(self, level: str, logger: str | None) -> dict[str, Any]:
        """What each line begins with."""
        second, nanosecond = divmod(time.time_ns(), 1_000_000_000)
        return {
            "timestamp": f"{_date(second)}.{nanosecond // 1_000:06}Z",
            "level": level,
            "logger": logger,
            "service": self._service,
        }


class _StandardLibraryHandler(logging.Handler):
    """Where the records of libraries that use `logging` join the others."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._finish = _Finish(service)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            event = {
                "logger_name": record.name,
                "event": record.getMessage(),
                "exc_info": record.exc_info,
            }
            _STDOUT.msg(self._finish(None, record.levelname.lower(), event))
        except Exception:  # noqa: BLE001  # what logging itself does: a broken line never breaks its caller
            self.handleError(record)


def _exception(exc_info: Any) -> dict[str, str] | None:
    """Turn any form that `logging` allows into type, message and traceback, without local variables."""
    if exc_info is True:
        exc_info = sys.exc_info()
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if not isinstance(error, BaseException):
        return None
    return {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "message": str(error),
        "traceback": "".join(traceback.format_exception(error)),
    }


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    """The second since 1970 in ISO 8601; the lines of one second share it."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _render(head: Mapping[str, Any], members: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(head | _without_secrets(members), default=lambda value: redact(repr(value)))
    except (TypeError, ValueError, RecursionError):
        # Lone surrogates, integers over 64 bits, circles: what JSON cannot say is shown as Python would.
        shown = {key: value if isinstance(value, str) else repr(value) for key, value in members.items()}
        return json.dumps(head | _without_secrets(shown)).encode()


def _render_each(head: dict[str, Any], several: Sequence[Mapping[str, Any]]) -> bytes:
    """Make of each what `_render` does, but look for secrets in all at once, as there rarely are any."""
    begin = orjson.dumps(head)[:-1] + b","
    with suppress(TypeError, ValueError, RecursionError):
        rest = [orjson.dumps(members)[1:] for members in several]
        found = (begin + b"\n".join(rest)).lower()
        # What is not ASCII may match in other ways without regard to case.
        if found.isascii() and not any(byte in found and word in found for byte, word in _TELLTALES):
            return begin + (b"\n" + begin).join(rest)
    return b"\n".join([_render(head, members) for members in several])


@lru_cache(maxsize=1_024)
def _names_secret(key: Any) -> bool:
    return _SECRET_KEYS.search(str(key)) is not None


def _without_secrets(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {
            str(key): (
                "***"
                if _names_secret(key)
                else item
                if item.__class__ in _TEXTLESS
                else _without_secrets(item)
            )
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_secrets(item) for item in value]
    return value
