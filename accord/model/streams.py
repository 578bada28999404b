"""The streams of a whole project, and how those of a cluster differ from them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from accord.findings import BrokenSpec, Finding, Severity
from accord.model.contract import Contract
from accord.model.events import Topic

__all__ = ["FoundTopic", "differences", "missing", "streams"]


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A topic as a cluster has it; ``overrides`` names those of its ``config`` that were set for it alone."""

    name: str
    partitions: int
    replicas: frozenset[int]
    config: Mapping[str, str]
    overrides: frozenset[str] = frozenset()


def streams(contract: Contract) -> tuple[Topic, ...]:
    """Return each topic that some service sends to, receives from or keeps, once, by name.

    Raises `BrokenSpec` where two specs describe one topic differently.
    """
    by_name: dict[str, Topic] = {}
    for service in contract.services:
        events = (message.topic for message in (*service.sends, *service.receives))
        for topic in (*events, *service.keeps):
            known = by_name.setdefault(topic.name, topic)
            if _description(known) != _description(topic):
                sentence = (
                    f"{topic.name} is described differently at {known.location}; let one refer to the other"
                )
                raise BrokenSpec.at(topic.location, "two-descriptions", sentence)
    return tuple(by_name[name] for name in sorted(by_name))


def missing(wanted: Topic) -> Finding:
    """Say that the cluster does not have the topic."""
    return Finding(wanted.location, "missing-topic", f"the cluster has no topic {wanted.name}")


def differences(wanted: Topic, found: FoundTopic) -> list[Finding]:
    """Say in which way an existing topic is not what the spec describes.

    What was set for the topic by hand, and the spec is silent about, is a warning: it may be the operator's
    business.
    """
    return list(_differences(wanted, found))


def _differences(wanted: Topic, found: FoundTopic) -> Iterator[Finding]:
    def differs(rule: str, sentence: str, severity: Severity = Severity.ERROR) -> Finding:
        return Finding(wanted.location, rule, f"{wanted.name} {sentence}", severity)

    if wanted.partitions not in (None, found.partitions):
        sentence = (
            f"has {_count(found.partitions, 'partition')} on the cluster; the spec says {wanted.partitions}"
        )
        yield differs("partitions-differ", sentence)
    if wanted.replicas is not None and found.replicas != {wanted.replicas}:
        counts = " or ".join(map(str, sorted(found.replicas)))
        noun = "replica" if found.replicas == {1} else "replicas"
        yield differs(
            "replicas-differ", f"has {counts} {noun} on the cluster; the spec says {wanted.replicas}"
        )
    for name, value in sorted(wanted.config.items()):
        actual = found.config.get(name)
        if actual is None:
            sentence = f"shall have {name}={value}, a setting that the cluster does not know"
            yield differs("unknown-setting", sentence)
        elif _members(actual) != _members(value):
            yield differs("setting-differs", f"has {name}={actual} on the cluster; the spec says {value}")
    for name in sorted(found.overrides - wanted.config.keys()):
        sentence = f"has {name}={found.config[name]} on the cluster; the spec does not say so"
        yield differs("setting-unspecified", sentence, Severity.WARNING)


def _description(topic: Topic) -> tuple[int | None, int | None, dict[str, str]]:
    return topic.partitions, topic.replicas, dict(topic.config)


def _members(value: str) -> frozenset[str]:
    """Settings that are lists, such as cleanup.policy, have no order."""
    return frozenset(part.strip() for part in value.split(","))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
