"""Topics as the spec's Kafka bindings want them; the name of a topic may have parameters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from accord.boundary import Boundary
from accord.bus.locations import Location
from accord.bus.texts import from_text, to_text, violation

__all__ = ["Parameter", "Topic"]

_LEGAL = r"[A-Za-z0-9._-]+"
"""What the name of a topic is made of (org.apache.kafka.common.internals.Topic)."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part in braces of a topic's name; ``argument`` is what Python calls it.

    Its value is held against ``boundary``. With a ``location`` it is read from the message itself, so nobody
    has to give it.
    """

    name: str
    boundary: Boundary[Any]
    argument: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """A stream; where the spec says nothing of ``partitions`` or ``replicas`` (None), the broker decides."""

    name: str
    partitions: int | None = None
    replicas: int | None = None
    config: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()

    def at(self, **arguments: Any) -> "Topic":
        """The one topic with these parameters; raises `ContractViolation` for what the spec forbids.

        Raises TypeError unless exactly the parameters of the name are given.
        """
        if arguments.keys() != {parameter.argument for parameter in self.parameters}:
            wanted = ", ".join(parameter.argument for parameter in self.parameters)
            raise TypeError(f"{self.name} takes the arguments: {wanted}")
        values = {parameter.name: arguments[parameter.argument] for parameter in self.parameters}
        return replace(self, name=self.filled(values), parameters=())

    def filled(self, values: Mapping[str, Any]) -> str:
        """The name with the parameters filled in, given by their names in the spec."""
        name = self.name
        for parameter in self.parameters:
            text = to_text(parameter.boundary, values.get(parameter.name))
            if not re.fullmatch(_LEGAL, text):
                raise violation(parameter.name, f"'{text[:100]}' cannot be part of a topic's name")
            name = name.replace(f"{{{parameter.name}}}", text)
        return name

    @property
    def unknown(self) -> bool:
        """Whether it may have any name: its whole address is known at run time only."""
        return any(self.name == f"{{{parameter.name}}}" for parameter in self.parameters)

    def matches(self, name: str) -> bool:
        """Whether a topic of this name is this one, or one of these."""
        return _pattern(self.name).fullmatch(name) is not None if self.parameters else name == self.name

    @property
    def pattern(self) -> str:
        """A regular expression for the names, without groups, so that several can be put together."""
        parts = re.split(r"\{[^{}]*\}", self.name) if self.parameters else [self.name]
        return _LEGAL.join(map(re.escape, parts))

    def values(self, name: str) -> dict[str, Any]:
        """The parameters of one of these topics, by their names in the spec; raises `ContractViolation`."""
        found = _pattern(self.name).fullmatch(name) if self.parameters else None
        texts = found.groups() if found is not None else ()
        parameters = sorted(self.parameters, key=lambda parameter: self.name.index(f"{{{parameter.name}}}"))
        return {
            parameter.name: from_text(parameter.boundary, text)
            for parameter, text in zip(parameters, texts, strict=False)
        }

    def arguments(self, name: str) -> dict[str, Any]:
        """Like `values`, by what Python calls them."""
        values = self.values(name)
        return {each.argument: values[each.name] for each in self.parameters if each.name in values}


@lru_cache(maxsize=256)
def _pattern(name: str) -> re.Pattern[str]:
    """Each parameter is a group; one that comes twice has to be the same both times."""
    groups: dict[str, int] = {}
    made = ""
    for text, parameter in re.findall(r"([^{}]*)(?:\{([^{}]*)\})?", name):
        made += re.escape(text)
        if parameter in groups:
            made += rf"\{groups[parameter]}"
        elif parameter:
            groups[parameter] = len(groups) + 1
            made += f"({_LEGAL})"
    return re.compile(made)
