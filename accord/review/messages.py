"""Messages of AsyncAPI documents as cards; a message that another service describes is not said twice."""

from collections.abc import Sequence

from accord.model.contract import Service
from accord.model.events import Expression, KeyExpression, Message, Topic
from accord.model.schemas import SchemaId
from accord.parsing.references import Specs
from accord.review.anchors import Anchors
from accord.review.cards import MessageCard, TopicCard
from accord.review.examples import Example, member, shown
from accord.review.places import Places
from accord.review.prose import as_html
from accord.review.trees import Trees

__all__ = ["MessageCards"]

MOST_EXAMPLES = 3


class MessageCards:
    """Makes them, and those of their topics."""

    def __init__(
        self, services: Sequence[Service], specs: Specs, places: Places, anchors: Anchors, trees: Trees
    ) -> None:
        self._services, self._specs, self._places = services, specs, places
        self._anchors, self._trees = anchors, trees
        self._topics: dict[str, TopicCard] = {}

    def card(self, service: Service, message: Message, verb: str) -> MessageCard:
        """One message that a service sends or receives."""
        key = self._places.owner(message.location)
        described = self._anchors.of(key) if key else None
        anchor = self._anchors.add(f"{service.name}.{verb}.{message.event_type}", key)
        alone = described is None
        return MessageCard(
            anchor,
            key,
            message.event_type,
            message.summary,
            self.topic(message.topic),
            _key(message.key),
            _expression(message.correlation),
            self._trees.inline("", {"$ref": message.headers}) if message.headers and alone else None,
            self._trees.inline("", {"$ref": message.payload}),
            tuple(_examples(message)) if alone else (),
            tuple(self._others(service, message, "receives" if verb == "sends" else "sends")),
            described,
            message.location,
        )

    def topic(self, topic: Topic) -> TopicCard:
        """One topic; the same card however many messages travel over it."""
        if topic.name not in self._topics:
            key = self._places.owner(topic.location)
            node = self._places.node(topic.location)
            said = member(self._specs, node, "description")
            self._topics[topic.name] = TopicCard(
                self._anchors.add(f"topic.{topic.name}", key),
                key,
                topic.name,
                as_html(str(said.plain) if said is not None else ""),
                "as many as the broker gives" if topic.partitions is None else str(topic.partitions),
                tuple(sorted(topic.config.items())),
                topic.location,
            )
        return self._topics[topic.name]

    def _others(self, service: Service, message: Message, verb: str) -> list[str]:
        """The services at the other end."""
        return [
            other.title
            for other in self._services
            if other is not service
            and any(
                one.topic.name == message.topic.name and one.event_type == message.event_type
                for one in getattr(other, verb)
            )
        ]


def _key(key: KeyExpression | SchemaId | None) -> str:
    if isinstance(key, SchemaId):
        return f"as {key.name} says"
    if key is None:
        return ""
    return "".join(part if isinstance(part, str) else f"{{{'/'.join(part)}}}" for part in key.parts)


def _expression(expression: Expression | None) -> str:
    return "" if expression is None else f"{expression.source} {'/'.join(expression.path)}"


def _examples(message: Message) -> list[Example]:
    found = []
    for example in message.examples[:MOST_EXAMPLES]:
        name = str(example.get("summary") or example.get("name") or "")
        carried = {part: example[part] for part in ("headers", "payload") if part in example}
        if carried:
            found.append(shown(carried, name))
    return found
