"""Characters that nobody sees, written so that somebody does."""

import unicodedata

__all__ = ["visible"]

_INVISIBLE = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
"""Unicode categories: controls, formats such as the bidirectional ones, and what has no look at all."""


def visible(text: str, keep: str = "") -> str:
    r"""Write each character that is not seen as an escape, ``\x1b`` say, except those in ``keep``."""
    if text.isprintable():
        return text
    return "".join(
        _escape(char) if unicodedata.category(char) in _INVISIBLE and char not in keep else char
        for char in text
    )


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
