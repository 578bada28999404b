"""Names of messages that no other of the service has: their own, on a clash together with the channel's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accord.findings import BrokenSpec
from accord.model.names import ConstantName, IllegalName, MemberName
from accord.parsing.event_messages import Draft

__all__ = ["Named", "Nameless", "name_messages", "topic_constant"]

_IN_CHANNELS = frozenset(
    {"SENDS", "RECEIVES", "SENT_TOPICS", "RECEIVED_TOPICS", "GROUP_IDS", "CLIENT_IDS", "UUID"}
)


@dataclass(frozen=True, slots=True, eq=False)
class Nameless:
    """A message on a channel; ``key`` is what it is called there."""

    draft: Draft
    key: str
    channel: str


@dataclass(frozen=True, slots=True)
class Named:
    """What a message is called: on the bus, as a method, as a constant."""

    event_type: str
    method: MemberName
    constant: ConstantName


def name_messages(messages: Sequence[Nameless]) -> Mapping[Nameless, Named]:
    """Name each message; raises `BrokenSpec` for two that cannot be told apart.

    Where names are equal, the channel's is added to each of them; where they are equal within one channel,
    what the message is called there takes the place of its name. Our envelope's event type stays as it is.
    """
    chosen = {message: message.draft.event_type or message.draft.name for message in messages}
    for alternative in (_with_channel, _key_with_channel):
        clashing = _clashing(chosen)
        chosen |= {m: alternative(m) for m in clashing if m.draft.event_type is None}
    clashing = _clashing(chosen)
    if clashing:
        message = max(clashing, key=messages.index)
        other = next(m for m in clashing if chosen[m] == chosen[message])
        sentence = f"the message {chosen[message]} is there already ({other.draft.place}); rename one of them"
        if message.draft.event_type is not None:
            raise BrokenSpec.at(message.draft.place, "duplicate-event", sentence)
        raise BrokenSpec.at(message.draft.place, "name-clash", sentence)
    for message, name in chosen.items():
        _check(message, name)
    methods, constants = MemberName.methods(chosen.values()), ConstantName.distinct(chosen.values())
    return {m: Named(name, methods[name], _beside(constants[name])) for m, name in chosen.items()}


def topic_constant(constant: ConstantName, named: Mapping[Nameless, Named]) -> ConstantName:
    """The name of a topic's constant beside those of the messages."""
    taken = _IN_CHANNELS.union(name.constant for name in named.values())
    return ConstantName(f"{constant}_TOPIC") if constant in taken else constant


def _with_channel(message: Nameless) -> str:
    return f"{message.draft.name}.{message.channel}"


def _key_with_channel(message: Nameless) -> str:
    return f"{message.key}.{message.channel}"


def _clashing(chosen: Mapping[Nameless, str]) -> list[Nameless]:
    owners: dict[str, list[Nameless]] = {}
    for message, name in chosen.items():
        owners.setdefault(name, []).append(message)
    return [message for group in owners.values() if len(group) > 1 for message in group]


def _check(message: Nameless, name: str) -> None:
    try:
        MemberName.of(name)
    except IllegalName as error:
        raise BrokenSpec.at(message.draft.place, "illegal-name", f"{error}; rename the message") from None


def _beside(constant: ConstantName) -> ConstantName:
    return ConstantName(f"{constant}_MESSAGE") if constant in _IN_CHANNELS else constant
