"""Schemas as type annotations, never narrower than what the schema admits; the boundary checks the rest."""

import itertools
from collections.abc import Container, Iterable, Mapping
from typing import Any

from accord.codegen.layout import Place, legal
from accord.codegen.spots import Spot, members, parts, same_as, words_of
from accord.model.kinds import JSON_TYPES, Kind, Schemas, is_binary
from accord.model.names import ClassName, MemberName
from accord.model.schemas import SchemaId

__all__ = ["TAKEN_BY_FIELDS", "Annotator", "Classes", "field_names", "is_union"]

Alternatives = tuple[str, ...]
"""The members of a union, each as Python writes it."""

_SCALARS = {"null": "None", "boolean": "bool", "integer": "int", "number": "float"}
_FORMATS = {"date-time": "AwareDatetime", "date": "dt.date", "uuid": "UUID"}
TAKEN_BY_FIELDS = frozenset(
    {"construct", "copy", "dict", "from_orm", "json", "parse_file", "parse_obj", "parse_raw", "schema"}
    | {"schema_json", "update_forward_refs", "validate", "model_computed_fields", "model_config"}
    | {"model_construct", "model_copy", "model_dump", "model_dump_json", "model_extra", "model_fields"}
    | {"model_fields_set", "model_json_schema", "model_parametrized_name", "model_post_init", "model_rebuild"}
    | {"model_validate", "model_validate_json", "model_validate_strings"}
    | {"bool", "bytes", "common", "dt", "float", "int", "list", "schemas", "str"}
)
"""A field of such a name would hide what the class, or the annotations after it, need."""
_SUFFIXES = ("", "Value", "Content", "Detail")


def field_names(names: Iterable[str]) -> dict[str, str]:
    """The fields of a class, by the names of its members in JSON; raises `IllegalName`."""
    return {name: str(field) for name, field in MemberName.distinct(names, TAKEN_BY_FIELDS).items()}


class Classes:
    """The classes of the whole output without a name of their own, in the module of the schema around them.

    A schema of which two services have a class each, since it stands in the spec of one of them, has two.
    ``reserved`` are the names of what is no schema: the answers of operations.
    """

    def __init__(self, reserved: Container[str] = ()) -> None:
        self._reserved = reserved
        self.by_spot: dict[tuple[str, SchemaId, tuple[str | int, ...]], ClassName] = {}
        self.by_module: dict[str, dict[str, Spot]] = {}

    def name(self, spot: Spot, module: str, owner: ClassName, taken: Container[str]) -> ClassName:
        """The name of the class at ``spot``, which is given one the first time."""
        key = (module, *spot.key)
        if key not in self.by_spot:
            there = self.by_module.setdefault(module, {})
            title = spot.document.get("title") if spot.path[-2:-1] in (("oneOf",), ("anyOf",)) else None
            named = title if isinstance(title, str) and title.isprintable() else None
            hint = legal(ClassName.of(named or " ".join([owner, *words_of(spot.path)])))
            suffixes = itertools.chain(_SUFFIXES, ("Inner" * depth for depth in itertools.count(1)))
            named_so = (ClassName(f"{hint}{suffix}") for suffix in suffixes)
            made = next(name for name in named_so if self._is_free(name, taken, there))
            there[made] = spot
            self.by_spot[key] = made
        return self.by_spot[key]

    def _is_free(self, name: ClassName, *taken: Container[str]) -> bool:
        return not any(name in names for names in (self._reserved, *taken))


