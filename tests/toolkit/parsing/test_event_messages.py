"""What a Message Object means: its schemas, its place among others, whether it has our envelope."""

from pathlib import Path
from typing import Any

import pytest

from accord.findings import BrokenSpec
from accord.model.contract import Contract, Service
from accord.model.events import Expression, Mark, Message
from tests.toolkit.parsing.reading import contract_of, service_of


def three(*messages: str, channel: str = "address: things", **components: str) -> str:
    """A document of AsyncAPI 3 that receives these messages, each a flow mapping under a letter."""
    carried = "\n".join(f"      {letter}: {text}" for letter, text in zip("abcdef", messages, strict=False))
    more = "\n".join(f"  {name}: {text}" for name, text in components.items())
    return f"""
asyncapi: 3.0.0
info: {{ title: Things, version: "1" }}
channels:
  things:
    {channel}
    messages:
{carried}
operations:
  hear: {{ action: receive, channel: {{ $ref: "#/channels/things" }} }}
components:
  x-none: 0
{more}
"""


def two(operation: str) -> str:
    return f"""
asyncapi: 2.6.0
info: {{ title: Things, version: "1" }}
channels:
  things:
    publish: {operation}
"""


def one(service: Service) -> Message:
    (message,) = service.receives
    return message


def document(contract: Contract) -> Any:
    return contract.schemas[one(contract.services[0]).payload].document


@pytest.mark.parametrize(
    ("schema_format", "payload", "expected"),
    [
        (
            "application/vnd.oai.openapi+json;version=3.0.0",
            "{ type: integer, nullable: true, minimum: 1, exclusiveMinimum: true }",
            {"type": ["integer", "null"], "exclusiveMinimum": 1},
        ),
        (
            "application/schema+yaml;version=draft-07",
            "{ type: array, items: [{ type: string }], additionalItems: false }",
            {"type": "array", "prefixItems": [{"type": "string"}], "items": False},
        ),
        (
            "application/vnd.aai.asyncapi;version=2.6.0",
            "{ type: object, dependencies: { a: [b] } }",
            {"type": "object", "dependentRequired": {"a": ["b"]}},
        ),
    ],
)
def test_a_payload_is_read_in_the_dialect_that_its_format_names(
    tmp_path: Path, schema_format: str, payload: str, expected: Any
) -> None:
    new = three(f"{{ payload: {{ schemaFormat: '{schema_format}', schema: {payload} }} }}")
    old = two(f"{{ message: {{ name: a, schemaFormat: '{schema_format}', payload: {payload} }} }}")
    assert document(contract_of(tmp_path / "new", new)) == expected
    assert document(contract_of(tmp_path / "old", old)) == expected


@pytest.mark.parametrize(
    "schema_format",
    [
        "application/vnd.apache.avro;version=1.9.0",
        "application/raml+yaml;version=1.0",
        "application/vnd.google.protobuf;version=3",
    ],
)
def test_a_message_in_another_language_is_left_out_and_the_others_are_read(
    tmp_path: Path, schema_format: str
) -> None:
    foreign = f"{{ schemaFormat: '{schema_format}', schema: {{ $ref: 'https://example.org/a.avsc' }} }}"
    contract = contract_of(tmp_path, three(f"{{ payload: {foreign} }}", "{ payload: { type: string } }"))
    assert [message.event_type for message in contract.services[0].receives] == ["b"]
    (finding,) = contract.findings
    assert (finding.rule, finding.location.line) == ("unsupported", 8)
    assert schema_format in finding.sentence


@pytest.mark.parametrize(
    ("content_type", "read"),
    [
        ("application/json", True),
        ("application/ld+json", True),
        ("application/json; charset=utf-8", True),
        ("text/plain", False),
        ("application/octet-stream", False),
    ],
)
def test_contents_that_are_no_json_are_left_out(tmp_path: Path, content_type: str, read: bool) -> None:
    said = three(f"{{ contentType: '{content_type}', payload: true }}")
    by_default = three("{ payload: true }").replace("info:", f"defaultContentType: '{content_type}'\ninfo:")
    for text in (said, by_default):
        contract = contract_of(tmp_path, text)
        assert (len(contract.services[0].receives), len(contract.findings)) == ((1, 0) if read else (0, 1))


