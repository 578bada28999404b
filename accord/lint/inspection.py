"""What a check is given: the sources, and what several checks find out of them."""

from dataclasses import dataclass

from accord.lint.schemas import SchemaWalk
from accord.lint.sources import Sources
from accord.lint.values import Validators

__all__ = ["Inspection"]


@dataclass(frozen=True)
class Inspection:
    """``envelope`` names the members that each event carries beside what it is about."""

    sources: Sources
    schemas: SchemaWalk
    validators: Validators
    envelope: tuple[str, ...]
