"""Whether every text of some patterns is one of another pattern, decided by automata."""

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.compatibility import Verdict, judge
from accord.compatibility.languages import Undecided, length, uncovered

ATOMS = ("a", "b", "[ab]", "[^a]", ".", "\\d", "\\w", "\\s", "\\S", "(?:ab|c)", "(a|b)", "\\.", "[a-c0]", "é")
REPEATED = ("", "", "*", "+", "?", "{2}", "{1,2}", "{2,}", "*?")
TEXTS = st.text("abc0. \n\u2028éA_", max_size=6)


def finds(pattern: str, text: str) -> bool:
    """What the linear engine says; the default one of jsonschema-rs 0.60 finds ``^a+b*a+$`` in ``a``."""
    options = jsonschema_rs.RegexOptions()
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options).is_valid(text)


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """Patterns of the subset that is decided, with and without anchors."""
    parts = draw(st.lists(st.tuples(st.sampled_from(ATOMS), st.sampled_from(REPEATED)), max_size=4))
    body = "".join(atom + repeated for atom, repeated in parts)
    other = draw(st.sampled_from(["", "", "|c", "|^b$"]))
    return f"{draw(st.sampled_from(['^', '']))}{body}{draw(st.sampled_from(['$', '']))}{other}"


@settings(max_examples=600, deadline=None)
@given(patterns(), patterns(), st.lists(TEXTS, max_size=25))
def test_no_text_contradicts_what_was_decided(written: str, read: str, texts: list[str]) -> None:
    answer = uncovered((written,), read)
    if answer is None:
        assert not [text for text in texts if finds(written, text) and not finds(read, text)]
    else:
        assert finds(written, answer)
        assert not finds(read, answer)


@pytest.mark.parametrize(
    ("written", "read", "answer"),
    [
        (("^[a-z]{3}-[0-9]{1,3}$",), "^[a-z]{3}-[0-9]+$", None),
        (("^[a-z]{3}-[0-9]+$",), "^[a-z]{3}-[0-9]{1,3}$", "aaa-0000"),
        (("^[1-9][0-9]{0,18}$",), "^[0-9]+$", None),
        (("^[A-Z]{2}$",), length(3, None), "AA"),
        (("^[a-z]+$", length(0, 3)), "^[a-z]{1,3}$", None),
        (("^a", "b$"), "^a.*b$", "a\nb"),
        ((), "^$", "0"),
    ],
)
def test_the_shortest_text_shows_the_difference(
    written: tuple[str, ...], read: str, answer: str | None
) -> None:
    assert uncovered(written, read) == answer


@pytest.mark.parametrize(
    "pattern",
    ["(?=a)", "(?i)a", "[a&&b]", "[[a]]", "\\bа", "\\1", "(?<n>a)", "\\p{L}", "a++", "a{99999}", "("],
)
def test_what_dialects_read_differently_is_not_decided(pattern: str) -> None:
    with pytest.raises(Undecided):
        uncovered((pattern,), "a")


def test_a_wider_pattern_is_proved_safe() -> None:
    old = {"type": "string", "pattern": "^[a-z]+$", "maxLength": 20}
    new = {"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$", "maxLength": 40}
    assert judge(old, new).verdict is Verdict.SAFE
    assert judge(new, old).verdict is Verdict.BREAKING
    assert judge(old, {"type": "string", "pattern": "^[a-z]{1,20}$"}).verdict is Verdict.SAFE


def test_a_format_is_covered_by_a_pattern_of_its_shape() -> None:
    uuid = {"type": "string", "format": "uuid"}
    assert judge(uuid, {"type": "string", "pattern": "^[0-9a-fA-F-]{36}$"}).verdict is Verdict.SAFE
    assert judge(uuid, {"type": "string", "pattern": "^[0-9a-f-]{36}$"}).verdict is Verdict.BREAKING
    assert judge(uuid, {"type": "string", "pattern": "^[a-z]+$"}).verdict is Verdict.BREAKING
