"""The single edits that lead from one version of a schema to the next, each of which can be made alone.

Members are told apart by name, branches by what they say; a member that went while one just like it came was
renamed. What is only said to people is one edit of its own.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from accord.changes.likeness import apart, listed, paired, said, same
from accord.model.schemas import MANY, NAMED, ONE

__all__ = ["Edit", "apply", "edits"]

Path = tuple[str | int, ...]
Step = tuple[Path, tuple[Any, ...]]

_GONE: Final = object()
_DESCENDED: Final = frozenset({"items", "additionalProperties", "contains", "propertyNames"})
_TOLD_APART: Final = frozenset({"properties", "required", *_DESCENDED, *MANY, *NAMED})


@dataclass(frozen=True, slots=True)
class Edit:
    """``path`` and ``newly`` lead to the place in the old and the new schema; ``steps`` make the change.

    A step is a path within the old schema with its new value, or with none where it is deleted.
    """

    rule: str
    sentence: str
    path: Path
    newly: Path
    steps: tuple[Step, ...]


def edits(old: Any, new: Any) -> list[Edit]:
    """Everything that differs, in the order of the old schema."""
    return list(_level(old, new, (), ()))


def apply(schema: Any, edit: Edit) -> Any:
    """The old schema with that one edit; the original stays as it is."""
    root = {"": _copied(schema)}
    for path, value in edit.steps:
        holder: Any = root
        *way, last = ("", *path)
        for step in way:
            holder = holder.setdefault(step, {}) if isinstance(holder, dict) else holder[step]
        if value:
            _set(holder, last, _copied(value[0]))
        elif isinstance(holder, dict):
            holder.pop(last, None)
        else:
            del holder[last]
    return root[""]


def _copied(value: Any) -> Any:
    """A copy in which nothing is shared: a step must not change what stands elsewhere too."""
    if isinstance(value, Mapping):
        return {name: _copied(member) for name, member in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _set(holder: Any, last: str | int, value: Any) -> None:
    if isinstance(holder, list) and isinstance(last, int) and last >= len(holder):
        holder.append(value)
    else:
        holder[last] = value


def _level(old: Any, new: Any, path: Path, newly: Path) -> Iterator[Edit]:
    if old == new:
        return
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        yield Edit("schema-replaced", "another schema stands here", path, newly, ((path, (new,)),))
        return
    yield from _remarks(old, new, path, newly)
    if apart(old, new):
        place, other = (*path, "type"), (*newly, "type")
        yield Edit("type-changed", _types(old, new), place, other, ((path, (new,)),))
        return
    yield from _own(old, new, path, newly)
    yield from _members(old, new, path, newly)
    yield from _required(old, new, path, newly)
    for keyword in sorted(_DESCENDED & (old.keys() | new.keys())):
        before, after = old.get(keyword, _GONE), new.get(keyword, _GONE)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _level(before, after, (*path, keyword), (*newly, keyword))
        elif before != after:
            yield _keyword(old, new, keyword, path, newly)
    for keyword in sorted((NAMED - {"properties"}) & (old.keys() | new.keys())):
        before, after = old.get(keyword, {}), new.get(keyword, {})
        for name in {**before, **after}:
            place, other = (*path, keyword, name), (*newly, keyword, name)
            if name in before and name in after:
                yield from _level(before[name], after[name], place, other)
            else:
                word = "is new" if name in after else "is gone"
                step = (place, (after[name],) if name in after else ())
                yield Edit("schema-keyword-changed", f"{keyword} '{name}' {word}", path, newly, (step,))
    for keyword in sorted(MANY & (old.keys() | new.keys())):
        yield from _branches(old, new, keyword, path, newly)


def _remarks(old: Mapping[str, Any], new: Mapping[str, Any], path: Path, newly: Path) -> Iterator[Edit]:
    changed = [key for key in said(old) | said(new) if old.get(key, _GONE) != new.get(key, _GONE)]
    if "default" in changed:
        changed.remove("default")
        yield _keyword(old, new, "default", path, newly, "default-changed")
    if "deprecated" in changed:
        changed.remove("deprecated")
        yield _keyword(old, new, "deprecated", path, newly, "deprecation-changed")
    if changed:
        steps = tuple(((*path, key), (new[key],) if key in new else ()) for key in sorted(changed))
        told = ", ".join(sorted(changed))
        yield Edit("remark-changed", f"{told} changed", path, newly, steps)


def _own(old: Mapping[str, Any], new: Mapping[str, Any], path: Path, newly: Path) -> Iterator[Edit]:
    """Keywords that judge a value by themselves; a new type takes what goes with it along."""
    keys = [key for key in {**old, **new} if key not in _TOLD_APART and key not in said(old) | said(new)]
    changed = [key for key in keys if old.get(key, _GONE) != new.get(key, _GONE)]
    if "$ref" in changed:
        steps = tuple(((*path, key), (new[key],) if key in new else ()) for key in changed)
        names = [_target(schema) or "described on the spot" for schema in (new, old)]
        yield Edit("schema-replaced", f"is {names[0]} instead of {names[1]}", path, newly, steps)
        return
    if "type" in changed:
        steps = tuple(((*path, key), (new[key],) if key in new else ()) for key in changed)
        place, other = (*path, "type"), (*newly, "type")
        yield Edit("type-changed", _types(old, new), place, other, steps)
        return
    for keyword in changed:
        yield _keyword(old, new, keyword, path, newly)


def _target(schema: Any) -> str:
    """The name of the schema that is referred to; empty if none is."""
    target = schema.get("$ref") if isinstance(schema, Mapping) else None
    return target.rpartition("/")[2] if isinstance(target, str) else ""


def _types(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    before, after = listed(old.get("type")), listed(new.get("type"))
    if set(before) - {"null"} == set(after) - {"null"}:
        return "may be null now" if "null" in after else "may no longer be null"
    told = [" or ".join(kinds) or "any type" for kinds in (after, before)]
    return f"is {told[0]} instead of {told[1]}"


def _keyword(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    keyword: str,
    path: Path,
    newly: Path,
    rule: str = "schema-keyword-changed",
) -> Edit:
    before, after = old.get(keyword, _GONE), new.get(keyword, _GONE)
    path, newly = (*path, keyword), (*newly, keyword)
    step = (path, () if after is _GONE else (after,))
    if keyword == "enum" and isinstance(before, list) and isinstance(after, list):
        more = [value for value in after if value not in before]
        less = [value for value in before if value not in after]
        told = [
            f"{', '.join(map(_short, values))} {word}"
            for values, word in ((more, "added"), (less, "removed"))
            if values
        ]
        sentence = f"values of the enum: {' and '.join(told) or 'in another order'}"
        return Edit("enum-changed", sentence, path, newly, (step,))
    if keyword in ONE or keyword == "$ref":
        sentence = f"{keyword} is {'gone' if after is _GONE else 'new' if before is _GONE else 'another'}"
    elif before is _GONE:
        sentence = f"{keyword} is {_short(after)}; there was none"
    elif after is _GONE:
        sentence = f"{keyword} {_short(before)} is gone"
    else:
        sentence = f"{keyword} is {_short(after)} instead of {_short(before)}"
    return Edit(rule, sentence, path, newly, (step,))


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _members(old: Mapping[str, Any], new: Mapping[str, Any], path: Path, newly: Path) -> Iterator[Edit]:
    before, after = old.get("properties", {}), new.get("properties", {})
    gone = [name for name in before if name not in after]
    come = [name for name in after if name not in before]
    for name in before:
        if name in after:
            place, other = (*path, "properties", name), (*newly, "properties", name)
            yield from _level(before[name], after[name], place, other)
    for name in list(gone):
        twins = [other for other in come if same(before[name], after[other])]
        if len(twins) == 1 and sum(same(before[other], before[name]) for other in gone) == 1:
            (twin,) = twins
            gone.remove(name)
            come.remove(twin)
            steps = (*_without(old, new, name, path), *_with(old, new, twin, path, {name}))
            place, other = (*path, "properties", name), (*newly, "properties", twin)
            yield Edit("member-renamed", f"the member '{name}' is called '{twin}' now", place, other, steps)
    for name in gone:
        place = (*path, "properties", name)
        sentence = f"the member '{name}' is gone"
        yield Edit("member-removed", sentence, place, newly, tuple(_without(old, new, name, path)))
    for name in come:
        must = name in new.get("required", ())
        sentence = f"the {'required' if must else 'optional'} member '{name}' is new"
        steps = tuple(_with(old, new, name, path, set()))
        place = (*newly, "properties", name)
        yield Edit("required-member-added" if must else "member-added", sentence, path, place, steps)


def _without(old: Mapping[str, Any], new: Mapping[str, Any], name: str, path: Path) -> Iterator[Step]:
    yield (*path, "properties", name), ()
    if name in old.get("required", ()) and name not in new.get("required", ()):
        yield (*path, "required"), ([other for other in old["required"] if other != name],)


def _with(
    old: Mapping[str, Any], new: Mapping[str, Any], name: str, path: Path, gone: set[str]
) -> Iterator[Step]:
    yield (*path, "properties", name), (new["properties"][name],)
    kept = [other for other in old.get("required", ()) if other not in gone - set(new.get("required", ()))]
    if name in new.get("required", ()) and name not in kept:
        yield (*path, "required"), ([*kept, name],)


def _required(old: Mapping[str, Any], new: Mapping[str, Any], path: Path, newly: Path) -> Iterator[Edit]:
    """Names that were there before and after; those that came or went brought or took their demand along."""
    before, after = list(old.get("required", ())), list(new.get("required", ()))
    told = old.get("properties", {}).keys() ^ new.get("properties", {}).keys()
    for name in before:
        if name not in after and name not in told:
            step = ((*path, "required"), ([other for other in before if other != name],))
            sentence = f"the member '{name}' is no longer required"
            yield Edit("member-optional", sentence, *_at(path, newly, name), (step,))
    for name in after:
        if name not in before and name not in told:
            step = ((*path, "required"), ([*before, name],))
            sentence = f"the member '{name}' is required now"
            yield Edit("member-required", sentence, *_at(path, newly, name), (step,))


def _at(path: Path, newly: Path, name: str) -> tuple[Path, Path]:
    return (*path, "properties", name), (*newly, "properties", name)


def _branches(
    old: Mapping[str, Any], new: Mapping[str, Any], keyword: str, path: Path, newly: Path
) -> Iterator[Edit]:
    before, after = list(old.get(keyword, ())), list(new.get(keyword, ()))
    pairs = dict(paired(before, after, keyword))
    come = [index for index in range(len(after)) if index not in pairs.values()]
    for index, branch in enumerate(before):
        place = (*path, keyword, index)
        if index in pairs:
            yield from _level(branch, after[pairs[index]], place, (*newly, keyword, pairs[index]))
        else:
            gone = (*path, keyword) if len(before) == 1 else place
            sentence = f"a branch of {keyword} is gone{_named(branch)}"
            yield Edit("branch-removed", sentence, place, newly, ((gone, ()),))
    for index in come:
        sentence = f"a branch of {keyword} is new{_named(after[index])}"
        added: Step = ((*path, keyword, len(before)), (after[index],))
        first: Step = ((*path, keyword), ([after[index]],))
        step = added if before else first
        yield Edit("branch-added", sentence, path, (*newly, keyword, index), (step,))


def _named(branch: Any) -> str:
    return f": {_target(branch)}" if _target(branch) else ""
