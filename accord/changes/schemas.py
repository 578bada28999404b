"""What each edit of a schema does in the exchanges that the schema takes part in.

Every edit is judged alone: the old schemas with nothing but this edit, within the whole value that crosses
the boundary. So the verdict and the witness belong to it, however much else changed. Where all edits
together do what none of them does alone, that is said of the exchange.
"""

from collections import ChainMap, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from accord.changes.change import Change, Effect, Party
from accord.changes.edits import Edit, apply, edits
from accord.changes.exchanges import Exchange, Flow, Writer
from accord.changes.renames import is_named
from accord.compatibility import Judgement, Mode, Verdict, Witness, judge, witnessed
from accord.compatibility.documents import refer
from accord.findings import Location
from accord.model.schemas import SchemaId, references, subschemas

__all__ = ["SchemaChanges", "Side"]

MOST_TRIES: Final = 3
"""An edit that is not safe for its own schema is judged in so many exchanges, until one shows it; it does the
same in the others."""

_Only = tuple[str, Edit] | None
"""The one edit, with the key of its schema, that is made; all of them if there is none."""

_EFFECTS: Final = {
    Verdict.BREAKING: Effect.BREAKING,
    Verdict.UNPROVEN: Effect.UNPROVEN,
    Verdict.SAFE: Effect.SAFE,
}


@dataclass(frozen=True)
class Side:
    """The schemas of one version by key, with a way to find their places."""

    documents: Mapping[str, Any]
    place: Callable[[str, tuple[str | int, ...]], Location]

    def renamed(self, names: Mapping[str, str]) -> "Side":
        """The same schemas under the names of the other version."""
        documents = {names.get(key, key): _renamed(d, names) for key, d in self.documents.items()}
        return Side(documents, self.place)


@dataclass
class _Outcome:
    effects: dict[Effect, list[Party]] = field(default_factory=lambda: defaultdict(list))
    shown: dict[Effect, tuple[Judgement, str]] = field(default_factory=dict)

    def add(self, judgement: Judgement, party: Party, carrier: str) -> None:
        effect = _EFFECTS[judgement.verdict]
        if party not in self.effects[effect]:
            self.effects[effect].append(party)
        self.shown.setdefault(effect, (judgement, carrier))

    def as_change(
        self,
        rule: str,
        subject: str,
        sentence: str,
        old: Location,
        new: Location,
        uses: tuple[str, ...],
    ) -> Change:
        """The worst of it, as one change."""
        effect = next((effect for effect in Effect if effect in self.effects), Effect.SAFE)
        if rule == "remark-changed":
            effect = Effect.DOCS
        judgement, carrier = self.shown.get(effect, (None, ""))
        return Change(
            rule,
            effect,
            subject,
            sentence,
            old,
            new,
            tuple(self.effects[effect]) if effect.hurts else (),
            judgement.reason if judgement is not None and effect is Effect.UNPROVEN else "",
            judgement.witness if judgement is not None else None,
            carrier if effect is Effect.BREAKING else "",
            uses,
        )


