"""Bodies of requests, read into the models of the contract."""

from email.message import Message
from typing import Final, TypeVar

from starlette.requests import Request

from accord.boundary import Boundary, ContractViolation, Violation
from accord.http.problems import ProblemError, RequestViolation

__all__ = ["read_body"]

Model = TypeVar("Model")

# What RFC 9110 (15.5.16) and RFC 5789 (2.2) want beside a 415.
_REMEDIES: Final = {"PATCH": "Accept-Patch"}


async def read_body(request: Request, boundary: Boundary[Model], media_type: str) -> Model:
    """Read the whole body as ``media_type`` in UTF-8.

    Raises `RequestViolation` for a body that is empty, no JSON, or against the contract, and `ProblemError`
    with 415 for another media type or charset.
    """
    given = request.headers.get("content-type")
    body = await request.body()
    if not body and given is None:
        raise _empty(boundary.name)
    if not _matches(given, media_type):
        headers = {"Accept": media_type, _REMEDIES.get(request.method, "Accept"): media_type}
        detail = f"Send {media_type} in UTF-8 instead of {given or 'a body without Content-Type'}."
        raise ProblemError(415, detail, headers=headers)
    if not body:
        raise _empty(boundary.name)
    try:
        return boundary.parse_json(body)
    except ContractViolation as error:
        raise RequestViolation(error.subject, error.violations) from None


def _empty(subject: str) -> RequestViolation:
    return RequestViolation(subject, (Violation("#", "the body is empty; it is required"),))


def _matches(given: str | None, media_type: str) -> bool:
    if given == media_type:
        return True
    if given is None:
        return False
    # RFC 9110, section 8.3.1: the type's case and its other parameters mean nothing here.
    message = Message()
    message["Content-Type"] = given
    charset = message.get_param("charset", "utf-8")
    return message.get_content_type() == media_type and str(charset).lower() in ("utf-8", "utf8")
