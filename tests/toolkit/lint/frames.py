"""What stands around the examples of the rules: a document with a line `@`, where the fragment goes."""

__all__ = ["FRAMES"]

OPENAPI = "openapi: 3.1.0\ninfo: {title: Shop, version: 1.0.0}\n"
ASYNCAPI = "asyncapi: 3.0.0\ninfo: {title: Shop, version: 1.0.0}\n"
OPERATION = f"{OPENAPI}paths:\n  /authors:\n    get:\n      operationId: getAuthors\n"
AUTHOR = '{application/json: {schema: {$ref: "#/components/schemas/Author"}}}'
ANSWER = f'      responses: {{"200": {{description: Done., content: {AUTHOR}}}}}\n'
LIST = '{"200": {description: All., content: {application/json: {schema: {type: array, items: true}}}}}'
CHANNEL = f"""{ASYNCAPI}servers: {{kafka: {{host: localhost, protocol: kafka}}}}
operations:
  tell: {{action: send, channel: {{$ref: "#/channels/authors"}}}}
channels:
  authors:
"""
PAYLOAD = f"""{CHANNEL}    address: shop.authors
    messages:
      created:
        name: author.created
        payload:
          type: object
"""

FRAMES = {
    "the root of a document": "openapi: 3.1.0\npaths: {}\n@",
    "an OpenAPI document": f"{OPENAPI}components: {{}}\n@",
    "components/schemas": f"{OPENAPI}components:\n  schemas:\n    @",
    "a schema": f"{OPENAPI}components:\n  schemas:\n    Author:\n      @",
    "a schema that is answered": f"{OPERATION}{ANSWER}components:\n  schemas:\n    Author:\n      @",
    "a schema that is sent": f"{OPERATION}      requestBody: {{content: {AUTHOR}}}\n"
    "components:\n  schemas:\n    Author:\n      @",
    "a path": f"{OPENAPI}components: {{securitySchemes: {{token: {{type: http, scheme: bearer}}}}}}\n"
    "paths:\n  /authors:\n    @",
    "an operation": f"{OPERATION}      @",
    "an operation that answers a list": f"{OPERATION}      responses: {LIST}\n      @",
    "the responses of an operation": f"{OPERATION}      responses:\n        @",
    "a channel of Kafka": f"{CHANNEL}    @",
    "a message on Kafka": f"{CHANNEL}    address: shop.authors\n    messages:\n      created:\n"
    "        payload: {type: object, required: [data], properties: {data: {type: object,\n"
    "          required: [author_id], properties: {author_id: {type: integer}}}}}\n        @",
    "the configuration of a topic": f"{PAYLOAD}    bindings:\n      kafka:\n        topicConfiguration:\n"
    "          @",
    "a payload": f"{PAYLOAD}          @",
    "the properties of a payload": f"{PAYLOAD}          properties:\n            @",
}
