"""The demo's story: one function per step, which takes it, checks it, and returns what is worth telling."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

from accord.testing.conformance import Conformance
from generated.authors import channels as authors_channels
from generated.authors.schemas import AuthorCreate, AuthorPatch, AuthorReplace, BookIds
from generated.books import channels as books_channels
from generated.books.schemas import AuthorIds, BookCreate, BookPatch
from scripts.world import Unmet, World, refusal, until_known

__all__ = ["DEAD_LETTERS", "STORY", "TOPICS", "Step"]

AUTHORS_TOPIC = authors_channels.LIBRARY_AUTHORS.name
DEAD_LETTERS = "books-service.dead-letters"
TOPICS = (
    *(topic.name for topic in (*authors_channels.SENT_TOPICS, *books_channels.SENT_TOPICS)),
    DEAD_LETTERS,
)

LE_GUIN, PRATCHETT, GAIMAN = "Ursula K. Le Guin", "Terry Pratchett", "Neil Gaiman"
SIR_TERRY, KROEBER = "Sir Terry Pratchett", "Ursula Kroeber Le Guin"
EARTHSEA, DISPOSSESSED, OMENS = "A Wizard of Earthsea", "The Dispossessed", "Good Omens"
ILLUSTRATED = "A Wizard of Earthsea, illustrated"
NOBODYS_BOOK = 4711


@dataclass(frozen=True, slots=True)
class Step:
    """``events`` are the types that Kafka must have carried before the step counts as done, in any order."""

    title: str
    act: Callable[[World], Awaitable[str]]
    events: tuple[str, ...] = ()


async def create_authors(world: World) -> str:
    for name, nationality in ((LE_GUIN, "American"), (PRATCHETT, "English"), (GAIMAN, "English")):
        created = await world.authors.create_author(AuthorCreate(name=name, nationality=nationality))
        world.author[name] = created.body
    return "201 each, with the new address in Location and the version in ETag."


async def create_books(world: World) -> str:
    for title, isbn, year in (
        (EARTHSEA, "9780547773742", 1968),
        (DISPOSSESSED, "9780061054884", 1974),
        (OMENS, "9780060853983", 1990),
    ):
        created = await world.books.create_book(BookCreate(title=title, isbn=isbn, publication_year=year))
        world.book[title] = created.body
    return "The Books Service owns them; the Authors Service will only ever hear of them."


async def assign_books(world: World) -> str:
    author = world.author[LE_GUIN].author_id
    wanted = BookIds(book_ids=[world.book[title].book_id for title in (EARTHSEA, DISPOSSESSED)])
    refusals = await until_known(lambda: world.authors.link_author_books(author, wanted))
    return f"Accepted {_when(refusals)}"


async def see_links_on_the_books_side(world: World) -> str:
    for title in (EARTHSEA, DISPOSSESSED):
        await world.books_side_shows(title, [LE_GUIN])
    return f"GET /books/{world.book[EARTHSEA].book_id}/authors answers {LE_GUIN}."


async def link_from_the_books_side(world: World) -> str:
    book = world.book[OMENS].book_id
    wanted = AuthorIds(author_ids=[world.author[name].author_id for name in (PRATCHETT, GAIMAN)])
    refusals = await until_known(lambda: world.books.link_book_authors(book, wanted))
    for name in (PRATCHETT, GAIMAN):
        await world.authors_side_shows(name, [OMENS])
    return f"Accepted {_when(refusals)} Both authors show the book on the Authors side."


async def replace_an_author(world: World) -> str:
    author = world.author[PRATCHETT].author_id
    world.etag = (await world.authors.get_author(author)).etag
    whole = AuthorReplace(name=SIR_TERRY, nationality="English", biography="Wrote of the Discworld.")
    replaced = await world.authors.replace_author(author, whole, if_match=world.etag)
    await world.books_side_shows(OMENS, [SIR_TERRY, GAIMAN])
    return f"The ETag {world.etag} became {replaced.etag}; the Books side shows the new name."


async def change_a_book(world: World) -> str:
    book = world.book[EARTHSEA]
    etag = (await world.books.get_book(book.book_id)).etag
    changed = await world.books.update_book(book.book_id, BookPatch(title=ILLUSTRATED), if_match=etag)
    if changed.body.publication_year != book.publication_year:
        raise Unmet(f"the year was not to change: {changed.body}")
    await world.authors_side_shows(LE_GUIN, [ILLUSTRATED, DISPOSSESSED])
    return "All other members stayed; the Authors side shows the new title."


async def refuse_a_stale_change(world: World) -> str:
    author = world.author[PRATCHETT].author_id
    change = world.authors.update_author(author, AuthorPatch(nationality=None), if_match=world.etag)
    return str(await refusal(change, 412))


async def refuse_an_unknown_book(world: World) -> str:
    link = world.authors.link_author_books(world.author[LE_GUIN].author_id, BookIds(book_ids=[NOBODYS_BOOK]))
    problem = await refusal(link, 409)
    if str(NOBODYS_BOOK) not in str(problem):
        raise Unmet(f"the refusal does not name the book: {problem}")
    return str(problem)


async def unlink_a_book(world: World) -> str:
    await world.authors.unlink_author_book(world.author[LE_GUIN].author_id, world.book[DISPOSSESSED].book_id)
    await world.books_side_shows(DISPOSSESSED, [])
    return f"{DISPOSSESSED} has no author on the Books side either."


async def delete_an_author(world: World) -> str:
    author = world.author[GAIMAN].author_id
    await world.authors.delete_author(author)
    await refusal(world.authors.get_author(author), 404)
    await world.books_side_shows(OMENS, [SIR_TERRY])
    return f"{OMENS} has one author left on the Books side."


async def delete_a_book(world: World) -> str:
    book = world.book[OMENS].book_id
    await world.books.delete_book(book)
    await refusal(world.books.get_book(book), 404)
    await world.authors_side_shows(PRATCHETT, [])
    return "Its author has no books left on the Authors side."


async def send_a_broken_event(world: World) -> str:
    # A copy of an event that was right, but for the name; it goes where the next one about this author will
    # go.
    model = await world.capture.wait_for(lambda record: record.topic == AUTHORS_TOPIC)
    event = json.loads(model.value or b"") | {"event_id": str(uuid4())}
    event["data"]["name"] = 42
    start, value = len(world.capture.records), json.dumps(event).encode()
    await world.send(model.topic, model.partition, model.key or b"", value)
    world.broken = await world.capture.wait_for(lambda record: record.topic == AUTHORS_TOPIC, since=start)
    letter = await world.capture.wait_for(lambda record: record.topic == DEAD_LETTERS, since=start)
    if letter.value != value:
        raise Unmet("the dead letter is not the record that was sent")
    return f"Its dead letter says why: {dict(letter.headers)['dead_letter.reason'].decode()}"


async def see_the_next_event_go_through(world: World) -> str:
    if world.broken is None:
        raise Unmet("no broken event was sent")
    author = int(world.broken.key or b"")
    await world.authors.update_author(author, AuthorPatch(name=KROEBER))
    await world.books_side_shows(EARTHSEA, [KROEBER])
    return "It lay right behind the broken one; the Books side shows the new name."


async def hold_all_events_against_their_contract(world: World) -> str:
    records = [record for record in await world.capture.catch_up() if record != world.broken]
    judged = 0
    for contracts, spec in (
        (authors_channels.SENDS, "authors.asyncapi.yaml"),
        (books_channels.SENDS, "books.asyncapi.yaml"),
    ):
        judge = Conformance(contracts, world.specs / spec)
        own = [record for record in records if record.topic in judge.topics]
        judge.check(own)
        judged += len(own)
    return f"All {judged} are exactly the envelope, under the right key, with headers that repeat it."


def _when(refusals: int) -> str:
    return (
        f"at try {refusals + 1}, with 409 before." if refusals else "at once: the news had arrived already."
    )


STORY = (
    Step("Create three authors", create_authors, ("author.created",) * 3),
    Step("Create three books", create_books, ("book.created",) * 3),
    Step(
        "Assign two books, as soon as the Authors side knows them",
        assign_books,
        ("author_book.linked",) * 2,
    ),
    Step("See the links arrive on the Books side", see_links_on_the_books_side),
    Step(
        "Link two authors, as soon as the Books side knows them",
        link_from_the_books_side,
        ("book_author.linked",) * 2,
    ),
    Step("Replace an author (PUT with If-Match)", replace_an_author, ("author.updated",)),
    Step("Change a book's title (PATCH with If-Match)", change_a_book, ("book.updated",)),
    Step("Try to change an author with a stale If-Match", refuse_a_stale_change),
    Step("Try to assign a book that nobody knows", refuse_an_unknown_book),
    Step("Unlink a book", unlink_a_book, ("author_book.unlinked",)),
    Step("Delete an author", delete_an_author, ("author.deleted",)),
    Step("Delete a book", delete_a_book, ("book.deleted",)),
    Step(f"Send a broken event to {AUTHORS_TOPIC}", send_a_broken_event),
    Step("See the next event go through", see_the_next_event_go_through, ("author.updated",)),
    Step("Hold every event against its contract", hold_all_events_against_their_contract),
)
