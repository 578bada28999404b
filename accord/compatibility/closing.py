"""The tolerant writer's schema: it writes only the members that its schema declares.

An object is closed where a value begins, not where a schema does, by ``unevaluatedProperties: false`` (JSON
Schema 2020-12 Core, 11.3): members count as declared through ``allOf``, ``anyOf``, ``oneOf``, ``if`` and
``$ref`` alike. Nothing is closed below ``not``, ``if`` and ``contains``, where that would admit more instead
of less. A bare ``additionalProperties: true`` declares no member; a schema there does. So what is closed
admits a subset.
"""

from typing import Any, Final

from accord.compatibility.documents import Definitions, Schema, beside, key_of, refer

__all__ = ["close"]

_MARK: Final = "closed:"
_ANY: Final[dict[str, Any]] = {}
_BEGINNING: Final = frozenset({"additionalProperties", "items", "unevaluatedItems", "unevaluatedProperties"})


def close(root: Schema, definitions: Definitions) -> tuple[Schema, Definitions]:
    """Return the schema with its objects closed; the definitions stay beside their closed twins."""
    closing = _Closing(definitions)
    closed = closing.value(root)
    twins: dict[str, Schema] = {}
    while closing.waiting:
        key = closing.waiting.pop()
        if _MARK + key not in twins:
            twins[_MARK + key] = {}
            twins[_MARK + key] = closing.in_place(definitions.by_key[key])
    return closed, Definitions({**definitions.by_key, **twins})


class _Closing:
    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self.waiting: list[str] = []

    def value(self, node: Schema) -> Schema:
        """Close a schema at which a value begins."""
        closed = self.in_place(node)
        if closed is False or not self.declares(node):
            return closed
        if closed.keys() & {"additionalProperties", "unevaluatedProperties"}:
            return closed
        alone = "$ref" not in closed and not any(beside(closed, evaluating=True))
        declared, required = set[str](), set[str]()
        self.gather(node, declared, required)
        if more := dict.fromkeys(sorted(required - declared), _ANY):
            closed = {**closed, "properties": {**closed.get("properties", {}), **more}}
        return {**closed, "additionalProperties" if alone else "unevaluatedProperties": False}

    def gather(self, node: Schema, declared: set[str], required: set[str]) -> None:
        """Names that a schema speaks of; a member that has to be there may be written, described or not."""
        if node is False:
            return
        declared.update(node.get("properties", ()))
        required.update(node.get("required", ()))
        parts = [self.definitions.target(node["$ref"])] if "$ref" in node else []
        for part in (*parts, *beside(node, evaluating=True)):
            self.gather(part, declared, required)

    def in_place(self, node: Schema) -> Schema:
        """Close what lies below a schema, and leave its own object to the place where the value begins."""
        if node is False:
            return False
        closed: dict[str, Any] = {}
        for keyword, value in node.items():
            if keyword == "$ref":
                self.waiting.append(key_of(value))
                closed[keyword] = refer(_MARK + key_of(value))
            elif keyword in {"allOf", "anyOf"}:
                closed[keyword] = [self.in_place(item) for item in value]
            elif keyword in {"then", "else"}:
                closed[keyword] = self.in_place(value)
            elif keyword == "dependentSchemas":
                closed[keyword] = {name: self.in_place(item) for name, item in value.items()}
            elif keyword in {"additionalProperties", "unevaluatedProperties"} and value == {}:
                continue
            elif keyword in _BEGINNING:
                closed[keyword] = self.value(value)
            elif keyword == "prefixItems":
                closed[keyword] = [self.value(item) for item in value]
            elif keyword in {"properties", "patternProperties"}:
                closed[keyword] = {name: self.value(item) for name, item in value.items()}
            else:
                closed[keyword] = value
        if "oneOf" in node:
            # A closed branch no longer excludes what its open self excludes, so the open ones stay.
            branches = [self.in_place(item) for item in node["oneOf"]]
            if branches != node["oneOf"]:
                closed["allOf"] = [*closed.get("allOf", ()), {"anyOf": branches}]
        return closed

    def declares(self, node: Schema) -> bool:
        """Whether the schema, or one that judges the same value, names members."""
        if node is False:
            return False
        if "properties" in node or "patternProperties" in node:
            return True
        if "$ref" in node and self.declares(self.definitions.target(node["$ref"])):
            return True
        return any(self.declares(part) for part in beside(node, evaluating=True))
