"""What the templates of operations, endpoints and the client say, as expressions of Python."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from accord.codegen.annotations import Annotator, text_of, union
from accord.codegen.definitions import definition
from accord.codegen.filters import literal
from accord.codegen.layout import Module
from accord.codegen.shapes import default_text
from accord.codegen.spots import Spot
from accord.model.http import (
    Content,
    ContentKind,
    Header,
    Operation,
    Parameter,
    Place,
    Requirement,
    Response,
)
from accord.model.kinds import Schemas
from accord.model.names import ConstantName
from accord.model.schemas import SchemaId

__all__ = ["operation_filters", "result_filters"]

_DEFAULT_EXPLODE = {"form": True, "deepObject": True}
_DEFAULT_STYLE = {Place.PATH: "simple", Place.QUERY: "form", Place.HEADER: "simple", Place.COOKIE: "form"}


def result_filters(schemas: Schemas, annotator: Annotator, sight: Module) -> dict[str, Callable[..., Any]]:
    """The filters of result and failure classes; ``annotator`` writes from within their module."""
    writer = _Writer(schemas, annotator, sight)
    return {
        "annotation_of": writer.document,
        "body_type": writer.body,
        "failure_classes": writer.failure_classes,
        "media_type": _media_type,
        "or_none": _or_none,
    }


def operation_filters(schemas: Schemas, annotator: Annotator, sight: Module) -> dict[str, Callable[..., Any]]:
    """The filters of operations.py, endpoints.py and client.py."""
    writer = _Writer(schemas, annotator, sight)
    return {
        "arguments": writer.arguments,
        "response": writer.answer,
        "content": writer.content,
        "credential_type": lambda scheme: "tuple[str, str]" if scheme.kind == "Basic" else "str",
        "documentation": _documentation,
        "parameter": writer.parameter,
        "passed": _passed,
        "result": writer.result,
        "route": _route,
        "security": _security,
        "sent": _sent,
        "shared_answers": writer.shared_answers,
    }


class _Writer:
    """Types and constructor calls, seen from one module."""

    def __init__(self, schemas: Schemas, annotator: Annotator, sight: Module) -> None:
        self._schemas = schemas
        self._annotator = annotator
        self._sight = sight
        self._named = {place.class_name for place in sight.places.values()}

    def document(self, document: Any) -> str:
        """The type of a small schema; one that becomes a class is a reference."""
        return self._annotator.type_at(Spot(document, SchemaId("")))

    def body(self, contents: Iterable[Content]) -> str:
        """The type of a body that may be any of the contents."""
        return text_of(union(*((self._content_type(content),) for content in contents)))

    def _content_type(self, content: Content) -> str:
        if content.schema is not None:
            return self._annotator.of(content.schema)
        return {ContentKind.JSON: "Any", ContentKind.TEXT: "str"}.get(content.kind, "bytes")

    def result(self, operation: Operation) -> str:
        """What the method returns."""
        if not operation.results:
            return "None"
        found = [
            f"schemas.{response.class_name}" if response.class_name else self._bare(response)
            for response in operation.results
        ]
        return " | ".join(found)

    def _bare(self, response: Response) -> str:
        return self.body(response.contents) if response.contents else "None"

    def arguments(self, operation: Operation) -> str:
        """The signature: the path's, the body, what must be given, what may be."""
        parameters = _passed(operation)
        body = operation.body
        in_path = [self._required(p) for p in parameters if p.place is Place.PATH]
        required = [self._required(p) for p in parameters if p.place is not Place.PATH and p.required]
        optional = [self._optional(p) for p in parameters if not p.required]
        written = f"body: {self.body(body.contents)}" if body else ""
        media = [f"media_type: {_media_type(body.contents)}"] if body and body.names_type else []
        said = [one for one in media if " = " not in one]
        return ", ".join(
            [
                "self",
                *in_path,
                *([written] if body and body.required else []),
                *required,
                *said,
                *([_or_none(written)] if body and not body.required else []),
                *(one for one in media if one not in said),
                *optional,
            ]
        )

    def _required(self, parameter: Parameter) -> str:
        return f"{parameter.argument}: {self.document(parameter.document)}"

    def _optional(self, parameter: Parameter) -> str:
        annotation = self.document(parameter.document)
        if parameter.default:
            spot = Spot(parameter.document, SchemaId(""))
            default = default_text(self._schemas, spot, parameter.default[0], annotation)
            if default is not None:
                return f"{parameter.argument}: {annotation} = {default}"
        return _or_none(f"{parameter.argument}: {annotation}")

    def content(self, content: Content) -> str:
        """The call that makes a content."""
        arguments = [literal(content.media_type)]
        if content.schema is not None:
            place = self._sight.places[content.schema]
            arguments.append(f"{place.short}.{place.constant}")
        if content.files:
            arguments.append(f"files={literal_tuple(content.files)}")
        if content.types:
            arguments.append(f"types={literal(dict(content.types))}")
        if content.styles:
            styles = {name: [style.value, explode] for name, (style, explode) in content.styles.items()}
            pairs = ", ".join(f"{literal(name)}: {literal_tuple(pair)}" for name, pair in styles.items())
            arguments.append(f"styles={{{pairs}}}")
        return f"{content.kind.value}({', '.join(arguments)})"

    def parameter(self, parameter: Parameter) -> str:
        """The call that makes a parameter, without what goes without saying."""
        arguments = [literal(parameter.name), literal(parameter.place.value)]
        arguments.append(literal(definition(parameter.document, self._sight.places)))
        if parameter.required:
            arguments.append("required=True")
        annotation = self.document(parameter.document)
        if annotation != "Any" and not parameter.ambient:
            arguments.append(f"type={annotation}")
        if parameter.argument != parameter.name:
            arguments.append(f"argument={literal(str(parameter.argument))}")
        style = parameter.style.value
        if style != _DEFAULT_STYLE[parameter.place]:
            arguments.append(f"style={literal(style)}")
        if parameter.explode != _DEFAULT_EXPLODE.get(style, False):
            arguments.append(f"explode={parameter.explode}")
        for flag in ("json", "allow_reserved", "allow_empty", "ambient"):
            if getattr(parameter, flag):
                arguments.append(f"{flag}=True")
        return f"Parameter({', '.join(arguments)})"

    def header(self, header: Header) -> str:
        """The same for a header of a response."""
        schema = literal(definition(header.document, self._sight.places))
        arguments = [literal(header.name), '"header"', schema, f"type={self.document(header.document)}"]
        arguments += [f"argument={literal(str(header.field))}"] * (header.field != header.name)
        arguments += ["required=True"] * header.required + ["explode=True"] * header.explode
        return f"Parameter({', '.join(arguments)})"

    def answer(self, response: Response) -> str:
        """The call that makes an answer."""
        arguments = []
        if response.contents:
            arguments.append(f"({''.join(f'{self.content(content)}, ' for content in response.contents)})")
        if response.headers and not response.failure:
            headers = ", ".join(map(self.header, response.headers))
            arguments.append(
                f'headers=Parameters({headers}, definitions=schemas.DEFINITIONS, subject="the answer")'
            )
        if response.class_name:
            arguments.append(f"result=schemas.{response.class_name}")
        if response.failure:
            failures = [self._failure(content) for content in response.contents] or ["EmptyFailure"]
            arguments.append(f"failures=({''.join(f'{failure}, ' for failure in failures)})")
        return f"Answer({', '.join(arguments)})"

    def shared_answers(self, operations: Iterable[Operation]) -> dict[str, str]:
        """Names for the failures that stand at several places, by the call that makes them."""
        known = {str(operation.constant) for operation in operations}
        failures = [response for operation in operations for response in operation.failures]
        calls = Counter(map(self.answer, failures))
        found: dict[str, str] = {}
        for response in failures:
            call = self.answer(response)
            classes = [self._failure(content) for content in response.contents] or ["EmptyFailure"]
            name = "_".join(str(ConstantName.of(each.rpartition(".")[2])) for each in classes)
            if calls[call] > 1 and name not in known:
                known.add(name)
                found.setdefault(call, name)
        return found

    def _failure(self, content: Content) -> str:
        """The class of a failure with this body, as endpoints.py writes it."""
        if content.schema is not None:
            return f"schemas.{self._failure_name(content.schema)}"
        if content.kind is ContentKind.JSON:
            return "Failure"
        return "TextFailure" if content.kind is ContentKind.TEXT else "BytesFailure"

    def failure_classes(self, operations: Iterable[Operation]) -> dict[str, str]:
        """The failure classes of a service, by their names, with the types of their bodies."""
        found: dict[str, str] = {}
        for operation in operations:
            for response in operation.failures:
                for content in response.contents:
                    if content.schema is not None:
                        found[self._failure_name(content.schema)] = self._annotator.of(content.schema)
        return dict(sorted(found.items()))

    def _failure_name(self, id_: SchemaId) -> str:
        name = f"{self._sight.places[id_].class_name}Failure"
        return name if name not in self._named else f"{name}Answer"


