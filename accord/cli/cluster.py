"""The topics of a Kafka cluster: what is there, and making what is not."""

import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, KafkaError, for_code

from accord.bus.adapters.kafka_client import new_topic
from accord.model.events import Topic
from accord.model.streams import FoundTopic

__all__ = ["Cluster", "ClusterUnusable"]

_REQUEST_TIMEOUT_MS = 10_000
_CREATED_OR_THERE = (0, 36)
_SET_FOR_THIS_TOPIC = 1
"""DYNAMIC_TOPIC_CONFIG among the sources of a setting (KIP-226)."""


class ClusterUnusable(RuntimeError):
    """Nothing can be done there; the message is a sentence that says why."""


class Cluster:
    """Asks and tells the administration of one cluster; only ever adds to it."""

    def __init__(self, admin: AIOKafkaAdminClient) -> None:
        self._admin = admin

    @classmethod
    @asynccontextmanager
    async def at(cls, bootstrap_servers: str) -> AsyncIterator["Cluster"]:
        """Connect, and hang up in the end; raises `ClusterUnusable`, also for what goes wrong in between."""
        # Else aiokafka's own words about an absent broker come first, on standard error.
        logging.getLogger("aiokafka").addHandler(logging.NullHandler())
        admin = AIOKafkaAdminClient(
            bootstrap_servers=bootstrap_servers, request_timeout_ms=_REQUEST_TIMEOUT_MS
        )
        try:
            await admin.start()
            cluster = await admin.describe_cluster()
            if cluster["controller_id"] not in {broker["node_id"] for broker in cluster["brokers"]}:
                raise ClusterUnusable(
                    f"The broker at {bootstrap_servers} has no administration, as the embedded one; "
                    "it makes each topic when it is first used."
                )
            yield cls(admin)
        except (KafkaConnectionError, OSError) as error:
            raise ClusterUnusable(f"No broker answers at {bootstrap_servers}.") from error
        except KafkaError as error:
            words = " ".join(str(error).split()).rstrip(".")
            raise ClusterUnusable(f"The cluster at {bootstrap_servers} refuses: {words}.") from error
        finally:
            await admin.close()

    async def topics(self, names: Iterable[str]) -> Mapping[str, FoundTopic]:
        """Return those of the topics that exist."""
        wanted = set(names)
        # All are asked for: a broker may make a topic that it is asked for by name.
        described = {
            topic["topic"]: topic["partitions"]
            for topic in await self._admin.describe_topics()
            if topic["topic"] in wanted
        }
        settings = await self._settings(sorted(described))
        return {
            name: FoundTopic(
                name,
                len(partitions),
                frozenset(len(partition["replicas"]) for partition in partitions),
                {entry[0]: entry[1] or "" for entry in settings[name]},
                frozenset(entry[0] for entry in settings[name] if entry[3] == _SET_FOR_THIS_TOPIC),
            )
            for name, partitions in described.items()
        }

    async def create(self, topics: Sequence[Topic]) -> Mapping[str, str]:
        """Create the topics, and return why for each that the cluster refuses; one that is there is left."""
        answer = await self._admin.create_topics(
            [new_topic(topic.name, topic.partitions, topic.replicas, topic.config) for topic in topics]
        )
        return {
            name: (words[0] if words and words[0] else for_code(code).__name__).rstrip(".")
            for name, code, *words in answer.topic_errors
            if code not in _CREATED_OR_THERE
        }

    async def _settings(self, names: Sequence[str]) -> Mapping[str, Sequence[Any]]:
        if not names:
            return {}
        answers = await self._admin.describe_configs(
            [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        )
        found: dict[str, Sequence[Any]] = {}
        for code, words, _, name, entries in (each for answer in answers for each in answer.resources):
            if code:
                raise ClusterUnusable(f"The settings of {name} cannot be read: {words or for_code(code)}.")
            found[name] = entries
        return found
