"""DEFINITIONS: schemas as Python literals, for validators."""

from collections.abc import Mapping
from typing import Any

from accord.model.schemas import ANNOTATIONS, Document, reference, subschemas

__all__ = ["definition"]


def definition(document: Document) -> dict[str, Any]:
    """The schema with its references pointed into ``#/$defs`` and without what only people read.

    ``default`` stays, since absent parameters take it.
    """

    def bare(_: object, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        copy = subschemas(value, bare)
        target = reference(value)
        if target is not None:
            copy["$ref"] = f"#/$defs/{target.name}"
        return {
            keyword: item
            for keyword, item in copy.items()
            if keyword == "default" or keyword not in ANNOTATIONS
        }

    made: dict[str, Any] = bare((), document)
    return made
