"""Answers of an operation that went well."""

from collections.abc import Mapping

from pydantic import BaseModel
from starlette.responses import Response

__all__ = ["empty_response", "json_response"]


def json_response(status: int, model: BaseModel, headers: Mapping[str, str] | None = None) -> Response:
    """Write the model's members under the names of the spec.

    Members that were never set stay away: an optional member may be absent without being nullable, while a
    required one is always set.
    """
    text = model.model_dump_json(by_alias=True, exclude_unset=True)
    return Response(text, status, dict(headers or {}), "application/json")


def empty_response(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Answer without content, such as 204 (RFC 9110, section 15.3.5)."""
    return Response(None, status, dict(headers or {}))
