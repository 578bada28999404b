"""A gallery, of which each operation is of another kind: its generated code, and an implementation.

The code is made when a test first asks for it, so it is no import: everything here is a value.
"""

import importlib
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
from click.testing import CliRunner
from fastapi import FastAPI

from accord.cli import main
from accord.http.client import RestClient
from accord.http.middleware import install_middleware
from accord.http.problems import ProblemError, install_problems
from accord.http.security import Call
from accord.http.shortcut import include_operations

__all__ = ["Gallery", "generate"]

HERE = Path(__file__).parent / "gallery"


def generate(root: Path, edit: Callable[[str], str] = lambda text: text) -> ModuleType:
    """Write the package, from the spec as it is or as ``edit`` leaves it, and import it anew."""
    shutil.copytree(HERE, root, dirs_exist_ok=True)
    spec = root / "specs/gallery.openapi.yaml"
    spec.write_text(edit(spec.read_text()))
    result = CliRunner().invoke(main, ["generate", "--project", str(root)])
    assert result.exit_code == 0, result.output
    for name in [name for name in sys.modules if name.partition(".")[0] == "gallery_api"]:
        del sys.modules[name]
    sys.path.insert(0, str(root))
    try:
        for name in ("endpoints", "operations", "client"):
            importlib.import_module(f"gallery_api.gallery.{name}")
    finally:
        sys.path.remove(str(root))
    return sys.modules["gallery_api.gallery"]


class Gallery:
    """What the service does next is what a test says; what it was asked is kept."""

    def __init__(self, code: Any) -> None:
        self.code = code
        self.asked: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.calls: list[Call] = []
        self.answer: Any = None
        self.refusal: Exception | None = None

    def app(self, prefix: str = "") -> FastAPI:
        """The service, as an application of its own, below a path if need be."""
        app = FastAPI(openapi_url=None)
        router = self.code.operations.create_router(self._api())
        install_problems(app, {})
        if prefix:
            app.include_router(router, prefix=prefix)
        else:
            include_operations(app, router)
        install_middleware(app, max_body_bytes=10_000)
        return app

    def client(self, **credentials: Any) -> Any:
        """The generated client of it."""
        client: RestClient = self.code.client.GalleryClient(
            "http://gallery", transport=httpx.ASGITransport(self.app()), **credentials
        )
        return client

    def http(self, prefix: str = "") -> httpx.AsyncClient:
        """A client that sends what nobody generated."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app(prefix)), base_url="http://gallery")

    def _api(self) -> Any:
        interface = self.code.operations.GalleryApi
        methods = {name: self._method(name) for name in interface.__abstractmethods__ if name != "authorize"}
        return type("Implementation", (interface,), {**methods, "authorize": self._authorize})()

    def _method(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def method(_api: Any, *arguments: Any, **named: Any) -> Any:
            self.asked.append((name, arguments, named))
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

        return method

    @property
    def _authorize(self) -> Callable[[Any, Call], Awaitable[None]]:
        async def authorize(_api: Any, call: Call) -> None:
            self.calls.append(call)
            if self.refusal is not None:
                raise self.refusal

        return authorize


FORBIDDEN = ProblemError(403, "Not you.")
