"""The use cases, over in-memory fakes."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from books_service.domain.entities import Book
from books_service.domain.errors import (
    BookNotFound,
    DuplicateIsbn,
    LinkNotFound,
    Overtaken,
    UnknownAuthors,
    VersionMismatch,
)
from books_service.domain.services import BookService
from tests.books_service.examples import EARTHSEA, a_link, an_author, later
from tests.books_service.fakes import InMemoryDatabase, InMemoryPublisher, InMemoryUnitOfWork, TickingClock


class World:
    """A service with a voice, one without, and what both store."""

    def __init__(self) -> None:
        self.database = InMemoryDatabase()
        self.clock = TickingClock()

    @property
    def service(self) -> BookService:
        work = InMemoryUnitOfWork(self.database)
        return BookService(work, InMemoryPublisher(work), self.clock)

    @property
    def silent(self) -> BookService:
        return BookService(InMemoryUnitOfWork(self.database), None, self.clock)

    @property
    def event_types(self) -> list[str]:
        return [event_type for event_type, _ in self.database.events]

    async def book_with_authors(self, *author_ids: int) -> Book:
        """A book linked to authors that were heard of; the events of getting there are forgotten."""
        for author_id in author_ids:
            await self.silent.take_over_authors([an_author(author_id)])
        book = await self.service.create_book(EARTHSEA)
        if author_ids:
            await self.service.link_authors(book.book_id, author_ids)
        self.database.events.clear()
        return book

    async def author_ids(self, book_id: int) -> list[int]:
        return [author.author_id for author in await self.service.list_authors(book_id, after=0, limit=100)]


@pytest.fixture
def world() -> World:
    return World()


async def test_a_new_book_is_at_version_1_and_the_event_carries_all_of_it(world: World) -> None:
    book = await world.service.create_book(EARTHSEA)
    assert (book.title, book.version, book.created_at) == (EARTHSEA.title, 1, book.updated_at)
    assert await world.service.get_book(book.book_id) == book
    assert world.database.events == [("book.created", asdict(book))]


async def test_books_are_listed_after_an_id_in_ascending_order(world: World) -> None:
    ids = [(await world.service.create_book(EARTHSEA)).book_id for _ in range(4)]
    page = await world.service.list_books(after=ids[0], limit=2)
    assert [book.book_id for book in page] == ids[1:3]


async def test_a_change_makes_the_next_version_and_keeps_what_it_does_not_name(world: World) -> None:
    before = await world.book_with_authors()
    after = await world.service.change_book(before.book_id, {"summary": None}, expected=[1, 7])
    assert (after.title, after.summary, after.version) == (before.title, None, 2)
    assert after.updated_at > before.updated_at
    assert after.created_at == before.created_at
    assert world.database.events == [("book.updated", asdict(after))]


async def test_a_change_that_changes_nothing_makes_no_version_and_no_event(world: World) -> None:
    book = await world.book_with_authors()
    assert await world.service.change_book(book.book_id, {"title": book.title}) == book
    assert world.event_types == []


@pytest.mark.parametrize("expected", [[2], []])
async def test_a_change_meant_for_another_version_is_refused(world: World, expected: list[int]) -> None:
    book = await world.book_with_authors()
    with pytest.raises(VersionMismatch, match="at version 1"):
        await world.service.change_book(book.book_id, {"title": "X"}, expected)
    with pytest.raises(VersionMismatch):
        await world.service.delete_book(book.book_id, expected)
    assert await world.service.get_book(book.book_id) == book
    assert world.event_types == []


async def test_deleting_an_book_removes_its_links_and_sends_one_event(world: World) -> None:
    book = await world.book_with_authors(4, 5)
    await world.service.delete_book(book.book_id, expected=[1])
    assert world.event_types == ["book.deleted"]
    last = world.database.events[0][1]
    assert (last["book_id"], last["title"], last["version"]) == (book.book_id, book.title, 2)
    assert last["updated_at"] > book.updated_at
    assert world.database.rows.links == {}
    with pytest.raises(BookNotFound):
        await world.service.get_book(book.book_id)


async def test_an_unknown_book_is_named_before_anything_else(world: World) -> None:
    for use_case in (
        world.service.get_book(9),
        world.service.change_book(9, {"title": "X"}, expected=[5]),
        world.service.delete_book(9, expected=[5]),
        world.service.link_authors(9, [4711]),
        world.service.unlink_author(9, 4711),
        world.service.list_authors(9, after=0, limit=1),
    ):
        with pytest.raises(BookNotFound, match="There is no book 9"):
            await use_case


async def test_linking_sends_one_event_per_new_link(world: World) -> None:
    book = await world.book_with_authors(4)
    await world.silent.take_over_authors([an_author(5)])
    await world.silent.take_over_authors([an_author(6)])
    assert await world.service.link_authors(book.book_id, [6, 4, 5, 6]) == [4, 5, 6]
    assert [(kind, data["author_id"]) for kind, data in world.database.events] == [
        ("book_author.linked", 5),
        ("book_author.linked", 6),
    ]
    data = world.database.events[0][1]
    assert set(data) == {"book_id", "author_id", "version", "origin", "changed_at"}
    assert (data["version"], data["origin"]) == (1, "books")
    assert await world.author_ids(book.book_id) == [4, 5, 6]


async def test_one_unknown_author_among_many_undoes_all_links(world: World) -> None:
    book = await world.book_with_authors()
    await world.silent.take_over_authors([an_author(4)])
    await world.silent.take_over_authors([an_author(5)])
    await world.silent.take_over_authors(gone=[later(an_author(5))])
    with pytest.raises(UnknownAuthors, match=r"There are no authors 5, 4711\.") as caught:
        await world.service.link_authors(book.book_id, [4711, 4, 5])
    assert caught.value.author_ids == (5, 4711)
    assert await world.author_ids(book.book_id) == []
    assert world.event_types == []


async def test_unlinking_and_linking_again_counts_the_version_on(world: World) -> None:
    book = await world.book_with_authors(4)
    await world.service.unlink_author(book.book_id, 4)
    assert await world.author_ids(book.book_id) == []
    await world.service.link_authors(book.book_id, [4])
    assert [(kind, data["version"]) for kind, data in world.database.events] == [
        ("book_author.unlinked", 2),
        ("book_author.linked", 3),
    ]


async def test_a_change_of_links_that_was_overtaken_is_decided_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = await world.book_with_authors(4)
    commits = overtake(monkeypatch, times=2)
    await world.service.unlink_author(book.book_id, 4)
    assert len(commits) == 3
    assert world.event_types == ["book_author.unlinked"]


async def test_who_is_overtaken_all_the_time_gives_up_and_has_done_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = await world.book_with_authors(4)
    overtake(monkeypatch, times=1_000)
    with pytest.raises(Overtaken, match=f"{book.book_id} .*Try again"):
        await world.service.unlink_author(book.book_id, 4)
    assert world.event_types == []
    assert await world.author_ids(book.book_id) == [4]


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
    book = await world.book_with_authors(4)
    with pytest.raises(LinkNotFound, match=f"Author 5 is not linked to book {book.book_id}"):
        await world.service.unlink_author(book.book_id, 5)
    await world.service.unlink_author(book.book_id, 4)
    with pytest.raises(LinkNotFound):
        await world.service.unlink_author(book.book_id, 4)
    assert world.event_types == ["book_author.unlinked"]


async def test_a_change_here_wins_over_all_that_was_heard_before(world: World) -> None:
    book = await world.book_with_authors(4)
    await world.silent.take_over_links([a_link(book.book_id, 4, version=7, linked=False)])
    await world.service.link_authors(book.book_id, [4])
    assert world.database.events[-1][1]["version"] == 8


async def test_received_events_are_applied_without_a_word(world: World) -> None:
    book = await world.book_with_authors(5)
    await world.silent.take_over_authors([an_author(4)])
    await world.silent.take_over_links([a_link(book.book_id, 4)])
    await world.silent.take_over_links([a_link(book.book_id, 5, version=9, linked=False)])
    await world.silent.take_over_authors(gone=[later(an_author(5))])
    assert await world.author_ids(book.book_id) == [4]
    assert world.event_types == []


async def test_a_link_to_an_author_not_heard_of_yet_shows_when_the_author_arrives(world: World) -> None:
    book = await world.book_with_authors()
    await world.silent.take_over_links([a_link(book.book_id, 4)])
    assert await world.author_ids(book.book_id) == []
    await world.silent.take_over_authors([an_author(4)])
    assert await world.author_ids(book.book_id) == [4]


async def test_a_late_update_does_not_bring_a_deleted_author_back(world: World) -> None:
    book = await world.book_with_authors(4)
    updated = later(an_author(4))
    await world.silent.take_over_authors(gone=[later(updated)])
    await world.silent.take_over_authors([updated])
    await world.silent.take_over_links([a_link(book.book_id, 4, version=9)])
    assert await world.author_ids(book.book_id) == []
    with pytest.raises(UnknownAuthors):
        await world.service.link_authors(book.book_id, [4])


async def test_a_late_link_of_a_deleted_book_changes_nothing(world: World) -> None:
    book = await world.book_with_authors(4)
    await world.service.delete_book(book.book_id)
    await world.silent.take_over_links([a_link(book.book_id, 4, version=9)])
    assert world.database.rows.links == {}


async def test_of_two_links_of_one_version_the_greater_origin_wins(world: World) -> None:
    book = await world.book_with_authors(4)
    await world.silent.take_over_links([a_link(book.book_id, 4, version=1, origin="authors", linked=False)])
    assert await world.author_ids(book.book_id) == [4]
    await world.silent.take_over_links([a_link(book.book_id, 4, version=2, origin="authors", linked=False)])
    assert await world.author_ids(book.book_id) == []


async def test_an_isbn_belongs_to_one_book(world: World) -> None:
    first = await world.service.create_book(replace(EARTHSEA, isbn="9780547773742"))
    with pytest.raises(DuplicateIsbn, match="9780547773742"):
        await world.service.create_book(replace(EARTHSEA, isbn="9780547773742"))
    other = await world.service.create_book(EARTHSEA)
    with pytest.raises(DuplicateIsbn):
        await world.service.change_book(other.book_id, {"isbn": "9780547773742"})
    assert world.event_types == ["book.created", "book.created"]
    await world.service.delete_book(first.book_id)
    assert (await world.service.change_book(other.book_id, {"isbn": "9780547773742"})).version == 2


@pytest.mark.parametrize("linked", [True, False])
async def test_a_change_is_later_than_all_that_was_purged_although_an_older_one_was_read_again(
    linked: bool,
) -> None:
    world = World()
    book = await world.book_with_authors(4)
    await world.silent.take_over_links([a_link(book.book_id, 4, version=5, linked=False)])
    world.clock.now += timedelta(days=8)
    assert await world.service.purge_tombstones(timedelta(days=7), 10) == 1
    await world.silent.take_over_links([a_link(book.book_id, 4, version=2, linked=linked)])
    world.database.events.clear()
    if linked:
        await world.service.unlink_author(book.book_id, 4)
    else:
        await world.service.link_authors(book.book_id, [4])
    assert [data["version"] for _, data in world.database.events] == [6]
