"""Broken specs: an edit of the small project, with ¶ where the finding must point, and the finding's rule."""

from dataclasses import dataclass

__all__ = ["BROKEN", "EVENTS", "HTTP", "ITEM_ID", "KEY", "NAMED", "NOTE", "Broken"]

HTTP, EVENTS, COMMON, SETTINGS = "shop.openapi.yaml", "shop.asyncapi.yaml", "common.yaml", "pyproject.toml"

NO_NAME = "\u2e2f"
"""VERTICAL TILDE: a letter to Unicode, and no part of an identifier (UAX 31)."""
NOTE = "note: { type: string }"
DATA = "data: { type: object }"
CREATE = '{ $ref: "#/components/schemas/ItemCreate" }'
LOCATION = "{ required: true, schema: { type: string } }"
CREATED = '- $ref: "#/channels/items/messages/created"'
ITEM_ID = '- $ref: "#/components/parameters/ItemId"'
KEY = "item-{$message.payload#/data/item_id}"


@dataclass(frozen=True)
class Broken:
    """``old`` becomes ``new``; ``says`` is part of the sentence, so that the remedy is under test too."""

    rule: str
    file: str
    old: str
    new: str
    says: str = ""

    def __str__(self) -> str:
        return f"{self.rule}: {self.new.strip()[:50]}"


