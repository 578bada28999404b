"""Answers: status codes, their headers and bodies.

Who reads an answer has to understand the class of any status (RFC 9110, 15), so a new failure of a class
that may come anyway is tolerated; a new success is not, since its body is unknown.
"""

from accord.changes.bodies import compare_contents
from accord.changes.change import Effect, Party
from accord.changes.exchanges import RESPONSE
from accord.changes.gathering import Gathered
from accord.findings import Location
from accord.model.http import Header, Operation, Response

__all__ = ["compare_answers"]


def compare_answers(
    gathered: Gathered, subject: str, before: Operation, after: Operation, files: tuple[str, str]
) -> None:
    """Pair answers by status."""
    new = {response.status: response for response in after.responses}
    gone = [response for response in before.responses if response.status not in new]
    come = [response for response in after.responses if not _known(response.status, before.responses)]

    def place(response: Response, *, old: bool) -> Location:
        version, operation = (gathered.old, before) if old else (gathered.new, after)
        path = ("paths", operation.path, operation.http_method.lower(), "responses", response.status)
        return version.found(files[0] if old else files[1], path, operation.location)

    for response in before.responses:
        if response.status in new:
            other = new[response.status]
            places = place(response, old=True), place(other, old=False)
            _compare(gathered, subject, response, other, places)
    for response in gone:
        sentence = f"the answer {response.status} is gone"
        at = gathered.new.place(after.location)
        gathered.say("status-removed", Effect.SAFE, subject, sentence, place(response, old=True), at)
    for response in come:
        sentence = f"the answer {response.status} is new"
        effect = gathered.tolerated() if response.failure else Effect.BREAKING
        if not response.failure and len(gone) == 1 and not gone[0].failure:
            sentence = f"the answer is {response.status} instead of {gone[0].status}"
        places = gathered.old.place(before.location), place(response, old=False)
        gathered.say("status-added", effect, subject, sentence, *places, Party.CLIENTS)


def _known(status: str, responses: tuple[Response, ...]) -> bool:
    """Whether an answer was declared: itself, a range that takes it in, or any."""
    names = {response.status.upper() for response in responses}
    return bool(names & {status.upper(), f"{status[0]}XX", "DEFAULT"})


def _compare(
    gathered: Gathered, subject: str, before: Response, after: Response, places: tuple[Location, Location]
) -> None:
    said = {f"the description of the answer {before.status}": (before.description, after.description)}
    gathered.remarks(subject, said, *places)
    carrier = f"answer {before.status} of {subject}"
    _headers(gathered, subject, carrier, (before.headers, after.headers), places)
    if before.contents and not after.contents:
        sentence = f"the {carrier} has no body any longer"
        gathered.say("answer-body-removed", Effect.BREAKING, subject, sentence, *places, Party.CLIENTS)
    elif after.contents and not before.contents:
        sentence = f"the {carrier} has a body now"
        gathered.say("answer-body-added", gathered.tolerated(), subject, sentence, *places, Party.CLIENTS)
    else:
        contents = (before.contents, after.contents)
        compare_contents(gathered, subject, carrier, contents, RESPONSE, places)


def _headers(
    gathered: Gathered,
    subject: str,
    carrier: str,
    headers: tuple[tuple[Header, ...], tuple[Header, ...]],
    places: tuple[Location, Location],
) -> None:
    old, new = ({header.name.lower(): header for header in side} for side in headers)
    for name, before in old.items():
        after = new.get(name)
        told = f"the header '{before.name}' of the {carrier}"
        if after is None:
            effect = Effect.BREAKING if before.required else Effect.SAFE
            gathered.say("header-removed", effect, subject, f"{told} is gone", *places, Party.CLIENTS)
            continue
        if before.required and not after.required:
            sentence = f"{told} may be left out now"
            gathered.say("header-optional", Effect.BREAKING, subject, sentence, *places, Party.CLIENTS)
        elif after.required and not before.required:
            gathered.say("header-required", Effect.SAFE, subject, f"{told} is always there now", *places)
        if before.explode != after.explode:
            sentence = f"{told} is laid out in another way"
            gathered.say("header-style-changed", Effect.BREAKING, subject, sentence, *places, Party.CLIENTS)
        gathered.remarks(
            subject, {f"the description of {told}": (before.description, after.description)}, *places
        )
        documents = (before.document, after.document)
        gathered.exchange_inline(f"header '{before.name}' of the {carrier}", documents, RESPONSE, places)
    for name, after in new.items():
        if name not in old:
            sentence = f"the header '{after.name}' of the {carrier} is new"
            gathered.say("header-added", Effect.SAFE, subject, sentence, *places)
