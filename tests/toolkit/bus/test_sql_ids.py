"""Ids that are reserved several at a time."""

import asyncio
from itertools import count

from accord.bus.adapters.sql_ids import MOST, ReservedIds
from accord.bus.errors import Unavailable


class Sequence:
    """Counts, and remembers how many it was asked for each time."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self._numbers = count(1)

    async def reserve(self, many: int) -> list[int]:
        await asyncio.sleep(0)
        self.asked.append(many)
        return [next(self._numbers) for _ in range(many)]


async def test_blocks_grow_while_they_are_used_up_in_time_and_nobody_gets_an_id_twice() -> None:
    now, sequence = 0.0, Sequence()
    ids = ReservedIds(lambda: now)
    found = [await ids.next("a", sequence.reserve) for _ in range(1 + 2 + 4 + 8 + 16 + 32 + 2 * MOST)]
    assert found == list(range(1, len(found) + 1))
    assert sequence.asked == [1, 2, 4, 8, 16, 32, MOST, MOST]


async def test_what_is_left_after_a_second_is_dropped_and_the_next_block_is_small() -> None:
    now, sequence = 0.0, Sequence()
    ids = ReservedIds(lambda: now)
    assert [await ids.next("a", sequence.reserve) for _ in range(4)] == [1, 2, 3, 4]
    now = 1.5
    assert await ids.next("a", sequence.reserve) == 8
    assert sequence.asked == [1, 2, 4, 1]


async def test_many_who_ask_at_once_share_one_reservation() -> None:
    sequence = Sequence()
    ids = ReservedIds(lambda: 0.0)
    found = await asyncio.gather(*(ids.next("a", sequence.reserve) for _ in range(7)))
    assert sorted(found) == list(range(1, 8))
    assert sequence.asked == [1, 2, 4]


async def test_sequences_do_not_mix() -> None:
    ids = ReservedIds(lambda: 0.0)
    one, other = Sequence(), Sequence()
    assert [await ids.next("a", one.reserve), await ids.next("b", other.reserve)] == [1, 1]


async def test_a_reservation_that_fails_fails_at_once_for_all_who_wait_and_for_nobody_later() -> None:
    ids, sequence, attempts = ReservedIds(lambda: 0.0), Sequence(), 0

    async def fail(_many: int) -> list[int]:
        nonlocal attempts
        attempts += 1
        await asyncio.sleep(0.01)
        raise Unavailable("the database is away")

    outcomes = await asyncio.gather(*(ids.next("a", fail) for _ in range(20)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    assert attempts == 1
    assert await ids.next("a", sequence.reserve) == 1


async def test_whoever_is_cancelled_while_waiting_takes_nothing_from_the_others() -> None:
    ids, sequence = ReservedIds(lambda: 0.0), Sequence()
    first, second = (asyncio.create_task(ids.next("a", sequence.reserve)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 1
    assert first.cancelled()
