"""The judge of the chaos runs finds each kind of difference; the plan and the proxy do what they say."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
import pytest_asyncio

from accord.bus.messages import Record
from accord.http.client import Failure, ServiceUnreachable
from scripts.chaos.clients import Clients, outcome_of
from scripts.chaos.judge_entities import judge_entities
from scripts.chaos.judge_links import judge_links
from scripts.chaos.ledger import EntityWrite, Kind, Ledger, LinkWrite, Outcome
from scripts.chaos.plan import Blow, draw
from scripts.chaos.proxy import Mode, Proxy
from scripts.chaos.snapshot import Entity, EntityEvent, Link, LinkEvent, Snapshot
from scripts.chaos.verdict import Verdict

ADA = Entity(2, "Ada 2")
NOTES = Entity(1, "Notes 1")
LINKED = Link(1, "authors", linked=True)


@pytest.fixture
def ledger() -> Ledger:
    """Author 1 was created and changed, book 1 created, author 2 created and deleted, 1 and 1 linked."""
    ledger = Ledger()
    for write in (
        EntityWrite("authors", Kind.CREATED, 1, "Ada 1", 1),
        EntityWrite("authors", Kind.UPDATED, 2, "Ada 2", 1),
        EntityWrite("authors", Kind.CREATED, 1, "Bob 1", 2),
        EntityWrite("authors", Kind.DELETED, 2, "", 2),
        EntityWrite("books", Kind.CREATED, 1, "Notes 1", 1),
    ):
        ledger.settle([ledger.open(write)], Outcome.ACKNOWLEDGED)
    ledger.settle(ledger.open_link([LinkWrite("authors", 1, 1, linked=True)]), Outcome.ACKNOWLEDGED)
    return ledger


@pytest.fixture
def snapshot() -> Snapshot:
    """What that has to come to."""
    return Snapshot(
        owners={"authors": {1: ADA}, "books": {1: NOTES}},
        caches={"authors": {1: ADA}, "books": {1: NOTES}},
        links={"authors": {(1, 1): LINKED}, "books": {(1, 1): LINKED}},
        entity_events=[
            EntityEvent("a", "authors", "created", 1, 1, "Ada 1"),
            EntityEvent("b", "authors", "updated", 1, 2, "Ada 2"),
            EntityEvent("b", "authors", "updated", 1, 2, "Ada 2"),
            EntityEvent("c", "authors", "created", 2, 1, "Bob 1"),
            EntityEvent("d", "authors", "deleted", 2, 2, "Bob 1"),
            EntityEvent("e", "books", "created", 1, 1, "Notes 1"),
        ],
        link_events=[LinkEvent("f", "authors", (1, 1), LINKED)],
    )


def found(ledger: Ledger, snapshot: Snapshot) -> tuple[int, int, int]:
    """How much is lost, unasked for, and different."""
    verdict = Verdict()
    judge_entities(ledger, snapshot, verdict)
    judge_links(ledger, snapshot, verdict)
    return len(verdict.lost), len(verdict.unasked), len(verdict.disagreements)


def test_what_was_acknowledged_and_is_there_on_both_sides_holds(ledger: Ledger, snapshot: Snapshot) -> None:
    assert found(ledger, snapshot) == (0, 0, 0)


def test_an_acknowledged_author_that_is_nowhere_is_lost(ledger: Ledger, snapshot: Snapshot) -> None:
    snapshot.owners["authors"].clear()
    snapshot.caches["authors"].clear()
    snapshot.links["authors"].clear()
    snapshot.links["books"].clear()
    snapshot.entity_events = [event for event in snapshot.entity_events if event.entity_id == 2]
    lost, _, _ = found(ledger, snapshot)
    assert lost > 0


def test_an_older_version_than_the_acknowledged_one_is_a_loss(ledger: Ledger, snapshot: Snapshot) -> None:
    snapshot.owners["authors"][1] = snapshot.caches["authors"][1] = Entity(1, "Ada 1")
    assert found(ledger, snapshot)[0] == 1


def test_an_acknowledged_delete_that_was_undone_is_a_loss(ledger: Ledger, snapshot: Snapshot) -> None:
    snapshot.owners["authors"][2] = snapshot.caches["authors"][2] = Entity(1, "Bob 1")
    assert found(ledger, snapshot)[0] == 1


def test_an_acknowledged_change_that_no_stream_tells_of_is_a_loss(ledger: Ledger, snapshot: Snapshot) -> None:
    del snapshot.entity_events[0]
    assert found(ledger, snapshot) == (1, 0, 0)


def test_a_version_acknowledged_to_two_clients_is_a_loss(ledger: Ledger, snapshot: Snapshot) -> None:
    second = ledger.open(EntityWrite("authors", Kind.UPDATED, 2, "Ada 3", 1))
    ledger.settle([second], Outcome.ACKNOWLEDGED)
    assert found(ledger, snapshot)[0] > 0


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.UNKNOWN])
def test_a_change_that_was_refused_may_not_be_there_and_an_unanswered_one_may(
    outcome: Outcome, ledger: Ledger, snapshot: Snapshot
) -> None:
    ledger.settle([ledger.open(EntityWrite("books", Kind.UPDATED, 2, "Notes 2", 1))], outcome)
    assert found(ledger, snapshot) == (0, 0, 0)
    snapshot.owners["books"][1] = snapshot.caches["books"][1] = Entity(2, "Notes 2")
    snapshot.entity_events.append(EntityEvent("g", "books", "updated", 1, 2, "Notes 2"))
    assert (found(ledger, snapshot) == (0, 0, 0)) is (outcome is Outcome.UNKNOWN)


def test_a_create_that_was_never_answered_may_be_there_once(ledger: Ledger, snapshot: Snapshot) -> None:
    ledger.open(EntityWrite("books", Kind.CREATED, 1, "Maybe 1"))
    assert found(ledger, snapshot) == (0, 0, 0)
    for entity_id in (7, 8):
        snapshot.owners["books"][entity_id] = snapshot.caches["books"][entity_id] = Entity(1, "Maybe 1")
        snapshot.entity_events.append(
            EntityEvent(f"m{entity_id}", "books", "created", entity_id, 1, "Maybe 1")
        )
        assert found(ledger, snapshot) == (0, entity_id - 7, 0)


def test_an_event_of_a_transaction_that_was_undone_was_not_asked_for(
    ledger: Ledger, snapshot: Snapshot
) -> None:
    ledger.settle([ledger.open(EntityWrite("books", Kind.CREATED, 1, "Ghost 1"))], Outcome.REFUSED)
    snapshot.entity_events.append(EntityEvent("g", "books", "created", 9, 1, "Ghost 1"))
    assert found(ledger, snapshot)[1] == 1


def test_two_different_events_about_one_version_were_not_asked_for(
    ledger: Ledger, snapshot: Snapshot
) -> None:
    snapshot.entity_events.append(EntityEvent("other", "books", "created", 1, 1, "Notes 1"))
    assert found(ledger, snapshot) == (0, 1, 0)


@pytest.mark.parametrize("cached", [None, Entity(1, "Ada 1"), replace(ADA, others=("Danish",))])
def test_a_cache_that_is_not_the_owners_table_differs(
    cached: Entity | None, ledger: Ledger, snapshot: Snapshot
) -> None:
    snapshot.caches["authors"] = {1: cached} if cached else {}
    assert found(ledger, snapshot) == (0, 0, 1)


def test_a_deleted_author_that_the_cache_still_has_differs(ledger: Ledger, snapshot: Snapshot) -> None:
    snapshot.caches["authors"][2] = Entity(1, "Bob 1")
    assert found(ledger, snapshot) == (0, 0, 1)


def test_a_link_on_one_side_only_differs(ledger: Ledger, snapshot: Snapshot) -> None:
    del snapshot.links["books"][1, 1]
    assert found(ledger, snapshot)[2] > 0


def test_an_acknowledged_link_on_neither_side_is_lost(ledger: Ledger, snapshot: Snapshot) -> None:
    snapshot.links["authors"].clear()
    snapshot.links["books"].clear()
    assert found(ledger, snapshot)[0] == 1


def test_a_link_that_nobody_asked_for_is_found(ledger: Ledger, snapshot: Snapshot) -> None:
    ledger.links.clear()
    assert found(ledger, snapshot)[1] > 0


def test_a_link_that_came_back_after_its_unlinking_is_a_loss(ledger: Ledger, snapshot: Snapshot) -> None:
    ledger.settle(ledger.open_link([LinkWrite("authors", 1, 1, linked=False)]), Outcome.ACKNOWLEDGED)
    assert found(ledger, snapshot)[0] > 0


def test_either_end_is_right_where_both_sides_wrote(ledger: Ledger, snapshot: Snapshot) -> None:
    ledger.settle(ledger.open_link([LinkWrite("books", 1, 1, linked=False)]), Outcome.ACKNOWLEDGED)
    unlinked = Link(2, "books", linked=False)
    snapshot.link_events.append(LinkEvent("u", "books", (1, 1), unlinked))
    assert found(ledger, snapshot)[2] == 2, "the streams say that the unlinking was the later one"
    snapshot.links = {"authors": {(1, 1): unlinked}, "books": {}}
    assert found(ledger, snapshot) == (0, 0, 0)


def test_a_link_to_what_was_deleted_differs(ledger: Ledger, snapshot: Snapshot) -> None:
    for side in ("authors", "books"):
        snapshot.links[side][2, 1] = LINKED
    assert found(ledger, snapshot)[2] > 0


def test_events_are_read_from_records_and_broken_ones_left_to_the_contracts_judge() -> None:
    link = {"author_id": 1, "book_id": 2, "version": 3, "origin": "books", "changed_at": "x"}
    envelope = {"event_type": "book_author.unlinked", "event_id": "e", "data": link}
    snapshot = Snapshot()
    snapshot.read_events(
        Record("library.book-authors", 0, 0, None, value, (), 0)
        for value in (json.dumps(envelope).encode(), b"{", b"[]", None)
    )
    assert snapshot.link_events == [LinkEvent("e", "books", (1, 2), Link(3, "books", linked=False))]


def test_a_seed_draws_the_same_faults_again_and_every_kind_early() -> None:
    def drawn(seed: int) -> list[object]:
        links = ["authors-1/kafka", "books-1/postgres"]
        return [*draw(seed, 600, ["authors-1", "books-1"], links, real=True)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert len(drawn(1)) >= 110
    faults = draw(18, 60, ["authors-1"], ["authors-1/postgres"], real=False)
    assert {fault.blow for fault in faults} == {*Blow} - {Blow.REWIND}
    assert all(fault.at_s + fault.hold_s <= 58 for fault in faults)
    assert "kill kafka" not in {fault.kind for fault in faults}


@pytest_asyncio.fixture
async def echo() -> AsyncIterator[tuple[str, int]]:
    """A server that answers what it is told."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1000):
                writer.write(data)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()
    server.close()
    await server.wait_closed()


