"""`Case`: one record for the Authors Service, good or broken by construction, with what must become of it."""

import base64
import json
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

__all__ = ["AUTHORS", "Case", "Fate", "cases"]

AUTHORS: Final = 5
"""Authors with the ids 1 to 5 are there before the first record, for links to be taken over."""

BOOKS: Final = "library.books"
LINKS: Final = "library.book-authors"
MAX_VALUE: Final = 1_040_000
"""Bytes; with its batch around it such a value is just below what the broker takes (1 MiB and 12 bytes)."""

_Body = dict[str, Any]
_Header = tuple[str, bytes | None]


class Fate(StrEnum):
    """What the consumer does with a record."""

    APPLIED = "applied"
    DEAD = "dead-lettered"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Case:
    """A record of one ``kind``; ``target`` is the book that it tells of, and no other record does.

    ``fate`` is None where chance broke it, so that either the row appears or the dead letter.
    """

    kind: str
    fate: Fate | None
    topic: str
    key: bytes | None
    value: bytes | None
    target: int
    headers: tuple[_Header, ...] = ()
    timestamp: int = 0
    author: int | None = None
    """The author of a link."""


def cases(seed: int, count: int, large_every: int = 400) -> Iterator[Case]:
    """Make the same records for the same seed; about one of ``large_every`` is hundreds of kilobytes."""
    chance = random.Random(seed)
    for number in range(1, count + 1):
        # Far apart, so that a flipped bit does not lead from one to another.
        target = 1 + number * 6_364_136_223_846_793_005 % 2**52
        if number % large_every == 0:
            yield _with_headers(_large(chance, target))
        else:
            make = chance.choice((_good, _good, _bytes, _text, _mutated, _mutated, _oddity, _flipped))
            yield _with_headers(make(chance, target))


def _with_headers(case: Case) -> Case:
    """Those that the contract demands, unless the case is about headers."""
    if case.headers:
        return case
    event_id = str(uuid.UUID(int=case.target, version=4)).encode()
    headers = (("event_type", b"book.created"), ("event_id", event_id), ("correlation_id", b"fuzz"))
    return replace(case, headers=headers)


def _good(chance: random.Random, target: int) -> Case:
    if chance.random() < 0.25:
        author = chance.randint(1, AUTHORS)
        event = chance.choice(("book_author.linked", "book_author.unlinked"))
        state = {
            "author_id": author,
            "book_id": target,
            "version": 1,
            "origin": "books",
            "changed_at": "2026-01-05T09:30:00Z",
        }
        key = f"{author}:{target}".encode()
        return Case(event, Fate.APPLIED, LINKS, key, _json(_envelope(event, state)), target, author=author)
    event = chance.choice(("book.created", "book.updated", "book.deleted"))
    return Case(event, Fate.APPLIED, BOOKS, _key(target), _json(_envelope(event, _book(target))), target)


def _bytes(chance: random.Random, target: int) -> Case:
    value = chance.randbytes(chance.randint(0, 300))
    return Case("random bytes", Fate.DEAD, BOOKS, _key(target), value, target)


def _text(chance: random.Random, target: int) -> Case:
    """JSON as its grammar forbids it, or as no one can rely on."""
    text = _json(_envelope("book.created", _book(target)))
    deep = chance.randint(255, 4000)
    kind, value = chance.choice(
        (
            ("cut off", text[: chance.randint(0, len(text) - 1)]),
            ("two values", text + text),
            ("duplicate member", text[:-1] + b',"event_type":"book.created"}'),
            ("duplicate member inside", text.replace(b'"version":', b'"version":1,"version":')),
            ("duplicate member, escaped", text.replace(b'"title":', b'"\\u0074itle":"a","title":')),
            ("deep nesting", text[:-1] + b',"more":' + b"[" * deep + b"]" * deep + b"}"),
            ("deep objects", text[:-1] + b',"more":' + b'{"a":' * deep + b"1" + b"}" * deep + b"}"),
            ("brackets that never close", b"[" * deep),
            ("invalid UTF-8", text.replace(b"Fuzz", chance.choice((b"\xff", b"\xc0\x80", b"\xed\xa0\x80")))),
            ("lone surrogate", text.replace(b"Fuzz", chance.choice((b"\\ud800", b"\\udc00\\ud800")))),
            ("no number", text.replace(b'"version":1', b'"version":' + chance.choice(_NUMBERLIKE))),
            ("byte order mark", b"\xef\xbb\xbf" + text),
            ("UTF-16", text.decode().encode("utf-16")),
            ("no object", chance.choice((b"null", b"true", b"7", b'"text"', b"[]", b"[" + text + b"]"))),
            ("raw control character", text.replace(b"Fuzz", b"Fu\x00zz")),
        )
    )
    return Case(kind, Fate.DEAD, BOOKS, _key(target), value, target)


