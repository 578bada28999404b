"""Bodies of every media type, from a generated client to a generated router."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.boundary import Boundary, ContractViolation
from accord.http.content import Binary, Text
from accord.http.endpoint import Body
from accord.http.forms import File, Form
from accord.http.media_types import MediaType
from tests.toolkit.http.gallery_service import Gallery


async def test_files_and_values_of_a_form_arrive(gallery: Gallery, schemas: Any) -> None:
    body = schemas.Upload(
        picture=File(b"\x00\r\n--x\xff", 'a"b.png', "image/png"),
        others=[b"1", b""],
        size=schemas.Size(width=2),
        marks=[1, 2],
        title="é",
    )
    gallery.answer = {"parts": 7}
    async with gallery.client(key="k") as client:
        assert await client.upload(body) == {"parts": 7}
    ((_, _, arguments),) = gallery.asked
    assert arguments == {"body": body, "media_type": "multipart/form-data"}
    assert (arguments["body"].picture.filename, arguments["body"].picture.media_type) == (
        'a"b.png',
        "image/png",
    )


async def test_a_form_in_pairs_arrives(gallery: Gallery, schemas: Any) -> None:
    body = schemas.Form(title="a&b=é +", dims=[1, 2], size=schemas.Size(width=2), tags=["x", "y"])
    gallery.answer = {}
    async with gallery.client(key="k") as client:
        await client.upload(body, media_type="application/x-www-form-urlencoded")
        await client.upload("plain", media_type="text/markdown")
        await client.upload()
    assert [arguments for _, _, arguments in gallery.asked] == [
        {"body": body, "media_type": "application/x-www-form-urlencoded"},
        {"body": "plain", "media_type": "text/markdown"},
        {},
    ]


@pytest.mark.parametrize(
    ("content", "content_type", "status", "said"),
    [
        (b"title=x&sub=y", "application/x-www-form-urlencoded", 400, "sub"),
        (b"dims=a", "application/x-www-form-urlencoded", 400, "#/dims/0"),
        (b"--b\r\n\r\n", "multipart/form-data; boundary=b", 400, "multipart/form-data"),
        (b"x", "multipart/form-data", 400, "boundary"),
        (
            b'--b\r\nContent-Disposition: form-data; name="picture"\r\n\r\n' + b"x" * 101 + b"\r\n--b--\r\n",
            "multipart/form-data; boundary=b",
            400,
            "#/picture",
        ),
        (b"x" * 21, "text/plain", 400, "longer than 20"),
        (b"\xff", "text/plain", 400, "utf-8"),
        (b"x", "text/plain; charset=klingon", 415, "Send"),
        (b"{}", "application/json", 415, "Send"),
        (b"x" * 10_001, "text/plain", 413, "larger"),
    ],
)
async def test_a_body_of_another_form_is_refused_with_the_reason(
    gallery: Gallery, content: bytes, content_type: str, status: int, said: str
) -> None:
    async with gallery.http() as http:
        headers = {"Content-Type": content_type, "X-Key": "k"}
        response = await http.post("/uploads", content=content, headers=headers)
    assert response.status_code == status, response.text
    assert said in response.text
    assert gallery.asked == []


async def test_bytes_text_and_numbers_are_bodies_too(gallery: Gallery, schemas: Any) -> None:
    async with gallery.client(key="k") as client:
        gallery.answer = b"\x00\xfe"
        assert await client.echo(b"\xff\x00") == gallery.answer
        gallery.answer = schemas.CountResponse(status=203, body=5)
        assert await client.count(4) == gallery.answer
        with pytest.raises(ContractViolation):
            await client.count(0)
    assert [arguments for _, arguments, _ in gallery.asked] == [(b"\xff\x00",), ()]


TEXTS = st.text(max_size=6) | st.text('&=+% ;"\r\n-,', max_size=6)
FORMS = {"title": TEXTS, "dims": st.lists(st.integers(), max_size=3), "tags": st.lists(TEXTS, max_size=3)}
UPLOADS = {
    "picture": st.binary(max_size=100),
    "others": st.lists(st.binary(max_size=9), min_size=1, max_size=3),
    "marks": st.lists(st.integers(), min_size=1, max_size=3),
    "title": TEXTS,
}


@given(st.fixed_dictionaries({}, optional=FORMS), st.none() | st.integers(1, 9))
def test_every_form_in_pairs_is_read_as_it_was_written(code: Any, members: Any, width: int | None) -> None:
    size = {} if width is None else {"size": code.schemas.Size(width=width, unit="&")}
    content, given_type = code.endpoints.UPLOAD.body.write(
        code.schemas.Form(**members, **size), "application/x-www-form-urlencoded"
    )
    read = code.endpoints.UPLOAD.body.read(content, given_type)["body"] if content else code.schemas.Form()
    # A list without items leaves no trace, unless it is written in one text.
    kept = {name: value for name, value in members.items() if value != [] or name == "dims"}
    assert read == code.schemas.Form(**kept, **size)


@given(st.fixed_dictionaries({"picture": UPLOADS.pop("picture")}, optional=UPLOADS), TEXTS)
def test_every_multipart_form_is_read_as_it_was_written(code: Any, members: Any, filename: str) -> None:
    members["picture"] = File(members["picture"], filename, "image/png")
    body = code.schemas.Upload(**members, size=code.schemas.Size(unit="ü"))
    content, given_type = code.endpoints.UPLOAD.body.write(body)
    read = code.endpoints.UPLOAD.body.read(content, given_type)["body"]
    assert read == body
    assert read.picture.filename == (filename or "picture")


@pytest.mark.parametrize(
    ("given_type", "value"), [("text/plain", "x"), ("text/csv; charset=utf-8", "x"), ("image/png", b"x")]
)
def test_a_type_that_is_named_in_full_goes_before_a_range(given_type: str, value: object) -> None:
    body = Body((Binary("*/*"), Text("text/*"), Text("text/plain")))
    assert body.read(b"x", given_type) == {"body": value}


def test_items_of_a_form_that_are_no_single_values_are_json_each() -> None:
    pairs = {"type": "object", "properties": {"z": {"type": "string"}}}
    lists = {"type": "array", "items": {"type": "integer"}}
    members = {"l": {"type": "array", "items": pairs}, "n": {"type": "array", "items": lists}}
    form = Form("x/y", Boundary(dict[str, Any], "F", {"F": {"type": "object", "properties": members}}))
    value = {"l": [{"z": "a"}, {}], "n": [[1], []]}
    content, _ = form.write(value)
    assert content == b"l=%7B%22z%22%3A%22a%22%7D&l=%7B%7D&n=%5B1%5D&n=%5B%5D"
    assert form.read(content, MediaType.parse("x/y")) == value
    with pytest.raises(ContractViolation, match="not JSON"):
        form.read(b"l=a", MediaType.parse("x/y"))
