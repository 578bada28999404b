"""`accord topics` on Apache Kafka: it creates what is missing, shows what differs, and changes nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from accord.cli import main
from accord.testing.apache_kafka import ApacheKafka
from scripts.stack import Stack

pytestmark = pytest.mark.apache_kafka("the embedded broker has no administration of topics")

ROOT = Path(__file__).parents[3]
SHOP = ROOT / "tests" / "toolkit" / "codegen" / "shop"


@pytest.fixture
def broker() -> Iterator[ApacheKafka]:
    """A cluster without any topics."""
    with ApacheKafka() as broker:
        yield broker


def topics(project: Path, servers: str, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["topics", "--project", str(project), "--bootstrap-servers", servers, *arguments]
    )


def rules(result: Result) -> list[str]:
    return [finding["rule"] for finding in json.loads(result.stdout)["findings"]]


def test_missing_streams_are_created_as_described_and_only_when_asked_for(broker: ApacheKafka) -> None:
    where = broker.bootstrap_servers
    before = topics(ROOT, where)
    assert before.exit_code == 1
    assert before.stdout.count("[missing-topic]") == 6
    assert f"accord topics --bootstrap-servers {where} --apply" in before.stderr
    assert AdminClient({"bootstrap.servers": where}).list_topics(timeout=10).topics == {}

    applied = topics(ROOT, where, "--apply")
    assert (applied.exit_code, applied.stdout) == (0, "")
    assert "Created library.authors: 4 partitions, cleanup.policy=compact." in applied.stderr
    kept = "Created books-service.dead-letters: 1 partition, cleanup.policy=delete retention.ms=-1."
    assert kept in applied.stderr

    after = topics(ROOT, where)
    assert (after.exit_code, after.stdout) == (0, "")
    assert topics(ROOT, where, "--apply").exit_code == 0


def test_what_exists_is_compared_and_never_changed(broker: ApacheKafka) -> None:
    client = AdminClient({"bootstrap.servers": broker.bootstrap_servers})
    wrong = NewTopic("shop.items", num_partitions=1, replication_factor=1, config={"retention.ms": "1000"})
    client.create_topics([wrong])["shop.items"].result(10)
    for arguments in ([], ["--apply"]):
        result = topics(SHOP, broker.bootstrap_servers, "--format", "json", *arguments)
        assert result.exit_code == 1
        assert sorted(rules(result)) == ["partitions-differ", "setting-differs", "setting-unspecified"]


def test_what_the_cluster_refuses_is_a_finding(broker: ApacheKafka, tmp_path: Path) -> None:
    for file in ("pyproject.toml", *(f"specs/{path.name}" for path in (SHOP / "specs").iterdir())):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        text = (SHOP / file).read_text().replace("partitions: 2", "partitions: 2, replicas: 3")
        (tmp_path / file).write_text(text)
    result = topics(tmp_path, broker.bootstrap_servers, "--apply")
    assert result.exit_code == 1
    assert "shop.items was not created: " in result.stdout
    assert "[not-created]" in result.stdout


def test_services_make_their_streams_as_the_specs_describe_them(stack: Stack) -> None:
    result = topics(ROOT, stack.addresses.kafka_bootstrap_servers)
    assert (result.exit_code, result.stdout) == (0, "")
