"""What a schema demands of a value, in words."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from accord.model.kinds import types_of

__all__ = ["Phrase", "brief", "constraints", "type_words"]

LONGEST: Final = 200
"""Characters of one value within a phrase."""
MOST: Final = 30
"""Values of a list that are named."""

_TYPES: Final = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "object",
    "null": "null",
}
_FORMATS: Final = {
    "date-time": "a point in time (RFC 3339)",
    "date": "a date (RFC 3339)",
    "time": "a time of day (RFC 3339)",
    "duration": "a duration (ISO 8601)",
    "uuid": "a UUID",
    "email": "an e-mail address",
    "uri": "a URI",
    "uri-reference": "a URI or a relative reference",
    "hostname": "a host name",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "regex": "a regular expression",
    "json-pointer": "a JSON Pointer",
    "binary": "bytes",
    "byte": "bytes in Base64",
    "password": "a password",
    "int32": "of 32 bits",
    "int64": "of 64 bits",
    "float": "of single precision",
    "double": "of double precision",
}
_SAID_BY_FORMAT: Final = (("int32", 2**31 - 1), ("int64", 2**63 - 1))


@dataclass(frozen=True, slots=True)
class Phrase:
    """Some words, and code that they end with."""

    words: str
    code: str = ""


def type_words(document: Any) -> str:
    """``text of 1 to 200 characters``; empty where the document itself names no type."""
    if document is True or document == {}:
        return "any value"
    if document is False:
        return "no value at all"
    told = [_sized(name, document) for name in types_of(document) if name != "null"]
    if not told and types_of(document):
        return "null"
    return " or ".join(told)


def constraints(document: Any) -> list[Phrase]:
    """The rest of what it demands."""
    return list(_phrases(document)) if isinstance(document, Mapping) else []


def brief(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _sized(name: str, document: Mapping[str, Any]) -> str:
    word = _TYPES[name]
    if name == "string":
        return word + _amount(document, "minLength", "maxLength", "character")
    if name == "array":
        return word + _amount(document, "minItems", "maxItems", "item")
    if name == "object":
        return word + _amount(document, "minProperties", "maxProperties", "member")
    if name in ("integer", "number"):
        return word + _range(document)
    return word


def _amount(document: Mapping[str, Any], lower: str, upper: str, noun: str) -> str:
    least, most = document.get(lower), document.get(upper)
    if least == most and least is not None:
        return f" of exactly {_count(least, noun)}"
    if least and most is not None:
        return f" of {_number(least)} to {_count(most, noun)}"
    if least:
        return f" of at least {_count(least, noun)}"
    return f" of at most {_count(most, noun)}" if most is not None else ""


def _range(document: Mapping[str, Any]) -> str:
    told = ""
    bounds = (
        ("from", "minimum"),
        ("above", "exclusiveMinimum"),
        ("to", "maximum"),
        ("below", "exclusiveMaximum"),
    )
    for word, keyword in bounds:
        if keyword in document and (document.get("format"), document[keyword]) not in _SAID_BY_FORMAT:
            told += f" {word} {_number(document[keyword])}"
    return told.replace(" to", " up to") if told.startswith(" to") else told


def _phrases(document: Mapping[str, Any]) -> Iterator[Phrase]:
    if "null" in types_of(document) and len(types_of(document)) > 1:
        yield Phrase("may be null")
    if "const" in document:
        yield Phrase("always", brief(document["const"]))
    if "enum" in document:
        values = document["enum"]
        more = f" … and {len(values) - MOST} more" if len(values) > MOST else ""
        yield Phrase("one of", ", ".join(map(brief, values[:MOST])) + more)
    if "format" in document:
        said = str(document["format"])
        yield Phrase(_FORMATS[said]) if said in _FORMATS else Phrase("of the format", said)
    if "pattern" in document:
        yield Phrase("matching", str(document["pattern"])[:LONGEST])
    if "multipleOf" in document:
        yield Phrase(f"a multiple of {_number(document['multipleOf'])}")
    if document.get("uniqueItems"):
        yield Phrase("no item twice")
    if "contains" in document:
        least = document.get("minContains", 1)
        yield Phrase(f"at least {_count(least, 'item')} as below")
    if document.get("additionalProperties") is False or document.get("unevaluatedProperties") is False:
        yield Phrase("no other members")
    for name, needed in document.get("dependentRequired", {}).items():
        yield Phrase(f"with {name} also", ", ".join(map(str, needed)))
    if document.get("readOnly"):
        yield Phrase("only in answers")
    if document.get("writeOnly"):
        yield Phrase("only in requests")
    if "contentMediaType" in document:
        yield Phrase("content of the type", str(document["contentMediaType"]))
    if "contentEncoding" in document:
        yield Phrase("encoded in", str(document["contentEncoding"]))
    if "default" in document:
        yield Phrase("if left out", brief(document["default"]))


def _count(number: Any, noun: str) -> str:
    return f"{_number(number)} {noun}{'' if number == 1 else 's'}"


def _number(number: Any) -> str:
    return f"{number:,}" if isinstance(number, int) and abs(number) >= 10_000 else str(number)
