"""Constraints are told in words that nobody has to look up."""

from typing import Any

import pytest

from accord.review.words import constraints, type_words


def told(document: Any) -> str:
    phrases = [f"{phrase.words} {phrase.code}".strip() for phrase in constraints(document)]
    return ", ".join(filter(None, [type_words(document), *phrases]))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (True, "any value"),
        ({}, "any value"),
        (False, "no value at all"),
        ({"type": "string", "minLength": 1, "maxLength": 200}, "text of 1 to 200 characters"),
        ({"type": "string", "minLength": 0, "maxLength": 1}, "text of at most 1 character"),
        ({"type": "string", "minLength": 16, "maxLength": 16}, "text of exactly 16 characters"),
        ({"type": "string", "minLength": 2}, "text of at least 2 characters"),
        ({"type": "integer", "minimum": 1}, "whole number from 1"),
        ({"type": "integer", "minimum": 1, "maximum": 100}, "whole number from 1 to 100"),
        ({"type": "integer", "maximum": 0}, "whole number up to 0"),
        ({"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5}, "number above 0, a multiple of 0.5"),
        (
            {"type": "integer", "format": "int64", "minimum": 1, "maximum": 2**63 - 1},
            "whole number from 1, of 64 bits",
        ),
        ({"type": ["string", "null"], "maxLength": 5}, "text of at most 5 characters, may be null"),
        ({"type": ["string", "integer"]}, "text or whole number"),
        ({"type": "null"}, "null"),
        ({"type": "array", "minItems": 1, "uniqueItems": True}, "list of at least 1 item, no item twice"),
        ({"type": "object", "additionalProperties": False}, "object, no other members"),
        ({"type": "string", "enum": ["a", "b"]}, 'text, one of "a", "b"'),
        ({"const": 7}, "always 7"),
        ({"type": "string", "format": "date-time"}, "text, a point in time (RFC 3339)"),
        ({"type": "string", "format": "isbn"}, "text, of the format isbn"),
        ({"type": "string", "pattern": "^a$"}, "text, matching ^a$"),
        ({"type": "integer", "default": 20}, "whole number, if left out 20"),
        ({"type": "string", "writeOnly": True}, "text, only in requests"),
    ],
)
def test_a_schema_is_told_in_words(document: Any, words: str) -> None:
    assert told(document) == words


def test_a_long_list_of_values_is_cut_and_counted() -> None:
    assert told({"enum": list(range(50))}).endswith("28, 29 … and 20 more")
