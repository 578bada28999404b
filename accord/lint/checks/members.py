"""Members of objects: formats that their names promise, null and absence, and what else may be there."""

import re
from collections.abc import Iterator

from accord.lint.inspection import Inspection
from accord.lint.meaning import Part, admits_null, alternatives, parts, types_of
from accord.lint.remarks import Remark, on_key
from accord.lint.schemas import Place, Use
from accord.lint.sources import Sources
from accord.parsing.nodes import MappingNode, ScalarNode, SequenceNode

__all__ = ["check", "snake"]

_FORMATS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"(.*_)?(at|timestamp|date_?time)"), ("date-time",)),
    (re.compile(r"(.*_)?(date|birthday)"), ("date", "date-time")),
    (re.compile(r"(.*_)?(uuid|guid)"), ("uuid",)),
    (re.compile(r"(.*_)?e_?mail(_address)?"), ("email", "idn-email")),
    (re.compile(r"(.*_)?(uri|url|href)"), ("uri", "uri-reference", "iri", "iri-reference", "uri-template")),
    (re.compile(r"(.*_)?host_?name"), ("hostname", "idn-hostname")),
    (re.compile(r"(.*_)?ipv?4(_address)?"), ("ipv4",)),
    (re.compile(r"(.*_)?ipv?6(_address)?"), ("ipv6",)),
    (re.compile(r".*_id"), ("uuid",)),
)
"""What a name promises, the first that fits; an id may have any format, or a pattern of its own."""
_REST = ("additionalProperties", "unevaluatedProperties")


def check(inspection: Inspection) -> Iterator[Remark]:
    """All of it."""
    for place in inspection.schemas.places:
        yield from _formats(inspection.sources, place)
        if place.begins:
            yield from _absent_or_null(inspection.sources, place)
            yield from _open(inspection.sources, place)


def snake(name: str) -> str:
    """The words of a name with '_' between them."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()


def _formats(sources: Sources, place: Place) -> Iterator[Remark]:
    wanted = next((formats for pattern, formats in _FORMATS if pattern.fullmatch(snake(place.name))), None)
    if wanted is None:
        return
    for alternative in alternatives(sources, place.node):
        is_text = any("string" in types_of(part.node) for part in alternative)
        if is_text and not any(part.says("format", "pattern", "enum", "const") for part in alternative):
            sentence = f"'{place.name}' is any text; add 'format: {wanted[0]}', or a pattern"
            yield on_key(place.owner, place.key, "format-missing", sentence)
            return


def _absent_or_null(sources: Sources, place: Place) -> Iterator[Remark]:
    """In requests the two may differ: a JSON Merge Patch (RFC 7396) clears what is null."""
    if not place.use & (Use.RESPONSE | Use.PAYLOAD):
        return
    found = list(parts(sources, place.node))
    required = {name for part in found for name in _texts(part.node.members.get("required"))}
    for part in found:
        properties = part.node.members.get("properties")
        if part.own and isinstance(properties, MappingNode):
            for name, member in properties.members.items():
                if name not in required and admits_null(sources, member):
                    sentence = f"'{name}' may be absent and may be null, and nothing says what differs"
                    remedy = "require it, or take the null away"
                    yield on_key(properties, name, "absent-or-null", f"{sentence}; {remedy}")


def _open(sources: Sources, place: Place) -> Iterator[Remark]:
    if not place.use & Use.REQUEST:
        return
    found = alternatives(sources, place.node)
    named = [part for each in found for part in each if part.own and part.says("properties")]
    if named and not all(_says_rest(each) for each in found):
        sentence = "nothing says what becomes of members that are not declared, and a misspelt one is lost"
        yield on_key(place.owner, place.key, "request-open", f"{sentence}; add 'additionalProperties: false'")


def _says_rest(alternative: list[Part]) -> bool:
    return any(part.says(*_REST) for part in alternative)


def _texts(node: object) -> list[str]:
    items = node.items if isinstance(node, SequenceNode) else ()
    return [str(item.value) for item in items if isinstance(item, ScalarNode)]
