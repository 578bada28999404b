"""The guard: a small process that runs one command and ends it when whoever asked for it is gone.

It lives between a parent and a server. Its standard input is a pipe whose other end only the parent holds, so
the pipe closes when the parent lets go, exits or is killed, SIGKILL included; the guard then ends the
command's whole process group. Standard library only, and started as a file without site-packages, so that it
is there in milliseconds.
"""

import argparse
import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

__all__ = ["main"]

CHECK_SECONDS = 0.25
"""How often the child is looked at where its end sends no wake-up; a signal normally comes first."""

FAREWELL = b"."
"""What a parent writes before it closes the pipe; one that dies leaves its files to the guard."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command until it ends or the pipe closes; return its exit status as a shell would."""
    options = _parse(arguments)
    wake = _wake_on_signals()
    try:
        child = _start(options)
    except OSError as error:
        _tell(options.status_fd, f"cannot start {options.command[0]}: {error.strerror or error}")
        return 127
    _tell(options.status_fd, str(child.pid))
    abandoned = _wait(child, wake)
    if child.poll() is None:
        _end(child, signal.Signals[options.stop_signal], options.stop_timeout)
    _signal_group(child.pid, signal.SIGKILL)
    for path in options.remove if abandoned else ():
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return 128 - child.returncode if child.returncode < 0 else child.returncode


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="guard", description="Run a command that ends when standard input does."
    )
    parser.add_argument("--stop-signal", default="SIGTERM", help="what asks the command to end")
    parser.add_argument("--stop-timeout", type=float, default=10.0, help="seconds until SIGKILL follows")
    parser.add_argument(
        "--remove", type=Path, action="append", default=[], help="file or folder to delete if the parent dies"
    )
    parser.add_argument("--user", help="user to run the command as; only root may ask for one")
    parser.add_argument(
        "--status-fd", type=int, help="where the command's process id, or why there is none, is written"
    )
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    if options.command[:1] == ["--"]:
        del options.command[0]
    if not options.command:
        parser.error("no command")
    return options


def _wake_on_signals() -> int:
    """Return a descriptor that becomes readable when the child ends or somebody asks the guard to stop."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    return read


def _start(options: argparse.Namespace) -> "subprocess.Popen[bytes]":
    run_as: dict[str, object] = {}
    if options.user is not None:
        import pwd

        entry = pwd.getpwnam(options.user)
        run_as = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        options.command, stdin=subprocess.DEVNULL, start_new_session=True, **run_as
    )


def _wait(child: "subprocess.Popen[bytes]", wake: int) -> bool:
    """Wait until the child ended, a signal came, or the parent let go; tell if it went without a word."""
    pipe = sys.stdin.fileno()
    words = b""
    while child.poll() is None:
        ready, _, _ = select.select([pipe, wake], [], [], CHECK_SECONDS)
        if pipe in ready:
            heard = os.read(pipe, 1024)
            if not heard:
                return not words
            words += heard
        if wake in ready and set(os.read(wake, 1024)) - {signal.SIGCHLD}:
            break
    return False


def _end(child: "subprocess.Popen[bytes]", first: signal.Signals, timeout: float) -> None:
    _signal_group(child.pid, signal.SIGCONT)
    _signal_group(child.pid, first)
    deadline = time.monotonic() + timeout
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(max(0.0, deadline - time.monotonic()))
        return
    _signal_group(child.pid, signal.SIGKILL)
    child.wait()


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _tell(descriptor: int | None, line: str) -> None:
    if descriptor is not None:
        with contextlib.suppress(BrokenPipeError):
            os.write(descriptor, line.encode())
        os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main())
