"""The judgement: what the descent found, with a witness that was held against both schemas as given."""

from typing import Any

import jsonschema_rs

from accord.compatibility.closing import close
from accord.compatibility.documents import OutOfReach, read_pair
from accord.compatibility.simulation import Simulation
from accord.compatibility.verdicts import Judgement, Mode, Verdict, Witness

__all__ = ["judge"]


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
    (value,) = answer.refuted
    refusal = next(refusing.iter_errors(value), None)
    closed = jsonschema_rs.Draft202012Validator(definitions.whole(written), validate_formats=True)
    if refusal is None or not closed.is_valid(value) or not given.is_valid(value):
        return Judgement(Verdict.UNPROVEN, "the value that seemed to tell them apart does not")
    return Judgement(Verdict.BREAKING, refusal.message, _witness(value, refusal))


def _validator(side: str, schema: Any) -> jsonschema_rs.Draft202012Validator:
    try:
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise OutOfReach(f"the {side}'s schema is no schema: {str(error).splitlines()[0]}") from None


def _witness(value: Any, error: jsonschema_rs.ValidationError) -> Witness:
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in error.instance_path)
    place = tuple(error.schema_path)
    rule = next((step for step in reversed(place) if isinstance(step, str)), "false")
    return Witness(value, "#" + "".join(f"/{step}" for step in steps), rule, place, error.message)
