"""What is left out of a spec, or has no effect: an edit of the small project, and its warning."""

from tests.toolkit.codegen.broken import EVENTS, HTTP, ITEM_ID, KEY, NAMED, NOTE, Broken

__all__ = ["LEFT_OUT"]

LEFT_OUT = [
    Broken(
        "reference-sibling",
        HTTP,
        ITEM_ID,
        '- $ref: "#/components/parameters/ItemId"\n        ¶required: false',
        "ignored",
    ),
    Broken("unsupported", HTTP, "paths:", "¶webhooks: {}\npaths:", "AsyncAPI"),
    Broken("unsupported", HTTP, "      summary: Read an item", "      ¶callbacks: {}"),
    Broken("ignored-parameter", HTTP, "{ name: colour, in: query", "¶{ name: Accept, in: header"),
    Broken(
        "unsupported",
        HTTP,
        "schema: { type: string, default: red }",
        "schema: ¶{ type: array, items: { type: object } }",
        "the parameter colour is left out",
    ),
    Broken(
        "unsupported",
        HTTP,
        "        content:\n          application/json:\n            schema: "
        '{ $ref: "#/components/schemas/ItemCreate" }',
        "        ¶content: {}",
        "no media type",
    ),
    Broken("unsupported", HTTP, "  /items:\n", "  /items?kind=x: ¶{}\n  /items:\n", "is left out"),
    Broken(
        "unsupported",
        HTTP,
        '        "201":',
        '        "101": ¶{ description: Wait. }\n        "201":',
        "interim",
    ),
    Broken(
        "unsupported",
        HTTP,
        "          content:\n            application/json:\n              schema: "
        '{ $ref: "#/components/schemas/Item" }\n          links',
        "          content:\n            application/xml: ¶{ schema: { type: object } }\n          links",
        "as bytes",
    ),
    Broken("unsupported", HTTP, NOTE, "note: { type: string, pattern: ¶'[a-z]{,3}' }", "ECMA-262"),
    Broken(
        "unsupported",
        HTTP,
        NOTE,
        "note: { type: object, patternProperties: { '\\Z': ¶{} } }",
        "held against",
    ),
    Broken("unknown-keyword", HTTP, NOTE, "note: { type: string, ¶maxLenght: 5 }", "x-maxLenght"),
    Broken("unknown-keyword", HTTP, NOTE, "note: { type: string, ¶nullable: true }", "ignored"),
    Broken("unsupported", EVENTS, "    action: send", "    ¶reply: {}\n    action: send", "no channel"),
    Broken("unsupported", EVENTS, NAMED, f"{NAMED}      contentType: ¶application/avro\n", "JSON alone"),
    Broken(
        "unsupported",
        EVENTS,
        '      payload: { $ref: "#/components/schemas/ItemCreated" }',
        '      payload: { schemaFormat: ¶"application/vnd.apache.avro;version=1.9.0", schema: { a: b } }',
        "JSON Schema",
    ),
    Broken(
        "missing-key",
        EVENTS,
        f'{NAMED}      payload: {{ $ref: "#/components/schemas/ItemCreated" }}\n      x-kafka-key: "{KEY}"\n',
        '      ¶name: item.created\n      payload: { $ref: "#/components/schemas/ItemCreated" }\n',
    ),
    Broken(
        "topic-parameter",
        EVENTS,
        "    bindings:\n",
        "    parameters: { ¶shop: {} }\n    bindings:\n",
        "braces",
    ),
    Broken(
        "foreign-address",
        EVENTS,
        "operations:\n  tell:",
        "  other: { address: ¶shop/items }\noperations:\n  tell:",
        "bindings.kafka.topic",
    ),
]
