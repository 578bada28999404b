"""The page as text: all of the contract is on it, links lead somewhere, and nothing of a spec can run."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from accord.cli import main
from tests.toolkit.review.library import Library

HOSTILE = """</script><script>alert(1)</script><img src=x onerror=alert(2)> [go](javascript:alert(3))
      ![pixel](https://example.org/pixel.png) <a href="data:text/html,x">x</a> {{ 7 * 7 }} \\u202e"""


class Page(HTMLParser):
    """What a browser would see of it, without running anything."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def values(self, name: str) -> list[str]:
        return [value for _, attrs in self.elements if (value := attrs.get(name)) is not None]


def made(folder: Path, *arguments: str) -> Page:
    page = folder / "page.html"
    result = CliRunner().invoke(
        main, ["review", "--project", str(folder), "--html", str(page), *arguments], catch_exceptions=False
    )
    assert result.exit_code in (0, 1), result.output
    return Page(page.read_text())


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="module")
def page(library: Library) -> Page:
    return made(library.folder)


def test_every_operation_message_topic_and_schema_has_its_place(page: Page) -> None:
    kinds = [attrs["data-find"] for _, attrs in page.elements if "data-find" in attrs]
    assert kinds.count("operation") == 18
    assert kinds.count("message") == 20
    assert kinds.count("topic") == 6
    assert kinds.count("schema") == 45
    names = page.values("data-name")
    assert {"createAuthor POST /authors", "author.created library.authors", "Author.name"} <= set(names)


def test_no_two_elements_share_an_id_and_every_link_leads_to_one(page: Page) -> None:
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    links = page.values("href")
    assert links
    assert {link for link in links if not (link.startswith("#") and link[1:] in ids)} == set()
    assert set(page.values("aria-labelledby")) <= set(ids)


def test_headings_never_skip_a_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_it_loads_nothing(page: Page) -> None:
    assert page.values("src") == []
    assert {tag for tag, _ in page.elements} & {"link", "img", "iframe", "object", "embed", "base"} == set()
    assert "@import" not in page.text
    assert "url(" not in page.text


def test_the_same_specs_make_the_same_page(page: Page, library: Library) -> None:
    assert made(library.folder).text == page.text


def test_constraints_are_told_where_a_member_refers_to_a_plain_schema(page: Page) -> None:
    assert "text of 1 to 200 characters" in page.text
    assert "whole number from 1, " in re.sub("<[^>]*>", "", page.text)


def test_a_hostile_description_is_shown_and_does_nothing(tmp_path: Path) -> None:
    library = Library(tmp_path)
    library.change(
        "authors.openapi.yaml",
        "description: The name under which the author publishes.",
        f"description: '{HOSTILE}'",
    )
    library.change("authors.openapi.yaml", "summary: Create an author", f"summary: '{HOSTILE}'")
    library.change("authors.asyncapi.yaml", "summary: An author was created.", f"summary: '{HOSTILE}'")
    page = made(tmp_path)
    tags = [tag for tag, _ in page.elements]
    assert tags.count("script") == 1
    assert "img" not in tags
    assert [name for _, attrs in page.elements for name in attrs if name.startswith("on")] == []
    assert [link for link in page.values("href") if link.startswith(("javascript", "data"))] == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "{{ 7 * 7 }}" in page.text
    assert "\u202e" not in page.text


def test_a_change_stands_in_the_list_and_at_its_place(tmp_path: Path) -> None:
    library = Library(tmp_path)
    library.shorten_names()
    page = made(tmp_path)
    listed = [attrs for _, attrs in page.elements if attrs.get("id") == "note-1"]
    assert listed[0]["class"] == "note breaking"
    schema = page.text.index('id="authors.openapi.AuthorName"')
    place = page.text.index('data-of="note-1"')
    assert schema < place < page.text.index('data-find="schema"', schema + 100)
    assert "maxLength is 100 instead of 200" in page.text[place:]
    assert "101 characters" in page.text[place : place + 1000]


def test_names_and_values_of_a_spec_do_nothing_either(tmp_path: Path) -> None:
    library = Library(tmp_path)
    evil = "<img src=x onerror=alert(1)>"
    library.change(
        "authors.openapi.yaml",
        '        biography:\n          $ref: "#/components/schemas/Biography"\n',
        f'        biography: {{ type: string, enum: ["{evil}"], pattern: "{evil}", examples: ["{evil}"] }}\n'
        f'        "{evil}": {{ type: string, default: "{evil}" }}\n',
    )
    library.change("books.asyncapi.yaml", "address: library.books", f'address: "library.{evil}"')
    library.change("books.asyncapi.yaml", "title: Book deleted", f'title: "{evil}"')
    library.change("authors.openapi.yaml", "title: Authors Service", f'title: "{evil}"')
    page = made(tmp_path)
    assert "&lt;img src=x onerror=alert(1)&gt;" in page.text
    assert "img" not in [tag for tag, _ in page.elements]
    assert [name for _, attrs in page.elements for name in attrs if name.startswith("on")] == []


def test_a_finding_stands_at_the_member_that_it_speaks_of(tmp_path: Path) -> None:
    library = Library(tmp_path)
    name = '        name:\n          $ref: "#/components/schemas/AuthorName"\n'
    library.change("authors.openapi.yaml", name, f"        pen_name: {{ type: string }}\n{name}")
    page = made(tmp_path)
    member = page.text[page.text.index('id="authors.openapi.Author.pen_name"') :]
    assert "unbounded-string" in member[: member.index("</li>")]


def test_a_witness_is_refused_for_the_change_that_it_shows_though_others_refuse_it_too(
    tmp_path: Path,
) -> None:
    library = Library(tmp_path)
    library.shorten_names()
    library.change(
        "authors.openapi.yaml",
        "      required: [name]\n      properties:\n",
        "      required: [name, pen_name]\n      properties:\n        pen_name: { type: string }\n",
    )
    page = made(tmp_path)
    told = page.text[page.text.index("maxLength is 100 instead of 200") :]
    assert "is refused at <code>#/name</code> by <code>maxLength</code>" in told[: told.index("</details>")]


def test_what_is_gone_is_told_in_the_chapter_that_it_was_in(tmp_path: Path) -> None:
    library = Library(tmp_path)
    text = (tmp_path / "specs" / "books.asyncapi.yaml").read_text()
    assert "bookDeleted" in text
    library.change("books.asyncapi.yaml", '      - $ref: "#/channels/books/messages/bookDeleted"\n', "")
    page = made(tmp_path)
    chapter = page.text[page.text.index('class="chapter" id="books"') :]
    first = chapter[chapter.index("<summary>") : chapter.index("</summary>")]
    assert "removed" in first
    assert "book.deleted on library.books" in first
