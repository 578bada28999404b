"""Announcements of what was committed, to the relay in this process and to others."""

import asyncio
from itertools import pairwise

from accord.bus.adapters.sql_announcements import INTERVAL_S, Announcements
from accord.bus.errors import Unavailable


class Notifications:
    def __init__(self) -> None:
        self.made: list[str] = []
        self.away = False

    async def notify(self, channel: str) -> None:
        await asyncio.sleep(0.001)
        if self.away:
            raise Unavailable("the database is away")
        self.made.append(channel)


async def test_the_relay_of_this_process_is_told_and_no_other() -> None:
    others, heard = Notifications(), list[str]()
    announcements = Announcements(others.notify)

    def listener() -> None:
        heard.append("outbox")

    announcements.listen("outbox", listener)
    announcements.make("outbox")
    assert heard == ["outbox"]
    announcements.unlisten("outbox", lambda: None)
    announcements.make("outbox")
    await asyncio.sleep(2 * INTERVAL_S)
    announcements.unlisten("outbox", listener)
    announcements.make("outbox")
    await announcements.close()
    assert heard == ["outbox", "outbox"]
    assert others.made == ["outbox"]


async def test_news_in_quick_succession_are_told_now_and_then_and_the_last_one_in_any_case() -> None:
    loop, times = asyncio.get_running_loop(), list[float]()
    announcements = Announcements(Notifications().notify)
    announcements.listen("outbox", lambda: times.append(loop.time()))
    until = loop.time() + 20 * INTERVAL_S
    while (last := loop.time()) < until:
        announcements.make("outbox")
        await asyncio.sleep(INTERVAL_S / 20)
    await asyncio.sleep(2 * INTERVAL_S)
    assert len(times) <= 21
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.9 * INTERVAL_S
    assert times[-1] >= last - INTERVAL_S


async def test_what_is_announced_while_one_is_on_its_way_is_announced_once_more() -> None:
    others = Notifications()
    announcements = Announcements(others.notify)
    announcements.make("outbox")
    await asyncio.sleep(0)
    for _ in range(100):
        announcements.make("outbox")
    await announcements.close()
    assert others.made == ["outbox", "outbox"]


async def test_a_database_that_is_away_for_one_announcement_hears_the_next() -> None:
    others = Notifications()
    announcements = Announcements(others.notify)
    others.away = True
    announcements.make("outbox")
    await announcements.close()
    others.away = False
    announcements.make("outbox")
    await announcements.close()
    assert others.made == ["outbox"]
