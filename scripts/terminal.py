"""How these scripts talk to a terminal, and how a terminal ends them."""

import signal
from types import FrameType
from typing import TextIO

from rich.console import Console

__all__ = ["Stopped", "ignore_signals", "make_console", "stop_on_signals"]

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MAX_WIDTH = 100


class Stopped(BaseException):
    """Somebody asked this process to end; unlike an error, nobody handles it on the way."""


def stop_on_signals() -> None:
    """Let Ctrl-C, SIGTERM and a closed terminal raise `Stopped`, so that all that was started is ended."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped

    for number in SIGNALS:
        signal.signal(number, stop)


def ignore_signals() -> None:
    """Go on undisturbed: what ends things in order must not be ended itself."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def make_console(stream: TextIO) -> Console:
    """Colours and moving parts in a terminal only; ``NO_COLOR`` and ``TERM=dumb`` are honoured."""
    console = Console(file=stream, highlight=False)
    console.width = min(console.width, MAX_WIDTH) if console.is_terminal else MAX_WIDTH
    return console
