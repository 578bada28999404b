"""``accord dead-letters``: look at the records that a service could not use, and decide about them."""

import json
from typing import Any

import click

from accord.cli.broker import at_broker, broker_options, choose_topic
from accord.cli.formats import list_format
from accord.cli.letters import Choice, decide, selection_options
from accord.cli.table import print_table

__all__ = ["dead_letters"]

_COLUMNS = ("id", "time", "reason", "from", "key", "event type", "correlation id", "status")


@click.group()
def dead_letters() -> None:
    """Look at the records that a service could not use, and decide about them.

    A dead letter is named by its id, `partition:offset` within the dead-letter stream. Decisions are kept in
    the stream's companion, `<topic>.outcomes`. The exit status is 0 if all was done, 1 if something was not,
    which is listed, and 2 if the command could not do its work.
    """


@dead_letters.command("list", short_help="One line per dead letter.")
@broker_options
@click.option("--all", "everything", is_flag=True, help="Also those that were replayed or discarded.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many at most.")
@click.option("--reason-contains", metavar="TEXT", help="Only those whose reason contains this.")
@click.option("--event-type", metavar="TYPE", help="Only those of this event type.")
@list_format
def list_letters(
    topic: str | None,
    bootstrap_servers: str | None,
    everything: bool,
    limit: int,
    reason_contains: str | None,
    event_type: str | None,
    form: str,
) -> None:
    """List the open dead letters, the oldest of each partition first."""
    from accord.cli.letters_shown import row, summary

    choice = Choice((), reason_contains, event_type, everything)

    async def work(settings: Any) -> tuple[str, list[dict[str, Any]]]:
        name = await choose_topic(topic, settings)
        found = []
        # One more than is shown tells that there are more; nothing but summaries stays in memory.
        async for letter, outcome in choice.letters(settings, name, limit + 1):
            found.append(summary(letter, outcome))
        return name, found

    name, found = at_broker(bootstrap_servers, work)
    shown = found[:limit]
    if form == "json":
        more = len(found) > limit
        click.echo(json.dumps({"dead_letter_topic": name, "dead_letters": shown, "more": more}, indent=2))
        return
    if shown:
        print_table(_COLUMNS, [row(entry) for entry in shown])
    kind = "" if everything else "open "
    count = f"{len(shown)} {kind}dead letter{'' if len(shown) == 1 else 's'} in {name}"
    click.echo(f"{count}{'; there are more, see --limit' if len(found) > limit else ''}.", err=True)


@dead_letters.command(short_help="Everything about some dead letters.")
@click.argument("ids", nargs=-1, required=True)
@broker_options
@list_format
def show(ids: tuple[str, ...], topic: str | None, bootstrap_servers: str | None, form: str) -> None:
    """Show everything about the dead letters IDS, their headers and values included.

    Nothing that they contain reaches the terminal raw: what is not seen is escaped, what is no text is shown
    in Base64.
    """
    from accord.cli.letters_shown import full, in_full

    choice = Choice(ids, None, None, True)

    async def work(settings: Any) -> list[str]:
        name = await choose_topic(topic, settings)
        found = set()
        async for letter, outcome in choice.letters(settings, name):
            found.add(letter.id)
            if form == "json":
                click.echo(json.dumps(full(letter, outcome), indent=2))
            else:
                click.echo(in_full(letter, outcome))
        return [each for each in dict.fromkeys(ids) if each not in found]

    missing = at_broker(bootstrap_servers, work)
    for each in missing:
        click.echo(f"{each}: there is no such dead letter.", err=True)
    if missing:
        raise SystemExit(1)


@dead_letters.command(short_help="Send records again to where they came from.")
@selection_options
@broker_options
@click.option("--again", is_flag=True, help="Also what was replayed or discarded already.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def replay(topic: str | None, bootstrap_servers: str | None, again: bool, yes: bool, **chosen: Any) -> None:
    """Send the records of dead letters again to the stream that they came from.

    Key, value and headers are those that came. A dead letter that was replayed already is left alone:
    replaying twice has no second effect.
    """
    decide(Choice.of(again=again, **chosen), topic, bootstrap_servers, yes, discard_reason=None)


@dead_letters.command(short_help="Note that nothing is to be done.")
@selection_options
@broker_options
@click.option("--reason", required=True, help="Why; it is kept with the decision.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def discard(topic: str | None, bootstrap_servers: str | None, reason: str, yes: bool, **chosen: Any) -> None:
    """Note that nothing is to be done about dead letters; they are not listed any more, and not deleted."""
    decide(Choice.of(again=False, **chosen), topic, bootstrap_servers, yes, discard_reason=reason)
