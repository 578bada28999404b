"""OpenAPI: examples beside a schema (Media Type Object, Parameter Object)."""

from typing import Any

from accord.parsing.fields import Fields
from accord.parsing.references import Specs

__all__ = ["read_examples"]


def read_examples(specs: Specs, fields: Fields) -> tuple[Any, ...]:
    """The values of ``example`` and ``examples``; what lies elsewhere (externalValue) is not fetched."""
    found = [] if (single := fields.optional("example")) is None else [single.plain]
    for name, node in fields.mapping("examples").items():
        example = Fields(specs, node, f"the example {name} of {fields.what}")
        example.ignore("summary", "description", "externalValue")
        value = example.optional("value")
        example.finish()
        if value is not None:
            found.append(value.plain)
    return tuple(found)
