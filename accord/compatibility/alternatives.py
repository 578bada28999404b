"""A flat schema: the demands on one value, free of ``$ref``, ``allOf`` and choices."""

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import jsonschema_rs

from accord.compatibility.documents import TYPES, Schema

__all__ = ["Alternative", "Items", "Members", "Parts", "kind_of", "matches", "remark"]

Parts = tuple[Schema, ...]
"""Schemas that a value must fit all together."""


@dataclass(frozen=True, slots=True)
class Members:
    """What one schema says about members; ``additional`` judges those that nothing else catches."""

    named: dict[str, Schema]
    patterns: dict[str, Schema]
    additional: Schema
    all_evaluated: bool

    def at(self, name: str) -> list[Schema]:
        """The schemas that judge a member of that name."""
        found = [self.named[name]] if name in self.named else []
        found += [schema for pattern, schema in self.patterns.items() if matches(pattern, name)]
        return found or [self.additional]


@dataclass(frozen=True, slots=True)
class Items:
    """What one schema says about items: the first ones each, and the ``rest``."""

    first: tuple[Schema, ...]
    rest: Schema
    all_evaluated: bool

    def at(self, index: int) -> Schema:
        """The schema that judges the item at an index."""
        return self.first[index] if index < len(self.first) else self.rest


@dataclass(frozen=True, slots=True)
class Alternative:
    """Flat demands on one value; ``document`` are the schemas that together say exactly what is meant.

    What cannot be made flat (``not``, ``contains`` …) is among ``remarks``, so the demands may admit more
    than the document, never less. ``maybe`` are branches that may hold beside the one that was chosen.
    """

    document: Parts
    types: frozenset[str] = TYPES - {"integer"}
    enums: tuple[list[Any], ...] = ()
    leaves: tuple[tuple[str, Any], ...] = ()
    members: tuple[Members, ...] = ()
    items: tuple[Items, ...] = ()
    required: frozenset[str] = frozenset()
    dependent: tuple[tuple[str, frozenset[str] | Schema], ...] = ()
    remarks: tuple[Schema, ...] = ()
    maybe: tuple[tuple[Schema, Schema], ...] = field(default=(), repr=False)
    inexact: bool = False

    def member(self, name: str) -> Parts:
        """The schemas that judge a member of that name; empty where anything goes."""
        return tuple(schema for clause in self.members for schema in clause.at(name) if schema != {})

    def item(self, index: int) -> Parts:
        """The schemas that judge the item at an index."""
        return tuple(schema for clause in self.items if (schema := clause.at(index)) != {})

    def others(self) -> Parts:
        """The schemas that judge a member which no name and no pattern catches."""
        return tuple(clause.additional for clause in self.members if clause.additional != {})

    def names(self) -> dict[str, None]:
        """Each member that is named, in the order of the schema."""
        return dict.fromkeys(name for clause in self.members for name in clause.named)

    def least(self, keyword: str) -> int:
        """The largest of the lower bounds of that keyword."""
        return max((value for key, value in self.leaves if key == keyword), default=0)

    def most(self, keyword: str) -> int | None:
        """The smallest of the upper bounds of that keyword."""
        return min((value for key, value in self.leaves if key == keyword), default=None)

    def only(self, kind: str) -> "Alternative":
        """The part that is of one type."""
        return replace(self, document=(*self.document, {"type": [kind]}), types=frozenset({kind}))

    def possible(self) -> frozenset[str]:
        """The types that are not plainly ruled out."""
        types = self.types
        if any(False in self.member(name) for name in self.required):
            types -= {"object"}
        if (least := self.least("minItems")) and any(False in self.item(i) for i in range(min(least, 100))):
            types -= {"array"}
        return types


@cache
def _pattern(pattern: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"pattern": pattern})


def matches(pattern: str, text: str) -> bool:
    """Whether the validator's own regular expressions find the pattern in a text."""
    return _pattern(pattern).is_valid(text)


def remark(node: dict[str, Any], keyword: str) -> Schema:
    """The keyword with those that belong to it, as a schema of its own."""
    family = {"if": ("if", "then", "else"), "contains": ("contains", "minContains", "maxContains")}
    return {key: node[key] for key in family.get(keyword, (keyword,)) if key in node}


def kind_of(value: Any) -> str:
    """The narrowest type of a JSON value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
