"""Operations of an OpenAPI document as cards."""

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from accord.model.http import Content as ModelContent
from accord.model.http import Header, Operation, Parameter, Requirement, Response
from accord.model.schemas import SchemaId
from accord.parsing.nodes import Node
from accord.parsing.references import Specs
from accord.review.anchors import Anchors
from accord.review.cards import Answer, Content, OperationCard
from accord.review.examples import member, of_content
from accord.review.places import Places, key_of
from accord.review.prose import as_html
from accord.review.trees import Row, Trees

__all__ = ["OperationCards"]

_PHRASES: Final = {
    "default": "any other",
    "413": "413 Content Too Large",
    "414": "414 URI Too Long",
    "416": "416 Range Not Satisfiable",
    "422": "422 Unprocessable Content",
}
"""Of RFC 9110, section 15, where some versions of Python have older ones."""


class OperationCards:
    """Makes them, with the examples that stand in the specs."""

    def __init__(self, specs: Specs, places: Places, anchors: Anchors, trees: Trees) -> None:
        self._specs, self._places = specs, places
        self._anchors, self._trees = anchors, trees

    def card(self, service: str, operation: Operation) -> OperationCard:
        """One operation."""
        key = self._places.owner(operation.location)
        anchor = self._anchors.add(f"{service}.{operation.id}", key)
        node: Node | None = None if key is None else self._specs.root(key[0])
        for step in key[1].split("/")[1:] if key else ():
            node = member(self._specs, node, step.replace("~1", "/").replace("~0", "~"))
        body = operation.body
        asked = member(self._specs, node, "requestBody")
        if asked is not None and body is not None:
            self._anchors.add(f"{anchor}.body", key_of(asked))
        return OperationCard(
            anchor,
            key,
            operation.id,
            operation.http_method.upper(),
            operation.path,
            operation.summary,
            as_html(operation.description),
            operation.deprecated,
            tuple(self._parameter(anchor, parameter) for parameter in operation.parameters),
            self._contents(body.contents if body else (), asked),
            None if asked is None else key_of(asked),
            body is not None and body.required,
            as_html(body.description if body else ""),
            tuple(self._answer(anchor, response, node) for response in operation.responses),
            tuple(_security(operation.security)),
            operation.location,
        )

    def _parameter(self, operation: str, parameter: Parameter) -> tuple[str, Row]:
        row = self._trees.inline(
            parameter.name, parameter.document, parameter.required, parameter.description
        )
        key = self._places.key(parameter.location)
        anchor = self._anchors.add(f"{operation}.{parameter.name}", key)
        return parameter.place.value, replace(
            row, key=key, anchor=anchor, deprecated=row.deprecated or parameter.deprecated
        )

    def _answer(self, operation: str, response: Response, node: Node | None) -> Answer:
        found = member(self._specs, node, "responses", response.status)
        key = None if found is None else key_of(found)
        self._anchors.add(f"{operation}.{response.status}", key)
        return Answer(
            key,
            _status(response.status),
            as_html(response.description),
            tuple(self._header(header) for header in response.headers),
            self._contents(response.contents, found),
            response.failure,
        )

    def _header(self, header: Header) -> Row:
        return self._trees.inline(header.name, header.document, header.required, header.description)

    def _contents(self, contents: Sequence[ModelContent], node: Node | None) -> tuple[Content, ...]:
        return tuple(
            Content(
                content.media_type,
                None if content.schema is None else self._schema(content.schema),
                of_content(self._specs, member(self._specs, node, "content", content.media_type)),
            )
            for content in contents
        )

    def _schema(self, id_: SchemaId) -> Row:
        return self._trees.inline("", {"$ref": id_})


def _status(status: str) -> str:
    if status in _PHRASES:
        return _PHRASES[status]
    known = status.isdecimal() and int(status) in HTTPStatus._value2member_map_
    return f"{status} {HTTPStatus(int(status)).phrase}" if known else status


def _security(alternatives: Sequence[Sequence[Requirement]]) -> list[str]:
    told = []
    for requirements in alternatives:
        parts = []
        for requirement in requirements:
            scopes = f" with {', '.join(requirement.scopes)}" if requirement.scopes else ""
            parts.append(f"{requirement.scheme.name}{scopes}")
        told.append(" and ".join(parts) or "nothing")
    return told
