"""The stack: both servers and both services, up together and down together."""

import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from accord.testing.installation import free_port
from scripts.service import HOST, Service
from scripts.stack import AlreadyRunning, Stack

ROOT = Path(__file__).parents[3]
HOLD_A_STACK = """
import sys, time
from pathlib import Path
from scripts.stack import Stack
with Stack(Path(sys.argv[1])) as stack:
    print("up", flush=True)
    time.sleep(120)
"""

ALWAYS_READY = """
import http.server, os
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
where = os.environ["STUBBORN_HOST"], int(os.environ["STUBBORN_PORT"])
try:
    server = http.server.HTTPServer(where, Ready)
except OSError:
    raise SystemExit("address already in use")
server.serve_forever()
"""


def processes_below(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def are_gone(processes: list[psutil.Process], seconds: float = 20.0) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return not alive


def variables(env_file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in env_file.read_text().splitlines())


def test_the_stack_says_where_it_is_and_leaves_nothing_behind(tmp_path: Path) -> None:
    before = set(processes_below(os.getpid()))
    with Stack(tmp_path) as stack:
        started = set(processes_below(os.getpid())) - before
        assert variables(stack.env_file) == {
            "AUTHORS_URL": stack.services["authors"].url,
            "BOOKS_URL": stack.services["books"].url,
            "AUTHORS_DATABASE_URL": stack.addresses.authors_database_url,
            "BOOKS_DATABASE_URL": stack.addresses.books_database_url,
            "KAFKA_BOOTSTRAP_SERVERS": stack.addresses.kafka_bootstrap_servers,
        }
        assert stack.env_file.stat().st_mode & 0o077 == 0
        assert stack.dead() == {}

        with pytest.raises(AlreadyRunning, match=rf"process {os.getpid()}\b"):
            Stack(tmp_path).start()

        stack.services["books"].kill()
        assert stack.dead() == {"books": 128 + signal.SIGKILL}
        stack.services["books"].start()
        stack.services["books"].wait_until_ready()
        assert stack.dead() == {}

    assert are_gone(list(started))
    assert not stack.env_file.exists()


def test_the_stack_ends_when_whoever_holds_it_is_killed(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_A_STACK, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "up\n"
    started = processes_below(holder.pid)
    assert len(started) >= 8

    holder.kill()
    holder.wait()
    holder.stdout.close()

    assert are_gone(started)
    assert not (tmp_path / "stack.env").exists()


def test_a_service_gives_way_where_its_port_was_taken_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stubborn_service.py").write_text(ALWAYS_READY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    service = Service("stubborn", settings={}, preferred_port=free_port(HOST), log=tmp_path / "log")
    with http.server.HTTPServer((HOST, service.port), http.server.BaseHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        try:
            service.start()
            service.wait_until_ready()
            assert service.port != other.server_port
            assert f"STUBBORN_PORT={service.port}" in service.command_line
        finally:
            service.stop()
            other.shutdown()


def start_up(folder: Path, *command: str) -> subprocess.Popen[bytes]:
    """Run `make up`'s program until it says what can be tried."""
    said = folder / "said"
    with said.open("wb") as out:
        up = subprocess.Popen([*command, "--folder", str(folder)], cwd=ROOT, stdout=out, stderr=out)
    deadline = time.monotonic() + 90
    while "Try" not in said.read_text():
        assert up.poll() is None, said.read_text()
        assert time.monotonic() < deadline, said.read_text()
        time.sleep(0.05)
    return up


def test_make_up_ends_in_order_on_ctrl_c(tmp_path: Path) -> None:
    up = start_up(tmp_path, sys.executable, "-m", "scripts.up")
    started = processes_below(up.pid)
    second = subprocess.run(
        [sys.executable, "-m", "scripts.up", "--folder", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr == f"A stack is running here already (process {up.pid}); end that one first.\n"

    up.send_signal(signal.SIGINT)

    assert up.wait(60) == 0
    assert are_gone(started)
    assert not (tmp_path / "stack.env").exists()
    said = (tmp_path / "said").read_text()
    assert "\x1b" not in said
    assert all(len(line) <= 100 for line in said.splitlines())


def test_make_up_ends_when_make_is_killed(tmp_path: Path) -> None:
    make = start_up(tmp_path, "sh", "-c", f'"{sys.executable}" -m scripts.up --end-with-parent "$@"; :', "sh")
    started = processes_below(make.pid)
    assert len(started) >= 9

    make.kill()
    make.wait()

    assert are_gone(started)


def test_make_up_says_which_service_died_and_how_to_start_it_again(tmp_path: Path) -> None:
    up = start_up(tmp_path, sys.executable, "-m", "scripts.up")
    try:
        url = variables(tmp_path / "stack.env")["AUTHORS_URL"]
        (authors,) = (
            process
            for process in processes_below(up.pid)
            if "guard.py" not in " ".join(process.cmdline()) and "authors_service" in process.cmdline()
        )
        authors.kill()
        deadline = time.monotonic() + 10
        while "Start it again" not in (said := (tmp_path / "said").read_text()):
            assert time.monotonic() < deadline, said
            time.sleep(0.05)
        assert "authors was ended by SIGKILL" in said
        assert f"AUTHORS_PORT={url.rpartition(':')[2]}" in said
    finally:
        up.terminate()
        assert up.wait(60) == 0
