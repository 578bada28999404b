"""The use cases, over in-memory fakes."""

from dataclasses import asdict
from datetime import timedelta

import pytest

from authors_service.domain.entities import Author
from authors_service.domain.errors import (
    AuthorNotFound,
    LinkNotFound,
    Overtaken,
    UnknownBooks,
    VersionMismatch,
)
from authors_service.domain.services import AuthorService
from tests.authors_service.examples import LE_GUIN, a_book, a_link, later
from tests.authors_service.fakes import InMemoryDatabase, InMemoryPublisher, InMemoryUnitOfWork, TickingClock


class World:
    """A service with a voice, one without, and what both store."""

    def __init__(self) -> None:
        self.database = InMemoryDatabase()
        self.clock = TickingClock()

    @property
    def service(self) -> AuthorService:
        work = InMemoryUnitOfWork(self.database)
        return AuthorService(work, InMemoryPublisher(work), self.clock)

    @property
    def silent(self) -> AuthorService:
        return AuthorService(InMemoryUnitOfWork(self.database), None, self.clock)

    @property
    def event_types(self) -> list[str]:
        return [event_type for event_type, _ in self.database.events]

    async def author_with_books(self, *book_ids: int) -> Author:
        """An author linked to books that were heard of; the events of getting there are forgotten."""
        for book_id in book_ids:
            await self.silent.take_over_books([a_book(book_id)])
        author = await self.service.create_author(LE_GUIN)
        if book_ids:
            await self.service.link_books(author.author_id, book_ids)
        self.database.events.clear()
        return author

    async def book_ids(self, author_id: int) -> list[int]:
        return [book.book_id for book in await self.service.list_books(author_id, after=0, limit=100)]


@pytest.fixture
def world() -> World:
    return World()


async def test_a_new_author_is_at_version_1_and_the_event_carries_all_of_it(world: World) -> None:
    author = await world.service.create_author(LE_GUIN)
    assert (author.name, author.version, author.created_at) == (LE_GUIN.name, 1, author.updated_at)
    assert await world.service.get_author(author.author_id) == author
    assert world.database.events == [("author.created", asdict(author))]


async def test_authors_are_listed_after_an_id_in_ascending_order(world: World) -> None:
    ids = [(await world.service.create_author(LE_GUIN)).author_id for _ in range(4)]
    page = await world.service.list_authors(after=ids[0], limit=2)
    assert [author.author_id for author in page] == ids[1:3]


async def test_a_change_makes_the_next_version_and_keeps_what_it_does_not_name(world: World) -> None:
    before = await world.author_with_books()
    after = await world.service.change_author(before.author_id, {"nationality": None}, expected=[1, 7])
    assert (after.name, after.nationality, after.version) == (before.name, None, 2)
    assert after.updated_at > before.updated_at
    assert after.created_at == before.created_at
    assert world.database.events == [("author.updated", asdict(after))]


async def test_a_change_that_changes_nothing_makes_no_version_and_no_event(world: World) -> None:
    author = await world.author_with_books()
    assert await world.service.change_author(author.author_id, {"name": author.name}) == author
    assert world.event_types == []


@pytest.mark.parametrize("expected", [[2], []])
async def test_a_change_meant_for_another_version_is_refused(world: World, expected: list[int]) -> None:
    author = await world.author_with_books()
    with pytest.raises(VersionMismatch, match="at version 1"):
        await world.service.change_author(author.author_id, {"name": "X"}, expected)
    with pytest.raises(VersionMismatch):
        await world.service.delete_author(author.author_id, expected)
    assert await world.service.get_author(author.author_id) == author
    assert world.event_types == []


async def test_deleting_an_author_removes_its_links_and_sends_one_event(world: World) -> None:
    author = await world.author_with_books(4, 5)
    await world.service.delete_author(author.author_id, expected=[1])
    assert world.event_types == ["author.deleted"]
    last = world.database.events[0][1]
    assert (last["author_id"], last["name"], last["version"]) == (author.author_id, author.name, 2)
    assert last["updated_at"] > author.updated_at
    assert world.database.rows.links == {}
    with pytest.raises(AuthorNotFound):
        await world.service.get_author(author.author_id)


async def test_an_unknown_author_is_named_before_anything_else(world: World) -> None:
    for use_case in (
        world.service.get_author(9),
        world.service.change_author(9, {"name": "X"}, expected=[5]),
        world.service.delete_author(9, expected=[5]),
        world.service.link_books(9, [4711]),
        world.service.unlink_book(9, 4711),
        world.service.list_books(9, after=0, limit=1),
    ):
        with pytest.raises(AuthorNotFound, match="There is no author 9"):
            await use_case


async def test_linking_sends_one_event_per_new_link(world: World) -> None:
    author = await world.author_with_books(4)
    await world.silent.take_over_books([a_book(5)])
    await world.silent.take_over_books([a_book(6)])
    assert await world.service.link_books(author.author_id, [6, 4, 5, 6]) == [4, 5, 6]
    assert [(kind, data["book_id"]) for kind, data in world.database.events] == [
        ("author_book.linked", 5),
        ("author_book.linked", 6),
    ]
    data = world.database.events[0][1]
    assert set(data) == {"author_id", "book_id", "version", "origin", "changed_at"}
    assert (data["version"], data["origin"]) == (1, "authors")
    assert await world.book_ids(author.author_id) == [4, 5, 6]