KINDS = {
    f"x-{name}": f"{{ properties: {{ kind: {{ const: {value} }} }} }}"
    for name, value in [("text", "x"), ("digit", 1)]
}
KIND = "{{ payload: {{ type: object, properties: {{ kind: {} }} }} }}"
TYPED = "{{ headers: {{ type: object, properties: {{ type: {{ const: {} }} }} }}, payload: true }}"


@pytest.mark.parametrize(
    ("messages", "marks"),
    [
        (
            [KIND.format("{ const: x }"), KIND.format("{ enum: [y, z] }")],
            [("payload", "kind", ("x",)), ("payload", "kind", ("y", "z"))],
        ),
        (
            [TYPED.format("made"), TYPED.format("sold")],
            [("header", "type", ("made",)), ("header", "type", ("sold",))],
        ),
        (
            [
                "{ payload: { oneOf: [{ $ref: '#/components/x-text' }, { $ref: '#/components/x-digit' }] } }",
                "{ payload: { allOf: [{ properties: { kind: { const: true } } }, { type: object }] } }",
            ],
            [("payload", "kind", ("x", 1)), ("payload", "kind", (True,))],
        ),
        ([KIND.format("{ enum: [x, y] }"), KIND.format("{ enum: [y, z] }")], None),
        ([KIND.format("{ const: x }"), KIND.format("{ type: string }")], None),
        ([KIND.format("{ const: x }")], None),
    ],
    ids=["a member", "a header", "alternatives", "overlapping", "open", "alone"],
)
def test_messages_are_told_apart_where_each_has_values_of_its_own(
    tmp_path: Path, messages: list[str], marks: list[tuple[Any, str, Any]] | None
) -> None:
    text = three(*messages, **KINDS)
    found = [message.mark for message in service_of(tmp_path, text).receives]
    if marks is None:
        assert found == [None] * len(messages)
    else:
        assert found == [Mark(Expression(source, (name,)), values) for source, name, values in marks]


ENVELOPE = """{
    type: object, required: [event_type, event_id, data],
    properties: { event_type: { const: a }, event_id: true, data: { $ref: "#/components/schemas/D" } }
  }"""
DATA = "{ D: { type: object, required: [id], properties: { id: { type: string } } } }"
KEYED = "{ x-kafka-key: '{$message.payload#/data/id}', payload: { $ref: '#/components/x-envelope' } }"


def test_a_payload_that_envelopes_fit_is_published_by_its_data(tmp_path: Path) -> None:
    message = one(service_of(tmp_path, three(KEYED, schemas=DATA, **{"x-envelope": ENVELOPE})))
    assert message.data is not None
    assert message.event_type == "a"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("required: [event_type, event_id, data]", "required: [event_type, event_id, data, tenant]"),
        ("required: [event_type, event_id, data]", "required: [event_type]"),
        ("type: object, required", "additionalProperties: false, type: object, required"),
        ("{ const: a }", "{ type: string }"),
        (
            '{ $ref: "#/components/schemas/D" }',
            "{ type: object, required: [id], properties: { id: { type: string } } }",
        ),
        ("x-kafka-key: '{$message.payload#/data/id}', ", ""),
        ("address: things", "address: things.{region}\n    parameters: { region: {} }"),
    ],
    ids=[
        "more members",
        "data may be absent",
        "closed",
        "no constant",
        "nameless data",
        "no key",
        "parameter",
    ],
)
def test_any_other_payload_is_a_message_that_is_published_whole(tmp_path: Path, old: str, new: str) -> None:
    text = three(KEYED, schemas=DATA, **{"x-envelope": ENVELOPE})
    assert old in text
    envelope = (
        "properties: { tenant: { type: string }, event_type"
        if "tenant" in new
        else "properties: { event_type"
    )
    text = text.replace(old, new).replace("properties: { event_type", envelope)
    if new == "required: [event_type]":
        text = text.replace("x-kafka-key: '{$message.payload#/data/id}', ", "")
    assert one(service_of(tmp_path, text)).data is None


