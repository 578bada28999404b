"""``accord topics``: the streams that the specs describe, and those of a cluster."""

import re
from collections.abc import Sequence
from pathlib import Path

import click

from accord.cli.findings import has_errors, print_findings
from accord.cli.formats import findings_format
from accord.cli.project import project_option, refusals_reported
from accord.cli.table import print_table
from accord.findings import Finding
from accord.model.events import Topic
from accord.model.streams import differences, missing, streams

__all__ = ["topics"]

_SERVERS = re.compile(r"[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*")


def _check_servers(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    if value is not None and not _SERVERS.fullmatch(value):
        raise click.BadParameter(f"'{value}' is not HOST:PORT, or several of them with commas between.")
    return value


@click.command()
@project_option
@click.option(
    "--bootstrap-servers",
    metavar="HOST:PORT",
    callback=_check_servers,
    help="The cluster to look at; without it, the streams of the specs are listed.",
)
@click.option("--apply", is_flag=True, help="Create the streams that the cluster does not have.")
@findings_format
def topics(project: Path, bootstrap_servers: str | None, apply: bool, form: str) -> None:
    """List the streams that the specs describe, or hold those of a Kafka cluster against them.

    Partitions, replicas and settings are those of the Kafka bindings of each channel; what they do not say is
    left to the broker. With --apply, streams that the cluster does not have are created. Nothing that exists
    is ever changed or deleted. An address with parameters is a pattern for many topics: it is listed, and
    nobody but whoever knows the values can create them.

    \b
    missing-topic        the cluster does not have it
    not-created          the cluster refuses to make it
    partitions-differ    its number of partitions is another
    replicas-differ      its partitions have more or fewer replicas
    setting-differs      a setting has another value
    unknown-setting      the cluster does not know a setting
    setting-unspecified  a setting was made for it that the spec does not name; no failure

    Exit status 0 if the cluster has what the specs describe, 1 if something differs, 2 if a spec cannot be
    read or no broker answers.
    """
    if apply and bootstrap_servers is None:
        raise click.UsageError("--apply needs --bootstrap-servers: which cluster?")
    with refusals_reported(form):
        from accord.parsing.contract import read_contract
        from accord.parsing.project import find_project

        described = streams(read_contract(find_project(project)))
        if bootstrap_servers is None:
            _list(described)
            return
        wanted = [topic for topic in described if topic.fixed]
        import asyncio

        from accord.cli.cluster import ClusterUnusable

        try:
            found, created = asyncio.run(_compare(wanted, bootstrap_servers, apply))
        except ClusterUnusable as error:
            click.echo(str(error), err=True)
            raise SystemExit(2) from None
    _passed_over(described)
    _report(wanted, found, created, form, bootstrap_servers)


async def _compare(
    wanted: Sequence[Topic], bootstrap_servers: str, apply: bool
) -> tuple[list[Finding], list[Topic]]:
    """Return what there is to say, and what was created."""
    from accord.cli.cluster import Cluster

    async with Cluster.at(bootstrap_servers) as cluster:
        existing = await cluster.topics(topic.name for topic in wanted)
        absent = [topic for topic in wanted if topic.name not in existing]
        refusals = await cluster.create(absent) if apply and absent else {}
    findings = [
        finding
        for topic in wanted
        if topic.name in existing
        for finding in differences(topic, existing[topic.name])
    ]
    if not apply:
        return [*findings, *map(missing, absent)], []
    findings += [
        Finding(topic.location, "not-created", f"{topic.name} was not created: {refusals[topic.name]}")
        for topic in absent
        if topic.name in refusals
    ]
    return findings, [topic for topic in absent if topic.name not in refusals]


def _list(wanted: Sequence[Topic]) -> None:
    rows = [
        (
            topic.name,
            str(topic.partitions or ""),
            str(topic.replicas or ""),
            _settings(topic),
            str(topic.location),
        )
        for topic in wanted
    ]
    print_table(("stream", "partitions", "replicas", "settings", "described at"), rows, right=(1, 2))


def _report(
    wanted: Sequence[Topic], found: list[Finding], created: list[Topic], form: str, servers: str
) -> None:
    for topic in created:
        count = topic.partitions
        partitions = f"{count} partition{'s' * (count > 1)}" if count else "the broker's partitions"
        click.echo(f"Created {topic.name}: {partitions}, {_settings(topic)}.", err=True)
    print_findings(sorted(found), form)
    if any(finding.rule == "missing-topic" for finding in found):
        click.echo(f"Next: `accord topics --bootstrap-servers {servers} --apply` creates them.", err=True)
    if has_errors(found):
        raise SystemExit(1)
    click.echo(f"{len(wanted)} streams are on the cluster as the specs describe them.", err=True)


def _passed_over(described: Sequence[Topic]) -> None:
    """Say which addresses are no topics that could be looked for."""
    for topic in described:
        if not topic.legal:
            click.echo(f"{topic.name} is no name of a topic of Kafka; it is passed over.", err=True)
        elif topic.parameters:
            values = ", ".join(parameter.name for parameter in topic.parameters)
            sentence = f"{topic.name} stands for many topics; whoever knows {values} creates them"
            click.echo(f"{sentence}.", err=True)


def _settings(topic: Topic) -> str:
    return " ".join(f"{name}={value}" for name, value in sorted(topic.config.items())) or "no settings"
