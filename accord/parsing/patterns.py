"""Regular expressions of specs: which of them a validator can hold text against."""

from functools import lru_cache

from accord.parsing.nodes import Node
from accord.parsing.references import Specs

__all__ = ["is_held"]


def is_held(specs: Specs, place: Node, pattern: object) -> bool:
    """Whether text is held against the pattern; warns of one that is left out.

    ECMA-262, of which JSON Schema recommends a part (2020-12, section 6.4), has forms that the validator does
    not read, and many specs are written in the dialects of Perl or Java.
    """
    if not isinstance(pattern, str) or _is_readable(pattern):
        return True
    sentence = f"'{pattern[:60]}' is no regular expression that Accord reads, so no text is held against it"
    specs.warn(place.location, "unsupported", f"{sentence}; write it as ECMA-262 has it, with flag u")
    return False


@lru_cache(maxsize=10_000)
def _is_readable(pattern: str) -> bool:
    import jsonschema_rs

    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (jsonschema_rs.ValidationError, ValueError):
        return False
    return True
