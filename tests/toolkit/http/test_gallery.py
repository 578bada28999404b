"""Generated client and router of a service that uses all of OpenAPI: what one says, the other hears."""

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from mypy import api

from accord.http.failures import BytesFailure, EmptyFailure, Failure, TextFailure, UnexpectedResponse
from tests.toolkit.http.gallery_service import FORBIDDEN, Gallery, generate

REPOSITORY = Path(__file__).parents[3]
CALLER = """
from uuid import UUID
from gallery_api.gallery import schemas
from gallery_api.gallery.client import GalleryClient

async def call(client: GalleryClient, picture: UUID) -> None:
    found = await client.get_picture(picture, tags=["a"])
    if isinstance(found, schemas.GetPictureOk):
        left: int | None = found.x_left
    if found.status == 303 and isinstance(found, schemas.GetPictureSeeOther):
        place: str = found.location
    try:
        await client.fail()
    except schemas.ErrorFailure as failure:
        code: int = failure.body.code
        text: str = failure.body.code  # wrong
    await client.get_picture("1")  # wrong
    await client.echo("text")  # wrong
    await client.export([1])  # wrong
    await client.upload(schemas.Form(title="x"), media_type="application/x-www-form-urlencoded")
"""
ID = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")


async def test_parameters_of_every_place_and_style_arrive_typed(gallery: Gallery, schemas: Any) -> None:
    gallery.answer = schemas.GetPictureAccepted()
    given = {
        "picture_id_query": 7,
        "class_": schemas.GetPictureClass.PENCIL,
        "size": schemas.Size(width=3, unit="a b&c"),
        "tags": ["a,b", "ü"],
        "body_": 1.5,
        "theme": True,
        "since": dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC),
        "where": {"x": 1},
    }
    async with gallery.client() as client:
        assert await client.get_picture(ID, **given) == schemas.GetPictureAccepted()
    assert gallery.asked == [("get_picture", (ID,), given)]


async def test_a_default_stands_in_typed_too(gallery: Gallery, schemas: Any) -> None:
    gallery.answer = schemas.GetPictureAccepted()
    async with gallery.client() as client:
        await client.get_picture(ID)
    assert gallery.asked == [("get_picture", (ID,), {"class_": schemas.GetPictureClass.OIL})]


async def test_several_templates_of_one_segment_are_told_apart(gallery: Gallery, schemas: Any) -> None:
    gallery.answer = schemas.ExportResponse(b"\x00\xff", media_type="image/gif")
    async with gallery.client(token="t", key="k") as client:
        assert await client.export([1, 2], "g/i?f") == gallery.answer
        gallery.answer = None
        await client.restore(schemas.RestoreId(a=1))
    assert gallery.asked == [("export", ([1, 2], "g/i?f"), {}), ("restore", (schemas.RestoreId(a=1),), {})]


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("PUT", "/pictures/.1.png", 405, "GET"),
        ("GET", "/pictures/;a=1:restore", 405, "POST"),
        ("PUT", f"/pictures/{ID}", 401, None),
        ("GET", "/pictures/a%2Fb", 400, None),
        ("POST", "/pictures/a%2Fb", 405, "GET, HEAD, PUT, TRACE"),
        ("GET", "/pictures/a/b", 404, None),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/v1"])
async def test_the_most_concrete_path_is_meant_whatever_its_methods(
    gallery: Gallery, method: str, path: str, status: int, allow: str | None, prefix: str
) -> None:
    async with gallery.http(prefix) as http:
        response = await http.request(method, prefix + path)
    assert (response.status_code, response.headers.get("Allow")) == (status, allow)


@pytest.mark.parametrize(
    "answer",
    [
        ("GetPictureOk", {"media_type": "application/json", "etag": "a", "x_left": 3, "x_tags": ["a", "b"]}),
        ("GetPictureOk", {"media_type": "text/plain", "body": "drawn", "etag": "a"}),
        ("GetPictureOk", {"media_type": "image/png", "body": b"\x89PNG", "etag": "a"}),
        ("GetPictureAccepted", {}),
        ("GetPictureSeeOther", {"location": "/pictures/9"}),
        ("GetPictureSuccess", {"status": 207, "body": [1, 2]}),
    ],
)
async def test_each_declared_answer_is_a_result_of_its_own(
    gallery: Gallery, schemas: Any, answer: tuple[str, dict[str, Any]]
) -> None:
    name, members = answer
    if members.get("media_type") == "application/json":
        members = {**members, "body": schemas.PictureResponse(id=1, title="x")}
    gallery.answer = getattr(schemas, name)(**members)
    async with gallery.client() as client:
        assert await client.get_picture(ID) == gallery.answer


async def test_each_declared_failure_is_raised_as_what_the_service_raised(
    gallery: Gallery, schemas: Any
) -> None:
    failures: list[Failure[Any]] = [
        schemas.ErrorFailure(404, schemas.Error(code=7)),
        EmptyFailure(410, None),
        TextFailure(418, "short and stout"),
        schemas.ProblemFailure(500, schemas.Problem(title="Oh", detail="no")),
    ]
    async with gallery.client() as client:
        for failure in failures:
            gallery.answer = failure
            with pytest.raises(type(failure)) as caught:
                await client.get_picture(ID)
            assert (caught.value.status, caught.value.body) == (failure.status, failure.body)
            assert caught.value.correlation_id


