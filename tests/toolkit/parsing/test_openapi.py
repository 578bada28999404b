"""What an OpenAPI document is taken to say: names, answers, media types, servers, security."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from accord.findings import BrokenSpec
from accord.model.contract import Contract, Service
from accord.model.http import ContentKind, Operation
from accord.parsing.contract import read_contract
from accord.parsing.project import Project, ServiceSettings

OK = {"200": {"description": "Fine."}}


class Reader:
    """Reads a document of a few paths, given as plain values."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def contract(self, paths: Mapping[str, Any], **members: Any) -> Contract:
        document = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths, **members}
        (self.folder / "t.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
        settings = ServiceSettings("t", "t.yaml", None)
        return read_contract(Project(self.folder, self.folder, self.folder / "made", "made", (settings,)))

    def service(self, paths: Mapping[str, Any], **members: Any) -> Service:
        return self.contract(paths, **members).services[0]

    def operation(self, path: str = "/a", method: str = "get", **members: Any) -> Operation:
        (operation,) = self.service(
            {path: {method: {"operationId": "go", "responses": OK, **members}}}
        ).operations
        return operation


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def parameter(name: str, place: str = "query", **members: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}, **members}


def content(**media_types: Any) -> dict[str, Any]:
    return {name.replace("_", "/"): {"schema": schema} for name, schema in media_types.items()}


@pytest.mark.parametrize(
    ("path", "method", "name"),
    [
        ("/pets/{petId}", "get", "get_pets_pet_id"),
        ("/", "post", "post_root"),
        ("/pets/{id}:restore", "put", "put_pets_id_restore"),
    ],
)
def test_an_operation_without_an_id_is_called_by_its_method_and_path(
    reader: Reader, path: str, method: str, name: str
) -> None:
    names = [one.strip("{}") for one in ("petId", "id") if f"{{{one}}}" in path]
    operation = {"responses": OK, "parameters": [parameter(one, "path") for one in names]}
    contract = reader.contract({path: {method: operation}})
    assert [one.method_name for one in contract.services[0].operations] == [name]
    assert contract.findings == ()


def test_ids_that_differ_in_case_alone_are_told_apart_by_method_and_path(reader: Reader) -> None:
    paths = {
        "/a": {
            "get": {"operationId": "getIt", "responses": OK},
            "put": {"operationId": "get_it", "responses": OK},
        }
    }
    operations = reader.service(paths).operations
    assert [one.method_name for one in operations] == ["get_it", "get_it_put_a"]
    assert [one.constant for one in operations] == ["GET_IT", "GET_IT_PUT_A"]


@pytest.mark.parametrize(
    ("given", "arguments"),
    [
        ([("id", "path"), ("id", "query"), ("ID", "header")], ["id", "id_query", "id_header"]),
        ([("class", "query"), ("self", "query"), ("body", "query")], ["class_", "self_", "body_"]),
        ([("If-Match", "header"), ("if_match", "cookie")], ["if_match", "if_match_cookie"]),
        ([("a-b", "query"), ("a_b", "query")], ["a_hyphen_b", "a_b"]),
        ([("2nd", "query"), ("+", "query")], ["number_2nd", "plus_sign"]),
        ([("l", "query"), ("schemas", "query")], ["l_", "schemas_"]),
    ],
)
def test_arguments_are_names_of_python_and_differ_by_place(
    reader: Reader, given: list[tuple[str, str]], arguments: list[str]
) -> None:
    path = "/a/{id}" if ("id", "path") in given else "/a"
    found = reader.operation(path, parameters=[parameter(*one) for one in given]).parameters
    assert [one.argument for one in found] == arguments


def test_the_correlation_id_is_nobodys_argument_and_takes_no_name(reader: Reader) -> None:
    given = [parameter("X-Correlation-ID", "header"), parameter("x_correlation_id")]
    ambient, other = reader.operation(parameters=given).parameters
    assert (ambient.ambient, other.ambient, other.argument) == (True, False, "x_correlation_id")


