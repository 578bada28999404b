"""What the clients know of the entities and links that they made, and who is working on which."""

import random
from dataclasses import dataclass, field

from scripts.chaos.ledger import SIDES

__all__ = ["Entity", "Pair", "World"]

PAIRS_TRIED = 20
"""How many random pairs are looked at for one that nobody holds."""


@dataclass(slots=True, eq=False)
class Entity:
    """An author or a book, at the version that was last seen."""

    side: str
    entity_id: int
    version: int


@dataclass(slots=True)
class Pair:
    """A link that was acknowledged, on one side at least."""

    author_id: int
    book_id: int


class Pool:
    """Entities to choose from at random, in constant time."""

    def __init__(self) -> None:
        self._entities: list[Entity] = []
        self._places: dict[Entity, int] = {}

    def __len__(self) -> int:
        return len(self._entities)

    def add(self, entity: Entity) -> None:
        """Offer it from now on."""
        self._places[entity] = len(self._entities)
        self._entities.append(entity)

    def remove(self, entity: Entity) -> None:
        """Offer it no more; safe to call twice."""
        place = self._places.pop(entity, None)
        if place is None:
            return
        last = self._entities.pop()
        if last is not entity:
            self._entities[place] = last
            self._places[last] = place

    def choose(self, dice: random.Random) -> Entity | None:
        """Return one of them, if there is one."""
        return dice.choice(self._entities) if self._entities else None


@dataclass
class World:
    """Shared by all clients, so that they meet at the same entities; a pair has one client at a time.

    The order of two requests about one pair is known only if one client waits for its answer before the next
    one asks; after an unknown outcome nobody touches the pair again.
    """

    pools: dict[str, Pool] = field(default_factory=lambda: {side: Pool() for side in SIDES})
    linked: list[Pair] = field(default_factory=list)
    _held: set[tuple[int, int]] = field(default_factory=set)

    def hold(self, author_id: int, book_id: int) -> bool:
        """Take the pair, unless another client has it."""
        if (author_id, book_id) in self._held:
            return False
        self._held.add((author_id, book_id))
        return True

    def let_go(self, author_id: int, book_id: int) -> None:
        """Leave the pair to the others."""
        self._held.discard((author_id, book_id))

    def new_pairs(self, dice: random.Random, side: str, most: int) -> list[tuple[int, int]]:
        """Hold up to ``most`` pairs around one entity of ``side``."""
        one = self.pools[side].choose(dice)
        others = self.pools["books" if side == "authors" else "authors"]
        pairs: list[tuple[int, int]] = []
        for _ in range(most):
            other = others.choose(dice)
            if one is None or other is None:
                break
            pair = (one.entity_id, other.entity_id) if side == "authors" else (other.entity_id, one.entity_id)
            if self.hold(*pair):
                pairs.append(pair)
        return pairs

    def take_linked(self, dice: random.Random) -> Pair | None:
        """Take a linked pair out of the list and hold it."""
        for _ in range(min(PAIRS_TRIED, len(self.linked))):
            place = dice.randrange(len(self.linked))
            pair = self.linked[place]
            if self.hold(pair.author_id, pair.book_id):
                self.linked[place] = self.linked[-1]
                self.linked.pop()
                return pair
        return None
