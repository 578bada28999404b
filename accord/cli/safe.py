"""Text and bytes of strangers, so that no terminal obeys them."""

import base64
import json
from typing import Any

from accord.characters import visible

__all__ = ["as_json", "pretty", "shortened", "visible", "visible_bytes"]


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
