"""What any storage of the service must do; each test runs on the in-memory twin and on PostgreSQL."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from authors_service.contracts.interfaces import Found, IUnitOfWork
from authors_service.domain.entities import Author
from authors_service.domain.errors import Overtaken
from tests.authors_service.examples import LE_GUIN, MORNING, a_book, a_link, later

Storage = Callable[[], IUnitOfWork]


async def add_author(storage: Storage) -> Author:
    async with storage() as work:
        author = await work.authors.add(LE_GUIN, MORNING)
        await work.commit()
    return author


async def link(storage: Storage, author: Author, *book_ids: int, linked: bool = True) -> None:
    async with storage() as work:
        await work.authors.lock(author.author_id)
        await work.books.hold(book_ids)
        await work.links.put([a_link(author.author_id, book_id, linked=linked) for book_id in book_ids])
        await work.commit()


async def find(work: IUnitOfWork, author: Author, *book_ids: int) -> Found:
    found = await work.links.find(author.author_id, book_ids)
    assert found is not None
    return found


async def remember(storage: Storage, *book_ids: int) -> None:
    async with storage() as work:
        for book_id in book_ids:
            await work.books.store([a_book(book_id)])
        await work.commit()


async def book_ids_of(storage: Storage, author: Author, after: int = 0, limit: int = 100) -> list[int]:
    async with storage().reading() as work:
        return [book.book_id for book in await work.links.books_of(author.author_id, after, limit)]


async def test_an_author_comes_back_as_it_was_stored(storage: Storage) -> None:
    author = await add_author(storage)
    assert (author.author_id, author.name, author.version) == (1, LE_GUIN.name, 1)
    async with storage().reading() as work:
        found = await work.authors.get(author.author_id)
    assert found == author
    assert found.created_at == MORNING
    assert found.created_at.utcoffset() == timedelta(0)
    async with storage() as work:
        assert await work.authors.lock(author.author_id) == author


async def test_what_was_never_stored_is_not_found(storage: Storage) -> None:
    async with storage() as work:
        assert await work.authors.get(2**63 - 1) is None
        assert await work.authors.lock(2**63 - 1) is None
        assert await work.books.hold([2**63 - 1, 1]) == {}
        assert await work.links.find(1, [4, 2**63 - 1]) is None
        assert await work.links.books_of(1, 0, 10) == []


async def test_a_replaced_author_keeps_its_id(storage: Storage) -> None:
    author = await add_author(storage)
    other = await add_author(storage)
    changed = replace(
        author, name="U. K. L. G.", biography=None, version=2, updated_at=MORNING.astimezone(UTC)
    )
    async with storage() as work:
        await work.authors.lock(author.author_id)
        await work.authors.replace(changed)
        await work.commit()
    async with storage().reading() as work:
        assert await work.authors.page(0, 10) == [changed, other]


async def test_pages_hold_what_follows_an_id(storage: Storage) -> None:
    ids = [(await add_author(storage)).author_id for _ in range(4)]
    async with storage().reading() as work:
        assert [author.author_id for author in await work.authors.page(ids[0], 2)] == ids[1:3]
        assert await work.authors.page(ids[-1], 2) == []


async def test_a_removed_author_takes_its_links_along_and_leaves_those_of_others(storage: Storage) -> None:
    author, other = await add_author(storage), await add_author(storage)
    await link(storage, author, 4)
    await link(storage, other, 4)
    async with storage() as work:
        await work.authors.lock(author.author_id)
        await work.authors.remove(author)
        await work.commit()
    async with storage() as work:
        assert await work.authors.get(author.author_id) is None
        assert await work.links.find(author.author_id, [4]) is None
        assert set((await find(work, other, 4)).links) == {4}


async def test_the_last_states_of_what_was_removed_are_kept_in_pages_until_they_are_old(
    storage: Storage,
) -> None:
    removed = [await add_author(storage) for _ in range(4)]
    async with storage() as work:
        for age, author in enumerate(reversed(removed)):
            await work.authors.lock(author.author_id)
            await work.authors.remove(replace(author, version=2, updated_at=MORNING - timedelta(days=age)))
        await work.commit()
    async with storage() as work:
        found = await work.authors.removed(removed[0].author_id, 2)
        assert [(author.author_id, author.version) for author in found] == [
            (each.author_id, 2) for each in removed[1:3]
        ]
        assert await work.authors.purge(MORNING - timedelta(days=3), 10) == 0
        assert await work.authors.purge(MORNING - timedelta(days=1), 1) == 1
        assert await work.authors.purge(MORNING - timedelta(days=1), 10) == 1
        assert [author.author_id for author in await work.authors.removed(0, 10)] == [
            each.author_id for each in removed[2:]
        ]
        await work.commit()


async def test_ids_are_not_used_again(storage: Storage) -> None:
    author = await add_author(storage)
    async with storage() as work:
        await work.authors.lock(author.author_id)
        await work.authors.remove(author)
        await work.commit()
    assert (await add_author(storage)).author_id > author.author_id


async def test_a_unit_of_work_left_without_commit_is_undone(storage: Storage) -> None:
    async with storage() as work:
        await work.authors.add(LE_GUIN, MORNING)
        await work.books.store([a_book(4)])
    async with storage() as work:
        assert await work.authors.page(0, 10) == []
        assert await work.books.hold([4]) == {}


async def test_an_error_undoes_the_unit_of_work_and_goes_on_to_the_caller(storage: Storage) -> None:
    async def fail_half_way() -> None:
        async with storage() as work:
            await work.authors.add(LE_GUIN, MORNING)
            raise LookupError("half way")

    with pytest.raises(LookupError, match="half way"):
        await fail_half_way()
    async with storage() as work:
        assert await work.authors.page(0, 10) == []


async def test_the_cache_keeps_the_highest_version(storage: Storage) -> None:
    author = await add_author(storage)
    await link(storage, author, 4)
    second = later(a_book(4), "The Tombs of Atuan")
    async with storage() as work:
        await work.books.store([second])
        await work.books.store([a_book(4)])
        await work.books.store([replace(second, title="The same version again")])
        await work.commit()
    async with storage().reading() as work:
        assert await work.links.books_of(author.author_id, 0, 10) == [second]


async def test_a_tombstone_stays_whatever_arrives_late(storage: Storage) -> None:
    book = later(a_book(4))
    async with storage() as work:
        await work.books.store([a_book(4)])
        assert await work.books.bury([book]) == [4]
        assert await work.books.bury([book]) == []
        await work.books.store([a_book(4)])
        await work.books.store([book])
        assert await work.books.hold([4]) == {4: False}


async def test_a_book_can_be_buried_before_it_was_ever_heard_of(storage: Storage) -> None:
    async with storage() as work:
        assert await work.books.bury([later(a_book(4))]) == [4]
        await work.books.store([a_book(4)])
        await work.commit()
    async with storage() as work:
        assert await work.books.hold([4, 5]) == {4: False}


async def test_a_late_deletion_of_an_older_version_changes_nothing(storage: Storage) -> None:
    async with storage() as work:
        await work.books.store([later(a_book(4))])
        assert await work.books.bury([a_book(4)]) == []
        assert await work.books.hold([4]) == {4: True}


async def test_links_are_found_by_book_tombstones_included(storage: Storage) -> None:
    author = await add_author(storage)
    await link(storage, author, 4)
    await link(storage, author, 5, linked=False)
    async with storage() as work:
        found = (await find(work, author, 4, 5, 6)).links
    assert found == {4: a_link(author.author_id, 4), 5: a_link(author.author_id, 5, linked=False)}


async def test_what_a_decision_about_links_needs_is_found_at_once(storage: Storage) -> None:
    author = await add_author(storage)
    await link(storage, author, 4, 6)
    await remember(storage, 4, 5)
    async with storage() as work:
        assert await work.links.find(author.author_id + 1, [4]) is None
        found = await find(work, author, 4, 5, 6, 7)
    assert found.alive == {4: True, 5: True, 6: None, 7: None}
    assert set(found.links) == {4, 6}
    assert found.floor == 0


@pytest.mark.parametrize("what", ["author", "book", "link", "new link", "floor"])
async def test_what_was_decided_upon_something_else_is_not_done(storage: Storage, what: str) -> None:
    author = await add_author(storage)
    await link(storage, author, 4)
    await remember(storage, 4, 5)
    async with storage() as work:
        found = await find(work, author, 4, 5)
    async with storage() as work:
        if what == "author":
            await work.authors.lock(author.author_id)
            await work.authors.remove(author)
        elif what == "book":
            await work.books.bury([later(a_book(5))])
        elif what == "floor":
            await work.links.put([a_link(author.author_id, 9, version=7, linked=False)])
            await work.links.purge([a_link(author.author_id, 9, version=7, linked=False)])
        elif what == "link":
            await work.links.put([a_link(author.author_id, 4, version=2, linked=False)])
        else:
            await work.links.put([a_link(author.author_id, 5)])
        await work.commit()
    async with storage() as work:
        mine = a_link(author.author_id, 5, version=9, origin="authors")
        await work.links.put_if_unchanged([mine], found)
        with pytest.raises(Overtaken):
            await work.commit()
    async with storage() as work:
        now = await work.links.find(author.author_id, [4, 5])
        assert now is None or mine not in now.links.values()


async def test_what_was_decided_upon_what_still_is_is_done(storage: Storage) -> None:
    author = await add_author(storage)
    await link(storage, author, 4)
    await remember(storage, 4, 5)
    mine = a_link(author.author_id, 4, version=2, linked=False), a_link(author.author_id, 5)
    async with storage() as work:
        await work.links.put_if_unchanged(mine, await find(work, author, 4, 5))
        await work.commit()
    async with storage() as work:
        assert tuple((await find(work, author, 4, 5)).links.values()) == mine


async def test_putting_a_link_again_replaces_it(storage: Storage) -> None:
    author = await add_author(storage)
    await link(storage, author, 4, 5)
    newer = a_link(author.author_id, 4, version=2, origin="authors", linked=False)
    async with storage() as work:
        await work.links.put([newer])
        await work.links.put([])
        await work.commit()
    async with storage() as work:
        assert (await find(work, author, 4)).links[4] == newer


async def test_removing_a_book_removes_its_links_to_all_authors(storage: Storage) -> None:
    author, other = await add_author(storage), await add_author(storage)
    await link(storage, author, 4, 5)
    await link(storage, other, 4)
    async with storage() as work:
        await work.links.remove_books([4])
        await work.commit()
    async with storage() as work:
        assert set((await find(work, author, 4, 5)).links) == {5}
        assert (await find(work, other, 4)).links == {}


async def test_only_linked_and_living_books_are_listed(storage: Storage) -> None:
    author = await add_author(storage)
    await remember(storage, 1, 2, 3, 5, 6)
    await link(storage, author, 1, 3, 4, 5, 6)
    await link(storage, author, 3, linked=False)
    async with storage() as work:
        await work.books.bury([later(a_book(5))])
        await work.commit()
    assert await book_ids_of(storage, author) == [1, 6]
    assert await book_ids_of(storage, author, after=1) == [6]
    assert await book_ids_of(storage, author, limit=1) == [1]
