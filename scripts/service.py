"""`Server`: a process that listens on a port, from its start until it is ready; `Service`: one of ours."""

import http.client
import os
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from accord.testing.installation import free_port
from accord.testing.process import GuardedProcess, ProcessFailed
from scripts.logs import last_lines

__all__ = ["Server", "Service"]

ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"
READY_SECONDS = 60.0
ATTEMPTS = 3
"""How often it is started where another program takes its port first."""


class Server:
    """Runs Python with these arguments; may be started again after its end.

    It is told its port by the variable ``port_variable``, and keeps it: ``preferred_port`` if that is free.
    It is ready when ``ready_path`` answers 200, or when it listens if there is no such path. ``remove`` are
    files to delete should the process that holds this object die.
    """

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        port_variable: str,
        log: Path,
        preferred_port: int = 0,
        ready_path: str | None = None,
        remove: Sequence[Path] = (),
    ) -> None:
        self.name = name
        self.log = log
        self.process: GuardedProcess | None = None
        self._remove = tuple(remove)
        self._arguments = tuple(arguments)
        self._environment = dict(environment)
        self._port_variable = port_variable
        self._ready_path = ready_path
        self._take_port(preferred_port)

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    @property
    def command_line(self) -> str:
        """What a shell at the top of the repository would start it with."""
        settings = [f"{name}={shlex.quote(value)}" for name, value in self._environment.items()]
        return " ".join([*settings, ".venv/bin/python", *self._arguments])

    def start(self) -> None:
        """Start it anew; return before it is ready."""
        self.stop()
        self.process = GuardedProcess(
            [sys.executable, *self._arguments],
            log=self.log,
            env=os.environ | self._environment,
            cwd=ROOT,
            remove=self._remove,
        )
        self.process.start()

    def wait_until_ready(self) -> None:
        """Raise `ProcessFailed` with the end of its log if it ends, or is not ready in time."""
        deadline = time.monotonic() + READY_SECONDS
        answer, attempts = "no answer", 1
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                if attempts == ATTEMPTS or not self._lost_its_port():
                    break
                attempts += 1
                self._take_port(0)
                self.start()
            elif self._listens():
                if self._ready_path is None:
                    return
                answer = self._ask()
                if answer.startswith("200 "):
                    return
            time.sleep(0.02)
        status = self.process.poll() if self.process else None
        what = (
            f"is not ready after {READY_SECONDS:g} s ({answer})" if status is None else f"ended with {status}"
        )
        words = "\n".join(last_lines(self.log, 20))
        raise ProcessFailed(f"{self.name} {what}; the end of {self.log}:\n{words}")

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self.process:
            self.process.kill()

    def stop(self) -> None:
        """Let it finish what it does, then end it; safe to call twice."""
        if self.process:
            self.process.stop()

    def _take_port(self, preferred: int) -> None:
        self.port = free_port(HOST, preferred)
        self._environment[self._port_variable] = str(self.port)

    def _lost_its_port(self) -> bool:
        """Tell whether another program was faster to listen there."""
        return any("address already in use" in line for line in last_lines(self.log, 10))

    def _listens(self) -> bool:
        """Tell whether it is this process that listens on the port, and not one that answers just as well."""
        try:
            connections = psutil.Process(self.process.pid if self.process else 0).net_connections("tcp")
        except psutil.Error:
            return False
        return any(
            found.status == psutil.CONN_LISTEN and found.laddr.port == self.port for found in connections
        )

    def _ask(self) -> str:
        """Return the status and the body of its own word on whether it is ready."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", str(self._ready_path))
            response = connection.getresponse()
            return f"{response.status} {response.read().decode()}"
        except (OSError, http.client.HTTPException) as error:
            return f"no answer: {error}"
        finally:
            connection.close()


class Service(Server):
    """The package ``<name>_service`` with settings of its own; it migrates its database before it serves."""

    def __init__(
        self,
        name: str,
        *,
        settings: Mapping[str, str],
        preferred_port: int,
        log: Path,
        remove: Sequence[Path] = (),
    ) -> None:
        everything = {"HOST": HOST, "SPECS_DIR": str(ROOT / "specs"), **settings}
        super().__init__(
            name,
            ("-m", f"{name}_service", "serve", "--migrate"),
            {f"{name.upper()}_{key}": value for key, value in everything.items()},
            port_variable=f"{name.upper()}_PORT",
            log=log,
            preferred_port=preferred_port,
            ready_path="/health/ready",
            remove=remove,
        )
