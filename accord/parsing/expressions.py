"""Runtime expressions of AsyncAPI, such as ``$message.header#/correlationId``."""

import re

from accord.model.events import Expression
from accord.parsing.fields import Fields

__all__ = ["read_location"]

_EXPRESSION = re.compile(r"\$message\.(header|payload)(?:#(/.*)?)?")


def read_location(fields: Fields) -> Expression:
    """The member ``location`` of a correlation id, a parameter or a reply's address; raises `BrokenSpec`."""
    text = fields.text("location")
    match = _EXPRESSION.fullmatch(text)
    if match is None:
        sentence = f"'{text}' is no runtime expression; write '$message.header#/…' or '$message.payload#/…'"
        raise fields.required("location").broken("bad-expression", sentence)
    pointer = match[2] or ""
    path = tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])
    return Expression("header" if match[1] == "header" else "payload", path)
