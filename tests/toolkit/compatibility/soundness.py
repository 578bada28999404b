"""What must hold of every judgement, whatever the schemas: asked of two validators that share no code."""

from collections.abc import Iterable
from typing import Any

import jsonschema
import jsonschema_rs

from accord.compatibility import Judgement, Mode, Verdict
from accord.compatibility.arbiter import Arbiter
from accord.compatibility.closing import close
from accord.compatibility.documents import OutOfReach, read_pair

__all__ = ["admitted_by_the_writer", "algebra_contradiction", "contradiction", "is_schema"]


def is_schema(schema: Any) -> bool:
    """Whether the schema means something: a schema that refers to itself in place does not."""
    try:
        read_pair(schema, schema)
    except OutOfReach:
        return False
    return True


def admitted_by_the_writer(writer: Any, mode: Mode) -> dict[str, Any]:
    """The schema of all that the writer may write."""
    written, _, definitions = read_pair(writer, writer)
    if mode is Mode.TOLERANT:
        written, definitions = close(written, definitions)
    return definitions.whole(written)


def algebra_contradiction(writer: Any, reader: Any, values: Iterable[Any]) -> str | None:
    """Say what is wrong with a YES of the algebra alone, which verdicts rest upon where structure ends."""
    written, read, definitions = read_pair(writer, reader)
    if not Arbiter(definitions).covers(read, (written,)):
        return None
    given, taking = (jsonschema_rs.Draft202012Validator(s, validate_formats=True) for s in (writer, reader))
    for value in values:
        if given.is_valid(value) and not taking.is_valid(value):
            return f"the algebra says that it is covered, but the reader refuses {value!r}"
    return None


def contradiction(
    writer: Any, reader: Any, mode: Mode, judgement: Judgement, values: Iterable[Any]
) -> str | None:
    """Say what is wrong with a judgement, if anything is; ``values`` are held against a safe one."""
    if judgement.verdict is Verdict.BREAKING:
        assert judgement.witness is not None
        return _false_witness((writer, admitted_by_the_writer(writer, mode)), reader, judgement.witness.value)
    if judgement.verdict is Verdict.UNPROVEN:
        return None if judgement.reason else "no reason was given"
    written = jsonschema_rs.Draft202012Validator(admitted_by_the_writer(writer, mode), validate_formats=True)
    given = jsonschema_rs.Draft202012Validator(writer, validate_formats=True)
    read = jsonschema_rs.Draft202012Validator(reader, validate_formats=True)
    for value in values:
        if written.is_valid(value) and given.is_valid(value) and not read.is_valid(value):
            return f"it is said to be safe, but the reader refuses {value!r}"
    return None


def _false_witness(writers: tuple[Any, ...], reader: Any, value: Any) -> str | None:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    for writer in writers:
        if not jsonschema.Draft202012Validator(writer, format_checker=checker).is_valid(value):
            return f"the writer does not write the witness {value!r}"
    if jsonschema.Draft202012Validator(reader, format_checker=checker).is_valid(value):
        return f"the reader takes the witness {value!r}"
    return None
