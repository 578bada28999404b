"""One name in the forms that a project writes it in."""

import re
from dataclasses import dataclass

from accord.model.names import ClassName, MemberName

__all__ = ["BadName", "Naming", "suggested"]

MAX_LENGTH = 20
"""So that no line of what is laid out grows too long."""

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class BadName(ValueError):
    """The message is a sentence that says why ``name`` is none, and what one is made of."""

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        super().__init__(f"'{name}' names no service: {why}.")


@dataclass(frozen=True, slots=True)
class Naming:
    """``snake`` names the service; its package is ``<snake>_service``."""

    snake: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.snake) or len(self.snake) > MAX_LENGTH:
            why = f"write lower case letters, digits and single '_', a letter first, {MAX_LENGTH} at most"
            raise BadName(self.snake, why)
        if MemberName.of(self.snake) != self.snake:
            raise BadName(self.snake, "Python uses the word itself")

    def renamed(self, text: str, was: "Naming") -> str:
        """The text with this name in the place of the one it ``was`` written with."""
        for old, new in zip(was._forms, self._forms, strict=True):
            text = text.replace(old, new)
        return text

    @property
    def _forms(self) -> tuple[str, str, str]:
        return self.snake, str(ClassName.of(self.snake)), self.snake.upper()


def suggested(text: str) -> str:
    """What a folder or a file would be called as a service; perhaps nothing that `Naming` takes."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    if words[1:] and words[-1] == "service":
        words.pop()
    return "_".join(words).lstrip("0123456789_")[:MAX_LENGTH].rstrip("_")