async def test_a_silenced_connection_says_everything_in_its_order_when_the_silence_ends(
    echo: tuple[str, int],
) -> None:
    async with Proxy(echo) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"one")
        assert await reader.readexactly(3) == b"one"
        proxy.become(Mode.SILENCE)
        writer.write(b"two")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await reader.read(1)
        proxy.become(Mode.PASS)
        writer.write(b"three")
        assert await reader.readexactly(8) == b"twothree"
        proxy.become(Mode.DELAY, 0.1)
        writer.write(b"late")
        before = asyncio.get_running_loop().time()
        assert await reader.readexactly(4) == b"late"
        assert asyncio.get_running_loop().time() - before > 0.15, "once there, once back"
        writer.close()


async def test_a_cut_resets_open_connections_and_new_ones(echo: tuple[str, int]) -> None:
    async with Proxy(echo) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"x")
        await reader.readexactly(1)
        proxy.become(Mode.CUT)
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)
        later, writer_of_later = await asyncio.open_connection("127.0.0.1", proxy.port)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await later.readexactly(1)
        writer_of_later.close()
        proxy.become(Mode.PASS)
        again, writer_again = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer_again.write(b"y")
        assert await again.readexactly(1) == b"y"
        writer_again.close()
        writer.close()


async def test_nobody_listening_is_a_refusal_and_silence_after_sending_is_unknown() -> None:
    async with Clients(lambda _: ["http://127.0.0.1:9"]) as clients:
        with pytest.raises(ServiceUnreachable) as refused:
            await clients.authors().list_authors()
    assert outcome_of(refused.value) is Outcome.REFUSED
    silent = ServiceUnreachable("POST: time-out")
    silent.__cause__ = httpx.ReadTimeout("")
    assert outcome_of(silent) is Outcome.UNKNOWN
    assert outcome_of(Failure(412, None)) is Outcome.REFUSED
    assert outcome_of(Failure(500, None)) is Outcome.UNKNOWN
