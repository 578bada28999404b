"""Prose of the specs as docstrings."""

import re
import textwrap

__all__ = ["docstring", "paragraphs_of"]

_WIDTH = 110


def paragraphs_of(text: str) -> list[str]:
    """Prose with its white space evened out, and without characters that Python source cannot hold."""
    parts = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    return [legal for part in parts if (legal := "".join(filter(str.isprintable, part)).strip())]


def docstring(text: str, indent: int, example: str = "") -> str:
    """A docstring, quoted, wrapped, and indented but for its first line; ``example`` is a doctest."""
    paragraphs = [_escaped(part) for part in paragraphs_of(text)] or ["."]
    paragraphs[0] += "" if paragraphs[0][-1:] in (".", "!", "?", ":") else "."
    width = _WIDTH - indent
    if len(paragraphs) == 1 and len(paragraphs[0]) + 6 <= width and not example:
        return f'"""{paragraphs[0]}"""'
    filled = [textwrap.fill(part, width - 3, break_long_words=False) for part in paragraphs]
    blocks = "\n\n".join([*filled, *([_escaped(example)] if example else [])])
    return textwrap.indent(f'"""{blocks}\n"""', " " * indent).lstrip()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
