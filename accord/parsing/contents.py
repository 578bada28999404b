"""OpenAPI: the media types of a body or a response."""

import json
import re
from dataclasses import replace

from accord.model.http import Content, ContentKind, Style
from accord.model.kinds import Schemas, is_binary
from accord.model.schemas import ANNOTATIONS, SchemaId
from accord.parsing.examples import read_examples
from accord.parsing.fields import Fields
from accord.parsing.nodes import MappingNode, Node
from accord.parsing.references import Specs
from accord.parsing.schemas import SchemaReader
from accord.parsing.scopes import Direction

__all__ = ["is_json", "read_contents"]

_JSON = re.compile(r"(application|text)/json|[^/]+/[^/]+\+json")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+*-]+/[A-Za-z0-9!#$&^_.+*-]+")
_SCALARS = {"null", "boolean", "integer", "number", "string"}


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON by its name (RFC 6839, section 3.1)."""
    return _JSON.fullmatch(_name(media_type)) is not None


def read_contents(
    specs: Specs, schemas: SchemaReader, fields: Fields, what: str, direction: Direction
) -> tuple[Content, ...]:
    """Read the member ``content``, JSON first.

    What has a schema but is no JSON, no form and no text cannot be held against it: beside JSON it is left
    out, alone it is handed over as bytes; both are warnings.
    """
    found: dict[str, Content] = {}
    opaque: list[tuple[str, Node]] = []
    named: dict[str, str] = {}
    for media_type, node in fields.mapping("content").items():
        name = _name(media_type)
        if not _MEDIA_TYPE.fullmatch(name):
            sentence = f"'{media_type}' of {what} is no media type; write one such as application/json"
            raise node.broken("bad-media-type", sentence)
        media = Fields(specs, node, f"{media_type} of {what}")
        media.ignore("encoding")
        examples = read_examples(specs, media)
        schema = media.optional("schema")
        media.finish()
        said = None if schema is None else schema.plain
        word = named.setdefault(json.dumps(said), f" {name.partition('/')[2]}" if named else "")
        bare = schema is None or (not is_json(name) and _is_any_text(schema))
        id_ = None if schema is None or bare else schemas.read(schema, f"{what}{word}", direction)
        kind = _kind(name, id_, schemas.schemas, direction)
        if kind is None:
            opaque.append((name, node))
        elif name not in found:
            content = _content(specs, schemas.schemas, media, name, kind, id_)
            found[name] = replace(content, examples=examples)
    has_json = any(content.kind is ContentKind.JSON for content in found.values())
    for name, node in opaque:
        fate = "it is left out beside JSON" if has_json else "it is handed over as bytes"
        sentence = f"{name} of {what} cannot be held against its schema; {fate}, so describe it as JSON"
        specs.warn(node.location, "unsupported", sentence)
        if not has_json:
            kind = ContentKind.TEXT if name.startswith("text/") else ContentKind.BINARY
            found.setdefault(name, Content(name, kind, None))
    return tuple(sorted(found.values(), key=lambda content: content.kind is not ContentKind.JSON))


def _name(media_type: str) -> str:
    """Without parameters such as the charset, which say nothing about the schema."""
    return media_type.partition(";")[0].strip().lower()


def _is_any_text(schema: Node) -> bool:
    """Whether a schema only says that the body is text, or bytes."""
    said = schema.plain if isinstance(schema, MappingNode) else {}
    telling = {keyword: value for keyword, value in said.items() if keyword not in ANNOTATIONS}
    return telling in ({"type": "string"}, {"type": "string", "format": "binary"}, {})


def _kind(name: str, id_: SchemaId | None, schemas: Schemas, direction: Direction) -> ContentKind | None:
    """How to read it; None for what has a schema that only a parser for this media type could use."""
    types = set(_SCALARS) if id_ is None else set(schemas.types(schemas.by_id[id_].document))
    textual = "string" in types and (id_ is None or types <= {"string", "null"} or len(types) > len(_SCALARS))
    if is_json(name):
        return ContentKind.JSON
    if direction is Direction.REQUEST and "object" in types and id_ is not None:
        if name == "application/x-www-form-urlencoded":
            return ContentKind.FORM
        if name == "multipart/form-data":
            return ContentKind.MULTIPART
    if name in ("*/*", "application/*") and not textual:
        return ContentKind.JSON
    if name.startswith("text/") and types <= _SCALARS:
        return ContentKind.TEXT
    return ContentKind.BINARY if textual else None


def _content(
    specs: Specs, schemas: Schemas, media: Fields, name: str, kind: ContentKind, id_: SchemaId | None
) -> Content:
    if kind is ContentKind.BINARY or id_ is None:
        return Content(name, kind, None)
    if kind not in (ContentKind.FORM, ContentKind.MULTIPART):
        return Content(name, kind, id_)
    encodings = {
        member: Fields(specs, node, f"the encoding of {member}")
        for member, node in media.mapping("encoding").items()
    }
    types = {}
    styles: dict[str, tuple[Style, bool]] = {}
    for member, fields in encodings.items():
        fields.ignore("headers", "allowReserved")
        if (said := fields.text("contentType", "")) and "*" not in said:
            types[member] = said.partition(",")[0].strip()
        if "style" in fields.node.members or "explode" in fields.node.members:
            style = _style(fields)
            styles[member] = style, fields.boolean("explode", default=style is Style.FORM)
        fields.finish()
    if kind is ContentKind.FORM:
        return Content(name, kind, id_, styles=styles)
    members = schemas.members(schemas.by_id[id_].document)
    files = tuple(m for m, member in members.items() if _is_file(schemas, member.document, types.get(m, "")))
    return Content(name, kind, id_, files, types)


def _style(fields: Fields) -> Style:
    said = fields.text("style", "form")
    if said not in (Style.FORM, Style.SPACE_DELIMITED, Style.PIPE_DELIMITED, Style.DEEP_OBJECT):
        sentence = f"'{said}' is no style of a form; write form, spaceDelimited, pipeDelimited or deepObject"
        raise fields.required("style").broken("bad-style", sentence)
    return Style(said)


def _is_file(schemas: Schemas, document: object, said: str) -> bool:
    """Whether a member of a multipart body is bytes, as it is without a schema and without an encoding."""
    for part in schemas.parts(document):
        if is_binary(part) or (
            set(part) <= ANNOTATIONS and not said.startswith("text/") and not is_json(said)
        ):
            return True
        if "items" in part:
            return _is_file(schemas, part["items"], said)
    return False
