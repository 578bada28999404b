"""Requests over HTTP: create, read, list, link; each contestant under the same load."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import count, cycle, repeat

from scripts.bench.ground import Ground
from scripts.bench.http.load import Load, request
from scripts.bench.http.servers import AUTHORS, BOOKS, Contestant, all_contestants
from scripts.bench.workload import Figures, Measure, Pace, Target, Workload

__all__ = ["CONNECTIONS", "SERVING", "Serving", "create", "read"]

AUTHOR = {
    "name": "Ursula K. Le Guin",
    "nationality": "American",
    "biography": "Wrote of Earthsea and the Hainish worlds.",
}
LINKED = 10
"""Books that one request links."""
CONNECTIONS = 16
SECONDS = (0.8, 0.3)


class Serving(Workload):
    """``requests`` makes those of one contestant for the whole run, ``status`` is what each must get."""

    rounds = 20

    def __init__(
        self,
        name: str,
        title: str,
        requests: Callable[[], Iterator[bytes]],
        status: int,
        targets: Mapping[str, float],
        others: tuple[str, ...] = (),
        connections: int = CONNECTIONS,
    ) -> None:
        self.name = name
        self.title = title
        self.contestants = ("accord", *targets, *others)
        self.measures = (
            Measure("rate", "/s", targets=tuple(map(Target, targets, targets.values()))),
            Measure("p99", "ms", more_is_better=False),
            Measure("cpu", "µs", more_is_better=False),
        )
        self._requests = requests
        self._status = status
        self._connections = connections

    @contextmanager
    def running(self, ground: Ground, pace: Pace) -> Iterator[Mapping[str, Callable[[], Figures]]]:
        found = ground.keep(all_contestants)
        for name in self.contestants:
            found[name].tidy()
        yield {name: self.round(found[name], pace) for name in self.contestants}

    def round(self, contestant: Contestant, pace: Pace) -> Callable[[], Figures]:
        port = contestant.server.port
        load = Load(port, self._requests(), self._status, self._connections, pace.of(*SECONDS))
        return partial(contestant.answer, load)


def create() -> Iterator[bytes]:
    return repeat(request("POST", "/authors", json.dumps(AUTHOR).encode()))


def read() -> Iterator[bytes]:
    chosen = random.Random(6).sample(range(1, AUTHORS + 1), 1_000)
    return cycle([request("GET", f"/authors/{author_id}") for author_id in chosen])


def first_page() -> Iterator[bytes]:
    return repeat(request("GET", "/authors?limit=50"))


def link() -> Iterator[bytes]:
    """Ten books to one author after the other; an author that comes again gets other books."""
    for number in count():
        lap, author = divmod(number, AUTHORS)
        first = (author + lap) * LINKED % BOOKS + 1
        body = json.dumps({"book_ids": list(range(first, first + LINKED))}).encode()
        yield request("POST", f"/authors/{author + 1}/books", body)


BOTH = {"plain": 3.0, "bare": 1.0}
SERVING = (
    Serving("post-16", "POST /authors, 16 connections", create, 201, BOTH, ("asgi",)),
    Serving("post-128", "POST /authors, 128 connections", create, 201, BOTH, connections=128),
    Serving("get", "GET /authors/{id}", read, 200, BOTH, ("asgi",)),
    Serving("list", "GET /authors?limit=50", first_page, 200, {"plain": 2.0}),
    Serving("link", f"POST /authors/{{id}}/books, {LINKED} books", link, 200, {"plain": 3.0}),
)
