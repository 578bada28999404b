"""Examples of bodies, which the model leaves out: they are read from the specs where an operation stands."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from accord.parsing.nodes import MappingNode, Node
from accord.parsing.references import Specs

__all__ = ["Example", "member", "of_content", "shown"]

LONGEST: Final = 5_000
"""Characters of one example."""
MOST: Final = 3
"""Examples of one body."""


@dataclass(frozen=True, slots=True)
class Example:
    """A value as indented JSON; ``name`` is empty where nobody gave it one."""

    name: str
    text: str


def member(specs: Specs, node: Node | None, *names: str) -> Node | None:
    """What stands at a path below a node, references followed on the way; None if there is nothing."""
    for name in names:
        resolved = None if node is None else specs.resolve(node)
        node = resolved.members.get(name) if isinstance(resolved, MappingNode) else None
    return None if node is None else specs.resolve(node)


def of_content(specs: Specs, media_type: Node | None) -> tuple[Example, ...]:
    """The examples of a Media Type Object (OpenAPI 3.1, section 4.8.14)."""
    return tuple(_examples(specs, media_type))


def shown(value: Any, name: str = "") -> Example:
    """A value for people."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}…\n({len(text) - LONGEST:,} more characters are not shown.)"
    return Example(name, text)


def _examples(specs: Specs, media_type: Node | None) -> Iterator[Example]:
    single = member(specs, media_type, "example")
    if single is not None:
        yield shown(single.plain)
    named = member(specs, media_type, "examples")
    if isinstance(named, MappingNode):
        for name in list(named.members)[:MOST]:
            value = member(specs, named, name, "value")
            if value is not None:
                yield shown(value.plain, name)