YAML = [
    Broken("bad-yaml", HTTP, "title: Shop", "title: Shop¶: again"),
    Broken("bad-yaml", HTTP, "title: Shop", "title: ¶!python/object:os.system Shop", "tags"),
    Broken("bad-yaml", HTTP, "info:", "info: ¶!!map", "tags"),
    Broken("bad-yaml", HTTP, "title: Shop", "title: ¶*nobody"),
    Broken("bad-yaml", COMMON, "    ItemId: { type: integer, minimum: 1 }", "¶---\na: b", "second document"),
    Broken("duplicate-key", HTTP, "  version: 1.0.0", "  version: 1.0.0\n  ¶version: 1.0.1", "of line 4"),
    Broken("duplicate-key", EVENTS, "{ partitions: 2, ", "{ partitions: 2, ¶partitions: 3, "),
    Broken("bad-key", HTTP, "title: Shop", "title: Shop\n  ¶[a, b]: c"),
    Broken("alias-cycle", HTTP, "  title: Shop", "  title: &a\n    b: ¶*a"),
    Broken("bad-yaml", HTTP, "  version: 1.0.0", "  version: ¶1e999", "number"),
    Broken("bad-yaml", HTTP, "  version: 1.0.0", f"  version: ¶{'7' * 5000}", "number"),
    Broken("too-deep", HTTP, "title: Shop", "title: " + "[" * 99 + "¶[" + "]" * 100, "flatten"),
]
REFERENCES = [
    Broken(
        "dangling-reference",
        HTTP,
        '"#/components/schemas/ItemCreate"',
        '¶"#/components/schemas/Nope"',
        "'Nope'",
    ),
    Broken("dangling-reference", HTTP, '"#/components/parameters/ItemId"', '¶"nowhere.yaml#/a"', "no file"),
    Broken(
        "dangling-reference", EVENTS, '"#/channels/items/messages/created"', '¶"#/channels/items/messages/0"'
    ),
    Broken("remote-reference", COMMON, DATA, "data: { $ref: ¶'https://example.org/a.json' }", "copy"),
    Broken("outside-reference", COMMON, DATA, "data: { $ref: ¶'../secret.yaml#/a' }", "outside"),
    Broken("outside-reference", COMMON, DATA, "data: { $ref: ¶/etc/hosts }"),
    Broken("dangling-reference", COMMON, DATA, "data: { $ref: ¶'#Anchor' }", "anchor"),
    Broken("bad-reference", COMMON, DATA, "data: { $ref: ¶5 }"),
    Broken(
        "reference-cycle",
        HTTP,
        "ItemId: { name: item_id, in: path, required: true, schema: "
        '{ $ref: "common.yaml#/components/schemas/ItemId" } }',
        "ItemId: { $ref: ¶'#/components/parameters/ItemId' }",
    ),
]
OPERATIONS = [
    Broken("unknown-version", HTTP, "openapi: 3.1.0", "openapi: ¶4.0.0", "3.1.x"),
    Broken("unknown-version", HTTP, "openapi: 3.1.0\n", "¶", "openapi: 3.1.0"),
    Broken("unknown-version", HTTP, "openapi: 3.1.0\n", "swagger: ¶'2.0'\n", "convert"),
    Broken("bad-shape", HTTP, "openapi: 3.1.0", "openapi: ¶3.1", "text"),
    Broken("duplicate-operation-id", HTTP, "operationId: getItem\n", "operationId: ¶createItem\n", ":8:20"),
    Broken("dangling-link", HTTP, "{ operationId: getItem }", "{ operationId: ¶getThing }", "getThing"),
    Broken("unknown-member", HTTP, "      summary: Read an item", "      ¶sumary: Read an item", "x-sumary"),
    Broken("bad-path", HTTP, "  /items:\n", "  items: ¶{}\n  /items:\n"),
    Broken("path-parameter", HTTP, "  /items/{item_id}:", "  /items/{item_id}/{other}:", "'other'"),
    Broken("bad-path", HTTP, "  /items/{item_id}:\n", "  /items/{other}: {}\n  /items/{item_id}:\n"),
    Broken("bad-path", HTTP, "  /items/{item_id}:\n", "  /i/{a}/{a}: ¶{}\n  /items/{item_id}:\n", "twice"),
    Broken("path-parameter", HTTP, "  /items/{item_id}:", "  /items/one:", "remove the parameter"),
    Broken("bad-shape", HTTP, "summary: Read an item", "summary: ¶[]", "must be a text"),
    Broken("missing-member", HTTP, "  title: Shop\n  version", "  ¶version", "'title'"),
    Broken(
        "missing-member", HTTP, "          description: The item.\n          content", "          ¶content"
    ),
]
BODIES = [
    Broken("bad-status", HTTP, "        default: {", "        fine: ¶{", "4XX"),
    Broken(
        "bad-media-type",
        HTTP,
        '          application/json:\n            schema: { $ref: "#/components/schemas/ItemCreate" }',
        "          json: ¶{}",
        "application/json",
    ),
    Broken("bad-place", HTTP, "in: query, schema", "in: ¶url, schema", "path, query, header or cookie"),
    Broken("bad-style", HTTP, "in: query, schema", "in: query, style: ¶matrix, schema", "form or"),
    Broken(
        "bad-shape",
        HTTP,
        "in: query, schema",
        "in: query, ¶content: { application/json: {} }, schema",
        "either",
    ),
    Broken(
        "bad-default",
        HTTP,
        "schema: { type: string, default: red }",
        "schema: { type: integer, default: ¶red }",
    ),
    Broken(
        "bad-default",
        HTTP,
        "schema: { type: string, default: red }",
        "schema: { type: string, enum: [blue], default: ¶red }",
        "admits",
    ),
    Broken(
        "bad-default",
        HTTP,
        "schema: { type: string, default: red }",
        "schema: { $ref: 'common.yaml#/components/schemas/ItemId', default: ¶0 }",
        "admits",
    ),
    Broken("unknown-scheme", HTTP, "paths:\n", "security: [{ ¶token: [] }]\npaths:\n", "securitySchemes"),
    Broken(
        "bad-scheme",
        HTTP,
        "components:\n",
        "components:\n  securitySchemes: { token: { type: ¶bearer } }\n",
        "http",
    ),
    Broken(
        "unknown-variable",
        HTTP,
        "paths:\n",
        "servers: [{ url: ¶'https://{region}.org' }]\npaths:\n",
        "'region'",
    ),
]
SCHEMAS = [
    Broken("bad-schema", HTTP, NOTE, "note: { type: string, maxLength: ¶five }"),
    Broken("bad-schema", HTTP, NOTE, "note: { type: ¶text }"),
    Broken("bad-schema", HTTP, NOTE, "note: ¶5"),
    Broken("bad-schema", HTTP, NOTE, "note: { type: object, required: ¶note }"),
    Broken("bad-schema", HTTP, NOTE, "note: { type: object, required: ¶[note, note] }"),
    Broken("bad-schema", HTTP, NOTE, "note: { type: array, items: ¶[{ type: string }] }"),
    Broken("bad-schema", HTTP, NOTE, "note: { allOf: ¶[] }"),
    Broken("bad-schema", HTTP, NOTE, "note: { oneOf: ¶{ type: string } }"),
    Broken("bad-schema", HTTP, NOTE, "note: { type: string, enum: ¶a }"),
    Broken("bad-schema", HTTP, NOTE, "note: { type: string, minLength: ¶-1 }"),
    Broken("bad-schema", HTTP, NOTE, "note: { type: number, multipleOf: ¶0 }"),
    Broken("bad-schema", HTTP, NOTE, "note: ¶[{ type: string }]"),
    Broken("dangling-reference", HTTP, NOTE, "note: { $ref: ¶'#/components/schemas/Item/properties/5' }"),
    Broken(
        "schema-cycle",
        HTTP,
        "    Name: { type: string, minLength: 1 }",
        "    ¶Name: { $ref: '#/components/schemas/Other' }\n    Other: { $ref: '#/components/schemas/Name' }",
    ),
    Broken(
        "schema-cycle",
        HTTP,
        "    Name: { type: string, minLength: 1 }",
        '    ¶Name: { anyOf: [{ type: string }, { $ref: "#/components/schemas/Name" }] }',
    ),
]
NAMED = "      name: item.created\n"
MESSAGES = [
    Broken("unknown-version", EVENTS, "asyncapi: 3.0.0", "asyncapi: ¶1.2.0", "2.0 to 2.6"),
    Broken("unknown-version", EVENTS, "asyncapi: 3.0.0", "asyncapi: ¶3.2.0", "3.0 and 3.1"),
    Broken("bad-action", EVENTS, "action: send", "action: ¶publish", "'receive'"),
    Broken(
        "foreign-message",
        EVENTS,
        f"{CREATED}\ncomponents:\n  messages:\n",
        '- $ref: ¶"#/components/messages/Other"\ncomponents:\n  messages:\n    Other: {}\n',
    ),
    Broken(
        "duplicate-event",
        EVENTS,
        "    bindings:\n",
        "      again:\n        name: ¶item.created\n"
        "        payload: { $ref: '#/components/schemas/ItemCreated' }\n"
        "        x-kafka-key: '{$message.payload#/data/item_id}'\n    bindings:\n",
    ),
    Broken("topic-parameter", EVENTS, "address: shop.items", "address: ¶'shop.{id}'", "'parameters'"),
    Broken("illegal-name", EVENTS, "address: shop.items", "address: ¶'shop items'"),
    Broken("bad-key-expression", EVENTS, f'"{KEY}"', '¶"{$message.payload#/data/nope}"', "no 'nope'"),
    Broken("bad-key-expression", EVENTS, f'"{KEY}"', '¶"{$message.payload#/data/note}"', "required"),
    Broken("bad-key-expression", EVENTS, f'"{KEY}"', '¶"{$message.payload#/data}"', "text"),
    Broken("bad-key-expression", EVENTS, f'"{KEY}"', '¶"{$message.header#/a}"', "payload"),
    Broken("bad-key-expression", EVENTS, f'"{KEY}"', '¶"always"', "same"),
    Broken("bad-key-expression", EVENTS, f'"{KEY}"', '¶"{$message.payload#/data/item_id"', "pair"),
    Broken("event-type", EVENTS, "const: item.created", "const: item.made"),
    Broken("bad-expression", EVENTS, NAMED, f"{NAMED}      correlationId: {{ location: ¶correlation_id }}\n"),
    Broken("bad-shape", EVENTS, NAMED, f"{NAMED}      headers: ¶{{ type: string }}\n", "no object"),
    Broken("bad-action", EVENTS, "action: send", "action: ¶tell"),
    Broken(
        "two-descriptions",
        EVENTS,
        "operations:\n  tell:",
        "  again: ¶{ address: shop.items, bindings: { kafka: { partitions: 3 } } }\noperations:\n  tell:",
    ),
    Broken("bad-shape", EVENTS, "partitions: 2", "partitions: ¶0"),
    Broken("bad-shape", EVENTS, "partitions: 2", "partitions: ¶true"),
    Broken("unknown-member", EVENTS, "{ partitions: 2", "{ ¶partition: 2"),
]
PROJECT = [
    Broken("bad-settings", SETTINGS, 'specs = "specs"', "specs = ¶"),
    Broken("bad-settings", SETTINGS, 'specs = "specs"', '¶specs = "nowhere"', "create it"),
    Broken("bad-settings", SETTINGS, 'specs = "specs"', "¶specs = 5"),
    Broken("bad-settings", SETTINGS, '[tool.accord]\nspecs = "specs"\n', "¶[tool.accord]\n", "'specs'"),
    Broken("bad-settings", SETTINGS, 'output = "made"', '¶output = "../made"', "below"),
    Broken("bad-settings", SETTINGS, 'output = "made"', '¶output = "my-code"', "import"),
    Broken("bad-settings", SETTINGS, 'output = "made"', 'output = "made"\n¶outputs = "made"', "may hold"),
    Broken("bad-settings", SETTINGS, 'openapi = "shop.openapi.yaml"', '¶openapi = "shoop.yaml"', "correct"),
    Broken(
        "bad-settings", SETTINGS, "[tool.accord.services.shop]", "¶[tool.accord.services.Shop]", "lower case"
    ),
]
NAMES = [
    Broken("illegal-name", HTTP, "operationId: createItem", f"operationId: ¶{NO_NAME}", "rename"),
    Broken(
        "illegal-name", HTTP, "    Name: {", f"    ¶{NO_NAME}: {{ type: object }}\n    Name: {{", "rename"
    ),
    Broken(
        "illegal-name",
        HTTP,
        "    Name: {",
        f"    ¶Odd: {{ type: object, properties: {{ {NO_NAME}: {{}} }} }}\n    Name: {{",
        "in Odd",
    ),
    Broken("illegal-name", HTTP, "name: colour", f"name: {NO_NAME}", "rename the parameter"),
    Broken("illegal-name", HTTP, "            Location:", f"            {NO_NAME}:", "rename the header"),
    Broken("illegal-name", EVENTS, "name: item.created", f"name: ¶{NO_NAME}"),
    Broken(
        "name-clash",
        EVENTS,
        "operations:\n  tell:",
        "  items.x: { address: 'shop.{x}', parameters: { x: {} } }\n"
        "  other: { address: ¶items.x }\noperations:\n  tell:",
        "would both be",
    ),
]
"""Names that no rule of ours can make identifiers of, or tell apart."""
BROKEN = [*YAML, *REFERENCES, *OPERATIONS, *BODIES, *SCHEMAS, *NAMES, *MESSAGES, *PROJECT]
