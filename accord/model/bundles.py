"""One JSON Schema that stands alone: a schema of the model with all that it refers to."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from accord.model.schemas import Schema, SchemaId, references, subschemas

__all__ = ["bundle"]


def bundle(document: Any, schemas: Mapping[SchemaId, Schema]) -> Any:
    """The document with each reference pointed into its own ``$defs``, for a validator or a judgement."""
    needed: dict[str, Any] = {}
    waiting = references(document)
    while waiting:
        id_ = waiting.pop()
        if id_ not in needed:
            needed[str(id_)] = _linked(schemas[id_].document)
            waiting += references(schemas[id_].document)
    linked = _linked(document)
    return {**linked, "$defs": dict(sorted(needed.items()))} if needed else linked


def _linked(document: Any) -> Any:
    if not isinstance(document, Mapping):
        return document
    copy = subschemas(document, lambda _, child: _linked(child))
    if "$ref" in copy:
        # A JSON Pointer in a URI fragment (RFC 6901, section 6).
        copy["$ref"] = f"#/$defs/{quote(copy['$ref'].replace('~', '~0').replace('/', '~1'), safe='~')}"
    return copy
