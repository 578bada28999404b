"""Schemas that have another name, or stand in another place, than in the version before."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from accord.changes.exchanges import Exchange
from accord.model.schemas import ANNOTATIONS, SchemaId, subschemas

__all__ = ["is_named", "renamed_schemas"]


def renamed_schemas(
    old: Mapping[str, Any], new: Mapping[str, Any], exchanges: Iterable[Exchange]
) -> dict[str, str]:
    """The old keys of schemas by their new ones, where these differ.

    Schemas that carry the same exchange are one; so are those of one name in another place, and those that
    say the same, if nothing else does.
    """
    gone = {key for key in old if key not in new}
    come = {key for key in new if key not in old}
    names: dict[str, str] = {}

    def pair(before: str, after: str) -> None:
        gone.discard(before)
        come.discard(after)
        names[after] = before

    for exchange in exchanges:
        if exchange.old in gone and exchange.new in come:
            pair(exchange.old, exchange.new)
    for look in (_name, lambda key: _text(old.get(key, new.get(key)))):
        sought, found = (_grouped(keys, look) for keys in (gone, come))
        for text, keys in sought.items():
            if len(keys) == 1 and len(found.get(text, ())) == 1:
                pair(keys[0], found[text][0])
    return names


def is_named(key: str) -> bool:
    """Whether people gave the schema a name, since it stands among its likes."""
    return SchemaId(key).pointer.startswith(("/components/", "/$defs/", "/definitions/"))


def _grouped(keys: Iterable[str], look: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for key in sorted(filter(is_named, keys)):
        groups.setdefault(look(key), []).append(key)
    return groups


def _name(key: str) -> str:
    return SchemaId(key).name


def _text(document: Any) -> str:
    """What a schema says to a validator; equal texts mean the same."""
    return repr(_plain(document))


def _plain(document: Any) -> Any:
    if not isinstance(document, Mapping):
        return document
    copy = subschemas(document, lambda _, child: _plain(child))
    return sorted(((key, value) for key, value in copy.items() if key not in ANNOTATIONS), key=lambda i: i[0])
