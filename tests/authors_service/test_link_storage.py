"""What any storage of links must do; each test runs on the in-memory twin and on PostgreSQL."""

import pytest

from authors_service.domain.errors import Overtaken
from tests.authors_service.examples import a_book, a_link, later
from tests.authors_service.storing import Storage, add_author, book_ids_of, find, link, remember


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
