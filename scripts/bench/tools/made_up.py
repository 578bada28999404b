"""Made-up specs of any size, for measuring how time grows with it."""

from pathlib import Path
from typing import Any

import yaml

__all__ = ["write_asyncapi", "write_openapi"]


def write_openapi(path: Path, schemas: int, *, edited: bool = False) -> None:
    """Write an OpenAPI 3.1 document: so many schemas, each of seven members, and half as many operations.

    ``edited`` gives a later version of it, in which every tenth schema is narrower.
    """
    paths: dict[str, Any] = {}
    for index in range(schemas // 4):
        thing = {"$ref": f"#/components/schemas/Thing{index}"}
        content = {"application/json": {"schema": thing}}
        answer = {"200": {"description": "Done.", "content": content}}
        paths[f"/things{index}"] = {
            "post": {
                "operationId": f"createThing{index}",
                "requestBody": {"required": True, "content": content},
                "responses": answer,
            }
        }
        paths[f"/things{index}/{{id}}"] = {
            "get": {
                "operationId": f"getThing{index}",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
                    {"name": "since", "in": "query", "schema": {"type": "string", "format": "date-time"}},
                ],
                "responses": answer,
            }
        }
    _write(
        path,
        {
            "openapi": "3.1.0",
            "info": {"title": "Things", "version": "1"},
            "paths": paths,
            "components": {"schemas": _schemas(schemas, edited)},
        },
    )


def write_asyncapi(path: Path, schemas: int, *, edited: bool = False) -> None:
    """Write an AsyncAPI 3.0 document: so many schemas, and one message for each fourth of them."""
    messages = {
        f"Made{index}": {
            "name": f"thing{index}.made",
            "contentType": "application/json",
            "payload": {"$ref": f"#/components/schemas/Thing{index}"},
        }
        for index in range(max(schemas // 4, 1))
    }
    carried = {name: {"$ref": f"#/components/messages/{name}"} for name in messages}
    _write(
        path,
        {
            "asyncapi": "3.0.0",
            "info": {"title": "Things", "version": "1"},
            "channels": {"things": {"address": "things", "messages": carried}},
            "operations": {"send": {"action": "send", "channel": {"$ref": "#/channels/things"}}},
            "components": {"messages": messages, "schemas": _schemas(schemas, edited)},
        },
    )


def _schemas(count: int, edited: bool) -> dict[str, Any]:
    return {
        f"Thing{index}": {
            "type": "object",
            "description": f"Thing number {index}.",
            "required": ["id", "name"],
            "properties": {
                "id": {"type": "integer", "minimum": 1},
                "name": {
                    "type": "string",
                    "maxLength": 90 if edited and index % 10 == 0 else 100,
                    "description": "What people call it.",
                },
                "colour": {"type": "string", "enum": ["red", "green", "blue"]},
                "created": {"type": "string", "format": "date-time"},
                "next": {"$ref": f"#/components/schemas/Thing{(index * 7 + 1) % count}"},
                "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 10},
                "extra": {"type": "object", "additionalProperties": {"type": "number"}},
            },
        }
        for index in range(count)
    }


def _write(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    path.write_text(yaml.dump(document, Dumper=dumper, sort_keys=False))
