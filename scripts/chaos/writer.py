"""`Writer`: one client that writes at random and enters everything in the ledger."""

import random
from collections.abc import Awaitable, Callable

from accord.http.client import ClientError, Failure, ServiceUnreachable
from generated.authors import schemas as authors
from generated.books import schemas as books
from scripts.chaos.clients import Clients, outcome_of
from scripts.chaos.ledger import SIDES, EntityWrite, Kind, Ledger, LinkWrite, Outcome
from scripts.chaos.world import Entity, Pair, World

__all__ = ["Writer"]

CREATE, UPDATE, DELETE, LINK, UNLINK = "create", "update", "delete", "link", "unlink"
WEIGHTS = {CREATE: 28, UPDATE: 36, DELETE: 4, LINK: 20, UNLINK: 12}
MOST_LINKS = 3
"""Of one request."""

NATIONALITIES = (None, "American", "Íslensk", "日本")


class Writer:
    """Does one thing after the other; the dice decide what, on which side and about whom."""

    def __init__(self, clients: Clients, ledger: Ledger, world: World, dice: random.Random) -> None:
        self._clients = clients
        self._ledger = ledger
        self._world = world
        self._dice = dice
        self._actions: dict[str, Callable[[str], Awaitable[bool]]] = {
            CREATE: self._create,
            UPDATE: self._update,
            DELETE: self._delete,
            LINK: self._link,
            UNLINK: self._unlink,
        }

    async def write(self) -> bool:
        """Send one request; tell whether a service answered that was able to."""
        action = self._dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        return await self._actions[action](self._dice.choice(SIDES))

    async def _create(self, side: str) -> bool:
        token = self._ledger.new_token("Author" if side == "authors" else "Book")
        write = self._ledger.open(EntityWrite(side, Kind.CREATED, 1, token))
        words = "word " * self._dice.randrange(20)
        try:
            if side == "authors":
                new = authors.AuthorCreate(
                    name=token, nationality=self._dice.choice(NATIONALITIES), biography=words or None
                )
                entity_id = (await self._clients.authors().create_author(new)).body.author_id
            else:
                year = self._dice.randrange(-800, 2020)
                draft = books.BookCreate(title=token, publication_year=year, summary=words or None)
                entity_id = (await self._clients.books().create_book(draft)).body.book_id
        except ClientError as error:
            return self._failed([write], error)
        write.entity_id = entity_id
        self._ledger.settle([write], Outcome.ACKNOWLEDGED)
        self._world.pools[side].add(Entity(side, entity_id, 1))
        return True

    async def _update(self, side: str) -> bool:
        entity = self._world.pools[side].choose(self._dice)
        if entity is None:
            return await self._create(side)
        token = self._ledger.new_token("Author" if side == "authors" else "Book")
        expected = entity.version
        write = self._ledger.open(EntityWrite(side, Kind.UPDATED, expected + 1, token, entity.entity_id))
        try:
            if side == "authors":
                patch = authors.AuthorPatch(name=token)
                answer = await self._clients.authors().update_author(
                    entity.entity_id, patch, if_match=f'"{expected}"'
                )
                version = answer.body.version
            else:
                change = books.BookPatch(title=token)
                changed = await self._clients.books().update_book(
                    entity.entity_id, change, if_match=f'"{expected}"'
                )
                version = changed.body.version
        except ClientError as error:
            answered = self._failed([write], error)
            await self._look_again(entity, error)
            return answered
        write.version = version
        entity.version = max(entity.version, version)
        self._ledger.settle([write], Outcome.ACKNOWLEDGED)
        return True

    async def _delete(self, side: str) -> bool:
        entity = self._world.pools[side].choose(self._dice)
        if entity is None:
            return await self._create(side)
        expected = entity.version
        write = self._ledger.open(EntityWrite(side, Kind.DELETED, expected + 1, entity_id=entity.entity_id))
        try:
            if side == "authors":
                await self._clients.authors().delete_author(entity.entity_id, if_match=f'"{expected}"')
            else:
                await self._clients.books().delete_book(entity.entity_id, if_match=f'"{expected}"')
        except ClientError as error:
            answered = self._failed([write], error)
            await self._look_again(entity, error)
            return answered
        self._world.pools[side].remove(entity)
        self._ledger.settle([write], Outcome.ACKNOWLEDGED)
        return True

    async def _link(self, side: str) -> bool:
        pairs = self._world.new_pairs(self._dice, side, self._dice.randint(1, MOST_LINKS))
        if not pairs:
            return await self._create(side)
        writes = self._ledger.open_link([LinkWrite(side, *pair, linked=True) for pair in pairs])
        try:
            if side == "authors":
                books_of_one = authors.BookIds(book_ids=[book for _, book in pairs])
                await self._clients.authors().link_author_books(pairs[0][0], books_of_one)
            else:
                authors_of_one = books.AuthorIds(author_ids=[author for author, _ in pairs])
                await self._clients.books().link_book_authors(pairs[0][1], authors_of_one)
        except ClientError as error:
            return self._failed(writes, error)
        self._ledger.settle(writes, Outcome.ACKNOWLEDGED)
        for pair in pairs:
            self._world.let_go(*pair)
            self._world.linked.append(Pair(*pair))
        return True

    async def _unlink(self, side: str) -> bool:
        pair = self._world.take_linked(self._dice)
        if pair is None:
            return await self._link(side)
        author_id, book_id = pair.author_id, pair.book_id
        writes = self._ledger.open_link([LinkWrite(side, author_id, book_id, linked=False)])
        try:
            if side == "authors":
                await self._clients.authors().unlink_author_book(author_id, book_id)
            else:
                await self._clients.books().unlink_book_author(book_id, author_id)
        except ClientError as error:
            if outcome_of(error) is Outcome.REFUSED and not _is_gone(error):
                self._world.linked.append(pair)
            return self._failed(writes, error)
        self._ledger.settle(writes, Outcome.ACKNOWLEDGED)
        self._world.let_go(author_id, book_id)
        return True

    def _failed(self, writes: list[EntityWrite] | list[LinkWrite], error: ClientError) -> bool:
        """Enter the outcome; pairs whose outcome is unknown stay held, for nobody may touch them again."""
        outcome = outcome_of(error)
        self._ledger.settle(writes, outcome)
        if outcome is Outcome.REFUSED:
            reason = str(error.status) if isinstance(error, Failure) else "no connection"
            self._ledger.refusals[reason] += 1
            for write in writes:
                if isinstance(write, LinkWrite):
                    self._world.let_go(*write.pair)
        if outcome is Outcome.UNKNOWN and not isinstance(error, ServiceUnreachable):
            self._ledger.oddities.append(str(error))
        return not (isinstance(error, ServiceUnreachable) or _is_asked_to_wait(error))

    async def _look_again(self, entity: Entity, error: ClientError) -> None:
        """Learn the version of an entity that is not what it was taken for."""
        if outcome_of(error) is Outcome.UNKNOWN:
            self._world.pools[entity.side].remove(entity)
        if not isinstance(error, Failure):
            return
        if _is_gone(error):
            self._world.pools[entity.side].remove(entity)
        elif error.status == 412:
            try:
                if entity.side == "authors":
                    found = (await self._clients.authors().get_author(entity.entity_id)).body.version
                else:
                    found = (await self._clients.books().get_book(entity.entity_id)).body.version
            except ClientError:
                return
            entity.version = max(entity.version, found)


def _is_asked_to_wait(error: ClientError) -> bool:
    return isinstance(error, Failure) and error.status == 503


def _is_gone(error: ClientError) -> bool:
    return isinstance(error, Failure) and error.status == 404
