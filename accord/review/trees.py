"""Schemas as trees of rows: each member with its type and constraints, references as links."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from markupsafe import Markup

from accord.model.kinds import Schemas
from accord.model.schemas import MANY, SchemaId, reference
from accord.review.anchors import Anchors
from accord.review.places import Key
from accord.review.prose import as_html
from accord.review.words import Phrase, brief, constraints, type_words

__all__ = ["Budget", "Link", "Row", "Trees"]

DEEPEST: Final = 25
"""Levels of one tree; what is below is left out, with a row that says so."""


@dataclass(slots=True)
class Budget:
    """How many rows the page may still get, and how many it would have needed besides."""

    left: int
    refused: int = 0

    def take(self) -> bool:
        """Whether there is room for one more."""
        if self.left > 0:
            self.left -= 1
            return True
        self.refused += 1
        return False


@dataclass(frozen=True, slots=True)
class Link:
    """A schema of its own on this page, or the name of one that is not; ``before`` says what of it."""

    label: str
    key: Key
    before: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One value within a schema; ``is_member`` tells names of members from words such as ``each item``."""

    name: str
    type: str
    links: tuple[Link, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    description: Markup = field(default_factory=Markup)
    examples: tuple[str, ...] = ()
    rows: tuple["Row", ...] = ()
    is_member: bool = False
    required: bool = False
    deprecated: bool = False
    key: Key | None = None
    anchor: str | None = None
    path: str = ""


class Trees:
    """Makes them; members of named schemas get anchors."""

    def __init__(self, schemas: Schemas, anchors: Anchors, budget: Budget) -> None:
        self._schemas = schemas
        self._anchors = anchors
        self._budget = budget

    def named(self, id_: SchemaId, document: Any, anchor: str) -> Row:
        """The tree of a schema that has a place of its own on the page."""
        return self._row(id_.name, document, (id_.file, id_.pointer), anchor, 0)

    def inline(self, name: str, document: Any, required: bool = False, description: str = "") -> Row:
        """The tree of a schema that stands where it is used, as that of a parameter."""
        row = self._row(name, document, None, None, 0)
        said = as_html(description) if description else row.description
        return replace(row, required=required, is_member=True, description=said)

    def _row(self, name: str, document: Any, key: Key | None, anchor: str | None, depth: int) -> Row:
        if not isinstance(document, Mapping):
            return Row(name, type_words(document), key=key, anchor=anchor)
        said = self._said(document)
        rows: tuple[Row, ...]
        if depth >= DEEPEST:
            rows = (Row("…", "", phrases=(Phrase("deeper levels are not shown"),)),)
        else:
            needed = {name for part in self._schemas.parts(document) for name in part.get("required", ())}
            rows = tuple(self._below(document, key, anchor, depth + 1, needed))
        return Row(
            name,
            "" if said.keys() <= {"$ref"} else type_words(said),
            tuple(self._links(document)),
            tuple(constraints(said)),
            as_html(str(said.get("description", ""))),
            tuple(_examples(said)),
            rows,
            deprecated=document.get("deprecated") is True,
            key=key,
            anchor=anchor,
        )

    def called(self, id_: SchemaId) -> str:
        """The name of a schema; those that stand in place are called like the classes that they become."""
        schema = self._schemas.by_id.get(id_)
        named = _NAMED & set(id_.pointer.split("/")[:-1])
        return id_.name if named or schema is None else str(schema.class_name)

    def _links(self, document: Mapping[str, Any]) -> Iterator[Link]:
        target = reference(document)
        if target is not None:
            yield self._link(target)
        items = document.get("items")
        if isinstance(items, Mapping) and set(items) == {"$ref"}:
            yield self._link(SchemaId(items["$ref"]), "each")

    def _link(self, target: SchemaId, before: str = "") -> Link:
        return Link(self.called(target), (target.file, target.pointer), before)

    def _said(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """The document itself; where it refers to a plain value, what is said of that value too."""
        target = reference(document)
        schema = None if target is None else self._schemas.by_id.get(self._schemas.final(target))
        found = schema.document if schema is not None else None
        if not isinstance(found, Mapping) or _BRANCHING & found.keys():
            return document
        return {**found, **document}

    def _below(
        self, document: Any, key: Key | None, anchor: str | None, depth: int, required: set[str]
    ) -> Iterator[Row]:
        """What stands below a schema; the inline parts of ``allOf`` are taken as its own."""
        for name, member in document.get("properties", {}).items():
            below = _child(key, "properties", name)
            named = self._anchors.add(f"{anchor}.{name}", below) if anchor and below else None
            if (row := self._child(name, member, below, named, depth)) is not None:
                yield replace(row, is_member=True, required=name in required)
        for name, member in document.get("patternProperties", {}).items():
            yield from self._word(
                f"members like {name}", member, _child(key, "patternProperties", name), depth
            )
        for keyword, word in _WORDS.items():
            member = document.get(keyword)
            if isinstance(member, Mapping) and not (keyword == "items" and set(member) == {"$ref"}):
                yield from self._word(word, member, _child(key, keyword), depth)
        for index, member in enumerate(document.get("prefixItems", ())):
            yield from self._word(f"item {index + 1}", member, _child(key, "prefixItems", str(index)), depth)
        for name, member in document.get("dependentSchemas", {}).items():
            yield from self._word(f"with {name} also", member, _child(key, "dependentSchemas", name), depth)
        for index, part in enumerate(document.get("allOf", ())):
            below = _child(key, "allOf", str(index))
            if isinstance(part, Mapping) and set(part) <= {"type", "properties", "required"}:
                yield from self._below(part, below, anchor, depth, required)
            elif isinstance(part, Mapping):
                word = "all that is in" if set(part) == {"$ref"} else "and also"
                yield from self._word(word, part, below, depth)
        for keyword, word in (("oneOf", "exactly one of"), ("anyOf", "at least one of")):
            parts = document.get(keyword, ())
            rows: list[Row] = []
            for index, part in enumerate(parts):
                rows += self._word(f"choice {index + 1}", part, _child(key, keyword, str(index)), depth + 1)
            if parts:
                yield Row(word, f"{len(parts)} choices", rows=tuple(rows))

    def _word(self, name: str, document: Any, key: Key | None, depth: int) -> Iterator[Row]:
        row = self._child(name, document, key, None, depth)
        if row is not None:
            yield row

    def _child(self, name: str, document: Any, key: Key | None, anchor: str | None, depth: int) -> Row | None:
        return self._row(name, document, key, anchor, depth) if self._budget.take() else None


_BRANCHING: Final = frozenset({"properties", "patternProperties", "items", "prefixItems", *MANY})
"""What gives a schema an inside, which is shown where the schema stands."""

_NAMED: Final = frozenset({"schemas", "$defs", "definitions"})
"""Parts of a spec in which schemas have names of their own."""

_WORDS: Final = {
    "items": "each item",
    "contains": "such an item",
    "additionalProperties": "any other member",
    "unevaluatedProperties": "any other member",
    "unevaluatedItems": "any other item",
    "propertyNames": "names of members",
    "not": "but not",
    "if": "if it is",
    "then": "then also",
    "else": "otherwise",
}


def _examples(document: Mapping[str, Any]) -> Iterator[str]:
    several = document.get("examples")
    for value in several[:3] if isinstance(several, list) else ():
        yield brief(value)
    if "example" in document:
        yield brief(document["example"])


def _child(key: Key | None, *steps: str) -> Key | None:
    if key is None:
        return None
    tokens = (step.replace("~", "~0").replace("/", "~1") for step in steps)
    return key[0], "/".join((key[1], *tokens))
