"""Who may import whom, beyond what import-linter's contracts in pyproject.toml can say."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("authors_service", "books_service")
THIRD_PARTIES_OF_GENERATED = {"fastapi", "httpx", "pydantic"}
RUN_HALF = ("accord.boundary", "accord.bus", "accord.http", "accord.interface")
PURE = [
    path
    for service in SERVICES
    for folder in ("domain", "contracts")
    for path in sorted((ROOT / service / folder).rglob("*.py"))
]
RARELY_NEEDED = (
    "alembic",
    "greenlet",
    "httpx",
    "mako",
    "pydantic.v1",
    "rich",
    "sqlalchemy",
    "sqlite3",
    "yaml",
)
START = """
import sys
import {0}.commands, {0}.main, {0}.settings

database = "postgresql://nobody@127.0.0.1:1/none"
settings = {0}.settings.Settings(database_url=database, kafka_bootstrap_servers="127.0.0.1:1")
{0}.main.create_app(settings)
print(*sys.modules)
"""
PORTS = [ROOT / "accord" / "bus" / name for name in ("ports.py", "messages.py", "errors.py")]


def imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def is_within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def identify(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_import_contracts_hold() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    finished = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr


@pytest.mark.parametrize("path", PURE, ids=identify)
def test_domain_and_contracts_import_the_standard_library_only(path: Path) -> None:
    service = path.relative_to(ROOT).parts[0]
    allowed: tuple[str, ...] = (f"{service}.domain", f"{service}.contracts")
    if "contracts" in path.parts:
        allowed += ("accord.bus.ports",)
    strangers = [
        module
        for module in imported_modules(path)
        if module.split(".")[0] not in sys.stdlib_module_names and not is_within(module, allowed)
    ]
    assert not strangers


@pytest.mark.parametrize("path", PORTS, ids=identify)
def test_the_ports_that_a_domain_sees_are_standard_library_only(path: Path) -> None:
    strangers = [
        module
        for module in imported_modules(path)
        if module.split(".")[0] not in sys.stdlib_module_names
        and not is_within(module, ("accord.bus.messages", "accord.bus.errors"))
    ]
    assert not strangers


@pytest.mark.parametrize("path", sorted((ROOT / "generated").rglob("*.py")), ids=identify)
def test_generated_code_imports_its_few_libraries_and_the_run_half(path: Path) -> None:
    package = path.relative_to(ROOT).parts[1]
    allowed = (*RUN_HALF, "generated.common", f"generated.{package}")
    strangers = [
        module
        for module in imported_modules(path)
        if module.split(".")[0] not in sys.stdlib_module_names | THIRD_PARTIES_OF_GENERATED
        and module != "generated"
        and not is_within(module, allowed)
    ]
    assert not strangers


def test_the_pure_folders_were_found() -> None:
    assert len(PURE) >= 8


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_without_loading_what_it_rarely_needs(service: str) -> None:
    """Each takes time until the first request, and memory to the last."""
    command = [sys.executable, "-c", START.format(service)]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert f"{service}.main" in loaded
    assert set(RARELY_NEEDED) & set(loaded) == set()
