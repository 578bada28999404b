"""Witnesses of changes, held against the schemas of both versions by a validator that Accord does not use."""

from collections.abc import Iterator
from typing import Any

import jsonschema

from accord.changes import Change, Party
from accord.changes.version import Version
from accord.compatibility.documents import refer
from accord.model.contract import Contract
from accord.model.schemas import SchemaId, references, subschemas

__all__ = ["false_witness"]


def false_witness(change: Change, old: Version, new: Version) -> str | None:
    """Say what is wrong with the witness of a change, if anything is."""
    assert change.witness is not None
    if change.carrier.endswith(", if nothing else changed"):
        return None
    before, after = (dict(_carriers(version.contract))[change.carrier] for version in (old, new))
    value = change.witness.value
    new_writes = change.hurts[0] is Party.READERS or " answer " in change.carrier
    writer, reader = (after, before) if new_writes else (before, after)
    if not _admits(writer, value):
        return f"nobody writes {value!r}"
    return f"{value!r} is read" if _admits(reader, value) else None


def _admits(schema: Any, value: Any) -> bool:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return jsonschema.Draft202012Validator(schema, format_checker=checker).is_valid(value)


def _carriers(contract: Contract) -> Iterator[tuple[str, Any]]:
    for service in contract.services:
        for operation in service.operations:
            name = f"{operation.http_method.upper()} {operation.path}"
            for parameter in operation.parameters:
                yield (
                    f"{parameter.place} parameter '{parameter.name}' of {name}",
                    _whole(parameter.document, contract),
                )
            for content in operation.body.contents if operation.body else ():
                yield f"{content.media_type} body of {name}", _of(content.schema, contract)
            for response in operation.responses:
                for header in response.headers:
                    carrier = f"header '{header.name}' of the answer {response.status} of {name}"
                    yield carrier, _whole(header.document, contract)
                for content in response.contents:
                    carrier = f"{content.media_type} answer {response.status} of {name}"
                    yield carrier, _of(content.schema, contract)
        for verb, messages in (("sends", service.sends), ("receives", service.receives)):
            for message in messages:
                told = f"{message.event_type} that {service.name} {verb}"
                yield f"payload of {told}", _of(message.payload, contract)
                yield f"headers of {told}", _of(message.headers, contract)


def _of(key: SchemaId | None, contract: Contract) -> Any:
    """The schema of a key; anything goes where there is none."""
    return _whole({} if key is None else {"$ref": key}, contract)


def _whole(document: Any, contract: Contract) -> Any:
    definitions: dict[str, Any] = {}
    waiting = list(references(document))
    while waiting:
        key = waiting.pop()
        if str(key) not in definitions:
            target = contract.schemas[key].document
            definitions[str(key)] = _linked(target)
            waiting += references(target)
    return {"allOf": [_linked(document)], "$defs": definitions}


def _linked(document: Any) -> Any:
    if not isinstance(document, dict):
        return document
    copy = subschemas(document, lambda _, child: _linked(child))
    return {**copy, "$ref": refer(str(copy["$ref"]))} if "$ref" in copy else copy
