"""Which class extends which, and what a base class has to leave open for it."""

from collections.abc import Mapping
from typing import Any

from accord.codegen.annotations import field_names
from accord.codegen.spots import Spot, base_of, members
from accord.model.kinds import Schemas, types_of
from accord.model.schemas import SchemaId, reference

__all__ = ["Inheritance"]

SpotKey = tuple[SchemaId, tuple[str | int, ...]]


class Inheritance:
    """Bases of classes; ``open_members`` a derived class declares differently, so a base says Any there."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self.open_members: frozenset[SpotKey] = frozenset(
            key
            for schema in schemas.by_id.values()
            for key in self._redeclared(Spot(schema.document, schema.id))
        )

    def base(self, spot: Spot) -> SchemaId | None:
        """The class that the one at ``spot`` extends.

        None also where a class without a name would redeclare a member that its base does not leave open, and
        where the members of both together would be called otherwise.
        """
        base = base_of(self._schemas, spot.document)
        if base is None or not self._keeps_names(spot, base):
            return None
        return base if set(self._redeclared(spot)) <= self.open_members else None

    def _keeps_names(self, spot: Spot, base: SchemaId) -> bool:
        """Whether no further member makes one of the base be called otherwise, as ``a_b`` makes ``aB``."""
        inherited = field_names(self.inherited(base))
        own = field_names(members(self._schemas, spot))
        return all(own[name] == field for name, field in inherited.items())

    def inherited(self, base: SchemaId) -> dict[str, tuple[Spot, bool]]:
        """The members of a base class."""
        return members(self._schemas, Spot(self._schemas.by_id[base].document, base))

    def _redeclared(self, spot: Spot) -> list[SpotKey]:
        """Members of the base class that mean something else here."""
        base = base_of(self._schemas, spot.document)
        if base is None:
            return []
        inherited = self.inherited(base)
        own = members(self._schemas, spot)
        return [
            general.key
            for name, (general, _) in inherited.items()
            if not self._narrows(own[name][0].document, general.document)
        ]

    def _narrows(self, own: Any, general: Any) -> bool:
        """Whether a value of the one type is a value of the other, for Python as well."""
        if own == general or not isinstance(general, Mapping):
            return True
        if types_of(general) == ("string",) and not {"format", "enum", "const"} & set(general):
            return isinstance(own, Mapping) and isinstance(own.get("const"), str)
        target, further = reference(general), reference(own)
        while target is not None and further is not None:
            if self._schemas.final(further) == self._schemas.final(target):
                return True
            further = base_of(self._schemas, self._schemas.by_id[self._schemas.final(further)].document)
        return False
