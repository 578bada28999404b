"""Shapes: the classes and enumerations of a module, ready for the template."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from accord.codegen.annotations import Annotator, Classes, field_names, is_union
from accord.codegen.examples import example_of
from accord.codegen.inheritance import Inheritance
from accord.codegen.layout import Module
from accord.codegen.prose import paragraphs_of
from accord.codegen.spots import Spot, members, parts
from accord.findings import BrokenSpec
from accord.model.kinds import Kind, Schemas
from accord.model.names import ConstantName, IllegalName
from accord.model.schemas import SchemaId

__all__ = ["AliasShape", "ClassShape", "EnumShape", "Field", "Shaper", "default_text"]

_BRANCHES = frozenset({"patternProperties", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas"})
"""With one of these an object may have members that its ``properties`` do not show; they are kept."""
_NAMES = re.compile(r"[^\W\d]\w*")
_KEPT_BY_ENUMS = frozenset(["MRO"])
_DEFAULTS = {"str": str, "bool": bool, "int": int}


@dataclass(frozen=True, slots=True)
class Field:
    """One member; ``alias`` is its name in JSON where Python needs another, ``default`` is code or None."""

    name: str
    annotation: str
    alias: str | None
    default: str | None
    description: str


@dataclass(frozen=True, slots=True)
class ClassShape:
    """A model; ``extra`` says what pydantic does with members that have no field: forbid, allow or ignore."""

    name: str
    base: str
    description: str
    example: str
    fields: tuple[Field, ...]
    extra: str

    @property
    def renamed(self) -> bool:
        """Whether some field has another name in JSON."""
        return any(field.alias is not None for field in self.fields)

    @property
    def protected(self) -> bool:
        """Whether pydantic would complain of a name that it keeps for itself."""
        return any(field.name.startswith("model_") for field in self.fields)


@dataclass(frozen=True, slots=True)
class EnumShape:
    """A closed list of texts; ``members`` are pairs of constant and value."""

    name: str
    description: str
    members: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AliasShape:
    """A name for a choice between classes."""

    name: str
    description: str
    annotation: str


Shape = ClassShape | EnumShape | AliasShape


class Shaper:
    """Makes the shapes of one module."""

    def __init__(self, schemas: Schemas, module: Module, classes: Classes, inheritance: Inheritance) -> None:
        self._schemas, self._module, self._classes = schemas, module, classes
        self._inheritance = inheritance
        self._annotator = Annotator(schemas, module.places, classes, module.name)

    def shapes(self) -> list[Shape]:
        """One shape for each class, those first that others are made of."""
        made: dict[str, Shape] = {}
        for id_, schema in self._module.own.items():
            spot = Spot(schema.document, id_)
            if self._schemas.final(id_) != id_:
                continue
            kind = self._schemas.kind(schema.document)
            name = self._module.places[id_].class_name
            if kind is not Kind.ALIAS:
                made[name] = self._shape(name, spot, kind)
            elif is_union(self._schemas, id_):
                annotation = self._annotator.written_out(id_)
                made[name] = AliasShape(name, _description(schema.document), annotation)
            else:
                self._annotator.type_at(spot)
        while missing := {
            name: spot
            for name, spot in self._classes.by_module.get(self._module.name, {}).items()
            if name not in made
        }:
            for inline, spot in missing.items():
                made[inline] = self._shape(inline, spot, self._schemas.kind(spot.document))
        return _ordered(made)

    def _shape(self, name: str, spot: Spot, kind: Kind) -> Shape:
        try:
            return self._enum(name, spot) if kind is Kind.ENUM else self._class(name, spot)
        except IllegalName as error:
            place = self._schemas.by_id[spot.owner].location
            raise BrokenSpec.at(place, "illegal-name", f"in {name} {error}; rename the member") from None

    def _enum(self, name: str, spot: Spot) -> EnumShape:
        named = _constants(self._schemas, spot)
        return EnumShape(name, _description(spot.document), tuple((named[text], text) for text in named))

    def _class(self, name: str, spot: Spot) -> ClassShape:
        base = self._inheritance.base(spot)
        every = members(self._schemas, spot)
        inherited = self._inheritance.inherited(base) if base is not None else {}
        names = field_names(every)
        fields = tuple(
            self._field(member, names[member], place, required)
            for member, (place, required) in every.items()
            if inherited.get(member) is None
            or (inherited[member][0].key, inherited[member][1]) != (place.key, required)
        )
        document = spot.document
        example = example_of(name, document, spot, self._module, self._schemas.by_id)
        parent = self._annotator.class_of(base) if base is not None else "BaseModel"
        return ClassShape(name, parent, _description(document), example, fields, self._extra(spot, base))

    def _field(self, member: str, name: str, spot: Spot, required: bool) -> Field:
        annotation = "Any" if spot.key in self._inheritance.open_members else self._annotator.type_at(spot)
        default = None
        if not required:
            default = self._default(spot, annotation)
            if default is None:
                default = "None"
                if annotation != "Any" and "None" not in annotation.split(" | "):
                    annotation = f"{annotation} | None"
        alias = member if member != name else None
        return Field(name, annotation, alias, default, self._member_description(spot))

    def _member_description(self, spot: Spot) -> str:
        """Its own words, or those of what it refers to, unless that is a class with a docstring."""
        if self._schemas.kind(spot.document) is not Kind.ALIAS:
            return _description(spot.document)
        said = (_description(part.document) for part in parts(self._schemas, spot))
        return next(filter(None, said), "")

    def _default(self, spot: Spot, annotation: str) -> str | None:
        document = spot.document
        value = document.get("default") if isinstance(document, Mapping) else None
        return default_text(self._schemas, spot, value, annotation)

    def _extra(self, spot: Spot, base: SchemaId | None) -> str:
        found = list(parts(self._schemas, spot))
        if any(_BRANCHES & set(part.document) for part in found):
            return "allow"
        if any("discriminator" in part.document for part in found):
            return "allow"
        additional = [
            p.document["additionalProperties"] for p in found if "additionalProperties" in p.document
        ]
        unevaluated = [
            p.document["unevaluatedProperties"] for p in found if "unevaluatedProperties" in p.document
        ]
        # What additionalProperties has looked at is evaluated (JSON Schema 2020-12, section 11.3).
        said = additional or unevaluated
        if not said:
            return "ignore"
        return "forbid" if False in said and base is None else "allow"


def default_text(schemas: Schemas, spot: Spot, value: Any, annotation: str) -> str | None:
    """A default as an expression of the annotated type; None where there is none that cannot be changed."""
    if schemas.kind(spot.document) is Kind.ENUM and isinstance(value, str):
        named = _constants(schemas, spot)
        return f"{annotation.removesuffix(' | None')}.{named[value]}" if value in named else None
    if annotation == "float" and isinstance(value, int | float) and not isinstance(value, bool):
        return repr(float(value))
    return repr(value) if type(value) is _DEFAULTS.get(annotation) else None


def _constants(schemas: Schemas, spot: Spot) -> dict[str, str]:
    """The members of an enumeration, by their texts; raises `IllegalName`."""
    found = next(part.document["enum"] for part in parts(schemas, spot) if "enum" in part.document)
    texts = dict.fromkeys(value for value in found if isinstance(value, str))
    return {text: str(constant) for text, constant in ConstantName.distinct(texts, _KEPT_BY_ENUMS).items()}


def _ordered(shapes: Mapping[str, Shape]) -> list[Shape]:
    """Bases before what derives from them, always; what members are made of before, where that can be."""
    placed: dict[str, Shape] = {}
    under_way: set[str] = set()

    def bases(name: str) -> Iterator[str]:
        while name in shapes:
            yield name
            shape = shapes[name]
            name = shape.base if isinstance(shape, ClassShape) else ""

    def place(name: str) -> None:
        if name in placed:
            return
        under_way.add(name)
        for needed in _needed(shapes[name]):
            if needed in shapes and under_way.isdisjoint(bases(needed)):
                place(needed)
        under_way.discard(name)
        placed[name] = shapes[name]

    for name in shapes:
        place(name)
    # An alias is evaluated where it stands; in the classes it is but the text of an annotation.
    return sorted(placed.values(), key=lambda shape: isinstance(shape, AliasShape))


def _needed(shape: Shape) -> Iterator[str]:
    if isinstance(shape, AliasShape):
        yield from _NAMES.findall(shape.annotation)
    if isinstance(shape, ClassShape):
        yield shape.base
        for field in shape.fields:
            yield from _NAMES.findall(field.annotation)


def _description(document: Any) -> str:
    said = document.get("description") if isinstance(document, Mapping) else None
    return said if isinstance(said, str) and paragraphs_of(said) else ""
