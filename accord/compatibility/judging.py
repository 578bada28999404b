"""The judgement: what the descent found, with a witness that was held against both schemas as given."""

from collections.abc import Iterable
from typing import Any

import jsonschema_rs

from accord.compatibility.closing import close
from accord.compatibility.documents import OutOfReach, read_pair
from accord.compatibility.simulation import Simulation
from accord.compatibility.verdicts import Judgement, Mode, Verdict, Witness

__all__ = ["judge", "witnessed"]


def judge(writer: Any, reader: Any, mode: Mode = Mode.TOLERANT) -> Judgement:
    """Say whether the reader's schema admits every value that the writer may write.

    Both are JSON Schemas of draft 2020-12, objects or booleans, whose references point into themselves
    (``$defs``); formats are asserted. A breaking judgement has a witness that the writer's schema, closed in
    tolerant mode, admits and the reader's refuses. Nothing is raised for schemas that cannot be decided, or
    that are none: these are unproven.
    """
    try:
        if writer == reader:
            return Judgement(Verdict.SAFE, "both are the same")
        written, read, definitions = read_pair(writer, reader)
        if written == read:
            return Judgement(Verdict.SAFE, "they differ in remarks only")
        given, refusing = _validator("writer", writer), _validator("reader", reader)
        if mode is Mode.TOLERANT:
            written, definitions = close(written, definitions)
        answer = Simulation(definitions).decide(read, written)
    except OutOfReach as error:
        return Judgement(Verdict.UNPROVEN, str(error))
    except RecursionError:
        return Judgement(Verdict.UNPROVEN, "the schemas are nested too deeply")
    if answer.covered:
        return Judgement(Verdict.SAFE, "the reader admits all that the writer may write")
    if not answer.refuted:
        place = "".join(f"/{step}" for step in answer.path)
        return Judgement(Verdict.UNPROVEN, f"at #{place}: {answer.reason}")
    closed = _validator("writer", definitions.whole(written))
    witness = _shown(answer.refuted[0], (given, closed), refusing)
    if witness is None:
        return Judgement(Verdict.UNPROVEN, "the value that seemed to tell them apart does not")
    return Judgement(Verdict.BREAKING, witness.sentence, witness)


def witnessed(
    value: Any, writer: Any, reader: Any, mode: Mode = Mode.TOLERANT, like: Witness | None = None
) -> Witness | None:
    """The value as a witness, if the writer may write it and the reader refuses it.

    Of several reasons for which the reader refuses it, that of the witness ``like`` is told, if it is there.
    Raises `OutOfReach` for what is no schema.
    """
    writers = [_validator("writer", writer)]
    if mode is Mode.TOLERANT:
        written, _, definitions = read_pair(writer, reader)
        written, definitions = close(written, definitions)
        writers.append(_validator("writer", definitions.whole(written)))
    return _shown(value, writers, _validator("reader", reader), like)


def _shown(
    value: Any,
    writers: Iterable[jsonschema_rs.Draft202012Validator],
    reader: jsonschema_rs.Draft202012Validator,
    like: Witness | None = None,
) -> Witness | None:
    refusals = reader.iter_errors(value)
    first = next(refusals, None)
    if first is None or not all(writer.is_valid(value) for writer in writers):
        return None
    told = _witness(value, first)
    if like is None:
        return told
    for other in (told, *(_witness(value, refusal) for refusal in refusals)):
        if (other.pointer, other.keyword) == (like.pointer, like.keyword):
            return other
    return told


_TOO_DEEP = "Recursion limit reached"
"""How jsonschema-rs says it; whether Python or the validator meets its limit first depends on the caller."""


def _validator(side: str, schema: Any) -> jsonschema_rs.Draft202012Validator:
    try:
        return jsonschema_rs.Draft202012Validator(
            schema, validate_formats=True, offline=True, mask="this value"
        )
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        if _TOO_DEEP in str(error):
            raise RecursionError(str(error)) from None
        raise OutOfReach(f"the {side}'s schema is no schema: {str(error).splitlines()[0]}") from None


def _witness(value: Any, error: jsonschema_rs.ValidationError) -> Witness:
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in error.instance_path)
    place = tuple(error.schema_path)
    keyword = next((step for step in reversed(place) if isinstance(step, str)), "false")
    return Witness(value, "#" + "".join(f"/{step}" for step in steps), keyword, place, error.message)