def test_a_second_message_without_a_name_is_left_out_and_said(tmp_path: Path) -> None:
    text = two("{ operationId: hear, message: { oneOf: [{ payload: true }, { payload: false }] } }")
    contract = contract_of(tmp_path, text)
    assert [message.event_type for message in contract.services[0].receives] == ["hear"]
    (finding,) = contract.findings
    assert "add 'messageId'" in finding.sentence


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("{ name: made, messageId: m, payload: true }", "made"),
        ("{ messageId: m, payload: true }", "m"),
        ("{ payload: { $ref: '#/x-made' } }", "x-made"),
        ("{ payload: true }", "hear"),
    ],
)
def test_a_message_of_asyncapi_2_has_the_best_name_that_it_is_given(
    tmp_path: Path, message: str, name: str
) -> None:
    text = two(f"{{ operationId: hear, message: {message} }}") + "x-made: { type: string }\n"
    assert one(service_of(tmp_path, text)).event_type == name


def test_names_that_differ_in_case_alone_are_told_apart_in_words(tmp_path: Path) -> None:
    text = three("{ payload: true }", "{ payload: false }").replace("   b:", "   A:")
    found = service_of(tmp_path, text).messages
    assert [message.event_type for message in found] == ["a", "A"]
    assert [message.method_name for message in found] == ["a", "capital_a"]
    assert [message.constant for message in found] == ["LOWER_A", "A"]


def test_topics_that_differ_in_case_alone_are_told_apart_in_words(tmp_path: Path) -> None:
    text = three("{ payload: true }").replace("operations:", "  other: { address: THINGS }\noperations:")
    service = service_of(tmp_path, text)
    assert [topic.constant for topic in (one(service).topic, *service.keeps)] == ["LOWER_THINGS", "THINGS"]


def test_topics_that_cannot_be_told_apart_are_one_finding(tmp_path: Path) -> None:
    channel = "address: 'things.{id}'\n    parameters: { id: {} }"
    text = three("{ payload: true }", channel=channel)
    text = text.replace("operations:", "  other: { address: things }\noperations:")
    with pytest.raises(BrokenSpec) as refusal:
        contract_of(tmp_path, text)
    (finding,) = refusal.value.findings
    assert (finding.rule, finding.location.line) == ("name-clash", 10)


def test_a_topic_of_kafka_may_go_without_the_parameters_of_the_address(tmp_path: Path) -> None:
    channel = "address: things/{id}\n    parameters: { id: {} }\n    bindings: { kafka: { topic: things } }"
    contract = contract_of(tmp_path, three("{ payload: true }", channel=channel))
    assert contract.findings == ()
    topic = one(contract.services[0]).topic
    assert (topic.name, topic.parameters) == ("things", ())


@pytest.mark.parametrize("said", ["readers", "{ const: readers }", "{ type: string, enum: [readers] }"])
def test_a_group_that_the_binding_fixes_is_known(tmp_path: Path, said: str) -> None:
    bindings = f"{{ kafka: {{ groupId: {said} }} }}"
    operation = f"{{ operationId: hear, message: {{ payload: true }}, bindings: {bindings} }}"
    assert service_of(tmp_path, two(operation)).group_ids == {"hear": "readers"}
    free = operation.replace(said, "{ type: string, enum: [a, b] }")
    assert service_of(tmp_path / "free", two(free)).group_ids == {}


def test_bindings_of_other_protocols_are_passed_over_without_a_word(tmp_path: Path) -> None:
    text = three(
        "{ payload: true, bindings: { mqtt: { a: b }, amqp: [1], kafka: { key: { type: string } } } }",
        channel="address: things\n    bindings: { ws: { query: {} } }",
    )
    contract = contract_of(tmp_path, text)
    assert contract.findings == ()
    assert one(contract.services[0]).key is not None


@pytest.mark.parametrize("channel", ["address: null", "address: ''", "title: Somewhere"])
def test_a_channel_without_an_address_has_one_at_run_time_only(tmp_path: Path, channel: str) -> None:
    assert one(service_of(tmp_path, three("{ payload: true }", channel=channel))).topic.unknown
