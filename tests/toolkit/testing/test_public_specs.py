"""`python -m scripts.public_specs`: counts what fares well, and names what does not with its cause."""

from pathlib import Path

import pytest

from scripts.public_specs import find_documents, main

GOOD = """
asyncapi: 2.6.0
info: { title: Good, version: "1" }
channels:
  lamps:
    publish:
      message:
        name: measured
        payload:
          type: object
          required: [lumens]
          properties: { lumens: { type: integer, examples: [3] } }
        examples:
          - payload: { lumens: 4 }
          - payload: { lumens: four }
"""
HTTP = """
openapi: 3.1.0
info: { title: Plain, version: "1" }
paths: {}
components:
  schemas: { Name: { type: string, examples: [Ada] } }
"""
BROKEN = "asyncapi: 3.0.0\ninfo: {}\n"


@pytest.mark.timeout(120)
def test_each_document_is_loaded_imported_typed_linted_and_its_examples_go_round(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "http.yml").write_text(HTTP)
    (tmp_path / "other.yaml").write_text("a: 1\n")
    assert main([str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "good.yaml: wrong in the spec itself: message at" in said
    assert '#/lumens: "four" is not of type "integer"' in said
    assert "2 documents: 2 loaded, 2 imported, typed and linted without a fault" in said
    assert "3 examples came back, 1 break their own schemas." in said


def test_a_document_that_is_refused_is_a_failure_with_its_cause(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.yaml").write_text(BROKEN)
    assert main([str(tmp_path)]) == 1
    assert "broken.yaml: refused: " in capsys.readouterr().out


def test_without_documents_there_is_nothing_to_judge(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 2
    assert main([str(tmp_path / "nowhere")]) == 2


def test_documents_are_found_by_what_they_say_not_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"openapi": "3.0.3", "paths": {}}')
    (tmp_path / "b.yaml").write_text("# asyncapi\nasyncapi: '2.6.0'\n")
    (tmp_path / "c.yaml").write_text("x-openapi: 3.0.0\n")
    found = [(each.file, each.kind, each.version) for each in find_documents(tmp_path)]
    assert found == [("a.json", "openapi", "3.0.3"), ("b.yaml", "asyncapi", "2.6.0")]
