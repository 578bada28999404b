"""Pydantic models from shapes, by datamodel-code-generator."""

import ast
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accord.model.names import MemberName

__all__ = ["Models", "local_base", "paragraphs_of", "write_models"]

_WIDTH = 100
_LOCAL = "_local_base_"
_NOISE = ("arbitrary_types_allowed=True,", "use_attribute_docstrings=True,")
"""Settings that datamodel-code-generator adds for cases that shapes do not hold."""


@dataclass(frozen=True, slots=True)
class Models:
    """Python text: import statements, and the classes."""

    imports: str
    body: str


def local_base(name: str) -> str:
    """The ``customBasePath`` of a base class that is written by the same call.

    An ``allOf`` would say so as well, but then members of the base spoil what the derived class says of them;
    and under its own name the base would pass for an import that clashes with a class.
    """
    return f"{_LOCAL}.{_LOCAL}{name}"


def write_models(shapes: Mapping[str, Any]) -> Models:
    """Write one class for each shape, by its name."""
    if not shapes:
        return Models("", "")
    # Imported here, since it takes as long as all the rest of a command that writes nothing.
    from datamodel_code_generator import generate
    from datamodel_code_generator.enums import DataModelType, InputFileType
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
        for name in shape.get("properties", ()):
            field = MemberName.of(name)
            legal = f"{field}_" if field in taken else str(field)
            if legal != name:
                found[name] = legal
    return dict(sorted(found.items()))


def _wrapped(value: Any) -> Any:
    """Break descriptions into lines, as no formatter does."""
    if isinstance(value, dict):
        return {
            name: _lines(item) if name == "description" and isinstance(item, str) else _wrapped(item)
            for name, item in value.items()
        }
    return [_wrapped(item) for item in value] if isinstance(value, list) else value


def _lines(text: str) -> str:
    return "\n\n".join(textwrap.fill(part, _WIDTH, break_long_words=False) for part in paragraphs_of(text))


def paragraphs_of(text: str) -> list[str]:
    """Prose with its white space evened out, and without characters that Python source cannot hold."""
    parts = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    return [legal for part in parts if (legal := "".join(filter(str.isprintable, part)).strip())]


def _split(text: str) -> Models:
    kept = "\n".join(line for line in text.splitlines() if line.strip() not in _NOISE)
    kept = re.sub(r"(?<=ConfigDict\()\n([^()]*?),\n\s*(?=\))", lambda match: " ".join(match[1].split()), kept)
    imports, statements = [], []
    kept = re.sub(rf"^(class \w+)\({_LOCAL}(\w+)\)", r"\1(\2)", kept, flags=re.MULTILINE)
    for node in ast.parse(kept).body:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            statements.append(node)
        elif not isinstance(node, ast.ImportFrom) or node.module != _LOCAL:
            imports.append(ast.unparse(node))
    body = "\n\n\n".join(ast.get_source_segment(kept, node) or "" for node in _bases_first(statements))
    return Models("\n".join(imports), body)


def _bases_first(statements: list[ast.stmt]) -> list[ast.stmt]:
    """Base classes look imported to datamodel-code-generator, so it puts derived classes anywhere."""
    classes = {node.name: node for node in statements if isinstance(node, ast.ClassDef)}
    ordered: dict[str, ast.stmt] = {}

    def place(node: ast.ClassDef) -> None:
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id in classes:
                place(classes[base.id])
        ordered.setdefault(node.name, node)

    for node in classes.values():
        place(node)
    return [*ordered.values(), *(node for node in statements if not isinstance(node, ast.ClassDef))]
