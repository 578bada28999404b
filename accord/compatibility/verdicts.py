"""What comes out when a reader's schema is held against a writer's."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

__all__ = ["Judgement", "Mode", "Verdict", "Witness"]


class Verdict(StrEnum):
    """Only what was proved is safe; only what has a witness is breaking; the rest is unproven."""

    SAFE = "safe"
    BREAKING = "breaking"
    UNPROVEN = "unproven"


class Mode(StrEnum):
    """Tolerant writers write only members that their schema declares; strict ones whatever it admits."""

    TOLERANT = "tolerant"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Witness:
    """A value that the writer may write and the reader refuses.

    ``pointer`` is the place within the value (``#/data/name``), ``keyword`` the one of the reader's schema
    that refuses it, ``place`` the path of that keyword within the reader's schema, ``sentence`` says why.
    """

    value: Any
    pointer: str
    keyword: str
    place: tuple[str | int, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """``reason`` is one clause: how it was proved, or why it could not be; breaking ones have a witness."""

    verdict: Verdict
    reason: str
    witness: Witness | None = None
