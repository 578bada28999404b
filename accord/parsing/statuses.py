"""OpenAPI: what the keys of ``responses`` mean, in words."""

from http import HTTPStatus

__all__ = ["words_of_status"]

_RANGES = {"2XX": "success", "3XX": "redirection", "4XX": "client error", "5XX": "server error"}


def words_of_status(status: str) -> str:
    """How names call it: ``404`` is not found, ``2XX`` success; a status without a name keeps its number."""
    if not status.isdecimal():
        return _RANGES.get(status, "default")
    return {str(int(one)): one.phrase for one in HTTPStatus}.get(status, f"status {status}")
