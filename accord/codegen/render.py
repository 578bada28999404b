"""The whole output as a value: model to {path: text}."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from accord.codegen.annotations import Annotator, Classes
from accord.codegen.channels import channel_filters, parameter_names, streams
from accord.codegen.definitions import definitions
from accord.codegen.files import HEADER, RenderedFile
from accord.codegen.filters import filters, literal
from accord.codegen.formatting import format_modules
from accord.codegen.inheritance import Inheritance
from accord.codegen.layout import Module, Place, lay_out
from accord.codegen.operations import operation_filters, result_filters
from accord.codegen.prose import docstring
from accord.codegen.shapes import AliasShape, Shaper
from accord.model.contract import Contract, Service
from accord.model.events import Message, Topic
from accord.model.kinds import Schemas
from accord.model.schemas import SchemaId

__all__ = ["render", "render_unformatted"]


def render(contract: Contract, package: str) -> dict[str, RenderedFile]:
    """Render every file, by its path below the output folder; the same contract gives the same text.

    Raises `accord.findings.BrokenSpec` where names clash.
    """
    raw = render_unformatted(contract, package)
    texts = format_modules({path: file.text for path, file in raw.items()}, package)
    return {path: RenderedFile(raw[path].spec, text) for path, text in texts.items()}


def render_unformatted(contract: Contract, package: str) -> dict[str, RenderedFile]:
    """The same, as the templates wrote it: Python, but nothing to look at."""
    return {
        path: RenderedFile(spec, f"{HEADER}{spec}; do not edit, run `accord generate`.\n{text}")
        for path, spec, text in _Renderer(contract, package).files()
    }


@dataclass(frozen=True, slots=True)
class _Boundary:
    """One boundary of a module: its constant, its type, and its schema's name among the definitions."""

    constant: str
    annotation: str
    key: str
    classes: frozenset[str]

    @property
    def is_class(self) -> bool:
        """Whether a type checker can tell the type from the call."""
        return self.annotation in self.classes


class _Renderer:
    def __init__(self, contract: Contract, package: str) -> None:
        self._contract, self._package = contract, package
        self._layout = lay_out(contract, package)
        self._schemas = Schemas(contract.schemas)
        self._classes = Classes(_names_of_answers(contract))
        self._inheritance = Inheritance(self._schemas)
        self._environment = Environment(  # noqa: S701 - this is Python, not HTML
            loader=PackageLoader("accord.codegen"), undefined=StrictUndefined, keep_trailing_newline=True
        )
        self._environment.filters |= {"docstring": docstring, "literal": literal}

    def files(self) -> Iterable[tuple[str, str, str]]:
        services = self._contract.services
        common = self._layout.common
        spec = common.spec if common else services[0].openapi or services[0].asyncapi or ""
        text = self._text("package.py.jinja", text="What the specs say, as Python")
        yield "__init__.py", spec, text
        if common is not None:
            exchanged = [id_ for service in services for id_ in (*_http(service), *_events(service))]
            yield "common.py", common.spec, self._text("common.py.jinja", **self._module(common, exchanged))
        for service in services:
            text = self._text(
                "package.py.jinja", text=f"The {service.title}: its HTTP interface and its events"
            )
            yield f"{service.package}/__init__.py", service.openapi or service.asyncapi or "", text
            yield from self._service(service)

    def _service(self, service: Service) -> Iterable[tuple[str, str, str]]:
        schemas, events = self._layout.schemas.get(service.name), self._layout.events.get(service.name)
        exchanged = [*_http(service), *_events(service)]
        modules = {name: module for name, module in (("schemas", schemas), ("events", events)) if module}
        for name, module in modules.items():
            context = self._module(module, exchanged) | {
                "service": service,
                "with_schemas": schemas is not None,
            }
            annotator = Annotator(self._schemas, module.places, self._classes, module.name)
            environment = self._with(
                {"annotation": annotator.of} | result_filters(self._schemas, annotator, module)
            )
            text = environment.get_template(f"{name}.py.jinja").render(**context)
            yield f"{service.package}/{name}.py", module.spec, text
        sight = events or schemas
        if sight is None:
            return
        annotator = Annotator(self._schemas, sight.places, self._classes, "")
        shared = filters(annotator, sight)
        own = channel_filters(annotator.of, shared["definition"])
        environment = self._with(shared | operation_filters(self._schemas, annotator, sight) | own)
        context = {"service": service, "package": self._package, "common": self._layout.common is not None}
        context |= {"with_schemas": schemas is not None, "with_events": events is not None}
        for name in ("endpoints", "operations", "client") if schemas else ():
            text = environment.get_template(f"{name}.py.jinja").render(**context)
            yield f"{service.package}/{name}.py", str(service.openapi), text
        if events:
            text = environment.get_template("channels.py.jinja").render(**context, **_streams(service))
            yield f"{service.package}/channels.py", str(service.asyncapi), text

    def _module(self, module: Module, exchanged: Iterable[SchemaId]) -> dict[str, Any]:
        annotator = Annotator(self._schemas, module.places, self._classes, module.name)
        shapes = Shaper(self._schemas, module, self._classes, self._inheritance).shapes()
        classes = frozenset(shape.name for shape in shapes if not isinstance(shape, AliasShape))
        boundaries: dict[str, _Boundary] = {}
        for id_ in exchanged:
            place: Place | None = module.places.get(id_)
            if place is not None and place.module == module.name:
                boundaries.setdefault(
                    place.constant, _Boundary(place.constant, annotator.of(id_), place.key, classes)
                )
        return {
            "package": self._package,
            "common": self._layout.common is not None,
            "shapes": shapes,
            "definitions": definitions(module),
            "boundaries": list(boundaries.values()),
        }

    def _with(self, more: Mapping[str, Callable[..., Any]]) -> Environment:
        environment = self._environment.overlay()
        environment.filters = {**self._environment.filters, **more}
        return environment

    def _text(self, template: str, **context: Any) -> str:
        return self._environment.get_template(template).render(**context)


def _names_of_answers(contract: Contract) -> frozenset[str]:
    """The classes of answers and failures, which stand beside those of schemas."""
    operations = [operation for service in contract.services for operation in service.operations]
    results = [response.class_name for operation in operations for response in operation.responses]
    failures = [response for operation in operations for response in operation.failures]
    bodies = [content.schema for response in failures for content in response.contents if content.schema]
    named = (f"{contract.schemas[id_].class_name}Failure" for id_ in bodies)
    return frozenset([*filter(None, results), *named])


def _http(service: Service) -> list[SchemaId]:
    return [id_ for operation in service.operations for id_ in operation.exchanged]


def _events(service: Service) -> list[SchemaId]:
    return [id_ for message in service.messages for id_ in message.exchanged]


def _streams(service: Service) -> Mapping[str, Any]:
    sent, received = _topics(service.sends), _topics(service.receives)
    topics = _distinct([*_topics(service.messages), *service.keeps])
    return {
        "topics": topics,
        "parameters": parameter_names(topics, {message.constant for message in service.messages}),
        "sent_topics": sent,
        "received_topics": received,
        "streams": streams(service.receives),
    }


def _topics(messages: Iterable[Message]) -> list[Topic]:
    return _distinct([message.topic for message in messages])


def _distinct(values: list[Any]) -> list[Any]:
    """Each value once, in the order of its first appearance; the values need not be hashable."""
    return [value for index, value in enumerate(values) if value not in values[:index]]
