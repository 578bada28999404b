"""Keys, header values and parts of topic names: values of any JSON type that travel as text."""

from typing import Any, TypeVar

import orjson

from accord.boundary import Boundary, ContractViolation, Violation, load_json

__all__ = ["as_text", "decoded", "from_text", "to_json", "to_text", "violation"]

Model = TypeVar("Model")


def violation(subject: str, detail: str) -> ContractViolation:
    """One that concerns the value as a whole."""
    return ContractViolation(subject, (Violation("#", detail),))


def as_text(value: Any) -> str:
    """A text as it is, anything else as JSON; ``value`` is made of JSON types."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def to_text(boundary: Boundary[Any], value: Any) -> str:
    """The text of a value, which may be a model, once it was held against its schema."""
    plain = to_json(boundary.name, value)
    boundary.check(plain)
    return as_text(plain)


def from_text(boundary: Boundary[Model], text: str) -> Model:
    """The value that a text stands for: the text itself where the schema admits it, else the JSON in it.

    Raises `ContractViolation`, which says what is wrong with the text where it is no JSON either.
    """
    try:
        return boundary.parse(text)
    except ContractViolation as refusal:
        try:
            value = load_json(text.encode(), boundary.name)
        except ContractViolation:
            raise refusal from None
    return boundary.parse(value)


def decoded(subject: str, raw: bytes) -> str:
    """UTF-8 as text; raises `ContractViolation`."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise violation(subject, "is no UTF-8") from None


def to_json(subject: str, value: Any) -> Any:
    """JSON types of a value that may hold models, moments and UUIDs; raises `ContractViolation`."""
    try:
        return orjson.loads(orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z))
    except orjson.JSONEncodeError as error:
        raise violation(subject, f"not JSON: {error}") from None


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
