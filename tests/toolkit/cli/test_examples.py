"""What is shown as wrong breaks its rule, and what is shown as right does not."""

import textwrap
from pathlib import Path

import pytest

from accord.codegen.layout import lay_out
from accord.findings import BrokenSpec
from accord.parsing.contract import read_contract
from accord.parsing.project import find_project
from accord.rules import Rule, all_rules

EXAMPLES = [rule for rule in all_rules().values() if rule.wrong and not rule.severity]
"""Those of `accord lint` are proved by whole specs, see tests/toolkit/lint."""

SETTINGS = """
[tool.accord]
specs = "specs"
output = "generated"
[tool.accord.services.shop]
openapi = "shop.openapi.yaml"
asyncapi = "shop.asyncapi.yaml"
"""
OPENAPI = """
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
"""
ASYNCAPI = """
asyncapi: 3.0.0
info: {title: Shop, version: 1.0.0}
"""
OPERATION = """
paths:
  /authors:
    get:
      operationId: getAuthor
"""
COMPONENTS = """
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
  parameters:
    Limit: {name: limit, in: query, schema: {type: integer}}
  schemas:
    Author: {type: object, properties: {name: {type: string}}}
"""
DONE = '\n      responses: {"200": {description: Done.}}\n'
MESSAGE = f"""{ASYNCAPI}
channels:
  authors:
    address: shop.authors
    messages: {{created: {{$ref: "#/components/messages/Created"}}}}
operations:
  tell: {{action: send, channel: {{$ref: "#/channels/authors"}}}}
components:
  schemas:
    Author: {{type: object, required: [author_id], properties: {{author_id: {{type: integer}}}}}}
    Envelope:
      type: object
      required: [event_type, event_id, timestamp, correlation_id, data]
      properties:
        event_id: {{type: string, format: uuid}}
        timestamp: {{type: string, format: date-time}}
        correlation_id: {{type: string}}
        data: {{$ref: "#/components/schemas/Author"}}
"""
CREATED = "    Created:\n      allOf:\n        - $ref: '#/components/schemas/Envelope'\n"
EVENT_TYPE = f"{CREATED}        - properties: {{event_type: {{const: author.created}}}}\n"
PAYLOAD = "      payload: {$ref: '#/components/schemas/Created'}\n"
RESPONSES = "\n".join(["      responses:", '        "200":', "          description: Done.", ""])

# Where a fragment stands in a document: at the line `@`, as deep as that is.
FRAMES = {
    "an OpenAPI document": f"{OPENAPI}@",
    "paths": f"{OPENAPI}paths:\n  @",
    "an operation": f"{OPENAPI}{OPERATION}      @\n{COMPONENTS}",
    "parameters": f"{OPENAPI}{OPERATION}      parameters:\n        - @{DONE}",
    "a parameter": f"{OPENAPI}{OPERATION}      parameters:\n        - name: limit\n          in: query\n"
    f"          @{DONE}{COMPONENTS}",
    "a response": f"{OPENAPI}{OPERATION}{RESPONSES}          @\n",
    "components": f"{OPENAPI}components:\n  @",
    "components/schemas": f"{OPENAPI}components:\n  schemas:\n    @",
    "a schema": f"{OPENAPI}components:\n  schemas:\n    Author:\n      @",
    "a whole document": "@",
    "an AsyncAPI document": f"{ASYNCAPI}@",
    "a message": f"{MESSAGE}{EVENT_TYPE}  messages:\n    Created:\n{PAYLOAD}      @",
    "the payload of author.created": f"{MESSAGE}{CREATED}        - @\n  messages:\n    Created:\n"
    f"      name: author.created\n      x-kafka-key: '{{$message.payload#/data/author_id}}'\n{PAYLOAD}",
    "a channel": f"{ASYNCAPI}channels:\n  lamps:\n    @",
}
EVENTS = {"a channel", "an AsyncAPI document", "a message", "the payload of author.created"}


def findings(rule: Rule, fragment: str, folder: Path) -> set[str]:
    """The rules that a project breaks which holds the fragment in its place."""
    files = {
        "pyproject.toml": SETTINGS,
        "specs/shop.openapi.yaml": f"{OPENAPI}paths: {{}}\n",
        "specs/shop.asyncapi.yaml": f"{ASYNCAPI}channels: {{}}\n",
        "specs/common.yaml": "components: {schemas: {Error: {type: object}}}\n",
        "specs/author.json": '{"type": "object"}',
        "specs/author.yaml": "type: object\n",
        "shared/author.yaml": "type: object\n",
    }
    if rule.within == "pyproject.toml":
        files["pyproject.toml"] = fragment
    else:
        target = "specs/shop.asyncapi.yaml" if rule.within in EVENTS else "specs/shop.openapi.yaml"
        before, after = FRAMES[rule.within].split("@")
        margin = before.rpartition("\n")[2]
        indented = textwrap.indent(fragment.rstrip(), " " * len(margin)).strip()
        files[target] = f"{before.lstrip()}{indented}\n{after}"
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True, parents=True)
        (folder / path).write_text(text)
    try:
        project = find_project(folder)
        contract = read_contract(project)
        lay_out(contract, project.package)
    except BrokenSpec as broken:
        return {finding.rule for finding in broken.findings}
    return {finding.rule for finding in contract.findings}


@pytest.mark.parametrize("rule", EXAMPLES, ids=lambda rule: rule.id)
def test_the_wrong_example_breaks_the_rule_and_the_right_one_does_not(rule: Rule, tmp_path: Path) -> None:
    assert rule.id in findings(rule, rule.wrong, tmp_path)
    assert rule.id not in findings(rule, rule.right, tmp_path)
