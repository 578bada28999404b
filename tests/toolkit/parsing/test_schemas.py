"""Schemas of every dialect come out as one: draft 2020-12, references by id, names from where they stand."""

import textwrap
from pathlib import Path
from typing import Any

import pytest

from accord.findings import BrokenSpec
from accord.model.schemas import Schema, SchemaId
from accord.parsing.cycles import refuse_cycles
from accord.parsing.references import Specs
from accord.parsing.schemas import SchemaReader
from accord.parsing.scopes import Direction


class Folder:
    """A folder of specs, written file by file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))

    def read(
        self, file: str = "a.yaml", direction: Direction = Direction.NEITHER, **options: Any
    ) -> tuple[Specs, dict[SchemaId, Schema]]:
        """All schemas of a file; with a direction, the one called Thing as it travels that way."""
        specs = Specs(self.folder, **options)
        reader = SchemaReader(specs)
        if direction is Direction.NEITHER:
            reader.read_all(file)
        else:
            root: Any = specs.root(file)
            reader.read(root.members["components"].members["schemas"].members["Thing"], "", direction)
        refuse_cycles(reader.named)
        return specs, dict(reader.named)

    def thing(self, schema: str, version: str = "openapi: 3.1.0") -> Any:
        self.write("a.yaml", f"{version}\ncomponents:\n  schemas:\n    Thing: {schema}\n")
        return self.read()[1][SchemaId("a.yaml#/components/schemas/Thing")].document


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


OPENAPI_3_0, DRAFT_7 = "openapi: 3.0.3", "asyncapi: 2.6.0"


@pytest.mark.parametrize(
    ("version", "old", "new"),
    [
        (OPENAPI_3_0, "{type: string, nullable: true}", {"type": ["string", "null"]}),
        (OPENAPI_3_0, "{type: string, nullable: false}", {"type": "string"}),
        (OPENAPI_3_0, "{minimum: 1, exclusiveMinimum: true}", {"exclusiveMinimum": 1}),
        (OPENAPI_3_0, "{maximum: 1, exclusiveMaximum: false}", {"maximum": 1}),
        (DRAFT_7, "{items: [{type: string}]}", {"prefixItems": [{"type": "string"}]}),
        (DRAFT_7, "{items: [true], additionalItems: false}", {"prefixItems": [True], "items": False}),
        (DRAFT_7, "{items: {}, additionalItems: false}", {"items": {}}),
        (
            DRAFT_7,
            "{dependencies: {a: [b], c: {required: [d]}}}",
            {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"required": ["d"]}}},
        ),
    ],
)
def test_older_dialects_are_translated(version: str, old: str, new: Any, folder: Folder) -> None:
    assert folder.thing(old, version) == new


@pytest.mark.parametrize("version", [OPENAPI_3_0, DRAFT_7])
def test_what_stands_beside_a_reference_has_no_say_in_older_dialects(version: str, folder: Folder) -> None:
    folder.write(
        "a.yaml",
        f"""\
        {version}
        components:
          schemas:
            Name: {{type: string}}
            Thing: {{$ref: "#/components/schemas/Name", maxLength: 5}}
        """,
    )
    specs, schemas = folder.read()
    assert schemas[SchemaId("a.yaml#/components/schemas/Thing")].document == {
        "$ref": "a.yaml#/components/schemas/Name"
    }
    assert [(f.rule, f.location.line, f.location.column) for f in specs.warnings] == [
        ("reference-sibling", 5, 48)
    ]


def test_a_file_without_a_version_is_read_as_the_first_that_refers_to_it(folder: Folder) -> None:
    folder.write(
        "a.yaml",
        'openapi: 3.0.0\ncomponents: {schemas: {Thing: {$ref: "b.yaml#/Name"}}}\n',
    )
    folder.write("b.yaml", "Name: {type: string, nullable: true}\n")
    _, schemas = folder.read()
    assert schemas[SchemaId("b.yaml#/Name")].document == {"type": ["string", "null"]}


def test_a_schema_may_name_its_own_dialect(folder: Folder) -> None:
    named = '{$schema: "http://json-schema.org/draft-07/schema#", items: [true]}'
    assert folder.thing(named) == {"prefixItems": [True]}


def test_a_keyword_of_another_draft_has_no_effect_and_is_said(folder: Folder) -> None:
    folder.write("a.yaml", "asyncapi: 2.6.0\ncomponents: {schemas: {Thing: {unevaluatedItems: false}}}\n")
    specs, schemas = folder.read()
    assert schemas[SchemaId("a.yaml#/components/schemas/Thing")].document == {}
    assert [finding.rule for finding in specs.warnings] == ["unknown-keyword"]


def test_references_lead_to_pointers_files_anchors_and_ids(folder: Folder) -> None:
    folder.write(
        "a.yaml",
        """\
        openapi: 3.1.0
        components:
          schemas:
            Thing:
              properties:
                deep: {$ref: "#/components/schemas/Thing/properties/own"}
                own: {type: integer}
                file: {$ref: "sub/b.json"}
                anchor: {$ref: "sub/b.json#name"}
                id: {$ref: "https://example.org/named"}
            Named: {$id: "https://example.org/named", type: boolean}
        """,
    )
    folder.write(
        "sub/b.json", '{\n\t"$defs": {"n": {"$anchor": "name", "type": "string"}},\n\t"$ref": "#name"}'
    )
    _, schemas = folder.read()
    thing = schemas[SchemaId("a.yaml#/components/schemas/Thing")].document["properties"]
    assert {name: member["$ref"] for name, member in thing.items() if name != "own"} == {
        "deep": "a.yaml#/components/schemas/Thing/properties/own",
        "file": "sub/b.json#",
        "anchor": "sub/b.json#/$defs/n",
        "id": "a.yaml#/components/schemas/Named",
    }
    names = {id_: str(schema.class_name) for id_, schema in schemas.items()}
    assert names[SchemaId("a.yaml#/components/schemas/Thing/properties/own")] == "ThingOwn"
    assert names[SchemaId("sub/b.json#")] == "B"


def test_a_generic_page_becomes_one_schema_for_each_thing_it_holds(folder: Folder) -> None:
    folder.write(
        "a.yaml",
        """\
        openapi: 3.1.0
        components:
          schemas:
            Page:
              $id: page
              type: array
              items: {$dynamicRef: "#Item"}
              $defs: {any: {$dynamicAnchor: Item}}
            Receipts:
              $id: receipt
              $defs: {item: {$dynamicAnchor: Item, type: integer}}
              $ref: page
        """,
    )
    _, schemas = folder.read()
    receipts = schemas[SchemaId("a.yaml#/components/schemas/Receipts")].document
    bound = schemas[receipts["$ref"]]
    assert bound.class_name == "PageOfReceipts"
    assert schemas[bound.document["items"]["$ref"]].document == {"type": "integer"}
    unbound = schemas[SchemaId("a.yaml#/components/schemas/Page")].document
    assert schemas[unbound["items"]["$ref"]].document == {}


@pytest.mark.parametrize(
    ("direction", "left", "required", "suffix"),
    [
        (Direction.REQUEST, {"name", "secret"}, ["name", "secret"], "Request"),
        (Direction.RESPONSE, {"id", "name"}, ["id", "name"], "Response"),
    ],
)
def test_requests_carry_nothing_that_is_read_only_and_responses_nothing_that_is_write_only(
    direction: Direction, left: set[str], required: list[str], suffix: str, folder: Folder
) -> None:
    folder.write(
        "a.yaml",
        """\
        openapi: 3.1.0
        components:
          schemas:
            Id: {type: integer, readOnly: true}
            Thing:
              type: object
              required: [id, name, secret]
              properties:
                id: {$ref: "#/components/schemas/Id"}
                name: {type: string}
                secret: {type: string, writeOnly: true}
        """,
    )
    _, schemas = folder.read(direction=direction)
    thing = next(schema for id_, schema in schemas.items() if id_.name == "Thing")
    assert thing.class_name == f"Thing{suffix}"
    assert set(thing.document["properties"]) == left
    assert thing.document["required"] == required


def test_a_schema_that_hides_nothing_is_the_same_in_both_directions(folder: Folder) -> None:
    folder.write("a.yaml", "openapi: 3.1.0\ncomponents: {schemas: {Thing: {type: string}}}\n")
    assert [id_.scope for id_ in folder.read(direction=Direction.REQUEST)[1]] == [""]


@pytest.mark.parametrize(
    "schema",
    [
        '{$ref: "#/components/schemas/Thing"}',
        '{allOf: [{$ref: "#/components/schemas/Thing"}]}',
        '{if: true, then: {anyOf: [{not: {$ref: "#/components/schemas/Thing"}}]}}',
        '{dependentSchemas: {a: {$ref: "#/components/schemas/Thing"}}}',
    ],
)
def test_a_schema_that_leads_back_to_itself_in_place_is_refused(schema: str, folder: Folder) -> None:
    with pytest.raises(BrokenSpec, match=r"a\.yaml:4:5: .*\[(schema|reference)-cycle\]"):
        folder.thing(schema)


def test_a_url_is_read_from_where_the_settings_say_and_never_fetched(folder: Folder, tmp_path: Path) -> None:
    folder.write("specs/a.yaml", "$ref: https://example.org/schemas/b.yaml\n")
    folder.write("copies/b.yaml", "type: string\n")
    inside = Folder(tmp_path / "specs")
    with pytest.raises(BrokenSpec, match="remote-reference"):
        inside.read()
    _, schemas = inside.read(remotes={"https://example.org/schemas/": tmp_path / "copies"})
    assert {"type": "string"} in [schema.document for schema in schemas.values()]


def test_a_folder_outside_is_entered_only_if_the_settings_allow_it(folder: Folder, tmp_path: Path) -> None:
    folder.write("specs/a.yaml", "$ref: ../shared/b.yaml\n")
    folder.write("shared/b.yaml", "type: string\n")
    inside = Folder(tmp_path / "specs")
    with pytest.raises(BrokenSpec, match="outside-reference"):
        inside.read()
    _, schemas = inside.read(outside=(tmp_path / "shared",))
    assert SchemaId("../shared/b.yaml#") in schemas
