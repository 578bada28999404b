"""Examples of the specs as doctests of the classes that they are examples of."""

import json
from collections.abc import Mapping
from typing import Any

from accord.codegen.definitions import bundle
from accord.codegen.layout import Module
from accord.codegen.spots import Spot
from accord.model.schemas import Schema, SchemaId

__all__ = ["example_of"]

_LINE = 88
_LONGEST = 1_000
"""Characters; a longer example tells less than the class itself."""


def example_of(
    name: str, document: Any, spot: Spot, module: Module, schemas: Mapping[SchemaId, Schema]
) -> str:
    """A doctest of the first example that the schema admits; empty if there is none."""
    if spot.path or spot.document is not schemas[spot.owner].document:
        return ""
    for example in _examples(document):
        text = _code(example, 1)
        if (
            isinstance(example, Mapping)
            and len(text) < _LONGEST
            and _valid(example, spot.owner, module, schemas)
        ):
            lines = f"{name}.model_validate(\n    {text}\n)".splitlines()
            if len(text) < _LINE and "\n" not in text:
                lines = [f"{name}.model_validate({text})"]
            shown = "\n".join(f"{'...' if index else '>>>'} {line}" for index, line in enumerate(lines))
            return f"{shown}  # doctest: +ELLIPSIS\n{name}(...)"
    return ""


def _code(value: Any, depth: int) -> str:
    """A literal of Python, broken into lines where it is long."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=not value.isprintable())
    if not isinstance(value, Mapping | list) or not value:
        return repr(value)
    margin = "    " * (depth + 1)
    if isinstance(value, Mapping):
        items = [f"{_code(str(key), depth)}: {_code(item, depth + 1)}" for key, item in value.items()]
    else:
        items = [_code(item, depth + 1) for item in value]
    opening, closing = "{}" if isinstance(value, Mapping) else "[]"
    line = f"{opening}{', '.join(items)}{closing}"
    if len(line) + len(margin) <= _LINE and "\n" not in line:
        return line
    broken = "".join(f"{margin}{item},\n" for item in items)
    return f"{opening}\n{broken}{'    ' * depth}{closing}"


def _examples(document: Mapping[str, Any]) -> list[Any]:
    several = document.get("examples", [])
    return [
        *(several if isinstance(several, list) else []),
        *([document["example"]] if "example" in document else []),
    ]


def _valid(example: Any, id_: SchemaId, module: Module, schemas: Mapping[SchemaId, Schema]) -> bool:
    import jsonschema_rs

    validator = jsonschema_rs.Draft202012Validator(bundle(id_, module, schemas), validate_formats=True)
    return validator.is_valid(example)
