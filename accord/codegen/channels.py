"""What the template of channels says, as expressions of Python."""

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from typing import Any

from accord.codegen.filters import literal
from accord.model.events import Expression, KeyExpression, Message, Parameter, Topic
from accord.model.names import MemberName
from accord.model.schemas import SchemaId, references

__all__ = ["Stream", "channel_filters", "key_text", "parameter_names", "streams"]

_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


@dataclass(frozen=True, slots=True)
class Stream:
    """A topic that is read, and the events of it that come in our envelope: many of them have one handler."""

    topic: Topic
    method_name: MemberName
    messages: tuple[Message, ...]


def channel_filters(
    annotation: Callable[[SchemaId], str], definition: Callable[[Any], Any]
) -> dict[str, Callable[..., Any]]:
    """The filters of channels.py: ``annotation`` is that of a schema, ``definition`` is for validators."""

    def held(parameter: Parameter) -> str:
        """The definitions that a parameter is held against; what it refers to is among the events'."""
        own = f"{literal(parameter.name)}: {literal(definition(parameter.document))}"
        return f"{{**events.DEFINITIONS, {own}}}" if references(parameter.document) else f"{{{own}}}"

    def published(message: Message) -> str:
        """The arguments of the publisher's method: what must be said first, what may be said after it."""
        optional = "correlation_id: str | None = None"
        if message.data is not None:
            return f"self, data: {annotation(message.data)}, {optional}"
        given = [parameter for parameter in message.topic.parameters if parameter.source is None]
        first = [_typed(parameter) for parameter in given if parameter.default is None]
        last = [f"{_typed(p)} = {literal(p.default)}" for p in given if p.default is not None]
        if isinstance(message.key, SchemaId):
            first.append(f"key: {annotation(message.key)}")
        elif message.key is None:
            last.append("key: str | None = None")
        if message.headers is not None:
            headers = f"headers: {annotation(message.headers)}"
            (first if message.headers_required else last).append(
                headers if message.headers_required else f"{headers} | None = None"
            )
        return ", ".join(["self", f"payload: {annotation(message.payload)}", "*", *first, *last, optional])

    def handled(message: Message) -> str:
        """The arguments of the handler's method."""
        if in_envelope(message):
            return f"self, event: {annotation(message.payload)}"
        beside = [_typed(parameter) for parameter in message.topic.parameters]
        if isinstance(message.key, SchemaId):
            beside.append(f"key: {annotation(message.key)}")
        if message.headers is not None:
            beside.append(f"headers: {annotation(message.headers)}")
        marked = ["*", *beside] if beside else []
        return ", ".join(["self", f"payload: {annotation(message.payload)}", *marked])

    def answer(message: Message) -> str:
        """What the handler returns."""
        if message.reply is None:
            return "None"
        return " | ".join(dict.fromkeys(map(reply, message.reply.messages)))

    def reply(message: Message) -> str:
        payload = annotation(message.payload)
        if message.headers is None and not isinstance(message.key, SchemaId):
            return payload
        return f"Answer[{payload}, {annotation(message.headers) if message.headers else 'None'}]"

    def key_code(message: Message) -> str:
        """The key as the contract wants it."""
        if not isinstance(message.key, KeyExpression):
            return "None"
        name = "envelope" if message.data is not None else "payload"
        return f"lambda {name}: {key_text(message.key, name)}"

    return {
        "answer": answer,
        "beside": _beside,
        "handled": handled,
        "held": held,
        "in_envelope": in_envelope,
        "key_code": key_code,
        "location_code": _location,
        "published": published,
        "scalar": lambda parameter: _TYPES[parameter.type],
        "specific": lambda message: isinstance(message.key, SchemaId),
    }


def streams(receives: Iterable[Message]) -> list[Stream]:
    """The streams that are read, each with a method named after the topic, unlike all of single messages."""
    found: dict[str, list[Message]] = {}
    alone = frozenset(str(message.method_name) for message in receives)
    for message in filter(in_envelope, receives):
        found.setdefault(message.topic.constant, []).append(message)
    methods = MemberName.methods(found, beside=alone)
    return [Stream(group[0].topic, methods[name], tuple(group)) for name, group in found.items()]


def parameter_names(topics: Iterable[Topic], taken: Container[str]) -> dict[str, Parameter]:
    """The parameters of all topics, each once, by the names of their constants; some names are taken."""
    found: dict[str, Parameter] = {}
    for topic in topics:
        for parameter in topic.parameters:
            name = f"{parameter.argument.upper().rstrip('_')}_PARAMETER"
            if parameter not in found.values():
                free = name not in found and name not in taken
                found[name if free else f"{topic.constant}_{name}"] = parameter
    return found


def in_envelope(message: Message) -> bool:
    """Whether the handler gets our envelope, and nothing beside it."""
    return message.data is not None and message.reply is None


def _typed(parameter: Parameter) -> str:
    values = parameter.document.get("enum", ())
    closed = values and all(isinstance(value, str) for value in values)
    written = f"Literal[{', '.join(map(literal, values))}]" if closed else _TYPES[parameter.type]
    return f"{parameter.argument}: {written}"


def _beside(message: Message) -> list[tuple[str, str]]:
    """What is handed on beside the payload, by the names of `IMessagePublisher.send`."""
    found = []
    if not isinstance(message.key, KeyExpression):
        found.append(("key", "key"))
    if message.headers is not None:
        found.append(("headers", "headers"))
    given = [parameter for parameter in message.topic.parameters if parameter.source is None]
    if given:
        pairs = ", ".join(f"{literal(p.name)}: {p.argument}" for p in given)
        found.append(("parameters", f"{{{pairs}}}"))
    return [*found, ("correlation_id", "correlation_id")]


def _location(expression: Expression) -> str:
    path = "".join(f"{literal(token)}, " for token in expression.path)
    return f"Location({literal(expression.source)}, ({path}))"


def key_text(key: KeyExpression, name: str) -> str:
    """The key as an f-string over the payload, which is called ``name``."""
    text = ""
    for part in key.parts:
        if isinstance(part, str):
            # With a double quote in it, repr takes single quotes around, and escapes those inside.
            text += repr(f'{part}"')[1:-2].replace("{", "{{").replace("}", "}}")
        else:
            text += f"{{{name}" + "".join(f'["{token}"]' for token in part) + "}"
    return f"f'{text}'"
