"""Schemas of one name that mean the same, so that one class is enough for them."""

from collections.abc import Iterable, Mapping
from typing import Any

from accord.model.schemas import Schema, SchemaId, reference, subschemas

__all__ = ["representatives"]


def representatives(schemas: Mapping[SchemaId, Schema], ids: Iterable[SchemaId]) -> dict[SchemaId, SchemaId]:
    """For each schema the first of its name that is equal to it, references followed; often itself.

    Starts with all of one name in one class, and splits classes until all members of each look the same.
    """
    ordered = list(ids)
    named: dict[str, list[SchemaId]] = {}
    for id_ in ordered:
        named.setdefault(schemas[id_].class_name, []).append(id_)
    chosen = {id_: id_ for id_ in ordered}
    candidates = [group for group in named.values() if len(group) > 1]
    for group in candidates:
        chosen |= dict.fromkeys(group, group[0])
    while True:
        split = dict(chosen)
        for group in candidates:
            looks: dict[str, SchemaId] = {}
            for id_ in group:
                look = repr((chosen[id_], _look(schemas[id_].document, chosen)))
                split[id_] = looks.setdefault(look, id_)
        if split == chosen:
            return chosen
        chosen = split


def _look(document: Any, chosen: Mapping[SchemaId, SchemaId]) -> Any:
    if not isinstance(document, Mapping):
        return document
    copy = subschemas(document, lambda _, child: _look(child, chosen))
    target = reference(document)
    if target is not None:
        copy["$ref"] = chosen.get(target, target)
    return sorted(copy.items(), key=lambda item: item[0])