@pytest.mark.parametrize(
    ("name", "members"),
    [("GetPictureSuccess", {"status": 404, "body": []}), ("ExportResponse", {"body": b""}), ("Size", {})],
)
async def test_an_answer_that_is_not_declared_is_a_500(
    gallery: Gallery, schemas: Any, name: str, members: dict[str, Any]
) -> None:
    gallery.answer = getattr(schemas, name)(**members)
    async with gallery.client(key="k") as client:
        with pytest.raises((UnexpectedResponse, schemas.ProblemFailure), match="unforeseen") as caught:
            await client.fail() if name == "Size" else await client.get_picture(ID)
    assert caught.value.status == 500


async def test_a_failure_that_is_not_declared_is_a_500(gallery: Gallery) -> None:
    gallery.answer = BytesFailure(404, b"")
    async with gallery.client(key="k") as client:
        with pytest.raises(UnexpectedResponse, match="undeclared answer 500"):
            await client.fail()


async def test_members_travel_in_their_direction_only(gallery: Gallery, schemas: Any) -> None:
    sent = schemas.PictureRequest(title="x", secret="s", note=None)
    gallery.answer = schemas.PictureResponse(id=4, title="x")
    async with gallery.client(key="k") as client:
        assert await client.get_picture_put_pictures_picture_id(ID, sent) == gallery.answer
    assert gallery.asked == [("get_picture_put_pictures_picture_id", (ID, sent), {})]


async def test_head_and_trace_are_operations(gallery: Gallery, schemas: Any) -> None:
    async with gallery.client(login=("Ada", "pw")) as client:
        gallery.answer = schemas.HeadPicturesPictureIdResponse(etag="e")
        assert await client.head_pictures_picture_id(ID) == gallery.answer
        gallery.answer = b"TRACE"
        assert await client.trace_pictures_picture_id(ID) == b"TRACE"


async def test_the_implementation_is_asked_about_credentials_before_all_else(gallery: Gallery) -> None:
    gallery.answer = b""
    gallery.refusal = FORBIDDEN
    async with gallery.client(login=("Ada", "pw")) as client:
        with pytest.raises(UnexpectedResponse, match="403"):
            await client.echo(b"")
    (call,) = gallery.calls
    assert (call.operation, call.credentials, call.scopes) == (
        "echo",
        {"login": ("Ada", "pw")},
        {"login": ()},
    )
    assert gallery.asked == []


async def test_without_credentials_nobody_is_asked_and_each_way_is_named(gallery: Gallery) -> None:
    async with gallery.http() as http:
        response = await http.post("/echo", content=b"x")
        missing = await http.get("/pictures/.1.png", headers={"Authorization": "Bearer t"})
        open_to_all = await http.get("/pictures/x")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'ApiKey, Basic realm="api", charset="UTF-8"'
    assert missing.status_code == 401
    assert open_to_all.status_code == 400
    assert gallery.calls == []


def test_a_client_knows_where_the_spec_says_the_service_is(code: Any) -> None:
    client = code.client.GalleryClient()
    assert str(client._http.base_url) == "https://eu.gallery.example/v1/"


async def test_openapi_3_0_and_3_1_mean_the_same(code: Any, tmp_path: Path) -> None:
    def modern(text: str) -> str:
        text = text.replace("openapi: 3.0.4", "openapi: 3.1.1")
        text = text.replace("type: string, nullable: true", 'type: [string, "null"]')
        return text.replace("type: string, format: binary", "type: string, contentMediaType: image/png")

    before = {path.name: path.read_text() for path in Path(code.__file__).parent.glob("*.py")}
    after_code = generate(tmp_path, modern)
    after = {path.name: path.read_text() for path in Path(str(after_code.__file__)).parent.glob("*.py")}
    assert before.keys() == after.keys()
    for name, text in before.items():
        assert text.replace(', "format": "binary"', "") == after[name].replace(', "format": "binary"', ""), (
            name
        )


async def test_a_whole_answer_goes_over_the_wire_as_the_spec_has_it(gallery: Gallery, schemas: Any) -> None:
    body = schemas.PictureResponse(id=1, title="x")
    gallery.answer = schemas.GetPictureOk(body=body, etag="e", x_tags=["a", "b"])
    async with gallery.http() as http:
        response = await http.get(f"/pictures/{ID}", params={"size[width]": "1", "tags": "a"})
    assert (response.status_code, response.json()) == (200, {"id": 1, "title": "x"})
    assert httpx.Headers({"etag": "e", "x-tags": "a,b"}).items() <= response.headers.items()


def test_the_code_passes_mypy_and_ruff_and_types_follow_from_the_spec(
    code: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "caller.py").write_text(CALLER)
    root = Path(code.__file__).parents[2]
    monkeypatch.setenv("MYPYPATH", f"{REPOSITORY}:{root}")
    options = [
        "--config-file",
        str(REPOSITORY / "pyproject.toml"),
        "--cache-dir",
        str(REPOSITORY / ".mypy_cache"),
    ]
    said, trouble, _ = api.run([*options, str(tmp_path / "caller.py"), str(root / "gallery_api")])
    assert not trouble
    wrong = [number for number, line in enumerate(CALLER.splitlines(), 1) if line.endswith("# wrong")]
    assert [int(line.split(":")[1]) for line in said.splitlines() if ": error: " in line] == wrong, said
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--config=line-length=110", "gallery_api"]
    done = subprocess.run(ruff, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
