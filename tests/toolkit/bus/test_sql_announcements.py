"""Announcements of what was committed, to the relay in this process and to others."""

import asyncio

from accord.bus.adapters.sql_announcements import Announcements
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


async def test_the_relay_of_this_process_is_told_at_once_and_no_other() -> None:
    others, heard = Notifications(), list[str]()
    announcements = Announcements(others.notify)

    def listener() -> None:
        heard.append("outbox")

    announcements.listen("outbox", listener)
    announcements.make("outbox")
    assert heard == ["outbox"]
    announcements.unlisten("outbox", lambda: None)
    announcements.make("outbox")
    announcements.unlisten("outbox", listener)
    announcements.make("outbox")
    await announcements.close()
    assert heard == ["outbox", "outbox"]
    assert others.made == ["outbox"]


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
