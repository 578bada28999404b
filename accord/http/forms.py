"""Forms: objects written as application/x-www-form-urlencoded or multipart/form-data."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

import orjson

from accord.boundary import Boundary, ContractViolation, Violation, load_json
from accord.http.content import Content, UnreadableCharset
from accord.http.media_types import MediaType
from accord.http.multipart import File, Part, join_parts, split_parts
from accord.http.parameter import Parameter
from accord.http.parameters import Parameters
from accord.http.raw import decode_form, encode, split_query
from accord.http.shapes import Shape, to_parts
from accord.http.styles import Malformed, StyleName

__all__ = ["File", "Form", "Multipart"]

_TEXTS: Final = {"type": "array", "items": {"type": "string"}}
_UTF8: Final = ("", "utf-8", "utf8", "us-ascii")


class Form(Content):
    """An object as pairs of names and values; members, and items of lists, that are objects are JSON.

    A style that is given for a member writes it out instead.

    ``styles`` are the style and explode of members that the spec's ``encoding`` names.
    """

    def __init__(
        self,
        media_type: str,
        boundary: Boundary[Any],
        styles: Mapping[str, tuple[StyleName, bool]] | None = None,
    ) -> None:
        super().__init__(media_type)
        self._boundary = boundary
        self._styles = styles or {}

    def read(self, body: bytes, given: MediaType) -> Any:
        if given.charset not in _UTF8:
            raise UnreadableCharset(given.charset)
        text = body.decode("latin-1")
        values = self._members.decode_pairs(text)
        for name in self._json_lists & values.keys():
            values[name] = [load_json(item.encode(), name) for item in values[name]]
        for name, value in split_query(text):
            if self._is_free(name):
                values.setdefault(name, []).append(decode_form(value))
        shape = _shape(self._boundary)
        for name in filter(self._is_free, list(values)):
            given_texts = values[name]
            values[name] = (shape.others or Shape({}, {})).value(
                given_texts[0] if len(given_texts) == 1 else given_texts
            )
        return self._boundary.parse(values)

    def write(self, value: Any, media_type: str | None = None, *, check: bool = True) -> tuple[bytes, str]:
        plain = _plain(self._boundary, value)
        self._boundary.check(plain)
        free = {name: to_parts(item) for name, item in plain.items() if self._is_free(name)}
        pairs = [
            f"{encode(name)}={encode(text)}"
            for name, texts in free.items()
            for text in (texts if isinstance(texts, list) else [str(texts)])
        ]
        declared = {name: item for name, item in plain.items() if name not in free}
        for name in self._json_lists & declared.keys():
            declared[name] = [orjson.dumps(item).decode() for item in declared[name]]
        text = "&".join(filter(None, [self._members.encode_pairs(declared), *pairs]))
        return text.encode(), self.media_type

    def _is_free(self, name: str) -> bool:
        """Whether the member is none that the schema declares, nor part of an object that is written out."""
        members = _shape(self._boundary).members
        if name in members:
            return False
        for owner, (style, explode) in self._styles.items():
            shape = members.get(owner)
            if shape is None or shape.layout != "object" or not explode:
                continue
            if (
                name.startswith(f"{owner}[")
                if style == "deepObject"
                else shape.others or name in shape.members
            ):
                return False
        return True

    @cached_property
    def _members(self) -> Parameters:
        """The declared members as parameters of a query."""
        shape = _shape(self._boundary)
        parameters = []
        for name, member in shape.members.items():
            style, explode = self._styles.get(name, ("form", True))
            as_json = member.layout == "object" and name not in self._styles
            schema = _TEXTS if name in self._json_lists else member.schema
            parameters.append(Parameter(name, "query", schema, style=style, explode=explode, json=as_json))
        return Parameters(*parameters, definitions=self._boundary.definitions)

    @cached_property
    def _json_lists(self) -> frozenset[str]:
        """Lists of what is no single value: each item is JSON (OpenAPI 3.1.1, Encoding Object)."""
        members = _shape(self._boundary).members
        lists = {name for name, member in members.items() if member.layout == "array"}
        return frozenset(n for n in lists - self._styles.keys() if members[n].items.layout != "scalar")


class Multipart(Content):
    """An object as parts; ``files`` are the members whose values are bytes, or lists of bytes.

    Other members are text where they are single values and JSON where they are objects; a list is a part for
    each item. ``types`` are the media types that the spec's ``encoding`` names.
    """

    def __init__(
        self,
        media_type: str,
        boundary: Boundary[Any],
        files: tuple[str, ...] = (),
        types: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(media_type)
        self._boundary = boundary
        self._files = frozenset(files)
        self._types = types or {}

    def read(self, body: bytes, given: MediaType) -> Any:
        values: dict[str, Any] = {}
        shape = _shape(self._boundary)
        try:
            parts = split_parts(body, given.boundary)
        except Malformed as error:
            raise _broken("#", str(error)) from None
        for part in parts:
            member = shape.members.get(part.name, shape.others or Shape({}, {}))
            is_list = member.layout == "array"
            value = self._value(part, member.items if is_list else member)
            if is_list and isinstance(value, list):
                values[part.name] = value
            elif is_list:
                values.setdefault(part.name, []).append(value)
            elif part.name in values:
                raise _broken(f"#/{part.name}", "is given twice; give it once")
            else:
                values[part.name] = value
        self._boundary.check({name: _placeholder(value) for name, value in values.items()})
        return self._boundary.build(values)

    def write(self, value: Any, media_type: str | None = None, *, check: bool = True) -> tuple[bytes, str]:
        plain = self._members(value)
        self._boundary.check({name: _placeholder(item) for name, item in plain.items()})
        parts = []
        for name, item in plain.items():
            for single in item if isinstance(item, list) else [item]:
                try:
                    parts.append(self._part(name, single))
                except Malformed as error:
                    raise _broken(f"#/{name}", str(error)) from None
        content, boundary = join_parts(parts)
        return content, f"{self.media_type}; boundary={boundary}"

    def _members(self, value: Any) -> dict[str, Any]:
        """The members that were set: files as they are, the rest as JSON types."""
        if isinstance(value, Mapping):
            return dict(value)
        named = {field: info.alias or field for field, info in type(value).model_fields.items()}
        files = {field for field in value.model_fields_set if named.get(field) in self._files}
        others = self._boundary.adapter.dump_python(
            value, mode="json", by_alias=True, exclude_unset=True, exclude=files
        )
        return {**{named[field]: getattr(value, field) for field in sorted(files)}, **others}

    def _value(self, part: Part, shape: Shape) -> Any:
        if part.name in self._files:
            return File(part.content, part.filename, part.media_type)
        given = MediaType.parse(part.media_type)
        if given.name.endswith(("/json", "+json")) or (not part.media_type and shape.layout == "object"):
            return load_json(part.content, part.name)
        try:
            return shape.value(part.content.decode(given.charset or "utf-8"))
        except (UnicodeError, LookupError):
            raise _broken(f"#/{part.name}", f"is no text in {given.charset or 'utf-8'}") from None

    def _part(self, name: str, value: Any) -> Part:
        media_type = self._types.get(name, "")
        if isinstance(value, bytes):
            given = value.media_type if isinstance(value, File) else ""
            filename = value.filename if isinstance(value, File) else ""
            return Part(name, value, filename or name, given or media_type or "application/octet-stream")
        if isinstance(value, dict) or media_type.endswith("json"):
            return Part(name, orjson.dumps(value), "", media_type or "application/json")
        return Part(name, str(to_parts(value)).encode(), "", media_type)


def _shape(boundary: Boundary[Any]) -> Shape:
    return Shape({"$ref": f"#/$defs/{boundary.name}"}, boundary.definitions)


def _plain(boundary: Boundary[Any], value: Any) -> Any:
    return boundary.adapter.dump_python(value, mode="json", by_alias=True, exclude_unset=True)


def _placeholder(value: Any) -> Any:
    """Bytes as a text of as many characters: the schema's lengths count bytes (OpenAPI 3.0, binary)."""
    if isinstance(value, list):
        return [_placeholder(item) for item in value]
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _broken(pointer: str, detail: str) -> ContractViolation:
    return ContractViolation("the body", (Violation(pointer, detail),))
