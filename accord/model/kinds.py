"""What a schema becomes in Python: a class, an enumeration, or an alias, written out where it is used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from accord.model.schemas import Document, Schema, SchemaId, reference

__all__ = ["Kind", "Member", "Schemas", "types_of"]


class Kind(StrEnum):
    """Objects whose members are known are classes; texts of a closed list are enumerations."""

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

    def parts(self, document: Any, seen: frozenset[SchemaId] = frozenset()) -> Iterator[Document]:
        """The document and all that its values must fit too: what it refers to, each part of an ``allOf``."""
        if not isinstance(document, Mapping):
            return
        yield document
        target = reference(document)
        if target is not None and target not in seen:
            yield from self.parts(self.by_id[target].document, seen | {target})
        for part in document.get("allOf", ()):
            yield from self.parts(part, seen)

    def final(self, target: SchemaId) -> SchemaId:
        """The schema that ``target`` stands for, where it is nothing but a reference to another."""
        seen = {target}
        while (further := reference(self.by_id[target].document)) is not None and further not in seen:
            seen.add(further)
            target = further
        return target

    def kind(self, document: Any) -> Kind:
        """How the document shows up in Python; a reference is what it refers to."""
        parts = list(self.parts(document))
        if any("object" in types_of(part) for part in parts):
            known = any("properties" in part or part.get("additionalProperties") is False for part in parts)
            return Kind.CLASS if known else Kind.ALIAS
        for part in parts:
            texts = [value for value in part.get("enum", ()) if value is not None]
            if texts and all(isinstance(value, str) for value in texts):
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
        parts = [part for part in self.parts(document) if "type" in part or "enum" in part]
        return bool(parts) and all(
            "null" in types_of(part) if "type" in part else None in part["enum"] for part in parts
        )


def types_of(document: Any) -> tuple[str, ...]:
    """The JSON types that the document's own ``type`` names; empty if it names none."""
    named = document.get("type", ()) if isinstance(document, Mapping) else ()
    return (named,) if isinstance(named, str) else tuple(named)
