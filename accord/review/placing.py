"""Changes and findings at the parts of the page that they speak of."""

from collections.abc import Iterator, Sequence

from accord.findings import Location
from accord.review.anchors import Anchors
from accord.review.cards import Chapter
from accord.review.notes import Note
from accord.review.places import Key, Places

__all__ = ["Placed"]


class Placed:
    """Which notes belong to which part of the page."""

    def __init__(
        self, notes: Sequence[Note], chapters: Sequence[Chapter], places: Places, anchors: Anchors
    ) -> None:
        self.notes = notes
        self._anchors = anchors
        self._files = [file for chapter in chapters for file in chapter.files]
        self._keys: list[Key | None] = []
        self._by_key: dict[Key, list[Note]] = {}
        self._below: dict[Key, list[Note]] = {}
        self._numbers: dict[int, int] = {}
        for number, note in enumerate(notes):
            key = self._key(note, places)
            self._keys.append(key)
            self._numbers[id(note)] = number
            for around in _around(key):
                self._below.setdefault(around, []).append(note)
            if key is not None:
                self._by_key.setdefault(key, []).append(note)

    def _key(self, note: Note, places: Places) -> Key | None:
        key = places.key(note.new) if note.new else None
        if key is None and note.action == "removed":
            # Its place is in the version before; its chapter is still there.
            key = next(((file, "") for file in self._files if _is_in(note.place, file)), None)
        return None if key is None else self._anchors.nearest(key)

    def at(self, key: Key | None) -> list[Note]:
        """The notes of a part."""
        return [] if key is None else self._by_key.get(key, [])

    def below(self, key: Key | None) -> list[Note]:
        """The notes of a part and of all that stands within it, the worst first."""
        return [] if key is None else self._below.get(key, [])

    def home(self, note: Note) -> str | None:
        """The anchor of the part that a note belongs to."""
        key = self._keys[self._numbers[id(note)]]
        return None if key is None else self._anchors.of(key)

    def id_of(self, note: Note) -> str:
        """The anchor of the note itself, in the list of all."""
        return f"note-{self._numbers[id(note)] + 1}"


def _around(key: Key | None) -> Iterator[Key]:
    """A part and all parts that it stands in."""
    if key is not None:
        file, pointer = key
        yield file, pointer
        while pointer:
            pointer = pointer.rpartition("/")[0]
            yield file, pointer


def _is_in(place: Location, file: str) -> bool:
    return place.path.partition(":")[2].endswith(file) or place.path.endswith(file)