class SchemaChanges:
    """Compares the schemas of two versions; ``names`` are the old keys of the new version's schemas."""

    def __init__(self, old: Side, new: Side, names: Mapping[str, str], mode: Mode) -> None:
        self.old = old
        self.new = new.renamed(names)
        self.mode = mode
        self.names = names
        self._newly = {after: before for before, after in names.items()}
        self._linked = {key: _linked(document) for key, document in old.documents.items()}
        self._linked_new = {key: _linked(document) for key, document in self.new.documents.items()}
        self._either = ChainMap(self._linked_new, self._linked)
        self._references = {
            key: [str(target) for target in _references(key, (old, self.new)) if target in self._either]
            for key in self._either
        }
        self._judged: dict[tuple[Any, ...], Judgement] = {}
        self._only: list[Witness] = []
        """Witnesses that hold for one edit, and not with all others made too."""

    def changes(self, exchanges: Iterable[Exchange]) -> Iterator[Change]:
        """Every edit of every schema, and what the exchanges make of them together."""
        exchanges = list(exchanges)
        kept = [e for e in exchanges if self.names.get(e.new, e.new) == e.old]
        for exchange in exchanges:
            if exchange not in kept:
                yield self._replaced(exchange)
        users: dict[str, list[Exchange]] = defaultdict(list)
        for exchange in kept:
            for key in self._reached(exchange.old):
                users[key].append(exchange)
        blamed: set[tuple[Exchange, Flow]] = set()
        for key in self.old.documents:
            if key in self.new.documents and (users[key] or is_named(key)):
                for edit in edits(self.old.documents[key], self.new.documents[key]):
                    yield self._edited(key, edit, users[key], blamed)
        for exchange in kept:
            yield from self._together(exchange, blamed)

    def _edited(
        self, key: str, edit: Edit, users: list[Exchange], blamed: set[tuple[Exchange, Flow]]
    ) -> Change:
        outcome = _Outcome()
        found: dict[Flow, Judgement] = {}
        tries: dict[Flow, int] = defaultdict(int)
        for exchange in users:
            for flow in exchange.flows:
                judgement = self._judge(flow, exchange.old, exchange.old, None)
                if judgement.verdict is not Verdict.SAFE:
                    known = found.get(flow) or self._judge(flow, key, key, (key, edit))
                    if known.verdict is not Verdict.SAFE and flow not in found and tries[flow] < MOST_TRIES:
                        tries[flow] += 1
                        known = self._shown(flow, exchange.old, (key, edit))
                    if known.verdict is not Verdict.SAFE:
                        found[flow] = known
                        blamed.add((exchange, flow))
                    judgement = known
                only = judgement.witness is not None and judgement.witness in self._only
                carrier = f"{exchange.subject}, if nothing else changed" if only else exchange.subject
                outcome.add(_remarked(edit, flow) or judgement, flow.party, carrier)
        uses = tuple(dict.fromkeys(exchange.subject for exchange in users))
        before = self.old.place(key, edit.path)
        after = self.new.place(self._newly.get(key, key), edit.newly)
        subject = _called(key) if is_named(key) or not users else users[0].subject
        return outcome.as_change(edit.rule, subject, edit.sentence, before, after, uses)

    def _replaced(self, exchange: Exchange) -> Change:
        """Another schema took the place of the old one."""
        outcome = _Outcome()
        after = self.names.get(exchange.new, exchange.new)
        for flow in exchange.flows:
            outcome.add(self._judge(flow, exchange.old, after, None), flow.party, exchange.subject)
        sentence = f"is {_called(after)} instead of {_called(exchange.old)}"
        places = (exchange.before, exchange.after)
        return outcome.as_change("schema-replaced", exchange.subject, sentence, *places, (exchange.subject,))

    def _together(self, exchange: Exchange, blamed: set[tuple[Exchange, Flow]]) -> Iterator[Change]:
        outcome = _Outcome()
        for flow in exchange.flows:
            judgement = self._judge(flow, exchange.old, exchange.old, None)
            if judgement.verdict is not Verdict.SAFE and (exchange, flow) not in blamed:
                outcome.add(judgement, flow.party, exchange.subject)
        if outcome.effects:
            sentence = "changes of its schemas together do what none of them does alone"
            places = (exchange.before, exchange.after)
            yield outcome.as_change(
                "changes-together", exchange.subject, sentence, *places, (exchange.subject,)
            )

    def _judge(self, flow: Flow, before: str, after: str, only: _Only) -> Judgement:
        asked = (flow.writer, before, after, None if only is None else (only[0], id(only[1])))
        if asked not in self._judged:
            self._judged[asked] = judge(*self._pair(flow, before, after, only), self.mode)
        return self._judged[asked]

    def _shown(self, flow: Flow, root: str, only: tuple[str, Edit]) -> Judgement:
        """The judgement of one edit, with a witness that holds with all others made too, if there is one."""
        judgement = self._judge(flow, root, root, only)
        found, together = judgement.witness, self._judge(flow, root, root, None).witness
        if found is None:
            return judgement
        everything = self._pair(flow, root, root, None)
        if shown := witnessed(found.value, *everything, self.mode, found):
            return replace(judgement, witness=shown)
        alone = self._pair(flow, root, root, only)
        own = None if together is None else witnessed(together.value, *alone, self.mode)
        if own is not None and (shown := witnessed(own.value, *everything, self.mode, own)):
            return replace(judgement, witness=shown)
        self._only.append(found)
        return judgement

    def _pair(
        self, flow: Flow, before: str, after: str, only: _Only
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What is written and what reads it, with all edits or with one."""
        old = self._bundle(before, self._linked)
        if only is None:
            new = self._bundle(after, self._linked_new)
        else:
            edited = _linked(apply(self.old.documents[only[0]], only[1]))
            new = self._bundle(after, ChainMap({only[0]: edited}, self._linked, self._linked_new))
        return (old, new) if flow.writer is Writer.OLD else (new, old)

    def _bundle(self, root: str, linked: Mapping[str, Any]) -> dict[str, Any]:
        needed: dict[str, Any] = {}
        waiting = [root]
        while waiting:
            key = waiting.pop()
            if key not in needed:
                needed[key] = linked[key]
                waiting.extend(self._targets(key, linked))
        return {"$ref": refer(root), "$defs": needed}

    def _targets(self, key: str, linked: Mapping[str, Any]) -> list[str]:
        return [target for target in self._references[key] if target in linked]

    def _reached(self, root: str) -> list[str]:
        reached: dict[str, None] = {}
        waiting = [root]
        while waiting:
            key = waiting.pop()
            if key not in reached:
                reached[key] = None
                waiting.extend(self._references[key])
        return list(reached)


def _references(key: str, sides: Iterable[Side]) -> Iterator[SchemaId]:
    """All that a schema refers to in either version."""
    for side in sides:
        yield from references(side.documents.get(key, {}))


def _remarked(edit: Edit, flow: Flow) -> Judgement | None:
    """What a validator does not see: the value that stands in for a missing one."""
    if edit.rule != "default-changed" or flow.writer is Writer.NEW:
        return None
    return Judgement(Verdict.UNPROVEN, "nothing is refused, but who leaves it out gets another value")


def _called(key: str) -> str:
    """The name that people gave a schema, or where it stands."""
    schema = SchemaId(key)
    return schema.name if is_named(key) else schema.pointer or key


def _linked(document: Any) -> Any:
    """References as a validator follows them."""
    if not isinstance(document, Mapping):
        return document
    copy = subschemas(document, lambda _, child: _linked(child))
    return {**copy, "$ref": refer(copy["$ref"])} if "$ref" in copy else copy


def _renamed(document: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(document, Mapping):
        return document
    copy = subschemas(document, lambda _, child: _renamed(child, names))
    return {**copy, "$ref": names.get(copy["$ref"], copy["$ref"])} if "$ref" in copy else copy
