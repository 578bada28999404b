"""What `make prove` does at length, in short and always alike."""

import pytest

from accord.testing.postgres import EmbeddedPostgres
from tests.end_to_end.convergence.proving import prove

EXAMPLES = 200
SEED = 1
STEPS = 15


@pytest.mark.timeout(600)
def test_whatever_happens_on_the_way_both_sides_agree_in_the_end(postgres: EmbeddedPostgres) -> None:
    assert prove(postgres, EXAMPLES, SEED, steps=STEPS)["examples"] >= EXAMPLES
