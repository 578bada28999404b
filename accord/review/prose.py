"""Descriptions of the specs as HTML, whatever somebody wrote into them.

CommonMark without raw HTML, images and headings: nothing is executed or loaded, and the order of headings
is the page's own. The library escapes all text and refuses links that are more than an address.
"""

from functools import cache
from typing import Final

from markdown_it import MarkdownIt
from markupsafe import Markup

__all__ = ["as_html"]

LONGEST: Final = 20_000
"""Characters of one description; what is beyond is cut, with a sentence that says so."""

_LEFT_OUT: Final = ("html_block", "html_inline", "image", "heading", "lheading", "hr")


def as_html(text: str) -> Markup:
    """Render one description."""
    if not text.strip():
        return Markup()
    rest = len(text) - LONGEST
    html = Markup(_renderer().render(text[:LONGEST]))  # noqa: S704 - the library escaped it
    return html + Markup("<p>({} more characters are not shown.)</p>").format(rest) if rest > 0 else html


@cache
def _renderer() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).disable(list(_LEFT_OUT))
