"""What all templates say about schemas, as expressions of Python."""

from collections.abc import Callable, Mapping
from typing import Any

from accord.codegen.annotations import Annotator
from accord.codegen.definitions import definition
from accord.codegen.layout import Module
from accord.codegen.prose import docstring
from accord.model.schemas import SchemaId

__all__ = ["filters", "literal"]


def filters(annotator: Annotator, sight: Module) -> dict[str, Callable[..., Any]]:
    """The filters of one service's templates; ``sight`` is the module from which most schemas can be seen."""

    def boundary(id_: SchemaId) -> str:
        """The constant that holds the schema's boundary, after the name of its module."""
        found = sight.places[id_]
        return f"{found.short}.{found.constant}"

    return {
        "annotation": annotator.of,
        "boundary": boundary,
        "definition": lambda document: definition(document, sight.places),
        "docstring": docstring,
        "key": lambda id_: sight.places[id_].key,
        "literal": literal,
    }


def literal(value: Any) -> str:
    """JSON types as a literal of Python."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return repr(str(value) if isinstance(value, str) else value)
