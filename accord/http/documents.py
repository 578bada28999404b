"""The contract as the service shows it: the spec files, and a page over them that needs no internet."""

import asyncio
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import orjson
from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

__all__ = ["documents_router"]

ASSETS: Final = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon.png": "image/png",
}
METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})

# No file in a folder has such a name.
OPENAPI_JSON: Final = "/openapi.json"
DOCS_JSON: Final = "/docs.json"

YAML_MEDIA_TYPE: Final = "application/yaml"
"""RFC 9512."""

PAGE_POLICY: Final = "; ".join(
    [
        "default-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "object-src 'none'",
        "frame-ancestors 'none'",
    ]
)
"""What the page may load: nothing from anywhere else."""

CACHE_FOR_A_DAY: Final = {"Cache-Control": "public, max-age=86400"}


def documents_router(openapi: Path, asyncapi: Path | None = None) -> APIRouter:
    """Serve `/openapi.json`, `/asyncapi.yaml`, `/docs`, and the files that they refer to by name.

    Only files of the specs' own folder that a `$ref` names are served, so that relative references resolve
    for whoever reads the specs over HTTP. Files are read on the first request.
    """
    router = APIRouter(include_in_schema=False)
    specs = _Specs(openapi, asyncapi)

    @router.get("/openapi.json")
    async def openapi_json() -> Response:
        return Response(await specs.openapi_json(), media_type="application/json")

    @router.get("/docs.json")
    async def docs_json() -> Response:
        return Response(await specs.docs_json(), media_type="application/json")

    if asyncapi is not None:

        @router.get("/asyncapi.yaml")
        async def asyncapi_yaml() -> Response:
            return Response(await specs.file(asyncapi.name), media_type=YAML_MEDIA_TYPE)

    @router.get("/docs")
    async def docs(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "")
        page = get_swagger_ui_html(
            openapi_url=f"{root}/docs.json",
            title="API documentation",
            swagger_js_url=f"{root}/docs/swagger-ui-bundle.js",
            swagger_css_url=f"{root}/docs/swagger-ui.css",
            swagger_favicon_url=f"{root}/docs/favicon.png",
            # Else Swagger UI shows a badge that it loads from the internet, on every host but localhost.
            swagger_ui_parameters={"validatorUrl": None},
        )
        page.headers["Content-Security-Policy"] = PAGE_POLICY
        return page

    @router.get("/docs/{asset}")
    async def docs_asset(request: Request) -> Response:
        # A parameter of FastAPI's would load what it has for pydantic 1.
        asset = request.path_params["asset"]
        if asset not in ASSETS:
            raise HTTPException(404)
        content = await asyncio.to_thread((files("fastapi_offline") / "static" / asset).read_bytes)
        return Response(content, media_type=ASSETS[asset], headers=CACHE_FOR_A_DAY)

    @router.get("/{name}.yaml")
    @router.get("/{name}.yml")
    @router.get("/{name}.json")
    async def referenced(request: Request) -> Response:
        name = request.url.path.rpartition("/")[2]
        media_type = "application/json" if name.endswith(".json") else YAML_MEDIA_TYPE
        return Response(await specs.file(name), media_type=media_type)

    return router


class _Specs:
    """The texts of both specs and of all files that they refer to, read once and off the event loop."""

    def __init__(self, openapi: Path, asyncapi: Path | None) -> None:
        self._openapi = openapi
        self._asyncapi = asyncapi
        self._texts: dict[str, bytes] | None = None
        self._lock = asyncio.Lock()

    async def file(self, name: str) -> bytes:
        """Raise 404 for every other name, whatever lies on the disk."""
        texts = await self._load()
        if name not in texts:
            raise HTTPException(404)
        return texts[name]

    async def openapi_json(self) -> bytes:
        return (await self._load())[OPENAPI_JSON]

    async def docs_json(self) -> bytes:
        return (await self._load())[DOCS_JSON]

    async def _load(self) -> dict[str, bytes]:
        async with self._lock:
            if self._texts is None:
                self._texts = await asyncio.to_thread(_read, self._openapi, self._asyncapi)
        return self._texts


def _read(openapi: Path, asyncapi: Path | None) -> dict[str, bytes]:
    texts: dict[str, bytes] = {}
    waiting = [openapi, *([asyncapi] if asyncapi else [])]
    while waiting:
        path = waiting.pop()
        if path.name in texts:
            continue
        texts[path.name] = path.read_bytes()
        waiting += [path.parent / name for name in _referenced_files(_parse(texts[path.name]))]
    spec = _parse(texts[openapi.name])
    texts[OPENAPI_JSON] = orjson.dumps(spec, option=orjson.OPT_NON_STR_KEYS)
    texts[DOCS_JSON] = orjson.dumps(_for_swagger_ui(spec), option=orjson.OPT_NON_STR_KEYS)
    return texts


def _for_swagger_ui(spec: Any) -> Any:
    """Say of each operation what was said of its path, which means the same (OpenAPI 3.1, Path Item Object).

    Swagger UI 5 shows a reference among a path's parameters as a parameter without a name.
    """
    for path in spec.get("paths", {}).values():
        shared = path.pop("parameters", [])
        for method in METHODS & path.keys():
            path[method]["parameters"] = [*shared, *path[method].get("parameters", [])]
    return spec


def _referenced_files(node: Any) -> Iterator[str]:
    """Find the files that references name; one that leaves the folder, or is a URL, is nothing to serve."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str):
            file = reference.partition("#")[0]
            if file and "/" not in file and "\\" not in file:
                yield file
    children: list[Any] = (
        list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
    )
    for child in children:
        yield from _referenced_files(child)


def _parse(text: bytes) -> Any:
    # Most services are never asked for a document.
    import yaml

    # libyaml's loader is ten times as fast, where the wheel has it.
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
