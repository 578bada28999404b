"""What any storage of links must do; each test runs on the in-memory twin and on PostgreSQL."""

import pytest

from books_service.domain.errors import Overtaken
from tests.books_service.examples import a_link, an_author, later
from tests.books_service.storing import Storage, add_book, author_ids_of, find, link, remember


async def test_a_removed_book_takes_its_links_along_and_leaves_those_of_others(storage: Storage) -> None:
    book, other = await add_book(storage), await add_book(storage)
    await link(storage, book, 4)
    await link(storage, other, 4)
    async with storage() as work:
        await work.books.lock(book.book_id)
        await work.books.remove(book)
        await work.commit()
    async with storage() as work:
        assert await work.books.get(book.book_id) is None
        assert await work.links.find(book.book_id, [4]) is None
        assert set((await find(work, other, 4)).links) == {4}


async def test_links_are_found_by_author_tombstones_included(storage: Storage) -> None:
    book = await add_book(storage)
    await link(storage, book, 4)
    await link(storage, book, 5, linked=False)
    async with storage() as work:
        found = (await find(work, book, 4, 5, 6)).links
    assert found == {4: a_link(book.book_id, 4), 5: a_link(book.book_id, 5, linked=False)}


async def test_what_a_decision_about_links_needs_is_found_at_once(storage: Storage) -> None:
    book = await add_book(storage)
    await link(storage, book, 4, 6)
    await remember(storage, 4, 5)
    async with storage() as work:
        assert await work.links.find(book.book_id + 1, [4]) is None
        found = await find(work, book, 4, 5, 6, 7)
    assert found.alive == {4: True, 5: True, 6: None, 7: None}
    assert set(found.links) == {4, 6}
    assert found.floor == 0


@pytest.mark.parametrize("what", ["book", "author", "link", "new link", "floor"])
async def test_what_was_decided_upon_something_else_is_not_done(storage: Storage, what: str) -> None:
    book = await add_book(storage)
    await link(storage, book, 4)
    await remember(storage, 4, 5)
    async with storage() as work:
        found = await find(work, book, 4, 5)
    async with storage() as work:
        if what == "book":
            await work.books.lock(book.book_id)
            await work.books.remove(book)
        elif what == "author":
            await work.authors.bury([later(an_author(5))])
        elif what == "floor":
            await work.links.put([a_link(book.book_id, 9, version=7, linked=False)])
            await work.links.purge([a_link(book.book_id, 9, version=7, linked=False)])
        elif what == "link":
            await work.links.put([a_link(book.book_id, 4, version=2, linked=False)])
        else:
            await work.links.put([a_link(book.book_id, 5)])
        await work.commit()
    async with storage() as work:
        mine = a_link(book.book_id, 5, version=9, origin="books")
        await work.links.put_if_unchanged([mine], found)
        with pytest.raises(Overtaken):
            await work.commit()
    async with storage() as work:
        now = await work.links.find(book.book_id, [4, 5])
        assert now is None or mine not in now.links.values()


async def test_what_was_decided_upon_what_still_is_is_done(storage: Storage) -> None:
    book = await add_book(storage)
    await link(storage, book, 4)
    await remember(storage, 4, 5)
    mine = a_link(book.book_id, 4, version=2, linked=False), a_link(book.book_id, 5)
    async with storage() as work:
        await work.links.put_if_unchanged(mine, await find(work, book, 4, 5))
        await work.commit()
    async with storage() as work:
        assert tuple((await find(work, book, 4, 5)).links.values()) == mine


async def test_putting_a_link_again_replaces_it(storage: Storage) -> None:
    book = await add_book(storage)
    await link(storage, book, 4, 5)
    newer = a_link(book.book_id, 4, version=2, origin="books", linked=False)
    async with storage() as work:
        await work.links.put([newer])
        await work.links.put([])
        await work.commit()
    async with storage() as work:
        assert (await find(work, book, 4)).links[4] == newer


async def test_removing_an_author_removes_its_links_to_all_books(storage: Storage) -> None:
    book, other = await add_book(storage), await add_book(storage)
    await link(storage, book, 4, 5)
    await link(storage, other, 4)
    async with storage() as work:
        await work.links.remove_authors([4])
        await work.commit()
    async with storage() as work:
        assert set((await find(work, book, 4, 5)).links) == {5}
        assert (await find(work, other, 4)).links == {}


async def test_only_linked_and_living_authors_are_listed(storage: Storage) -> None:
    book = await add_book(storage)
    await remember(storage, 1, 2, 3, 5, 6)
    await link(storage, book, 1, 3, 4, 5, 6)
    await link(storage, book, 3, linked=False)
    async with storage() as work:
        await work.authors.bury([later(an_author(5))])
        await work.commit()
    assert await author_ids_of(storage, book) == [1, 6]
    assert await author_ids_of(storage, book, after=1) == [6]
    assert await author_ids_of(storage, book, limit=1) == [1]
