"""What any storage of the service must do; each test runs on the in-memory twin and on PostgreSQL."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from books_service.domain.entities import Book
from books_service.domain.errors import DuplicateIsbn
from tests.books_service.examples import EARTHSEA, MORNING, an_author, later
from tests.books_service.storing import Storage, add_book, link


async def test_an_book_comes_back_as_it_was_stored(storage: Storage) -> None:
    book = await add_book(storage)
    assert (book.book_id, book.title, book.version) == (1, EARTHSEA.title, 1)
    async with storage().reading() as work:
        found = await work.books.get(book.book_id)
    assert found == book
    assert found.created_at == MORNING
    assert found.created_at.utcoffset() == timedelta(0)
    async with storage() as work:
        assert await work.books.lock(book.book_id) == book


async def test_what_was_never_stored_is_not_found(storage: Storage) -> None:
    async with storage() as work:
        assert await work.books.get(2**63 - 1) is None
        assert await work.books.lock(2**63 - 1) is None
        assert await work.authors.hold([2**63 - 1, 1]) == {}
        assert await work.links.find(1, [4, 2**63 - 1]) is None
        assert await work.links.authors_of(1, 0, 10) == []


async def test_a_replaced_book_keeps_its_id(storage: Storage) -> None:
    book = await add_book(storage)
    other = await add_book(storage)
    changed = replace(
        book, title="The Word of Unbinding", summary=None, version=2, updated_at=MORNING.astimezone(UTC)
    )
    async with storage() as work:
        await work.books.lock(book.book_id)
        await work.books.replace(changed)
        await work.commit()
    async with storage().reading() as work:
        assert await work.books.page(0, 10) == [changed, other]


async def test_pages_hold_what_follows_an_id(storage: Storage) -> None:
    ids = [(await add_book(storage)).book_id for _ in range(4)]
    async with storage().reading() as work:
        assert [book.book_id for book in await work.books.page(ids[0], 2)] == ids[1:3]
        assert await work.books.page(ids[-1], 2) == []


async def test_the_last_states_of_what_was_removed_are_kept_in_pages_until_they_are_old(
    storage: Storage,
) -> None:
    removed = [await add_book(storage) for _ in range(4)]
    async with storage() as work:
        for age, book in enumerate(reversed(removed)):
            await work.books.lock(book.book_id)
            await work.books.remove(replace(book, version=2, updated_at=MORNING - timedelta(days=age)))
        await work.commit()
    async with storage() as work:
        found = await work.books.removed(removed[0].book_id, 2)
        assert [(book.book_id, book.version) for book in found] == [
            (each.book_id, 2) for each in removed[1:3]
        ]
        assert await work.books.purge(MORNING - timedelta(days=3), 10) == 0
        assert await work.books.purge(MORNING - timedelta(days=1), 1) == 1
        assert await work.books.purge(MORNING - timedelta(days=1), 10) == 1
        assert [book.book_id for book in await work.books.removed(0, 10)] == [
            each.book_id for each in removed[2:]
        ]
        await work.commit()


async def test_ids_are_not_used_again(storage: Storage) -> None:
    book = await add_book(storage)
    async with storage() as work:
        await work.books.lock(book.book_id)
        await work.books.remove(book)
        await work.commit()
    assert (await add_book(storage)).book_id > book.book_id


async def test_a_unit_of_work_left_without_commit_is_undone(storage: Storage) -> None:
    async with storage() as work:
        await work.books.add(EARTHSEA, MORNING)
        await work.authors.store([an_author(4)])
    async with storage() as work:
        assert await work.books.page(0, 10) == []
        assert await work.authors.hold([4]) == {}


async def test_an_error_undoes_the_unit_of_work_and_goes_on_to_the_caller(storage: Storage) -> None:
    async def fail_half_way() -> None:
        async with storage() as work:
            await work.books.add(EARTHSEA, MORNING)
            raise LookupError("half way")

    with pytest.raises(LookupError, match="half way"):
        await fail_half_way()
    async with storage() as work:
        assert await work.books.page(0, 10) == []


async def test_the_cache_keeps_the_highest_version(storage: Storage) -> None:
    book = await add_book(storage)
    await link(storage, book, 4)
    second = later(an_author(4), "U. K. Le Guin")
    async with storage() as work:
        await work.authors.store([second])
        await work.authors.store([an_author(4)])
        await work.authors.store([replace(second, name="The same version again")])
        await work.commit()
    async with storage().reading() as work:
        assert await work.links.authors_of(book.book_id, 0, 10) == [second]


async def test_a_tombstone_stays_whatever_arrives_late(storage: Storage) -> None:
    author = later(an_author(4))
    async with storage() as work:
        await work.authors.store([an_author(4)])
        assert await work.authors.bury([author]) == [4]
        assert await work.authors.bury([author]) == []
        await work.authors.store([an_author(4)])
        await work.authors.store([author])
        assert await work.authors.hold([4]) == {4: False}


async def test_an_author_can_be_buried_before_it_was_ever_heard_of(storage: Storage) -> None:
    async with storage() as work:
        assert await work.authors.bury([later(an_author(4))]) == [4]
        await work.authors.store([an_author(4)])
        await work.commit()
    async with storage() as work:
        assert await work.authors.hold([4, 5]) == {4: False}


async def test_a_late_deletion_of_an_older_version_changes_nothing(storage: Storage) -> None:
    async with storage() as work:
        await work.authors.store([later(an_author(4))])
        assert await work.authors.bury([an_author(4)]) == []
        assert await work.authors.hold([4]) == {4: True}


async def test_two_books_never_have_one_isbn(storage: Storage) -> None:
    isbn = "9780547773742"
    first, second = await add_book(storage), await add_book(storage)

    async def give(book: Book) -> None:
        async with storage() as work:
            await work.books.lock(book.book_id)
            await work.books.replace(replace(book, isbn=isbn))
            await work.commit()

    async def add() -> None:
        async with storage() as work:
            await work.books.add(replace(EARTHSEA, isbn=isbn), MORNING)
            await work.commit()

    await give(first)
    await give(first)
    with pytest.raises(DuplicateIsbn, match=isbn):
        await give(second)
    with pytest.raises(DuplicateIsbn, match=isbn):
        await add()
    async with storage().reading() as work:
        assert await work.books.page(0, 10) == [replace(first, isbn=isbn), second]
