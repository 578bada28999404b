"""What the templates of operations and of the client say, as expressions of Python."""

from collections.abc import Callable, Iterable
from typing import Any

from accord.codegen.filters import literal
from accord.model.http import Operation, Parameter
from accord.model.schemas import SchemaId

__all__ = ["operation_filters"]

_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def operation_filters(annotation: Callable[[SchemaId], str]) -> dict[str, Callable[..., Any]]:
    """The filters of operations.py and client.py; ``annotation`` gives the type of a schema."""
    return {
        "arguments": lambda operation: _arguments(operation, annotation),
        "documentation": _documentation,
        "passed": _passed,
        "placed": _placed,
        "result": lambda operation: _result(operation, annotation),
        "routed": _routed,
        "url": _url,
        "values": _values,
    }


def _passed(operation: Operation) -> list[Parameter]:
    """The parameters that are arguments: those of the path, the required ones, the optional ones."""
    passed = [parameter for parameter in operation.parameters if not parameter.ambient]
    return sorted(passed, key=lambda p: (p.place.value != "path", not p.required))


def _placed(operation: Operation, place: str) -> list[Parameter]:
    return [parameter for parameter in _passed(operation) if parameter.place.value == place]


def _arguments(operation: Operation, body_class: Callable[[SchemaId], str]) -> str:
    parameters = _passed(operation)
    in_path = [f"{p.argument}: {_TYPES[p.type]}" for p in parameters if p.place.value == "path"]
    body = [f"body: {body_class(operation.body.schema)}"] if operation.body else []
    required = [
        f"{p.argument}: {_TYPES[p.type]}" for p in parameters if p.place.value != "path" and p.required
    ]
    optional = [_optional(p) for p in parameters if not p.required]
    return ", ".join(["self", *in_path, *body, *required, *optional])


def _optional(parameter: Parameter) -> str:
    annotation = _TYPES[parameter.type]
    if parameter.default is None:
        return f"{parameter.argument}: {annotation} | None = None"
    return f"{parameter.argument}: {annotation} = {parameter.default!r}"


def _result(operation: Operation, body_class: Callable[[SchemaId], str]) -> str:
    if operation.success.headers:
        return f"schemas.{operation.class_name}Response"
    return body_class(operation.success.body.schema) if operation.success.body else "None"


def _values(operation: Operation) -> str:
    """The arguments of the call, out of what the router has read."""
    parameters = _passed(operation)
    in_path = [f"values[{literal(p.name)}]" for p in parameters if p.place.value == "path"]
    body = ["body"] if operation.body else []
    others = [
        f"{p.argument}=values[{literal(p.name)}]"
        if p.required or p.default is not None
        else f"{p.argument}=values.get({literal(p.name)})"
        for p in parameters
        if p.place.value != "path"
    ]
    return ", ".join([*in_path, *body, *others])


def _url(operation: Operation) -> str:
    in_path = _placed(operation, "path")
    if not in_path:
        return literal(operation.path)
    text = operation.path
    for parameter in in_path:
        text = text.replace(f"{{{parameter.name}}}", f"{{self.segment({parameter.argument})}}")
    return f'f"{text}"'


def _routed(operations: Iterable[Operation]) -> list[Operation]:
    """Concrete paths first, as OpenAPI 3.1 (Paths Object) matches them; a router goes by order."""
    return sorted(operations, key=lambda operation: [part[:1] == "{" for part in operation.path.split("/")])


def _documentation(operation: Operation) -> str:
    said = [part.strip() for part in (operation.summary, operation.description) if part.strip()]
    return "\n\n".join(said) or f"{operation.http_method.upper()} {operation.path}."