async def test_one_unknown_book_among_many_undoes_all_links(world: World) -> None:
    author = await world.author_with_books()
    await world.silent.take_over_books([a_book(4)])
    await world.silent.take_over_books([a_book(5)])
    await world.silent.take_over_books(gone=[later(a_book(5))])
    with pytest.raises(UnknownBooks, match=r"There are no books 5, 4711\.") as caught:
        await world.service.link_books(author.author_id, [4711, 4, 5])
    assert caught.value.book_ids == (5, 4711)
    assert await world.book_ids(author.author_id) == []
    assert world.event_types == []


async def test_unlinking_and_linking_again_counts_the_version_on(world: World) -> None:
    author = await world.author_with_books(4)
    await world.service.unlink_book(author.author_id, 4)
    assert await world.book_ids(author.author_id) == []
    await world.service.link_books(author.author_id, [4])
    assert [(kind, data["version"]) for kind, data in world.database.events] == [
        ("author_book.unlinked", 2),
        ("author_book.linked", 3),
    ]


async def test_a_change_of_links_that_was_overtaken_is_decided_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = await world.author_with_books(4)
    commits = overtake(monkeypatch, times=2)
    await world.service.unlink_book(author.author_id, 4)
    assert len(commits) == 3
    assert world.event_types == ["author_book.unlinked"]


async def test_who_is_overtaken_all_the_time_gives_up_and_has_done_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = await world.author_with_books(4)
    overtake(monkeypatch, times=1_000)
    with pytest.raises(Overtaken, match=f"{author.author_id} .*Try again"):
        await world.service.unlink_book(author.author_id, 4)
    assert world.event_types == []
    assert await world.book_ids(author.author_id) == [4]


def overtake(monkeypatch: pytest.MonkeyPatch, times: int) -> list[InMemoryUnitOfWork]:
    """Let the first so many commits come too late; the list gets one entry for each commit."""
    commit, commits = InMemoryUnitOfWork.commit, list[InMemoryUnitOfWork]()

    async def late(work: InMemoryUnitOfWork) -> None:
        commits.append(work)
        if len(commits) <= times:
            raise Overtaken(1)
        await commit(work)

    monkeypatch.setattr(InMemoryUnitOfWork, "commit", late)
    return commits


async def test_what_is_not_linked_cannot_be_unlinked(world: World) -> None:
    author = await world.author_with_books(4)
    with pytest.raises(LinkNotFound, match=f"Book 5 is not linked to author {author.author_id}"):
        await world.service.unlink_book(author.author_id, 5)
    await world.service.unlink_book(author.author_id, 4)
    with pytest.raises(LinkNotFound):
        await world.service.unlink_book(author.author_id, 4)
    assert world.event_types == ["author_book.unlinked"]


async def test_a_change_here_wins_over_all_that_was_heard_before(world: World) -> None:
    author = await world.author_with_books(4)
    await world.silent.take_over_links([a_link(author.author_id, 4, version=7, linked=False)])
    await world.service.link_books(author.author_id, [4])
    assert world.database.events[-1][1]["version"] == 8


async def test_received_events_are_applied_without_a_word(world: World) -> None:
    author = await world.author_with_books(5)
    await world.silent.take_over_books([a_book(4)])
    await world.silent.take_over_links([a_link(author.author_id, 4)])
    await world.silent.take_over_links([a_link(author.author_id, 5, version=9, linked=False)])
    await world.silent.take_over_books(gone=[later(a_book(5))])
    assert await world.book_ids(author.author_id) == [4]
    assert world.event_types == []


async def test_a_link_to_a_book_not_heard_of_yet_shows_when_the_book_arrives(world: World) -> None:
    author = await world.author_with_books()
    await world.silent.take_over_links([a_link(author.author_id, 4)])
    assert await world.book_ids(author.author_id) == []
    await world.silent.take_over_books([a_book(4)])
    assert await world.book_ids(author.author_id) == [4]


async def test_a_late_update_does_not_bring_a_deleted_book_back(world: World) -> None:
    author = await world.author_with_books(4)
    updated = later(a_book(4))
    await world.silent.take_over_books(gone=[later(updated)])
    await world.silent.take_over_books([updated])
    await world.silent.take_over_links([a_link(author.author_id, 4, version=9)])
    assert await world.book_ids(author.author_id) == []
    with pytest.raises(UnknownBooks):
        await world.service.link_books(author.author_id, [4])


async def test_a_late_link_of_a_deleted_author_changes_nothing(world: World) -> None:
    author = await world.author_with_books(4)
    await world.service.delete_author(author.author_id)
    await world.silent.take_over_links([a_link(author.author_id, 4, version=9)])
    assert world.database.rows.links == {}


async def test_of_two_links_of_one_version_the_greater_origin_wins(world: World) -> None:
    author = await world.author_with_books(4)
    await world.silent.take_over_links([a_link(author.author_id, 4, version=1, origin="books", linked=False)])
    assert await world.book_ids(author.author_id) == []
    await world.silent.take_over_links(
        [a_link(author.author_id, 4, version=1, origin="authors", linked=True)]
    )
    assert await world.book_ids(author.author_id) == []


@pytest.mark.parametrize("linked", [True, False])
async def test_a_change_is_later_than_all_that_was_purged_although_an_older_one_was_read_again(
    linked: bool,
) -> None:
    world = World()
    author = await world.author_with_books(4)
    await world.silent.take_over_links([a_link(author.author_id, 4, version=5, linked=False)])
    world.clock.now += timedelta(days=8)
    assert await world.service.purge_tombstones(timedelta(days=7), 10) == 1
    await world.silent.take_over_links([a_link(author.author_id, 4, version=2, linked=linked)])
    world.database.events.clear()
    if linked:
        await world.service.unlink_book(author.author_id, 4)
    else:
        await world.service.link_books(author.author_id, [4])
    assert [data["version"] for _, data in world.database.events] == [6]
