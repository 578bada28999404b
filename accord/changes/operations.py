"""HTTP operations that came, went, moved or were renamed, and what holds of those that stayed."""

import re
from datetime import date

from accord.changes.answers import compare_answers
from accord.changes.bodies import compare_body
from accord.changes.change import Effect, Party
from accord.changes.gathering import Gathered
from accord.changes.parameters import compare_parameters
from accord.changes.security import compare_security
from accord.changes.version import Version
from accord.model.contract import Service
from accord.model.http import Operation

__all__ = ["compare_operations"]


def compare_operations(gathered: Gathered, old: Service, new: Service) -> None:
    """Pair operations by method and path first, then by operationId."""
    waiting = {_key(operation): operation for operation in new.operations}
    left = []
    for before in old.operations:
        after = waiting.pop(_key(before), None)
        if after is None:
            left.append(before)
        else:
            _Pair(gathered, old, new, before, after).compare()
    by_id = {operation.id: operation for operation in waiting.values()}
    for before in left:
        after = by_id.pop(before.id, None)
        if after is None:
            _removed(gathered, old, before)
        else:
            del waiting[_key(after)]
            _Pair(gathered, old, new, before, after).compare()
    for after in waiting.values():
        place = gathered.new.place(after.location)
        gathered.say("operation-added", Effect.SAFE, _named(after), f"{after.id} is new", None, place)
    if old.server != new.server and old.server is not None and new.server is not None:
        place = gathered.old.found(old.openapi or "", ("servers",), old.operations[0].location)
        other = gathered.new.found(new.openapi or "", ("servers",), new.operations[0].location)
        sentence = f"the server is {new.server} instead of {old.server}"
        reason = "whether the old address still answers"
        gathered.say(
            "server-changed", Effect.UNPROVEN, old.name, sentence, place, other, Party.CLIENTS, reason=reason
        )


def _key(operation: Operation) -> tuple[str, str]:
    return operation.http_method, re.sub(r"\{[^}]*\}", "{}", operation.path)


def _named(operation: Operation) -> str:
    return f"{operation.http_method.upper()} {operation.path}"


def _removed(gathered: Gathered, service: Service, before: Operation) -> None:
    sunset = _sunset(gathered.old, service, before)
    place = gathered.old.place(before.location)
    if sunset is not None and sunset <= gathered.today:
        sentence = f"{before.id} is gone, after its sunset on {sunset}"
        gathered.say("operation-removed", Effect.SAFE, _named(before), sentence, place, None)
        return
    until = f" before its sunset on {sunset}" if sunset is not None else ""
    sentence = f"{before.id} is gone{until}"
    gathered.say("operation-removed", Effect.BREAKING, _named(before), sentence, place, None, Party.CLIENTS)


def _sunset(version: Version, service: Service, operation: Operation) -> date | None:
    """The day of the extension ``x-sunset``, after which a deprecated operation may go."""
    method = operation.http_method.lower()
    raw = version.value(service.openapi or "", "paths", operation.path, method, "x-sunset")
    try:
        return date.fromisoformat(str(raw)[:10])
    except ValueError:
        return None


class _Pair:
    def __init__(
        self, gathered: Gathered, old: Service, new: Service, before: Operation, after: Operation
    ) -> None:
        self.gathered = gathered
        self.old, self.new = old, new
        self.before, self.after = before, after
        self.subject = _named(before)
        self.places = gathered.old.place(before.location), gathered.new.place(after.location)

    def compare(self) -> None:
        before, after, say = self.before, self.after, self.gathered.say
        if _key(before) != _key(after):
            sentence = f"{before.id} is at {_named(after)} now"
            say("operation-moved", Effect.BREAKING, self.subject, sentence, *self.places, Party.CLIENTS)
        elif before.path != after.path:
            sentence = f"its parameters are named as in {after.path} now, which no request shows"
            say("path-parameter-renamed", Effect.SAFE, self.subject, sentence, *self.places)
        if before.id != after.id:
            sentence = f"{before.id} is called {after.id} now, and so are the methods made of it"
            say("operation-renamed", Effect.SAFE, self.subject, sentence, *self.places)
        self._deprecation()
        said = {
            "summary": (before.summary, after.summary),
            "description": (before.description, after.description),
        }
        self.gathered.remarks(self.subject, said, *self.places)
        compare_security(self.gathered, self.subject, before, after, self.places)
        compare_parameters(self.gathered, self.subject, before, after)
        files = (self.old.openapi or "", self.new.openapi or "")
        compare_body(self.gathered, self.subject, before, after, files)
        compare_answers(self.gathered, self.subject, before, after, files)

    def _deprecation(self) -> None:
        say = self.gathered.say
        if self.before.deprecated != self.after.deprecated:
            sentence = (
                f"{self.after.id} is {'deprecated' if self.after.deprecated else 'no longer deprecated'}"
            )
            say("deprecation-changed", Effect.SAFE, self.subject, sentence, *self.places)
        first = _sunset(self.gathered.old, self.old, self.before)
        then = _sunset(self.gathered.new, self.new, self.after)
        if first == then:
            return
        sentence = f"its sunset is {then or 'nowhere named'} instead of {first or 'nowhere named'}"
        earlier = first is not None and then is not None and then < first
        effect = Effect.BREAKING if earlier else Effect.SAFE
        say("sunset-changed", effect, self.subject, sentence, *self.places, Party.CLIENTS)
