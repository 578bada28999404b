"""What the service answers to requests that it likes, over in-memory dependencies."""

import httpx
import orjson

from tests.authors_service.application import Application
from tests.authors_service.examples import a_book

MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


async def remember(application: Application, *book_ids: int) -> None:
    async with application.silent_services() as service:
        for book_id in book_ids:
            await service.take_over_books([a_book(book_id)])


def event_types(application: Application) -> list[str]:
    return [event_type for event_type, _ in application.database.events]


async def test_a_created_author_can_be_read_where_location_says(application: Application) -> None:
    created = await application.client.post("/authors", json={"name": "Ursula K. Le Guin"})
    assert created.status_code == 201
    assert created.headers["Location"] == "/authors/1"
    assert created.headers["ETag"] == '"1"'
    assert created.json() == {
        "author_id": 1,
        "name": "Ursula K. Le Guin",
        "nationality": None,
        "biography": None,
        "version": 1,
        "created_at": "2026-01-05T09:30:01Z",
        "updated_at": "2026-01-05T09:30:01Z",
    }
    read = await application.client.get(created.headers["Location"])
    assert (read.status_code, read.json(), read.headers["ETag"]) == (200, created.json(), '"1"')


async def test_a_replaced_author_loses_what_the_body_does_not_name(application: Application) -> None:
    author_id = await application.new_author(nationality="American", biography="A life.")
    answer = await application.client.put(
        f"/authors/{author_id}", json={"name": "U", "nationality": "British"}
    )
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"2"'
    body = answer.json()
    assert (body["name"], body["nationality"], body["biography"]) == ("U", "British", None)


async def test_a_merge_patch_keeps_what_it_does_not_name_and_clears_what_is_null(
    application: Application,
) -> None:
    author_id = await application.new_author(nationality="American", biography="A life.")
    patch = orjson.dumps({"biography": None})
    answer = await application.client.patch(f"/authors/{author_id}", content=patch, headers=MERGE_PATCH)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["nationality"], body["biography"], body["version"]) == ("American", None, 2)


async def test_an_empty_patch_changes_nothing(application: Application) -> None:
    author_id = await application.new_author()
    answer = await application.client.patch(f"/authors/{author_id}", content=b"{}", headers=MERGE_PATCH)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    assert event_types(application) == ["author.created"]


async def test_a_change_is_made_if_one_of_the_given_etags_is_the_present_one(
    application: Application,
) -> None:
    author_id = await application.new_author()
    for present, if_match in enumerate(['"1"', '"7", "2"', '"9","3"', "*"], start=1):
        answer = await application.client.put(
            f"/authors/{author_id}", json={"name": f"Name {present}"}, headers={"If-Match": if_match}
        )
        assert (answer.status_code, answer.headers["ETag"]) == (200, f'"{present + 1}"')
    gone = await application.client.delete(f"/authors/{author_id}", headers={"If-Match": '"5"'})
    assert (gone.status_code, gone.content) == (204, b"")


async def test_a_deleted_author_is_gone(application: Application) -> None:
    author_id = await application.new_author()
    assert (await application.client.delete(f"/authors/{author_id}")).status_code == 204
    assert (await application.client.get(f"/authors/{author_id}")).status_code == 404
    assert (await application.client.delete(f"/authors/{author_id}")).status_code == 404


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


async def test_following_the_cursors_shows_each_author_once(application: Application) -> None:
    ids = [await application.new_author() for _ in range(5)]
    found = await pages(application.client, "/authors", limit=2)
    assert [len(page) for page in found] == [2, 2, 1]
    assert [author["author_id"] for page in found for author in page] == ids


async def test_a_last_page_that_is_full_has_no_next_one(application: Application) -> None:
    for _ in range(4):
        await application.new_author()
    assert [len(page) for page in await pages(application.client, "/authors", limit=2)] == [2, 2]


async def test_a_page_of_nothing_is_empty(application: Application) -> None:
    assert (await application.client.get("/authors")).json() == {"items": [], "next_cursor": None}
    beyond = await application.client.get("/authors", params={"cursor": "7fffffffffffffff"})
    assert (beyond.status_code, beyond.json()) == (200, {"items": [], "next_cursor": None})


async def test_linked_books_are_listed_page_by_page(application: Application) -> None:
    author_id = await application.new_author()
    await remember(application, 4, 5, 6)
    linked = await application.client.post(f"/authors/{author_id}/books", json={"book_ids": [6, 4, 5]})
    assert (linked.status_code, linked.json()) == (200, {"author_id": author_id, "book_ids": [4, 5, 6]})
    found = await pages(application.client, f"/authors/{author_id}/books", limit=2)
    assert [[book["book_id"] for book in page] for page in found] == [[4, 5], [6]]
    assert found[0][0] == {
        "book_id": 4,
        "title": "A Wizard of Earthsea",
        "isbn": "9780547773742",
        "publication_year": 1968,
        "version": 1,
    }


async def test_an_unlinked_book_is_not_listed_any_more(application: Application) -> None:
    author_id = await application.new_author()
    await remember(application, 4)
    await application.client.post(f"/authors/{author_id}/books", json={"book_ids": [4]})
    gone = await application.client.delete(f"/authors/{author_id}/books/4")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await application.client.get(f"/authors/{author_id}/books")).json()["items"] == []
    assert event_types(application)[1:] == ["author_book.linked", "author_book.unlinked"]


async def test_the_event_of_a_request_carries_its_correlation_id(application: Application) -> None:
    answer = await application.client.post(
        "/authors", json={"name": "U"}, headers={"X-Correlation-ID": "abc-1"}
    )
    assert answer.headers["X-Correlation-ID"] == "abc-1"
    records = await application.records("library.authors")
    envelope = orjson.loads(records[0].value or b"")
    assert (envelope["event_type"], envelope["correlation_id"]) == ("author.created", "abc-1")
    assert envelope["data"] == answer.json()
    assert records[0].key == b"1"


async def test_the_contract_is_served_as_it_was_written(application: Application) -> None:
    openapi = (await application.client.get("/openapi.json")).json()
    assert openapi["info"]["title"] == "Authors Service"
    assert (await application.client.get("/asyncapi.yaml")).text.startswith("# yaml-language-server")
    assert (await application.client.get("/docs")).status_code == 200
