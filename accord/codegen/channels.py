"""What the template of channels says, as expressions of Python."""

from collections.abc import Callable
from typing import Any

from accord.model.events import KeyExpression

__all__ = ["channel_filters"]


def channel_filters() -> dict[str, Callable[..., Any]]:
    """The filters of channels.py."""
    return {"key_code": _key}


def _key(key: KeyExpression) -> str:
    text = ""
    for part in key.parts:
        if isinstance(part, str):
            # With a double quote in it, repr takes single quotes around, and escapes those inside.
            text += repr(f'{part}"')[1:-2].replace("{", "{{").replace("}", "}}")
        else:
            text += "{envelope" + "".join(f'["{token}"]' for token in part) + "}"
    return f"f'{text}'"
