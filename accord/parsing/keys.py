"""Partition keys: text with runtime expressions in braces, as OpenAPI writes the URLs of callbacks."""

import re
from typing import Any

from accord.model.events import KeyExpression
from accord.model.kinds import Schemas, types_of
from accord.model.schemas import Schema

__all__ = ["read_key"]

_PART = re.compile(r"\{(?P<expression>[^{}]*)\}|(?P<text>[^{}]+)")
_TOKEN = re.compile(r"[A-Za-z0-9_.$-]+")
_PAYLOAD = "$message.payload#"


def read_key(text: str, schemas: Schemas, payload: Schema) -> KeyExpression:
    """Read ``text`` and check that each pointer leads to a required text or whole number of the payload.

    Raises ValueError with the rest of a sentence that begins with "the key of …".
    """
    parts: list[str | tuple[str, ...]] = []
    end = 0
    for match in _PART.finditer(text):
        if match.start() != end:
            break
        end = match.end()
        if match["text"]:
            parts.append(match["text"])
        else:
            parts.append(_path(match["expression"], schemas, payload))
    if end != len(text):
        raise ValueError(f"has a brace without its pair in '{text}'; write '{{{_PAYLOAD}/…}}'")
    if not any(isinstance(part, tuple) for part in parts):
        raise ValueError(f"is the same for every event; refer to the payload with '{{{_PAYLOAD}/…}}'")
    return KeyExpression(tuple(parts))


def _path(expression: str, schemas: Schemas, payload: Schema) -> tuple[str, ...]:
    if not expression.startswith(f"{_PAYLOAD}/"):
        raise ValueError(f"has '{{{expression}}}', which Accord cannot compute; write '{{{_PAYLOAD}/…}}'")
    pointer = expression.removeprefix(_PAYLOAD)
    path = tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])
    document: Any = payload.document
    for token in path:
        if not _TOKEN.fullmatch(token):
            raise ValueError(f"points at '{pointer}'; rename '{token}' to letters, digits and '_'")
        member = schemas.members(document).get(token)
        if member is None:
            raise ValueError(
                f"points at '{pointer}', but {payload.id.name} has no '{token}' there; correct it"
            )
        if not member.required:
            raise ValueError(f"points at '{pointer}', but '{token}' may be absent; make it required")
        document = member.document
    types = [kind for part in schemas.parts(document) for kind in types_of(part)]
    if not types or not set(types) <= {"string", "integer"}:
        raise ValueError(f"points at '{pointer}', which is neither a text nor a whole number; point at one")
    return path
