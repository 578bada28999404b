"""DEFINITIONS: schemas as Python literals, for validators."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from accord.codegen.layout import Module, Place
from accord.model.schemas import ANNOTATIONS, SchemaId, reference, references, subschemas

__all__ = ["bundle", "definition", "definitions"]


def definition(document: Any, places: Mapping[SchemaId, Place]) -> Any:
    """The schema with its references pointed into ``#/$defs`` and without what only people read.

    ``default`` stays, since absent parameters take it.
    """

    def bare(_: object, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        copy = subschemas(value, bare)
        target = reference(value)
        if target is not None:
            copy["$ref"] = f"#/$defs/{quote(places[target].key)}"
        return {
            keyword: item
            for keyword, item in copy.items()
            if keyword == "default" or keyword not in ANNOTATIONS
        }

    return bare((), document)


def definitions(module: Module) -> dict[str, Any]:
    """The schemas of one module, by the names that its boundaries call them."""
    return {
        module.places[id_].key: definition(schema.document, module.places)
        for id_, schema in module.own.items()
    }


def bundle(start: SchemaId, module: Module, schemas: Mapping[SchemaId, Any]) -> dict[str, Any]:
    """One schema with all that it refers to, for a validator of its own."""
    found: dict[str, Any] = {}
    waiting = [start]
    while waiting:
        id_ = waiting.pop()
        place = module.places[id_]
        if place.key not in found:
            document = schemas[place.representative].document
            found[place.key] = definition(document, module.places)
            waiting += references(document)
    return {"$ref": f"#/$defs/{quote(module.places[start].key)}", "$defs": found}
