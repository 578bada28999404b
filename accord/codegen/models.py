"""Pydantic models from shapes, by datamodel-code-generator."""

import ast
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accord.model.names import MemberName

__all__ = ["Models", "write_models"]

_WIDTH = 100
_NOISE = ("arbitrary_types_allowed=True,", "use_attribute_docstrings=True,")
"""Settings that datamodel-code-generator adds for cases that shapes do not hold."""


@dataclass(frozen=True, slots=True)
class Models:
    """Python text: import statements, and the classes."""

    imports: str
    body: str


def write_models(shapes: Mapping[str, Any]) -> Models:
    """Write one class for each shape, by its name."""
    if not shapes:
        return Models("", "")
    # Imported here, since it takes as long as all the rest of a command that writes nothing.
    from datamodel_code_generator import generate
    from datamodel_code_generator.enums import AllOfClassHierarchy, DataModelType, InputFileType
    from datamodel_code_generator.format import DatetimeClassType, PythonVersion

    aliases = _aliases(shapes)
    text = generate(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": _wrapped(shapes)},
        input_file_type=InputFileType.JsonSchema,
        output_model_type=DataModelType.PydanticV2BaseModel,
        target_python_version=PythonVersion.PY_311,
        disable_timestamp=True,
        formatters=[],
        use_standard_collections=True,
        use_union_operator=True,
        use_schema_description=True,
        use_field_description=True,
        use_attribute_docstrings=True,
        use_single_line_docstring=True,
        use_annotated=True,
        use_double_quotes=True,
        use_default_kwarg=True,
        use_specialized_enum=True,
        output_datetime_class=DatetimeClassType.Awaredatetime,
        allof_class_hierarchy=AllOfClassHierarchy.Always,
        enable_faux_immutability=True,
        strict_nullable=True,
        skip_root_model=True,
        aliases=aliases,
        allow_population_by_field_name=bool(aliases),
    )
    if not isinstance(text, str):
        raise TypeError(f"datamodel-code-generator returned {type(text).__name__} instead of text")
    return _split(text)


def _aliases(shapes: Mapping[str, Any]) -> dict[str, str]:
    """Fields whose name in Python is another than in JSON."""
    import pydantic

    taken = {*dir(pydantic.BaseModel), "int", "str", "float", "bool", "list", "dict"}
    found = {}
    for shape in shapes.values():
        for part in (shape, *shape.get("allOf", ())):
            for name in part.get("properties", ()):
                field = MemberName.of(name)
                legal = f"{field}_" if field in taken else str(field)
                if legal != name:
                    found[name] = legal
    return dict(sorted(found.items()))


def _wrapped(value: Any) -> Any:
    """Break descriptions into lines, as no formatter does."""
    if isinstance(value, dict):
        wrapped = {name: _wrapped(item) for name, item in value.items() if name != "description"}
        if isinstance(value.get("description"), str):
            wrapped["description"] = _lines(value["description"])
        elif "description" in value:
            wrapped["description"] = _wrapped(value["description"])
        return wrapped
    return [_wrapped(item) for item in value] if isinstance(value, list) else value


def _lines(text: str) -> str:
    paragraphs = (" ".join(part.split()) for part in text.strip().split("\n\n"))
    return "\n\n".join(textwrap.fill(part, _WIDTH, break_long_words=False) for part in paragraphs)


def _split(text: str) -> Models:
    kept = "\n".join(line for line in text.splitlines() if line.strip() not in _NOISE)
    kept = re.sub(r"(?<=ConfigDict\()\n([^()]*?),\n\s*(?=\))", lambda match: " ".join(match[1].split()), kept)
    tree = ast.parse(kept)
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    lines = kept.splitlines()
    last = max((node.end_lineno or 0 for node in imports), default=0)
    return Models("\n".join(ast.unparse(node) for node in imports), "\n".join(lines[last:]).strip())
