"""`GuardedProcess`: a child process that cannot outlive the process that started it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from accord.testing import guard

__all__ = ["GuardedProcess", "ProcessFailed"]

SPARE_SECONDS = 10.0
"""How much longer than the command's own time the guard may take before it is given up."""


class ProcessFailed(RuntimeError):
    """A server could not be started, or ended when it should not; the message holds its last words."""


class GuardedProcess:
    """Runs ``command`` under `accord.testing.guard`, its output appended to the file ``log``.

    ``stop_signal`` asks it to end, SIGKILL follows after ``stop_timeout`` seconds; ``remove`` names files and
    folders that the guard deletes should this process die; while it lives, they are its own business.
    ``user`` is another account to run as, which root alone may choose.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        stop_timeout: float = 10.0,
        remove: Sequence[Path] = (),
    ) -> None:
        self.command = tuple(command)
        self.log = log
        self.pid = 0
        self._env = env
        self._cwd = cwd
        self._stop_timeout = stop_timeout
        self._guard: subprocess.Popen[bytes] | None = None
        self._options = [f"--stop-signal={stop_signal.name}", f"--stop-timeout={stop_timeout}"]
        self._options += [f"--remove={path}" for path in remove]
        self._options += [f"--user={user}"] if user else []

    def start(self) -> Self:
        """Return once the command runs, serving or not; raises `ProcessFailed` if it cannot be run."""
        status, status_of_guard = os.pipe()
        try:
            with self.log.open("ab") as log:
                self._guard = subprocess.Popen(
                    [
                        *(sys.executable, "-I", "-S", guard.__file__),
                        *self._options,
                        f"--status-fd={status_of_guard}",
                        "--",
                        *self.command,
                    ],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    env=self._env,
                    cwd=self._cwd,
                    pass_fds=(status_of_guard,),
                    start_new_session=True,
                )
        finally:
            os.close(status_of_guard)
        with open(status, encoding="utf-8") as lines:
            answer = lines.read()
        if not answer.isdigit():
            self.stop()
            raise ProcessFailed(
                answer or f"the guard of {self.command[0]} did not start:\n{self.last_words()}"
            )
        self.pid = int(answer)
        return self

    def poll(self) -> int | None:
        """Return the exit status, 128 + n for signal n, or None while the command runs."""
        return self._guard.poll() if self._guard else None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the command's own end; raises `subprocess.TimeoutExpired`."""
        if self._guard is None:
            raise ProcessFailed(f"{self.command[0]} was not started")
        return self._guard.wait(timeout)

    def stop(self) -> None:
        """Ask the command to end and wait until it has; safe to call twice."""
        if self._guard is None:
            return
        if self._guard.stdin and not self._guard.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self._guard.stdin.write(guard.FAREWELL)
                self._guard.stdin.close()
        try:
            self._guard.wait(self._stop_timeout + SPARE_SECONDS)
        except subprocess.TimeoutExpired:
            self._guard.kill()
            self._guard.wait()

    def kill(self) -> None:
        """End the command at once, as a crash would, and wait until it is gone."""
        self.send_signal(signal.SIGKILL)
        self.stop()

    def pause(self) -> None:
        """Freeze the command, as a machine under load or behind a broken network would appear."""
        self.send_signal(signal.SIGSTOP)
        with contextlib.suppress(psutil.NoSuchProcess):
            while self.poll() is None and psutil.Process(self.pid).status() != psutil.STATUS_STOPPED:
                time.sleep(0.001)

    def resume(self) -> None:
        """Let a frozen command go on."""
        self.send_signal(signal.SIGCONT)

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the command's process group, if it still runs."""
        if self.pid and self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def last_words(self, lines: int = 20) -> str:
        """Return the end of the log."""
        with contextlib.suppress(FileNotFoundError):
            return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])
        return ""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
