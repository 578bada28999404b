"""The judge: holds what is there against what was acknowledged, and the two sides against each other."""

from accord.bus.messages import Record
from accord.testing.conformance import Conformance
from generated.authors import channels as authors_channels
from generated.books import channels as books_channels
from scripts.chaos.judge_entities import judge_entities
from scripts.chaos.judge_links import judge_links
from scripts.chaos.ledger import SIDES, Ledger
from scripts.chaos.snapshot import Snapshot
from scripts.chaos.verdict import Verdict
from scripts.service import ROOT

__all__ = ["judge"]

CONTRACTS = {"authors": authors_channels.SENDS, "books": books_channels.SENDS}


def judge(ledger: Ledger, snapshot: Snapshot) -> Verdict:
    """Compare; nothing may be written any more when the snapshot is taken."""
    verdict = Verdict()
    judge_entities(ledger, snapshot, verdict)
    judge_links(ledger, snapshot, verdict)
    for side in SIDES:
        conformance = Conformance(CONTRACTS[side], ROOT / "specs" / f"{side}.asyncapi.yaml")
        own = [record for record in snapshot.records if record.topic in conformance.topics]
        verdict.violations += conformance.violations(own)
    verdict.dead_letters += map(_describe, snapshot.dead_letters)
    return verdict


def _describe(letter: Record) -> str:
    headers = {name: value.decode(errors="replace") for name, value in letter.headers}
    about = [headers.get(f"dead_letter.{name}", "?") for name in ("topic", "partition", "offset", "reason")]
    return f"{letter.topic}@{letter.partition}:{letter.offset}: {about[0]}@{about[1]}:{about[2]}: {about[3]}"
