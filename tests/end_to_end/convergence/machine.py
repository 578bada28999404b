"""The state machine: everything that clients, relays, consumers and bad luck can do, in any order."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from accord.bus.errors import Unavailable
from accord.bus.messages import Record
from authors_service.domain.entities import AuthorDetails
from authors_service.domain.errors import AuthorsError
from books_service.domain.entities import BookDetails
from books_service.domain.errors import BooksError
from tests.end_to_end.convergence.agreement import (
    both_sides_agree,
    settle,
    survives_a_compacted_replay,
    survives_a_full_replay,
    survives_the_loss_of_the_streams,
)
from tests.end_to_end.convergence.faults import Crash, Death, Sending
from tests.end_to_end.convergence.pair import Pair
from tests.end_to_end.convergence.side import Side

__all__ = ["Convergence"]

# Few enough to meet again and again. Ids are counted from the newest one, so that most exist.
some = st.integers(0, 2)
several = st.sets(some, min_size=1, max_size=2)
words = st.sampled_from(["one", "two", "Ünïcødé ☃ 𝄞", 'quotes " and \\ slashes'])
isbns = st.sampled_from([None, "9780547773742", "9780061054884"])
deaths = st.sampled_from([Death.NONE, Death.NONE, Death.NONE, Death.NONE, Death.BEFORE, Death.AFTER])
refusals = st.sampled_from([Death.NONE, Death.NONE, *Death])
crashes = st.sampled_from(Crash)
sendings = st.sampled_from([Sending.WELL, *Sending])
sides = st.sampled_from([0, 1])
wishes = st.sampled_from([[True], [True, False], [False], [False, True], [True, False, True]])

RETENTION = timedelta(days=7)


class Convergence(RuleBasedStateMachine):
    """Each example begins with empty databases and ends when every event has arrived."""

    runner: ClassVar[asyncio.Runner]
    pair: ClassVar[Pair]
    counts: ClassVar[Counter[str]]
    """What happened in all examples together."""
    on_example: ClassVar[Callable[[], None]]
    """Called after each example that ended well."""

    def __init__(self) -> None:
        super().__init__()
        self.authors = self.books = 0
        self.purged = False
        self.do(self.pair.begin())

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        self.runner.run(work)

    def ask(self, work: Awaitable[object]) -> None:
        """Do what a client asks for: what is refused changes nothing, what dies may have changed all."""

        async def asked() -> None:
            self.counts["requests"] += 1
            with suppress(AuthorsError, BooksError, Unavailable):
                await work
                self.counts["changes acknowledged"] += 1

        self.do(asked())

    def author(self, choice: int) -> int:
        """The id of one that there is, or was."""
        return self.authors - choice % max(self.authors, 1)

    def book(self, choice: int) -> int:
        return self.books - choice % max(self.books, 1)

    @initialize(authors=st.integers(1, 2), books=st.integers(1, 2), told=st.sampled_from([True, True, False]))
    def there_are_authors_and_books(self, authors: int, books: int, told: bool) -> None:
        for _ in range(authors):
            self.create_author("zero", Death.NONE)
        for _ in range(books):
            self.create_book("zero", None, Death.NONE)
        if told:
            self.everything_arrives()

    @rule(name=words, death=deaths)
    def create_author(self, name: str, death: Death) -> None:
        self.authors += 1  # the sequence of ids goes on, whatever becomes of the transaction
        self.ask(self.pair.authors.open(death).create_author(AuthorDetails(name, None, None)))

    @rule(title=words, isbn=isbns, death=deaths)
    def create_book(self, title: str, isbn: str | None, death: Death) -> None:
        self.books += 1
        self.ask(self.pair.books.open(death).create_book(BookDetails(title, isbn, None, None)))

    @rule(author=some, name=words, death=deaths)
    def change_author(self, author: int, name: str, death: Death) -> None:
        self.ask(self.pair.authors.open(death).change_author(self.author(author), {"name": name}))

    @rule(book=some, title=words, isbn=isbns, death=deaths)
    def change_book(self, book: int, title: str, isbn: str | None, death: Death) -> None:
        self.ask(self.pair.books.open(death).change_book(self.book(book), {"title": title, "isbn": isbn}))

    @rule(author=some, death=deaths)
    def delete_author(self, author: int, death: Death) -> None:
        self.ask(self.pair.authors.open(death).delete_author(self.author(author)))

    @rule(book=some, death=deaths)
    def delete_book(self, book: int, death: Death) -> None:
        self.ask(self.pair.books.open(death).delete_book(self.book(book)))

    @rule(author=some, books=several, death=deaths)
    def link_at_authors(self, author: int, books: set[int], death: Death) -> None:
        self.ask(
            self.pair.authors.open(death).link_books(self.author(author), {self.book(each) for each in books})
        )

    @rule(book=some, authors=several, death=deaths)
    def link_at_books(self, book: int, authors: set[int], death: Death) -> None:
        self.ask(
            self.pair.books.open(death).link_authors(self.book(book), {self.author(each) for each in authors})
        )

    @rule(author=some, book=some, death=deaths)
    def unlink_at_authors(self, author: int, book: int, death: Death) -> None:
        self.ask(self.pair.authors.open(death).unlink_book(self.author(author), self.book(book)))

    @rule(author=some, book=some, death=deaths)
    def unlink_at_books(self, author: int, book: int, death: Death) -> None:
        self.ask(self.pair.books.open(death).unlink_author(self.book(book), self.author(author)))

    @rule(author=some, book=some, at_authors=wishes, at_books=wishes)
    def both_sides_change_one_link(
        self, author: int, book: int, at_authors: list[bool], at_books: list[bool]
    ) -> None:
        """Neither hears of the other meanwhile."""
        for linked in at_authors:
            if linked:
                self.link_at_authors(author, {book}, Death.NONE)
            else:
                self.unlink_at_authors(author, book, Death.NONE)
        for linked in at_books:
            if linked:
                self.link_at_books(book, {author}, Death.NONE)
            else:
                self.unlink_at_books(author, book, Death.NONE)

    @rule(side=sides, death=deaths)
    def republish(self, side: int, death: Death) -> None:
        if side:
            self.ask(self.pair.books.open(death).republish_books(0, 100))
            self.ask(self.pair.books.open(death).republish_deleted_books(0, 100))
        else:
            self.ask(self.pair.authors.open(death).republish_authors(0, 100))
            self.ask(self.pair.authors.open(death).republish_deleted_authors(0, 100))
        self.ask(self.pair.sides[side].open(death).republish_links((0, 0), 100))

    @rule(side=sides, sending=sendings)
    def relay(self, side: int, sending: Sending) -> None:
        self.counts["relays that failed"] += sending is not Sending.WELL
        self.do(self.pair.sides[side].relay(sending))

    def something_was_read(self) -> bool:
        return any(side.committed[each] for side in self.pair.sides for each in side.committed)

    @rule(choice=st.integers(0, 7), most=st.integers(1, 3), death=refusals, crash=crashes)
    def deliver(self, choice: int, most: int, death: Death, crash: Crash) -> None:
        """Some records of one partition arrive, those of others stay behind."""
        self.do(self.delivered(choice, most, death, crash))

    @rule(choice=sides, most=st.integers(2, 8), death=refusals, crash=crashes)
    def deliver_many(self, choice: int, most: int, death: Death, crash: Crash) -> None:
        """Some records of each partition arrive at one side, to be applied in batches."""
        self.do(self.delivered_many(self.pair.sides[choice], most, death, crash))

    async def delivered_many(self, side: Side[Any], most: int, death: Death, crash: Crash) -> None:
        await self.something_waits()
        records = [record for each in sorted(side.committed) for record in side.waiting(each)[:most]]
        self.counts["batches cut off in the middle"] += crash is Crash.HALF_WAY and len(records) > 1
        await side.deliver(records, death, crash)

    async def something_waits(self) -> None:
        """Let the relays work if they have something to send that nobody waits for yet."""
        if not self.waiting():
            for side in self.pair.sides:
                await side.relay()

    async def delivered(self, choice: int, most: int, death: Death, crash: Crash) -> None:
        await self.something_waits()
        if waiting := self.waiting():
            side, records = waiting[choice % len(waiting)]
            self.counts["crashes of a consumer"] += crash is not Crash.NONE
            await side.deliver(records[:most], death, crash)

    def waiting(self) -> list[tuple[Side[Any], list[Record]]]:
        """The partitions that hold something new, and what."""
        return [
            (side, records)
            for side in self.pair.sides
            for each in sorted(side.committed)
            if (records := side.waiting(each))
        ]

    @precondition(something_was_read)
    @rule(choice=st.integers(0, 7), back=st.integers(1, 5))
    def restart_from_an_older_offset(self, choice: int, back: int) -> None:
        read = [
            (side, each)
            for side in self.pair.sides
            for each in sorted(side.committed)
            if side.committed[each]
        ]
        side, partition = read[choice % len(read)]
        self.counts["restarts from an older offset"] += 1
        side.rewind(partition, back)

    @rule(side=sides)
    def restart_from_the_beginning(self, side: int) -> None:
        self.pair.sides[side].from_the_beginning()

    @rule(order=st.permutations([0, 1]))
    def old_tombstones_are_purged(self, order: list[int]) -> None:
        """Later than events may be late: all of them have arrived."""
        self.purged = True
        self.do(self.purge(order))

    async def purge(self, order: list[int]) -> None:
        await settle(self.pair)
        await self.pair.wait(RETENTION)
        for side in self.pair.sides:
            side.purged()
        for choice in order:
            while purged := await self.pair.sides[choice].open().purge_tombstones(RETENTION, 2):
                self.counts["tombstones purged"] += purged

    @rule()
    def everything_arrives(self) -> None:
        async def settled() -> None:
            await settle(self.pair)
            await both_sides_agree(self.pair, self.purged)

        self.do(settled())

    def teardown(self) -> None:
        async def ended() -> None:
            await settle(self.pair)
            found = await both_sides_agree(self.pair, self.purged)
            await survives_a_full_replay(self.pair, found, self.purged)
            await survives_a_compacted_replay(self.pair, found, self.purged)
            await survives_the_loss_of_the_streams(self.pair, found, self.purged)

        self.do(ended())
        self.counts["records delivered"] += sum(side.delivered for side in self.pair.sides)
        self.counts["examples"] += 1
        type(self).on_example()
