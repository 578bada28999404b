"""`accord topics` without a cluster: what the specs describe, and how an existing topic differs from it."""

import shutil
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from accord.cli import main
from accord.findings import BrokenSpec, Location, Severity
from accord.model.contract import Contract, Service
from accord.model.events import KeyExpression, Message, Topic
from accord.model.names import ClassName, ConstantName, MemberName
from accord.model.schemas import SchemaId
from accord.model.streams import FoundTopic, differences, streams
from accord.testing.kafka import EmbeddedKafka

SHOP = Path(__file__).parents[1] / "codegen" / "shop"
WANTED = Topic(
    "shop.items",
    ConstantName.of("shop.items"),
    2,
    1,
    {"cleanup.policy": "compact"},
    Location("shop.asyncapi.yaml", 7, 5),
)
AS_WANTED = FoundTopic(
    "shop.items", 2, frozenset({1}), {"cleanup.policy": "compact", "retention.ms": "604800000"}
)


def topics(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["topics", "--project", str(SHOP), *arguments])


def changed(**what: object) -> FoundTopic:
    values = {name: getattr(AS_WANTED, name) for name in FoundTopic.__slots__}
    return FoundTopic(**values | what)


def test_a_topic_that_is_as_described_has_no_findings() -> None:
    assert differences(WANTED, AS_WANTED) == []


@pytest.mark.parametrize(
    ("found", "sentence", "rule"),
    [
        (changed(partitions=1), "has 1 partition on the cluster; the spec says 2", "partitions-differ"),
        (
            changed(replicas=frozenset({3})),
            "has 3 replicas on the cluster; the spec says 1",
            "replicas-differ",
        ),
        (
            changed(replicas=frozenset({1, 2})),
            "has 1 or 2 replicas on the cluster; the spec says 1",
            "replicas-differ",
        ),
        (
            changed(config={"cleanup.policy": "delete"}),
            "has cleanup.policy=delete on the cluster; the spec says compact",
            "setting-differs",
        ),
        (
            changed(config={}),
            "shall have cleanup.policy=compact, a setting that the cluster does not know",
            "unknown-setting",
        ),
    ],
)
def test_what_differs_is_named_at_the_channel(found: FoundTopic, sentence: str, rule: str) -> None:
    (finding,) = differences(WANTED, found)
    assert str(finding) == f"shop.asyncapi.yaml:7:5: shop.items {sentence} [{rule}]"
    assert finding.severity is Severity.ERROR


def test_a_setting_that_the_spec_does_not_name_is_a_warning_if_it_was_made_for_the_topic() -> None:
    (finding,) = differences(WANTED, changed(overrides=frozenset({"retention.ms", "cleanup.policy"})))
    assert (finding.rule, finding.severity) == ("setting-unspecified", Severity.WARNING)
    assert "retention.ms=604800000" in finding.sentence


def test_what_the_spec_leaves_to_the_broker_is_never_wrong() -> None:
    silent = replace(WANTED, partitions=None, replicas=None, config={})
    assert differences(silent, changed(partitions=7, replicas=frozenset({3}))) == []


def test_lists_have_no_order() -> None:
    wanted = Topic("a", ConstantName.of("a"), 2, 1, {"cleanup.policy": "compact,delete"}, WANTED.location)
    assert differences(wanted, changed(config={"cleanup.policy": "delete,compact"})) == []


def test_a_stream_that_two_services_use_is_listed_once_and_must_be_described_alike() -> None:
    other = Topic(WANTED.name, WANTED.constant, 3, 1, WANTED.config, Location("other.yaml", 9, 1))
    assert streams(contract(WANTED, WANTED)) == (WANTED,)
    with pytest.raises(BrokenSpec) as refusal:
        streams(contract(WANTED, other))
    assert str(refusal.value) == (
        "other.yaml:9:1: shop.items is described differently at shop.asyncapi.yaml:7:5; "
        "let one refer to the other [two-descriptions]"
    )


def contract(*used: Topic) -> Contract:
    """One service for each topic, which sends one message to it."""
    nothing = SchemaId.of("common.yaml", "/components/schemas/Nothing")
    services = tuple(
        Service(
            *("shop", MemberName.of("shop"), ClassName.of("shop"), "o.yaml", "a.yaml", "", "", (), ()),
            receives=(
                Message(
                    *("item.made", MemberName.of("item.made"), ConstantName.of("item.made"), "", topic),
                    *(nothing, nothing, None, KeyExpression(()), topic.location),
                ),
            ),
        )
        for topic in used
    )
    return Contract(services, {})


def test_without_a_cluster_the_streams_are_listed() -> None:
    result = topics()
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1].split()[:3] == ["shop.items", "2", "cleanup.policy=compact"]


def test_a_channel_without_messages_is_a_stream_too_such_as_dead_letters_which_are_kept_for_ever() -> None:
    result = CliRunner().invoke(main, ["topics", "--project", str(Path(__file__).parents[3])])
    listed = {line.split()[0]: line.split()[1:5] for line in result.stdout.splitlines()[1:]}
    kept = ["1", "1", "cleanup.policy=delete", "retention.ms=-1"]
    assert listed["authors-service.dead-letters"] == listed["books-service.dead-letters"] == kept
    assert len(listed) == 6


def test_an_address_with_parameters_is_listed_as_a_pattern(tmp_path: Path) -> None:
    shutil.copytree(SHOP, tmp_path, dirs_exist_ok=True)
    spec = tmp_path / "specs" / "shop.asyncapi.yaml"
    pattern = "address: shop.{branch}.items\n    parameters: { branch: {} }"
    spec.write_text(spec.read_text().replace("address: shop.items", pattern))
    result = CliRunner().invoke(main, ["topics", "--project", str(tmp_path)])
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1].split()[:2] == ["shop.{branch}.items", "2"]


def test_no_broker_is_a_sentence() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{nobody.getsockname()[1]}"
        result = topics("--bootstrap-servers", where)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"No broker answers at {where}.\n"


def test_the_embedded_broker_is_told_from_a_cluster_that_can_be_administered() -> None:
    with EmbeddedKafka() as broker:
        result = topics("--bootstrap-servers", broker.bootstrap_servers, "--apply")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "has no administration, as the embedded one" in result.stderr


@pytest.mark.parametrize("wrong", [["--apply"], ["--bootstrap-servers", "nowhere"]])
def test_arguments_without_sense_are_usage_errors(wrong: list[str]) -> None:
    assert topics(*wrong).exit_code == 2


def test_a_broken_spec_is_named_and_no_cluster_is_asked(tmp_path: Path) -> None:
    shutil.copytree(SHOP, tmp_path, dirs_exist_ok=True)
    spec = tmp_path / "specs" / "shop.asyncapi.yaml"
    spec.write_text(spec.read_text().replace("partitions: 2", "partitions: 0"))
    result = CliRunner().invoke(
        main, ["topics", "--project", str(tmp_path), "--bootstrap-servers", "127.0.0.1:1"]
    )
    assert result.exit_code == 2
    assert "'partitions' of the channel items is 0" in result.stdout
