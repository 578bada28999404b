"""Defaults: whether a schema admits the value that stands in for an absent one."""

from typing import Any

from accord.model.kinds import Schemas
from accord.model.schemas import SchemaId, reference, subschemas

__all__ = ["is_admitted"]


def is_admitted(schemas: Schemas, document: Any, value: Any) -> bool:
    """Hold ``value`` against the document and all that it refers to, formats included."""
    import jsonschema_rs

    names: dict[SchemaId, str] = {}

    def local(part: Any) -> Any:
        if not isinstance(part, dict):
            return part
        copy = subschemas(part, lambda _, child: local(child))
        target = reference(part)
        if target is not None:
            copy["$ref"] = f"#/$defs/{names.setdefault(target, str(len(names)))}"
        return copy

    schema = local(document)
    found: dict[str, Any] = {}
    while len(found) < len(names):
        for id_, name in list(names.items()):
            if name not in found:
                found[name] = local(schemas.by_id[id_].document)
    validator = jsonschema_rs.Draft202012Validator({**schema, "$defs": found}, validate_formats=True)
    return validator.is_valid(value)
