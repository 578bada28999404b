"""Two services whose specs share nothing, and agree all the same."""

from collections.abc import Sequence
from pathlib import Path

__all__ = ["lay_out"]

SETTINGS = """
[tool.accord]
specs = "specs"
output = "generated"
[tool.accord.services.depot]
asyncapi = "depot.yaml"
[tool.accord.services.shop]
asyncapi = "shop.yaml"
"""
SPEC = """\
asyncapi: 3.0.0
info: { title: Things, version: 1.0.0 }
channels:
  things:
    address: shop.things
    messages:
      moved: { $ref: "#/components/messages/Moved" }
    bindings:
      kafka: { partitions: 4, replicas: 1, topicConfiguration: { cleanup.policy: [delete] } }
operations:
  things:
    action: send
    channel: { $ref: "#/channels/things" }
components:
  messages:
    Moved:
      name: thing.moved
      summary: A thing was moved.
      x-kafka-key: "{$message.payload#/data/thing_id}"
      headers:
        type: object
        properties:
          event_type: { type: string, maxLength: 20 }
      payload:
        type: object
        required: [event_type, event_id, timestamp, correlation_id, data]
        properties:
          event_type: { type: string, const: thing.moved }
          event_id: { type: string, format: uuid }
          timestamp: { type: string, format: date-time }
          correlation_id: { type: string, maxLength: 100 }
          data: { $ref: "#/components/schemas/Thing" }
  schemas:
    Thing:
      type: object
      required: [thing_id, place]
      properties:
        thing_id: { type: integer, format: int64 }
        place: { type: string, maxLength: 20 }
"""


def lay_out(
    folder: Path,
    shop: Sequence[tuple[str, str]] = (),
    depot: Sequence[tuple[str, str]] = (),
    settings: str = "",
) -> Path:
    """The shop sends and the depot receives; edits of either spec replace a text that stands there once."""
    (folder / "specs").mkdir()
    (folder / "pyproject.toml").write_text(SETTINGS + settings)
    for name, edits in (("shop", shop), ("depot", [("action: send", "action: receive"), *depot])):
        text = SPEC
        for before, after in edits:
            assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times"
            text = text.replace(before, after)
        (folder / "specs" / f"{name}.yaml").write_text(text)
    return folder
