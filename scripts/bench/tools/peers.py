"""Other tools, installed beside the project and never with it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["FOLDER", "asyncapi_cli", "datamodel_codegen", "install", "oasdiff"]

FOLDER = Path(".accord") / "bench"
DATAMODEL = "datamodel-code-generator[http,ruff]==0.89.0"
ASYNCAPI = "@asyncapi/cli@4.1.1"
OASDIFF = "github.com/oasdiff/oasdiff@v1.37.0"


def install() -> list[str]:
    """Install what can be; return what cannot, each as a sentence."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    python = FOLDER / "venv" / "bin" / "python"
    missing = []
    if not datamodel_codegen():
        commands = [[sys.executable, "-m", "venv", str(FOLDER / "venv")]]
        commands.append([str(python), "-m", "pip", "install", "-q", DATAMODEL])
        if any(subprocess.run(command, check=False).returncode for command in commands):
            missing.append(f"{DATAMODEL} could not be installed")
    if not asyncapi_cli():
        npm = shutil.which("npm")
        if npm is None:
            missing.append("AsyncAPI CLI needs Node, which is not there")
        elif subprocess.run(
            [
                npm,
                "install",
                "--silent",
                "--no-fund",
                "--no-audit",
                "--prefix",
                str(FOLDER / "node"),
                ASYNCAPI,
            ],
            check=False,
        ).returncode:
            missing.append(f"{ASYNCAPI} could not be installed")
    if not oasdiff():
        go = shutil.which("go")
        environment = {**os.environ, "GOBIN": str((FOLDER / "go").absolute())}
        if go is None:
            missing.append("oasdiff needs Go, which is not there")
        elif subprocess.run([go, "install", OASDIFF], env=environment, check=False).returncode:
            missing.append(f"{OASDIFF} could not be installed")
    return missing


def datamodel_codegen() -> Path | None:
    """The command line of datamodel-code-generator, if it is installed."""
    return _absolute(FOLDER / "venv" / "bin" / "datamodel-codegen")


def asyncapi_cli() -> Path | None:
    """The command line of AsyncAPI, if it is installed."""
    return _absolute(FOLDER / "node" / "node_modules" / ".bin" / "asyncapi")


def oasdiff() -> Path | None:
    """The command line of oasdiff, if it is installed."""
    return _absolute(FOLDER / "go" / "oasdiff")


def _absolute(path: Path) -> Path | None:
    return path.absolute() if path.exists() else None
