"""Parameters in the address of a channel, in the words of AsyncAPI 2 or 3."""

import builtins
import re
from collections.abc import Iterable, Mapping
from typing import Any

from accord.model.events import Parameter
from accord.model.names import IllegalName, MemberName
from accord.parsing.expressions import read_location
from accord.parsing.fields import Fields
from accord.parsing.nodes import Node
from accord.parsing.references import Specs
from accord.parsing.schemas import SchemaReader

__all__ = ["names_in", "read_parameters", "unknown_address"]

_BRACES = re.compile(r"\{([^{}]*)\}")
_SIMPLE = ("string", "integer", "number", "boolean")
_TAKEN = frozenset({"correlation_id", "data", "headers", "key", "payload", "self", *dir(builtins)})
"""What the methods of publishers and handlers call their own arguments, and what Python has already."""


def names_in(address: str) -> list[str]:
    """The names in braces, each once, in their order."""
    return list(dict.fromkeys(_BRACES.findall(address)))


def unknown_address() -> Parameter:
    """The whole address of a channel that has none: known at run time only."""
    return Parameter("address", MemberName("address"), {"type": "string"}, "string", None, None)


def read_parameters(
    specs: Specs, schemas: SchemaReader, channel: Fields, address: str, others: Iterable[str] = ()
) -> tuple[Parameter, ...]:
    """The parameters of ``address``, in its order; raises `BrokenSpec` for one that is not described.

    ``others`` are parameters that another address of the channel has.
    """
    described = channel.mapping("parameters")
    names = names_in(address)
    for name in described:
        if name not in (*names, *others):
            place = Fields(specs, channel.required("parameters"), "'parameters'").key(name)
            sentence = f"'{address}' has no parameter '{name}'; write it in braces, or remove it here"
            channel.warn(place, "topic-parameter", sentence)
    try:
        arguments = MemberName.arguments(names, _TAKEN)
    except IllegalName as error:
        raise channel.node.broken("illegal-name", f"{error}; rename the parameter") from None
    found: list[Parameter] = []
    for name in names:
        if name not in described:
            sentence = f"'{address}' has the parameter '{name}', which {channel.what} does not describe"
            place = channel.optional("address") or channel.node
            raise place.broken("topic-parameter", f"{sentence}; add it to 'parameters'")
        found.append(_read(specs, schemas, name, described[name], arguments[name]))
    return tuple(found)


def _read(specs: Specs, schemas: SchemaReader, name: str, node: Node, argument: MemberName) -> Parameter:
    fields = Fields(specs, node, f"the parameter {name}")
    fields.ignore("description", "examples")
    source = read_location(fields) if fields.optional("location") is not None else None
    schema = fields.optional("schema")
    if schema is not None:
        document: Mapping[str, Any] = schemas.document(schema)
        default = document.get("default")
    else:
        document, default = _from_members(fields)
    fields.finish()
    types = [kind for kind in schemas.schemas.types(document) if kind in _SIMPLE]
    return Parameter(
        name,
        argument,
        document,
        "string" if "string" in types or not types else types[0],
        default,
        source,
    )


def _from_members(fields: Fields) -> tuple[Mapping[str, Any], Any]:
    """AsyncAPI 3: a text, of a closed list if there is an ``enum``."""
    values = [str(item.plain) for item in fields.items("enum")]
    default = fields.text("default") if fields.optional("default") is not None else None
    return {"type": "string", **({"enum": values} if values else {})}, default