def test_a_parameter_of_the_operation_takes_the_place_of_its_paths(reader: Reader) -> None:
    shared = [parameter("a", description="of the path"), parameter("b")]
    operation = {
        "operationId": "go",
        "responses": OK,
        "parameters": [parameter("a", description="of the operation")],
    }
    (found,) = reader.service({"/a": {"parameters": shared, "get": operation}}).operations
    assert [(one.name, one.description) for one in found.parameters] == [("a", "of the operation"), ("b", "")]


def test_what_no_style_can_write_takes_the_operation_along_only_if_it_is_required(reader: Reader) -> None:
    nested: dict[str, Any] = {"schema": {"type": "array", "items": {"type": "array"}}}
    optional = {"operationId": "one", "responses": OK, "parameters": [parameter("a", **nested)]}
    required = {
        "operationId": "two",
        "responses": OK,
        "parameters": [parameter("a", **nested | {"required": True})],
    }
    contract = reader.contract({"/a": {"get": optional, "put": required}})
    assert [(one.id, one.parameters) for one in contract.services[0].operations] == [("one", ())]
    left = [finding.sentence.rpartition("; ")[2] for finding in contract.findings]
    assert left == ["PUT /a is left out", "the parameter a is left out"]


@pytest.mark.parametrize(
    ("texts", "named"), [(["add", "remove"], True), (["add", "Add"], False), ([" "], False)]
)
def test_texts_that_names_cannot_tell_apart_are_no_enumeration(
    reader: Reader, texts: list[str], named: bool
) -> None:
    given = parameter("kind", schema={"type": "string", "enum": texts})
    (found,) = reader.operation(parameters=[given]).parameters
    assert ("$ref" in found.document) is named


@pytest.mark.parametrize(
    ("statuses", "results", "failures"),
    [
        (["200", "404", "default"], ["200"], ["404", "default"]),
        (["default"], ["default"], []),
        (["404", "default"], ["default"], ["404"]),
        (["404", "5XX"], [], ["404", "5XX"]),
        (["201", "2XX", "303", "4XX"], ["201", "2XX", "303"], ["4XX"]),
        ([], ["default"], []),
    ],
)
def test_the_default_is_a_failure_only_beside_a_success(
    reader: Reader, statuses: list[str], results: list[str], failures: list[str]
) -> None:
    operation = reader.operation(responses={status: {"description": "x"} for status in statuses})
    assert [response.status for response in operation.results] == results
    assert [response.status for response in operation.failures] == failures


def test_classes_of_answers_are_called_by_their_status_and_give_way_to_schemas(reader: Reader) -> None:
    responses = {"200": {"description": "x"}, "202": {"description": "x"}, "299": {"description": "x"}}
    paths = {"/a": {"get": {"operationId": "go", "responses": responses}}}
    schemas = {"GoOk": {"type": "object", "properties": {"a": {}}}}
    (operation,) = reader.service(paths, components={"schemas": schemas}).operations
    assert [one.class_name for one in operation.results] == ["GoOkResult", "GoAccepted", "GoStatus299"]


def test_json_comes_first_and_what_cannot_be_held_against_a_schema_is_left_out_beside_it(
    reader: Reader,
) -> None:
    thing = {"type": "object", "properties": {"a": {"type": "string"}}}
    body = {"content": content(application_xml=thing, text_plain={"type": "string"}, application_json=thing)}
    contract = reader.contract({"/a": {"put": {"operationId": "go", "responses": OK, "requestBody": body}}})
    (operation,) = contract.services[0].operations
    assert operation.body is not None
    found = [(one.media_type, one.kind) for one in operation.body.contents]
    assert found == [("application/json", ContentKind.JSON), ("text/plain", ContentKind.TEXT)]
    assert [finding.rule for finding in contract.findings] == ["unsupported"]


