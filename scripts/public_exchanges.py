"""The examples of bodies and parameters that a spec carries, sent the way that generated code sends them."""

import importlib
from collections.abc import Iterator
from typing import Any

import orjson
from pydantic import ValidationError

from accord.boundary import ContractViolation
from accord.http.content import Content as Codec
from accord.http.endpoint import Endpoint
from accord.http.media_types import MediaType
from accord.http.parameters import Parameters
from accord.model.contract import Contract
from accord.model.http import Content, ContentKind, Operation
from scripts.public_examples import Outcome, alike

__all__ = ["exchanges"]


def exchanges(contract: Contract, package: str) -> Iterator[Outcome]:
    """Read and write every JSON example of a body, and write and read every example of a parameter."""
    for service in contract.services:
        if service.openapi is None:
            continue
        endpoints = importlib.import_module(f"{package}.{service.package}.endpoints")
        for operation in service.operations:
            endpoint: Endpoint[Any] = getattr(endpoints, operation.constant)
            yield from _bodies(operation, endpoint)
            yield from _parameters(operation, endpoint)


def _bodies(operation: Operation, endpoint: Endpoint[Any]) -> Iterator[Outcome]:
    pairs: list[tuple[Content, Codec]] = []
    if operation.body is not None and endpoint.body is not None:
        pairs += zip(operation.body.contents, endpoint.body.contents, strict=True)
    for response in operation.responses:
        pairs += zip(response.contents, endpoint.answers[response.status].contents, strict=True)
    for content, codec in pairs:
        for example in content.examples if content.kind is ContentKind.JSON else ():
            try:
                value = codec.read(orjson.dumps(example), MediaType(content.media_type))
                again = orjson.loads(codec.write(value)[0])
            except ContractViolation as violation:
                yield Outcome("body", operation.location, str(violation), own=True)
                continue
            trouble = "" if alike(again, example) else f"comes back as {str(again)[:200]}"
            yield Outcome("body", operation.location, trouble)


def _parameters(operation: Operation, endpoint: Endpoint[Any]) -> Iterator[Outcome]:
    known = endpoint.parameters
    for parameter in operation.parameters if known is not None else ():
        assert known is not None
        declared = next(one for one in known.parameters if one.key == parameter.argument)
        alone = Parameters(declared, definitions=known.definitions)
        for example in parameter.examples:
            try:
                sent = alone.write({declared.key: _typed(declared.type, example)})
                again = alone.write(alone.read(sent))
            except (ContractViolation, ValidationError) as violation:
                yield Outcome("parameter", parameter.location, str(violation), own=True)
                continue
            trouble = "" if again == sent else f"{sent} comes back as {again}"
            yield Outcome("parameter", parameter.location, trouble)


def _typed(kind: Any, example: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind).validate_python(example)
