"""Generated interfaces, whose unimplemented members are named as the spec names them."""

from abc import ABC
from collections.abc import Callable
from typing import Any, Self, TypeVar

__all__ = ["IncompleteImplementation", "Interface", "specified"]

_Method = TypeVar("_Method", bound=Callable[..., Any])


class IncompleteImplementation(TypeError):
    """A service forgot part of its contract; raised when it starts, before it serves anything."""


class Interface(ABC):  # noqa: B024  # the generated subclasses have the abstract methods
    """Refuses to be built while a member is missing, and says which one in the words of the spec.

    Plain ABCs refuse too, but they name the Python method, which nobody finds in a YAML file.
    """

    def __new__(cls, *_args: Any, **_kwargs: Any) -> Self:
        missing = [getattr(cls, name) for name in sorted(cls.__abstractmethods__)]
        if missing:
            listed = ", ".join(
                f"{getattr(method, '__specified__', 'member')} (method {method.__name__})"
                for method in missing
            )
            raise IncompleteImplementation(f"{cls.__name__} does not implement {listed}")
        return super().__new__(cls)


def specified(name: str) -> Callable[[_Method], _Method]:
    """Mark a method with what it is in the spec: ``operation createAuthor``, ``event book.created``."""

    def mark(method: _Method) -> _Method:
        method.__specified__ = name  # type: ignore[attr-defined]
        return method

    return mark
