"""Apache Kafka as a fixture: fetched once, started, killed with its data, gone without a trace."""

import tempfile
from pathlib import Path

import psutil
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from accord.testing.apache_kafka import ApacheKafka
from accord.testing.capture import EventCapture
from accord.testing.installation import free_port
from accord.testing.kafka_distribution import KafkaNotAvailable, KafkaNotFetched, find_java, jars
from accord.testing.process import ProcessFailed
from scripts import kafka as make_kafka

on_apache = pytest.mark.apache_kafka("Apache Kafka itself is under test")


def send(broker: ApacheKafka, topic: str, *values: str) -> None:
    producer = Producer({"bootstrap.servers": broker.bootstrap_servers, "acks": "all", "log_level": 0})
    for value in values:
        producer.produce(topic, value=value.encode())
    assert producer.flush(30) == 0


async def read(broker: ApacheKafka, topic: str, count: int) -> list[bytes | None]:
    async with EventCapture(broker.bootstrap_servers, [topic], from_start=True) as capture:
        await capture.wait_for_all(lambda _: True, count, within=30)
        return [record.value for record in await capture.catch_up()]


@on_apache
async def test_a_killed_broker_comes_back_at_its_address_with_all_that_it_acknowledged() -> None:
    with ApacheKafka(["library.authors"]) as broker:
        before = broker.bootstrap_servers
        topics = AdminClient({"bootstrap.servers": before}).list_topics("library.authors", timeout=10).topics
        assert len(topics["library.authors"].partitions) == 4
        send(broker, "library.authors", "one", "two")

        broker.kill()
        assert broker.poll() == 137
        broker.restart()

        assert broker.bootstrap_servers == before
        assert broker.poll() is None
        assert sorted(map(str, await read(broker, "library.authors", 2))) == ["b'one'", "b'two'"]


@on_apache
async def test_a_folder_keeps_the_data_for_one_broker_at_a_time(tmp_path: Path) -> None:
    with ApacheKafka(folder=tmp_path) as broker:
        send(broker, "kept", "value")
        with pytest.raises(ProcessFailed, match="another broker uses"):
            ApacheKafka(folder=tmp_path).start()
    with ApacheKafka(folder=tmp_path, port=free_port("127.0.0.1")) as broker:
        assert await read(broker, "kept", 1) == [b"value"]
        with pytest.raises(ProcessFailed, match="is taken"):
            ApacheKafka(port=int(broker.bootstrap_servers.rpartition(":")[2])).start()


@on_apache
def test_apache_kafka_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(tempfile.mkdtemp(prefix="test-"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with ApacheKafka(proxies=["127.0.0.1:1"]) as broker:
        pid = broker.pid
        assert len(broker.upstreams) == 1
        through = AdminClient({"bootstrap.servers": broker.upstreams[0], "log_level": 0})
        (told,) = through.list_topics(timeout=10).brokers.values()
        assert f"{told.host}:{told.port}" == "127.0.0.1:1"
    assert not psutil.pid_exists(pid)
    assert list(folder.iterdir()) == []


def test_a_machine_without_java_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(
        KafkaNotAvailable, match=r"^Apache Kafka needs Java 17 or newer, and none was found\.$"
    ):
        find_java()


def test_a_java_that_is_too_old_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    java = program(tmp_path / "bin" / "java", """echo 'openjdk version "11.0.2" 2019-01-15' >&2""")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(KafkaNotAvailable, match=rf"needs Java 17 or newer, and {java} is 11\."):
        find_java()


def test_jars_are_fetched_once_and_all_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    maven = program(tmp_path / "bin" / "mvn", "mkdir jars; echo '[ERROR] no network'; exit 1")
    with pytest.raises(KafkaNotFetched, match=r"could not fetch Apache Kafka .*: \[ERROR\] no network"):
        jars()
    assert list((tmp_path / "cache" / "accord").iterdir()) == []

    program(maven, "mkdir jars; touch jars/kafka_2.13.jar; echo 'Copying kafka_2.13.jar to jars'")
    seen: list[str] = []
    folder = jars(seen.append)
    assert [jar.name for jar in folder.iterdir()] == ["kafka_2.13.jar"]
    assert seen == ["kafka_2.13.jar"]

    maven.unlink()
    assert jars() == folder


def test_make_kafka_says_in_a_sentence_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(make_kafka, "stop_on_signals", lambda: None)
    monkeypatch.setattr(make_kafka, "ignore_signals", lambda: None)
    assert make_kafka.main(["--folder", str(tmp_path / "data")]) == 2
    assert capsys.readouterr().err == "Apache Kafka needs Java 17 or newer, and none was found.\n"
    assert not (tmp_path / "data").exists()


def program(path: Path, script: str) -> Path:
    """Make a shell script that stands for a program."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path
