"""Runtime expressions of AsyncAPI: places in the headers or the payload of a message."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Location"]


@dataclass(frozen=True, slots=True)
class Location:
    """``$message.header#/a/b`` or ``$message.payload#/a/b``; ``path`` are the tokens of the pointer."""

    source: Literal["header", "payload"]
    path: tuple[str, ...]

    def __str__(self) -> str:
        return f"$message.{self.source}#/{'/'.join(self.path)}"

    def find(self, payload: Any, headers: Any) -> Any:
        """The value there, of any JSON type; None where there is none."""
        found = headers if self.source == "header" else payload
        for token in self.path:
            found = _step(found, token)
        return found

    def put(self, payload: Any, headers: dict[str, Any], value: Any) -> bool:
        """Write ``value`` there unless something stands there; False where nothing was changed.

        Objects on the way are made, so that the headers ``{}`` can become ``{"MQMD": {"CorrelId": …}}``.
        """
        place = headers if self.source == "header" else payload
        for token in self.path[:-1]:
            if not isinstance(place, dict):
                return False
            place = place.setdefault(token, {})
        if not self.path or not isinstance(place, dict) or self.path[-1] in place:
            return False
        place[self.path[-1]] = value
        return True


def _step(value: Any, token: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(token)
    if isinstance(value, list) and token.isdecimal() and int(token) < len(value):
        return value[int(token)]
    return None
