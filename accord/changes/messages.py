"""Messages that came, went, or travel elsewhere, and what holds of those that stayed."""

from accord.changes.change import Effect, Party
from accord.changes.exchanges import RECEIVED, SENT, Flow
from accord.changes.gathering import Gathered
from accord.changes.streams import compare_topics
from accord.model.contract import Service
from accord.model.events import KeyExpression, Message, Topic
from accord.model.schemas import SchemaId

__all__ = ["compare_messages"]

_NO_HEADERS = {"type": "object", "maxProperties": 0}
"""Who writes no headers by its spec writes none; who reads none by its spec takes any."""


def compare_messages(gathered: Gathered, old: Service, new: Service) -> None:
    """Compare what a service sends, what it receives, and the topics of both."""
    _Direction(gathered, old, new, "sends").compare()
    _Direction(gathered, old, new, "receives").compare()
    topics = [_topics(service) for service in (old, new)]
    for name, topic in topics[0].items():
        if name in topics[1]:
            compare_topics(gathered, topic, topics[1][name])


def _topics(service: Service) -> dict[str, Topic]:
    messages = (*service.sends, *service.receives)
    return {topic.name: topic for topic in (*service.keeps, *(message.topic for message in messages))}


class _Direction:
    def __init__(self, gathered: Gathered, old: Service, new: Service, verb: str) -> None:
        self.gathered = gathered
        self.verb = verb
        self.flows: tuple[Flow, ...] = SENT if verb == "sends" else RECEIVED
        self.parties = tuple(flow.party for flow in self.flows)
        self.old: tuple[Message, ...] = getattr(old, verb)
        self.new: tuple[Message, ...] = getattr(new, verb)
        other = "receives" if verb == "sends" else "sends"
        self.turned = {message.event_type for message in getattr(new, other)}
        self.service = old.name

    def compare(self) -> None:
        waiting = {(message.topic.name, message.event_type): message for message in self.new}
        left = []
        for before in self.old:
            after = waiting.pop((before.topic.name, before.event_type), None)
            if after is None:
                left.append(before)
            else:
                self._compare(before, after)
        for before in left:
            after = self._successor(before, list(waiting.values()))
            if after is None:
                self._removed(before)
            else:
                del waiting[after.topic.name, after.event_type]
                self._moved(before, after)
        for after in waiting.values():
            self._added(after)

    def _subject(self, message: Message) -> str:
        return f"{message.event_type} on {message.topic.name}"

    def _carrier(self, part: str, message: Message) -> str:
        return f"{part} of {message.event_type} that {self.service} {self.verb}"

    def _successor(self, before: Message, others: list[Message]) -> Message | None:
        """The same message on another topic, or another name for the same on this one."""
        same = [other for other in others if other.event_type == before.event_type]
        known = {message.event_type for message in self.old}
        alike = [
            other
            for other in others
            if other.topic.name == before.topic.name
            and other.event_type not in known
            and (before.data or before.payload) == (other.data or other.payload)
        ]
        return next(iter([*same, *(alike if len(alike) == 1 else [])]), None)

    def _removed(self, before: Message) -> None:
        place = self.gathered.old.place(before.location)
        say, subject = self.gathered.say, self._subject(before)
        if before.event_type in self.turned:
            sentence = f"{self.service} no longer {self.verb} it, but the other way round"
            say("direction-changed", Effect.BREAKING, subject, sentence, place, None, *self.parties)
        elif self.verb == "sends":
            sentence = f"it is no longer sent to {before.topic.name}"
            say("message-removed", Effect.BREAKING, subject, sentence, place, None, *self.parties)
        else:
            sentence = f"it is no longer received from {before.topic.name}"
            say("message-ignored", self.gathered.tolerated(), subject, sentence, place, None, *self.parties)

    def _added(self, after: Message) -> None:
        place = self.gathered.new.place(after.location)
        say, subject = self.gathered.say, self._subject(after)
        if self.verb == "sends":
            sentence = f"it is new on {after.topic.name}"
            say("message-added", self.gathered.tolerated(), subject, sentence, None, place, Party.READERS)
        else:
            sentence = f"it is received from {after.topic.name} now"
            say("message-heard", Effect.SAFE, subject, sentence, None, place)

    def _moved(self, before: Message, after: Message) -> None:
        places = self.gathered.old.place(before.location), self.gathered.new.place(after.location)
        say, subject = self.gathered.say, self._subject(before)
        if before.topic.name != after.topic.name:
            sentence = f"it travels over {after.topic.name} instead of {before.topic.name}"
            say("address-changed", Effect.BREAKING, subject, sentence, *places, *self.parties)
            self._compare(before, after)
        else:
            sentence = f"it is called {after.event_type} now"
            say("message-renamed", Effect.BREAKING, subject, sentence, *places, *self.parties)

    def _compare(self, before: Message, after: Message) -> None:
        gathered, subject = self.gathered, self._subject(before)
        places = gathered.old.place(before.location), gathered.new.place(after.location)
        gathered.remarks(subject, {"the summary": (before.summary, after.summary)}, *places)
        keys = before.key, after.key
        if isinstance(keys[0], SchemaId) and isinstance(keys[1], SchemaId):
            gathered.exchange(self._carrier("key", before), (keys[0], keys[1]), self.flows, places)
        elif keys[0] != keys[1]:
            sentence = f"its key is {_told(keys[1])} instead of {_told(keys[0])}"
            gathered.say("key-changed", Effect.BREAKING, subject, sentence, *places, *self.parties)
        gathered.exchange(
            self._carrier("payload", before), (before.payload, after.payload), self.flows, places
        )
        self._headers(before, after)
        if before.correlation != after.correlation:
            sentence = "its correlation id stands in another place"
            reason = "readers that follow a request over many messages look for it in the old one"
            gathered.say(
                "correlation-changed",
                Effect.UNPROVEN,
                subject,
                sentence,
                *places,
                *self.parties,
                reason=reason,
            )
        self._replies(before, after)

    def _headers(self, before: Message, after: Message) -> None:
        gathered = self.gathered
        places = gathered.old.place(before.location), gathered.new.place(after.location)
        carrier = self._carrier("headers", before)
        if before.headers is not None and after.headers is not None:
            gathered.exchange(carrier, (before.headers, after.headers), self.flows, places)
        elif before.headers is not None or after.headers is not None:
            documents = tuple(
                _NO_HEADERS if headers is None else {"$ref": headers}
                for headers in (before.headers, after.headers)
            )
            flows = tuple(flow for flow in self.flows if documents[flow.writer == "new"] is _NO_HEADERS)
            gathered.exchange_inline(carrier, (documents[0], documents[1]), flows, places)

    def _replies(self, before: Message, after: Message) -> None:
        """What answers a message travels the other way."""
        gathered, subject = self.gathered, self._subject(before)
        places = gathered.old.place(before.location), gathered.new.place(after.location)
        flows = RECEIVED if self.verb == "sends" else SENT
        parties = tuple(flow.party for flow in flows)
        old, new = before.reply, after.reply
        if (old and old.address) != (new and new.address):
            sentence = "it is answered in another place"
            gathered.say("reply-changed", Effect.BREAKING, subject, sentence, *places, *parties)
        known = {message.event_type: message for message in (new.messages if new else ())}
        for message in old.messages if old else ():
            answer = known.pop(message.event_type, None)
            if answer is None:
                sentence = f"it is no longer answered by {message.event_type}"
                gathered.say("reply-changed", Effect.BREAKING, subject, sentence, *places, *parties)
            else:
                carrier = f"{self._carrier('payload', message)} as a reply"
                gathered.exchange(carrier, (message.payload, answer.payload), flows, places)
        for name in known:
            sentence = f"it may be answered by {name}"
            gathered.say("reply-added", gathered.tolerated(), subject, sentence, *places, *parties)


def _told(key: object) -> str:
    if isinstance(key, KeyExpression):
        return "".join(part if isinstance(part, str) else f"{{{'/'.join(part)}}}" for part in key.parts)
    return "any" if key is None else "given by its sender"