@pytest.mark.parametrize(
    ("media_type", "schema", "kind"),
    [
        ("application/xml", {"type": "object"}, ContentKind.BINARY),
        ("text/csv", {"type": "array"}, ContentKind.TEXT),
        ("image/png", {"type": "string", "format": "binary"}, ContentKind.BINARY),
        ("*/*", {"type": "object"}, ContentKind.JSON),
        ("*/*", {"type": "string"}, ContentKind.BINARY),
        ("text/json", {"type": "object"}, ContentKind.JSON),
        ("application/vnd.a.b+json; charset=utf-8", {"type": "integer"}, ContentKind.JSON),
        ("text/plain", {"type": "integer"}, ContentKind.TEXT),
        ("multipart/form-data", {"type": "object", "properties": {"a": {}}}, ContentKind.MULTIPART),
        ("multipart/mixed", {"type": "object", "properties": {"a": {}}}, ContentKind.BINARY),
        ("application/x-www-form-urlencoded", {"type": "object"}, ContentKind.FORM),
    ],
)
def test_each_media_type_is_read_as_what_it_is(
    reader: Reader, media_type: str, schema: dict[str, Any], kind: ContentKind
) -> None:
    body = {"content": {media_type: {"schema": schema}}}
    operation = reader.operation(method="put", requestBody=body)
    assert operation.body is not None
    (found,) = operation.body.contents
    assert found.kind is kind


def test_files_of_a_form_are_told_by_their_schema_and_their_encoding(reader: Reader) -> None:
    members = {
        "a": {"type": "string", "format": "binary"},
        "b": {"type": "array", "items": {"type": "string", "contentMediaType": "image/png"}},
        "c": {},
        "d": {},
        "e": {"type": "string", "contentMediaType": "application/json"},
        "f": {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"},
    }
    media = {
        "schema": {"type": "object", "properties": members},
        "encoding": {"d": {"contentType": "text/plain"}},
    }
    operation = reader.operation(method="put", requestBody={"content": {"multipart/form-data": media}})
    assert operation.body is not None
    assert operation.body.contents[0].files == ("a", "b", "c")


def test_the_first_absolute_server_is_known_with_its_defaults_and_an_operations_own_wins(
    reader: Reader,
) -> None:
    server = {"url": "https://{r}.org/v1/", "variables": {"r": {"default": "eu", "enum": ["eu", "us"]}}}
    own = {"operationId": "go", "responses": OK, "servers": [{"url": "https://files.org"}]}
    other = {"operationId": "stay", "responses": OK}
    service = reader.service({"/a": {"get": own, "put": other}}, servers=[server])
    assert service.server == "https://eu.org/v1"
    assert [operation.server for operation in service.operations] == ["https://files.org", None]
    assert reader.service({"/a": {"get": other}}, servers=[{"url": "/v1"}]).server is None


def test_an_operation_says_for_itself_who_may_call_it(reader: Reader) -> None:
    schemes = {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "token": {"type": "oauth2", "flows": {}},
        "odd": {"type": "http", "scheme": "digest"},
        "spare": {"type": "http", "scheme": "basic"},
    }
    paths = {
        "/a": {
            "get": {"operationId": "inherits", "responses": OK},
            "put": {"operationId": "open", "responses": OK, "security": []},
            "post": {"operationId": "scoped", "responses": OK, "security": [{"token": ["write"]}, {}]},
            "delete": {"operationId": "odd", "responses": OK, "security": [{"odd": []}]},
        }
    }
    contract = reader.contract(
        paths, security=[{"key": [], "token": []}], components={"securitySchemes": schemes}
    )
    service = contract.services[0]
    said = {
        one.id: [[(r.scheme.name, r.scopes) for r in requirements] for requirements in one.security]
        for one in service.operations
    }
    assert said == {
        "inherits": [[("key", ()), ("token", ())]],
        "open": [],
        "scoped": [[("token", ("write",))], []],
        "odd": [[("odd", ())]],
    }
    assert [scheme.name for scheme in service.schemes] == ["key", "token", "odd"]
    assert [finding.rule for finding in contract.findings] == ["unsupported"]


@pytest.mark.parametrize(("version", "good"), [("3.0.4", False), ("3.1.1", True)])
def test_a_document_of_webhooks_alone_is_one_since_3_1(reader: Reader, version: str, good: bool) -> None:
    document = {"openapi": version, "info": {"title": "T", "version": "1"}, "webhooks": {}}
    (reader.folder / "t.yaml").write_text(yaml.safe_dump(document))
    project = Project(
        reader.folder, reader.folder, reader.folder, "made", (ServiceSettings("t", "t.yaml", None),)
    )
    if good:
        assert [finding.rule for finding in read_contract(project).findings] == ["unsupported"]
    else:
        with pytest.raises(BrokenSpec, match="paths"):
            read_contract(project)