class Annotator:
    """Writes annotations as the module ``here`` has to; other modules are named before their classes."""

    def __init__(
        self, schemas: Schemas, places: Mapping[SchemaId, Place], classes: Classes, here: str
    ) -> None:
        self._schemas, self._places, self._classes, self._here = schemas, places, classes, here
        self._names: dict[str, set[ClassName]] = {}
        self._aliases: dict[SchemaId, Alternatives] = {}
        self._cut: set[SchemaId] = set()

    def of(self, id_: SchemaId) -> str:
        """The type of a schema under an id."""
        place = self._places[id_].representative
        return self.type_at(Spot({"$ref": place}, place))

    def type_at(self, spot: Spot) -> str:
        """The type of the schema at a spot."""
        return text_of(self._alternatives(spot, frozenset()))

    def written_out(self, id_: SchemaId) -> str:
        """The type of a schema without the name that a union may have."""
        return text_of(self._value(Spot(self._schemas.by_id[id_].document, id_), frozenset({id_})))

    def class_of(self, id_: SchemaId) -> str:
        """The name of a class or enumeration."""
        place = self._places[self._schemas.final(id_)]
        return self._qualified(place.module, place.class_name)

    def _alternatives(self, spot: Spot, seen: frozenset[SchemaId]) -> Alternatives:
        document = spot.document
        if not isinstance(document, Mapping):
            return ("Any",)
        kind = self._schemas.kind(document)
        target = same_as(self._schemas, document)
        if kind is not Kind.ALIAS:
            plain = self.class_of(target) if target is not None else self._inline(spot)
            return (plain, "None") if self._schemas.admits_null(document) else (plain,)
        if target is not None:
            if target in seen:
                self._cut.add(target)
                return ("Any",)
            if not seen and is_union(self._schemas, target):
                return (self.class_of(target),)
            return self._known(target, seen)
        return self._value(spot, seen)

    def _known(self, target: SchemaId, seen: frozenset[SchemaId]) -> Alternatives:
        """What an alias stands for, found out once unless it was cut short within another one."""
        if target not in self._aliases:
            outer, self._cut = self._cut, set()
            made = self._alternatives(Spot(self._schemas.by_id[target].document, target), seen | {target})
            self._cut.discard(target)
            if self._cut:
                self._cut |= outer
                return made
            self._cut = outer
            self._aliases[target] = made
        return self._aliases[target]

    def _inline(self, spot: Spot) -> str:
        owner = self._places[spot.owner]
        if spot.path == ():  # a named class that more than refers to another
            return self._qualified(owner.module, owner.class_name)
        if owner.representative != spot.owner:
            spot = Spot(spot.document, owner.representative, spot.path)
        name = self._classes.name(spot, owner.module, owner.class_name, self._taken(owner.module))
        return self._qualified(owner.module, name)

    def _taken(self, module: str) -> Container[str]:
        """Names of the classes in a module that have one of their own."""
        if module not in self._names:
            self._names[module] = {p.class_name for p in self._places.values() if p.module == module}
        return self._names[module]

    def _qualified(self, module: str, name: str) -> str:
        return name if module == self._here else f"{module.rpartition('.')[2]}.{name}"

    def _value(self, spot: Spot, seen: frozenset[SchemaId]) -> Alternatives:
        types = self._schemas.types(spot.document)
        every = list(parts(self._schemas, spot))
        for part in every:
            if "const" in part.document:
                return _literal([part.document["const"]])
            if "enum" in part.document:
                return _literal(part.document["enum"])
        for part in every:
            for keyword in ("oneOf", "anyOf"):
                branches = self._branches(part, keyword, seen) if keyword in part.document else ("Any",)
                if branches != ("Any",):
                    return branches
        if set(types) == set(JSON_TYPES) - {"integer"}:
            return ("Any",)
        return union(*(self._typed(name, every, seen) for name in types)) or ("Any",)

    def _branches(self, spot: Spot, keyword: str, seen: frozenset[SchemaId]) -> Alternatives:
        branches = [spot.child(keyword, index) for index in range(len(spot.document[keyword]))]
        made = union(*(self._alternatives(branch, seen) for branch in branches))
        name = self._discriminator(spot, branches)
        return (f"Annotated[{text_of(made)}, Field(discriminator={name!r})]",) if name else made

    def _discriminator(self, spot: Spot, branches: list[Spot]) -> str | None:
        """The field that tells apart classes of which each has a text of its own for it."""
        if any(self._schemas.kind(b.document) is not Kind.CLASS for b in branches) or len(branches) < 2:
            return None
        said = spot.document.get("discriminator")
        wanted = said.get("propertyName") if isinstance(said, Mapping) else None
        constants = [self._constants(branch) for branch in branches]
        shared = set(constants[0]).intersection(*constants[1:])
        for name in sorted(shared, key=lambda name: (name != wanted, name)):
            values = [constant[name] for constant in constants]
            if len(set(values)) == len(values):
                names = {field_names(members(self._schemas, branch))[name] for branch in branches}
                return names.pop() if len(names) == 1 else None
        return None

    def _constants(self, spot: Spot) -> dict[str, str]:
        found = {}
        for name, (member, required) in members(self._schemas, spot).items():
            values = [part["const"] for part in self._schemas.parts(member.document) if "const" in part]
            if required and len(values) == 1 and isinstance(values[0], str):
                found[name] = values[0]
        return found

    def _typed(self, name: str, every: list[Spot], seen: frozenset[SchemaId]) -> Alternatives:
        if name == "string":
            formats = [part.document["format"] for part in every if "format" in part.document]
            if any(is_binary(part.document) for part in every):
                return ("bytes",)
            return (next((_FORMATS[item] for item in formats if item in _FORMATS), "str"),)
        if name == "array":
            return (f"list[{text_of(self._items(every, seen))}]",)
        if name == "object":
            return (f"dict[str, {text_of(self._values(every, seen))}]",)
        return (_SCALARS[name],)

    def _items(self, every: list[Spot], seen: frozenset[SchemaId]) -> Alternatives:
        for part in every:
            first = [part.child("prefixItems", i) for i in range(len(part.document.get("prefixItems", ())))]
            rest = part.document.get("items", True)
            if first and rest is False:
                return union(*(self._alternatives(spot, seen) for spot in first))
            if isinstance(rest, Mapping):
                return union(*(self._alternatives(spot, seen) for spot in [*first, part.child("items")]))
        return ("Any",)

    def _values(self, every: list[Spot], seen: frozenset[SchemaId]) -> Alternatives:
        if any({"properties", "unevaluatedProperties"} & set(part.document) for part in every):
            return ("Any",)
        for part in every:
            patterns = [
                part.child("patternProperties", name) for name in part.document.get("patternProperties", ())
            ]
            rest = part.document.get("additionalProperties", True)
            if patterns and rest is False:
                return union(*(self._alternatives(spot, seen) for spot in patterns))
            if isinstance(rest, Mapping):
                spots = [*patterns, part.child("additionalProperties")]
                return union(*(self._alternatives(spot, seen) for spot in spots))
        return ("Any",)


