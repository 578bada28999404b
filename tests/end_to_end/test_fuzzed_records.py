"""Thousands of broken records between good ones do not stop a service, and none is lost."""

import pytest

from accord.testing.kafka import EmbeddedKafka
from scripts.fuzz_judge import Evidence, judge
from scripts.fuzz_run import fuzz
from scripts.fuzzed import Case, Fate, cases

GOOD = Case(
    "good", Fate.APPLIED, "library.books", b"7", b'{"event_type":"book.created","data":{"title":"a"}}', 7
)
ROW = {"book_id": 7, "title": "a", "deleted": False}


@pytest.mark.timeout(120)
async def test_each_broken_record_is_one_dead_letter_and_each_good_one_is_applied(database: str) -> None:
    # A broker of its own: it keeps 5 MB a partition, of which other tests would take their share.
    with EmbeddedKafka() as kafka:
        tally = await fuzz(cases(seed=7, count=2_000), database, kafka.bootstrap_servers)
    assert tally.wrong == []
    assert tally.records == 2_000
    assert tally.adds_up
    assert tally.retries == 0, "what can never be right is not tried again"
    assert min(tally.count(fate) for fate in Fate) > 50
    assert {"duplicate member", "lone surrogate", "moment at the edge", "random bytes"} <= tally.sent.keys()


def test_the_same_seed_makes_the_same_records() -> None:
    assert list(cases(3, 500)) == list(cases(3, 500))
    assert list(cases(3, 50)) != list(cases(4, 50))


@pytest.mark.parametrize(
    ("evidence", "complaint"),
    [
        (Evidence(ROW, []), None),
        (Evidence(None, []), "vanished"),
        (Evidence(None, [], logged_as_unknown=True), "ignored instead of applied"),
        (Evidence(None, [], logged_as_consumed=True), "the row is"),
        (Evidence({**ROW, "title": "b"}, []), "the row is"),
    ],
    ids=["applied", "lost", "passed over", "consumed without effect", "changed"],
)
def test_the_judge_sees_what_was_lost_or_changed(evidence: Evidence, complaint: str | None) -> None:
    _, said = judge(GOOD, evidence)
    assert (said is None) if complaint is None else (complaint in str(said))
