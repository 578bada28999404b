"""The whole contract as chapters: one for each service, one for what they share."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, TypeVar

from markupsafe import Markup

from accord.model.contract import Contract, Service
from accord.model.events import Topic
from accord.model.kinds import Schemas
from accord.model.schemas import SchemaId
from accord.parsing.references import Specs
from accord.review.anchors import Anchors
from accord.review.cards import Book, Chapter, MessageCard, SchemaCard
from accord.review.examples import member
from accord.review.messages import MessageCards
from accord.review.operations import OperationCards
from accord.review.places import Places
from accord.review.prose import as_html
from accord.review.trees import Budget, Trees

__all__ = ["write_book"]

MOST_ROWS: Final = 20_000
"""Rows of all trees; that makes about 8 MB, which a phone still opens."""
MOST_CARDS: Final = 3_000
"""Operations, messages and schemas together."""

Item = TypeVar("Item")


def write_book(contract: Contract, specs: Specs, places: Places, anchors: Anchors) -> Book:
    """Lay the contract out; what goes beyond the bounds is counted, not shown."""
    return _Writer(contract, specs, places, anchors).book()


class _Writer:
    def __init__(self, contract: Contract, specs: Specs, places: Places, anchors: Anchors) -> None:
        self._contract, self._specs, self._anchors = contract, specs, anchors
        self._rows, self._cards = Budget(MOST_ROWS), Budget(MOST_CARDS)
        self._told: set[str] = set()
        self._trees = Trees(Schemas(contract.schemas), anchors, self._rows)
        self._operations = OperationCards(specs, places, anchors, self._trees)
        self._messages = MessageCards(contract.services, specs, places, anchors, self._trees)

    def book(self) -> Book:
        services = self._contract.services
        # What is sent comes first: what is received refers to it. Schemas come last: where room is short,
        # they give way.
        sent = {s.name: tuple(self._sent(s, "sends")) for s in services}
        chapters = [self._chapter(service, sent[service.name]) for service in services]
        schemas = self._schemas()
        chapters = [
            replace(chapter, schemas=tuple(card for file in chapter.files for card in schemas.pop(file, ())))
            for chapter in chapters
        ]
        chapters += [self._shared(file, found) for file, found in sorted(schemas.items())]
        title = " and ".join(service.title for service in services[:3])
        return Book(title + (" and others" if len(services) > 3 else ""), tuple(chapters), self._left_out())

    def _shared(self, file: str, schemas: tuple[SchemaCard, ...]) -> Chapter:
        anchor = self._anchors.add(f"shared.{file}", (file, ""))
        return Chapter(anchor, f"Shared: {file}", "", Markup(), (file,), schemas=schemas)

    def _chapter(self, service: Service, sends: tuple[MessageCard, ...]) -> Chapter:
        files = tuple(file for file in (service.openapi, service.asyncapi) if file)
        operations = tuple(
            self._operations.card(service.name, operation) for operation in self._within(service.operations)
        )
        receives = tuple(self._sent(service, "receives"))
        said = member(self._specs, self._specs.root(files[0]), "info", "description")
        return Chapter(
            self._opened(service.name, files),
            service.title,
            service.summary,
            as_html(str(said.plain) if said is not None else ""),
            files,
            operations,
            sends,
            receives,
            tuple(map(self._messages.topic, self._topics(service))),
        )

    def _opened(self, name: str, files: tuple[str, ...]) -> str:
        """The anchor of a chapter, to which all its files lead."""
        anchor = self._anchors.add(name, (files[0], ""))
        for file in files[1:]:
            self._anchors.lead((file, ""), anchor)
        return anchor

    def _topics(self, service: Service) -> list[Topic]:
        """Those that it sends to or keeps, and those that nobody here sends to; each is told of once."""
        elsewhere = {m.topic.name for s in self._contract.services if s is not service for m in s.sends}
        own = [*(message.topic for message in service.sends), *service.keeps]
        own += [m.topic for m in service.receives if m.topic.name not in elsewhere]
        found = {topic.name: topic for topic in own if topic.name not in self._told}
        self._told |= found.keys()
        return list(found.values())

    def _sent(self, service: Service, verb: str) -> Iterator[MessageCard]:
        for message in self._within(getattr(service, verb)):
            yield self._messages.card(service, message, verb)

    def _schemas(self) -> dict[str, tuple[SchemaCard, ...]]:
        """The cards of all schemas, by their files."""
        found: dict[str, list[SchemaCard]] = {}
        named: list[tuple[SchemaId, str]] = []
        for id_ in self._within(self._contract.schemas):
            stem = id_.file.rpartition("/")[2].removesuffix(".yaml").removesuffix(".json")
            name = f"{stem}.{self._trees.called(id_)}"
            named.append((id_, self._anchors.add(name, (id_.file, id_.pointer))))
        for id_, anchor in named:
            schema = self._contract.schemas[id_]
            row = self._trees.named(id_, schema.document, anchor)
            card = SchemaCard(
                anchor, (id_.file, id_.pointer), self._trees.called(id_), row, schema.location, id_.scope
            )
            found.setdefault(id_.file, []).append(card)
        return {file: tuple(sorted(cards, key=lambda card: card.location)) for file, cards in found.items()}

    def _within(self, items: Iterable[Item]) -> Iterator[Item]:
        return (item for item in items if self._cards.take())

    def _left_out(self) -> str:
        told = []
        if self._cards.refused:
            told.append(f"{self._cards.refused:,} operations, messages and schemas")
        if self._rows.refused:
            told.append(f"the insides of {self._rows.refused:,} members")
        if not told:
            return ""
        room = f"it holds {MOST_CARDS:,} operations, messages and schemas with {MOST_ROWS:,} members"
        return f"This page has no room for {' and '.join(told)}: {room}."
