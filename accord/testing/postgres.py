"""`EmbeddedPostgres`: a PostgreSQL 18 server from a wheel, on loopback, gone without a trace afterwards."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from accord.testing.installation import UNPRIVILEGED_USER, free_port, postgres_binaries, private_folder
from accord.testing.process import GuardedProcess, ProcessFailed

__all__ = ["EmbeddedPostgres"]

HOST = "127.0.0.1"
SUPERUSER = "postgres"
ATTEMPTS = 5
"""How often another port is tried where somebody takes the free one first."""

START_SECONDS = 30.0

# One process from the beginning, so that the guard covers the making of the data folder as well. The password
# is random: hashing it many times over would only slow each connection down.
INITIALISE_AND_SERVE = """
bin=$1 superuser=$2; shift 2
test -s data/PG_VERSION || "$bin/initdb" --pgdata=data --username="$superuser" --pwfile=password \
    --auth=scram-sha-256 --set=scram_iterations=1 --encoding=UTF8 --no-locale --no-sync --no-instructions \
    >/dev/null || exit
: >password
exec "$bin/postgres" -D data "$@"
"""

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
DISPOSABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
"""For data that no crash needs to survive: a commit costs no disk."""


class _PortTaken(Exception):
    """Somebody else was faster; another port may do."""


class EmbeddedPostgres:
    """A server of one's own: its data lives in a temporary folder and goes when it stops.

    It listens on a free port of the loopback interface alone, and its superuser has a random password, so
    that no other account of the machine gets in. ``durable`` keeps PostgreSQL's own settings for commits;
    ``log`` is a file for what the server says, instead of one among its data.
    """

    def __init__(self, *, durable: bool = False, log: Path | None = None) -> None:
        self.port = 0
        self.password = secrets.token_hex(8)
        self._log = log
        self._settings = SETTINGS if durable else SETTINGS | DISPOSABLE
        self._user = UNPRIVILEGED_USER if os.geteuid() == 0 else None
        self._folder: Path | None = None
        self._binaries: Path | None = None
        self._process: GuardedProcess | None = None

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        return self._process.pid if self._process else 0

    def start(self) -> Self:
        """Make the data folder and return once the server takes connections; raises `ProcessFailed`."""
        for _ in range(ATTEMPTS):
            try:
                self._start(free_port(HOST))
            except _PortTaken:
                self.stop()
            except BaseException:
                self.stop()
                raise
            else:
                return self
        raise ProcessFailed("found no free port for PostgreSQL")

    def stop(self) -> None:
        """End the server and delete its data; safe to call twice."""
        process, folder = self._process, self._folder
        if process:
            process.stop()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        self._process = self._folder = self._binaries = None

    def halt(self) -> None:
        """End the server but keep its data and its port, as when the database is away for a while."""
        if self._process:
            self._process.stop()

    def crash(self) -> None:
        """End the server and each of its processes at once, as a loss of power would; its data stay."""
        if self._process is None or self._folder is None:
            return
        children: list[psutil.Process] = []
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(self._process.pid).children(recursive=True)
        self._process.kill()
        # Each is in a process group of its own, and would live until it finds that the postmaster is gone.
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        psutil.wait_procs(children, timeout=START_SECONDS)
        # Nobody serves the data any more; what this file says is of the former server, its readiness too.
        (self._folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def resume(self) -> None:
        """Serve the data again after `halt` or `crash`.

        Raises `ProcessFailed`, also if the port was taken meanwhile.
        """
        if self._folder is None:
            raise ProcessFailed("PostgreSQL was not started")
        try:
            self._serve(self._folder)
        except _PortTaken:
            raise ProcessFailed(f"port {self.port} was taken meanwhile") from None

    def poll(self) -> int | None:
        """Return the exit status of the server, or None while it runs."""
        return self._process.poll() if self._process else None

    def url(self, name: str, driver: str = "postgresql+asyncpg") -> str:
        """Return SQLAlchemy's URL of the database ``name``, whether it exists or not."""
        return f"{driver}://{SUPERUSER}:{self.password}@{HOST}:{self.port}/{name}"

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database, a copy of ``template`` if given, and return its URL; raises `ProcessFailed`."""
        self._run("createdb", *([f"--template={template}"] if template else []), name)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, throwing out whoever is still connected; raises `ProcessFailed`."""
        self._run("dropdb", "--force", "--if-exists", name)

    def _run(self, program: str, *arguments: str) -> None:
        if self._binaries is None:
            raise ProcessFailed("PostgreSQL is not running")
        access = [
            f"--host={HOST}",
            f"--port={self.port}",
            f"--username={SUPERUSER}",
            "--maintenance-db=postgres",
        ]
        done = subprocess.run(
            [str(self._binaries / program), *access, *arguments],
            env=os.environ | {"PGPASSWORD": self.password},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ProcessFailed(done.stderr.strip())

    def _start(self, port: int) -> None:
        self._folder = private_folder("accord-postgres-", self._user)
        self._binaries = postgres_binaries(self._user, self._folder)
        self.port = port
        data, password = self._folder / "data", self._folder / "password"
        data.mkdir(mode=0o700)
        password.touch(mode=0o600)
        password.write_text(self.password)
        if self._user:
            shutil.chown(data, self._user)
            shutil.chown(password, self._user)
        self._serve(self._folder)

    def _serve(self, folder: Path) -> None:
        settings = [
            f"--{name}={value}" for name, value in (self._settings | {"port": str(self.port)}).items()
        ]
        self._process = GuardedProcess(
            ["/bin/sh", "-c", INITIALISE_AND_SERVE, "sh", str(self._binaries), SUPERUSER, *settings],
            log=self._log or folder / "log",
            cwd=folder,
            user=self._user,
            stop_signal=signal.SIGINT,
            remove=[folder],
        )
        self._process.start()
        self._await_ready(self._process, folder / "data" / "postmaster.pid")

    def _await_ready(self, process: GuardedProcess, state: Path) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not _is_ready(state):
            if process.poll() is not None or time.monotonic() > deadline:
                words = process.last_words()
                if "could not bind" in words:
                    raise _PortTaken
                raise ProcessFailed(f"PostgreSQL did not start:\n{words}")
            time.sleep(0.01)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _is_ready(state: Path) -> bool:
    """Read the last line of postmaster.pid, the server's own word; it is written line by line."""
    try:
        return "ready" in state.read_text().splitlines()[7:8][0]
    except (FileNotFoundError, IndexError):
        return False
