"""`accord wiring` as people and pipelines run it: exit status, forms, files."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from accord.cli import main
from tests.toolkit.wiring.project import lay_out
from tests.toolkit.wiring.test_wiring import EDITS

SVG = "{http://www.w3.org/2000/svg}"


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["wiring", "--project", str(folder), *arguments])


def test_all_wires_of_this_project_fit() -> None:
    result = CliRunner().invoke(main, ["wiring", "--strict"])
    assert result.exit_code == 0
    assert "All 10 wires fit." in result.stderr


@pytest.mark.parametrize(
    ("edit", "arguments", "status"),
    [
        ("other partitions", [], 1),
        ("a narrower payload", ["--format", "json"], 1),
        ("a narrower payload", ["--format", "svg"], 1),
        ("a narrower payload", ["--format", "markdown"], 1),
    ],
)
def test_what_does_not_fit_fails_in_every_form(
    edit: str, arguments: list[str], status: int, tmp_path: Path
) -> None:
    _, shop, depot = EDITS[edit]
    assert run(lay_out(tmp_path, shop, depot), *arguments).exit_code == status


def test_a_message_that_nobody_reads_fails_only_where_warnings_do(tmp_path: Path) -> None:
    folder = lay_out(
        tmp_path, (), [('  things:\n    action: receive\n    channel: { $ref: "#/channels/things" }', "  {}")]
    )
    assert run(folder).exit_code == 0
    assert "nobody reads it" in run(folder).stdout
    assert run(folder, "--strict").exit_code == 1


def test_the_text_tells_the_other_side_and_the_witness(tmp_path: Path) -> None:
    _, shop, depot = EDITS["a narrower payload"]
    said = run(lay_out(tmp_path, shop, depot)).stdout
    assert "shop  ─✗▶  depot  shop.things  thing.moved" in said
    assert "[reader-refuses]" in said
    assert "shop.yaml:" in said.partition("other side")[2].splitlines()[0]
    assert json.loads(said.partition("witness")[2].splitlines()[0])["event_type"] == "thing.moved"


def test_json_has_wires_and_findings_with_witnesses(tmp_path: Path) -> None:
    _, shop, depot = EDITS["a narrower payload"]
    data = json.loads(run(lay_out(tmp_path, shop, depot), "--format", "json").stdout)
    assert data["services"] == ["shop", "depot"]
    assert data["wires"][0] == {
        "topic": "shop.things",
        "event": "thing.moved",
        "key": "{data/thing_id}",
        "from": "shop",
        "to": "depot",
        "verdict": "does not fit",
    }
    (finding,) = data["findings"]
    assert finding["other"]["path"].endswith("shop.yaml")
    assert len(finding["witness"]["value"]["data"]["place"]) > 5


def test_the_picture_is_one_svg_that_asks_for_nothing_and_runs_nothing(tmp_path: Path) -> None:
    _, shop, depot = EDITS["a narrower payload"]
    picture = ElementTree.fromstring(run(lay_out(tmp_path, shop, depot), "--format", "svg").stdout)
    texts = {"".join(text.itertext()) for text in picture.iter(f"{SVG}text")}
    assert {"shop", "depot", "shop.things", "{data/thing_id}"} <= texts
    assert any(text.endswith("✗ thing.moved") for text in texts)
    assert [edge.get("class") for edge in picture.iter(f"{SVG}g")] == ["bad", "bad"]
    assert not list(picture.iter(f"{SVG}script"))
    style = picture.findtext(f"{SVG}style") or ""
    assert "prefers-color-scheme:dark" in style
    assert "url(" not in style
    assert not [
        name
        for element in picture.iter()
        for name in element.attrib
        if "href" in name or name.startswith("on")
    ]


def test_boxes_of_the_picture_lie_inside_it_and_not_above_each_other() -> None:
    picture = ElementTree.fromstring(CliRunner().invoke(main, ["wiring", "--format", "svg"]).stdout)
    width, height = float(picture.get("width", "")), float(picture.get("height", ""))
    boxes = [
        tuple(float(box.get(name, "")) for name in ("x", "y", "width", "height"))
        for box in picture.iter(f"{SVG}rect")
        if box.get("class") == "box"
    ]
    assert len(boxes) == 8
    for index, (x, y, w, h) in enumerate(boxes):
        assert x >= 0
        assert y >= 0
        assert x + w <= width
        assert y + h <= height
        for other_x, other_y, other_w, other_h in boxes[index + 1 :]:
            apart = x + w <= other_x or other_x + other_w <= x or y + h <= other_y or other_y + other_h <= y
            assert apart


def test_names_of_specs_cannot_put_markup_into_the_picture(tmp_path: Path) -> None:
    mean = "thing.<script>&"
    edits = [("name: thing.moved", f"name: '{mean}'"), ("const: thing.moved", f"const: '{mean}'")]
    result = run(lay_out(tmp_path, edits, edits), "--format", "svg")
    picture = ElementTree.fromstring(result.stdout)
    assert not list(picture.iter(f"{SVG}script"))
    assert any("".join(text.itertext()).endswith(mean) for text in picture.iter(f"{SVG}text"))


def test_the_output_is_written_whole_and_the_findings_are_printed(tmp_path: Path) -> None:
    _, shop, depot = EDITS["a narrower payload"]
    target = tmp_path / "wiring.svg"
    result = run(lay_out(tmp_path, shop, depot), "--format", "svg", "--output", str(target))
    assert result.exit_code == 1
    assert "[reader-refuses]" in result.stdout
    assert target.read_text().endswith("</svg>\n")
    assert not list(tmp_path.glob(".wiring.svg*"))


def test_a_file_that_cannot_be_written_is_status_2(tmp_path: Path) -> None:
    result = run(lay_out(tmp_path), "--output", str(tmp_path / "nowhere" / "wiring.txt"))
    assert result.exit_code == 2
    assert "nowhere" in result.stderr
    assert "Traceback" not in result.output


def test_a_spec_that_cannot_be_read_is_status_2(tmp_path: Path) -> None:
    result = run(lay_out(tmp_path, [("action: send", "action: shout")]))
    assert result.exit_code == 2
    assert "[bad-action]" in result.stdout


def test_a_project_without_events_has_nothing_to_wire(tmp_path: Path) -> None:
    folder = lay_out(tmp_path)
    (folder / "specs/shop.openapi.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: Shop, version: 1.0.0}\npaths: {}\n"
    )
    (folder / "pyproject.toml").write_text(
        '[tool.accord]\nspecs = "specs"\noutput = "made"\n'
        '[tool.accord.services.shop]\nopenapi = "shop.openapi.yaml"\n'
    )
    for form in ("text", "json", "svg", "markdown"):
        assert run(folder, "--format", form).exit_code == 0
