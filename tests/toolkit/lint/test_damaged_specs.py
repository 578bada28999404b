"""Whatever is done to a spec, lint and wiring say what they find or refuse it; nothing else comes out."""

import copy
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.findings import BrokenSpec
from accord.lint import lint
from accord.lint.settings import read_settings
from accord.parsing.contract import read_project
from accord.parsing.project import find_project
from accord.wiring import wire
from accord.wiring.markdown import as_markdown
from accord.wiring.svg import as_svg
from accord.wiring.text import as_text
from tests.toolkit.codegen.test_damaged_specs import JSON, SCHEMAS, places
from tests.toolkit.lint.project import EVENTS, HERE, HTTP, lay_out

FILES = {name: yaml.safe_load((HERE / name).read_text()) for name in (EVENTS, HTTP)}
PLACES = [(name, path) for name in FILES for path in places(FILES[name])]


@settings(max_examples=100, deadline=None)
@given(
    place=st.sampled_from(PLACES),
    new=st.just(...) | st.sampled_from(SCHEMAS[6:]) | JSON,
    key=st.none() | st.sampled_from(["default", "examples", "$ref", "properties", "items", "x-kafka-key"]),
)
def test_a_damaged_spec_is_judged_or_refused(
    place: tuple[str, tuple[str | int, ...]], new: Any, key: str | None
) -> None:
    files = copy.deepcopy(FILES)
    name, (*above, last) = place
    parent = files[name]
    for step in above:
        parent = parent[step]
    if new is ...:
        del parent[last]
    elif key is not None and isinstance(parent, dict):
        parent[key] = parent.pop(last) if isinstance(new, bool) else new
    else:
        parent[last] = new
    with tempfile.TemporaryDirectory() as folder:
        root = lay_out(Path(folder))
        for file, content in files.items():
            (root / "specs" / file).write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
        try:
            project = find_project(root)
            reading = read_project(project)
            findings = lint(project, reading=reading)
            wiring = wire(reading.contract, read_settings(project.root))
        except BrokenSpec as broken:
            findings = broken.findings
        else:
            for render in (as_text, as_svg, as_markdown):
                render(wiring)
    assert all(finding.location.line >= 1 for finding in findings)
    assert all(finding.sentence for finding in findings)