def union(*several: Alternatives) -> Alternatives:
    """One annotation for several; None last, and Any swallows the rest."""
    found = list(dict.fromkeys(part for alternatives in several for part in alternatives))
    if "Any" in found:
        return ("Any",)
    if "None" in found:
        found = [*(part for part in found if part != "None"), "None"]
    return tuple(found)


def is_union(schemas: Schemas, id_: SchemaId) -> bool:
    """Whether the schema is a choice between classes, which deserves a name."""
    document = schemas.by_id[id_].document
    if schemas.kind(document) is not Kind.ALIAS or not isinstance(document, Mapping):
        return False
    branches = [*document.get("oneOf", ()), *document.get("anyOf", ())]
    kinds = [schemas.kind(branch) for branch in branches]
    untyped = set(schemas.types(document)) == set(JSON_TYPES) - {"integer"}
    return untyped and kinds.count(Kind.CLASS) > 1


def text_of(alternatives: Alternatives) -> str:
    """The annotation as Python writes it."""
    return " | ".join(alternatives) or "Any"


def _literal(values: list[Any]) -> Alternatives:
    """JSON's 1.0 is 1 but fits no Literal, so numbers are of their type."""
    literal = [value for value in values if isinstance(value, str | bool)]
    plain = {
        _plain(value): None for value in values if value is not None and not isinstance(value, str | bool)
    }
    chosen = ", ".join(dict.fromkeys(map(repr, literal)))
    return union(
        (f"Literal[{chosen}]",) if literal else (), tuple(plain), ("None",) if None in values else ()
    )


def _plain(value: Any) -> str:
    if isinstance(value, int | float):
        return "int" if float(value).is_integer() else "float"
    return "list[Any]" if isinstance(value, list) else "dict[str, Any]"