def _passed(operation: Operation) -> list[Parameter]:
    """The parameters that are arguments: those of the path, the required ones, the optional ones."""
    passed = [parameter for parameter in operation.parameters if not parameter.ambient]
    return sorted(passed, key=lambda p: (p.place is not Place.PATH, not p.required))


def _sent(operation: Operation) -> str:
    """The arguments of a client's call."""
    names = [str(parameter.argument) for parameter in _passed(operation)]
    if operation.body:
        names += ["body", *(["media_type"] if operation.body.names_type else [])]
    return "".join(f", {name}={name}" for name in names)


def _media_type(contents: Sequence[Content]) -> str:
    """The type and default of the argument that names the media type."""
    first = contents[0].media_type
    default = {"*/*": "application/octet-stream", "application/*": "application/octet-stream"}.get(
        first, first
    )
    if any(content.is_range for content in contents):
        default = "text/plain" if default == "text/*" else default
        return f"str = {literal(default)}" if "*" not in default else "str"
    return f"Literal[{', '.join(literal(content.media_type) for content in contents)}] = {literal(default)}"


def _route(operation: Operation) -> str:
    """The path with its templates named as the arguments are."""
    path = operation.path
    for parameter in operation.parameters:
        if parameter.place is Place.PATH:
            path = path.replace(f"{{{parameter.name}}}", f"{{{parameter.argument}}}")
    return path


def _security(alternatives: tuple[tuple[Requirement, ...], ...]) -> str:
    def one(requirement: Requirement) -> str:
        scopes = f", {literal_tuple(requirement.scopes)}" if requirement.scopes else ""
        return f"Requirement({requirement.scheme.constant}{scopes})"

    return "(" + "".join(f"({''.join(f'{one(r)}, ' for r in each)}), " for each in alternatives) + ")"


def _documentation(operation: Operation) -> str:
    said = [part.strip() for part in (operation.summary, operation.description) if part.strip()]
    said = said or [f"{operation.http_method.upper()} {operation.path}."]
    described = [(str(p.argument), p.description) for p in _passed(operation)]
    described += [("body", operation.body.description)] if operation.body else []
    arguments = [f"``{name}``: {text.strip()}" for name, text in described if text.strip()]
    return "\n\n".join([*said, *arguments, *(["Deprecated."] if operation.deprecated else [])])


def _or_none(argument: str) -> str:
    optional = argument.endswith((": Any", " None"))
    return f"{argument} = None" if optional else f"{argument} | None = None"


def literal_tuple(values: Iterable[Any]) -> str:
    """A tuple as a literal of Python."""
    return "(" + "".join(f"{literal(value)}, " for value in values) + ")"
