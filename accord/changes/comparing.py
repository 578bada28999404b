"""Everything that changed between two versions of all specs, the worst first."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from accord.changes.change import Change, Effect
from accord.changes.gathering import Gathered
from accord.changes.left_out import compare_left_out
from accord.changes.messages import compare_messages
from accord.changes.operations import compare_operations
from accord.changes.renames import is_named, renamed_schemas
from accord.changes.schemas import SchemaChanges, Side
from accord.changes.version import Version
from accord.compatibility import Mode
from accord.findings import Location
from accord.model.contract import Service
from accord.model.schemas import SchemaId

__all__ = ["compare"]


def compare(
    old: Version, new: Version, mode: Mode = Mode.TOLERANT, today: date | None = None
) -> list[Change]:
    """Compare two versions of a project; ``today`` is the day for sunsets, in UTC if not given."""
    gathered = Gathered(old, new, mode, today or datetime.now(UTC).date())
    before = {service.name: service for service in old.contract.services}
    after = {service.name: service for service in new.contract.services}
    for name in {**before, **after}:
        pair = before.get(name) or _silent(after[name]), after.get(name) or _silent(before[name])
        _compare_info(gathered, *pair)
        compare_operations(gathered, *pair)
        compare_messages(gathered, *pair)
    _compare_schemas(gathered)
    compare_left_out(gathered)
    order = list(Effect)
    return sorted(
        _merged(gathered.changes),
        key=lambda change: (order.index(change.effect), change.location, change.subject, change.rule),
    )


def _compare_info(gathered: Gathered, old: Service, new: Service) -> None:
    """What the documents say of themselves speaks to people only."""
    for before, after in ((old.openapi, new.openapi), (old.asyncapi, new.asyncapi)):
        if before is not None and after is not None:
            said = gathered.old.value(before, "info") or {}, gathered.new.value(after, "info") or {}
            named = {
                name: (str(said[0].get(name)), str(said[1].get(name))) for name in {**said[0], **said[1]}
            }
            places = (
                gathered.old.found(before, ("info",), Location(before)),
                gathered.new.found(after, ("info",), Location(after)),
            )
            gathered.remarks(after, named, *places)


def _silent(service: Service) -> Service:
    """A service that is not there: it says nothing."""
    return replace(service, operations=(), sends=(), receives=(), keeps=(), server=None)


def _compare_schemas(gathered: Gathered) -> None:
    sides = []
    for index, version in enumerate((gathered.old, gathered.new)):
        named = {str(key): schema.document for key, schema in version.contract.schemas.items()}
        sides.append(Side({**named, **gathered.inline[index]}, _Places(gathered, version, index).of))
    old, new = sides
    names = renamed_schemas(old.documents, new.documents, gathered.exchanges)
    for after, before in names.items():
        if is_named(before):
            told = SchemaId(before).name, SchemaId(after).name
            called = f"is called {told[1]} now" if told[0] != told[1] else f"stands at {after} now"
            places = old.place(before, ()), new.place(after, ())
            gathered.say("schema-renamed", Effect.SAFE, told[0], called, *places)
    comparison = SchemaChanges(old, new, names, gathered.mode)
    gathered.changes.extend(comparison.changes(gathered.exchanges))


class _Places:
    """Finds schemas by key, those that stand on the spot included."""

    def __init__(self, gathered: Gathered, version: Version, index: int) -> None:
        self.gathered = gathered
        self.version = version
        self.index = index

    def of(self, key: str, path: tuple[str | int, ...]) -> Location:
        """Where something within a schema stands."""
        if key in self.gathered.places:
            return self.gathered.places[key][self.index]
        return self.version.at(SchemaId(key), path)


def _merged(changes: Iterable[Change]) -> list[Change]:
    """One change is said once, the worst of it, though several services or directions speak of the same."""
    found: dict[tuple[object, ...], Change] = {}
    for change in changes:
        key = (change.rule, change.subject, change.sentence, change.old, change.new)
        known = found.get(key, change)
        worse = min(known, change, key=lambda one: list(Effect).index(one.effect))
        parties = dict.fromkeys(party for one in (known, change) if one.effect.hurts for party in one.hurts)
        uses = dict.fromkeys((*known.uses, *change.uses))
        found[key] = replace(worse, hurts=tuple(parties), uses=tuple(uses))
    return list(found.values())
