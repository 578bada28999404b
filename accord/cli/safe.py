"""Text and bytes of strangers, so that no terminal obeys them."""

import base64
import json
import unicodedata
from typing import Any

__all__ = ["as_json", "pretty", "shortened", "visible", "visible_bytes"]

_INVISIBLE = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
"""Unicode categories: controls, formats such as the bidirectional ones, and what has no look at all."""


def visible(text: str, keep: str = "") -> str:
    r"""Write each character that is not seen as an escape, ``\x1b`` say, except those in ``keep``."""
    return "".join(
        _escape(char) if unicodedata.category(char) in _INVISIBLE and char not in keep else char
        for char in text
    )


def visible_bytes(content: bytes | None) -> str:
    """Show UTF-8 as text and anything else in Base64; nothing for what is not there."""
    if content is None:
        return ""
    try:
        return visible(content.decode())
    except UnicodeDecodeError:
        return f"base64:{base64.b64encode(content).decode()}"


def as_json(content: bytes | None) -> Any:
    """The same for machines: a string, or an object that holds the Base64."""
    if content is None:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def pretty(content: bytes | None) -> str:
    """Indent what is JSON and says each thing once; show the rest as it is."""
    from accord.boundary import NotJson, read_json

    try:
        text = json.dumps(read_json(content or b""), indent=2, ensure_ascii=False)
    except NotJson:
        return visible_bytes(content)
    return visible(text, keep="\n")


def shortened(text: str, most: int) -> str:
    """Cut to ``most`` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
