"""Formats of schemas and contents: which of them Accord reads, and what to do about the others."""

import re

from accord.parsing.nodes import MappingNode, Node, ScalarNode

__all__ = ["DEFAULT_CONTENT_TYPE", "is_json", "readable", "schema_in"]

DEFAULT_CONTENT_TYPE = "application/json"

_JSON = re.compile(r"application/([a-z0-9.!#$&^_-]+\+)?json\s*(;.*)?", re.IGNORECASE)
_ASYNCAPI = re.compile(r"application/vnd\.(aai|asyncapi)\.asyncapi(\+json|\+yaml)?;version=[23]\.\d+\.\d+.*")
_OPENAPI = re.compile(r"application/vnd\.oai\.openapi(\+json|\+yaml)?;version=3\.0\.\d+.*")
_DRAFT_7 = re.compile(r"application/schema\+(json|yaml);version=draft-0[67]")
_DRAFT_2020 = re.compile(r"application/schema\+(json|yaml);version=(draft-)?2020-12")
_DIALECTS = (
    (_ASYNCAPI, None),
    (_OPENAPI, "https://spec.openapis.org/oas/3.0/dialect"),
    (_DRAFT_7, None),
    (_DRAFT_2020, "https://json-schema.org/draft/2020-12/schema"),
)


def is_json(content_type: str) -> bool:
    """Whether the media type is JSON, or has its syntax (RFC 6839, 3.1)."""
    return _JSON.fullmatch(content_type) is not None


def readable(schema_format: str) -> bool:
    """Whether schemas of this format are read; Avro, RAML and Protocol Buffers are not."""
    return any(pattern.fullmatch(schema_format.replace(" ", "")) for pattern, _ in _DIALECTS)


def schema_in(node: Node, schema_format: str) -> Node:
    """The schema with the dialect that its format names; one that is referred to is of its file's dialect."""
    text = schema_format.replace(" ", "")
    uri = next((uri for pattern, uri in _DIALECTS if pattern.fullmatch(text)), None)
    if uri is None or not isinstance(node, MappingNode) or {"$ref", "$schema"} & node.members.keys():
        return node
    said = ScalarNode(node.file, f"{node.pointer}/$schema", node.location, uri)
    return MappingNode(node.file, node.pointer, node.location, {**node.members, "$schema": said}, node.keys)
