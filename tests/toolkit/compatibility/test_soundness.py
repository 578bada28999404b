"""No value contradicts a safe verdict, and every witness holds; ``make prove-verdicts`` asks for longer."""

from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from accord.compatibility import Mode, judge
from tests.toolkit.compatibility.edits import pairs, values
from tests.toolkit.compatibility.soundness import algebra_contradiction, contradiction, is_schema

MANY = st.lists(values(), min_size=20, max_size=60)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(pair=pairs(), mode=st.sampled_from(Mode), tried=MANY)
def test_no_verdict_is_contradicted(pair: tuple[Any, Any], mode: Mode, tried: list[Any]) -> None:
    writer, reader = pair
    assume(is_schema(writer) and is_schema(reader))
    assert contradiction(writer, reader, mode, judge(writer, reader, mode), tried) is None
    assert algebra_contradiction(writer, reader, tried) is None
