"""AsyncAPI 2.6, 3.0 and 3.1 mean the same, so the same code comes of them."""

from pathlib import Path

import pytest

from accord.model.events import Expression, KeyExpression
from accord.model.schemas import SchemaId
from tests.toolkit.parsing.reading import contract_of, rendered, service_of

COMPONENTS = """
components:
  messageTraits:
    traced:
      headers:
        type: object
        properties: { trace: { type: string }, hops: { type: integer } }
      correlationId: { location: $message.header#/trace }
  messages:
    measured:
      name: measured
      summary: A lamp was measured.
      traits: [{ $ref: "#/components/messageTraits/traced" }]
      headers:
        required: [app]
        properties: { app: { type: string } }
      payload: { $ref: "#/components/schemas/Measured" }
      bindings: { kafka: { key: { type: integer } } }
    failed:
      name: failed
      payload: { type: object, required: [fault], properties: { fault: { type: string } } }
    order:
      name: order
      x-kafka-key: "{$message.payload#/lamp}"
      payload:
        type: object
        required: [lamp]
        properties: { lamp: { type: string }, percentage: { type: integer } }
  schemas:
    Measured: { type: object, required: [lumens], properties: { lumens: { type: integer } } }
"""
TWO = f"""
asyncapi: 2.6.0
info: {{ title: Lamps, version: "1" }}
defaultContentType: application/json
channels:
  lamps.{{street}}.state:
    parameters:
      street: {{ schema: {{ type: string, enum: [elm, main] }} }}
    bindings:
      kafka:
        partitions: 3
        topicConfiguration: {{ cleanup.policy: [delete], retention.ms: 60000 }}
    publish:
      operationId: hear
      message:
        oneOf:
          - $ref: "#/components/messages/measured"
          - $ref: "#/components/messages/failed"
      bindings: {{ kafka: {{ groupId: {{ type: string, enum: [lamp-readers] }} }} }}
  lamps.orders:
    subscribe:
      operationId: tell
      message: {{ $ref: "#/components/messages/order" }}
      bindings: {{ kafka: {{ clientId: {{ const: lamp-desk }} }} }}
{COMPONENTS}
"""
THREE = f"""
asyncapi: 3.0.0
info: {{ title: Lamps, version: "1" }}
defaultContentType: application/json
channels:
  lamps.street.state:
    address: "lamps.{{street}}.state"
    parameters:
      street: {{ enum: [elm, main] }}
    bindings:
      kafka:
        partitions: 3
        topicConfiguration: {{ cleanup.policy: [delete], retention.ms: 60000 }}
    messages:
      measured: {{ $ref: "#/components/messages/measured" }}
      failed: {{ $ref: "#/components/messages/failed" }}
  lamps.orders:
    address: lamps.orders
    messages:
      order: {{ $ref: "#/components/messages/order" }}
operations:
  hear:
    action: receive
    channel: {{ $ref: "#/channels/lamps.street.state" }}
    bindings: {{ kafka: {{ groupId: {{ type: string, enum: [lamp-readers] }} }} }}
  tell:
    action: send
    channel: {{ $ref: "#/channels/lamps.orders" }}
    messages: [{{ $ref: "#/channels/lamps.orders/messages/order" }}]
    bindings: {{ kafka: {{ clientId: {{ const: lamp-desk }} }} }}
{COMPONENTS}
"""
VERSIONS = {"2.6": TWO, "3.0": THREE, "3.1": THREE.replace("3.0.0", "3.1.0")}


@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_one_contract_in_three_versions_becomes_the_same_code(tmp_path: Path, version: str) -> None:
    assert rendered(tmp_path / "a", VERSIONS["2.6"]) == rendered(tmp_path / "b", VERSIONS[version])


@pytest.mark.parametrize("text", VERSIONS.values(), ids=VERSIONS)
def test_what_others_publish_is_received_and_what_they_subscribe_to_is_sent(
    tmp_path: Path, text: str
) -> None:
    service = service_of(tmp_path, text)
    assert [message.event_type for message in service.receives] == ["measured", "failed"]
    assert [message.event_type for message in service.sends] == ["order"]
    assert service.group_ids == {"hear": "lamp-readers"}
    assert service.client_ids == {"tell": "lamp-desk"}


@pytest.mark.parametrize("text", VERSIONS.values(), ids=VERSIONS)
def test_a_message_says_its_topic_key_headers_and_correlation_id(tmp_path: Path, text: str) -> None:
    contract = contract_of(tmp_path, text)
    (service,) = contract.services
    measured, failed = service.receives
    (order,) = service.sends
    topic = measured.topic
    assert (topic.name, topic.partitions, topic.replicas) == ("lamps.{street}.state", 3, None)
    assert topic.config == {"cleanup.policy": "delete", "retention.ms": "60000"}
    assert [parameter.document for parameter in topic.parameters] == [
        {"type": "string", "enum": ["elm", "main"]}
    ]
    assert isinstance(measured.key, SchemaId)
    assert failed.key is None
    assert order.key == KeyExpression((("lamp",),))
    assert measured.correlation == Expression("header", ("trace",))
    assert measured.headers is not None
    assert contract.schemas[measured.headers].document == {
        "type": "object",
        "required": ["app"],
        "properties": {
            "trace": {"type": "string"},
            "hops": {"type": "integer"},
            "app": {"type": "string"},
        },
    }
    assert (measured.json_headers, measured.headers_required) == (("hops",), True)


@pytest.mark.parametrize(("text", "summary"), [(TWO, "From the trait."), (THREE, "A lamp was measured.")])
def test_a_trait_wins_in_asyncapi_2_and_never_in_3(tmp_path: Path, text: str, summary: str) -> None:
    text = text.replace("    traced:\n", "    traced:\n      summary: From the trait.\n")
    assert service_of(tmp_path, text).receives[0].summary == summary
