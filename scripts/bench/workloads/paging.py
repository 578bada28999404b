"""A page far behind the first one: it must not take longer, however many authors stand before it."""

import json
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import repeat
from typing import Any

from accord.testing.process import ProcessFailed
from scripts.bench.ground import Ground
from scripts.bench.http.database import ask
from scripts.bench.http.load import Load, request
from scripts.bench.http.servers import Contestant, all_contestants
from scripts.bench.workload import Figures, Measure, Pace, Target, Workload
from scripts.bench.workloads.serving import CONNECTIONS

__all__ = ["Paging"]

LIMIT, PAGE = 50, 20_000
BEFORE = LIMIT * (PAGE - 1)
"""Authors on the pages before."""
SECONDS = (0.8, 0.3)
SAME = 0.9
"""Within 10 %."""


class Paging(Workload):
    """Accord against itself; the authors are written by SQL, more than a million."""

    name = "pages"
    title = f"GET /authors?limit={LIMIT}, page {PAGE:,}"
    contestants = ("accord", "page 1")
    rounds = 12
    measures = (Measure("rate", "/s", targets=(Target("page 1", SAME),)),)

    @contextmanager
    def running(self, ground: Ground, pace: Pace) -> Iterator[Mapping[str, Callable[[], Figures]]]:
        accord = ground.keep(all_contestants)["accord"]
        missing = BEFORE + 2 * LIMIT - int(ask(accord.database, "SELECT count(*) FROM authors"))
        if missing > 0:
            accord.fill(missing)
        first, far = f"/authors?limit={LIMIT}", f"/authors?limit={LIMIT}&cursor={_cursor(accord, BEFORE)}"
        if _get(accord, first)["next_cursor"] != _cursor(accord, LIMIT):
            raise ProcessFailed("cursors of the Authors Service are not what this workload makes them of")
        if len(_get(accord, far)["items"]) != LIMIT:
            raise ProcessFailed(f"page {PAGE:,} is not full")
        yield {"accord": _round(accord, far, pace), "page 1": _round(accord, first, pace)}


def _round(accord: Contestant, path: str, pace: Pace) -> Callable[[], Figures]:
    load = Load(accord.server.port, repeat(request("GET", path)), 200, CONNECTIONS, pace.of(*SECONDS))
    return partial(accord.answer, load)


def _cursor(accord: Contestant, before: int) -> str:
    """As `authors_service.api.paging` makes it: the last id of the page before, in hexadecimal digits."""
    query = "SELECT author_id FROM authors ORDER BY author_id OFFSET $1 LIMIT 1"
    return f"{ask(accord.database, query, before - 1):016x}"


def _get(accord: Contestant, path: str) -> Mapping[str, Any]:
    with urllib.request.urlopen(accord.server.url + path) as answer:
        found: Mapping[str, Any] = json.load(answer)
        return found
