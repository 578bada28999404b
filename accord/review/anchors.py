"""Names by which parts of the page are linked: legible, unique, the same for the same specs."""

import re

from accord.review.places import Key

__all__ = ["Anchors"]


class Anchors:
    """Hands them out; the first one of a part is where links to the part lead."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._by_key: dict[Key, str] = {}

    def add(self, name: str, key: Key | None = None) -> str:
        """A name like the wanted one."""
        wanted = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-") or "part"
        found, number = wanted, 1
        while found in self._taken:
            number += 1
            found = f"{wanted}-{number}"
        self._taken.add(found)
        if key is not None:
            self.lead(key, found)
        return found

    def lead(self, key: Key, anchor: str) -> None:
        """Let a part be found at an anchor, unless it is somewhere else already."""
        self._by_key.setdefault(key, anchor)

    def of(self, key: Key) -> str | None:
        """Where a part is on the page."""
        return self._by_key.get(key)

    def nearest(self, key: Key) -> Key | None:
        """The part itself, or the innermost one around it, that is on the page."""
        file, pointer = key
        while (file, pointer) not in self._by_key:
            if not pointer:
                return None
            pointer = pointer.rpartition("/")[0]
        return file, pointer
