"""Shapes: what is left of a schema once all is gone that Python's types cannot say.

Boundaries hold every value against the whole schema before a model sees it, so a model that checks less loses
nothing, while one that checks more (a regular expression read in another dialect, a bound on a null) would
refuse what the contract admits. A shape is itself JSON Schema, in the dialect of datamodel-code-generator.
"""

from collections.abc import Mapping
from typing import Any

from accord.codegen.layout import Module
from accord.codegen.models import local_base, paragraphs_of
from accord.findings import BrokenSpec
from accord.model.kinds import Kind, Member, Schemas, types_of
from accord.model.names import ClassName
from accord.model.schemas import Document, Schema, SchemaId, reference

__all__ = ["Shaper", "base_of", "widened"]

Shape = dict[str, Any]
Widened = frozenset[tuple[SchemaId, str]]

_SCALARS = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}
_MORE_MEMBERS = frozenset({"patternProperties", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas"})
"""With one of these an object may have members that its ``properties`` do not show; they are kept."""
_JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def base_of(schemas: Schemas, document: Document) -> SchemaId | None:
    """The one class that an ``allOf`` extends, if its other parts only add members."""
    references = [reference(part) for part in document.get("allOf", ()) if isinstance(part, Mapping)]
    found = [target for target in references if target is not None]
    nested = any("allOf" in part for part in document.get("allOf", ()) if isinstance(part, Mapping))
    if len(found) != 1 or nested:
        return None
    target = schemas.final(found[0])
    return target if schemas.kind(schemas.by_id[target].document) is Kind.CLASS else None


def widened(schemas: Schemas) -> Widened:
    """Members of base classes that a derived class declares with another type; a base can only say Any."""
    found: set[tuple[SchemaId, str]] = set()
    for schema in schemas.by_id.values():
        base = base_of(schemas, schema.document)
        own = _own_members(schemas, schema.document) if base else {}
        while base is not None:
            document = schemas.by_id[base].document
            for name, member in _own_members(schemas, document).items():
                if name in own and not _narrows(own[name].document, member.document):
                    found.add((base, name))
            base = base_of(schemas, document)
    return frozenset(found)


def _own_members(schemas: Schemas, document: Document) -> dict[str, Member]:
    """What the document declares beside its base class."""
    if base_of(schemas, document) is None:
        return schemas.members(document)
    every = schemas.members(document)
    inline = [document, *(part for part in document["allOf"] if reference(part) is None)]
    names = {name for part in inline for name in part.get("properties", {})}
    inherited = {
        name: member
        for part in document["allOf"]
        if reference(part) is not None
        for name, member in schemas.members(part).items()
    }
    tightened = {name for name, member in inherited.items() if every[name].required and not member.required}
    return {name: member for name, member in every.items() if name in names | tightened}


def _narrows(own: Any, inherited: Any) -> bool:
    if own == inherited:
        return True
    text = types_of(inherited) == ("string",) and not {"format", "enum"} & set(inherited)
    return text and isinstance(own, Mapping) and isinstance(own.get("const"), str)


class Shaper:
    """Makes the shapes of one module; a class without a name of its own is named by where it stands."""

    def __init__(self, schemas: Schemas, module: Module, widened: Widened) -> None:
        self._schemas = schemas
        self._module = module
        self._widened = widened
        self._shapes: dict[str, Shape] = {}
        self._owner: Schema | None = None

    def shapes(self) -> dict[str, Shape]:
        """One shape for each class of the module, by its name."""
        for id_, schema in self._module.own.items():
            kind = self._schemas.kind(schema.document)
            if kind is not Kind.ALIAS and self._schemas.final(id_) == id_:
                self._owner = schema
                self._define(schema.class_name, schema.document, kind, id_)
        return self._shapes

    def _define(self, name: str, document: Document, kind: Kind, id_: SchemaId | None = None) -> None:
        if name in self._shapes or (
            id_ is None and name in {s.class_name for s in self._module.own.values()}
        ):
            assert self._owner is not None  # noqa: S101 - set before
            sentence = (
                f"an unnamed schema of {self._owner.id.name} would be {name}, as another is; give it a name"
            )
            raise BrokenSpec.at(self._owner.location, "name-clash", f"{sentence} under components/schemas")
        self._shapes[name] = {}
        self._shapes[name] = self._enum(document) if kind is Kind.ENUM else self._class(name, document, id_)

    def _enum(self, document: Document) -> Shape:
        enum = next(part for part in self._schemas.parts(document) if "enum" in part)
        values = [value for value in enum["enum"] if value is not None]
        return {"type": "string", "enum": values, **_description(document)}

    def _class(self, name: str, document: Document, id_: SchemaId | None) -> Shape:
        base = base_of(self._schemas, document)
        members = _own_members(self._schemas, document)
        properties: dict[str, Shape] = {}
        for member_name, member in members.items():
            shape = self._shape(member.document, f"{name}{ClassName.of(f'x {member_name}')[1:]}")
            if id_ is not None and (id_, member_name) in self._widened:
                shape = _description(member.document)
            properties[member_name] = shape
            default = member.document.get("default") if isinstance(member.document, Mapping) else None
            kinds = _SCALARS.get(str(shape.get("type")), ())
            if (
                default is not None
                and not member.required
                and "format" not in shape
                and type(default) in kinds
            ):
                shape["default"] = default
        shape = {
            "type": "object",
            "properties": properties,
            "required": [member_name for member_name, member in members.items() if member.required],
            **_description(document),
        }
        parts = [document, *document.get("allOf", ())] if base else list(self._schemas.parts(document))
        extras = [part["additionalProperties"] for part in parts if "additionalProperties" in part]
        if any(_MORE_MEMBERS & set(part) for part in parts):
            shape["additionalProperties"] = True
        elif extras:
            shape["additionalProperties"] = all(extra is not False for extra in extras)
        if base is not None:
            name = self._schemas.by_id[base].class_name
            elsewhere = self._module.others.get(base)
            shape["customBasePath"] = f"{elsewhere}.{name}" if elsewhere else local_base(name)
        return shape

    def _shape(self, document: Any, hint: str) -> Shape:
        if not isinstance(document, Mapping):
            return {}
        return {**self._bare(document, hint), **_description(document)}

    def _bare(self, document: Document, hint: str) -> Shape:
        target = reference(document)
        kind = self._schemas.kind(document)
        if kind is not Kind.ALIAS:
            if target is None:
                self._define(hint, document, kind)
                shape: Shape = {"$ref": f"#/$defs/{hint}"}
            else:
                shape = self._named(self._schemas.final(target))
            return {"anyOf": [shape, {"type": "null"}]} if self._schemas.admits_null(document) else shape
        if target is not None:
            return self._shape(self._schemas.by_id[target].document, hint)
        if "const" in document:
            return _const(document["const"])
        if "enum" in document:
            return _union([{"type": _JSON_TYPES.get(type(value), "any")} for value in document["enum"]])
        for keyword in ("anyOf", "oneOf"):
            if keyword in document:
                parts = document[keyword]
                return _union([self._shape(part, f"{hint}Option{i}") for i, part in enumerate(parts, 1)])
        if types := types_of(document):
            return _union([self._typed(name, document, hint) for name in types])
        shapes = (self._shape(part, f"{hint}Part{i}") for i, part in enumerate(document.get("allOf", ()), 1))
        return next((shape for shape in shapes if set(shape) - {"description"}), {})

    def _named(self, target: SchemaId) -> Shape:
        name = self._schemas.by_id[target].class_name
        elsewhere = self._module.others.get(target)
        return {"$ref": f"#/$defs/{name}"} if elsewhere is None else {"customTypePath": f"{elsewhere}.{name}"}

    def _typed(self, name: str, document: Document, hint: str) -> Shape:
        if name == "array":
            items = {} if "prefixItems" in document else self._shape(document.get("items"), f"{hint}Item")
            return {"type": "array", "items": items}
        if name == "object":
            values = document.get("additionalProperties") if "patternProperties" not in document else None
            return {"type": "object", "additionalProperties": self._shape(values, f"{hint}Value") or True}
        if name == "string" and document.get("format") in ("date-time", "uuid"):
            return {"type": "string", "format": document["format"]}
        return {"type": name}


def _const(value: Any) -> Shape:
    if isinstance(value, str | bool):
        return {"const": value, "type": _JSON_TYPES[type(value)]}
    return {"type": _JSON_TYPES[type(value)]} if type(value) in _JSON_TYPES else {}


def _union(shapes: list[Shape]) -> Shape:
    distinct = [shape for index, shape in enumerate(shapes) if shape not in shapes[:index]]
    if any(not set(shape) - {"description"} or shape.get("type") == "any" for shape in distinct):
        return {}
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


def _description(document: Any) -> Shape:
    said = document.get("description") if isinstance(document, Mapping) else None
    return {"description": said} if isinstance(said, str) and paragraphs_of(said) else {}
