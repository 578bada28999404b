"""What the templates say about the model, as expressions of Python."""

import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from accord.codegen.definitions import definition
from accord.codegen.layout import Module
from accord.codegen.models import paragraphs_of
from accord.model.events import KeyExpression
from accord.model.http import Operation, Parameter
from accord.model.kinds import Schemas
from accord.model.names import ConstantName
from accord.model.schemas import SchemaId

__all__ = ["docstring", "filters"]

_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_WIDTH = 110


def filters(schemas: Schemas, events: Module) -> dict[str, Callable[..., Any]]:
    """The filters of one service's templates; ``events`` knows where each of its classes lives."""

    def class_name(id_: SchemaId) -> str:
        return schemas.by_id[id_].class_name

    def located(id_: SchemaId, here: str) -> str:
        """The class as another module of the service names it; ``here`` is the module of events."""
        module = events.others.get(id_, events.name).rpartition(".")[2]
        return f"{module if module != events.name else here}.{class_name(id_)}"

    def body_class(id_: SchemaId) -> str:
        return located(id_, "events")

    return {
        "arguments": lambda operation: _arguments(operation, body_class),
        "class_name": class_name,
        "constant": lambda id_: ConstantName.of(class_name(id_)),
        "definition": definition,
        "docstring": docstring,
        "documentation": _documentation,
        "key": _key,
        "literal": _literal,
        "located": located,
        "passed": _passed,
        "placed": _placed,
        "routed": _routed,
        "result": lambda operation: _result(operation, body_class),
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
    in_path = [f"values[{_literal(p.name)}]" for p in parameters if p.place.value == "path"]
    body = ["body"] if operation.body else []
    others = [
        f"{p.argument}=values[{_literal(p.name)}]"
        if p.required or p.default is not None
        else f"{p.argument}=values.get({_literal(p.name)})"
        for p in parameters
        if p.place.value != "path"
    ]
    return ", ".join([*in_path, *body, *others])


def _url(operation: Operation) -> str:
    in_path = _placed(operation, "path")
    if not in_path:
        return _literal(operation.path)
    text = operation.path
    for parameter in in_path:
        text = text.replace(f"{{{parameter.name}}}", f"{{self.segment({parameter.argument})}}")
    return f'f"{text}"'


def _key(key: KeyExpression) -> str:
    text = ""
    for part in key.parts:
        if isinstance(part, str):
            # With a double quote in it, repr takes single quotes around, and escapes those inside.
            text += repr(f'{part}"')[1:-2].replace("{", "{{").replace("}", "}}")
        else:
            text += "{envelope" + "".join(f'["{token}"]' for token in part) + "}"
    return f"f'{text}'"


def _routed(operations: Iterable[Operation]) -> list[Operation]:
    """Concrete paths first, as OpenAPI 3.1 (Paths Object) matches them; a router goes by order."""
    return sorted(operations, key=lambda operation: [part[:1] == "{" for part in operation.path.split("/")])


def _documentation(operation: Operation) -> str:
    said = [part.strip() for part in (operation.summary, operation.description) if part.strip()]
    return "\n\n".join(said) or f"{operation.http_method.upper()} {operation.path}."


def docstring(text: str, indent: int) -> str:
    """A docstring of one sentence or more, quoted, wrapped, and indented but for its first line."""
    escaped = "\n\n".join(paragraphs_of(text)).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    paragraphs = escaped.split("\n\n")
    paragraphs[0] += "" if paragraphs[0][-1:] in (".", "!", "?", ":") else "."
    width = _WIDTH - indent
    if len(paragraphs) == 1 and len(paragraphs[0]) + 6 <= width:
        return f'"""{paragraphs[0]}"""'
    filled = "\n\n".join(textwrap.fill(part, width - 3, break_long_words=False) for part in paragraphs)
    return textwrap.indent(f'"""{filled}\n"""', " " * indent).lstrip()


def _literal(value: Any) -> str:
    """JSON types as a literal of Python."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return repr(value)
