"""Rules that hold for every name and every key, not only for those of an example."""

import keyword
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.codegen.channels import key_text
from accord.codegen.prose import docstring
from accord.findings import Location
from accord.model.kinds import Schemas
from accord.model.names import ClassName, ConstantName, IllegalName, MemberName
from accord.model.schemas import Schema, SchemaId
from accord.parsing.keys import read_key

ID = SchemaId.of("a.yaml", "/components/schemas/Event")
DOCUMENT: dict[str, Any] = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "data": {
            "type": "object",
            "required": ["id", "text"],
            "properties": {"id": {"type": "integer"}, "text": {"type": "string"}},
        }
    },
}
PAYLOAD = Schema(ID, ClassName.of("Event"), DOCUMENT, Location("a.yaml"))
SCHEMAS = Schemas({ID: PAYLOAD})


@pytest.mark.parametrize("kind", [MemberName, ClassName, ConstantName])
@given(
    name=st.text() | st.from_regex(r"[A-Za-z0-9_. -]{1,20}", fullmatch=True) | st.sampled_from(keyword.kwlist)
)
def test_an_illegal_identifier_cannot_be_built(kind: type[MemberName], name: str) -> None:
    try:
        made = kind.of(name)
    except IllegalName:
        return
    assert made.isidentifier()
    assert not keyword.iskeyword(made)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("createAuthor", "create_author"),
        ("author_book.linked", "author_book_linked"),
        ("If-Match", "if_match"),
        ("ISBNNumber", "isbn_number"),
        ("class", "class_"),
        ("v2Items", "v2_items"),
    ],
)
def test_names_become_what_a_person_would_write(name: str, expected: str) -> None:
    assert MemberName.of(name) == expected


@given(
    before=st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"])),
    after=st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"])),
    number=st.integers(),
    text=st.text(),
)
def test_a_key_is_its_text_with_the_values_put_in(before: str, after: str, number: int, text: str) -> None:
    expression = f"{before}{{$message.payload#/data/id}}:{{$message.payload#/data/text}}{after}"
    key = read_key(expression, SCHEMAS, PAYLOAD)
    code = key_text(key, "envelope")
    envelope = {"data": {"id": number, "text": text}}
    assert eval(code, {"envelope": envelope}) == f"{before}{number}:{text}{after}"


@given(st.text(min_size=1).filter(str.strip), st.sampled_from([0, 4, 8]))
def test_any_description_is_a_legal_docstring(text: str, indent: int) -> None:
    margin = " " * indent
    code = (
        "".join(f"{' ' * depth}if True:\n" for depth in range(0, indent, 4))
        + margin
        + docstring(text, indent)
    )
    compile(f"{code}\n", "generated", "exec")


@pytest.mark.parametrize("kind", [MemberName, ClassName, ConstantName])
@given(names=st.sets(st.text() | st.from_regex(r"[Aa]?[_ .-]?[Bb]?", fullmatch=True), max_size=12))
def test_no_two_names_become_one_identifier(kind: type[MemberName], names: set[str]) -> None:
    try:
        made = kind.distinct(sorted(names), reserved={"a_b", "B"})
    except IllegalName:
        return
    assert made.keys() == names
    assert len(set(made.values())) == len(names)
    assert not {"a_b", "B"} & set(made.values())


@given(st.sets(st.from_regex(r"[a-cA-C_. -]{0,4}", fullmatch=True)))
def test_no_identifier_is_the_name_of_something_else(names: set[str]) -> None:
    made = MemberName.distinct(sorted(names))
    assert all(identifier not in names or identifier == name for name, identifier in made.items())


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a_b", "aB", "a-b"], ["a_b", "a_capital_b", "a_hyphen_b"]),
        (["id", "ID", "Id"], ["id", "upper_id", "capital_id"]),
        (["", " ", "+"], ["empty", "space", "plus_sign"]),
        (["class", "class_"], ["class__", "class_"]),
    ],
)
def test_names_that_differ_in_symbols_or_case_alone_are_told_apart_in_words(
    names: list[str], expected: list[str]
) -> None:
    assert list(MemberName.distinct(names).values()) == expected
