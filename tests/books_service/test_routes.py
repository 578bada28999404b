"""What the service answers to requests that it likes, over in-memory dependencies."""

import httpx
import orjson

from tests.books_service.application import Application
from tests.books_service.examples import an_author

MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


async def remember(application: Application, *author_ids: int) -> None:
    async with application.silent_services() as service:
        for author_id in author_ids:
            await service.take_over_authors([an_author(author_id)])


def event_types(application: Application) -> list[str]:
    return [event_type for event_type, _ in application.database.events]


async def test_a_created_book_can_be_read_where_location_says(application: Application) -> None:
    created = await application.client.post("/books", json={"title": "A Wizard of Earthsea"})
    assert created.status_code == 201
    assert created.headers["Location"] == "/books/1"
    assert created.headers["ETag"] == '"1"'
    assert created.json() == {
        "book_id": 1,
        "title": "A Wizard of Earthsea",
        "isbn": None,
        "publication_year": None,
        "summary": None,
        "version": 1,
        "created_at": "2026-01-05T09:30:01Z",
        "updated_at": "2026-01-05T09:30:01Z",
    }
    read = await application.client.get(created.headers["Location"])
    assert (read.status_code, read.json(), read.headers["ETag"]) == (200, created.json(), '"1"')


async def test_a_replaced_book_loses_what_the_body_does_not_name(application: Application) -> None:
    book_id = await application.new_book(publication_year=1968, summary="Of power.")
    answer = await application.client.put(f"/books/{book_id}", json={"title": "U", "publication_year": 1971})
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"2"'
    body = answer.json()
    assert (body["title"], body["publication_year"], body["summary"]) == ("U", 1971, None)


async def test_a_merge_patch_keeps_what_it_does_not_name_and_clears_what_is_null(
    application: Application,
) -> None:
    book_id = await application.new_book(publication_year=1968, summary="Of power.")
    patch = orjson.dumps({"summary": None})
    answer = await application.client.patch(f"/books/{book_id}", content=patch, headers=MERGE_PATCH)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["publication_year"], body["summary"], body["version"]) == (1968, None, 2)


async def test_an_empty_patch_changes_nothing(application: Application) -> None:
    book_id = await application.new_book()
    answer = await application.client.patch(f"/books/{book_id}", content=b"{}", headers=MERGE_PATCH)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    assert event_types(application) == ["book.created"]


async def test_a_change_is_made_if_one_of_the_given_etags_is_the_present_one(
    application: Application,
) -> None:
    book_id = await application.new_book()
    for present, if_match in enumerate(['"1"', '"7", "2"', '"9","3"', "*"], start=1):
        answer = await application.client.put(
            f"/books/{book_id}", json={"title": f"Title {present}"}, headers={"If-Match": if_match}
        )
        assert (answer.status_code, answer.headers["ETag"]) == (200, f'"{present + 1}"')
    gone = await application.client.delete(f"/books/{book_id}", headers={"If-Match": '"5"'})
    assert (gone.status_code, gone.content) == (204, b"")


async def test_a_deleted_book_is_gone(application: Application) -> None:
    book_id = await application.new_book()
    assert (await application.client.delete(f"/books/{book_id}")).status_code == 204
    assert (await application.client.get(f"/books/{book_id}")).status_code == 404
    assert (await application.client.delete(f"/books/{book_id}")).status_code == 404


async def pages(client: httpx.AsyncClient, path: str, limit: int) -> list[list[dict[str, object]]]:
    """Follow the cursors to the end."""
    found = []
    cursor: str | None = None
    while True:
        query = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(path, params=query)).json()
        found.append(page["items"])
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def test_following_the_cursors_shows_each_book_once(application: Application) -> None:
    ids = [await application.new_book() for _ in range(5)]
    found = await pages(application.client, "/books", limit=2)
    assert [len(page) for page in found] == [2, 2, 1]
    assert [book["book_id"] for page in found for book in page] == ids


async def test_a_last_page_that_is_full_has_no_next_one(application: Application) -> None:
    for _ in range(4):
        await application.new_book()
    assert [len(page) for page in await pages(application.client, "/books", limit=2)] == [2, 2]


async def test_a_page_of_nothing_is_empty(application: Application) -> None:
    assert (await application.client.get("/books")).json() == {"items": [], "next_cursor": None}
    beyond = await application.client.get("/books", params={"cursor": "7fffffffffffffff"})
    assert (beyond.status_code, beyond.json()) == (200, {"items": [], "next_cursor": None})


async def test_linked_authors_are_listed_page_by_page(application: Application) -> None:
    book_id = await application.new_book()
    await remember(application, 4, 5, 6)
    linked = await application.client.post(f"/books/{book_id}/authors", json={"author_ids": [6, 4, 5]})
    assert (linked.status_code, linked.json()) == (200, {"book_id": book_id, "author_ids": [4, 5, 6]})
    found = await pages(application.client, f"/books/{book_id}/authors", limit=2)
    assert [[author["author_id"] for author in page] for page in found] == [[4, 5], [6]]
    assert found[0][0] == {
        "author_id": 4,
        "name": "Ursula K. Le Guin",
        "nationality": "American",
        "version": 1,
    }


async def test_an_unlinked_author_is_not_listed_any_more(application: Application) -> None:
    book_id = await application.new_book()
    await remember(application, 4)
    await application.client.post(f"/books/{book_id}/authors", json={"author_ids": [4]})
    gone = await application.client.delete(f"/books/{book_id}/authors/4")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await application.client.get(f"/books/{book_id}/authors")).json()["items"] == []
    assert event_types(application)[1:] == ["book_author.linked", "book_author.unlinked"]


async def test_the_event_of_a_request_carries_its_correlation_id(application: Application) -> None:
    answer = await application.client.post(
        "/books", json={"title": "U"}, headers={"X-Correlation-ID": "abc-1"}
    )
    assert answer.headers["X-Correlation-ID"] == "abc-1"
    records = await application.records("library.books")
    envelope = orjson.loads(records[0].value or b"")
    assert (envelope["event_type"], envelope["correlation_id"]) == ("book.created", "abc-1")
    assert envelope["data"] == answer.json()
    assert records[0].key == b"1"


async def test_the_contract_is_served_as_it_was_written(application: Application) -> None:
    openapi = (await application.client.get("/openapi.json")).json()
    assert openapi["info"]["title"] == "Books Service"
    assert (await application.client.get("/asyncapi.yaml")).text.startswith("# yaml-language-server")
    assert (await application.client.get("/docs")).status_code == 200
