"""Which message that one service sends is the one that another receives."""

import re
from difflib import get_close_matches

from accord.model.contract import Contract
from accord.model.events import Message, Topic
from accord.wiring.wires import End

__all__ = ["carries", "near", "partners", "readers", "senders"]

_PARAMETER = re.compile(r"\{[^{}]*\}")


def senders(contract: Contract) -> list[End]:
    """Every message that some service sends."""
    return [End(service.name, message) for service in contract.services for message in service.sends]


def readers(contract: Contract) -> list[End]:
    """Every message that some service receives."""
    return [End(service.name, message) for service in contract.services for message in service.receives]


def partners(reader: End, sent: list[End]) -> list[End]:
    """Who sends what the reader reads: one event type, or one description under two names, on one topic.

    Where a service has one name in several channels, each is called ``name.channel`` there, and may be called
    by the name alone in a service that has it once.
    """
    read = reader.message
    here = [end for end in sent if carries(end.message.topic, read.topic)]
    exact = [
        end
        for end in here
        if end.message.event_type == read.event_type or end.message.location == read.location
    ]
    return exact or [end for end in here if _qualified(end.message, read)]


def _qualified(one: Message, other: Message) -> bool:
    short, long = sorted((one.event_type, other.event_type), key=len)
    return one.data is None and other.data is None and long.startswith(f"{short}.")


def carries(sent: Topic, read: Topic) -> bool:
    """Whether records of the one topic may be records of the other; parameters stand for any text."""
    if _PARAMETER.sub("{}", sent.name) == _PARAMETER.sub("{}", read.name):
        return True
    return _pattern(sent).fullmatch(read.name) is not None or _pattern(read).fullmatch(sent.name) is not None


def near(reader: End, sent: list[End]) -> End | None:
    """What a reader may have meant to whom nobody sends: the event elsewhere, or a like name."""
    same = [end for end in sent if end.message.event_type == reader.message.event_type]
    if same:
        return same[0]
    here = {e.message.event_type: e for e in sent if carries(e.message.topic, reader.message.topic)}
    close = get_close_matches(reader.message.event_type, here, n=1, cutoff=0.6)
    return here[close[0]] if close else None


def _pattern(topic: Topic) -> re.Pattern[str]:
    parts = (re.escape(part) for part in _PARAMETER.split(topic.name))
    return re.compile("[^{}]+".join(parts))
