"""The page in a browser: it works by mouse and by keyboard, at every width, in the dark and in the light."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, sync_playwright

from accord.cli import main
from tests.toolkit.review.library import Library

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no Chromium on this machine; Debian: apt-get install chromium"
)

WIDTHS = (360, 800, 1280)

CONTRAST = (Path(__file__).parent / "contrast.js").read_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Chromium refuses to run as root with its sandbox; the page is ours.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a breaking change."""
    library = Library(tmp_path_factory.mktemp("library"))
    library.shorten_names()
    page = library.folder / "page.html"
    CliRunner().invoke(main, ["review", "--project", str(library.folder), "--html", str(page)])
    return page.as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


def is_open(page: Page, id_: str) -> bool:
    return bool(page.evaluate("id => document.getElementById(id).open", id_))


def test_it_says_nothing_on_the_console_and_asks_for_nothing(browser: Browser, address: str) -> None:
    page = browser.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.click("#all")
    page.click("#theme")
    page.fill("#search", "author")
    page.keyboard.press("Enter")
    assert said == []
    assert asked == [address]
    page.close()


def test_the_policy_of_the_page_lets_no_other_script_run(page: Page) -> None:
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.ran = true'>");
        }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") is None


def test_a_slash_and_a_few_letters_find_a_member_and_enter_goes_there(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("linkedbook.tit")
    options = page.locator("#found [role=option]")
    assert options.all_inner_texts()[0].split("\n")[0] == "LinkedBook.title"
    assert page.get_attribute("#search", "aria-expanded") == "true"
    page.keyboard.press("Enter")
    page.wait_for_url("**#authors.openapi.LinkedBook.title")
    assert is_open(page, "authors.openapi.LinkedBook")
    assert page.evaluate("document.activeElement.id") == "authors.openapi.LinkedBook.title"
    assert page.locator("#found").is_hidden()


def test_arrows_walk_through_what_was_found(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("author")
    first = page.get_attribute("#search", "aria-activedescendant")
    page.keyboard.press("ArrowDown")
    second = page.get_attribute("#search", "aria-activedescendant")
    assert (first, second) == ("found-0", "found-1")
    assert page.locator("#found [aria-selected=true]").get_attribute("id") == "found-1"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    last = page.locator("#found [role=option]").last.get_attribute("id")
    assert page.get_attribute("#search", "aria-activedescendant") == last
    page.keyboard.press("Escape")
    assert page.locator("#found").is_hidden()


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("POST /authors", "operation"),
        ("author.created", "message"),
        ("EntityId", "schema"),
        ("dead", "topic"),
    ],
)
def test_search_finds_things_of_every_kind(page: Page, words: str, kind: str) -> None:
    page.fill("#search", words)
    assert kind in page.locator("#found [role=option]").first.inner_text()


def test_search_says_that_there_is_nothing(page: Page) -> None:
    page.fill("#search", "zeppelin")
    assert page.locator("#found").inner_text() == "Nothing was found."
    assert page.locator("#found-count").inner_text() == "0 results"


def test_a_link_opens_what_it_leads_to(page: Page) -> None:
    assert not is_open(page, "authors.getAuthor")
    page.click("nav a[href='#authors.getAuthor']")
    assert is_open(page, "authors.getAuthor")
    assert page.locator("[id='authors.getAuthor']").bounding_box()["y"] < 200  # type: ignore[index]


def test_an_address_with_a_fragment_opens_what_it_names(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}#books.createBook")
    assert is_open(page, "books.createBook")
    page.close()


def test_a_change_leads_to_its_place(page: Page) -> None:
    page.click("#note-1 a")
    assert page.evaluate("location.hash") == "#authors.openapi.AuthorName"
    assert page.locator("[id='authors.openapi.AuthorName'] .note.breaking").is_visible()


def test_what_is_in_a_schema_is_shown_where_it_is_used(page: Page) -> None:
    page.goto(f"{page.url}#authors.createAuthor")
    peek = page.locator("[id='authors.createAuthor'] .peek").first
    assert peek.locator(".name").first.inner_text() == "name"
    assert page.evaluate(
        "new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size"
    ) == page.evaluate("document.querySelectorAll('[id]').length")


def test_everything_is_reached_and_opened_by_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.card > summary')"):
            break
    assert page.evaluate("document.activeElement.matches('.card > summary')")
    before = page.evaluate("document.activeElement.parentElement.open")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open") is not before
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 740})
    page.goto(address)
    page.click("#all")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_is_readable_on_its_ground(browser: Browser, address: str, scheme: str) -> None:
    """WCAG 2.2, success criterion 1.4.3 (AA)."""
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(address)
    page.click("#all")
    measured = page.evaluate(CONTRAST)
    assert measured["count"] > 1000
    assert measured["low"] == []
    page.close()


def test_the_theme_is_chosen_and_kept(browser: Browser, address: str) -> None:
    page = browser.new_page(color_scheme="light")
    page.goto(address)
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.click("#theme")
    assert page.evaluate(ground) == light
    page.click("#theme")
    dark = page.evaluate(ground)
    assert page.inner_text("#theme") == "Theme: dark"
    assert dark != light
    page.reload()
    assert page.evaluate(ground) == dark
    page.close()


def test_on_paper_everything_is_open_and_afterwards_as_before(page: Page) -> None:
    folded = "document.querySelectorAll('main details:not([open]):not(.peek)').length"
    before = page.evaluate(folded)
    assert before > 50
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(folded) == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(folded) == before


def test_a_screen_reader_finds_its_way(page: Page) -> None:
    for landmark in ("banner", "navigation", "main", "search"):
        assert page.get_by_role(landmark).count() == 1
    for role in ("button", "combobox"):
        for element in page.get_by_role(role).all():
            assert element.evaluate("e => (e.labels?.[0]?.textContent ?? e.textContent).trim()")
    assert page.get_attribute("html", "lang") == "en"
