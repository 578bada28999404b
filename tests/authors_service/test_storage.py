"""What any storage of the service must do; each test runs on the in-memory twin and on PostgreSQL."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from tests.authors_service.examples import LE_GUIN, MORNING, a_book, later
from tests.authors_service.storing import Storage, add_author, link


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
