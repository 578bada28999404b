"""The contract over HTTP: the files themselves, and a page that needs nothing from elsewhere."""

import re
from pathlib import Path

import httpx
import pytest
import yaml

from tests.toolkit.http.conftest import SPECS, client_of, make_app


async def test_the_openapi_document_is_the_spec_file(client: httpx.AsyncClient) -> None:
    response = await client.get("/openapi.json")
    assert response.headers["Content-Type"] == "application/json"
    assert response.json() == yaml.safe_load((SPECS / "authors.openapi.yaml").read_text())


async def test_the_event_spec_is_served_byte_by_byte(client: httpx.AsyncClient) -> None:
    response = await client.get("/asyncapi.yaml")
    assert response.headers["Content-Type"] == "application/yaml"
    assert response.content == (SPECS / "authors.asyncapi.yaml").read_bytes()


async def test_every_file_that_a_reference_names_is_there(client: httpx.AsyncClient) -> None:
    waiting, seen = ["openapi.json", "asyncapi.yaml"], set[str]()
    while waiting:
        name = waiting.pop()
        response = await client.get(f"/{name}")
        assert response.status_code == 200, name
        seen.add(name)
        referenced = re.findall(r"""\$ref"?:\s*["']?([^#"'\s]+\.yaml)#""", response.text)
        waiting += set(referenced) - seen
    assert {"common.yaml", "books.asyncapi.yaml"} < seen


@pytest.mark.parametrize(
    "path",
    [
        "/../pyproject.yaml",
        "/..%2fpyproject.yaml",
        "/%2e%2e%2fcompose.yaml",
        "/compose.yaml",
        "/secret.yaml",
        "/docs/..%2f..%2fcore.py",
        "/docs/redoc.standalone.js",
        "/docs/__init__.py",
        "/openapi.yaml",
    ],
)
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_a_reference_that_leaves_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "specs"
    folder.mkdir()
    (tmp_path / "secret.yaml").write_text("password: hunter2")
    (folder / "a.yaml").write_text(
        "paths:\n  200: {$ref: '../secret.yaml#/x'}\n  b: {$ref: 'b.yaml#/x'}\n  c: {$ref: 'https://x/c.yaml'}\n"
    )
    (folder / "b.yaml").write_text("x: {}\n")
    async with client_of(make_app(openapi=folder / "a.yaml", asyncapi=folder / "b.yaml")) as client:
        assert (await client.get("/b.yaml")).status_code == 200
        assert (await client.get("/secret.yaml")).status_code == 404
        assert (await client.get("/c.yaml")).status_code == 404
        assert (await client.get("/openapi.json")).json()["paths"]["200"] == {"$ref": "../secret.yaml#/x"}


async def test_the_page_loads_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.status_code == 200
    assert "//" not in re.sub(r"<!--.*?-->", "", page.text)
    assert '"validatorUrl": null' in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self' 'unsafe-inline';")
    for address in re.findall(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)["']""", page.text):
        assert (await client.get(address)).status_code == 200, address


async def test_the_page_knows_each_operation_with_the_parameters_of_its_path(
    client: httpx.AsyncClient,
) -> None:
    spec = (await client.get("/openapi.json")).json()
    shown = (await client.get("/docs.json")).json()
    assert shown["paths"].keys() == spec["paths"].keys()
    for address, path in spec["paths"].items():
        assert "parameters" not in shown["paths"][address]
        shared = path.pop("parameters", [])
        for method, operation in path.items():
            expected = {**operation, "parameters": shared + operation.get("parameters", [])}
            assert shown["paths"][address][method] == expected
