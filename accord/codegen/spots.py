"""Spots: schemas together with where they stand, since a class without a name is called by its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from accord.model.kinds import Kind, Schemas
from accord.model.names import ClassName, IllegalName
from accord.model.schemas import ANNOTATIONS, SchemaId, reference

__all__ = ["Spot", "base_of", "members", "parts", "same_as", "words_of"]

_BASE_SIBLINGS = (
    ANNOTATIONS
    | {"$ref", "allOf", "type", "properties", "required", "additionalProperties"}
    | {
        "unevaluatedProperties",
        "minProperties",
        "maxProperties",
    }
)
"""What a class may say beside its base class without being more than a class that adds members."""


@dataclass(frozen=True, slots=True)
class Spot:
    """``path`` leads from the schema ``owner`` to ``document``."""

    document: Any
    owner: SchemaId
    path: tuple[str | int, ...] = ()

    def child(self, *steps: str | int) -> "Spot":
        """The schema at the end of some steps."""
        value = self.document
        for step in steps:
            value = value[step]
        return Spot(value, self.owner, (*self.path, *steps))

    @property
    def key(self) -> tuple[SchemaId, tuple[str | int, ...]]:
        """What tells spots apart."""
        return self.owner, self.path


def parts(schemas: Schemas, spot: Spot, seen: set[SchemaId] | None = None) -> Iterator[Spot]:
    """Like `Schemas.parts`, each with its place."""
    if not isinstance(spot.document, Mapping):
        return
    seen = set() if seen is None else seen
    yield spot
    target = reference(spot.document)
    if target is not None and target not in seen:
        seen.add(target)
        yield from parts(schemas, Spot(schemas.by_id[target].document, target), seen)
    for index in range(len(spot.document.get("allOf", ()))):
        yield from parts(schemas, spot.child("allOf", index), seen)


def members(schemas: Schemas, spot: Spot) -> dict[str, tuple[Spot, bool]]:
    """Every property of an object, its own or inherited, and whether it has to be there.

    Where several parts declare one property, a value has to fit all; the last that says something counts.
    """
    every = list(parts(schemas, spot))
    required = dict.fromkeys(name for part in every for name in part.document.get("required", ()))
    found: dict[str, Spot] = {}
    for part in every:
        for name, document in part.document.get("properties", {}).items():
            says = isinstance(document, Mapping) and set(document) - ANNOTATIONS
            if document is not False and (says or name not in found):
                found[name] = part.child("properties", name)
    # What has to be there without being described is of any type.
    found |= {n: Spot(True, spot.owner, (*spot.path, "required", n)) for n in required if n not in found}
    return {name: (member, name in required) for name, member in found.items()}


def same_as(schemas: Schemas, document: Any) -> SchemaId | None:
    """The schema that the document is nothing but another place for."""
    if not isinstance(document, Mapping):
        return None
    said = set(document) - ANNOTATIONS
    if said == {"$ref"}:
        return schemas.final(SchemaId(document["$ref"]))
    if said == {"allOf"} and len(document["allOf"]) == 1:
        return same_as(schemas, document["allOf"][0])
    return None


def base_of(schemas: Schemas, document: Any) -> SchemaId | None:
    """The one class that an object extends, if all the rest only adds members."""
    if not isinstance(document, Mapping) or set(document) - _BASE_SIBLINGS:
        return None
    branches = [document, *document.get("allOf", ())]
    targets = [target for branch in branches if (target := reference(branch)) is not None]
    nested = any("allOf" in branch for branch in branches[1:] if isinstance(branch, Mapping))
    if len(targets) != 1 or nested:
        return None
    target = schemas.final(targets[0])
    found = schemas.by_id[target].document
    usable = schemas.kind(found) is Kind.CLASS and not schemas.admits_null(found)
    return target if usable and not _forbids(schemas, found) else None


def _forbids(schemas: Schemas, document: Any) -> bool:
    """Whether the object is closed; pydantic would not let a derived class be read with more members."""
    return any(part.get("additionalProperties") is False for part in schemas.parts(document))


def words_of(path: tuple[str | int, ...]) -> list[str]:
    """What a place is called below its owner: members by their names, items and branches by their kind."""
    spoken = {
        "items": "item",
        "prefixItems": "item",
        "additionalProperties": "value",
        "patternProperties": "value",
    }
    found: list[str] = []
    before: str | int = ""
    for step in path:
        if before in ("properties", "patternProperties", "dependentSchemas"):
            if before == "properties":
                found.append(_word(str(step)))
            before = ""
            continue
        if isinstance(step, int):
            if before in ("anyOf", "oneOf"):
                found.append(f"{_ORDINALS[step] if step < len(_ORDINALS) else f'option {step + 1}'}")
        elif step in spoken:
            found.append(spoken[step])
        before = step
    return found


def _word(name: str) -> str:
    try:
        return ClassName.of(f"x {name}")[1:]
    except IllegalName:
        return "member"


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
