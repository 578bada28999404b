"""What is asked beside the body of a request: parameters that came, went or moved, and their layout."""

import json

from accord.changes.change import Effect, Party
from accord.changes.exchanges import REQUEST
from accord.changes.gathering import Gathered
from accord.model.http import Operation, Parameter, Place, Style
from accord.model.kinds import types_of
from accord.model.schemas import ANNOTATIONS, Document, reference

__all__ = ["compare_parameters"]


def compare_parameters(gathered: Gathered, subject: str, before: Operation, after: Operation) -> None:
    """Pair parameters by place and name; those of a path by their position, since no request names them."""
    new = {_key(parameter, after): parameter for parameter in after.parameters}
    left = []
    for parameter in before.parameters:
        other = new.pop(_key(parameter, before), None)
        if other is None:
            left.append(parameter)
        else:
            _Pair(gathered, subject, parameter, other).compare()
    by_name = {parameter.name.lower(): parameter for parameter in new.values()}
    for parameter in left:
        other = by_name.pop(parameter.name.lower(), None)
        if other is None:
            _removed(gathered, subject, parameter)
        else:
            del new[_key(other, after)]
            _Pair(gathered, subject, parameter, other).moved()
    for parameter in new.values():
        _added(gathered, subject, parameter, before)


def _key(parameter: Parameter, operation: Operation) -> tuple[Place, str | int]:
    if parameter.place is Place.PATH:
        return parameter.place, operation.path.partition(f"{{{parameter.name}}}")[0].count("{")
    if parameter.place is Place.HEADER:
        return parameter.place, parameter.name.lower()
    return parameter.place, parameter.name


def _removed(gathered: Gathered, subject: str, parameter: Parameter) -> None:
    place = gathered.old.place(parameter.location)
    sentence = f"the {parameter.place} parameter '{parameter.name}' is gone"
    gathered.say("parameter-removed", gathered.tolerated(), subject, sentence, place, None, Party.CLIENTS)


def _added(gathered: Gathered, subject: str, parameter: Parameter, before: Operation) -> None:
    place = gathered.new.place(parameter.location)
    word = "required" if parameter.required else "optional"
    sentence = f"the {word} {parameter.place} parameter '{parameter.name}' is new"
    old = gathered.old.place(before.location)
    if parameter.required:
        gathered.say(
            "required-parameter-added", Effect.BREAKING, subject, sentence, old, place, Party.CLIENTS
        )
    else:
        gathered.say("parameter-added", Effect.SAFE, subject, sentence, old, place)


class _Pair:
    def __init__(self, gathered: Gathered, subject: str, before: Parameter, after: Parameter) -> None:
        self.gathered = gathered
        self.subject = subject
        self.before, self.after = before, after
        self.places = gathered.old.place(before.location), gathered.new.place(after.location)
        self.name = f"the {before.place} parameter '{before.name}'"

    def moved(self) -> None:
        """It travels in another place now; what old clients send is not seen there."""
        sentence = f"{self.name} travels as {self.after.place} parameter now"
        self._say("parameter-moved", Effect.BREAKING, sentence)
        self.compare()

    def compare(self) -> None:
        before, after = self.before, self.after
        if after.required and not before.required:
            self._say("parameter-required", Effect.BREAKING, f"{self.name} is required now")
        elif before.required and not after.required:
            self._say("parameter-optional", Effect.SAFE, f"{self.name} is no longer required")
        self._layout()
        if before.default != after.default:
            sentence = f"the default of {self.name} is {_told(after)} instead of {_told(before)}"
            reason = "nothing is refused, but who leaves it out gets another value"
            self._say("default-changed", Effect.UNPROVEN, sentence, reason)
        if before.deprecated != after.deprecated:
            word = "deprecated" if after.deprecated else "no longer deprecated"
            self._say("deprecation-changed", Effect.SAFE, f"{self.name} is {word}")
        said = {f"the description of {self.name}": (before.description, after.description)}
        self.gathered.remarks(self.subject, said, *self.places)
        old, new = (
            {key: value for key, value in parameter.document.items() if key != "default"}
            for parameter in (before, after)
        )
        if self._became_list(old, new):
            self._say("parameter-listed", Effect.SAFE, f"{self.name} may be given several times now")
            new = new["items"]
        if self._became_text(old, new):
            kinds = " or ".join(types_of(old))
            sentence = f"{self.name} is any text instead of {kinds}, which are written as text"
            self._say("parameter-text", Effect.SAFE, sentence)
            return
        carrier = f"{before.place} parameter '{before.name}' of {self.subject}"
        self.gathered.exchange_inline(carrier, (old, new), REQUEST, self.places)

    def _became_list(self, old: Document, new: Document) -> bool:
        """Whether one value is written as a list of one, which style form does not show (OpenAPI 3.1.1)."""
        alike = all(p.style is Style.FORM and p.explode and not p.json for p in (self.before, self.after))
        lists = [set(types_of(document)) - {"null"} == {"array"} for document in (old, new)]
        return alike and lists == [False, True] and "items" in new and new.get("minItems", 0) <= 1

    def _became_text(self, old: Document, new: Document) -> bool:
        """Whether any text is taken where numbers or booleans were written, which are texts on the way."""
        written, read = set(types_of(old)), set(types_of(new))
        free = new.keys() - ANNOTATIONS <= {"type"} and "string" in read
        scalar = bool(written - read) and written <= {"string", "integer", "number", "boolean"}
        return free and scalar and not (self.before.json or self.after.json)

    def _layout(self) -> None:
        before, after = self.before, self.after
        if before.json != after.json:
            word = "JSON" if after.json else "plain text"
            self._say("parameter-style-changed", Effect.BREAKING, f"{self.name} is written as {word} now")
        elif (before.style, before.explode) != (after.style, after.explode) and not after.json:
            told = [f"{p.style}{'' if p.explode else ', not exploded'}" for p in (after, before)]
            sentence = f"the style of {self.name} is {told[0]} instead of {told[1]}"
            same = before.style == after.style and self._is_one_text()
            self._say("parameter-style-changed", Effect.SAFE if same else Effect.BREAKING, sentence)

    def _is_one_text(self) -> bool:
        """Whether explode makes no difference, since there are neither items nor members."""
        document = self.before.document
        while (target := reference(document)) is not None and len(document) == 1:
            document = self.gathered.old.contract.schemas[target].document
        kinds = document.get("type")
        listed = {kinds} if isinstance(kinds, str) else set(kinds or ())
        return bool(listed) and not listed & {"array", "object"}

    def _say(self, rule: str, effect: Effect, sentence: str, reason: str = "") -> None:
        self.gathered.say(rule, effect, self.subject, sentence, *self.places, Party.CLIENTS, reason=reason)


def _told(parameter: Parameter) -> str:
    return json.dumps(parameter.default[0]) if parameter.default else "none"
