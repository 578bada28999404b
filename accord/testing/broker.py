"""The process behind `accord.testing.kafka`: librdkafka's mock cluster, serving until it is ended."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from confluent_kafka import KafkaException, Producer

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the cluster, make the topics, write host:port to the given file, and wait for a signal."""
    parser = argparse.ArgumentParser(prog="broker", description="Serve the Kafka protocol from memory.")
    parser.add_argument("--address-file", type=Path, required=True, help="written once the broker answers")
    parser.add_argument(
        "--topic", action="append", default=[], help="topic to make at once; others come on first use"
    )
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        # The cluster belongs to this client and ends with it; no other server is ever asked.
        owner = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "ignored", "log_level": 3})
        (broker,) = owner.list_topics(timeout=10).brokers.values()
        for topic in options.topic:
            owner.list_topics(topic, timeout=10)
    except KafkaException as error:
        sys.stderr.write(f"{error}\n")
        return 1
    unfinished = options.address_file.with_suffix(".new")
    unfinished.write_text(f"{broker.host}:{broker.port}")
    unfinished.rename(options.address_file)
    while True:
        signal.pause()


if __name__ == "__main__":
    sys.exit(main())
