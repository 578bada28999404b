"""What a schema becomes in Python: a class, an enumeration, or an alias, written out where it is used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from accord.model.names import ConstantName, IllegalName, Spelling
from accord.model.schemas import Document, Schema, SchemaId, reference

__all__ = ["JSON_TYPES", "Kind", "Member", "Schemas", "is_binary", "types_of"]

JSON_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
_CLOSED = ("additionalProperties", "unevaluatedProperties")


class Kind(StrEnum):
    """Objects whose members are known are classes; closed lists of texts that have names are enumerations."""

    CLASS = "class"
    ENUM = "enum"
    ALIAS = "alias"


@dataclass(frozen=True, slots=True)
class Member:
    """One property of an object, with whether it has to be there."""

    document: Any
    required: bool


@dataclass(frozen=True, slots=True)
class Schemas:
    """Questions about schemas that need the other schemas for an answer."""

    by_id: Mapping[SchemaId, Schema]

    def parts(self, document: Any, seen: set[SchemaId] | None = None) -> Iterator[Document]:
        """The document and all that its values must fit too: what it refers to, each part of an ``allOf``.

        What is referred to several times comes once, or a few lines could stand for millions of parts.
        """
        if not isinstance(document, Mapping):
            return
        seen = set() if seen is None else seen
        yield document
        target = reference(document)
        if target is not None and target not in seen:
            seen.add(target)
            yield from self.parts(self.by_id[target].document, seen)
        for part in document.get("allOf", ()):
            yield from self.parts(part, seen)

    def final(self, target: SchemaId) -> SchemaId:
        """The schema that ``target`` stands for, where it is nothing but a reference to another."""
        seen = {target}
        while (further := self._only_reference(target)) is not None and further not in seen:
            seen.add(further)
            target = further
        return target

    def _only_reference(self, target: SchemaId) -> SchemaId | None:
        document = self.by_id[target].document
        alone = isinstance(document, Mapping) and set(document) <= {"$ref", "description", "title"}
        return reference(document) if alone else None

    def types(self, document: Any) -> tuple[str, ...]:
        """The JSON types that a value may have, in the order of `JSON_TYPES`; all of them if nothing is said.

        A number that may be whole only is an ``integer``; ``number`` includes it.
        """
        if document is False:
            return ()
        admitted = set(JSON_TYPES)
        for part in self.parts(document):
            named = set(types_of(part))
            if named:
                said = named | ({"integer"} if "number" in named else set())
                admitted &= said
            for values in ([part["const"]] if "const" in part else None, part.get("enum")):
                if values is not None:
                    admitted &= {kind for value in values for kind in _kinds(value)}
        if "number" in admitted:
            admitted.discard("integer")
        return tuple(name for name in JSON_TYPES if name in admitted)

    def kind(self, document: Any) -> Kind:
        """How the document shows up in Python; a reference is what it refers to."""
        types = set(self.types(document)) - {"null"}
        if types == {"object"}:
            parts = list(self.parts(document))
            known = any("properties" in part or any(part.get(k) is False for k in _CLOSED) for part in parts)
            patterns = any("patternProperties" in part for part in parts)
            named = any(part.get("properties") for part in parts)
            return Kind.CLASS if named or (known and not patterns) else Kind.ALIAS
        if types == {"string"}:
            enums = [part["enum"] for part in self.parts(document) if "enum" in part]
            constant = any("const" in part for part in self.parts(document))
            if enums and not constant and all(_can_be_told_apart(tuple(values)) for values in enums):
                return Kind.ENUM
        return Kind.ALIAS

    def members(self, document: Any) -> dict[str, Member]:
        """Every property that the document declares, its own or inherited; the last declaration wins."""
        parts = list(self.parts(document))
        required = {name for part in parts for name in part.get("required", ())}
        return {
            name: Member(member, name in required)
            for part in parts
            for name, member in part.get("properties", {}).items()
        }

    def admits_null(self, document: Any) -> bool:
        """Whether null may stand for a value of this class or enumeration."""
        return "null" in self.types(document)


def types_of(document: Any) -> tuple[str, ...]:
    """The JSON types that the document's own ``type`` names; empty if it names none."""
    named = document.get("type", ()) if isinstance(document, Mapping) else ()
    return (named,) if isinstance(named, str) else tuple(named)


def is_binary(document: Any) -> bool:
    """Whether text stands for bytes as they are (OpenAPI 3.0: format binary; 3.1: contentMediaType alone)."""
    if not isinstance(document, Mapping):
        return False
    media_type = str(document.get("contentMediaType", "text/plain"))
    readable = media_type.startswith("text/") or media_type.endswith(("/json", "+json"))
    return document.get("format") == "binary" or not (readable or "contentEncoding" in document)


@cache
def _can_be_told_apart(values: tuple[Any, ...]) -> bool:
    """Whether each text has a name of its own; ``Add`` and ``add`` have one, and neither has a blank."""
    texts = {value for value in values if isinstance(value, str)}
    try:
        named = {ConstantName.of(text, Spelling.SYMBOLS) for text in texts}
    except IllegalName:
        return False
    return len(named) == len(texts) and not any(text.isspace() for text in texts)


def _kinds(value: Any) -> set[str]:
    if isinstance(value, bool):
        return {"boolean"}
    if value is None:
        return {"null"}
    if isinstance(value, int | float):
        return {"integer", "number"} if float(value).is_integer() else {"number"}
    if isinstance(value, str):
        return {"string"}
    return {"array"} if isinstance(value, list) else {"object"}