_NUMBERLIKE: Final = (b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-", b"01", b"9" * 5000, b"0x1")


def _mutated(chance: random.Random, target: int) -> Case:
    """An envelope that breaks the contract in one place."""
    body = _envelope("book.created", _book(target))
    kind, change = chance.choice(_MUTATIONS)
    change(body, chance)
    return Case(kind, Fate.DEAD, BOOKS, _key(target), _json(body), target)


def _drop(body: _Body, chance: random.Random) -> None:
    of = chance.choice((body, body["data"]))
    del of[chance.choice(sorted(of))]


def _retype(body: _Body, chance: random.Random) -> None:
    of = chance.choice((body, body["data"]))
    of[chance.choice(sorted(of))] = chance.choice(([], {}, True, 0.5, [[]], {"a": None}))


def _data(member: str, *values: Any) -> Callable[[_Body, random.Random], None]:
    def change(body: _Body, chance: random.Random) -> None:
        body["data"][member] = chance.choice(values)

    return change


def _member(member: str, *values: Any) -> Callable[[_Body, random.Random], None]:
    def change(body: _Body, chance: random.Random) -> None:
        body[member] = chance.choice(values)

    return change


_EDGES: Final = ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59")
"""Moments that the contract admits and PostgreSQL's client cannot write in UTC."""

_MUTATIONS: Final = (
    ("member missing", _drop),
    ("member of a wrong type", _retype),
    ("NUL in a text", _data("title", "a\x00b", "\x00")),
    ("NUL in a long text", _data("summary", "a\x00b")),
    ("text too long", _data("title", "x" * 301, "é" * 5000)),
    ("huge integer", _data("version", 2**63, 2**64, 10**30, -(2**63), 0, 1e300)),
    ("huge year", _data("publication_year", 2**31, 10**18, -3001)),
    (
        "no moment",
        _data("created_at", "yesterday", "2026-02-30T00:00:00Z", "2026-01-05", "2026-01-05T09:30:00"),
    ),
    ("leap second", _data("updated_at", "2016-12-31T23:59:60Z")),
    ("year 0", _data("created_at", "0000-01-01T00:00:00Z")),
    ("moment at the edge", _data("created_at", *_EDGES)),
    ("moment at the edge", _data("updated_at", *_EDGES)),
    ("no UUID", _member("event_id", "7", "urn:uuid:8f6f7d0e-0d32-4a44-9d4e-aa2e7f6b0c11", None)),
    ("no correlation id", _member("correlation_id", "", "a b", "x" * 129, "\n", None)),
    ("data is no object", _member("data", None, [], "text", 7)),
)


def _oddity(chance: random.Random, target: int) -> Case:
    """What looks wrong: key and headers are, the rest is no business of the contract or this reader."""
    body = _envelope("book.created", _book(target))
    kind = chance.choice(_ODDITIES)
    key: bytes | None = _key(target)
    headers: tuple[_Header, ...] = ()
    timestamp, fate, value = 0, Fate.APPLIED, None
    if kind == "wrong key":
        key, fate = chance.choice((b"", b"\xff\xfe", b"another", chance.randbytes(40))), Fate.DEAD
    elif kind == "null key":
        key, fate = None, Fate.DEAD
    elif kind == "unknown members":
        body |= {"colour": "red", "more": {"x" * 50: [1, None, "a"]}}
        body["data"]["weight"] = 10**30
    elif kind == "wrong headers":
        fate = Fate.DEAD
        names = ("event_type", "event_id", "correlation_id", "", "é", "dead_letter.reason")
        some = (b"", b"\xff\xfe", b"book.deleted", None, bytes(500), b"x" * 5000)
        headers = tuple((chance.choice(names), chance.choice(some)) for _ in range(chance.randint(1, 30)))
    elif kind == "moment of the record":
        timestamp = chance.choice((1, 2**31, 2**53, 2**62))
    elif kind == "escaped text":
        body["data"]["title"] = chance.choice(('"', "\\u0022", "a\\", "\u2028", "\U0001f4d6", "é" * 300))
    elif kind == "number with a point":
        value = _json(body).replace(b'"version":1,', chance.choice((b'"version":1.0,', b'"version":1e0,')))
    elif kind == "tombstone of Kafka":
        fate = Fate.IGNORED
    else:
        fate = Fate.IGNORED
        body["event_type"] = chance.choice(
            ("book.reprinted", "author.created", "", "\n\x1b[2J", "x" * 10_000)
        )
    if kind != "tombstone of Kafka":
        value = value or _json(body, plain=chance.random() < 0.5)
    return Case(kind, fate, BOOKS, key, value, target, headers, timestamp)


_ODDITIES: Final = (
    "wrong key",
    "null key",
    "unknown members",
    "wrong headers",
    "moment of the record",
    "escaped text",
    "number with a point",
    "tombstone of Kafka",
    "unknown event type",
)


def _flipped(chance: random.Random, target: int) -> Case:
    """A few bytes of a good value are others; whether it is good by chance still, nobody knows."""
    value = bytearray(_json(_envelope("book.created", _book(target))))
    for _ in range(chance.randint(1, 3)):
        value[chance.randrange(len(value))] ^= 1 << chance.randrange(8)
    return Case("flipped bits", None, BOOKS, _key(target), bytes(value), target)


def _large(chance: random.Random, target: int) -> Case:
    """As much as the broker takes; together with our headers a dead letter of it may be too much."""
    body = _envelope("book.created", _book(target))
    size = chance.choice((MAX_VALUE, MAX_VALUE, chance.randint(200_000, MAX_VALUE)))
    kind = chance.choice(
        ("large noise", "large text", "large array", "large key", "large header", "large and good")
    )
    key, fate = _key(target), Fate.DEAD
    headers: tuple[_Header, ...] = ()
    if kind == "large noise":
        value = chance.randbytes(size)
    elif kind == "large text":
        body["data"]["title"] = "x" * (size - 1000)
        value = _json(body)
    elif kind == "large array":
        value = b"[" + b"0," * (size // 2 - 1) + b"0]"
    elif kind == "large key":
        key, value = base64.b64encode(chance.randbytes(size * 3 // 4)), b"short"
    elif kind == "large header":
        headers, value = (("correlation_id", b"x" * size),), b"short"
    else:
        body["more"] = base64.b64encode(chance.randbytes(size * 3 // 4 - 1000)).decode()
        value, fate = _json(body), Fate.APPLIED
    return Case(kind, fate, BOOKS, key, value, target, headers)


def _key(target: int) -> bytes:
    return str(target).encode()


def _json(body: _Body, plain: bool = True) -> bytes:
    separators = (",", ":") if plain else (" , ", " : ")
    return json.dumps(body, separators=separators, ensure_ascii=plain).encode()


def _envelope(event_type: str, data: _Body) -> _Body:
    return {
        "event_type": event_type,
        "event_id": str(uuid.UUID(int=data["book_id"], version=4)),
        "timestamp": "2026-01-05T09:30:00Z",
        "correlation_id": "fuzz",
        "data": data,
    }


def _book(target: int) -> _Body:
    return {
        "book_id": target,
        "title": f"Fuzz {target}",
        "isbn": None,
        "publication_year": None,
        "summary": "by the thousand",
        "version": 1,
        "created_at": "2026-01-05T09:30:00Z",
        "updated_at": "2026-01-05T09:30:00Z",
    }
