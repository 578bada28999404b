"""No process outlives whoever asked for it."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from accord.testing.process import GuardedProcess, ProcessFailed

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""

PARENT_OF_SERVERS = """
import sys, time
from accord.testing.kafka import EmbeddedKafka
from accord.testing.postgres import EmbeddedPostgres
with EmbeddedPostgres() as database, EmbeddedKafka() as broker:
    print(database.pid, broker.pid, database._folder, broker._folder, flush=True)
    time.sleep(60)
"""


def eventually(holds: Callable[[], bool], seconds: float = 15.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def python(program: str, log: Path, **options: object) -> GuardedProcess:
    return GuardedProcess([sys.executable, "-c", program], log=log, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_servers_end_when_their_parent_is_killed(end: signal.Signals) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT_OF_SERVERS], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    database, broker, *folders = parent.stdout.readline().split()
    parent.stdout.close()
    servers = [psutil.Process(int(database)), psutil.Process(int(broker))]
    processes = [
        *servers,
        *servers[0].children(recursive=True),
        *servers[0].parents()[:1],
        *servers[1].parents()[:1],
    ]

    parent.send_signal(end)
    parent.wait()

    assert eventually(lambda: not any(process.is_running() for process in processes))
    assert eventually(lambda: not any(Path(folder).exists() for folder in folders))


def test_the_whole_process_group_ends(tmp_path: Path) -> None:
    child = "import subprocess; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); p.wait()"
    with python(child, tmp_path / "log"):
        assert eventually(lambda: (tmp_path / "log").read_text().strip().isdigit())
        grandchild = psutil.Process(int((tmp_path / "log").read_text()))
    assert eventually(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)


def test_a_command_that_will_not_end_is_killed_after_its_time(tmp_path: Path) -> None:
    process = python(STUBBORN, tmp_path / "log", stop_timeout=0.3).start()
    assert eventually(lambda: "ready" in process.last_words())

    began = time.monotonic()
    process.stop()

    assert process.poll() == 128 + signal.SIGKILL
    assert 0.3 <= time.monotonic() - began < 5


def test_a_frozen_command_ends_too(tmp_path: Path) -> None:
    process = python("import time; time.sleep(60)", tmp_path / "log").start()
    process.pause()
    process.stop()
    assert process.poll() == 128 + signal.SIGTERM


def test_the_exit_status_is_the_commands_own(tmp_path: Path) -> None:
    with python("import sys; print('last words'); sys.exit(3)", tmp_path / "log") as process:
        assert process.wait(10) == 3
        assert process.last_words() == "last words"


def test_a_killed_command_is_seen_at_once(tmp_path: Path) -> None:
    with python("import time; time.sleep(60)", tmp_path / "log") as process:
        process.kill()
        assert process.poll() == 128 + signal.SIGKILL


def test_folders_stay_with_a_parent_that_lives(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    python("import time; time.sleep(60)", tmp_path / "log", remove=[folder]).start().stop()
    assert folder.exists()


def test_a_command_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProcessFailed, match="cannot start /nowhere/postgres: No such file"):
        GuardedProcess(["/nowhere/postgres"], log=tmp_path / "log").start()
