"""Bodies of requests, and the media types in which bodies of both directions are written."""

from fnmatch import fnmatch

from accord.changes.change import Effect, Party
from accord.changes.exchanges import REQUEST, Flow
from accord.changes.gathering import Gathered
from accord.changes.version import Version
from accord.findings import Location
from accord.model.http import Content, Operation

__all__ = ["compare_body", "compare_contents"]


def compare_body(
    gathered: Gathered, subject: str, before: Operation, after: Operation, files: tuple[str, str]
) -> None:
    """Compare what a request carries."""
    places = _place(gathered.old, files[0], before), _place(gathered.new, files[1], after)
    old, new = before.body, after.body
    if old is None and new is not None:
        word = "required" if new.required else "optional"
        effect = Effect.BREAKING if new.required else Effect.SAFE
        gathered.say("body-added", effect, subject, f"a {word} body is new", *places, Party.CLIENTS)
    elif old is not None and new is None:
        sentence = "the body of the request is gone"
        gathered.say("body-removed", gathered.tolerated(), subject, sentence, *places, Party.CLIENTS)
    elif old is not None and new is not None:
        if new.required and not old.required:
            sentence = "the body is required now"
            gathered.say("body-required", Effect.BREAKING, subject, sentence, *places, Party.CLIENTS)
        elif old.required and not new.required:
            sentence = "the body is no longer required"
            gathered.say("body-optional", Effect.SAFE, subject, sentence, *places)
        said = {"the description of the body": (old.description, new.description)}
        gathered.remarks(subject, said, *places)
        carrier = f"body of {subject}"
        compare_contents(gathered, subject, carrier, (old.contents, new.contents), REQUEST, places)


def _place(version: Version, file: str, operation: Operation) -> Location:
    path = ("paths", operation.path, operation.http_method.lower(), "requestBody")
    return version.found(file, path, operation.location)


def compare_contents(
    gathered: Gathered,
    subject: str,
    carrier: str,
    contents: tuple[tuple[Content, ...], tuple[Content, ...]],
    flows: tuple[Flow, ...],
    places: tuple[Location, Location],
) -> None:
    """Pair contents by media type; a range takes in all that it names."""
    old, new = contents
    for content in old:
        other = _taking(content, new)
        if other is None:
            sentence = f"the {carrier} may no longer be {content.media_type}"
            gathered.say("media-type-removed", Effect.BREAKING, subject, sentence, *places, Party.CLIENTS)
        else:
            _pair(gathered, subject, carrier, (content, other), flows, places)
    for content in new:
        if _taking(content, old) is None and content.media_type not in {c.media_type for c in old}:
            sentence = f"the {carrier} may be {content.media_type} now"
            gathered.say("media-type-added", Effect.SAFE, subject, sentence, *places)


def _taking(content: Content, others: tuple[Content, ...]) -> Content | None:
    exact = [other for other in others if other.media_type == content.media_type]
    ranges = [other for other in others if fnmatch(content.media_type, other.media_type)]
    return next(iter([*exact, *ranges]), None)


def _pair(
    gathered: Gathered,
    subject: str,
    carrier: str,
    pair: tuple[Content, Content],
    flows: tuple[Flow, ...],
    places: tuple[Location, Location],
) -> None:
    old, new = pair
    if _layout(old) != _layout(new):
        sentence = f"the members of the {carrier} are laid out in another way"
        reason = "how both sides write them has to be looked at"
        gathered.say(
            "encoding-changed", Effect.UNPROVEN, subject, sentence, *places, Party.CLIENTS, reason=reason
        )
    named = f"{old.media_type} {carrier}"
    if old.schema is not None and new.schema is not None:
        gathered.exchange(named, (old.schema, new.schema), flows, places)
    elif old.schema is not None or new.schema is not None:
        documents = tuple({} if c.schema is None else {"$ref": c.schema} for c in pair)
        gathered.exchange_inline(named, (documents[0], documents[1]), flows, places)


def _layout(content: Content) -> tuple[object, ...]:
    return content.kind, content.files, dict(content.types), dict(content.styles)
