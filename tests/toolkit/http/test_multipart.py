"""Parts of multipart/form-data: what is taken apart, and what is refused."""

import pytest

from accord.http.multipart import MAX_PARTS, Part, join_parts, split_parts
from accord.http.styles import Malformed


def body_of(*heads: str) -> bytes:
    return b"".join(f"--b\r\n{head}\r\n\r\nx\r\n".encode() for head in heads) + b"--b--\r\n"


def test_parts_come_back_with_all_that_was_said_of_them() -> None:
    parts = [Part("a", b"\r\n--", 'ü"\r\n.png', "image/png"), Part('n"ame', b""), Part("a", b"2")]
    assert split_parts(*join_parts(parts)) == parts


def test_as_many_parts_as_may_be_are_taken_and_no_more() -> None:
    head = 'Content-Disposition: form-data; name="a"'
    assert len(split_parts(body_of(*[head] * MAX_PARTS), "b")) == MAX_PARTS
    with pytest.raises(Malformed, match="more than 1000 parts"):
        split_parts(body_of(*[head] * (MAX_PARTS + 1)), "b")


@pytest.mark.parametrize(
    ("body", "boundary", "said"),
    [
        (body_of("Content-Disposition: form-data"), "b", "a part without a name"),
        (body_of("Content-Type: text/plain"), "b", "a part without a name"),
        (b"", "b", "ends before its last boundary"),
        (b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx", "b", "ends before its last boundary"),
        (b"nothing of the kind", "b", "is no multipart/form-data"),
        (b"--b--\r\n", "", "no boundary"),
    ],
)
def test_what_is_no_form_is_refused_with_the_reason(body: bytes, boundary: str, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        split_parts(body, boundary)
