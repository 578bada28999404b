"""Whatever is done to an AsyncAPI document of either version, it is read or refused with findings."""

import copy
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.codegen.render import render_unformatted
from accord.findings import BrokenSpec
from tests.toolkit.codegen.conftest import HERE
from tests.toolkit.codegen.test_damaged_specs import JSON, places
from tests.toolkit.parsing.reading import contract_of
from tests.toolkit.parsing.test_versions import THREE, TWO

DOCUMENTS = [yaml.safe_load(text) for text in (TWO, THREE, (HERE / "lamps.asyncapi.yaml").read_text())]
PLACES = [(number, path) for number, document in enumerate(DOCUMENTS) for path in places(document)]
ODD: list[Any] = [
    *({"$ref": f"#/{where}"} for where in ("components/messages/order", "channels", "operations", "nowhere")),
    *("{street}", "{}", "$message.payload#/lamp", "$message.header#", "lamps/x", "", "a.{b}.{b}", "send"),
    {"schemaFormat": "application/vnd.apache.avro;version=1.9.0", "schema": {}},
    {"oneOf": [{}, {"payload": {"type": "string"}}, {"name": "x", "payload": False}]},
    [{"headers": {"type": "object"}}, {"bindings": {"kafka": None}}],
]


def damaged(place: tuple[int, tuple[str | int, ...]], new: Any) -> Any:
    number, (*above, last) = place
    document = copy.deepcopy(DOCUMENTS[number])
    parent = document
    for step in above:
        parent = parent[step]
    if new is ...:
        del parent[last]
    else:
        parent[last] = new
    return document


@settings(max_examples=200, deadline=None)
@given(place=st.sampled_from(PLACES), new=st.just(...) | st.sampled_from(ODD) | JSON)
def test_a_damaged_document_is_read_or_refused(place: tuple[int, tuple[str | int, ...]], new: Any) -> None:
    text = yaml.safe_dump(damaged(place, new), sort_keys=False, allow_unicode=True)
    with tempfile.TemporaryDirectory() as folder:
        try:
            render_unformatted(contract_of(Path(folder), text), "made")
        except BrokenSpec:
            return


@pytest.mark.parametrize(
    ("old", "new", "rule", "line"),
    [
        ("action: receive", "action: hear", "bad-action", "action: hear"),
        (
            "messages: [{ $ref",
            'messages: [{ $ref: "#/components/messages/failed" }, { $ref',
            "foreign-message",
            None,
        ),
        ("location: $message.header#/trace", "location: $message.trace", "bad-expression", "$message.trace"),
        ("street: { enum: [elm, main] }", "place: {}", "topic-parameter", 'address: "lamps.{street}.state"'),
        ("partitions: 3", "partitions: three", "bad-shape", "partitions: three"),
        ("address: lamps.orders", "address: [lamps]", "bad-shape", "address: [lamps]"),
        ("payload#/lamp}", "payload#/percentage}", "bad-key-expression", "payload#/percentage}"),
        ("asyncapi: 3.0.0", "asyncapi: 4.0.0", "unknown-version", "asyncapi: 4.0.0"),
    ],
)
def test_a_broken_document_is_one_finding_at_its_line(
    tmp_path: Path, old: str, new: str, rule: str, line: str | None
) -> None:
    text = THREE.replace(old, new)
    assert text != THREE
    with pytest.raises(BrokenSpec) as refusal:
        contract_of(tmp_path, text)
    (finding,) = refusal.value.findings
    assert finding.rule == rule
    if line is not None:
        assert line in text.splitlines()[finding.location.line - 1]
